from pathlib import Path

import pytest

from facemotion.datasets.oulu_casia import DATASET as OULU_CASIA
from facemotion.errors import ConfigError, DataError
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree

WORDS = ("Anger", "Disgust", "Fear", "Happiness", "Sadness", "Surprise")


def build(root: Path, *, camera: str = "VL", light: str = "Strong", subjects=("P001", "P002"), frames=9) -> Path:
    for subject in subjects:
        for word in WORDS:
            folder = root / camera / light / subject / word
            folder.mkdir(parents=True)
            for number in range(frames):
                (folder / f"{number:03d}.jpeg").touch()
    return root


def run(root: Path, **options) -> Ingest:
    return OULU_CASIA.ingest(Tree.read(root, "Oulu-CASIA"), OULU_CASIA.choose(options))


def test_the_first_frame_is_neutral_and_the_last_three_are_expressive(tmp_path):
    table = run(build(tmp_path)).manifest
    one = table[table["sequence"] == "P001_anger"]
    assert one["frame"].tolist() == [0, 6, 7, 8]
    assert one["expression"].tolist() == ["neutral", "anger", "anger", "anger"]
    assert len(table) == 2 * 6 * 4


@pytest.mark.parametrize(
    "wrapper", ["OriginalImg", "B_OriginalImg/B_OriginalImg/OriginalImg", "Oulu_CASIA_NIR_VIS", "B_OriginalImg"]
)
def test_wrapper_folders_do_not_matter(tmp_path, wrapper):
    plain = run(build(tmp_path / "a")).manifest.drop(columns="source")
    wrapped = run(build(tmp_path / "b" / wrapper).parents[wrapper.count("/")]).manifest.drop(columns="source")
    assert wrapped.equals(plain)


def test_camera_and_light_are_chosen(tmp_path):
    for camera, light in (("VL", "Strong"), ("NI", "Dark")):
        build(tmp_path, camera=camera, light=light, subjects=("P001",))
    assert run(tmp_path).manifest["source"].str.startswith("VL/Strong").all()
    assert run(tmp_path, camera="NI", light="Dark").manifest["source"].str.startswith("NI/Dark").all()
    with pytest.raises(DataError, match=r"none of camera VL in Weak light.*--camera and --light"):
        run(tmp_path, light="Weak")
    with pytest.raises(ConfigError, match="camera = 'IR' is not allowed"):
        run(tmp_path, camera="IR")


def test_missing_and_short_sequences_are_named(tmp_path):
    build(tmp_path)
    for path in (tmp_path / "VL/Strong/P001/Fear").iterdir():
        path.unlink()
    for number in range(3, 9):
        (tmp_path / f"VL/Strong/P002/Anger/{number:03d}.jpeg").unlink()
    result = run(tmp_path)
    found = {item.item: (item.reason, item.detail) for item in result.exclusions}
    assert found["P001_fear"] == ("sequence_missing", "it has no frames")
    assert found["P002_anger"] == ("too_short", "it has 3 frames; a neutral one and 3 at the peak are needed")
    assert len(found) == 2
    assert len(result.manifest) == (12 - 2) * 4


def test_subjects_that_are_missing_altogether_are_named(tmp_path):
    result = run(build(tmp_path, subjects=("P001", "P003", "P004", "P009", "P080")))
    assert result.notes == ["75 of the 80 subjects have no frames here: P002, P005 to P008, P010 to P079"]
    everybody = build(tmp_path / "all", subjects=[f"P{number:03d}" for number in range(1, 81)], frames=4)
    result = run(everybody)
    assert result.notes == []
    assert all(check.ok for check in result.checks)


def test_nothing_but_short_sequences_is_refused(tmp_path):
    with pytest.raises(
        DataError, match="every sequence was excluded, the first because it has 3 frames; a neutral one"
    ):
        run(build(tmp_path, frames=3))


def test_stray_files_are_ignored(tmp_path):
    build(tmp_path)
    for name in ("VL/Strong_equal_label.txt", "VL/Strong/P001/Anger/Thumbs.db", "VL/Strong/P001/Anger/._000.jpeg"):
        (tmp_path / name).touch()
    result = run(tmp_path)
    assert len(result.manifest) == 48
    assert result.exclusions == []


