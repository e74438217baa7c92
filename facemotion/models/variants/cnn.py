"""The classifier alone: the paper's baseline "CNN"."""

from typing import TYPE_CHECKING

from facemotion.models.variants import Variant

if TYPE_CHECKING:
    from facemotion.models.network import Network
    from facemotion.models.settings import ModelSettings

__all__ = ["VARIANT"]


def _build(classes: int, settings: "ModelSettings", side: int | None) -> "Network":
    from facemotion.models.network import Network

    return Network(classes, settings, side=side)


VARIANT = Variant(
    name="cnn",
    summary="the classifier alone",
    build=_build,
    parts=lambda settings: ("classifier",),
    guidance=None,
    has_masks=False,
)
