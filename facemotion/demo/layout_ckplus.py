"""Writes the demo in CK+'s own on-disk layout, so that it is read by the code that reads CK+."""

import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

import facemotion
from facemotion.config import DemoSettings
from facemotion.demo.glasses import wears
from facemotion.demo.identity import build_subject, describe
from facemotion.demo.mesh import load_head
from facemotion.demo.sequence import frame_times, lab_sequence
from facemotion.demo.workers import in_processes
from facemotion.expressions import EXPRESSIONS
from facemotion.progress import Progress, silent
from facemotion.workspace import atomic_path, write_json

__all__ = ["NOTICE", "render_ckplus"]

NOTICE = (
    "Synthetic faces, rendered from CC0 head data. No real person is shown. Accuracy on them says nothing about "
    "real faces, nor about CK+, MMI, Oulu-CASIA or AffectNet."
)
POINTS = tuple(f"{axis}{number}" for number in range(1, 6) for axis in "xy")

_ORDER = 23
"""First word of the seeds that order a subject's sessions."""
_SUBJECT_STEP = 7
"""CK+'s subject numbers have gaps: S005, S010, S011 and so on."""


def subject_name(number: int) -> str:
    """Return the name of the `number`-th subject: ``S005``, then with gaps of one or two."""
    return f"S{5 + number + number // _SUBJECT_STEP:03d}"


def render_ckplus(
    out: Path,
    settings: DemoSettings,
    *,
    workers: int | None = None,
    clean: bool = False,
    progress: Progress = silent,
) -> None:
    """Render synthetic subjects into a tree in CK+'s layout.

    Parameters
    ----------
    out : Path
        The root to write: ``cohn-kanade-images/``, ``Emotion/`` and, beside them, ``landmarks.parquet`` (the true five
        points of each frame), ``truth.parquet`` (each frame's face-unit weights) and ``demo.json``. An older tree is
        replaced once the new one is complete.
    settings : DemoSettings
        Subjects, frames, size, intensity, seed and the share who wear glasses.
    workers : int, optional
        Processes, all processors by default. The bytes do not depend on it.
    clean : bool
        Leave out what real copies have besides: unlabelled sequences, ``.DS_Store`` and ``__MACOSX``.
    progress : Progress
        Shows the work.
    """
    with atomic_path(out) as temporary:
        tasks = [(temporary, number, settings, clean) for number in range(settings.subjects)]
        done = in_processes(_subject, tasks, workers or os.cpu_count() or 1)
        results = list(progress(done, "rendering", total=len(tasks)))
        landmarks = [row for rows, _, _ in results for row in rows]
        truth = [row for _, rows, _ in results for row in rows]
        pd.DataFrame(landmarks, columns=["source", *POINTS]).astype(dict.fromkeys(POINTS, np.float32)).to_parquet(
            temporary / "landmarks.parquet", index=False
        )
        pd.DataFrame(truth).to_parquet(temporary / "truth.parquet", index=False)
        content = {
            "notice": NOTICE,
            "facemotion": facemotion.__version__,
            "settings": settings.as_json(),
            "clean": clean,
            "subjects": {subject_name(number): attributes for number, (_, _, attributes) in enumerate(results)},
        }
        write_json(temporary / "demo.json", content)
        if not clean:
            _litter(temporary)


Task = tuple[Path, int, DemoSettings, bool]
Result = tuple[list[list[Any]], list[dict[str, Any]], dict[str, Any]]


def _subject(task: Task) -> Result:
    """Render all sequences of one subject; return landmark rows, truth rows and the subject's attributes."""
    root, number, settings, clean = task
    name, seed = subject_name(number), settings.seed * 1000 + number
    glasses = wears(seed, settings.glasses)
    order = np.random.default_rng([_ORDER, seed]).permutation(len(EXPRESSIONS))
    times = frame_times(settings.frames)
    landmarks: list[list[Any]] = []
    truth: list[dict[str, Any]] = []
    for session, kind in enumerate(order, start=1):
        expression = EXPRESSIONS[kind]
        folder = f"{name}/{session:03d}"
        images, labels = root / "cohn-kanade-images" / folder, root / "Emotion" / folder
        images.mkdir(parents=True)
        labels.mkdir(parents=True)
        stem = f"{name}_{session:03d}"
        frames = lab_sequence(
            seed,
            expression,
            times,
            size=settings.size,
            intensity=settings.intensity,
            seed=settings.seed,
            glasses=glasses,
        )
        for position, (frame, time) in enumerate(zip(frames, times, strict=True), start=1):
            path = images / f"{stem}_{position:08d}.png"
            if not cv2.imwrite(str(path), frame.image[..., ::-1]):
                raise OSError(f"cannot write {path}")
            source = path.relative_to(root).as_posix()
            landmarks.append([source, *frame.landmarks.ravel().tolist()])
            units = {unit: frame.weights.get(unit, 0.0) for unit in load_head().units}
            truth.append({"source": source, "expression": expression, "time": time, **units})
        label = labels / f"{stem}_{settings.frames:08d}_emotion.txt"
        label.write_text(f"   {kind + 1:.7e}\n", encoding="ascii", newline="\n")
    if not clean:
        _unlabelled(root, name, number, len(order) + 1)
    return landmarks, truth, dict(describe(build_subject(seed, glasses=glasses)))


def _unlabelled(root: Path, name: str, number: int, session: int) -> None:
    """Give some subjects a sequence without label, in the three ways in which CK+ has them."""
    way = number % 6
    if way > 2:
        return
    images = root / "cohn-kanade-images" / name / f"{session:03d}"
    images.mkdir(parents=True)
    first = root / "cohn-kanade-images" / name / "001" / f"{name}_001_00000001.png"
    for position in range(1, 5):
        (images / f"{name}_{session:03d}_{position:08d}.png").write_bytes(first.read_bytes())
    labels = root / "Emotion" / name / f"{session:03d}"
    if way < 2:  # an empty label folder, or one that only looks empty; else none at all
        labels.mkdir(parents=True)
    if way == 1:
        (labels / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")


def _litter(root: Path) -> None:
    """Add the junk that unpacking on a Mac leaves."""
    first = min((root / "cohn-kanade-images").glob("S*/001/*.png"))
    fork = root / "__MACOSX" / first.relative_to(root).with_name(f"._{first.name}")
    fork.parent.mkdir(parents=True)
    fork.write_bytes(b"\0\5\26\7")
    (root / "cohn-kanade-images" / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
