"""A face of which a detector is not sure, looked at more closely: as its points say it stands, and as if it lay.

Detectors that were trained on upright faces see one in a face that lies too, and are less sure of it; so they are of
faces in the dark. With stretched contrast MTCNN's output network is sure of the latter as well, and mostly sees in one
of three turned windows what a face that lies is.
"""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facemotion.landmarks._stretch import stretched
from facemotion.landmarks._upright import SIDE, Network, laid, looked_again
from facemotion.landmarks._windows import back, cut, squares
from facemotion.landmarks.faces import Face

__all__ = ["in_other_turns", "with_contrast"]

AT_SIGHT = 0.95
"""A turn in which the network is as sure of a face at first sight is looked at; of the right one it mostly is."""
PLAUSIBLE = 0.9
"""What the network must be of it at a second and third look."""

Pixels = NDArray[np.uint8]


def with_contrast(image: Pixels, face: Face, network: Network) -> Face:
    """Look at a face again, as its points say it stands, with stretched contrast.

    Parameters
    ----------
    image : uint8 array of shape (H, W, 3)
        RGB.
    face : Face
        Where it is.
    network : callable
        The output network; see `facemotion.landmarks._upright.steadied`.

    Returns
    -------
    Face
        With box and score of `face`, and points and ``sure`` as they are seen in the window and its mirror image.
    """
    [found] = looked_again(image, [face], network, mirror=True, contrast=True)
    return found


def in_other_turns(image: Pixels, face: Face, network: Network) -> list[Face]:
    """Read a face as if it lay: by a window around its box that is turned by 90, 180 and 270 degrees.

    Parameters
    ----------
    image, face, network
        As for `with_contrast`; of the face, the box is used.

    Returns
    -------
    list of Face
        Of the turns in which the network sees a face: with box and score of `face`, and other points, of which
        ``sure`` tells how sure it is.
    """
    [square] = squares(face.box[None] + np.float32(0.5))  # of pixel edges
    upright = stretched(cut(image, square, SIDE))
    quarters = (1, 2, 3)
    _, points, probability = network([np.ascontiguousarray(np.rot90(upright, quarter)) for quarter in quarters])
    passed = np.flatnonzero(probability[:, 1] >= AT_SIGHT)
    if not len(passed):
        return []
    side, centre = float(square[2] - square[0]), (square[:2] + square[2:] - 1) / 2
    shares = points.reshape(-1, 2, 5).transpose(0, 2, 1).astype(np.float64)
    found = [
        replace(face, landmarks=back(laid(centre, side, quarters[at] * math.pi / 2), shares[at] * SIDE - 0.5))
        for at in passed
    ]
    for mirror in (False, True):  # as `steadied` does, but what is not seen again is dropped
        looked = looked_again(image, found, network, mirror=mirror, contrast=True) if found else []
        found = [each for each in looked if each.sure >= PLAUSIBLE]
    return found
