"""Shading: from what each pixel shows to the light that it sends.

Everything here works on the n covered pixels of a picture: positions, normals and colours are float32 arrays with n
rows. Light is linear; `tone` brings it to the display.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from facemotion.demo.camera import View
from facemotion.demo.mesh import BODY, EYES, HAIR, LASHES, TEETH, TONGUE, Head, among
from facemotion.demo.scene import Scene
from facemotion.demo.skin import Skin
from facemotion.demo.texture import SIZE, WINDOW, Surface, smoothstep
from facemotion.demo.triangles import lengths

__all__ = ["Fragments", "light", "materials", "tone"]

Image = NDArray[np.float32]

_TEETH = np.array([0.50, 0.455, 0.37], np.float32)
_TONGUE = np.array([0.28, 0.06, 0.055], np.float32)
_THROAT = np.array([0.10, 0.02, 0.018], np.float32)
_WRAP = np.array([0.32, 0.23, 0.18], np.float32)
"""How far light reaches around bare skin, in red, green and blue."""
_DEPTH, _AT_REST = 0.020, 0.55
"""Head units by which a wrinkle of weight 1 sinks, and the weight of those that stay at rest."""
_SEAM = 0.06
"""Half the width, in head units, over which the left half's wrinkles pass into the right half's."""


@dataclass
class Fragments:
    """What the covered pixels show.

    Attributes
    ----------
    pixels : int64 array of shape (n,)
        Flat indices into the picture.
    part : int64 array of shape (n,)
        Part of the mesh; see `facemotion.demo.mesh.GROUPS`.
    position, normal : float32 arrays of shape (n, 3)
        On the posed head.
    rest : float32 array of shape (n, 3)
        The point of the average head that it is.
    texel : float32 array of shape (n, 2)
        Texture coordinates, (x, y) in texels.
    nearness : float32 array of shape (n,)
        Larger is nearer.
    albedo : float32 array of shape (n, 3)
    bump, scalp, fold, specular, sharpness : float32 arrays of shape (n,)
    cloth, throat : bool arrays of shape (n,)
        Clothes, and the inside of the mouth.
    """

    pixels: NDArray[np.int64]
    part: NDArray[np.int64]
    position: Image
    normal: Image
    rest: Image
    texel: Image
    nearness: Image
    albedo: Image
    bump: Image
    scalp: Image
    fold: Image
    specular: Image
    sharpness: Image
    cloth: NDArray[np.bool_]
    throat: NDArray[np.bool_]

    @property
    def body(self) -> NDArray[np.bool_]:
        """Pixels that show skin, clothes or the inside of the mouth."""
        return self.part == BODY

    def shows(self, *parts: int) -> NDArray[np.bool_]:
        """Return which pixels show one of these parts."""
        return among(self.part, *parts)


def sample(image: Image, texel: Image) -> Image:
    """Read a texture at n places, bilinearly; shape (n,) or (n, C)."""
    columns = 1024  # OpenCV limits the sides of a map, so the list is folded
    number = len(texel)
    padded = np.zeros((number + -number % columns, 2), np.float32)
    np.subtract(texel, 0.5, out=padded[:number])
    padded = padded.reshape(-1, columns, 2)
    read = cv2.remap(image, padded[..., 0], padded[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(read, np.float32).reshape(-1, *image.shape[2:])[:number]


def materials(
    shown: Fragments, head: Head, view: View, scene: Scene, skin: Skin, surface: Surface, fold: Image
) -> None:
    """Fill in colours, bumps and gloss of the fragments.

    Parameters
    ----------
    shown : Fragments
        Changed in place; its geometry is set.
    head, view, scene, skin, surface
        What is shown, and how.
    fold : float32 array of shape (W, 2)
        Depth of each wrinkle on the subject's left and right; see `facemotion.demo.wrinkles.wrinkle_weights`.
    """
    body, (x, y, z), (u, v) = shown.body, shown.rest.T, shown.texel.T
    read, lines = sample(skin.maps, shown.texel), sample(surface.wrinkles, shown.texel) @ fold
    crease = lines[:, 1] + (lines[:, 0] - lines[:, 1]) * smoothstep(-_SEAM, _SEAM, x)
    folded = np.clip(crease + _AT_REST * read[:, 6], 0, 1.6).astype(np.float32)
    albedo, scalp, matte = read[:, :3], read[:, 3], read[:, 4]
    bump = read[:, 5] - _DEPTH * (crease + _AT_REST * read[:, 6])
    crown = body & (y > 8.16)
    albedo[crown & (scalp < 0.9)] = skin.hair * 0.85
    scalp = np.where(crown, np.float32(1), scalp)
    outside = body & ((u < 0) | (v < 0) | (u > SIZE) | (v > SIZE))
    albedo[outside] = skin.tone
    mouth_row = SIZE * (WINDOW[3] - 0.15) / (WINDOW[3] - WINDOW[2])
    shown.throat = body & (v > mouth_row) & (u > SIZE * 0.2) & (z > 0.3) & (y > 6.2)
    shown.cloth = body & (y < 5.72 + 0.12 * np.cos(x * 2.2))
    albedo[shown.cloth] = skin.cloth
    albedo[shown.throat] = _THROAT
    plain = body & ~shown.cloth & ~shown.throat
    shown.bump = np.where(plain, bump, np.float32(0))
    shown.scalp = np.where(body, scalp, np.float32(0))
    shown.fold = np.where(body, folded, np.float32(0))
    shown.specular = np.where(body, 0.07 * skin.gloss * (1 - shown.scalp) * (1 - matte), 0).astype(np.float32)
    shown.sharpness = np.full(len(body), 14, np.float32)
    teeth = shown.shows(*TEETH)
    albedo[teeth], shown.specular[teeth] = _TEETH, 0.10
    albedo[shown.part == TONGUE] = _TONGUE
    albedo[shown.shows(*LASHES)] = skin.tone * 0.15  # thinner than a pixel: mostly the skin behind
    hair = shown.part == HAIR
    around = np.arctan2(x[hair], z[hair] - 0.4)
    strands = 0.85 + 0.3 * np.sin(around * 90 + 2 * np.sin(y[hair] * 5)) + 0.15 * np.sin(around * 211)
    albedo[hair] = skin.hair * strands[:, None]
    shown.albedo = albedo
    for group in EYES:
        _eye(shown, head, view, scene, skin, group)


def _eye(shown: Fragments, head: Head, view: View, scene: Scene, skin: Skin, group: int) -> None:
    """Paint an eyeball by direction from its middle: white, iris, pupil."""
    here = shown.part == group
    if not here.any():
        return
    ball = view.vertices[head.vertices(group)]
    radius = np.ptp(ball[:, 0]) / 2
    middle = (ball.max(axis=0) + ball.min(axis=0)) / 2
    middle[2] = ball[:, 2].max() - radius * 1.06
    away = shown.position[here] - middle
    away /= lengths(away)
    gaze = view.rotation @ np.array([*scene.pose.gaze, 1.0])
    cosine = away @ (gaze / np.linalg.norm(gaze))
    off = np.sqrt(np.clip(1 - cosine**2, 0, 1))  # sine of the angle from the gaze
    white = np.array([0.38, 0.35, 0.335]) * (1 - 0.35 * smoothstep(0.55, 1.0, off))[:, None]
    around = np.arctan2(away[:, 1], away[:, 0])
    fibres = 0.8 + 0.25 * np.sin(around * 37 + group) + 0.15 * np.sin(around * 91)
    iris = skin.iris * (fibres * (0.6 + 2.0 * off) * np.where(off > 0.42, 0.5, 1))[:, None]
    color = white + (iris - white) * (1 - smoothstep(0.45, 0.53, off))[:, None]
    color += (0.01 - color) * (1 - smoothstep(0.17, 0.21, off))[:, None]
    shown.albedo[here] = color
    shown.normal[here] = 0.7 * away + 0.3 * shown.normal[here]
    shown.specular[here], shown.sharpness[here] = 0.6, 240


def light(shown: Fragments, view: View, scene: Scene) -> Image:
    """Return the light that each fragment sends, float32 of shape (n, 3): ambient, wrapped diffuse, highlights."""
    hollow = _occlusion(shown, scene)
    normal = _bumped(shown, scene)
    toward = view.position.astype(np.float32) - shown.position
    toward /= lengths(toward)
    thin = shown.shows(*LASHES, HAIR)
    normal[(np.einsum("ij,ij->i", normal, toward) < 0) & thin] *= -1
    # from here on red, green and blue lie behind one another, shape (3, n): much faster than side by side
    albedo = np.ascontiguousarray(shown.albedo.T)
    bare = shown.body & ~shown.cloth & (shown.scalp < 0.5)
    wrap = np.where(bare, _WRAP[:, None], np.float32(0.1))
    color = albedo * (scene.ambient.astype(np.float32)[:, None] * (0.75 + 0.25 * normal[:, 1])) * hollow
    for lamp in scene.lights:
        direction = np.array(lamp.direction, np.float32) / np.float32(np.linalg.norm(lamp.direction))
        lamp_color = lamp.color.astype(np.float32)[:, None]
        diffuse = np.clip((normal @ direction + wrap) / (1 + wrap), 0, None)
        color += albedo * lamp_color * diffuse * (0.45 + 0.55 * hollow)
        half = direction + toward
        half /= lengths(half)
        highlight = np.clip(np.einsum("ij,ij->i", normal, half), 0, None) ** shown.sharpness
        color += shown.specular * highlight * hollow * lamp_color
    color *= np.where(shown.throat | (shown.part == TONGUE), np.clip(0.35 + 0.65 * hollow, 0, 1) * 0.85, 1)
    color *= 1 - 0.13 * np.clip(shown.fold, 0, 1.2)
    eyes = shown.shows(*EYES)
    color[:, eyes] *= np.clip(0.45 + 0.75 * hollow[eyes], 0, 1)
    return np.ascontiguousarray(color.T, np.float32)


def _occlusion(shown: Fragments, scene: Scene) -> Image:
    """Return how open each pixel lies, in (0, 1]: dark where its surroundings stand nearer to the camera."""
    height, width = scene.size
    depth = np.zeros(height * width, np.float32)
    cover = np.zeros(height * width, np.float32)
    depth[shown.pixels], cover[shown.pixels] = shown.nearness, 1
    depth, cover = depth.reshape(height, width), cover.reshape(height, width)
    hollow = np.ones(len(shown.pixels), np.float32)
    for reach, strength, range_, shrink in ((0.16, 1.1, 0.16, 4), (0.05, 1.6, 0.08, 2)):
        small = (max(1, width // shrink), max(1, height // shrink))
        near, share = (cv2.resize(part, small, interpolation=cv2.INTER_AREA) for part in (depth, cover))
        spread = max(reach * scene.scale / shrink, 0.3)
        near = cv2.GaussianBlur(near, (0, 0), spread) / np.maximum(cv2.GaussianBlur(share, (0, 0), spread), 1e-3)
        around = cv2.resize(near, (width, height), interpolation=cv2.INTER_LINEAR).ravel()[shown.pixels]
        hollow *= np.exp(-strength * np.clip(around - shown.nearness, 0, 0.25) / range_)
    teeth = shown.shows(*TEETH)
    hollow[teeth] = 0.5 + 0.5 * hollow[teeth]
    return hollow


def _bumped(shown: Fragments, scene: Scene) -> Image:
    """Return unit normals tilted by the bump map's slope on the picture."""
    height, width = scene.size
    relief = np.zeros(height * width, np.float32)
    relief[shown.pixels] = shown.bump
    relief = cv2.GaussianBlur(relief.reshape(height, width), (0, 0), 0.4)
    slope = [
        np.clip(cv2.Sobel(relief, cv2.CV_32F, dx, dy, ksize=3).ravel()[shown.pixels] / 8 * scene.scale, -0.7, 0.7)
        for dx, dy in ((1, 0), (0, 1))
    ]
    skin = shown.body.astype(np.float32)
    normal = shown.normal - np.stack([slope[0] * skin, -slope[1] * skin, np.zeros_like(skin)], axis=1)
    return np.asarray(normal / np.maximum(lengths(normal), 1e-6), np.float32)


def tone(linear: Image, exposure: float) -> Image:
    """Bring linear light to display values in [0, 1]: exposure, soft shoulder, gamma 2.2."""
    bright = np.clip(linear * np.float32(exposure), 0, None)
    return np.clip(bright / (1 + 0.25 * bright) * 1.18, 0, 1).astype(np.float32) ** np.float32(1 / 2.2)
