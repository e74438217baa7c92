"""Writes the demo in Oulu-CASIA's layout: camera, light, subject and expression as folders, numbered JPEG frames."""

import shutil
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

import facemotion
from facemotion import execution
from facemotion.config import DemoSettings
from facemotion.demo.glasses import wears
from facemotion.demo.layout_ckplus import NOTICE
from facemotion.demo.sequence import frame_times, lab_sequence
from facemotion.expressions import LABEL_SPACES
from facemotion.progress import Progress, silent
from facemotion.workspace import atomic_path, write_json

__all__ = ["render_oulu_casia"]

_LIGHTS = {"Strong": 1.0, "Weak": 0.45, "Dark": 0.12}
"""How much of the light is left."""
_CAMERAS = ("VL", "NI")
_GRAIN = 31
"""First word of the seeds of the noise that comes with little light."""

Pixels = NDArray[np.uint8]
Task = tuple[Path, int, DemoSettings]


def render_oulu_casia(
    out: Path,
    settings: DemoSettings,
    *,
    workers: int | None = None,
    executor: str = "local",
    clean: bool = False,
    progress: Progress = silent,
) -> None:
    """Render synthetic subjects into a tree in Oulu-CASIA's layout.

    Every sequence is there for both cameras and all three lights. The visible one under strong light is what was
    rendered; the others are made from it: darker with more noise, and near infrared as a gray picture.

    Parameters
    ----------
    out : Path
        The root to write: ``OriginalImg/VL/Strong/P001/Anger/000.jpeg`` and so on, below the two wrapper folders that
        unpacking leaves, and ``demo.json``. An older tree is replaced once the new one is complete.
    settings : DemoSettings
        Subjects, frames, size, intensity, seed and the share who wear glasses.
    workers : int, optional
        Processes, all processors by default. The bytes do not depend on it.
    executor : str
        A module of `facemotion.execution`.
    clean : bool
        Leave out the wrapper folders and the quirks of real copies: an empty and a short sequence, cropped faces
        beside the originals, stray files.
    progress : Progress
        Shows the work.
    """
    with atomic_path(out) as temporary:
        top = temporary / ("OriginalImg" if clean else "B_OriginalImg/B_OriginalImg/OriginalImg")
        tasks = [(top, number, settings) for number in range(settings.subjects)]
        engine = execution.load(executor)
        done = engine.run(_subject, tasks, workers=workers or engine.processors(), paths=[temporary])
        for _ in progress(done, "rendering people", total=len(tasks)):
            pass
        if not clean:
            _quirks(temporary, top, settings)
        content = {
            "notice": NOTICE,
            "facemotion": facemotion.__version__,
            "layout": "oulu-casia",
            "settings": settings.as_json(),
            "clean": clean,
        }
        write_json(temporary / "demo.json", content)


def _subject(task: Task) -> None:
    top, number, settings = task
    seed = settings.seed * 1000 + number
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
                    folder = top / camera / light / f"P{number + 1:03d}" / expression.capitalize()
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


def _quirks(root: Path, top: Path, settings: DemoSettings) -> None:
    """Add what real copies have besides."""
    last = f"P{settings.subjects:03d}"
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
