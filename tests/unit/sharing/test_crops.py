"""Exported faces, read back by what other people read them with."""

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from torchvision.datasets import ImageFolder

from facemotion.errors import ConfigError, DataError
from facemotion.sharing import crops

CLASSES = ("anger", "fear", "surprise")
NUMBER = 7
PICTURES = np.random.default_rng(0).integers(0, 256, (NUMBER + 2, 12, 10, 3), dtype=np.uint8)


@pytest.fixture
def faces() -> crops.ShownFaces:
    labels = np.array([0, 2, 0, 2, 2, 0, 2])  # nobody shows fear
    table = pd.DataFrame(
        {
            "row": np.arange(NUMBER) + 2,
            "part": ["train"] * 4 + ["test"] * 3,
            "label": labels,
            "expression": np.array(CLASSES)[labels],
            "sample_id": [f"S{number}/a.b/É:{number}" for number in range(NUMBER)],
            "subject": [f"S{number}" for number in range(NUMBER)],
            "fold": crops.fold_of([np.arange(3), np.arange(3, 6)], NUMBER),
        }
    )
    return crops.ShownFaces(PICTURES, table, CLASSES)


def written(folder: Path, faces: crops.ShownFaces, to: str) -> Path:
    assert crops.write_faces(folder / to, faces, to, header={"dataset": "demo"}) == NUMBER
    head = json.loads((folder / to / "facemotion.json").read_text())
    assert head["classes"] == list(CLASSES)
    assert head["parts"] == {"train": 4, "test": 3}
    return folder / to


def test_torchvision_reads_an_image_folder(faces: crops.ShownFaces, tmp_path: Path) -> None:
    out = written(tmp_path, faces, "imagefolder")
    metadata = pd.read_csv(out / "metadata.csv").set_index("file_name")
    found = 0
    for part, table in faces.parts():
        read = ImageFolder(str(out / part), allow_empty=True)
        assert tuple(read.classes) == CLASSES
        assert sorted(read.targets) == sorted(table["label"])
        for number, (path, label) in enumerate(read.samples):
            picture, _ = read[number]
            row = metadata.loc[Path(path).relative_to(out).as_posix()]
            known = table.set_index("sample_id").loc[row["sample_id"]]
            assert (label, row["fold"]) == (known["label"], known["fold"])
            np.testing.assert_array_equal(np.asarray(picture), PICTURES[known["row"]])
            found += 1
    assert found == NUMBER


def test_tar_shards_hold_samples(faces: crops.ShownFaces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crops, "SHARD", 3)
    out = written(tmp_path, faces, "webdataset")
    assert sorted(path.name for path in out.glob("*.tar")) == [
        "test-000000.tar",
        "train-000000.tar",
        "train-000001.tar",
    ]
    rows = faces.table.set_index("sample_id")
    seen = []
    for path in sorted(out.glob("*.tar")):
        with tarfile.open(path) as tar:
            members = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
        for key in sorted({name.partition(".")[0] for name in members}):
            known = json.loads(members[f"{key}.json"])
            row = rows.loc[known["sample_id"]]
            assert int(members[f"{key}.cls"]) == row["label"] == known["label"]
            assert path.name.startswith(row["part"])
            picture = np.asarray(Image.open(io.BytesIO(members[f"{key}.png"])))
            np.testing.assert_array_equal(picture, PICTURES[row["row"]])
            seen.append(known["sample_id"])
    assert sorted(seen) == sorted(rows.index)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # it leaves its files to the collector
def test_webdataset_reads_its_shards(faces: crops.ShownFaces, tmp_path: Path) -> None:
    webdataset = pytest.importorskip("webdataset", reason="webdataset is not installed")
    out = written(tmp_path, faces, "webdataset")
    read = webdataset.WebDataset(str(out / "train-000000.tar"), shardshuffle=False).decode("pil").to_tuple("png", "cls")
    labels = [label for _, label in read]
    assert labels == faces.table["label"].tolist()[:4]


def test_hugging_face_datasets_reads_its_parquet(faces: crops.ShownFaces, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="the Hugging Face library datasets is not installed")
    out = written(tmp_path, faces, "hf")
    files = {part: str(out / "data" / f"{part}-*.parquet") for part in ("train", "test")}
    read = datasets.load_dataset("parquet", data_files=files, cache_dir=str(tmp_path / "cache"))
    assert read["train"].features["label"].names == list(CLASSES)
    assert read["test"]["label"] == faces.table["label"].tolist()[4:]
    first = read["train"][0]
    np.testing.assert_array_equal(np.asarray(first["image"]), PICTURES[2])
    assert (first["sample_id"], first["fold"]) == ("S0/a.b/É:0", 0)


def test_parquet_says_what_its_columns_are(faces: crops.ShownFaces, tmp_path: Path) -> None:
    table = pd.read_parquet(written(tmp_path, faces, "hf") / "data" / "test-00000-of-00001.parquet")
    assert table["label"].tolist() == [2, 0, 2]
    assert table["fold"].tolist() == [1, 1, -1]
    picture = np.asarray(Image.open(io.BytesIO(table["image"][0]["bytes"])))
    np.testing.assert_array_equal(picture, PICTURES[6])


@pytest.mark.parametrize("to", crops.FORMATS)
def test_the_same_faces_give_the_same_bytes(faces: crops.ShownFaces, tmp_path: Path, to: str) -> None:
    once, again = (written(tmp_path / each, faces, to) for each in ("a", "b"))
    names = sorted(path.relative_to(once) for path in once.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    for name in names:
        assert (once / name).read_bytes() == (again / name).read_bytes()


def test_what_cannot_be_written_is_a_sentence(faces: crops.ShownFaces, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="unknown format 'lmdb': expected one of hf, imagefolder, webdataset"):
        crops.write_faces(tmp_path / "out", faces, "lmdb", header={})
    none = crops.ShownFaces(PICTURES, faces.table[:0], CLASSES)
    with pytest.raises(DataError, match="no faces to write"):
        crops.write_faces(tmp_path / "out", none, "hf", header={})
    assert not (tmp_path / "out").exists()
