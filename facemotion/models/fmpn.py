"""FMPN: mask generator, fusion net and a classifier (the paper, section 3)."""

from torch import Tensor

from facemotion.models.fusion import FusionNet
from facemotion.models.mask_generator import MaskGenerator
from facemotion.models.network import Network, Output, initialise
from facemotion.models.settings import ModelSettings

__all__ = ["FMPN"]


class FMPN(Network):
    """Facial Motion Prior Networks around any timm classifier.

    Parameters
    ----------
    classes : int
        Number of expressions.
    settings : ModelSettings
        The published network by default.
    variant : str
        ``fmpn``, or ``no-mask-loss`` for the same network trained without the mask loss.
    side : int, optional
        See `facemotion.models.network.Network`.

    Raises
    ------
    ConfigError, EnvironmentProblem
        See `facemotion.models.network.Network`.
    """

    def __init__(
        self, classes: int, settings: ModelSettings | None = None, *, variant: str = "fmpn", side: int | None = None
    ) -> None:
        own = settings or ModelSettings()
        super().__init__(classes, own, variant=variant, side=side)
        self.generator = MaskGenerator(own.width, own.blocks)
        self.fusion = FusionNet()
        initialise(self.generator)
        initialise(self.fusion)

    def forward(self, color: Tensor, gray: Tensor) -> Output:
        """Classify faces that are fused with their masked gray; see `facemotion.models.network.Network.forward`."""
        mask = self.generator(gray)
        return Output(self.classify(self.fusion(color, gray, mask)), mask)
