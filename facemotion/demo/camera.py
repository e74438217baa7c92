"""The camera: turning the head, projecting it, and turning light into 8-bit pictures."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from facemotion.demo.mesh import BODY, EYES, Head
from facemotion.demo.scene import Pose, Scene
from facemotion.demo.texture import Surface, smoothstep

__all__ = ["View", "develop", "landmark_vertices", "landmarks", "look"]

_PIVOT = np.array([0.0, 6.3, 0.35])
"""Where the head turns on the neck."""
_TARGET_HEIGHT = 7.15
_NOSE_TIP = (0.0, 6.938, 1.68)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class View:
    """A posed head as the camera sees it.

    Attributes
    ----------
    vertices : float64 array of shape (V, 3)
        After turning.
    points : float64 array of shape (V, 2)
        On the picture, (x, y), pixel centres at whole numbers plus one half.
    depth : float64 array of shape (V,)
        Distance along the axis.
    rotation : float64 array of shape (3, 3)
        Of the head.
    position : float64 array of shape (3,)
        Of the camera.
    """

    vertices: Floats
    points: Floats
    depth: Floats
    rotation: Floats
    position: Floats


def rotation(pose: Pose) -> Floats:
    """Return the head's rotation, float64 of shape (3, 3): yaw, then pitch, then roll."""
    (cy, cp, cr), (sy, sp, sr) = (f([pose.yaw, pose.pitch, pose.roll]) for f in (np.cos, np.sin))
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return about_z @ about_x @ about_y


def look(head: Head, vertices: Floats, scene: Scene) -> View:
    """Turn the head on its neck (the shoulders stay) and project it in perspective."""
    turn = rotation(scene.pose)
    follows = smoothstep(5.6, 6.5, head.base[:, 1])[:, None]
    turned = ((vertices - _PIVOT) @ turn.T + _PIVOT) * follows + vertices * (1 - follows)
    position = np.array([0.0, _TARGET_HEIGHT, scene.distance])
    relative = turned - position
    depth = -relative[:, 2]
    focal = scene.scale * scene.distance
    points = np.stack(
        [scene.pose.x + focal * relative[:, 0] / depth, scene.pose.y - focal * relative[:, 1] / depth], axis=1
    )
    return View(turned, points, depth, turn, position)


def landmark_vertices(head: Head, surface: Surface) -> tuple[int, int, int]:
    """Return the vertices of the nose tip, the image-left and the image-right mouth corner."""
    body = head.vertices(BODY)
    texel_of = dict(
        zip(head.triangles[head.group == BODY].ravel(), head.triangle_uv[head.group == BODY].ravel(), strict=True)
    )
    texels = surface.pixels[[texel_of[vertex] for vertex in body]]
    size = surface.lips.shape[0]
    inside = ((texels >= 0) & (texels < size)).all(axis=1)
    column, row = np.clip(texels, 0, size - 1).astype(int).T
    lips = body[inside & (surface.lips[row, column] > 0.4)]
    nose = body[((head.base[body] - _NOSE_TIP) ** 2).sum(axis=1).argmin()]
    return int(nose), int(lips[head.base[lips, 0].argmin()]), int(lips[head.base[lips, 0].argmax()])


def landmarks(head: Head, view: View, others: tuple[int, int, int]) -> NDArray[np.float32]:
    """Return the five points, float32 of shape (5, 2), (x, y) with pixel centres at whole numbers.

    Image-left eye, image-right eye (the middles of the eyeballs), nose tip, image-left and image-right mouth corner.
    """
    left, right = EYES  # the subject's left is on the right of the picture
    eyes = [view.points[head.vertices(group)].mean(axis=0) for group in (right, left)]
    return (np.stack([*eyes, *view.points[list(others)]]) - 0.5).astype(np.float32)


def develop(
    light: NDArray[np.float32], rng: np.random.Generator, *, noise: float = 0.006, blur: float = 0.5
) -> NDArray:
    """Turn a tone-mapped picture in [0, 1] into uint8 RGB: lens blur, sensor noise, rounding.

    Parameters
    ----------
    light : float32 array of shape (H, W, 3)
        Display values in [0, 1].
    rng : numpy.random.Generator
        Source of the noise.
    noise, blur : float
        Deviation of the noise in mid grey, and of the blur in pixels.
    """
    if blur:
        light = np.asarray(cv2.GaussianBlur(light, (0, 0), blur), np.float32)
    grain = rng.normal(0, noise, light.shape[:2]).astype(np.float32)[..., None]
    light = light + grain * np.sqrt(0.1 + light)
    return np.ascontiguousarray((np.clip(light, 0, 1) * 255 + 0.5).astype(np.uint8))
