"""FMPN with the mask as attention: features of a stage of the classifier times one plus the mask."""

from typing import TYPE_CHECKING

from facemotion.models.variants import Variant

if TYPE_CHECKING:
    from facemotion.models.network import Network
    from facemotion.models.settings import ModelSettings

__all__ = ["VARIANT"]


def _build(classes: int, settings: "ModelSettings", side: int | None) -> "Network":
    from facemotion.models.attention import AttentionNet

    return AttentionNet(classes, settings, side=side)


def _parts(settings: "ModelSettings") -> tuple[str, ...]:
    return "classifier", "head" if settings.attention_mask == "head" else "generator"


VARIANT = Variant(
    name="fmpn-attention",
    summary="features of a stage of the classifier, times one plus the mask",
    build=_build,
    parts=_parts,
    guidance="mask",
    has_masks=True,
    mask_words=(
        "What a head on the classifier, or the mask generator, makes of a face; it is given no label. "
        "Features of a stage are multiplied by one plus it."
    ),
    own_settings=("model.attention_stage", "model.attention_mask"),
)
