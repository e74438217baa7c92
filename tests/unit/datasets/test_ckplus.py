import shutil
from pathlib import Path

import pytest

from facemotion.datasets.ckplus import DATASET as CKPLUS
from facemotion.errors import DataError
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree

TWO = {"S005_001": (3.0, 11), "S010_002": (7.0, 14)}


def run(root: Path) -> Ingest:
    return CKPLUS.ingest(Tree.read(root, "CK+"), CKPLUS.choose({}))


def reasons(result: Ingest) -> dict[str, str]:
    return {item.item: item.reason for item in result.exclusions}


def test_the_last_three_frames_are_expressive_and_the_first_is_neutral(ck_tree):
    table = run(ck_tree(TWO)).manifest
    one = table[table["sequence"] == "S005_001"]
    assert one["frame"].tolist() == [1, 9, 10, 11]
    assert one["expression"].tolist() == ["neutral", "disgust", "disgust", "disgust"]
    assert one["role"].tolist() == ["neutral", "expressive", "expressive", "expressive"]
    assert set(one["subject"]) == {"S005"}
    assert one["source"].iloc[-1] == "cohn-kanade-images/S005/001/S005_001_00000011.png"


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (
            "extended-cohn-kanade-images/cohn-kanade-images/{subject}/{session}",
            "Emotion_labels/Emotion/{subject}/{session}",
        ),
        ("cohn-kanade-images/{subject}/{session}", "Emotion_labels/{subject}/{session}"),
        ("CK+/{subject}/{session}", "CK+/{subject}/{session}"),
        ("imgs", "labels"),
        ("Cohn-Kanade-Images/{subject}/{session}", "EMOTION/{subject}/{session}"),
    ],
)
def test_every_way_of_unpacking_gives_the_same_selection(ck_tree, images, labels):
    plain = run(ck_tree(TWO, root="plain")).manifest
    other = run(ck_tree(TWO, root="other", images=images, labels=labels)).manifest
    assert other.drop(columns="source").equals(plain.drop(columns="source"))


@pytest.mark.parametrize("text", ["   {code:.7e}\n", "{code:.8e}", "\n\n  {code:.0f}  \n"])
def test_every_spelling_of_a_label_is_read(ck_tree, text):
    assert set(run(ck_tree({"S005_001": (7.0, 9)}, label_text=text)).manifest["expression"]) == {"neutral", "surprise"}


@pytest.mark.parametrize("code", [0.0, 8.0, 2.5])
def test_a_code_that_is_no_expression_excludes_its_sequence(ck_tree, code):
    result = run(ck_tree({**TWO, "S011_001": (code, 9)}))
    assert reasons(result) == {"S011_001": "label_unreadable"}
    assert result.exclusions[0].detail == (
        f"Emotion/S011/001/S011_001_00000009_emotion.txt: holds '{code:.7e}', where a code from 1 (anger) to 7 "
        "(surprise), such as 3.0000000e+00, was expected"
    )


def test_an_empty_label_file_excludes_its_sequence(ck_tree):
    root = ck_tree(TWO)
    (root / "Emotion/S005/001/S005_001_00000011_emotion.txt").write_text("\n")
    result = run(root)
    assert reasons(result) == {"S005_001": "label_unreadable"}
    assert "holds nothing" in result.exclusions[0].detail


@pytest.mark.parametrize("broken", [b"", b"three"])
def test_a_copy_of_a_label_that_cannot_be_read_is_passed_over(ck_tree, broken):
    root = ck_tree(TWO)
    shutil.copytree(root / "Emotion", root / "A_labels")
    name = "S005/001/S005_001_00000011_emotion.txt"
    (root / "A_labels" / name).write_bytes(broken)
    result = run(root)
    assert (set(result.manifest["subject"]), result.exclusions) == ({"S005", "S010"}, [])
    (note,) = [note for note in result.notes if name in note]
    assert note.startswith(f"A_labels/{name}: holds ")
    assert note.endswith("expected; another copy of the label was used")


