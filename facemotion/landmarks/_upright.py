"""Steadier points: look again at each face, upright and mirrored.

MTCNN's points depend on how its last window happens to lie: moving a picture by a few pixels, or turning the head,
moves them by 2 to 5 % of the eye distance, which motion priors, being differences of aligned faces, would show as
motion. So the output network looks again, twice, at a window that is laid by the points themselves, turned upright and
of a fixed size relative to the face; the second time at its mirror image too, and the mean of both counts. Measured on
two photographs shifted, scaled and turned, the points' scatter falls from 0.7 to 5 % of the eye distance to 0.1 to
0.5 %.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facemotion.geometry import apply
from facemotion.landmarks._stretch import stretched
from facemotion.landmarks._windows import back, framed
from facemotion.landmarks.faces import Face

__all__ = ["SIDE", "Network", "laid", "looked_again", "steadied"]

SIDE = 48
REACH = 1.36
"""Side of the window as a multiple of eye distance plus distance from eyes to mouth: what MTCNN's own boxes have."""
RISE = 0.053
"""How far the window's centre lies above the mean of the points, as a share of its side."""
LEAST = 0.5
"""A face is left as it was if the network no longer sees one in the upright window."""
MIRRORED = [1, 0, 2, 4, 3]

Network = Callable[[Sequence[NDArray[np.uint8]]], list[NDArray[np.float32]]]


def steadied(image: NDArray[np.uint8], faces: Sequence[Face], network: Network, *, enough: float = 0.0) -> list[Face]:
    """Return the faces with steadier points, and how sure the second look is of them; boxes and scores stay.

    Parameters
    ----------
    image : uint8 array of shape (H, W, 3)
        RGB.
    faces : sequence of Face
        What the cascade found.
    network : callable
        The output network: pictures of 48x48 pixels -> box regression, points (N, 10), probabilities (N, 2).
    enough : float
        A face with a lower score is dropped if the network sees none in its upright window.
    """
    if not faces:
        return []
    nearer = looked_again(image, faces, network, enough=enough, mirror=False)
    return looked_again(image, nearer, network, mirror=True) if nearer else []


def looked_again(
    image: NDArray[np.uint8],
    faces: Sequence[Face],
    network: Network,
    *,
    mirror: bool,
    enough: float = 0.0,
    contrast: bool = False,
) -> list[Face]:
    """Look at faces in upright windows, with `mirror` at the mirror images too; a part of `steadied`."""
    matrices = [_window(face.landmarks) for face in faces]
    pictures = [framed(image, matrix, SIDE) for matrix in matrices]
    if contrast:
        pictures = [stretched(picture) for picture in pictures]
    if mirror:
        pictures += [np.ascontiguousarray(picture[:, ::-1]) for picture in pictures]
    _, points, probability = network(pictures)
    shares = points.reshape(-1, 2, 5).transpose(0, 2, 1).astype(np.float64)
    seen, differences = probability[:, 1], [0.0] * len(faces)
    if mirror:
        plain, mirrored = np.split(shares, 2)
        mirrored = mirrored[:, MIRRORED] * [-1, 1] + [1, 0]
        differences = [_distance(*pair) for pair in zip(plain, mirrored, strict=True)]
        shares = (plain + mirrored) / 2
        seen = np.minimum(*np.split(seen, 2))
    found = shares * SIDE - 0.5  # shares of the window -> pixel centres
    return [
        replace(
            face,
            landmarks=back(matrix, where) if sure >= LEAST else face.landmarks,
            sure=float(sure),
            drift=apart + _distance(apply(matrix, face.landmarks), where) / SIDE if mirror else 0.0,
        )
        for face, matrix, where, sure, apart in zip(faces, matrices, found, seen, differences, strict=True)
        if sure >= LEAST or face.score >= enough
    ]


def _distance(points: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    """Return the mean distance of points (..., 5, 2) from others."""
    apart = points - others
    return float(np.sqrt((apart * apart).sum(axis=-1)).mean())


def _window(landmarks: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the matrix of shape (2, 3) that takes the picture to the upright window around five points."""
    points = landmarks.astype(np.float64)
    eyes = points[1] - points[0]
    down = points[3:].mean(axis=0) - points[:2].mean(axis=0)
    across, along = max(float(np.hypot(*eyes)), 1e-3), max(float(np.hypot(*down)), 1e-3)
    x, y = eyes / across + np.array([down[1], -down[0]]) / along  # both say where the face's right is
    angle = math.atan2(y, x)
    side = REACH * (across + along)
    centre = points.mean(axis=0) + RISE * side * np.array([math.sin(angle), -math.cos(angle)])
    return laid(centre, side, angle)


def laid(centre: NDArray[np.float64], side: float, angle: float) -> NDArray[np.float64]:
    """Return the matrix of shape (2, 3) that takes the picture to a window, whose right lies by `angle` (radians)."""
    cosine, sine = math.cos(angle), math.sin(angle)
    turn = SIDE / side * np.array([[cosine, sine], [-sine, cosine]])
    return np.column_stack([turn, (SIDE - 1) / 2 - turn @ centre])
