"""What surrounds a face: pose, camera, lights and background."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["Light", "Pose", "Scene", "lab_scene", "moved", "relit"]

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
    lights = tuple(replace(light, color=light.color * rng.normal(1, 0.06)) for light in scene.lights)
    return replace(
        scene,
        pose=pose,
        lights=lights,
        ambient=scene.ambient * rng.normal(1, 0.06),
        exposure=scene.exposure * rng.normal(1, 0.03),
    )


def moved(scene: Scene, drift: NDArray) -> Scene:
    """Return the scene with the head moved by unconscious drift: yaw, pitch, roll in degrees, x and y in 150ths."""
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
        ),
    )
