"""Drawing glasses over a rendered head: a shadow, the lenses with what they mirror, the frame."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from facemotion.demo.camera import View
from facemotion.demo.glasses import Glasses
from facemotion.demo.mesh import FRAME
from facemotion.demo.scene import Scene
from facemotion.demo.shading import Fragments, light
from facemotion.demo.triangles import blend, lengths, normals, rasterise

__all__ = ["put_on"]

_FINE = 2
"""Samples a side of a pixel: a rim is about two pixels wide."""
_SLACK = 0.03
"""Head units by which skin may stand ahead and still be hidden: a raised cheek bulges behind the glass, not through."""
_WINDOW = ((0.10, 0.42), (0.34, 0.62))
"""The bright window of the room that lenses mirror: range of the mirrored ray's x and y, as seen from the head."""


def put_on(
    glasses: Glasses,
    view: View,
    place: NDArray[np.float64],
    scene: Scene,
    image: NDArray,
    near: NDArray,
    parts: NDArray,
) -> None:
    """Draw glasses over a picture of their wearer, in place.

    Parameters
    ----------
    glasses : Glasses
        At rest.
    view : View
        The posed head.
    place : float64 array of shape (3,)
        What takes a point of the head at rest to the posed head, after the rotation.
    scene : Scene
        Where.
    image : float32 array of shape (H, W, 3)
        Linear light; changed.
    near : float32 array of shape (H, W)
        Nearness of the head, -inf where there is none.
    parts : int8 array of shape (H, W)
        What each pixel shows; where the frame covers most of it, it becomes `facemotion.demo.mesh.FRAME`. A lens
        leaves what is seen through it.
    """
    vertices = glasses.vertices @ view.rotation.T + place
    relative = vertices - view.position
    focal = scene.scale * scene.distance
    middle = np.array([scene.pose.x, scene.pose.y])
    points = middle + focal * relative[:, :2] * [1, -1] / -relative[:, 2:]
    lens = _covered(glasses.lenses, vertices, points, relative, scene, near)
    _mirror(lens, glasses, view, scene, image)
    fine = replace(scene, size=(scene.size[0] * _FINE, scene.size[1] * _FINE), scale=scene.scale * _FINE)
    shown = _covered(
        glasses.frame, vertices, points * _FINE, relative, fine, near.repeat(_FINE, axis=0).repeat(_FINE, axis=1)
    )
    shown.albedo[:] = glasses.color
    shown.specular[:] = glasses.gloss
    layer = np.zeros((*fine.size, 4), np.float32).reshape(-1, 4)
    layer[shown.pixels, :3], layer[shown.pixels, 3] = light(shown, view, fine), 1
    layer = cv2.resize(layer.reshape(*fine.size, 4), scene.size[::-1], interpolation=cv2.INTER_AREA)
    cover = layer[..., 3:]
    _shade(cover[..., 0], scene, image, parts)
    image *= 1 - cover
    image += layer[..., :3]
    parts[cover[..., 0] > 0.5] = FRAME


def _covered(
    triangles: NDArray[np.int64],
    vertices: NDArray,
    points: NDArray,
    relative: NDArray,
    scene: Scene,
    near: NDArray,
) -> Fragments:
    """Return the pixels of some triangles that the head does not hide."""
    pixels, triangle, share, nearness = rasterise(points, relative[:, 2], triangles, scene.size)
    seen = nearness > near.ravel()[pixels] - _SLACK
    pixels, share, nearness = pixels[seen], share[seen].astype(np.float32), nearness[seen].astype(np.float32)
    corner = triangles[triangle[seen]]
    normal = normals(vertices, triangles)
    position, facing = (blend(values, corner, share) for values in (vertices, normal))
    facing /= np.maximum(lengths(facing), 1e-6)
    facing *= np.where(facing[:, 2:] < 0, -1, 1).astype(np.float32)  # both sides of a strip look the same
    empty = np.zeros(len(pixels), np.float32)
    return Fragments(
        pixels=pixels,
        part=np.full(len(pixels), FRAME, np.int64),
        position=position,
        normal=facing,
        rest=position,
        texel=np.zeros((len(pixels), 2), np.float32),
        nearness=nearness,
        albedo=np.zeros((len(pixels), 3), np.float32),
        bump=empty,
        scalp=empty,
        fold=empty,
        specular=empty.copy(),
        sharpness=np.full(len(pixels), 30, np.float32),
        cloth=empty > 0,
        throat=empty > 0,
    )


def _mirror(lens: Fragments, glasses: Glasses, view: View, scene: Scene, image: NDArray) -> None:
    """Tint what is behind the lenses, and add what they mirror: the lamps, a window, a sheen of the room."""
    toward = view.position.astype(np.float32) - lens.position
    toward /= lengths(toward)
    ray = 2 * np.einsum("ij,ij->i", lens.normal, toward)[:, None] * lens.normal - toward
    room = scene.ambient.astype(np.float32)
    sent = 0.03 * room + np.zeros((len(ray), 3), np.float32)
    for lamp in scene.lights:
        direction = np.array(lamp.direction, np.float32) / np.float32(np.linalg.norm(lamp.direction))
        sent += (np.clip(ray @ direction, 0, 1) ** 60)[:, None] * 0.5 * lamp.color.astype(np.float32)
    (left, right), (low, high) = _WINDOW
    x, y = ray[:, 0], ray[:, 1]
    edge = np.float32(0.03)
    inside = np.prod([np.clip((x - left) / edge, 0, 1), np.clip((right - x) / edge, 0, 1)], axis=0)
    inside *= np.prod([np.clip((y - low) / edge, 0, 1), np.clip((high - y) / edge, 0, 1)], axis=0)
    sent += (0.45 * inside)[:, None] * (room + 0.3)
    flat = image.reshape(-1, 3)
    flat[lens.pixels] = flat[lens.pixels] * glasses.tint.astype(np.float32) + sent


def _shade(cover: NDArray, scene: Scene, image: NDArray, parts: NDArray) -> None:
    """Darken the skin under the frame a little: the shadow that it throws downwards."""
    unit = scene.scale / 75
    shadow = cv2.GaussianBlur(cover, (0, 0), 1.6 * unit)
    drop = np.array([[1, 0, 0], [0, 1, 2.2 * unit]])
    shadow = cv2.warpAffine(np.asarray(shadow), drop, scene.size[::-1])
    image *= np.where(parts >= 0, 1 - 0.35 * np.clip(shadow, 0, 1), 1).astype(np.float32)[..., None]
