"""One picture: a subject with some face-unit weights, in a scene."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from facemotion.demo import camera
from facemotion.demo.expression import mouth_opening
from facemotion.demo.identity import Subject
from facemotion.demo.mesh import BODY, EYES, HAIR, LASHES, TEETH, TONGUE, Head, among, load_head
from facemotion.demo.scene import Scene
from facemotion.demo.shading import Fragments, light, materials, tone
from facemotion.demo.texture import load_surface
from facemotion.demo.triangles import blend, corners_of, normals, rasterise
from facemotion.demo.wearing import put_on
from facemotion.demo.wrinkles import wrinkle_weights

__all__ = ["Picture", "marks", "pose_vertices", "render", "visible_triangles"]

CLOSED = 0.06
"""Mouth opening below which teeth and tongue are not drawn: they do not follow every shape of the lips."""
_UPPER_LASHES = (LASHES[1], LASHES[3])


@dataclass(frozen=True, eq=False)
class Picture:
    """A rendered face.

    Attributes
    ----------
    display : float32 array of shape (H, W, 3)
        Display values in [0, 1], before the camera's blur and noise.
    landmarks : float32 array of shape (5, 2)
        (x, y): image-left eye, image-right eye, nose tip, image-left and image-right mouth corner.
    parts : int8 array of shape (H, W)
        What each pixel shows, by number in `facemotion.demo.mesh.GROUPS`; `facemotion.demo.mesh.FRAME` is
        the frame of glasses, -1 the background.
    """

    display: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    parts: NDArray[np.int8]


def render(subject: Subject, weights: Mapping[str, float], scene: Scene) -> Picture:
    """Render a face.

    Parameters
    ----------
    subject : Subject
        Who.
    weights : mapping of str to float
        Face-unit weights; empty is neutral.
    scene : Scene
        Where.

    Notes
    -----
    Everything is NumPy and OpenCV in float32 on one thread's worth of work; the same arguments give the same picture.
    Another processor may differ by one grey level in a few pixels.
    """
    head, surface = load_head(), load_surface()
    height, width = scene.size
    posed = pose_vertices(subject, head, weights)
    view = camera.look(head, posed, scene)
    drawn = visible_triangles(subject, head, view, weights)
    pixels, triangle, share, near = rasterise(view.points, -view.depth, head.triangles[drawn], scene.size)
    triangle, share = drawn[triangle], share.astype(np.float32)
    corner, corner_uv = (corners.take(triangle, axis=0) for corners in (head.triangles, head.triangle_uv))
    normal = normals(view.vertices, head.others)
    skin_vertices = head.vertices(BODY)
    normal[skin_vertices] = normals(view.vertices, head.skin).take(skin_vertices, axis=0)
    empty = np.zeros(len(pixels), np.float32)
    shown = Fragments(
        pixels=pixels,
        part=head.group[triangle],
        position=blend(view.vertices, corner, share),
        normal=blend(normal, corner, share),
        rest=blend(head.base, corner, share),
        texel=blend(surface.pixels, corner_uv, share),
        nearness=near.astype(np.float32),
        albedo=np.zeros((len(pixels), 3), np.float32),
        bump=empty,
        scalp=empty,
        fold=empty,
        specular=empty,
        sharpness=empty,
        cloth=empty > 0,
        throat=empty > 0,
    )
    depth_of_fold = wrinkle_weights(weights) * np.float32(0.55 + 0.6 * subject.traits.age)
    materials(shown, head, view, scene, subject.skin, surface, depth_of_fold)
    image = scene.background.copy().reshape(-1, 3)
    image[pixels] = light(shown, view, scene)
    parts = np.full(height * width, -1, np.int8)
    parts[pixels] = shown.part
    image, parts = image.reshape(height, width, 3), parts.reshape(height, width)
    if subject.long_hair:
        _close_gaps(image, parts)
    if subject.glasses:
        depth = np.full(height * width, -np.inf, np.float32)
        depth[pixels] = near
        skull = head.vertices(EYES[0])[0]  # any vertex that turns with the head
        place = view.vertices[skull] - view.rotation @ posed[skull]
        put_on(subject.glasses, view, place, scene, image, depth.reshape(height, width), parts)
    return Picture(tone(image, scene.exposure), camera.landmarks(head, view, marks()), parts)


@cache
def marks() -> tuple[int, int, int]:
    """Return the vertices of the landmarks besides the eyes; see `facemotion.demo.camera.landmark_vertices`."""
    return camera.landmark_vertices(load_head(), load_surface())


def pose_vertices(subject: Subject, head: Head, weights: Mapping[str, float]) -> NDArray[np.float64]:
    """Return the vertices with expression and hair; teeth are drawn back as far as the mouth is closed."""
    vertices = head.morph({f"fu/{unit}": weight for unit, weight in weights.items()}, subject.vertices)
    vertices = vertices + subject.hair
    if subject.long_hair:
        vertices[head.vertices(HAIR)] += [0, 0, -0.05]
    opening = min(1.0, mouth_opening(weights) / 0.5)
    vertices[head.vertices(*TEETH, TONGUE)] += [0, 0, -0.02 - 0.10 * (1 - opening)]
    return vertices


def visible_triangles(
    subject: Subject, head: Head, view: camera.View, weights: Mapping[str, float]
) -> NDArray[np.int64]:
    """Return the triangles to draw: those of the parts that the subject shows, seen from the front."""
    thin = [*(_UPPER_LASHES if not subject.traits.male else ()), *((HAIR,) if subject.long_hair else ())]
    mouth = (*TEETH, TONGUE) if mouth_opening(weights) > CLOSED else ()
    wanted = among(head.group, BODY, *EYES, *mouth, *thin)
    if subject.long_hair:
        wanted &= ~_fringe(head)
    a, b, c = corners_of(view.points, head.triangles)
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    return np.flatnonzero(wanted & ((area < 0) | among(head.group, *thin)))


@cache
def _fringe(head: Head) -> NDArray[np.bool_]:
    """Return which triangles are the hair cage's fringe, which would cover the face."""
    _, height, ahead = head.base[head.triangles].mean(axis=1).T
    return (head.group == HAIR) & (ahead > 0.55) & ((height < 7.95) | (ahead > 0.9))


def _close_gaps(image: NDArray[np.float32], parts: NDArray[np.int8]) -> None:
    """Fill the gaps between the strips of the hair cage with the colour of the strips beside them, in place."""
    hair = (parts == HAIR).astype(np.uint8)
    reach = int(9 * image.shape[1] / 640) * 2 + 3
    gap = (cv2.morphologyEx(hair, cv2.MORPH_CLOSE, np.ones((3, reach), np.uint8)) > 0) & (parts < 0)
    weight = cv2.blur(hair.astype(np.float32), (reach, 3))[..., None]
    beside = cv2.blur(image * hair[..., None], (reach, 3)) / np.maximum(weight, 1e-3)
    image[gap], parts[gap] = beside[gap], HAIR
