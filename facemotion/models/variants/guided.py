"""The classifier alone, guided by a loss between the channel mean of a stage and the prior."""

from typing import TYPE_CHECKING

from facemotion.models.variants import Variant

if TYPE_CHECKING:
    from facemotion.models.network import Network
    from facemotion.models.settings import ModelSettings

__all__ = ["VARIANT"]


def _build(classes: int, settings: "ModelSettings", side: int | None) -> "Network":
    from facemotion.models.guided import GuidedNet

    return GuidedNet(classes, settings, side=side)


VARIANT = Variant(
    name="guided",
    summary="the classifier alone; a loss draws what it looks at towards the prior",
    build=_build,
    parts=lambda settings: ("classifier",),
    guidance="attention",
    has_masks=True,
    mask_words=(
        "Where the classifier looks: the mean over the channels of a stage, from its least to its largest"
        " value. Nothing is multiplied by it."
    ),
    own_settings=("model.guided_stage", "training.guided_weight", "training.guided_schedule"),
)
