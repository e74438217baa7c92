"""The three networks of MTCNN (Zhang et al., 2016) as a numpy pipeline around onnxruntime.

The proposal network slides over a pyramid, the refinement network filters its windows, the output network gives boxes
and points. As in the original, a window that leaves the picture is filled up with zeros; stretching it to a square
instead, as some ports do, ruins close-ups. Inside this file boxes are x1, y1, x2, y2 of pixel edges: a window of
`n` pixels from pixel `i` on is [i, i + n).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from facemotion.landmarks import _runtime
from facemotion.landmarks._lockstep import Lockstep, Session
from facemotion.landmarks._upright import SIDE, steadied
from facemotion.landmarks._windows import ENOUGH, blocks, cut, resized, shrunk, squares
from facemotion.landmarks.faces import Face

__all__ = ["THRESHOLDS", "WORKING", "Cascade", "output_of", "suppress"]

THRESHOLDS = (0.6, 0.7, 0.7)
"""Least face probability after each network, as in the paper's code."""

CELL, STRIDE, FACTOR = 12, 2, 0.709
"""Receptive field and stride of the proposal network; ratio of neighbouring pyramid levels."""
WORKING = 48
"""The picture is first shrunk by the whole number that leaves the smallest face this many pixels or more; the output
network's windows come from the full picture where they would have less than two pixels for one in that."""
BLOCK = 256
"""Boxes that are compared with each other at a time, so that memory does not grow with the square of their number."""
LATER = np.triu(np.ones((BLOCK, BLOCK), bool), 1)
"""Which boxes come after which: the better one drops the worse."""

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
        return self._output(image, boxes, thresholds[2], working, shrink)

    def output(self, windows: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
        """Run the output network on windows of 48x48 pixels; see `facemotion.landmarks._upright.steadied`."""
        return output_of(self._onet, windows)

    def _propose(self, image: NDArray[np.uint8], scale: float, threshold: float) -> Boxes:
        height, width = image.shape[:2]
        boxes: list[Boxes] = []
        scores: list[NDArray[np.float32]] = []
        level = shrunk(image, blocks(scale))
        while min(height, width) * scale >= CELL:
            level = resized(level, max(CELL, round(width * scale)), max(CELL, round(height * scale)))
            regression, probability = output_of(self._pnet, [level])
            x, y = np.nonzero(probability[0, :, :, 1] > threshold)  # the maps come as (width, height)
            if len(x):
                corner = np.stack([x, y], axis=1).astype(np.float32) * STRIDE
                per_pixel = np.array([width / level.shape[1], height / level.shape[0]], np.float32)
                found = np.concatenate([corner * per_pixel, (corner + CELL) * per_pixel], axis=1)
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

    def _output(
        self, image: NDArray[np.uint8], boxes: Boxes, threshold: float, working: NDArray[np.uint8], shrink: int
    ) -> list[Face]:
        """Return the faces in boxes of the working picture; a window is cut from it where it is large enough there."""
        if not len(boxes):
            return []
        coarse, fine = squares(boxes), squares(boxes * shrink)
        large = coarse[:, 2] - coarse[:, 0] >= ENOUGH * SIDE
        cuts = [
            cut(working, one, SIDE) if enough else cut(image, two, SIDE)
            for one, two, enough in zip(coarse, fine, large, strict=True)
        ]
        windows = np.where(large[:, None], coarse * shrink, fine)
        regression, points, probability = output_of(self._onet, cuts)
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
    kept = order[:0]
    for start in range(0, len(order), BLOCK):
        block = order[start : start + BLOCK]
        if start:
            block = block[~_overlap(boxes[kept], boxes[block], limit, of_smaller).any(axis=0)]
        drops = _overlap(boxes[block], boxes[block], limit, of_smaller) & LATER[: len(block), : len(block)]
        alive = ~drops.any(axis=0)
        while ((settled := ~drops[alive].any(axis=0)) != alive).any():  # along the chains of boxes, from the best on
            alive = settled
        kept = np.concatenate([kept, block[alive]])
    return kept


def _overlap(boxes: Boxes, others: Boxes, limit: float, of_smaller: bool) -> NDArray[np.bool_]:
    """Tell which of N boxes overlap which of M others by more than the limit: an array of shape (N, M)."""
    one, two = boxes.T[:, :, None], others.T[:, None]
    across = np.minimum(one[2], two[2]) - np.maximum(one[0], two[0])
    down = np.minimum(one[3], two[3]) - np.maximum(one[1], two[1])
    shared = np.maximum(across, 0) * np.maximum(down, 0)
    area, other = ((each[2] - each[0]) * (each[3] - each[1]) for each in (one, two))
    return shared > limit * (np.minimum(area, other) if of_smaller else area + other - shared)


def _adjusted(boxes: Boxes, regression: Boxes) -> Boxes:
    sides = boxes[:, 2:] - boxes[:, :2]
    return (boxes + regression * np.concatenate([sides, sides], axis=1)).astype(np.float32)


def output_of(session: Session, images: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
    """Run a network on pictures of one size, scaled to about [-1, 1]; these networks take width before height."""
    batch = np.empty((len(images), images[0].shape[1], images[0].shape[0], 3), np.float32)
    np.subtract(np.stack(images).transpose(0, 2, 1, 3), np.float32(127.5), out=batch)
    batch *= 1 / 128
    return session.run(None, {session.get_inputs()[0].name: batch})
