"""A small workspace with drawn faces and a finished run, as the stages leave them."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest
from explained_run import explain_run
from html_page import Page

from facemotion import manifest, tables
from facemotion.alignment.store import FACES
from facemotion.config import FoldSettings, PriorSettings
from facemotion.evaluation import metrics, predictions
from facemotion.expressions import EXPRESSIONS
from facemotion.folds import Folds, build_folds
from facemotion.priors.motion import About, build_bank
from facemotion.provenance import provenance
from facemotion.report import page
from facemotion.report.curves import curves
from facemotion.workspace import Workspace, write_json

MOUTH = dict(zip(("neutral", *EXPRESSIONS), (0, -3, 2, -6, 9, 7, -8, 14), strict=True))


def draw_face(subject: int, expression: str, size: tuple[int, int]) -> np.ndarray:
    """Draw a face whose mouth and brows say something."""
    height, width = size
    middle = (width // 2, height // 2)
    tone = (150 + 9 * subject % 80, 120 + 7 * subject % 60, 100 + 5 * subject % 50)
    face = np.full((height, width, 3), 60 + 5 * subject, dtype=np.uint8)
    cv2.ellipse(face, middle, (width * 2 // 5, height * 9 // 20), 0, 0, 360, tone, -1)
    bend = MOUTH[expression]
    for side in (-1, 1):
        eye = (middle[0] + side * width // 6, middle[1] - height // 7)
        cv2.ellipse(face, eye, (width // 14, max(2, height // 30 + bend // 3)), 0, 0, 360, (240, 240, 240), -1)
        cv2.circle(face, eye, width // 30, (40, 30, 30), -1)
        cv2.line(face, (eye[0] - 8, eye[1] - 8 - bend // 3), (eye[0] + 8, eye[1] - 8), (50, 40, 40), 2)
    mouth = (middle[0], middle[1] + height // 5)
    start, stop = (0, 180) if bend >= 0 else (180, 360)
    cv2.ellipse(face, mouth, (width // 6, max(1, abs(bend))), 0, start, stop, (150, 60, 70), -1)
    return face


@dataclass
class Place:
    """A workspace and the folder of its run."""

    workspace: Workspace
    run: Path


def make_dataset(folder: Path, dataset: str, subjects: int) -> pd.DataFrame:
    """Write manifest, faces, arrays, folds and counts of drawn faces; one face is not found."""
    rows = []
    for subject in range(subjects):
        for number, name in enumerate(EXPRESSIONS, start=1):
            sequence = f"S{subject:03d}_{number:03d}"
            rows += [(f"S{subject:03d}", sequence, 1, "neutral"), (f"S{subject:03d}", sequence, 4, name)]
    frame = pd.DataFrame(rows, columns=["subject", "sequence", "frame", "expression"])
    frame["sample_id"] = [f"{row[1]}_{row[2]:08d}" for row in rows]
    frame["role"] = np.where(frame["frame"] == 1, "neutral", "expressive")
    frame = manifest.validate(frame.assign(dataset=dataset, source=frame["sample_id"] + ".png"))
    digest = manifest.write(folder / "manifest.parquet", frame, header=provenance("ingest", settings={}, inputs={}))
    ok = np.arange(len(frame)) != 5
    faces = pd.DataFrame({"sample_id": frame["sample_id"], "status": np.where(ok, "ok", "no_face")})
    faces["message"], faces["detector"], faces["score"], faces["faces_found"] = "", "mtcnn", 0.99, 1
    faces["box"] = faces["landmarks"] = faces["similarity"] = None
    faces["sha256"], faces["row"] = "0" * 64, np.where(ok, np.cumsum(ok) - 1, -1)
    tables.write_table(folder / "faces.parquet", faces, schema=FACES, header={"shards": [int(ok.sum())]})
    for kind, size in (("aligned", (112, 96)), ("crops", (70, 70))):
        (folder / kind).mkdir()
        drawn = [draw_face(int(s[1:]), e, size) for s, e in zip(frame["subject"], frame["expression"], strict=True)]
        np.save(folder / kind / "00000.npy", np.stack(drawn)[ok])
    write_json(folder / "folds.json", build_folds(frame, FoldSettings(folds=2)).as_json({}))
    write_json(
        folder / "ingest.json",
        {
            "provenance": {},
            "dataset": dataset,
            "layout": "synthetic faces in CK+'s layout",
            "classes": list(EXPRESSIONS),
            "rows": len(frame),
            "subjects": subjects,
            "roles": {"expressive": len(frame) // 2, "neutral": len(frame) // 2},
            "checks": [
                {"name": "subjects", "found": subjects, "expected": subjects, "agrees": True},
                {"name": "images, fear", "found": subjects, "expected": 75, "agrees": False},
                {"name": "list of images", "found": digest, "expected": None, "agrees": None},
            ],
            "exclusions": [{"item": "S099_001", "reason": "no_label", "detail": ""}],
            "notes": [],
        },
    )
    return frame


def make_run(folder: Path, dataset_folder: Path, frame: pd.DataFrame, *, variants: tuple[str, ...]) -> None:
    """Write a run: settings, prior, predictions, metrics, histories and masks."""
    crops = np.load(dataset_folder / "crops" / "00000.npy")
    faces = tables.read_table(dataset_folder / "faces.parquet")[0]
    folds = Folds.read(dataset_folder / "folds.json")
    bank = build_bank(crops, faces, frame, folds, PriorSettings(), about=About("c0ffee" + "0" * 10))
    bank.save(folder / "prior.npz")
    truth = dict(zip(frame["sample_id"], frame["expression"], strict=True))
    subject = dict(zip(frame["sample_id"], frame["subject"], strict=True))
    parts = []
    for index, variant in enumerate(variants):
        for number in range(len(folds)):
            random = np.random.default_rng([index, number])
            place = folder / variant / f"fold-{number}" / "seed-0"
            place.mkdir(parents=True)
            samples = list(folds.test(number))
            p = random.dirichlet(np.ones(7), len(samples)) * 0.8
            for row, name in enumerate(samples):
                p[row, EXPRESSIONS.index(truth[name])] += max(0.3 - 0.1 * index, 0)
            p = (p / p.sum(axis=1, keepdims=True)).astype(np.float32)
            predicted = [EXPRESSIONS[k] for k in p.argmax(axis=1)]
            table = pd.DataFrame({"sample_id": samples, "predicted": predicted}).assign(
                subject=[subject[name] for name in samples], fold=number, seed=0, variant=variant
            )
            table["expression"] = [truth[name] for name in samples]
            table[[f"p_{name}" for name in EXPRESSIONS]] = p
            parts.append(table)
            epochs = [
                {
                    "phase": "generator",
                    "epoch": e,
                    "mask_loss": 0.1 / (1 + e) + 0.01 * random.random(),
                    "class_loss": None,
                    "train_accuracy": None,
                    "rate": 1e-4,
                }
                for e in range(12)
            ]
            epochs += [
                {
                    "phase": "joint",
                    "epoch": e,
                    "mask_loss": 0.02,
                    "class_loss": 1.9 * 0.8**e + 0.1 * random.random(),
                    "train_accuracy": 1 - 0.85 * 0.8**e,
                    "rate": 1e-4,
                }
                for e in range(15)
            ]
            write_json(place / "history.json", {"key": "0" * 64, "epochs": epochs})
            masks = [bank.mask[number, EXPRESSIONS.index(truth[name])] for name in samples]
            noisy = np.clip(np.stack(masks) + 0.1 * random.standard_normal((len(samples), 70, 70)), 0, 1)
            np.savez(
                place / "masks.npz",
                sample_id=np.array(samples),
                mask=np.rint(noisy * 255).astype(np.uint8),
                predicted=np.array(predicted),
            )
    merged = predictions.merge(parts, EXPRESSIONS)
    predictions.write(folder / "predictions.parquet", merged, header={})
    write_json(folder / "metrics.json", metrics.summarise(merged, EXPRESSIONS, resamples=200))
    dataset = str(frame["dataset"].iloc[0])
    write_json(
        folder / "config.json",
        {
            "dataset": dataset,
            "classes": list(EXPRESSIONS),
            "prior": {"dataset": bank.meta.dataset, "digest": bank.digest(), "file": str(folder / "masks-of-demo.npz")},
            "settings": {"preset": "compact", "training": {"joint_epochs": 15, "batch": 32, "mask_weight": 10.0}},
            "provenance": provenance("train", settings={}, inputs={"prior": bank.digest()}, seed=0)
            | {"versions": bank.meta.versions},
        },
    )


def make_place(root: Path, *, dataset: str = "demo", subjects: int = 4, variants: tuple[str, ...] = ("fmpn",)) -> Place:
    """Make a workspace with a dataset and a run of it."""
    workspace = Workspace(root / "work")
    folder = workspace.dataset(dataset)
    folder.mkdir(parents=True)
    frame = make_dataset(folder, dataset, subjects)
    run = workspace.run("first")
    run.mkdir(parents=True)
    make_run(run, folder, frame, variants=variants)
    return Place(workspace, run)


@pytest.fixture(scope="session")
def explained() -> Callable[..., Path]:
    """Return `explain_run`."""
    return explain_run


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Place:
    """Return a workspace with a finished run; tests must leave it as it is."""
    return make_place(tmp_path_factory.mktemp("finished"))


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Callable[..., Place]:
    """Return a function that does what `make_place` does; a workspace like one that it made before is a copy."""
    kept: dict[tuple[str, ...], Place] = {}

    def copy(root: Path, *, variants: tuple[str, ...] = ("fmpn",)) -> Place:
        if variants not in kept:
            kept[variants] = make_place(tmp_path_factory.mktemp("made"), variants=variants)
        first = kept[variants]
        shutil.copytree(first.workspace.root, root / "work")
        return Place(Workspace(root / "work"), root / "work/runs" / first.run.name)

    return copy


@pytest.fixture
def copied(finished, tmp_path) -> Place:
    """Return a copy of the workspace that a test may break."""
    root = tmp_path / "work"
    shutil.copytree(finished.workspace.root, root)
    return Place(Workspace(root), root / "runs" / finished.run.name)


DRAWN: dict[str, dict[str, Any] | None] = {}


@pytest.fixture(autouse=True)
def charts_once(monkeypatch) -> None:
    """Draw the curves of equal histories once, which is what most of a page's time goes into.

    That they come out alike a second time is tested in `test_page`.
    """

    def once(histories, *, key):
        asked = repr((histories, key))
        if asked not in DRAWN:
            DRAWN[asked] = curves(histories, key=key)
        return DRAWN[asked]

    monkeypatch.setattr(page, "curves", once)


@pytest.fixture(scope="session")
def parsed() -> Callable[[Path], Page]:
    """Return what reads a page."""
    return lambda path: Page(path.read_text(encoding="utf-8"))
