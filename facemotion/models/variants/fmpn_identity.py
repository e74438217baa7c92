"""FMPN with a fusion that passes the face through and begins as the classifier alone."""

from typing import TYPE_CHECKING

from facemotion.models.variants import Variant

if TYPE_CHECKING:
    from facemotion.models.network import Network
    from facemotion.models.settings import ModelSettings

__all__ = ["VARIANT"]


def _build(classes: int, settings: "ModelSettings", side: int | None) -> "Network":
    from facemotion.models.identity import IdentityNet

    return IdentityNet(classes, settings, side=side)


VARIANT = Variant(
    name="fmpn-identity",
    summary="the face, plus what a small network makes of its masked gray; begins as cnn",
    build=_build,
    parts=lambda settings: ("classifier", "fusion", "generator"),
    guidance="mask",
    has_masks=True,
    mask_words=(
        "What the mask generator makes of a face; it is given no label. What a small network makes of the"
        " gray face times its mask is added to the face."
    ),
)
