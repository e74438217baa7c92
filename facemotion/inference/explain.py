"""Where a trained network looks: the channel mean of a stage, or weighted by gradients, against the prior."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from facemotion.evaluation.attention import area_under, centred_cosine, follow, mean_map, random_maps
from facemotion.models.resizing import area, bilinear
from facemotion.models.stages import find_stage
from facemotion.runs.trained import Trained
from facemotion.training.batches import cuts
from facemotion.training.views import centre_views, resample

__all__ = ["METHODS", "Explained", "Method", "attention_of", "explain"]

Method = Literal["mean", "gradient"]
METHODS: tuple[Method, ...] = ("mean", "gradient")
_BATCH = 32
_MAP_SIDE = 32
"""Pixels of a side of the maps that are kept, at most."""


@dataclass(frozen=True, eq=False)
class Explained:
    """Where a network looks at faces.

    Attributes
    ----------
    content : dict
        JSON values, see `explain`.
    faces : float32 array of shape (n, 3, S, S) in [0, 1]
        As the network sees them.
    maps, priors : float32 arrays of shape (n, S, S)
        Its attention, and the prior of each face's class.
    labels : int64 array of shape (n,)
    """

    content: dict[str, Any]
    faces: NDArray[np.float32]
    maps: NDArray[np.float32]
    priors: NDArray[np.float32]
    labels: NDArray[np.int64]


def attention_of(
    network: nn.Module, stage: nn.Module, color: Tensor, gray: Tensor, labels: Tensor, *, method: Method
) -> Tensor:
    """Return where a network looks, float32 of shape (n, h, w), not negative.

    ``mean`` is the mean over the channels of the stage's features, as the variant ``guided`` is trained by;
    ``gradient`` weighs each channel by the mean gradient of the answer for the face's class, and keeps what speaks for
    it (Grad-CAM, Selvaraju et al. 2017).

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode.
    stage : torch.nn.Module
        Of its classifier; gives features of shape (n, C, h, w).
    color, gray : float tensors of shape (n, 3, S, S) and (n, 1, S, S)
    labels : int64 tensor of shape (n,)
    method : {"mean", "gradient"}
    """
    kept: list[Tensor] = []

    def keep(module: nn.Module, inputs: Any, output: Any) -> None:
        kept.append(output)

    handle = stage.register_forward_hook(keep)
    try:
        with torch.set_grad_enabled(method == "gradient"):
            logits = network(color, gray).logits
    finally:
        handle.remove()
    features = kept[-1]
    if method == "mean":
        return features.detach().float().relu().mean(dim=1)
    asked = logits.gather(1, labels[:, None]).sum()
    (slope,) = torch.autograd.grad(asked, features)
    return (features * slope.mean(dim=(2, 3), keepdim=True)).sum(dim=1).relu().detach().float()


def explain(
    trained: Trained,
    crops: NDArray[np.uint8],
    labels: NDArray[np.int64],
    prior: tuple[NDArray[np.float32], NDArray[np.bool_]],
    *,
    stage: int | None = None,
    method: Method = "mean",
    steps: int = 10,
    device: str = "cpu",
) -> Explained:
    """Say where a trained network looks at faces, and how that agrees with the prior.

    Parameters
    ----------
    trained : Trained
    crops : uint8 array of shape (n, H, W, 3)
        RGB, one at least.
    labels : int64 array of shape (n,)
        Their classes, as places in the network's.
    prior : arrays of shape (K, H, W) and (K,)
        The mask of each class, and which have one; see `facemotion.training.data.prior_for`.
    stage : int, optional
        Of the classifier (`facemotion.models.stages.find_stage`); that of the variant ``guided`` by default.
    method : {"mean", "gradient"}
        See `attention_of`.
    steps : int
        Of the curves.
    device : str

    Returns
    -------
    Explained
        Its content: ``stage``, ``method``, ``faces``; ``classes``, of each ``faces``, ``cosine`` between attention and
        the class's prior, both centred, ``cosine_others``, the mean over the other classes' priors (None without
        one), and ``attention``, the mean map as rows of numbers (`facemotion.evaluation.attention.mean_map`; None
        without a face); ``cosine`` and ``cosine_others`` over all faces; ``curves``: ``share`` of the pixels, and for
        ``deletion``
        and ``insertion`` the probability of the true class in the order of the ``attention``, the ``prior`` and at
        ``random``; ``area`` under each.

    Raises
    ------
    ConfigError
        If the classifier has no such stage.
    """
    settings, (masks, known) = trained.settings, prior
    number = stage if stage is not None else settings.model.guided_stage
    deployed = trained.deployed(device)
    network = deployed.network
    module, _ = find_stage(network.classifier, number, side=settings.data.crop)
    wanted = torch.from_numpy(labels).to(deployed.device)
    colors, maps = [], []
    for part in cuts(len(crops), _BATCH):
        color, gray = deployed.seen(torch.from_numpy(np.ascontiguousarray(crops[part])).to(deployed.device))
        colors.append(color)
        maps.append(attention_of(network, module, color, gray, wanted[part], method=method))
    color, seen = torch.cat(colors), torch.cat(maps)
    side = (settings.data.crop, settings.data.crop)
    views = centre_views(len(masks), settings.data)
    priors = resample(torch.from_numpy(masks)[:, None], views, settings.data)
    small = area(priors, (seen.shape[-2], seen.shape[-1]))[:, 0].numpy()
    cosines = np.stack([centred_cosine(seen.cpu().numpy(), np.repeat(each[None], len(seen), 0)) for each in small], 1)
    large = bilinear(seen[:, None], side)[:, 0].cpu().numpy()
    faces, guides = color.cpu().numpy(), priors[:, 0].numpy()[labels]

    @torch.inference_mode()
    def probability(changed: NDArray[np.float32]) -> NDArray[np.float32]:
        found = []
        for part in cuts(len(changed), _BATCH):
            shown = torch.from_numpy(changed[part]).to(deployed.device)
            luma = (shown * deployed.luma).sum(dim=1, keepdim=True)
            answers = network(shown.contiguous(memory_format=torch.channels_last), luma).logits.float().softmax(dim=1)
            found.append(answers.gather(1, wanted[part][:, None])[:, 0])
        return torch.cat(found).cpu().numpy()

    orders = {"attention": large, "prior": guides, "random": random_maps(len(faces), side[0])}
    curves = {
        name: {
            order: follow(probability, faces, ranked, insertion=name == "insertion", steps=steps)
            for order, ranked in orders.items()
        }
        for name in ("deletion", "insertion")
    }
    agreement = _agreement(cosines, labels, known, trained.classes)
    for place, row in enumerate(agreement["classes"].values()):
        row["attention"] = _kept(seen[wanted == place])
    content = {
        "stage": number,
        "method": method,
        "faces": len(faces),
        **agreement,
        "curves": {"share": [step / steps for step in range(steps + 1)], **curves},
        "area": {name: {order: area_under(curve) for order, curve in each.items()} for name, each in curves.items()},
    }
    return Explained(content, faces, large, guides.astype(np.float32), labels)


def _kept(maps: Tensor) -> list[list[float]] | None:
    """Return the mean of attention maps of shape (n, h, w) as rows of numbers; None of no maps."""
    if not len(maps):
        return None
    height, width = (min(side, _MAP_SIDE) for side in maps.shape[-2:])
    small = area(maps[:, None].cpu(), (height, width))[:, 0].numpy()
    return [[round(value, 3) for value in row] for row in mean_map(small).tolist()]


def _agreement(
    cosines: NDArray[np.float64], labels: NDArray[np.int64], known: NDArray[np.bool_], classes: Sequence[str]
) -> dict[str, Any]:
    """Return cosines with the own and the other classes' priors, by class and over all faces."""
    places = np.arange(len(classes))
    own = np.where(known[labels], cosines[np.arange(len(labels)), labels], np.nan)
    beside = np.where(known & (places != labels[:, None]), cosines, np.nan)
    others = np.array([_mean(row) for row in beside], dtype=np.float64)
    rows = {
        name: {
            "faces": int((labels == place).sum()),
            "cosine": _mean(own[labels == place]),
            "cosine_others": _mean(others[labels == place]),
        }
        for place, name in enumerate(classes)
    }
    return {"classes": rows, "cosine": _mean(own), "cosine_others": _mean(others)}


def _mean(values: NDArray[np.float64]) -> float | None:
    """Return the mean of the numbers that are there."""
    there = values[~np.isnan(values)]
    return float(there.mean()) if len(there) else None
