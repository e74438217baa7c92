"""What surrounds a face: pose, camera, lights and background."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from facemotion.demo.texture import noise

__all__ = ["Light", "Pose", "Scene", "lab_scene", "moved", "relit", "seen_from", "wild_scene"]

Color = NDArray[np.float64]


@dataclass(frozen=True)
class Pose:
    """Where the head is on the picture, and how it is turned.

    Attributes
    ----------
    x, y : float
        Pixels: where the middle of the face is.
    yaw, pitch, roll : float
        Radians.
    gaze : tuple of 2 floats
        Direction of the eyes relative to the head: right and up, as tangents.
    """

    x: float
    y: float
    yaw: float
    pitch: float
    roll: float
    gaze: tuple[float, float]


@dataclass(frozen=True)
class Light:
    """A distant light: direction towards it (x, y, z) and linear colour."""

    direction: tuple[float, float, float]
    color: Color


@dataclass(frozen=True)
class Scene:
    """A scene.

    Attributes
    ----------
    size : tuple of int
        (height, width) of the picture.
    scale : float
        Pixels per head unit at the face.
    distance : float
        Head units from camera to face.
    pose : Pose
        The head's.
    lights : tuple of Light
        Directed lights.
    ambient : float64 array of shape (3,)
        Light from everywhere.
    exposure : float
        Factor on everything.
    background : float32 array of shape (H, W, 3)
        Linear colour behind the head.
    """

    size: tuple[int, int]
    scale: float
    distance: float
    pose: Pose
    lights: tuple[Light, ...]
    ambient: Color
    exposure: float
    background: NDArray[np.float32]


def lab_scene(rng: np.random.Generator, size: tuple[int, int]) -> Scene:
    """Draw a laboratory: plain wall, frontal pose, a key light, a fill light and a rim light.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draw.
    size : tuple of int
        (height, width); what is drawn does not depend on it, but for its scale.
    """
    height, width = size
    unit = min(width / 640, height / 490)
    scale = rng.uniform(140, 160) * unit
    x, y = width / 2 + rng.normal(0, 14) * unit, height / 2 - 10 * unit + rng.normal(0, 8) * unit
    yaw, pitch, roll = np.radians(rng.normal(0, [3, 2.5, 1.8]))
    gaze = rng.normal(0, 0.03, 2)
    azimuth, elevation = np.radians(rng.uniform(-50, 50)), np.radians(rng.uniform(10, 45))
    key = rng.uniform(0.75, 1.15)
    tint = np.array([1.04, 1.0, 0.95]) * rng.normal(1, 0.02, 3)
    toward = (np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation))
    lights = (
        Light(tuple(map(float, toward)), key * tint),  # type: ignore[arg-type]
        Light((-float(np.sin(azimuth)), 0.1, 0.7), np.full(3, 0.3 * key)),
        Light((float(rng.uniform(-1, 1)), 0.6, -0.6), np.full(3, 0.35)),
    )
    ambient = np.array([0.34, 0.35, 0.37]) * rng.uniform(0.8, 1.3)
    rows, columns = np.mgrid[:height, :width]
    vignette = 1 - 0.25 * (((columns - width / 2) / width) ** 2 + ((rows - height / 2) / height) ** 2)
    wall = rng.uniform(0.08, 0.5) * vignette
    return Scene(
        size=size,
        scale=scale,
        distance=12.0,
        pose=Pose(x, y, yaw, pitch, roll, (float(gaze[0]), float(gaze[1]))),
        lights=lights,
        ambient=ambient,
        exposure=rng.uniform(0.95, 1.25),
        background=np.repeat(wall[..., None], 3, axis=2).astype(np.float32),
    )


def relit(scene: Scene, rng: np.random.Generator) -> Scene:
    """Return the scene as it is at another time: lights a little brighter or darker, the head elsewhere."""
    unit = scene.scale / 150
    pose = replace(scene.pose, x=scene.pose.x + rng.normal(0, 5) * unit, y=scene.pose.y + rng.normal(0, 3) * unit)
    lights = tuple(replace(light, color=light.color * rng.normal(1, 0.025)) for light in scene.lights)
    return replace(
        scene,
        pose=pose,
        lights=lights,
        ambient=scene.ambient * rng.normal(1, 0.025),
        exposure=scene.exposure * rng.normal(1, 0.015),
    )


def seen_from(scene: Scene, yaw: float) -> Scene:
    """Return the scene as a camera sees it that stands `yaw` radians to the side; the lights stay near the camera."""
    return replace(scene, pose=replace(scene.pose, yaw=scene.pose.yaw + yaw)) if yaw else scene


def moved(scene: Scene, drift: NDArray, glance: tuple[float, float] = (0.0, 0.0)) -> Scene:
    """Return the scene a moment later.

    Parameters
    ----------
    scene : Scene
        It is not changed.
    drift : float array of shape (5,)
        How the head moves: yaw, pitch and roll in degrees, x and y in 150ths of a head unit.
    glance : tuple of 2 floats
        How the gaze moves: right and up, as tangents.
    """
    yaw, pitch, roll = np.radians(drift[:3])
    unit = scene.scale / 150
    pose = scene.pose
    return replace(
        scene,
        pose=replace(
            pose,
            yaw=pose.yaw + yaw,
            pitch=pose.pitch + pitch,
            roll=pose.roll + roll,
            x=pose.x + drift[3] * unit,
            y=pose.y + drift[4] * unit,
            gaze=(pose.gaze[0] + glance[0], pose.gaze[1] + glance[1]),
        ),
    )


def wild_scene(rng: np.random.Generator, size: tuple[int, int]) -> Scene:
    """Draw a picture as people take them: any pose up to half profile, hard or coloured light, a cluttered background.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the draw.
    size : tuple of int
        (height, width).
    """
    height, width = size
    plain = lab_scene(rng, size)
    yaw, pitch, roll = np.radians([rng.uniform(-32, 32), rng.uniform(-14, 14), rng.uniform(-14, 14)])
    gaze = rng.normal(0, 0.12, 2)
    x, y = width / 2 + rng.uniform(-0.12, 0.12) * width, height / 2 + rng.uniform(-0.08, 0.08) * height
    tint, strength = rng.normal(1, 0.10, 3), rng.uniform(0.6, 1.7)
    azimuth, elevation = np.radians(rng.uniform(-80, 80)), np.radians(rng.uniform(-5, 65))
    toward = (np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation))
    fill = rng.uniform(0.05, 0.5) * rng.normal(1, 0.12, 3)
    return replace(
        plain,
        scale=min(height, width) / 3.4 * rng.uniform(0.75, 1.3),
        pose=Pose(x, y, yaw, pitch, roll, (float(gaze[0]), float(gaze[1]))),
        lights=(
            Light(tuple(map(float, toward)), strength * tint),  # type: ignore[arg-type]
            Light((-float(np.sin(azimuth)), 0.1, 0.6), fill),
            Light((float(rng.uniform(-1, 1)), 0.6, -0.6), np.full(3, rng.uniform(0, 1.0))),
        ),
        ambient=np.full(3, 0.3) * rng.uniform(0.5, 1.6) * rng.normal(1, 0.08, 3),
        exposure=rng.uniform(0.7, 1.35),
        background=_clutter(rng, size),
    )


def _clutter(rng: np.random.Generator, size: tuple[int, int]) -> NDArray[np.float32]:
    """Return a blurred background of coloured shapes, linear, shape (H, W, 3)."""
    height, width = size
    wall = noise(rng, height, width, 5, 3)[..., None] * 0.10 + rng.uniform(0.1, 0.6) * rng.normal(1, 0.15, 3)
    picture = np.ascontiguousarray(wall, np.float32)
    for _ in range(rng.integers(3, 9)):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        color = np.clip(rng.uniform(0.02, 0.8) * rng.normal(1, 0.2, 3), 0, 1).tolist()
        if rng.random() < 0.5:
            far = (x + int(rng.integers(20, width // 2)), y + int(rng.integers(20, height // 2)))
            cv2.rectangle(picture, (x, y), far, color, -1)
        else:
            cv2.circle(picture, (x, y), int(rng.integers(10, max(11, width // 5))), color, -1)
    picture = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(1, 9)))
    return (np.clip(picture, 0, 1) ** 2).astype(np.float32)
