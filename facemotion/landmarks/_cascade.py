"""The three networks of MTCNN (Zhang et al., 2016) as a numpy pipeline around onnxruntime.

The proposal network slides over a pyramid, the refinement network filters its windows, the output network gives boxes
and points. As in the original, a window that leaves the picture is filled up with zeros; stretching it to a square
instead, as some ports do, ruins close-ups. Inside this file boxes are x1, y1, x2, y2 of pixel edges: a window of
`n` pixels from pixel `i` on is [i, i + n).
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from facemotion.landmarks import _runtime
from facemotion.landmarks._lockstep import Lockstep, Session
from facemotion.landmarks._upright import steadied
from facemotion.landmarks.faces import Face

__all__ = ["THRESHOLDS", "WORKING", "Cascade", "cut", "output_of", "shrunk", "squares", "suppress"]

THRESHOLDS = (0.6, 0.7, 0.7)
"""Least face probability after each network, as in the paper's code."""

CELL, STRIDE, FACTOR = 12, 2, 0.709
"""Receptive field and stride of the proposal network; ratio of neighbouring pyramid levels."""
WORKING = 48
"""The picture is first shrunk by the whole number that leaves the smallest face this many pixels or more; the output
network's windows come from the full picture."""

Boxes = NDArray[np.float32]


