"""Large JPEG pictures need not be decoded in full where the face stays larger than aligned.

JPEG is made of blocks that can be decoded at a half, a quarter or an eighth of their size, each pixel the mean of those
it stands for. That takes half of the time and less, and so do locating and warping in what comes out. A picture is
reduced as far as the landmark source sees as well in it, and as the face, which is expected to take a good share of it
or of its region, stays large enough. Where the face turns out to be smaller, or none is found, the picture is decoded
in full and all is as ever.
"""

import functools
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from facemotion.alignment.geometry import template_for
from facemotion.alignment.locating import locate
from facemotion.alignment.settings import AlignSettings
from facemotion.landmarks.faces import Face, Failure, LandmarkSource, Region
from facemotion.media import Least, Reduced

__all__ = ["LARGE", "Seen", "least_for", "look"]

LARGE = 1.5
"""A face is located and warped in the reduced picture if it is this many times as large there as aligned. From here on,
resampling changes an aligned face by 0.6 of 255 levels on average, and by 0.3 from 2 on; points that are found a little
elsewhere change it more, see ``levels_off`` in the results of ``benchmarks/alignment.py``."""
WHOLE, AROUND = 3.5, 1.5
"""Least shorter side of a reduced picture, and of a region in one, as multiples of the longer side of the aligned face;
the eyes of an aligned face are 0.31 of that apart. Pictures with a shorter side of less than 2 * `WHOLE` of it, which
is 784 pixels by default, are never reduced."""

Pixels = NDArray[np.uint8]


class Seen(NamedTuple):
    """A picture that was looked at."""

    pixels: Pixels
    """To be warped: of the whole picture, or reduced."""
    factor: int
    """By how much it is reduced; 1 if it is not."""
    found: int
    """How many faces there are."""
    face: Face | Failure
    """The one that is meant, in pixels of the whole picture."""


def least_for(settings: AlignSettings, source: LandmarkSource, region: Region | None = None) -> Least | None:
    """Return which pictures are reduced, and how far; None if all must be decoded in full.

    Parameters
    ----------
    settings : AlignSettings
        How to align.
    source : LandmarkSource
        Finds the five points.
    region : tuple of 4 floats, optional
        x, y, width, height in pixels of the place where the face is.
    """
    if settings.decode == "full" or source.least_side is None:
        return None
    whole, around = (share * max(settings.face_size) for share in (WHOLE, AROUND))
    left = max(source.least_side, whole)
    return Least(2 * left, left) if region is None else Least(2 * whole, around, min(region[2:]))


def look(
    image: Pixels | Reduced,
    source: LandmarkSource,
    settings: AlignSettings,
    *,
    name: str = "",
    frame: int = 0,
    region: Region | None = None,
) -> Seen:
    """Find the face that a picture is about; see `facemotion.alignment.locating.locate`.

    Parameters
    ----------
    image : uint8 array of shape (H, W, 3), or Reduced
        RGB, upright as far as is known.
    source : LandmarkSource
        Finds the faces.
    settings : AlignSettings
        How to align: what makes a face large enough.
    name, frame : str, int
        The manifest's source and frame.
    region : tuple of 4 floats, optional
        x, y, width, height in pixels of the whole picture.

    Raises
    ------
    Unreadable
        If the picture cannot be decoded in full.
    """
    find = functools.partial(locate, source=source, name=name, frame=frame)
    if isinstance(image, Reduced):
        copies = [image]
        if region is None and source.least_side is not None and min(image.pixels.shape[:2]) >= 2 * source.least_side:
            copies = [image.halved(), image]  # a face is found in less than it is warped from
        small = None if region is None else _reduced(region, copies[0].factor)
        found, face = find(copies[0].pixels, region=small)
        if isinstance(face, Face):
            face = face.mapped(copies[0].in_full)
            needed = LARGE * _spread(template_for(settings.face_size))
            for each in copies:
                if _spread(face.landmarks) >= needed * each.factor:
                    return Seen(each.pixels, each.factor, found, face)
        image = image.full()
    return Seen(image, 1, *find(image, region=region))


def _spread(points: NDArray[np.floating]) -> float:
    """Return how large a face is: the root mean square distance of its points from their mean."""
    return math.sqrt(float(points.astype(np.float64).var(axis=0).sum()))


def _reduced(region: Region, factor: int) -> Region:
    x, y, width, height = (length / factor for length in region)
    return x, y, width, height