def test_of_copies_that_disagree_none_is_said_to_be_used(ck_tree):
    root = ck_tree(TWO)
    name = "S005/001/S005_001_00000011_emotion.txt"
    for folder, text in (("A_labels", ""), ("B_labels", "7.0")):
        shutil.copytree(root / "Emotion", root / folder)
        (root / folder / name).write_text(text)
    result = run(root)
    assert reasons(result) == {"S005_001": "labels_disagree"}
    assert not any("was used" in note for note in result.notes if name in note)


@pytest.mark.parametrize(("text", "shown"), [("3,0000000e+00", "'3,0000000e+00'"), ("disgust", "'disgust'")])
def test_a_label_that_is_no_number_is_shown_beside_what_was_expected(ck_tree, text, shown):
    root = ck_tree(TWO)
    (root / "Emotion/S005/001/S005_001_00000011_emotion.txt").write_text(text)
    (exclusion,) = run(root).exclusions
    assert exclusion.detail.endswith(
        f": holds {shown}, where a code from 1 (anger) to 7 (surprise), such as 3.0000000e+00, was expected"
    )


def test_a_label_with_a_byte_order_mark_is_read(ck_tree):
    root = ck_tree(TWO)
    path = root / "Emotion/S005/001/S005_001_00000011_emotion.txt"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert run(root).exclusions == []


@pytest.mark.parametrize("labels", ["empty folder", "only .DS_Store", "no folder"])
def test_sequences_without_a_label_are_left_out_silently(ck_tree, labels):
    root = ck_tree({**TWO, "S011_001": (None, 9)})
    if labels == "only .DS_Store":
        (root / "Emotion/S011/001/.DS_Store").write_bytes(b"\0\0\0\1Bud1")
    elif labels == "no folder":
        (root / "Emotion/S011/001").rmdir()
    result = run(root)
    assert set(result.manifest["sequence"]) == set(TWO)
    assert result.exclusions == []


