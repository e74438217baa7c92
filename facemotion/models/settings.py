"""Settings of the networks."""

import re
from pathlib import Path
from typing import Any, Literal

import pydantic

from facemotion.config import FileSetting, Settings

__all__ = ["InputRange", "ModelSettings"]

InputRange = Literal["timm", "as-released"]


class ModelSettings(Settings):
    """The networks of all variants; the defaults are the published ones."""

    classifier: str = "inception_v3"
    """A timm model."""
    width: int = pydantic.Field(default=64, ge=1, le=1024)
    """Channels of the mask generator's first layer."""
    blocks: int = pydantic.Field(default=4, ge=0, le=64)
    """Its residual blocks."""
    input_range: InputRange = "timm"
    """``timm``: faces are brought to the mean and deviation that the classifier's weights expect. ``as-released``:
    [0, 1] goes into torchvision's ``transform_input``, as in the authors' code, so that the weights see about a fifth
    of the range that they were trained on."""
    dropout: float = pydantic.Field(default=0.5, ge=0, lt=1)
    """Before the classifier's last layer."""
    pretrained: pydantic.StrictBool | FileSetting = False
    """Weights that the classifier begins with: none; true, ImageNet's (of an installed package, or of timm's hub); or a
    local file, which can be that of a training. Its last layer is new, unless a training has the same classes."""
    attention_stage: int = pydantic.Field(default=3, ge=1, le=5)
    """For ``fmpn-attention``: the stage whose features are weighed, the last of a 2 ** stage-th of the face's side."""
    attention_mask: Literal["head", "generator"] = "head"
    """For ``fmpn-attention``: what makes the mask, a small head on those features or the mask generator."""
    guided_stage: int = pydantic.Field(default=4, ge=1, le=5)
    """For ``guided``: the stage whose channel mean is compared with the prior."""

    @pydantic.field_validator("pretrained", mode="before")
    @classmethod
    def _file(cls, value: Any) -> Any:
        """Read a path, or what version 0.1.0 kept of one, ``NAME sha256:DIGEST``."""
        if not isinstance(value, (str, Path)):
            return value
        kept = re.fullmatch(r"(.+) sha256:([0-9a-f]{64})", str(value))
        try:
            return FileSetting.model_validate({"name": kept[1], "sha256": kept[2]} if kept else value)
        except pydantic.ValidationError as error:  # of a union, the first error would be that it is no boolean
            raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
