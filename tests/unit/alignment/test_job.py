import shutil
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from facemotion import landmarks, tables
from facemotion.alignment import aligning, job, store
from facemotion.alignment.aligning import align_manifest
from facemotion.alignment.geometry import alignment_id
from facemotion.alignment.job import Job, Tasks, wanted, written
from facemotion.alignment.settings import AlignSettings
from facemotion.config import FileSetting
from facemotion.errors import ConfigError, DataError, WorkspaceError
from facemotion.landmarks.precomputed import PrecomputedSettings
from facemotion.landmarks.settings import landmark_settings

SETTINGS = AlignSettings(shard_size=4, landmarks=landmark_settings({"min_face": 0.15}))
HEADER = {"schema_version": 1, "facemotion": "0", "stage": "align", "inputs": {"manifest": "m"}}
Tree = tuple[pd.DataFrame, Path]


def content(folder: Path) -> dict[str, bytes]:
    """Return everything in a folder by relative name."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def aligned_once(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("aligned") / "work"
    align_manifest(Job(*tree, out, SETTINGS, header=HEADER))
    return out


@pytest.fixture
def aligned(aligned_once: Path, tmp_path: Path) -> Path:
    """A folder of its own with what aligning the tree leaves."""
    return Path(shutil.copytree(aligned_once, tmp_path / "work"))


def test_artefacts_and_counts(tree: Tree, tmp_path: Path) -> None:
    out = tmp_path / "work"
    seen: list[int] = []

    def progress(items, label, /, *, total=None):
        for item in items:
            seen.append(total)
            yield item

    counts = align_manifest(Job(*tree, out, SETTINGS, header=HEADER), progress=progress)
    assert counts == {"ok": 10, "unreadable": 5, "missing_source": 2, "no_face": 2, "ambiguous": 1}
    assert seen == [20] * 20  # frames, not shards
    faces, header = store.read_faces(out)
    assert faces["sample_id"].tolist() == tree[0]["sample_id"].tolist()
    assert Counter(faces["status"]) == counts
    assert header["alignment"] == alignment_id(SETTINGS)
    assert header["stage"] == "align"
    good = faces[faces["status"] == "ok"]
    assert good["row"].tolist() == list(range(10))
    assert store.open_crops(out).shape == (10, 70, 70, 3)
    assert all(len(box) == 4 for box in good["box"])
    sheet = cv2.imread(str(out / "contact-sheet.png"))
    assert sheet.std() > 20
    assert str(tree[1]) not in "".join(map(str, faces.to_dict("list").values())) + str(header)


def test_two_workers_give_the_same_bytes_and_the_last_shards_are_made_in_pieces(
    tree: Tree, aligned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "PIECE", 3)
    monkeypatch.setattr(job, "CUT", 1)
    whole = Job(*tree, tmp_path / "two", SETTINGS, header=HEADER)
    tasks = list(Tasks(whole, wanted(whole, set(), force=False), workers=2))
    assert [(task.number, len(task.part.rows), task.is_piece) for task in tasks] == [
        *((number, 4, False) for number in range(3)),
        *((number, rows, True) for number in (3, 4) for rows in (3, 1)),
    ]
    align_manifest(whole, workers=2)
    assert content(tmp_path / "two") == content(aligned)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_pieces_of_any_size_are_joined_to_the_same_bytes(
    tree: Tree, aligned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(job, "PIECE", size)
    whole = Job(*tree, tmp_path / "pieces", SETTINGS, header=HEADER)
    tasks = Tasks(whole, wanted(whole, set(), force=False), workers=16)
    made = [job.make(task) for task in tasks]
    assert len(made) == len(tasks) == 5 * -(-4 // size)
    assert sum(written(whole, made)) == 20
    assert content(tmp_path / "pieces").items() < content(aligned).items()


def test_manifest_order_does_not_matter(tree: Tree, aligned: Path, tmp_path: Path) -> None:
    rows = tree[0].sample(frac=1, random_state=0)
    align_manifest(Job(rows, tree[1], tmp_path / "shuffled", SETTINGS, header=HEADER))
    assert content(tmp_path / "shuffled") == content(aligned)


@pytest.mark.parametrize(
    "lost",
    [
        ["faces.parquet", "contact-sheet.png"],
        ["faces.parquet", "parts/00001.parquet", "parts/00002.parquet"],
        ["crops/00000.npy"],
        ["aligned/00003.npy", "crops/00003.npy", "parts/00003.parquet", "contact-sheet.png"],
        ["parts/00000.parquet", "aligned/00004.npy"],
    ],
)
def test_a_killed_run_goes_on_to_the_same_bytes(
    tree: Tree, aligned: Path, lost: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = content(aligned)
    for name in lost:
        (aligned / name).unlink()
    (aligned / "crops" / ".00001.4242.tmp.npy").write_bytes(b"half")
    made = []
    monkeypatch.setattr(aligning, "make", lambda task: made.append(task.number) or job.make(task))
    align_manifest(Job(*tree, aligned, SETTINGS, header=HEADER))
    assert content(aligned) == whole
    assert sorted(made) == sorted({int(Path(name).stem) for name in lost if "/" in name})


def test_force_makes_all_shards_again(tree: Tree, aligned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, made = content(aligned), []
    monkeypatch.setattr(aligning, "make", lambda task: made.append(task.number) or job.make(task))
    align_manifest(Job(*tree, aligned, SETTINGS, header=HEADER), force=True)
    assert made == [0, 1, 2, 3, 4]
    assert content(aligned) == whole


@pytest.mark.parametrize("change", ["settings", "rows", "inputs"])
def test_what_changes_a_shard_makes_it_again(tree: Tree, aligned: Path, tmp_path: Path, change: str) -> None:
    rows, root = tree
    settings, header = SETTINGS, HEADER
    if change == "settings":
        settings = SETTINGS.model_copy(update={"shard_size": 7, "crop_centre": "template"})
    elif change == "rows":
        rows = rows.iloc[2:9]
    else:
        header = {**HEADER, "inputs": {"manifest": "another"}}
    align_manifest(Job(rows, root, aligned, settings, header=header))
    align_manifest(Job(rows, root, tmp_path / "fresh", settings, header=header))
    assert content(aligned) == content(tmp_path / "fresh")


def test_wrong_settings_stop_before_anything_is_touched(tree: Tree, aligned: Path, tmp_path: Path) -> None:
    whole = content(aligned)
    with pytest.raises(ConfigError, match="needs a table"):
        align_manifest(Job(*tree, aligned, AlignSettings(landmarks=PrecomputedSettings()), header=HEADER))
    with pytest.raises(ConfigError, match="unknown executor 'slurm'"):
        align_manifest(Job(*tree, aligned, SETTINGS, header=HEADER), executor="slurm")
    with pytest.raises(DataError, match="is not a folder"):
        align_manifest(Job(tree[0], tmp_path / "elsewhere", aligned, SETTINGS, header=HEADER))
    with pytest.raises(ConfigError, match="no rows"):
        align_manifest(Job(tree[0][:0], tree[1], aligned, SETTINGS, header=HEADER))
    assert content(aligned) == whole


def test_a_place_that_cannot_be_written_is_named(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "work").write_text("a file where a folder should be")
    with pytest.raises(WorkspaceError, match=r"cannot (write|remove)"):
        align_manifest(Job(*tree, tmp_path / "work", SETTINGS, header=HEADER))


def test_precomputed_landmarks_give_the_same_crops_as_their_detector(tree: Tree, aligned: Path, tmp_path: Path) -> None:
    faces = store.read_faces(aligned)[0].merge(tree[0], on="sample_id")
    good = faces[faces["status"] == "ok"]
    points = np.stack(good["landmarks"].to_list())
    names = [f"{axis}{number}" for number in range(1, 6) for axis in "xy"]
    table = pd.DataFrame(points, columns=names).assign(source=good["source"].to_list(), frame=good["frame"].to_list())
    path = tmp_path / "points.parquet"
    table.to_parquet(path)
    settings = AlignSettings(shard_size=4, landmarks=PrecomputedSettings())
    counts = align_manifest(Job(*tree, tmp_path / "points", settings, FileSetting.model_validate(path), HEADER))
    assert counts["ok"] == 10
    assert counts["no_landmarks"] == 3
    np.testing.assert_array_equal(store.open_crops(tmp_path / "points")[:], store.open_crops(aligned)[:])


def test_a_dataset_without_any_face_still_has_its_artefacts(tree: Tree, tmp_path: Path) -> None:
    rows, root = tree
    rows = rows[rows["source"].isin(["blank.png", "gone.png"])]
    assert align_manifest(Job(rows, root, tmp_path / "none", SETTINGS, header=HEADER)) == {
        "missing_source": 1,
        "no_face": 1,
    }
    assert store.open_crops(tmp_path / "none").shape == (0, 70, 70, 3)
    assert (tmp_path / "none" / "contact-sheet.png").stat().st_size > 0


def test_a_root_that_moved_changes_nothing(tree: Tree, aligned: Path, tmp_path: Path) -> None:
    rows, root = tree
    shutil.copytree(root, tmp_path / "elsewhere")
    align_manifest(Job(rows, tmp_path / "elsewhere", tmp_path / "moved", SETTINGS, header=HEADER))
    assert content(tmp_path / "moved") == content(aligned)


def test_a_device_makes_no_other_alignment_and_is_told(
    tree: Tree, aligned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_cpu = landmarks.shared(SETTINGS.landmarks)
    monkeypatch.setattr(job.landmarks, "shared", lambda *_, **__: on_cpu)  # there need be no CUDA here
    before = content(aligned)
    align_manifest(Job(*tree, aligned, SETTINGS, header=HEADER, device="cuda"))
    assert content(aligned) == before  # nothing was left to do
    assert "devices" not in store.read_faces(aligned)[1]
    (aligned / "crops/00001.npy").unlink()
    align_manifest(Job(*tree, aligned, SETTINGS, header=HEADER, device="cuda"))
    assert store.read_faces(aligned)[1]["devices"] == ["cpu", "cuda"]
    align_manifest(Job(*tree, tmp_path / "cuda", SETTINGS, header=HEADER, device="cuda"))
    assert store.read_faces(tmp_path / "cuda")[1]["devices"] == ["cuda"]
    Image.fromarray(np.zeros((90, 90, 3), np.uint8)).save(tree[1] / "gone.png")
    align_manifest(Job(*tree, tmp_path / "cuda", SETTINGS, header=HEADER))  # one row is tried again
    assert store.read_faces(tmp_path / "cuda")[1]["devices"] == ["cpu", "cuda"]


def test_schema_of_faces(aligned: Path) -> None:
    import pyarrow.parquet as pq

    schema = pq.read_schema(aligned / "faces.parquet")
    assert schema.remove_metadata().equals(store.FACES)
    assert tables.read_table(aligned / "faces.parquet")[1]["shards"] == [4, 4, 2, 0, 0]


@pytest.mark.parametrize(
    ("frames", "workers", "shard_size", "paying"),
    [(0, 2, 256, 1), (150, 2, 256, 1), (224, 2, 256, 2), (1008, 16, 256, 10), (5, 16, 256, 1), (18, 2, 4, 2)],
)
def test_no_more_processes_are_started_than_pay(frames, workers, shard_size, paying) -> None:
    assert aligning._paying(frames, workers, shard_size=shard_size) == paying
