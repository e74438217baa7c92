"""What all variants have: a classifier behind the input statistics of its weights."""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from facemotion.models.classifier import create_classifier
from facemotion.models.settings import InputRange, ModelSettings

__all__ = ["Network", "Output", "initialise"]

_IMAGENET_MEAN, _IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
INITIAL_GAIN = 0.02


class Output(NamedTuple):
    """What a forward pass gives.

    Attributes
    ----------
    logits : float tensor of shape (N, K)
    mask : float tensor of shape (N, 1, H, W) in [0, 1], or None for a variant without masks
    attention : float tensor of shape (N, 1, h, w), or None
        The mean over the channels of a stage's features, for a variant that is guided by it.
    """

    logits: Tensor
    mask: Tensor | None
    attention: Tensor | None = None


class Network(nn.Module):
    """A classifier of faces in [0, 1]; by itself the baseline ``cnn``, with more parts another variant.

    Parameters
    ----------
    classes : int
        Number of expressions.
    settings : ModelSettings
        The published network by default.
    variant : str
        Its variant's name.
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
        self, classes: int, settings: ModelSettings | None = None, *, variant: str = "cnn", side: int | None = None
    ) -> None:
        super().__init__()
        own = settings or ModelSettings()
        self.variant = variant
        # the classifier comes first: with one seed, all variants begin with the same one
        given = own.pretrained
        weights = given if isinstance(given, bool) else given.opened("--pretrained")
        self.classifier: nn.Module = create_classifier(
            own.classifier, classes, dropout=own.dropout, pretrained=weights, side=side
        )
        if own.classifier.startswith("inception_v3"):  # as released; other networks keep timm's initialisation
            fresh = self.classifier.get_classifier() if own.pretrained else self.classifier  # type: ignore[operator]
            initialise(fresh)
        elif own.pretrained:
            _reset(self.classifier.get_classifier())  # type: ignore[operator]
        mean, std = _input_statistics(self.classifier, own.input_range)
        self.mean: Tensor
        self.std: Tensor
        self.register_buffer("mean", mean.reshape(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", std.reshape(1, 3, 1, 1), persistent=False)

    def forward(self, color: Tensor, gray: Tensor) -> Output:
        """Classify faces.

        Parameters
        ----------
        color : float tensor of shape (N, 3, H, W)
            RGB in [0, 1].
        gray : float tensor of shape (N, 1, H, W)
            Its BT.601 luma in [0, 1].
        """
        return Output(self.classify(color), None)

    def classify(self, color: Tensor) -> Tensor:
        """Return the classifier's logits, of shape (N, K), for faces in [0, 1] of shape (N, 3, H, W)."""
        return self.classifier((color - self.mean) / self.std)


def _reset(last: Any) -> None:
    """Initialise a new last layer behind features that have learned already as torch does, by their number.

    timm's EfficientNets go by the number of classes: of seven, answers are so sure at first that the features are
    spoilt before the layer has learned anything.
    """
    if isinstance(last, nn.Linear):
        last.reset_parameters()


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
