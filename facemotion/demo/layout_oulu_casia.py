"""Writes the demo in Oulu-CASIA's layout: camera, light, subject and expression as folders, numbered JPEG frames."""

import shutil
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from facemotion.demo.glasses import wears
from facemotion.demo.layout import Layout, Part, Whole
from facemotion.demo.sequence import frame_times, lab_sequence
from facemotion.expressions import LABEL_SPACES

__all__ = ["render_oulu_casia"]

_LIGHTS = {"Strong": 1.0, "Weak": 0.45, "Dark": 0.12}
"""How much of the light is left."""
_CAMERAS = ("VL", "NI")
_GRAIN = 31
"""First word of the seeds of the noise that comes with little light."""

Pixels = NDArray[np.uint8]


def _top(root: Path, *, clean: bool) -> Path:
    """Return the folder of the original pictures, below the two wrapper folders that unpacking leaves."""
    return root / ("OriginalImg" if clean else "B_OriginalImg/B_OriginalImg/OriginalImg")


def _person(part: Part) -> None:
    top, seed, settings = _top(part.root, clean=part.clean), part.seed, part.settings
    for kind, expression in enumerate(LABEL_SPACES["basic6"]):
        frames = lab_sequence(
            seed,
            expression,
            frame_times(settings.frames),
            size=settings.size,
            intensity=settings.intensity,
            seed=settings.seed,
            glasses=wears(seed, settings.glasses),
        )
        for position, frame in enumerate(frames):
            for camera in _CAMERAS:
                for place, (light, share) in enumerate(_LIGHTS.items()):
                    folder = top / camera / light / f"P{part.number + 1:03d}" / expression.capitalize()
                    folder.mkdir(parents=True, exist_ok=True)
                    rng = np.random.default_rng([_GRAIN, seed, kind, position, place])
                    image = _seen(frame.image, rng, infrared=camera == "NI", share=share)
                    if not cv2.imwrite(str(folder / f"{position:03d}.jpeg"), image, [cv2.IMWRITE_JPEG_QUALITY, 92]):
                        raise OSError(f"cannot write into {folder}")


def _seen(image: Pixels, rng: np.random.Generator, *, infrared: bool, share: float) -> Pixels:
    """Return a picture, BGR, as a camera sees it in some share of the light."""
    picture = image[..., ::-1].astype(np.float32)
    if infrared:
        picture = np.repeat(picture[..., 2:], 3, axis=2)  # skin reflects infrared as it does red
    if share < 1:
        grain = rng.normal(0, 3.0, picture.shape[:2]).astype(np.float32)[..., None]
        picture = picture * share + grain
    return np.clip(picture + 0.5, 0, 255).astype(np.uint8)


def _quirks(whole: Whole, results: list[None]) -> None:
    """Add what real copies have besides."""
    if whole.clean:
        return
    root, top, last = whole.root, _top(whole.root, clean=False), f"P{whole.settings.subjects:03d}"
    for path in sorted((top / "VL" / "Strong" / last / "Fear").iterdir()):
        path.unlink()
    for path in sorted((top / "VL" / "Strong" / last / "Anger").iterdir())[3:]:
        path.unlink()
    (top / "VL" / "Strong_equal_label.txt").write_text("P001 Anger 0\n", encoding="ascii", newline="\n")
    (top / "VL" / "Strong" / "P001" / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    cropped = root / "PreProcess_Img" / "VL_Acropped" / "Strong" / "P001" / "Anger"
    cropped.mkdir(parents=True)
    for path in sorted((top / "VL" / "Strong" / "P001" / "Anger").iterdir()):
        shutil.copyfile(path, cropped / path.name)
    (root / "PreProcess_Img" / "change_log.txt").write_text("cropped by hand\n", encoding="ascii", newline="\n")


render_oulu_casia = Layout("oulu-casia", _person, _quirks)
"""Oulu-CASIA: ``OriginalImg/VL/Strong/P001/Anger/000.jpeg`` and so on.

Every sequence is there for both cameras and all three lights. The visible one under strong light is what was rendered;
the others are made from it: darker with more noise, and near infrared as a gray picture. The quirks of real copies: the
wrapper folders, an empty and a short sequence, cropped faces beside the originals, stray files."""
