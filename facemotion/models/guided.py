"""A classifier that is guided by a loss alone: where it looks should be where faces move."""

from typing import Any

from torch import Tensor, nn

from facemotion.models.network import Network, Output
from facemotion.models.resizing import bilinear
from facemotion.models.settings import ModelSettings
from facemotion.models.stages import Passing, find_stage

__all__ = ["GuidedNet"]

_TINY = 1e-6


class GuidedNet(Network):
    """The network of ``cnn``, whose channel mean at a stage is kept: the loss compares it with the prior.

    The form is that of Belharbi et al. 2024 (arXiv 2402.00281), who take heatmaps of action units. Weights and answers
    are those of ``cnn``. The arguments are those of `facemotion.models.network.Network`.

    Raises
    ------
    ConfigError
        If the classifier has no such stage.
    """

    def __init__(self, classes: int, settings: ModelSettings, *, side: int | None = None) -> None:
        super().__init__(classes, settings, variant="guided", side=side)
        module, _ = find_stage(self.classifier, settings.guided_stage, side=side)
        self._features = Passing()
        module.register_forward_hook(self._keep)

    def _keep(self, module: nn.Module, inputs: Any, features: Tensor) -> None:
        self._features.put(features)

    def forward(self, color: Tensor, gray: Tensor) -> Output:
        """Classify faces; the mask is the channel mean, from its least to its largest value in the face."""
        logits = self.classify(color)
        attention = self._features.take().float().relu().mean(dim=1, keepdim=True)
        shown = attention.detach()
        low, high = shown.amin(dim=(2, 3), keepdim=True), shown.amax(dim=(2, 3), keepdim=True)
        shown = (shown - low) / (high - low).clamp(min=_TINY)
        return Output(logits, bilinear(shown, (color.shape[-2], color.shape[-1])), attention)