def test_junk_is_ignored(ck_tree):
    root = ck_tree(TWO)
    clean = run(root).manifest
    for path in (
        "cohn-kanade-images/.DS_Store",
        "Emotion/S005/001/.DS_Store",
        "cohn-kanade-images/S005/001/._S005_001_00000012.png",
        "__MACOSX/S005_001_00000012.png",
        "cohn-kanade-images/S005/001/Thumbs.db",
        "FACS/S005/001/S0005_001_00000011_facs.txt",
        "ReadMe.txt",
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    result = run(root)
    assert result.manifest.equals(clean)
    assert (result.exclusions, result.notes) == ([], [])


def test_a_label_that_names_a_missing_frame_excludes_its_sequence(ck_tree):
    root = ck_tree({**TWO, "S011_001": (1.0, 9)})
    (root / "cohn-kanade-images/S011/001/S011_001_00000009.png").unlink()
    result = run(root)
    assert reasons(result) == {"S011_001": "label_frame_missing"}
    assert result.exclusions[0].detail == (
        "its label names frame 9, which is missing (the frames end at 8); the peak is not on disk"
    )


def test_a_label_without_any_frame_excludes_its_sequence(ck_tree):
    result = run(ck_tree({**TWO, "S011_001": (1.0, 0)}))
    assert reasons(result) == {"S011_001": "label_frame_missing"}
    assert result.exclusions[0].detail == (
        "its label names frame 0, which is missing (no frame of it is there); the peak is not on disk"
    )


def test_frames_after_the_labelled_one_are_not_used(ck_tree):
    root = ck_tree(TWO)
    (root / "cohn-kanade-images/S005/001/S005_001_00000012.png").touch()
    result = run(root)
    assert result.manifest["frame"].max() == 14
    assert result.manifest[result.manifest["sequence"] == "S005_001"]["frame"].max() == 11
    assert result.notes == ["S005_001: frames after the labelled 11 (up to 12) were not used"]


def test_a_sequence_whose_peak_would_meet_its_neutral_frame_is_excluded(ck_tree):
    result = run(ck_tree({**TWO, "S011_001": (1.0, 3)}))
    assert reasons(result) == {"S011_001": "too_short"}
    assert result.exclusions[0].detail == "it has 3 frames; a neutral one and 3 at the peak are needed"


def test_labels_that_disagree_exclude_their_sequence(ck_tree):
    root = ck_tree(TWO)
    (root / "copy").mkdir()
    (root / "copy/S005_001_00000011_emotion.txt").write_text(" 1.0")
    result = run(root)
    assert reasons(result) == {"S005_001": "labels_disagree"}
    assert result.exclusions[0].detail == (
        "copy/S005_001_00000011_emotion.txt and Emotion/S005/001/S005_001_00000011_emotion.txt differ"
    )


def test_frames_that_are_missing_in_between_are_counted(ck_tree):
    root = ck_tree(TWO)
    (root / "cohn-kanade-images/S005/001/S005_001_00000004.png").unlink()
    result = run(root)
    assert len(result.manifest) == 8
    assert result.notes == ["S005_001: 1 frames are missing between first and last"]


def test_a_sequence_without_frame_one_has_no_neutral_row(ck_tree):
    root = ck_tree(TWO)
    (root / "cohn-kanade-images/S005/001/S005_001_00000001.png").unlink()
    result = run(root)
    assert len(result.manifest) == 7
    assert result.notes == ["S005_001: frame 1 is missing, so the sequence has no neutral face"]


def test_a_frame_in_another_subjects_folder_is_noted(ck_tree):
    root = ck_tree(TWO)
    folder = root / "cohn-kanade-images"
    (folder / "S005/001/S005_001_00000005.png").rename(folder / "S010/002/S005_001_00000005.png")
    result = run(root)
    assert any("lies in the folder of S010" in note for note in result.notes)
    assert len(result.manifest) == 8


def test_counts_are_compared_with_the_published_ones(ck_tree):
    checks = {check.name: check for check in run(ck_tree(TWO)).checks}
    assert (checks["images, disgust"].found, checks["images, disgust"].expected) == (3, 177)
    assert checks["images, all"].expected == 981
    assert checks["sequences, all"].expected == 327
    assert not checks["subjects with a label"].ok


class TestRefusals:
    def test_a_missing_folder(self, tmp_path):
        with pytest.raises(DataError, match="does not exist; give the folder that holds CK"):
            run(tmp_path / "nowhere")

    def test_an_archive(self, tmp_path):
        (tmp_path / "x.zip").touch()
        with pytest.raises(DataError, match="is an archive; unpack it"):
            run(tmp_path / "x.zip")

    def test_some_other_folder(self, tmp_path):
        (tmp_path / "a.png").touch()
        with pytest.raises(DataError, match=r"is not CK\+ .*none of its 1 files is named like"):
            run(tmp_path)

    def test_frames_without_labels(self, ck_tree):
        with pytest.raises(DataError, match=r"no emotion label.*unpack Emotion_labels\.zip"):
            run(ck_tree({"S005_001": (None, 9)}))

    def test_labels_without_frames(self, ck_tree):
        with pytest.raises(DataError, match="none of its 1 files is named like"):
            run(ck_tree({"S005_001": (3.0, 0)}))

    def test_ck48(self, tmp_path):
        for name in ("CK+48/anger/S010_004_00000017.png", "CK+48/happy/S010_006_00000013.png"):
            (tmp_path / name).parent.mkdir(parents=True)
            (tmp_path / name).touch()
        with pytest.raises(DataError, match=r"this is CK\+48.*no neutral frames"):
            run(tmp_path)

    def test_ckextended(self, tmp_path):
        (tmp_path / "ckextended.csv").write_text("emotion,pixels,Usage\n")
        with pytest.raises(DataError, match=r"ckextended\.csv.*without subject ids"):
            run(tmp_path)

    def test_nothing_but_excluded_sequences(self, ck_tree):
        with pytest.raises(DataError, match="every labelled sequence was excluded, the first, S005_001"):
            run(ck_tree({"S005_001": (9.0, 9)}))
