"""FMPN as published: the mask is learned from the prior, and fused with the face before it is classified."""

from typing import TYPE_CHECKING

from facemotion.models.variants import Variant

if TYPE_CHECKING:
    from facemotion.models.network import Network
    from facemotion.models.settings import ModelSettings

__all__ = ["VARIANT"]


def _build(classes: int, settings: "ModelSettings", side: int | None) -> "Network":
    from facemotion.models.fmpn import FMPN

    return FMPN(classes, settings, side=side)


VARIANT = Variant(
    name="fmpn",
    summary="the published network: face and masked face are fused before they are classified",
    build=_build,
    parts=lambda settings: ("classifier", "fusion", "generator"),
    guidance="mask",
    has_masks=True,
    mask_words=(
        "What the mask generator makes of a face; it is given no label. The gray face times its mask is "
        "what the classifier is given besides the face."
    ),
)
