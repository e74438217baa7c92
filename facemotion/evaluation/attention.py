"""How well where a network looks agrees with where faces move, and whether what it looks at is what it goes by.

Pure functions on arrays. Deletion and insertion follow Petsiuk et al. 2018 (RISE, arXiv 1806.07421): pixels of a face
are taken away, or given back, in the order of a map, and the probability of its class is followed. What is taken away
is blurred in both cases, so that a network sees no edges that no face has.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

__all__ = ["area_under", "blurred", "centred_cosine", "follow", "mean_map", "partly", "random_maps"]

Floats = NDArray[np.floating]
BLUR = 0.1
"""Deviation of the blur, as a share of a face's side."""


def centred_cosine(maps: Floats, priors: Floats) -> NDArray[np.float64]:
    """Return the cosine between maps and priors after the mean of each is taken away; in [-1, 1].

    Parameters
    ----------
    maps, priors : float arrays of shape (n, h, w)

    Returns
    -------
    float64 array of shape (n,)
        0 where a map or a prior is the same everywhere.
    """
    own, other = (np.asarray(values, np.float64).reshape(len(values), -1) for values in (maps, priors))
    own, other = own - own.mean(axis=1, keepdims=True), other - other.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(own, axis=1) * np.linalg.norm(other, axis=1)
    return np.divide((own * other).sum(axis=1), lengths, out=np.zeros(len(own)), where=lengths > 1e-12)


def blurred(faces: Floats) -> NDArray[np.float32]:
    """Return faces of shape (n, C, S, S), blurred by `BLUR` of their side."""
    wide = BLUR * faces.shape[-1]
    found = gaussian_filter(np.asarray(faces, np.float32), (0, 0, wide, wide), mode="nearest")
    return np.asarray(found, np.float32)


def partly(faces: Floats, others: Floats, maps: Floats, share: float) -> NDArray[np.float32]:
    """Return faces in which the share of pixels with the largest values of a map comes from other pictures.

    Parameters
    ----------
    faces, others : float arrays of shape (n, C, S, S)
    maps : float array of shape (n, S, S)
        Ties go by place, row by row.
    share : float
        In [0, 1].
    """
    number, _, height, width = faces.shape
    order = np.argsort(-np.asarray(maps, np.float64).reshape(number, -1), axis=1, kind="stable")
    taken = np.zeros((number, height * width), bool)
    np.put_along_axis(taken, order[:, : round(share * height * width)], True, axis=1)
    return np.where(taken.reshape(number, 1, height, width), others, faces).astype(np.float32)


def follow(
    probability: Callable[[NDArray[np.float32]], Floats],
    faces: Floats,
    maps: Floats,
    *,
    insertion: bool,
    steps: int = 10,
) -> list[float]:
    """Follow the mean probability of faces' classes while pixels are taken away, or given back, in a map's order.

    Parameters
    ----------
    probability : callable
        Gives that of each face's class, of shape (n,), for faces of shape (n, C, S, S).
    faces : float array of shape (n, C, S, S)
    maps : float array of shape (n, S, S)
        The largest values come first.
    insertion : bool
        Give pixels back to blurred faces; else take them away from whole ones.
    steps : int
        The curve has one more point: from a share of 0 to 1, equally spaced.
    """
    far = blurred(faces)
    begin, end = (far, np.asarray(faces, np.float32)) if insertion else (faces, far)
    shares = [step / steps for step in range(steps + 1)]
    return [float(np.mean(probability(partly(begin, end, maps, share)))) for share in shares]


def area_under(curve: list[float]) -> float:
    """Return the area under equally spaced points from 0 to 1, by the trapezoid rule."""
    return float(np.trapezoid(curve, dx=1 / (len(curve) - 1)))


def random_maps(number: int, side: int, *, seed: int = 0) -> NDArray[np.float64]:
    """Return maps of shape (number, side, side) whose order means nothing: what the others are measured against."""
    return np.random.default_rng(seed).random((number, side, side))


def mean_map(maps: Floats) -> NDArray[np.float64]:
    """Return the mean of maps of shape (n, h, w), from its least (0) to its largest value (1); 0 where it is flat."""
    mean = np.asarray(maps, np.float64).mean(axis=0)
    low, high = float(mean.min()), float(mean.max())
    return (mean - low) / max(high - low, 1e-12)
