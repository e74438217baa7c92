"""RetinaFace (Deng et al., 2020) with MobileNet-0.25: one network that sees faces of all sizes in one look.

The network looks at a small copy of the frame; its boxes, scores and points are given relative to anchors, two squares
at each cell of three grids. Its points are rough, so MTCNN's output network looks again at the full frame, upright and
mirrored, see `facemotion.landmarks._upright`. Frames in which nothing is found are tried again in other ways.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from facemotion.errors import Status
from facemotion.landmarks import _runtime
from facemotion.landmarks._cascade import output_of, suppress
from facemotion.landmarks._lockstep import AT_ONCE, Lockstep
from facemotion.landmarks._region import surroundings
from facemotion.landmarks._stretch import stretched
from facemotion.landmarks._turns import in_other_turns, with_contrast
from facemotion.landmarks._upright import steadied
from facemotion.landmarks.faces import Face, Failure, LandmarkSource, Region

__all__ = ["LOOKS", "Look", "Retinaface"]

ANCHORS = {8: (16, 32), 16: (64, 128), 32: (256, 512)}
"""Sides of the squares at each cell, by stride, in pixels of the copy."""
VARIANCES = (0.1, 0.2)
"""Scale of what the network says about centres and points, and about sides."""
MEAN = np.array([104, 117, 123], np.float32)
"""Blue, green, red: what the copy is centred on."""
OVERLAP = 0.4
"""Boxes that overlap a better one by more than this share of their union are dropped."""
ENOUGH = 0.99
"""A face of which the network is less sure must be seen by MTCNN's output network too: it has false alarms."""
DIM = 128
"""Windows whose levels span less than this are stretched for the output network, which places points worse on dim ones:
at a quarter of the light the error falls from 0.085 to 0.055 of the eye distance."""
LEAST_SIDE = 12
"""A picture with a shorter side than this holds no face that could be aligned."""


@dataclass(frozen=True)
class Look:
    """One way to look at a frame.

    Attributes
    ----------
    larger : float
        Factor on the side of the copy.
    border : float
        Width of a black border, as a share of the longer side.
    stretch : bool
        Stretch the contrast first.
    """

    larger: float = 1.0
    border: float = 0.0
    stretch: bool = False


LOOKS = (Look(), Look(border=0.3), Look(stretch=True), Look(larger=2.0, stretch=True), Look(0.5, 0.3, True))
"""Mildest first; the first that finds a face ends the search."""


