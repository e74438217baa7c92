"""Where a run's networks look, beside the prior, and whether what they look at is what they go by.

Drawn from what `facemotion explain` wrote beside a training's weights. One training of each variant is shown.
"""

import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from facemotion.errors import FacemotionError
from facemotion.models import variants
from facemotion.priors.controls import apply_control
from facemotion.report import figures
from facemotion.report.artefacts import DatasetFolder, RunContents, same_alignment
from facemotion.report.masks import crops_of
from facemotion.report.priors import prior_mask
from facemotion.report.terms import faces_shown
from facemotion.runs import Training
from facemotion.runs.explanation import ORDERS, Explanation

__all__ = ["attention_section"]

SIDE = 96
COLOURS = dict(zip(ORDERS, (figures.SERIES[1], figures.SERIES[0], figures.SERIES[5]), strict=True))


def attention_section(run: RunContents, dataset: DatasetFolder | None, *, with_faces: bool, key: str) -> dict[str, Any]:
    """Return where a run's networks look, of the first training of each variant that was explained.

    Parameters
    ----------
    run : RunContents
        The run.
    dataset : DatasetFolder or None
        Where its faces are; their mean is shown where it may be, see `facemotion.report.terms.faces_shown`.
    with_faces : bool
        Show faces of a gated dataset too.
    key : str
        Distinct for each run of the page.

    Returns
    -------
    dict
        ``looks``, of each variant that was explained: ``name``, ``training``, ``how``, ``rows`` of the classes, the
        row ``all``, ``charts`` and ``areas``; ``more``, how many other trainings are explained; ``faces_hidden``; and
        ``unexplained``, the variants that were not, with the ``commands`` that explain them.
    """
    shown = dataset is not None and same_alignment(run, dataset) and faces_shown(dataset, with_faces=with_faces)
    crops, places = crops_of(dataset) if dataset is not None and shown and run.explanations else (None, {})
    first: dict[str, tuple[Training, Explanation]] = {}
    for training, found in run.explanations.items():
        first.setdefault(training.variant, (training, found))
    truth = {} if run.predictions is None else dict(run.predictions[["sample_id", "expression"]].to_numpy())

    def mean_face(found: Explanation, name: str) -> str | None:
        rows = [places[each] for each in found.samples if truth.get(each) == name and each in places]
        if crops is None or not rows:
            return None
        mean = np.stack([crops[row] for row in rows]).astype(np.float64).mean(axis=0)
        return figures.image_uri(figures.middle(np.rint(mean).astype(np.uint8), run.window), lossy=True)

    looks = []
    for number, (training, found) in enumerate(first.values()):
        guided_by = _with_masks_of(run, training)
        rows = [
            _row(name, row.model_dump())
            | {
                "face": mean_face(found, name),
                "attention": _picture(np.array(row.attention)) if row.attention else None,
                "prior": _prior(guided_by, name, training.fold),
            }
            for name, row in found.classes.items()
            if row.faces
        ]
        looks.append(
            {
                "name": training.variant,
                "training": str(training),
                "how": _how(found, variants.parted(training.variant)[1]),
                "faces": found.faces,
                "rows": rows,
                "all": _row("all", {"faces": found.faces, **found.model_dump(include={"cosine", "cosine_others"})}),
                "charts": [_chart(found, kind, key=f"{key} {number} {kind}") for kind in ("deletion", "insertion")],
                "areas": {
                    kind: [f"{found.area[kind][order]:.2f}" for order in ORDERS] for kind in ("deletion", "insertion")
                },
            }
        )
    trained = list(dict.fromkeys(training.variant for training in run.histories))
    return {
        "looks": looks,
        "orders": [(name, 1 + figures.SERIES.index(colour)) for name, colour in COLOURS.items()],
        "more": len(run.explanations) - len(looks),
        "faces_hidden": bool(looks) and dataset is not None and not faces_shown(dataset, with_faces=with_faces),
        "unexplained": (left := [name for name in trained if name not in first]),
        "commands": [shlex.join(["facemotion", "explain", run.name, "--variant", name]) for name in left],
    }


def _how(found: Explanation, control: str) -> str:
    """Say what was taken for attention, and whose masks are beside it."""
    how = f"the mean over the channels of stage {found.stage}"
    if found.method == "gradient":
        how = f"the channels of stage {found.stage}, weighted by the answer’s gradients (Grad-CAM)"
    return f"{how}, beside the masks of its control {control}" if control else how


def _row(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    values = {key: "–" if row[key] is None else f"{row[key]:.2f}" for key in ("cosine", "cosine_others")}
    return {"name": name, "faces": row["faces"], **{key: text.replace("-", "−") for key, text in values.items()}}


def _with_masks_of(run: RunContents, training: Training) -> RunContents:
    """Return the run with the masks that guided a training: those of its control, if it has one."""
    control = variants.parted(training.variant)[1]
    if not control or run.bank is None:
        return run
    try:
        return replace(run, bank=apply_control(run.bank, control))
    except FacemotionError:
        return replace(run, bank=None)


def _prior(run: RunContents, name: str, fold: int) -> str | None:
    mask = prior_mask(run, name, fold)
    return None if mask is None else figures.image_uri(figures.middle(mask, run.window))


def _picture(values: np.ndarray) -> str:
    return figures.image_uri(figures.larger(values, SIDE))


def _chart(found: Explanation, kind: str, *, key: str) -> dict[str, Any]:
    """Draw the probability of the right answer while pixels are taken away, or given back."""
    figure, axis = figures.chart(3.3, 2.2)
    share, lines = found.curves.share, getattr(found.curves, kind)
    told = []
    for order, colour in COLOURS.items():
        axis.plot([100 * value for value in share], lines[order], color=colour, linewidth=1.8)
        told.append(f"in the order of {order} from {lines[order][0]:.2f} to {lines[order][-1]:.2f}")
    axis.set_xlabel("share of the pixels, %", fontsize=9, color=figures.FAINT)
    axis.set_ylim(bottom=0)
    axis.set_xlim(0, 100)
    figures.plain(axis)
    what = {"deletion": "taken away", "insertion": "given back"}[kind]
    label = f"Probability of the right answer while pixels are {what}: {'; '.join(told)}"
    return {"title": f"{kind}: pixels are {what}", "svg": figures.inline_svg(figure, label=label, key=key)}
