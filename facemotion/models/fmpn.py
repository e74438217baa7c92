"""FMPN: mask generator, fusion net and a classifier; and its two baselines."""

from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from facemotion.errors import ConfigError
from facemotion.models.classifier import create_classifier
from facemotion.models.fusion import FusionNet
from facemotion.models.mask_generator import MaskGenerator

__all__ = ["FMPN", "VARIANTS", "InputRange", "Output", "Variant", "initialise"]

Variant = Literal["fmpn", "no-mask-loss", "cnn"]
VARIANTS: tuple[Variant, ...] = ("fmpn", "no-mask-loss", "cnn")
"""FMPN, the same network without mask loss (the paper's "CNN (no l_G)"), and the classifier alone."""

InputRange = Literal["timm", "as-released"]

_IMAGENET_MEAN, _IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
INITIAL_GAIN = 0.02


class Output(NamedTuple):
    """What a forward pass gives.

    Attributes
    ----------
    logits : float tensor of shape (N, K)
    mask : float tensor of shape (N, 1, H, W), or None for the variant ``cnn``
    """

    logits: Tensor
    mask: Tensor | None


class FMPN(nn.Module):
    """Facial Motion Prior Networks around any timm classifier.

    Parameters
    ----------
    classes : int
        Number of expressions.
    classifier : str
        A timm model; the paper's is ``inception_v3``.
    variant : {"fmpn", "no-mask-loss", "cnn"}
        ``cnn`` has the classifier only.
    width, blocks : int
        Of the mask generator.
    input_range : {"timm", "as-released"}
        ``timm``: faces are brought to the mean and deviation that the classifier's weights expect. ``as-released``:
        [0, 1] goes into torchvision's ``transform_input``, as in the authors' code, so that the weights see about a
        fifth of the range that they were trained on.
    dropout : float
        Before the classifier's last layer.
    pretrained : bool or str
        ImageNet weights for the classifier: from timm's hub, or from a local file. Its last layer is new in any case.
    side : int, optional
        Height and width of the faces, for classifiers that are built for one size; see `create_classifier`.

    Raises
    ------
    ConfigError
        If timm has no such model, or a setting is wrong.
    EnvironmentProblem
        If weights cannot be had.
    """

    def __init__(
        self,
        classes: int,
        *,
        classifier: str = "inception_v3",
        variant: Variant = "fmpn",
        width: int = 64,
        blocks: int = 4,
        input_range: InputRange = "timm",
        dropout: float = 0.5,
        pretrained: bool | str = False,
        side: int | None = None,
    ) -> None:
        super().__init__()
        if variant not in VARIANTS:
            raise ConfigError(f"unknown variant {variant!r}: expected one of {', '.join(VARIANTS)}")
        self.variant: Variant = variant
        # the classifier comes first: with one seed, all variants begin with the same one
        self.classifier: nn.Module = create_classifier(
            classifier, classes, dropout=dropout, pretrained=pretrained, side=side
        )
        if classifier.startswith("inception_v3"):  # as in the released code; other networks keep timm's initialisation
            initialise(self.classifier.get_classifier() if pretrained else self.classifier)  # type: ignore[operator]
        with_mask = variant != "cnn"
        self.generator = MaskGenerator(width, blocks) if with_mask else None
        self.fusion = FusionNet() if with_mask else None
        mean, std = _input_statistics(self.classifier, input_range)
        self.mean: Tensor
        self.std: Tensor
        self.register_buffer("mean", mean.reshape(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", std.reshape(1, 3, 1, 1), persistent=False)
        for part in (self.generator, self.fusion):
            if part is not None:
                initialise(part)

    def forward(self, color: Tensor, gray: Tensor) -> Output:
        """Classify faces.

        Parameters
        ----------
        color : float tensor of shape (N, 3, H, W)
            RGB in [0, 1].
        gray : float tensor of shape (N, 1, H, W)
            Its BT.601 luma in [0, 1].
        """
        if self.generator is None or self.fusion is None:
            return Output(self.classifier((color - self.mean) / self.std), None)
        mask = self.generator(gray)
        fused = self.fusion(color, gray, mask)
        return Output(self.classifier((fused - self.mean) / self.std), mask)


def _input_statistics(classifier: nn.Module, input_range: InputRange) -> tuple[Tensor, Tensor]:
    """Return the mean and deviation by which faces in [0, 1] are normalised, each of shape (3,)."""
    if input_range == "as-released":
        # torchvision's transform_input takes x normalised by ImageNet's statistics to (x - 0.5) / 0.5: it computes
        # x * (std / 0.5) + (mean - 0.5) / 0.5. The authors feed it x in [0, 1].
        mean, std = torch.tensor(_IMAGENET_MEAN), torch.tensor(_IMAGENET_STD)
        return -(mean - 0.5) / std, 0.5 / std
    from timm.data import resolve_data_config  # type: ignore[attr-defined]

    config = resolve_data_config(model=classifier)
    return torch.tensor(config["mean"]), torch.tensor(config["std"])


def initialise(part: nn.Module) -> None:
    """Initialise as the released code does: convolutions Xavier normal with gain 0.02, batch norm N(1, 0.02)."""
    for module in part.modules():
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            nn.init.xavier_normal_(module.weight, INITIAL_GAIN)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, INITIAL_GAIN)
            nn.init.zeros_(module.bias)
