"""FMPN with a fusion that passes the face through: it begins as the classifier alone."""

from torch import Tensor, nn

from facemotion.models.mask_generator import MaskGenerator, ResidualBlock
from facemotion.models.network import Network, Output, initialise
from facemotion.models.settings import ModelSettings

__all__ = ["IdentityFusion", "IdentityNet"]

CHANNELS = 8


class IdentityFusion(nn.Module):
    """A colour face, plus what a small network makes of its masked gray face; 1,490 parameters.

    The last layer begins at zero (as in ControlNet, Zhang et al. 2023), so that the face comes out unchanged at first;
    there is no sigmoid behind the sum.
    """

    def __init__(self) -> None:
        super().__init__()
        self.masked = nn.Sequential(
            nn.Conv2d(1, CHANNELS, 3, padding=1, bias=False), nn.BatchNorm2d(CHANNELS), nn.ReLU()
        )
        self.block = ResidualBlock(CHANNELS)
        self.leave = nn.Conv2d(CHANNELS, 3, 3, padding=1, bias=False)
        initialise(self)
        nn.init.zeros_(self.leave.weight)

    def forward(self, color: Tensor, gray: Tensor, mask: Tensor) -> Tensor:
        """Return fused faces of shape (N, 3, H, W), unbounded; the arguments are those of `FusionNet.forward`."""
        return color + self.leave(self.block(self.masked(mask * gray)))


class IdentityNet(Network):
    """Mask generator, `IdentityFusion` and a classifier; see `facemotion.models.network.Network`."""

    def __init__(self, classes: int, settings: ModelSettings, *, side: int | None = None) -> None:
        super().__init__(classes, settings, variant="fmpn-identity", side=side)
        self.generator = MaskGenerator(settings.width, settings.blocks)
        initialise(self.generator)
        self.fusion = IdentityFusion()

    def forward(self, color: Tensor, gray: Tensor) -> Output:
        """Classify faces; see `facemotion.models.network.Network.forward`."""
        mask = self.generator(gray)
        return Output(self.classify(self.fusion(color, gray, mask)), mask)
