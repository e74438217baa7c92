"""FMPN with the mask as attention: features of a stage of the classifier times one plus the mask."""

from typing import Any

from torch import Tensor, nn

from facemotion.models.mask_generator import MaskGenerator
from facemotion.models.network import Network, Output, initialise
from facemotion.models.resizing import area, bilinear
from facemotion.models.settings import ModelSettings
from facemotion.models.stages import Passing, find_stage

__all__ = ["AttentionNet", "MaskHead"]


class MaskHead(nn.Module):
    """Features -> a mask in [0, 1] of the same height and width.

    Parameters
    ----------
    channels : int
        Of the features.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = max(8, channels // 4)
        self.enter = nn.Sequential(
            nn.Conv2d(channels, inner, 3, padding=1, bias=False), nn.BatchNorm2d(inner), nn.ReLU()
        )
        self.leave = nn.Conv2d(inner, 1, 3, padding=1)

    def forward(self, features: Tensor) -> Tensor:
        """Return masks of shape (N, 1, h, w) for features of shape (N, C, h, w)."""
        return self.leave(self.enter(features)).sigmoid()


class AttentionNet(Network):
    """A classifier whose features of a stage are weighed by a mask, as in residual attention (Wang et al. 2017).

    The mask comes from a small head on those features, or from the mask generator; see `ModelSettings`. The other
    arguments are those of `facemotion.models.network.Network`.

    Raises
    ------
    ConfigError
        If the classifier has no such stage.
    """

    def __init__(self, classes: int, settings: ModelSettings, *, side: int | None = None) -> None:
        super().__init__(classes, settings, variant="fmpn-attention", side=side)
        module, channels = find_stage(self.classifier, settings.attention_stage, side=side)
        self.own_head = settings.attention_mask == "head"
        if self.own_head:
            self.head = MaskHead(channels)
        else:
            self.generator = MaskGenerator(settings.width, settings.blocks)
            initialise(self.generator)
        self._mask = Passing()
        module.register_forward_hook(self._attend)

    def _attend(self, module: nn.Module, inputs: Any, features: Tensor) -> Tensor:
        if self.own_head:
            mask = self.head(features)
            self._mask.put(mask)
        else:
            given = self._mask.peek()
            if given is None:  # the classifier alone is tried out
                return features
            mask = area(given.float(), (features.shape[-2], features.shape[-1]))
        return features * (1 + mask).to(features.dtype)

    def forward(self, color: Tensor, gray: Tensor) -> Output:
        """Classify faces; see `facemotion.models.network.Network.forward`."""
        if not self.own_head:
            self._mask.put(self.generator(gray))
        logits = self.classify(color)
        mask = self._mask.take()
        if self.own_head:
            mask = bilinear(mask.float(), (color.shape[-2], color.shape[-1]))
        return Output(logits, mask)
