"""Odd content of a run's files ends in one sentence that names the file."""

import copy
import io
import json
import zipfile

import numpy as np
import pandas as pd
import pytest

from facemotion.errors import WorkspaceError
from facemotion.evaluation.metrics import summarise
from facemotion.runs import masks, records
from facemotion.runs.config import RunConfig

DEEP = "[" * 200_000
NESTED = json.dumps({"a": json.loads("[" * 40 + "]" * 40)})
GOOD = {"dataset": "demo", "classes": ["anger", "fear"], "settings": {}}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (DEEP, "is not JSON"),
        ("{", "is not JSON"),
        ("\ufeff{}", "is not JSON"),
        ("[]", r"holds no JSON object \(list\)"),
        ("3", r"holds no JSON object \(int\)"),
        (NESTED, "is nested more than 16 levels deep"),
        (json.dumps({**GOOD, "dataset": ["demo"]}), "is not the config of a run: dataset"),
        (json.dumps({**GOOD, "dataset": "../../etc"}), "is not the config of a run: dataset"),
        (json.dumps({**GOOD, "classes": "anger"}), "is not the config of a run: classes"),
        (json.dumps({**GOOD, "classes": ["anger", "anger"]}), "classes must be distinct canonical expressions"),
        (json.dumps({**GOOD, "settings": None}), "is not the config of a run: settings"),
        (json.dumps({"classes": ["anger"], "settings": {}}), "is not the config of a run: dataset: Field required"),
        (json.dumps({**GOOD, "alignment": [1]}), "is not the config of a run: alignment"),
        (json.dumps({**GOOD, "made_from": {"faces": 3}}), r"is not the config of a run: made_from\.faces"),
    ],
)
def test_config(tmp_path, text, sentence):
    path = tmp_path / "config.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WorkspaceError, match=sentence) as error:
        RunConfig.read(path)
    assert str(path) in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_config_that_says_too_little_of_its_settings(tmp_path):
    path = tmp_path / "config.json"
    path.write_text(json.dumps({**GOOD, "settings": {"preset": "x", "model": {"width": "wide"}}}))
    with pytest.raises(WorkspaceError, match=r"config\.json has settings that cannot be read: model"):
        RunConfig.read(path).train_settings()
    with pytest.raises(WorkspaceError, match="does not say how its faces were aligned"):
        RunConfig.read(path).align_settings()


def test_a_huge_record_is_not_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "MOST_BYTES", 10)
    (tmp_path / "config.json").write_text(json.dumps(GOOD))
    with pytest.raises(WorkspaceError, match="which no such file of a run has"):
        RunConfig.read(tmp_path / "config.json")


@pytest.fixture(scope="module")
def figures():
    rows = [(f"{subject}{kind}", subject, kind) for subject in "ABC" for kind in ("anger", "fear")]
    frame = pd.DataFrame(rows, columns=["sample_id", "subject", "expression"])
    frame = frame.assign(fold=0, seed=0, variant="fmpn", predicted="anger", p_anger=0.75, p_fear=0.25)
    return json.loads(json.dumps(summarise(frame, ("anger", "fear"), resamples=50)))


def test_what_is_written_is_read(run, figures):
    run.metrics_path.write_text(json.dumps({"provenance": {}, "more": 1, **figures}))
    assert run.metrics == {"provenance": {}, "more": 1, **figures}


