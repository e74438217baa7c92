"""The eight ways in which a picture can lie: EXIF's numbers, a video's display matrix, and clockwise turns."""

from collections.abc import Sequence

import numpy as np

from facemotion.media.source import Pixels

__all__ = ["of_matrix", "oriented", "turned"]

_QUARTER_TURNS = {0: 0, 90: 3, 180: 2, 270: 1}
_OF_SIGNS = {
    # transposed, x backwards, y backwards -> EXIF's number
    (False, False, False): 1,
    (False, True, False): 2,
    (False, True, True): 3,
    (False, False, True): 4,
    (True, False, False): 5,
    (True, True, False): 6,
    (True, True, True): 7,
    (True, False, True): 8,
}


def turned(image: Pixels, rotate: int) -> Pixels:
    """Return a picture turned clockwise by 0, 90, 180 or 270 degrees, contiguous."""
    if rotate not in _QUARTER_TURNS:
        raise ValueError(f"rotate is {rotate}; expected 0, 90, 180 or 270 clockwise degrees")
    return np.ascontiguousarray(np.rot90(image, _QUARTER_TURNS[rotate]))


def oriented(image: Pixels, orientation: int) -> Pixels:
    """Return a picture as it is to be shown.

    Parameters
    ----------
    image : uint8 array of shape (H, W) or (H, W, 3)
        As it is stored.
    orientation : int
        EXIF's number, 1 to 8: 1 as it is, 2 mirrored, 3 upside down, 4 mirrored upside down, 5 transposed, 6 to be
        turned clockwise, 7 transposed over the other diagonal, 8 to be turned counter-clockwise. Any other is 1.
    """
    if orientation >= 5 and orientation <= 8:
        image = image.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        image = image[:, ::-1]
    if orientation in (3, 4, 7, 8):
        image = image[::-1]
    return np.ascontiguousarray(image)


def of_matrix(matrix: Sequence[int]) -> int:
    """Return EXIF's number for a video's display matrix; a turn that is no quarter turn counts as the nearest.

    Parameters
    ----------
    matrix : sequence of 9 int
        Row by row, as in MP4: a pixel (x, y), y downwards, is shown at (a x + c y, b x + d y), where a and b are the
        first two numbers and c and d the fourth and fifth.
    """
    a, b, c, d = (int(matrix[place]) for place in (0, 1, 3, 4))
    transposed = abs(b) + abs(c) > abs(a) + abs(d)
    to_x, to_y = (c, b) if transposed else (a, d)
    return _OF_SIGNS[transposed, to_x < 0, to_y < 0]
