"""Which pixels of a crop really move: known for rendered faces, from the mesh alone.

The head is held still and posed neutral and at the peak of an expression. Both poses are brought into the crop by the
similarity of the neutral face's true landmarks, so that what the fit itself makes of the expression, the light, the
noise and the drift of the head play no part. A pixel moves if the surface seen there, in either pose, is displaced.
"""

import numpy as np
from numpy.typing import NDArray

from facemotion.alignment.geometry import crop_matrix, estimate_similarity, template_for
from facemotion.alignment.settings import AlignSettings
from facemotion.demo import camera
from facemotion.demo.expression import peak_weights
from facemotion.demo.identity import Subject, build_subject
from facemotion.demo.mesh import load_head
from facemotion.demo.render import marks, pose_vertices, visible_triangles
from facemotion.demo.scene import Pose, Scene
from facemotion.demo.triangles import rasterise
from facemotion.geometry import apply
from facemotion.landmarks.faces import Failure

__all__ = ["displacement", "moving_share"]

NOSE = 2
_PLACE = Scene(
    size=(490, 640),
    scale=150.0,
    distance=12.0,
    pose=Pose(320.0, 245.0, 0.0, 0.0, 0.0, (0.0, 0.0)),
    lights=(),
    ambient=np.zeros(3),
    exposure=1.0,
    background=np.zeros((1, 1, 3), np.float32),
)
"""A camera straight ahead; nothing is shaded."""


def displacement(
    subject: Subject, expression: str, settings: AlignSettings, *, intensity: float = 0.9
) -> NDArray[np.float32]:
    """Return how far the surface seen in each crop pixel moves between neutral and peak.

    Parameters
    ----------
    subject : Subject
        Who.
    expression : str
        One of the seven.
    settings : AlignSettings
        Sizes of aligned face and crop. The fit is always that on five points of the neutral face.
    intensity : float
        Strength of the peak; sequences draw theirs between 0.75 and 1.1.

    Returns
    -------
    float32 array of shape (H, W)
        Crop pixels, in the picture plane: the larger of what is seen there in the neutral pose and at the peak.
    """
    head = load_head()
    peak = peak_weights(expression, subject.temper, intensity=intensity)
    still, moved = (camera.look(head, pose_vertices(subject, head, weights), _PLACE) for weights in ({}, peak))
    points = camera.landmarks(head, still, marks())
    similarity = estimate_similarity(points, template_for(settings.face_size))
    if isinstance(similarity, Failure):
        raise AssertionError(f"a rendered face has no similarity: {similarity.message}")
    matrix = crop_matrix(similarity, apply(similarity, points[NOSE : NOSE + 1])[0], settings.crop_size)
    places = [apply(matrix, view.points - 0.5) for view in (still, moved)]
    distance = np.hypot(*(places[1] - places[0]).T)
    largest = np.zeros(settings.crop_size[0] * settings.crop_size[1])
    for view, place, weights in zip((still, moved), places, ({}, peak), strict=True):
        shown = visible_triangles(subject, head, view, weights)
        pixels, triangle, share, _ = rasterise(place + 0.5, -view.depth, head.triangles[shown], settings.crop_size)
        seen = (distance[head.triangles[shown[triangle]]] * share).sum(axis=1)
        largest[pixels] = np.maximum(largest[pixels], seen)
    return largest.reshape(settings.crop_size).astype(np.float32)


def moving_share(
    seeds: list[int], expression: str, settings: AlignSettings, *, threshold: float = 0.5
) -> NDArray[np.float32]:
    """Return the share of subjects for whom each crop pixel moves, float32 of shape (H, W).

    Parameters
    ----------
    seeds : list of int
        The subjects; see `facemotion.demo.identity.build_subject`.
    expression : str
        One of the seven.
    settings : AlignSettings
        Sizes of aligned face and crop.
    threshold : float
        Crop pixels of displacement that count as moving.
    """
    moving = np.stack([displacement(build_subject(seed), expression, settings) > threshold for seed in seeds])
    return (moving.sum(axis=0) / len(seeds)).astype(np.float32)
