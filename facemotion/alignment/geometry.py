"""Template, similarity, crop window and the id of an alignment; how they are applied is `facemotion.geometry`.

Coordinates are (x, y) with pixel centres at whole numbers; sizes are (height, width). The aligned face and the crop
are two warps of the source with one similarity, so that a crop that leaves the aligned face still holds real pixels.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from facemotion.alignment.settings import AlignSettings
from facemotion.errors import AlignmentError, Status
from facemotion.geometry import RESAMPLING, Matrix, apply, fitted
from facemotion.landmarks.faces import Failure
from facemotion.workspace import digest_json

__all__ = ["NOSE", "TEMPLATE", "alignment_id", "crop_matrix", "estimate_similarity", "template_for", "whole_matrix"]

TEMPLATE = np.array(
    [
        [30.2946, 51.6963],
        [65.5318, 51.5014],
        [48.0252, 71.7366],
        [33.5493, 92.3655],
        [62.7299, 92.2041],
    ]
)
"""Where the five points come to lie in an aligned face 112 pixels high and 96 wide (SphereFace's aligner; the same
points with x + 8 are insightface's for 112x112)."""

TEMPLATE_SIZE = (112, 96)
NOSE = 2
FITS = {"five-points": (0, 1, 2, 3, 4), "eyes-nose": (0, 1, 2)}

MIN_EYE_DISTANCE = 4.0
"""Pixels between the eyes in the source; below, an aligned face would be invented."""
MAX_RESIDUAL = 0.4
"""Largest root mean square distance between warped points and template, as a share of the template's eye distance;
a head turned by 45 degrees has about 0.2, by 75 degrees 0.4, five random points mostly more."""


def template_for(face_size: tuple[int, int]) -> Matrix:
    """Return the template for another size of aligned face, float64 of shape (5, 2).

    It is scaled as far as both sides allow, about the middle of the picture.

    Parameters
    ----------
    face_size : tuple of int
        (height, width).
    """
    old, new = np.array(TEMPLATE_SIZE[::-1], float), np.array(face_size[::-1], float)
    return (TEMPLATE - (old - 1) / 2) * (new / old).min() + (new - 1) / 2


def estimate_similarity(
    landmarks: ArrayLike, template: ArrayLike, fit: str = "five-points", *, turn: int = 0
) -> Matrix | Failure:
    """Fit the similarity (rotation, uniform scale, translation) that takes landmarks to the template.

    Least squares by `facemotion.geometry.fitted` (Umeyama, 1991); reflections are impossible.

    Parameters
    ----------
    landmarks, template : array_like of shape (5, 2)
        Points in the source and in the aligned face.
    fit : {"five-points", "eyes-nose"}
        The points that the fit uses.
    turn : int
        Clockwise degrees by which the picture must be turned for the face to stand, as far as that is known.

    Returns
    -------
    float64 array of shape (2, 3), or Failure
        Maps source to aligned coordinates. A failure has status ``degenerate_landmarks``: points are missing or
        coincide, eyes are too close, the face is mirrored or upside down, or the points are no face.

    Raises
    ------
    AlignmentError
        If shapes or `fit` are wrong.
    """
    points, target = np.asarray(landmarks, np.float64), np.asarray(template, np.float64)
    if points.shape != (5, 2) or target.shape != (5, 2):
        raise AlignmentError(f"landmarks {points.shape} and template {target.shape} must both have shape (5, 2)")
    if fit not in FITS:
        raise AlignmentError(f"unknown fit {fit!r}: expected one of {', '.join(FITS)}")
    if problem := _problem(points):
        return Failure(Status.DEGENERATE_LANDMARKS, problem)
    used = list(FITS[fit])
    matrix = fitted(points[used], target[used])
    if matrix is None or not np.isfinite(matrix).all():
        return Failure(Status.DEGENERATE_LANDMARKS, "no similarity takes the landmarks to the template")
    if abs(math.remainder(math.atan2(matrix[1, 0], matrix[0, 0]) - math.radians(turn), math.tau)) > math.pi / 2:
        return Failure(Status.DEGENERATE_LANDMARKS, "the face is upside down")
    distance = np.hypot(*(apply(matrix, points[used]) - target[used]).T)
    residual = math.sqrt(float((distance**2).mean())) / float(np.hypot(*(target[1] - target[0])))
    if residual > MAX_RESIDUAL:
        message = f"the landmarks are not those of a face: {residual:.0%} of the eye distance off the template"
        return Failure(Status.DEGENERATE_LANDMARKS, message)
    return matrix


def _problem(points: Matrix) -> str:
    """Say what makes five points useless, or nothing."""
    if not np.isfinite(points).all():
        return "a landmark is not a number"
    eyes = points[1] - points[0]
    distance = float(np.hypot(*eyes))
    if distance < MIN_EYE_DISTANCE:
        return f"the eyes are {distance:.1f} pixels apart; at least {MIN_EYE_DISTANCE:g} are needed"
    down = points[3:].mean(axis=0) - points[:2].mean(axis=0)
    if eyes[0] * down[1] - eyes[1] * down[0] <= 0:
        return "the face is mirrored: the image-left eye and mouth corner must come first"
    return ""


def crop_matrix(similarity: ArrayLike, centre: ArrayLike, crop_size: tuple[int, int]) -> Matrix:
    """Return the matrix that warps the source straight into the crop.

    It is the similarity followed by the translation that takes `centre` to the middle of the crop, which is
    ((width - 1) / 2, (height - 1) / 2): 34.5, 34.5 for 70x70. Nothing is rounded.

    Parameters
    ----------
    similarity : array_like of shape (2, 3)
        Source -> aligned.
    centre : array_like of shape (2,)
        A point of the aligned face, (x, y): the warped nose, or the template's.
    crop_size : tuple of int
        (height, width).

    Returns
    -------
    float64 array of shape (2, 3)
        Source -> crop.
    """
    matrix = np.array(similarity, np.float64)
    matrix[:, 2] += (np.array(crop_size[::-1]) - 1) / 2 - np.asarray(centre, np.float64)
    return matrix


def whole_matrix(box: ArrayLike, crop_size: tuple[int, int]) -> Matrix:
    """Return the matrix that takes a box to the crop, as large as it fits, in the middle: what is cropped already.

    Parameters
    ----------
    box : array_like of shape (4,)
        x1, y1, x2, y2: the outer edges of its pixels, so that a picture of 48x48 is 0, 0, 48, 48.
    crop_size : tuple of int
        (height, width).

    Returns
    -------
    float64 array of shape (2, 3)
        Source -> crop.
    """
    low, high = np.asarray(box, np.float64).reshape(2, 2)
    scale = float((np.array(crop_size[::-1]) / (high - low)).min())
    shift = (np.array(crop_size[::-1]) - 1) / 2 - scale * ((low + high - 1) / 2)
    return np.array([[scale, 0.0, shift[0]], [0.0, scale, shift[1]]])


def alignment_id(settings: AlignSettings) -> str:
    """Return 16 hexadecimal digits that stand for everything that shapes a crop.

    Two datasets may share priors if their ids agree: same template, sizes, fit, crop centre, landmark source (with its
    model, where the user brings one) and resampling. What only says where to find a face (its least size, a table's
    content), how large pictures are decoded, which hardly shows, or how work is cut plays no part.
    """
    content: dict[str, Any] = {
        "template": TEMPLATE.tolist(),
        "face_size": list(settings.face_size),
        "crop_size": list(settings.crop_size),
        "crop_centre": settings.crop_centre,
        "fit": settings.fit,
        "landmarks": settings.landmarks.identity,
        "resampling": RESAMPLING,
    }
    return digest_json(content)[:16]