CHANGES = {
    "variants": lambda c: c.update(variants=[]),
    "no variant": lambda c: c.update(variants={}),
    "classes": lambda c: c.update(classes={"anger": 1}),
    "unknown class": lambda c: c.update(classes=["anger", "joy"]),
    "accuracy": lambda c: c["variants"]["fmpn"].update(accuracy=None),
    "NaN": lambda c: c["variants"]["fmpn"]["accuracy"].update(pooled=float("nan")),
    "above 1": lambda c: c["variants"]["fmpn"]["accuracy"].update(macro=98.1),
    "text": lambda c: c["variants"]["fmpn"]["accuracy"].update(macro="0.5"),
    "endless": lambda c: c["variants"]["fmpn"].update(images=10**400),
    "confusion": lambda c: c["variants"]["fmpn"].update(confusion=[[1, 2]]),
    "per_class": lambda c: c["variants"]["fmpn"]["per_class"].pop("fear"),
    "folds": lambda c: c["variants"]["fmpn"].update(folds={"fold": 1}),
    "interval": lambda c: c["variants"]["fmpn"]["interval"].update(pooled=[0.1]),
    "comparisons": lambda c: c.update(comparisons=[{"first": "fmpn"}]),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_metrics(run, figures, change):
    content = copy.deepcopy(figures)
    change(content)
    run.metrics_path.write_text(json.dumps(content))
    with pytest.raises(WorkspaceError, match=r"does not hold the figures of a run: .*; run `facemotion train` again"):
        _ = run.metrics


def test_an_evaluation_says_of_which_dataset_it_is(run, figures):
    place = run.evaluation_folder("mmi")
    place.mkdir(parents=True)
    (place / "metrics.json").write_text(json.dumps(figures))
    with pytest.raises(WorkspaceError, match=r"holds no predictions\.parquet; run `facemotion evaluate first` again"):
        run.evaluation("mmi")
    (place / "predictions.parquet").write_bytes(b"")
    with pytest.raises(WorkspaceError, match="dataset: Field required; run `facemotion evaluate` again"):
        run.evaluation("mmi")
    assert run.evaluated == ("mmi",)


@pytest.mark.parametrize(
    "epochs",
    [
        None,
        "nonsense",
        {"phase": "joint"},
        [3],
        [{"phase": ["joint"]}],
        [{"phase": "joint", "class_loss": [1]}],
        [{"phase": "joint", "class_loss": float("nan")}],
        [{"phase": "joint", "class_loss": 10**400}],
        [{"phase": "joint", "epoch": "first"}],
        [{"phase": f"phase {number}"} for number in range(100)],
    ],
)
def test_history(training, epochs):
    training.curves.write_text(json.dumps({"key": "k", "epochs": epochs}))
    with pytest.raises(WorkspaceError, match=r"history\.json does not hold the epochs of a training"):
        training.history()


def npy(header: str, data: bytes = b"") -> bytes:
    text = header.encode() + b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data


def archive(path, **changes: bytes | np.ndarray) -> None:
    names = np.array(["a", "b"])
    members = {"sample_id": names, "predicted": names, "mask": np.zeros((2, 4, 4), np.uint8), **changes}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in members.items():
            if isinstance(content, np.ndarray):
                buffer = io.BytesIO()
                np.save(buffer, content)
                content = buffer.getvalue()
            out.writestr(f"{name}.npy", content)


ODD = {
    "a shape that the file does not hold": npy(
        "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999, 9, 9)}"
    ),
    "a negative shape": npy("{'descr': '|u1', 'fortran_order': False, 'shape': (-1, 4, 4)}", b"0" * 64),
    "a width of text": npy("{'descr': '<U999999999', 'fortran_order': False, 'shape': (2,)}", b"0" * 64),
    "objects": npy("{'descr': '|O', 'fortran_order': False, 'shape': (2, 4, 4)}", b"0" * 64),
    "no header": b"nothing of the kind",
    "flat": np.zeros(8, np.uint8),
    "doubles": np.zeros((2, 4, 4), np.float64),
    "not finite": np.full((2, 4, 4), np.nan, np.float32),
    "too bright": np.full((2, 4, 4), 3, np.float32),
    "too many": np.zeros((3, 4, 4), np.uint8),
    "empty": np.zeros((2, 0, 4), np.uint8),
    "colour": np.zeros((2, 3, 4, 4), np.uint8),
}


@pytest.mark.parametrize("mask", ODD.values(), ids=ODD)
def test_masks(training, mask):
    archive(training.masks_kept, mask=mask)
    with pytest.raises(WorkspaceError, match=r"masks\.npz does not hold learned masks \(.+\)"):
        training.masks()


def test_masks_that_unpack_to_gigabytes_are_not_unpacked(training, monkeypatch):
    monkeypatch.setattr(masks, "MOST_BYTES", 2**16)
    archive(training.masks_kept, mask=np.zeros((2, 400, 400), np.uint8))
    assert training.masks_kept.stat().st_size < 2**12
    with pytest.raises(WorkspaceError, match="mask unpacks to 0 MiB"):
        training.masks()


def test_masks_that_are_missing_or_no_archive(training):
    training.masks_kept.write_bytes(b"PK")
    with pytest.raises(WorkspaceError, match="does not hold learned masks"):
        training.masks()
    training.masks_kept.unlink()
    with pytest.raises(WorkspaceError, match="has kept no masks"):
        training.masks()
