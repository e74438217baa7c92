"""Pictures that are crops already: each is taken whole, and no landmarks are claimed for it.

Datasets of small crops (FER2013, FERPlus) have no room for a detector and no points. Their pictures fill the crop as
they are; ``landmarks`` of ``faces.parquet`` stays empty. The alignment id is that of no real alignment, so that a
prior from aligned faces is used on them only after `facemotion priors transfer --align-to`.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from facemotion.errors import Status
from facemotion.landmarks.faces import Face, Failure, LandmarkSource, Region
from facemotion.landmarks.settings import LandmarkSettings, landmark_settings

__all__ = ["SETTINGS", "Given", "GivenSettings", "create"]


class GivenSettings(LandmarkSettings):
    """What can be set of pictures that are crops already: nothing."""

    source: Literal["given"] = "given"
    """Each picture is a crop already and is taken whole; nothing is located or aligned."""

    @property
    def runs_a_network(self) -> bool:
        """No: the pictures are taken as they are."""
        return False

    def for_another_dataset(self) -> LandmarkSettings:
        """Return the default source: that these pictures are crops says nothing about another dataset's."""
        return landmark_settings()


SETTINGS = GivenSettings


class Given(LandmarkSource):
    """Landmark source ``given``."""

    name = "given"
    absent = Failure(Status.NO_FACE, "the picture has no pixels")

    def detect(self, image: NDArray[np.uint8], *, source: str, frame: int, region: Region | None = None) -> list[Face]:
        """Return the region, by default the picture, as a face without landmarks."""
        height, width = image.shape[:2]
        x, y, across, down = region or (0.0, 0.0, float(width), float(height))
        box = np.array([x, y, x + across, y + down], np.float32)
        return [Face(box, 1.0, np.full((5, 2), np.nan, np.float32))]


def create(settings: GivenSettings, *, shipped: object = None, device: str = "cpu") -> LandmarkSource:
    """Make the source; see `facemotion.landmarks.create`."""
    return Given()