def test_the_480_sequences_are_expected(tmp_path):
    checks = {check.name: check.expected for check in run(build(tmp_path)).checks}
    assert checks["sequences, all"] == 480
    assert checks["images, all"] == 1440


def test_cropped_faces_are_refused_with_the_reason(tmp_path):
    build(tmp_path / "PreProcess_Img", camera="VL_Acropped")
    with pytest.raises(DataError) as caught:
        run(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path} holds cropped faces of Oulu-CASIA NIR&VIS only (VL_Acropped): they were cut by another aligner "
        "and have no room around the face, so they cannot be aligned as the originals are; give the folder OriginalImg"
    )


def test_originals_are_preferred_to_cropped_ones(tmp_path):
    build(tmp_path / "PreProcess_Img", camera="VL_Acropped")
    build(tmp_path / "OriginalImg")
    assert run(tmp_path).manifest["source"].str.startswith("OriginalImg/VL/").all()


def test_another_folder_is_refused(tmp_path):
    (tmp_path / "a.jpeg").touch()
    with pytest.raises(DataError, match=r"is not Oulu-CASIA NIR&VIS: none of its 1 files"):
        run(tmp_path)


@pytest.mark.parametrize(
    ("frames", "root"),
    [
        ("VL_Acropped", "VL_Acropped"),
        ("VL_Acropped", "VL_Acropped/Strong"),
        ("vl_acropped", "vl_acropped/Strong/P001"),
        ("NI_cropped", "NI_cropped/Strong/P001/Anger"),
        ("PreProcess_Img/VL", "PreProcess_Img"),
        ("PreProcess_Img/VL", "PreProcess_Img/VL"),
        ("PreProcess_Img/VL", "PreProcess_Img/VL/Strong"),
        ("cropped/VL", "cropped"),
    ],
)
def test_a_root_in_the_cropped_faces_is_refused_like_one_above_them(tmp_path, monkeypatch, frames, root):
    build(tmp_path, camera=frames)
    with pytest.raises(DataError, match=r"holds cropped faces of Oulu-CASIA NIR&VIS only .* give the folder OriginalI"):
        run(tmp_path / root)
    monkeypatch.chdir(tmp_path / root)
    with pytest.raises(DataError, match=r"^\. holds cropped faces"):
        run(Path("."))
    (tmp_path / "link").symlink_to(root)
    with pytest.raises(DataError, match=r"link holds cropped faces"):
        run(tmp_path / "link")


@pytest.mark.parametrize("root", ["cropped", "cropped/OriginalImg", "cropped/cropped/B_OriginalImg"])
def test_what_the_user_calls_the_folders_above_the_originals_plays_no_part(tmp_path, root):
    build(tmp_path / "cropped/OriginalImg")
    build(tmp_path / "cropped/cropped/B_OriginalImg/OriginalImg")
    sources = run(tmp_path / root).manifest["source"]
    assert len(sources) == 48


@pytest.mark.parametrize("root", ["VL", "VL/Strong"])
def test_a_root_in_the_originals_is_told_to_go_up(tmp_path, root):
    build(tmp_path / "OriginalImg")
    with pytest.raises(DataError, match=r"lies as in VL/Strong/P001/Anger/000\.jpeg; give the folder that holds VL"):
        run(tmp_path / "OriginalImg" / root)


@pytest.mark.parametrize(
    "above",
    ["original and cropped/OriginalImg", "cropped/B_OriginalImg/OriginalImg", "Oulu not_cropped", "non-cropped"],
)
def test_a_wrapper_whose_name_mentions_cropping_does_not_refuse_the_originals(tmp_path, above):
    build(tmp_path / above)
    assert len(run(tmp_path).manifest) == 48


@pytest.mark.parametrize("above", ["C_PreProcessImg", "C_PreProcess_Img/PreProcess_Img", "OriginalImg/cropped"])
def test_the_innermost_name_that_says_anything_decides(tmp_path, above):
    build(tmp_path / above)
    with pytest.raises(DataError, match="holds cropped faces"):
        run(tmp_path)


def test_a_subject_that_the_dataset_has_not_is_told(tmp_path):
    build(tmp_path / "OriginalImg")
    (tmp_path / "OriginalImg/VL/Strong/P001").rename(tmp_path / "OriginalImg/VL/Strong/P081")
    assert "P081 are none of the dataset's 80 subjects, and were used all the same" in run(tmp_path).notes
