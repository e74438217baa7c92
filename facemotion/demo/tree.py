"""What the layouts of single pictures share: a tree is written subject by subject, then marked with ``demo.json``."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

import facemotion
from facemotion import execution
from facemotion.config import DemoSettings
from facemotion.demo.glasses import wears
from facemotion.demo.layout_ckplus import NOTICE
from facemotion.demo.sequence import Frame, lab_sequence
from facemotion.progress import Progress, silent
from facemotion.workspace import atomic_path, write_json

__all__ = ["Part", "Work", "posed", "save", "square", "write_tree"]

Pixels = NDArray[np.uint8]
_ASPECT = 640 / 490
"""Width over height of the laboratory's pictures."""


class Work(NamedTuple):
    """What renders the subjects: how many processes, all processors by default; which executor; what shows it."""

    workers: int | None = None
    executor: str = "local"
    progress: Progress = silent


class Part(NamedTuple):
    """What one process writes."""

    root: Path
    number: int
    """The subject's, from 0."""
    settings: DemoSettings

    @property
    def seed(self) -> int:
        """The person; see `facemotion.demo.identity.build_subject`."""
        return self.settings.seed * 1000 + self.number


def write_tree(
    out: Path,
    layout: str,
    settings: DemoSettings,
    *,
    subject: Callable[[Part], None],
    last: Callable[[Path], None],
    work: Work,
    clean: bool = False,
) -> None:
    """Write a tree of synthetic faces; an older one is replaced once the new one is complete.

    Parameters
    ----------
    out : Path
        The root.
    layout : str
        The layout's name.
    settings : DemoSettings
        What the faces are like.
    subject : callable
        Writes one subject's files; it runs in another process.
    last : callable
        Is called with the root once all subjects are there.
    work : Work
        What does it.
    clean : bool
        What `last` left out, for ``demo.json``.
    """
    with atomic_path(out) as temporary:
        temporary.mkdir(parents=True)
        parts = [Part(temporary, number, settings) for number in range(settings.subjects)]
        engine = execution.load(work.executor)
        done = engine.run(subject, parts, workers=work.workers or engine.processors(), paths=[temporary])
        for _ in work.progress(done, "rendering people", total=len(parts)):
            pass
        last(temporary)
        content = {
            "notice": NOTICE,
            "facemotion": facemotion.__version__,
            "layout": layout,
            "settings": settings.as_json(),
            "clean": clean,
        }
        write_json(temporary / "demo.json", content)


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
