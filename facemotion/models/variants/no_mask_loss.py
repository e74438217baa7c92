"""The network of FMPN without the mask loss: the paper's baseline "CNN (no l_G)"."""

from typing import TYPE_CHECKING

from facemotion.models.variants import Variant

if TYPE_CHECKING:
    from facemotion.models.network import Network
    from facemotion.models.settings import ModelSettings

__all__ = ["VARIANT"]


def _build(classes: int, settings: "ModelSettings", side: int | None) -> "Network":
    from facemotion.models.fmpn import FMPN

    return FMPN(classes, settings, variant="no-mask-loss", side=side)


VARIANT = Variant(
    name="no-mask-loss",
    summary="the published network, trained without the mask loss",
    build=_build,
    parts=lambda settings: ("classifier", "fusion", "generator"),
    guidance=None,
    has_masks=True,
    mask_words=(
        "What the mask generator makes of a face; it is given no label. The gray face times its mask is "
        "what the classifier is given besides the face. No prior guides it."
    ),
)
