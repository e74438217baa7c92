"""Template, similarity, crop window and warp.

Coordinates are (x, y) with pixel centres at whole numbers; sizes are (height, width). The aligned face and the crop
are two warps of the source with one similarity, so that a crop that leaves the aligned face still holds real pixels.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facemotion.config import AlignSettings
from facemotion.errors import AlignmentError, Status
from facemotion.landmarks import Failure
from facemotion.workspace import digest_json

__all__ = ["TEMPLATE", "alignment_id", "apply", "crop_matrix", "estimate_similarity", "template_for", "warp"]

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
MAX_SAMPLES = 16
"""Samples a side that are averaged into one aligned pixel, at most."""
RESAMPLING = "area-of-bilinear-1"
"""Names how `warp` resamples; part of the alignment id."""

Matrix = NDArray[np.float64]


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


def apply(matrix: ArrayLike, points: ArrayLike) -> Matrix:
    """Map points of shape (N, 2) by a matrix of shape (2, 3)."""
    matrix, points = np.asarray(matrix, np.float64), np.asarray(points, np.float64)
    return points @ matrix[:, :2].T + matrix[:, 2]


def estimate_similarity(landmarks: ArrayLike, template: ArrayLike, fit: str = "five-points") -> Matrix | Failure:
    """Fit the similarity (rotation, uniform scale, translation) that takes landmarks to the template.

    Least squares by `skimage.transform.SimilarityTransform.from_estimate` (Umeyama, 1991); reflections are impossible.

    Parameters
    ----------
    landmarks, template : array_like of shape (5, 2)
        Points in the source and in the aligned face.
    fit : {"five-points", "eyes-nose"}
        The points that the fit uses.

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
    from skimage.transform import SimilarityTransform

    used = list(FITS[fit])
    found = SimilarityTransform.from_estimate(points[used], target[used])
    if not found:
        return Failure(Status.DEGENERATE_LANDMARKS, "no similarity takes the landmarks to the template")
    matrix = np.asarray(found.params, np.float64)[:2]
    if not np.isfinite(matrix).all():
        return Failure(Status.DEGENERATE_LANDMARKS, "no similarity takes the landmarks to the template")
    if abs(math.atan2(matrix[1, 0], matrix[0, 0])) > math.pi / 2:
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


def warp(image: NDArray[np.uint8], matrix: ArrayLike, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Warp a picture by a similarity without aliasing.

    Faces are usually 2 to 5 times larger in the source than aligned, where one bilinear sample a pixel would alias.
    So each output pixel is the mean of n x n bilinear samples spread over it, with n the source pixels per output
    pixel, rounded up (1 where the source is not larger, at most `MAX_SAMPLES`). What lies outside the source is
    black, as in the aligners of the face recognition field.

    Parameters
    ----------
    image : uint8 array of shape (H, W, 3)
        The source.
    matrix : array_like of shape (2, 3)
        Source -> output.
    size : tuple of int
        (height, width) of the output.

    Returns
    -------
    uint8 array of shape (height, width, 3)
    """
    import cv2

    matrix = np.asarray(matrix, np.float64)
    shrink = 1 / math.sqrt(abs(float(np.linalg.det(matrix[:, :2]))))
    samples = min(MAX_SAMPLES, max(1, math.ceil(shrink - 1e-3)))
    fine = matrix * samples
    fine[:, 2] += (samples - 1) / 2  # keeps pixel centres: output pixel u covers fine pixels n*u .. n*u + n - 1
    height, width = size
    warped = cv2.warpAffine(
        image,
        fine,
        (width * samples, height * samples),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(0, 0, 0),
    )
    if samples > 1:
        warped = cv2.resize(warped, (width, height), interpolation=cv2.INTER_AREA)
    return warped  # type: ignore[return-value]


def alignment_id(settings: AlignSettings) -> str:
    """Return 16 hexadecimal digits that stand for everything that shapes a crop.

    Two datasets may share priors if their ids agree: same template, sizes, fit, crop centre, landmark source (with its
    model, where the user brings one) and resampling. What only says where to find a face (its least size, a table's
    content) or how work is cut plays no part.
    """
    content: dict[str, Any] = {
        "template": TEMPLATE.tolist(),
        "face_size": list(settings.face_size),
        "crop_size": list(settings.crop_size),
        "crop_centre": settings.crop_centre,
        "fit": settings.fit,
        "landmarks": ":".join(filter(None, (settings.landmarks.source, settings.landmarks.model))),
        "resampling": RESAMPLING,
    }
    return digest_json(content)[:16]