class Retinaface(LandmarkSource):
    """Landmark source ``retinaface``.

    Parameters
    ----------
    side : int
        Longer side, in pixels, of the copy of the frame that the network sees.
    least_score : float
        Least face probability.
    device : str
        ``cpu`` or ``cuda``.
    at_once : int, optional
        Pictures that are looked at together; by default as many as pay on the device.

    Raises
    ------
    EnvironmentProblem
        If a weight file is damaged, or CUDA is asked for and does not work.
    """

    name = "retinaface"
    absent = Failure(Status.NO_FACE, "no face was found")

    def __init__(self, *, side: int, least_score: float, device: str = "cpu", at_once: int | None = None) -> None:
        self.side, self.least_score = side, least_score
        self.least_side = side
        self.lockstep = Lockstep(at_once or AT_ONCE[device])
        self._boxes, points = (self.lockstep.joined(_runtime.shipped(name, device)) for name in ("retinaface", "onet"))
        self._output = functools.partial(output_of, points)

    def detect(
        self, image: NDArray[np.uint8], *, source: str = "", frame: int = 0, region: Region | None = None
    ) -> list[Face]:
        """Find faces; see `facemotion.landmarks.faces.LandmarkSource`. Source and frame play no part."""
        window, x, y = surroundings(image, region)
        if min(window.shape[:2]) < LEAST_SIDE:
            return []
        for look in LOOKS:
            faces = steadied(window, self._looked(window, look), self._points, enough=ENOUGH)
            if faces:
                return [face.shifted(x, y) for face in faces]
        return []

    def with_contrast(self, image: NDArray[np.uint8], face: Face) -> Face:
        """Look again with stretched contrast; see `facemotion.landmarks._turns.with_contrast`."""
        return with_contrast(image, face, self._output)

    def in_other_turns(self, image: NDArray[np.uint8], face: Face) -> list[Face]:
        """Read a face as if it lay; see `facemotion.landmarks._turns.in_other_turns`."""
        return in_other_turns(image, face, self._output)

    def _points(self, windows: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
        return self._output([stretched(window, below=DIM) for window in windows])

    def _looked(self, image: NDArray[np.uint8], look: Look) -> list[Face]:
        copy, scale = _fitted(image, round(self.side * look.larger / (1 + 2 * look.border)))
        border = round(look.border * max(copy.shape[:2]))
        seen = stretched(copy) if look.stretch else copy
        boxes, scores, points = self._network(seen, border)
        half = np.float32(0.5)  # from pixel edges to pixel centres
        return [
            Face(
                (boxes[at] - border) / np.tile(scale, 2) - half,
                float(scores[at]),
                ((points[at].reshape(5, 2) - border) / scale - half).astype(np.float32),
            )
            for at in suppress(boxes, scores, OVERLAP)
        ]

    def _network(
        self, copy: NDArray[np.uint8], border: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Return boxes (N, 4), face probabilities (N,) and points (N, 10), in pixels of the canvas, of likely faces."""
        height, width = (length + 2 * border for length in copy.shape[:2])
        batch = np.zeros((1, 3, -(-height // 32) * 32, -(-width // 32) * 32), np.float32)
        batch -= MEAN[:, None, None] if border else 0  # the border is black, what fills up to whole cells the mean
        inside = batch[0, :, border : border + copy.shape[0], border : border + copy.shape[1]]
        inside[:] = copy[:, :, ::-1].transpose(2, 0, 1)  # blue comes first
        inside -= MEAN[:, None, None]
        outputs: list[Any] = list(self._boxes.run(None, {"input": batch}))
        raw_boxes, confidence, raw_points = (each[0] for each in outputs)
        likely = np.flatnonzero(confidence[:, 1] > self.least_score)
        raw_boxes, confidence, raw_points = (each[likely] for each in (raw_boxes, confidence, raw_points))
        centres, sides = (each[likely] for each in _anchors(batch.shape[2], batch.shape[3]))
        middle = centres + raw_boxes[:, :2] * VARIANCES[0] * sides
        reach = sides * np.exp(raw_boxes[:, 2:] * VARIANCES[1]) / 2
        points = np.tile(centres, 5) + raw_points * VARIANCES[0] * np.tile(sides, 5)
        return np.concatenate([middle - reach, middle + reach], axis=1), confidence[:, 1], points


@functools.lru_cache(maxsize=64)
def _anchors(height: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return centres (x, y) and sides of all anchors, two arrays of shape (N, 2), in the order of the network."""
    centres: list[NDArray[Any]] = []
    sides: list[NDArray[Any]] = []
    for stride, sizes in ANCHORS.items():
        rows, columns = np.indices((height // stride, width // stride))
        cells = (np.stack([columns.ravel(), rows.ravel()], axis=1) + 0.5) * stride
        centres.append(np.repeat(cells, len(sizes), axis=0))
        sides.append(np.tile(np.repeat(np.array(sizes, np.float64), 2).reshape(-1, 2), (len(cells), 1)))
    return np.concatenate(centres).astype(np.float32), np.concatenate(sides).astype(np.float32)


def _fitted(image: NDArray[np.uint8], side: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return a copy whose longer side is `side`, and its pixels per pixel, (x, y)."""
    height, width = image.shape[:2]
    factor = side / max(height, width)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    copy = cv2.resize(image, size, interpolation=method)
    return copy, np.array([size[0] / width, size[1] / height], np.float32)  # type: ignore[return-value]
