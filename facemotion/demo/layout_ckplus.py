"""Writes the demo in CK+'s own on-disk layout, so that it is read by the code that reads CK+."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from facemotion.config import RENDERING, DemoSettings
from facemotion.demo import quirks_ckplus
from facemotion.demo.glasses import wears
from facemotion.demo.identity import build_subject, describe
from facemotion.demo.layout import Layout, Whole
from facemotion.demo.mesh import load_head
from facemotion.demo.quirks_ckplus import Plan
from facemotion.demo.sequence import frame_times, lab_sequence
from facemotion.expressions import EXPRESSIONS

__all__ = ["POINTS", "render_ckplus"]

POINTS = tuple(f"{axis}{number}" for number in range(1, 6) for axis in "xy")

_ORDER = 23
"""First word of the seeds that order a subject's sessions."""
_SUBJECT_STEP = 7
"""CK+'s subject numbers have gaps: S005, S010, S011 and so on."""


def subject_name(number: int) -> str:
    """Return the name of the `number`-th subject: ``S005``, then with gaps of one or two."""
    return f"S{5 + number + number // _SUBJECT_STEP:03d}"


def _plans(whole: Whole) -> list[Plan]:
    """Return what is rendered of each subject, varied as real copies vary unless the tree is to be clean."""
    plans = [_plan(number, whole.settings) for number in range(whole.settings.subjects)]
    return plans if whole.clean else quirks_ckplus.varied(plans)


def _tasks(whole: Whole) -> list["Task"]:
    return [(whole.root, number, whole.settings, plan) for number, plan in enumerate(_plans(whole))]


def _last(whole: Whole, results: list["Result"]) -> dict[str, Any]:
    """Write the true points and weights, and the quirks; return what ``demo.json`` says of the subjects."""
    root, plans = whole.root, _plans(whole)
    landmarks = [row for rows, _, _ in results for row in rows]
    truth = [row for _, rows, _ in results for row in rows]
    table = pd.DataFrame(landmarks, columns=["source", *POINTS]).astype(dict.fromkeys(POINTS, np.float32))
    table.to_parquet(root / "landmarks.parquet", index=False)
    pd.DataFrame(truth).to_parquet(root / "truth.parquet", index=False)
    if not whole.clean:
        quirks_ckplus.add(root, plans)
    subjects = {plan.name: attributes for plan, (_, _, attributes) in zip(plans, results, strict=True)}
    common = {"settings": whole.settings.as_json(), "clean": whole.clean}
    return {"version": RENDERING, **common, "subjects": subjects}


def _plan(number: int, settings: DemoSettings) -> Plan:
    sessions = tuple(range(1, len(EXPRESSIONS) + 1))
    return Plan(subject_name(number), sessions, (settings.frames,) * len(sessions), height=settings.size[0])


Task = tuple[Path, int, DemoSettings, Plan]
Result = tuple[list[list[Any]], list[dict[str, Any]], dict[str, Any]]


def _subject(task: Task) -> Result:
    """Render all sequences of one subject; return landmark rows, truth rows and the subject's attributes."""
    root, number, settings, plan = task
    seed = settings.seed * 1000 + number
    glasses = wears(seed, settings.glasses)
    order = np.random.default_rng([_ORDER, seed]).permutation(len(EXPRESSIONS))
    landmarks: list[list[Any]] = []
    truth: list[dict[str, Any]] = []
    for place, kind in enumerate(order):
        expression, stem, times = EXPRESSIONS[kind], plan.stem(place), frame_times(plan.frames[place])
        images, labels = (root / top / plan.folder(place) for top in ("cohn-kanade-images", "Emotion"))
        images.mkdir(parents=True)
        labels.mkdir(parents=True)
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
            image = frame.image[: plan.height]
            stored = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if plan.gray else image[..., ::-1]
            if not cv2.imwrite(str(path), stored):
                raise OSError(f"cannot write {path}")
            source = path.relative_to(root).as_posix()
            landmarks.append([source, *frame.landmarks.ravel().tolist()])
            units = {unit: frame.weights.get(unit, 0.0) for unit in load_head().units}
            truth.append({"source": source, "expression": expression, "time": time, **units})
        label = labels / f"{stem}_{plan.frames[place]:08d}_emotion.txt"
        label.write_text(f"   {kind + 1:.7e}\n", encoding="ascii", newline="\n")
    return landmarks, truth, dict(describe(build_subject(seed, glasses=glasses)))


render_ckplus = Layout("ckplus", _subject, _last, _tasks)
"""CK+: ``cohn-kanade-images/``, ``Emotion/`` and, beside them, ``landmarks.parquet`` (the true five points of each
rendered frame) and ``truth.parquet`` (its face-unit weights).

Sequences have at most as many frames as the settings say; the quirks of real copies are those of
`facemotion.demo.quirks_ckplus`."""
