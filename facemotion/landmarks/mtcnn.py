"""MTCNN, the paper's detector, run by onnxruntime from weights that come with facemotion; see `_ladder` for how."""

from typing import TYPE_CHECKING, Literal

import pydantic

from facemotion.config import FileSetting
from facemotion.landmarks.settings import LandmarkSettings

if TYPE_CHECKING:
    from facemotion.landmarks.faces import LandmarkSource

__all__ = ["SETTINGS", "MtcnnSettings", "create"]


class MtcnnSettings(LandmarkSettings):
    """How MTCNN looks for faces."""

    source: Literal["mtcnn"] = "mtcnn"
    """MTCNN, whose weights come with facemotion."""
    min_face: float = pydantic.Field(default=0.2, gt=0, le=1)
    """Smallest face looked for first, as a share of the picture's shorter side; later tries look for smaller ones."""


SETTINGS = MtcnnSettings


def create(settings: MtcnnSettings, *, shipped: FileSetting | None = None, device: str = "cpu") -> "LandmarkSource":
    """Make the source; see `facemotion.landmarks.create`."""
    from facemotion.landmarks._ladder import Mtcnn

    return Mtcnn(min_face=settings.min_face, device=device)
