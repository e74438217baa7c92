"""RetinaFace with MobileNet-0.25, run by onnxruntime from weights that come with facemotion; see `_retina` for how."""

from typing import TYPE_CHECKING, Literal

import pydantic

from facemotion.config import FileSetting
from facemotion.landmarks.settings import LandmarkSettings

if TYPE_CHECKING:
    from facemotion.landmarks.faces import LandmarkSource

__all__ = ["SETTINGS", "RetinafaceSettings", "create"]


class RetinafaceSettings(LandmarkSettings):
    """How RetinaFace looks for faces."""

    source: Literal["retinaface"] = "retinaface"
    """RetinaFace for the box, MTCNN's last network for the points; the weights of both come with facemotion."""
    frame_side: int = pydantic.Field(default=320, ge=128, le=4096)
    """Longer side, in pixels, of the copy of the frame that retinaface looks at; more finds smaller faces."""
    least_score: float = pydantic.Field(default=0.6, gt=0, lt=1)
    """Least probability of a face, for retinaface."""


SETTINGS = RetinafaceSettings


def create(
    settings: RetinafaceSettings, *, shipped: FileSetting | None = None, device: str = "cpu"
) -> "LandmarkSource":
    """Make the source; see `facemotion.landmarks.create`."""
    from facemotion.landmarks._retina import Retinaface

    return Retinaface(side=settings.frame_side, least_score=settings.least_score, device=device)
