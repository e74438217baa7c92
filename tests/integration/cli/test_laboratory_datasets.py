"""Each laboratory dataset with all its quirks, from the tree as it lies on disk to its priors, by command."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from facemotion import manifest, tables
from facemotion.priors.bank import PriorBank

WORK = Path("facemotion-work")


def excluded(name: str) -> dict[str, tuple[str, str]]:
    content = json.loads((WORK / name / "ingest.json").read_text())
    return {item["item"]: (item["reason"], item["detail"]) for item in content["exclusions"]}


def sentence(printed: str) -> str:
    """Return an error as one line, without the box that it is printed in."""
    return " ".join(printed.replace("│", " ").split())


def to_priors(run, name: str, root: Path, *, folds: int, failures: int = 0) -> PriorBank:
    printed = run("ingest", "--dataset", name, "--root", root, "--workers", 1).output
    assert "class order: anger" in printed
    run("align", "--dataset", name, "--root", root, "--workers", 1, "--max-failures", failures)
    assert (WORK / name / "contact-sheet.png").is_file()
    run("folds", "--dataset", name, "--root", root, "--folds", folds)
    run("build-priors", "--source", name, "--root", root)
    return PriorBank.load(Path(f"{name}.npz"))


def test_ckplus(run, ckplus_quirks):
    bank = to_priors(run, "ckplus", ckplus_quirks, folds=2, failures=1)
    missing = "its label names frame 6, which is missing (the frames end at 5); the peak is not on disk"
    assert excluded("ckplus") == {"S006_004": ("label_frame_missing", missing)}
    content = json.loads((WORK / "ckplus/ingest.json").read_text())
    assert content["notes"] == ["S005_003: frames after the labelled 4 (up to 5) were not used"]
    faces = tables.read_table(WORK / "ckplus/faces.parquet")[0].set_index("sample_id")
    assert faces["status"].value_counts().to_dict() == {"ok": (4 * 7 - 1) * 4 - 1, "unreadable": 1}
    assert faces.loc["S005_005_00000005", "message"].startswith("the image cannot be decoded")
    labels = {path.name[:8]: int(float(path.read_text())) for path in ckplus_quirks.rglob("*_emotion.txt")}
    counts = [4 * 3] * 7
    counts[labels["S006_004"] - 1] -= 3
    counts[labels["S005_005"] - 1] -= 1
    assert bank.count[-1].tolist() == bank.count[:2].sum(axis=0).tolist() == counts
    folds = json.loads((WORK / "ckplus/folds.json").read_text())["folds"]
    assert sorted(name for fold in folds for name in fold["subjects"]) == ["S005", "S006", "S501", "S999"]


def test_mmi(run, mmi_tree):
    bank = to_priors(run, "mmi", mmi_tree, folds=4)
    assert bank.meta.classes == ("anger", "disgust", "fear", "happiness", "sadness", "surprise")
    assert bank.count[-1].tolist() == [4 * 3] * 6
    assert {item: reason for item, (reason, _) in excluded("mmi").items()} == {
        "S001_001": "other_database",
        "S002_106": "undecodable",
        "S021_003": "profile_only",
        "S028_090": "not_basic",
        "S028_091": "too_short",
        "S028_092": "no_emotion",
        "mmi-facial-expression-database_download_2020-01-01_00_00_00/Sessions/9006/S031-001.jpg": "no_frame",
    }
    faces, _ = tables.read_table(WORK / "mmi/faces.parquet")
    rows, _ = manifest.read(WORK / "mmi/manifest.parquet")
    truth = pd.read_parquet(mmi_tree / "landmarks.parquet").merge(
        rows[["sample_id", "source", "frame"]], on=["source", "frame"]
    )
    found = faces.set_index("sample_id").loc[truth["sample_id"]]
    eyes = truth["x2"] - truth["x1"]
    for place, point in ((0, "x1"), (2, "x2"), (4, "x3")):  # upright, and in the frontal half
        distance = (found["landmarks"].map(lambda points, place=place: points[place]).to_numpy() - truth[point]).abs()
        assert (distance / eyes).max() < 0.2


def test_oulu_casia(run, oulu_tree):
    bank = to_priors(run, "oulu-casia", oulu_tree, folds=2)
    assert bank.count[-1].tolist() == [3, 6, 3, 6, 6, 6]
    found = excluded("oulu-casia")
    assert found["P002_anger"] == ("too_short", "it has 3 frames; a neutral one and 3 at the peak are needed")
    assert found["P002_fear"] == ("sequence_missing", "it has no frames")
    run("ingest", "--dataset", "oulu-casia", "--root", oulu_tree, "--camera", "NI", "--light", "Weak")
    (beside,) = (WORK / "oulu-casia/selections").iterdir()
    rows, _ = manifest.read(beside / "manifest.parquet")
    assert rows["source"].str.contains("/NI/Weak/").all()
    assert manifest.read(WORK / "oulu-casia/manifest.parquet")[0]["source"].str.contains("/VL/Strong/").all()


def test_folder(run, rendered):
    labels = {path.stem[:8]: int(float(path.read_text())) for path in rendered.rglob("*_emotion.txt")}
    for path in sorted(rendered.glob("cohn-kanade-images/*/*/*.png")):
        number = int(path.stem[-8:])
        code = labels.get(path.stem[:8])
        if code is not None and number in (1, 4):
            place = Path("tree") / ("0" if number == 1 else str(code)) / path.stem[:4] / path.name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
    refused = run("ingest", "--dataset", "folder", "--root", "tree", fails=True).output
    assert "numbered, and the same number means" in sentence(refused)
    names = "0=neutral,1=anger,2=contempt,3=disgust,4=fear,5=happy,6=sad,7=surprise"
    run("align", "--dataset", "folder", "--root", "tree", "--label-map", names, "--workers", 1)
    run("folds", "--dataset", "folder", "--root", "tree", "--folds", 2)
    run("build-priors", "--source", "folder", "--root", "tree")
    assert PriorBank.load(Path("folder.npz")).count[-1].tolist() == [4] * 7
    wrong = run("ingest", "--dataset", "folder", "--root", "tree", "--label-map", "0:anger", fails=True).output
    assert "expected FOLDER=EXPRESSION" in sentence(wrong)


@pytest.mark.parametrize("name", ["mmi", "oulu-casia"])
def test_a_layout_is_rendered_by_command(run, name, cheaply):
    run("demo", "render", "--layout", name, "tree", "--subjects", 2, "--size", "96x96", "--workers", 1, "--clean")
    run("ingest", "--dataset", name, "--root", "tree")
    rows, _ = manifest.read(WORK / name / "manifest.parquet")
    assert len(rows) == 2 * 6 * 4
    assert excluded(name) == {}


def test_the_landmarks_that_a_dataset_ships_need_no_detector(run, rendered, quirks):
    tree = quirks("affectnet-b")
    arguments = ("align", "--dataset", "affectnet", "--root", tree, "--protocol", "official", "--workers", 1)
    printed = run(*arguments, "--landmarks", "precomputed").output
    assert "landmarks of 14 of 14 frames" in printed
    faces, _ = tables.read_table(WORK / "affectnet/faces.parquet")
    assert set(faces["detector"]) == {"precomputed"}
    assert set(faces["status"]) == {"ok"}
    assert "align is up to date" in run(*arguments, "--landmarks", "precomputed").output
    refused = run("align", "--dataset", "ckplus", "--root", rendered, "--landmarks", "precomputed", fails=True).output
    assert "unpack Landmarks.zip" in sentence(refused)
