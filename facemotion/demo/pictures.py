"""What the layouts of single pictures share: a person posed in the laboratory or met on the web, cut and saved."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from facemotion.demo.glasses import wears
from facemotion.demo.layout import Part
from facemotion.demo.sequence import Frame, lab_sequence, wild_face
from facemotion.expressions import NEUTRAL

__all__ = ["posed", "save", "square", "wild"]

Pixels = NDArray[np.uint8]
_ASPECT = 640 / 490
"""Width over height of the laboratory's pictures."""


def posed(part: Part, expression: str | None, *, take: int = 0, yaw: float = 0.0, aspect: float = 1.0) -> Frame:
    """Render a subject at the peak of an expression, in a picture whose height is that of the settings.

    Parameters
    ----------
    part : Part
        Whom.
    expression : str or None
        None is a face at rest.
    take : int
        Another one is another moment, with other light.
    yaw : float
        Radians by which the camera stands to the side.
    aspect : float
        Width over height of the picture, which is cut from the middle of the laboratory's.
    """
    settings = part.settings
    height = settings.size[0]
    wide, width = round(height * _ASPECT), round(height * aspect)
    (frame,) = lab_sequence(
        part.seed,
        expression,
        [1.0],
        size=(height, wide),
        intensity=settings.intensity,
        seed=settings.seed + 1000 * take,
        yaw=yaw,
        glasses=wears(part.seed, settings.glasses),
    )
    left = max(0, (wide - width) // 2)
    shift = np.array([left, 0], np.float32)
    return Frame(frame.image[:, left : left + width], frame.landmarks - shift, frame.weights)


def wild(part: Part, expression: str, *, later: int) -> Frame:
    """Render a subject with an expression as pictures on the web show it.

    Parameters
    ----------
    part : Part
        Whom.
    expression : str
        One of `facemotion.expressions.EXPRESSIONS`, or neutral.
    later : int
        Added to the seed of the person, so that nobody of the laboratory renderings, or of another dataset's, appears.
    """
    settings, person = part.settings, later + part.seed
    return wild_face(
        person,
        None if expression == NEUTRAL else expression,
        size=settings.size,
        intensity=settings.intensity,
        seed=settings.seed,
        glasses=wears(person, settings.glasses),
    )


def square(frame: Frame, side: int) -> Pixels:
    """Return the face of a frame as mirrors cut it, a square of the head's size, uint8 RGB of shape (side, side, 3)."""
    eyes, mouth = frame.landmarks[:2].mean(axis=0), frame.landmarks[3:].mean(axis=0)
    reach = 1.5 * float(np.hypot(*(mouth - eyes)))
    scale = side / (2 * reach)
    middle = (eyes + mouth) / 2
    matrix = np.array([[scale, 0, side / 2 - scale * middle[0]], [0, scale, side / 2 - scale * middle[1]]])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.warpAffine(frame.image, matrix, (side, side), flags=how, borderMode=cv2.BORDER_REPLICATE).astype(
        np.uint8
    )


def save(path: Path, image: Pixels, *, gray: bool = False) -> None:
    """Write a picture, RGB, in the format of its suffix, as a JPEG of quality 94."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if gray else np.ascontiguousarray(image[..., ::-1])
    options = [cv2.IMWRITE_JPEG_QUALITY, 94] if path.suffix.lower() in (".jpg", ".jpeg") else []
    good, data = cv2.imencode(path.suffix.lower(), values, options)
    if not good:
        raise OSError(f"OpenCV cannot write {path.suffix} files here")
    path.write_bytes(data.tobytes())