class Cascade:
    """MTCNN's three sessions; call it with a picture.

    Parameters
    ----------
    device : str
        ``cpu`` or ``cuda``.
    lockstep : Lockstep
        Joins what several pictures ask of them.

    Raises
    ------
    EnvironmentProblem
        If a weight file is damaged, or CUDA is asked for and does not work.
    """

    def __init__(self, device: str, lockstep: Lockstep) -> None:
        self._pnet, self._rnet, self._onet = (
            lockstep.joined(_runtime.shipped(name, device)) for name in ("pnet", "rnet", "onet")
        )

    def __call__(
        self, image: NDArray[np.uint8], *, min_face: float, thresholds: Sequence[float] = THRESHOLDS
    ) -> list[Face]:
        """Find faces.

        Parameters
        ----------
        image : uint8 array of shape (H, W, 3)
            RGB.
        min_face : float
            Side of the smallest face, in pixels.
        thresholds : sequence of 3 floats
            Least probability after each network.

        Returns
        -------
        list of Face
            Best score first.
        """
        if min(image.shape[:2]) < min_face:
            return []
        shrink = max(1, int(min_face / WORKING))
        working = shrunk(image, shrink)
        boxes = self._propose(working, CELL / (min_face / shrink), thresholds[0])
        boxes = self._refine(working, boxes, thresholds[1])
        return self._output(image, boxes * shrink, thresholds[2])

    def output(self, windows: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
        """Run the output network on windows of 48x48 pixels; see `facemotion.landmarks._upright.steadied`."""
        return output_of(self._onet, windows)

    def _propose(self, image: NDArray[np.uint8], scale: float, threshold: float) -> Boxes:
        height, width = image.shape[:2]
        boxes: list[Boxes] = []
        scores: list[NDArray[np.float32]] = []
        level = image
        while min(height, width) * scale >= CELL:
            level = _resized(level, max(CELL, round(width * scale)), max(CELL, round(height * scale)))
            regression, probability = output_of(self._pnet, [level])
            x, y = np.nonzero(probability[0, :, :, 1] > threshold)  # the maps come as (width, height)
            if len(x):
                corner = np.stack([x, y], axis=1).astype(np.float32) * STRIDE
                per_pixel = np.array([width / level.shape[1], height / level.shape[0]], np.float32)
                found = np.concatenate([corner, corner + CELL], axis=1) * np.tile(per_pixel, 2)
                score = probability[0, x, y, 1]
                keep = suppress(found, score, 0.5)
                boxes.append(_adjusted(found[keep], regression[0, x[keep], y[keep]]))
                scores.append(score[keep])
            scale *= FACTOR
        if not boxes:
            return np.empty((0, 4), np.float32)
        merged = np.concatenate(boxes)
        return merged[suppress(merged, np.concatenate(scores), 0.7)]

    def _refine(self, image: NDArray[np.uint8], boxes: Boxes, threshold: float) -> Boxes:
        windows = squares(boxes)
        if not len(windows):
            return boxes
        regression, probability = output_of(self._rnet, [cut(image, w, 24) for w in windows])
        passed = probability[:, 1] > threshold
        kept = windows[passed].astype(np.float32)
        # The paper's code has 0.7 here, which sends several windows of one face to the costliest network.
        keep = suppress(kept, probability[passed, 1], 0.5)
        return _adjusted(kept[keep], regression[passed][keep])

    def _output(self, image: NDArray[np.uint8], boxes: Boxes, threshold: float) -> list[Face]:
        windows = squares(boxes)
        if not len(windows):
            return []
        regression, points, probability = output_of(self._onet, [cut(image, w, 48) for w in windows])
        passed = probability[:, 1] > threshold
        kept, score = windows[passed].astype(np.float32), probability[passed, 1]
        side = kept[:, 2:3] - kept[:, 0:1]
        x = kept[:, 0:1] + points[passed, :5] * side
        y = kept[:, 1:2] + points[passed, 5:] * side
        landmarks = np.stack([x, y], axis=2).astype(np.float32)
        final = _adjusted(kept, regression[passed])
        keep = suppress(final, score, 0.7, of_smaller=True)
        half = np.float32(0.5)  # from pixel edges to pixel centres
        faces = [Face(final[i] - half, float(score[i]), landmarks[i]) for i in keep]
        return steadied(image, faces, self.output)


def suppress(boxes: Boxes, scores: NDArray[np.float32], limit: float, *, of_smaller: bool = False) -> NDArray[np.intp]:
    """Return the indices of the boxes that survive greedy non-maximum suppression, best score first.

    Parameters
    ----------
    boxes : float array of shape (N, 4)
        x1, y1, x2, y2 of edges.
    scores : float array of shape (N,)
        Equal scores keep their order.
    limit : float
        Boxes that overlap a better one by more than this are dropped.
    of_smaller : bool
        Measure overlap as a share of the smaller box instead of the union.
    """
    order = np.argsort(-scores, kind="stable")
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept: list[int] = []
    while len(order) > 1:
        best, rest = order[0], order[1:]
        kept.append(int(best))
        others = boxes[rest]
        sides = np.minimum(boxes[best, 2:], others[:, 2:]) - np.maximum(boxes[best, :2], others[:, :2])
        np.maximum(sides, 0, out=sides)
        shared = sides[:, 0] * sides[:, 1]
        whole = np.minimum(area[best], area[rest]) if of_smaller else area[best] + area[rest] - shared
        order = rest[shared <= limit * whole]
    return np.array([*kept, *order], dtype=np.intp)


def _adjusted(boxes: Boxes, regression: Boxes) -> Boxes:
    sides = boxes[:, 2:] - boxes[:, :2]
    return (boxes + regression * np.tile(sides, 2)).astype(np.float32)


def squares(boxes: Boxes) -> NDArray[np.int64]:
    """Return the smallest square around each box, in whole pixels."""
    side = np.maximum(np.rint((boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0)), 1)
    corner = np.rint((boxes[:, :2] + boxes[:, 2:] - side[:, None]) / 2)
    return np.concatenate([corner, corner + side[:, None]], axis=1).astype(np.int64)


def cut(image: NDArray[np.uint8], window: NDArray[np.int64], size: int) -> NDArray[np.uint8]:
    """Cut a square window, zeros outside the picture, and resize it to (size, size)."""
    height, width = image.shape[:2]
    x1, y1, x2, y2 = window.tolist()
    inside: Any = image[max(y1, 0) : max(y2, 0), max(x1, 0) : max(x2, 0)]
    if inside.shape[:2] != (y2 - y1, x2 - x1):
        if inside.size == 0:
            return np.zeros((size, size, 3), np.uint8)
        edges = (max(-y1, 0), max(y2 - height, 0), max(-x1, 0), max(x2 - width, 0))
        inside = cv2.copyMakeBorder(inside, *edges, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    return _resized(inside, size, size)


def shrunk(image: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Average blocks of factor x factor pixels; up to factor - 1 columns and rows at the far edges are left out."""
    height, width = image.shape[0] // factor, image.shape[1] // factor
    return image if factor == 1 else _resized(image[: height * factor, : width * factor], width, height)


def _resized(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    shrinks = image.shape[0] >= height and image.shape[1] >= width
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(image, (width, height), interpolation=method)  # type: ignore[return-value]


def output_of(session: Session, images: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
    """Run a network on pictures of one size, scaled to about [-1, 1]; these networks take width before height."""
    batch = np.empty((len(images), images[0].shape[1], images[0].shape[0], 3), np.float32)
    for place, image in zip(batch, images, strict=True):
        place[:] = image.transpose(1, 0, 2)
    batch -= 127.5
    batch *= 1 / 128
    return session.run(None, {session.get_inputs()[0].name: batch})
