"""One face: a picture -> its aligned face and its crop, or why there are none."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facemotion import landmarks
from facemotion.alignment.geometry import NOSE, crop_matrix, estimate_similarity, template_for, whole_matrix
from facemotion.alignment.locating import locate
from facemotion.alignment.settings import AlignSettings
from facemotion.errors import AlignmentError, Status
from facemotion.geometry import Matrix, apply, warp
from facemotion.landmarks.faces import Face, Failure, LandmarkSource, Region

__all__ = ["Aligned", "align_face", "align_image", "locate"]

Pixels = NDArray[np.uint8]

_EDGE = 4
"""Pixels by which the edge of a given crop is continued."""
_MOST_OUTSIDE = 2
"""Points that may lie outside the picture, as those of a face at its border do."""


@dataclass(frozen=True, eq=False)
class Aligned:
    """A face that was located and warped.

    Attributes
    ----------
    face : uint8 array of shape (height, width, 3)
        The aligned face, RGB; 112x96 by default.
    crop : uint8 array of shape (height, width, 3)
        The crop, RGB; 70x70 with the nose at its centre by default.
    similarity : float64 array of shape (2, 3)
        Takes (x, y) of the picture to (x, y) of the aligned face.
    located : Face
        Box, score and the five points in the picture.
    """

    face: Pixels
    crop: Pixels
    similarity: Matrix
    located: Face

    @property
    def landmarks(self) -> NDArray[np.float32]:
        """The five points in the picture, float32 of shape (5, 2), (x, y) in pixels."""
        return self.located.landmarks


def align_image(
    image: Pixels,
    *,
    settings: AlignSettings | None = None,
    source: LandmarkSource | None = None,
    region: Region | None = None,
) -> Aligned | Failure:
    """Locate the face of a picture and warp it, as the stage ``align`` does with each frame that it decodes in full.

    Parameters
    ----------
    image : uint8 array of shape (H, W, 3)
        RGB, upright.
    settings : AlignSettings, optional
        How to align; the paper's way by default.
    source : LandmarkSource, optional
        Finds the five points; by default the one of the settings or, where that is a table, the default source.
    region : tuple of 4 floats, optional
        x, y, width, height in pixels of the place where the face is.

    Returns
    -------
    Aligned or Failure
        A failure is false in a condition, and has a status and a message.

    Raises
    ------
    AlignmentError
        If `image` is no such array.
    ConfigError, EnvironmentProblem
        From `facemotion.landmarks.create`.
    """
    image = np.asarray(image)
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise AlignmentError(
            f"a picture is a uint8 array of shape (H, W, 3) in RGB, not {image.dtype} {image.shape}; convert it"
        )
    chosen = settings or AlignSettings()
    used = source or landmarks.shared(chosen.landmarks.for_new_pictures())
    _, face = locate(image, used, region=region)
    return face if isinstance(face, Failure) else align_face(image, face, chosen)


def align_face(image: Pixels, face: Face, settings: AlignSettings, *, factor: int = 1) -> Aligned | Failure:
    """Warp a located face.

    Parameters
    ----------
    image : uint8 array of shape (H, W, 3)
        RGB, upright.
    face : Face
        Where the five points are, in pixels of the whole picture.
    settings : AlignSettings
        How to align.
    factor : int
        By how much the picture was reduced when it was decoded; see `facemotion.alignment.reduction`.

    Returns
    -------
    Aligned or Failure
        A failure has status ``degenerate_landmarks``.
    """
    if face.is_crop:
        return _as_given(image, face, settings)
    height, width = (length * factor for length in image.shape[:2])
    outside = int(np.any((face.landmarks < 0) | (face.landmarks > (width, height)), axis=1).sum())
    if outside > _MOST_OUTSIDE:
        where = f"{outside} of its five points lie outside the picture ({width}x{height} pixels)"
        return Failure(Status.DEGENERATE_LANDMARKS, f"{where}; are they of a picture of another size?")
    template = template_for(settings.face_size)
    similarity = estimate_similarity(face.landmarks, template, settings.fit, turn=face.turn)
    if isinstance(similarity, Failure):
        return similarity
    nose = template[NOSE] if settings.crop_centre == "template" else apply(similarity, face.landmarks)[NOSE]
    small = similarity.copy()
    if factor > 1:
        small[:, 2] += (
            similarity[:, :2].sum(axis=1) * (factor - 1) / 2
        )  # of pixel centres: x = factor * (x' + 1/2) - 1/2
        small[:, :2] *= factor
    crop = warp(image, crop_matrix(small, nose, settings.crop_size), settings.crop_size)
    return Aligned(warp(image, small, settings.face_size), crop, similarity, face)


def _as_given(image: Pixels, face: Face, settings: AlignSettings) -> Aligned:
    """Return a crop as it is given, scaled to size; its edge pixels are continued, so that no black gets into them."""
    matrix = whole_matrix(face.box, settings.crop_size)
    similarity = matrix.copy()
    similarity[:, 2] += template_for(settings.face_size)[NOSE] - (np.array(settings.crop_size[::-1]) - 1) / 2
    wider = np.pad(image, ((_EDGE, _EDGE), (_EDGE, _EDGE), (0, 0)), mode="edge")
    faces = []
    for each, size in ((similarity, settings.face_size), (matrix, settings.crop_size)):
        shifted = each.copy()
        shifted[:, 2] -= each[:, :2] @ [_EDGE, _EDGE]
        faces.append(warp(wider, shifted, size))
    return Aligned(faces[0], faces[1], similarity, face)


align = align_image
"""As `facemotion.align`."""
