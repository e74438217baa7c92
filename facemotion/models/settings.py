"""Settings of the networks."""

from typing import Literal

import pydantic

from facemotion.config import Settings

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
    pretrained: bool | str = False
    """Weights that the classifier begins with: none; true, ImageNet's (of an installed package, or of timm's hub); or a
    local file, which can be that of a training. Its last layer is new, unless a training has the same classes."""
    attention_stage: int = pydantic.Field(default=3, ge=1, le=5)
    """For ``fmpn-attention``: the stage whose features are weighed, the last of a 2 ** stage-th of the face's side."""
    attention_mask: Literal["head", "generator"] = "head"
    """For ``fmpn-attention``: what makes the mask, a small head on those features or the mask generator."""
    guided_stage: int = pydantic.Field(default=4, ge=1, le=5)
    """For ``guided``: the stage whose channel mean is compared with the prior."""
