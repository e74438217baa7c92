"""A dataset that lies on disk more than once, or beside others: the right files are used, and the rest is said."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from facemotion.datasets.ckplus import DATASET as CKPLUS
from facemotion.datasets.folder import DATASET as FOLDER
from facemotion.datasets.mmi import DATASET as MMI
from facemotion.datasets.oulu_casia import DATASET as OULU_CASIA
from facemotion.errors import DataError
from facemotion.ingestion.copies import best_first, second_copies
from facemotion.ingestion.tree import Tree, TreeFile

TWO = {"S005_001": (5.0, 11), "S010_002": (7.0, 14)}


def touch(root: Path, *paths: str, data: bytes = b"") -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


def oulu(root: Path, prefix: str, *, data: bytes = b"x") -> Path:
    paths = [f"{prefix}VL/Strong/P001/{word}/{n:03d}.jpeg" for word in ("Anger", "Fear") for n in range(6)]
    return touch(root, *paths, data=data)


def test_of_copies_one_with_content_comes_first_then_the_shallowest():
    files = [TreeFile("a/b/c.png", 5), TreeFile("d.png", 0), TreeFile("b/c.png", 5), TreeFile("a/c.png", 5)]
    assert [file.path for file in best_first(files)] == ["a/c.png", "b/c.png", "a/b/c.png", "d.png"]
    assert best_first(files, complete=lambda file: file.size == 0)[0].path == "d.png"


def test_many_second_copies_are_one_note():
    doubled = [(f"new/{n}.png", f"old/{n}.png") for n in range(3)] + [("x/1.png", "old/1.png")]
    assert second_copies(doubled) == [
        "new/0.png is a second copy of old/0.png and was not used; 2 more between these folders",
        "x/1.png is a second copy of old/1.png and was not used",
    ]


class TestCkplus:
    def test_crops_of_ck48_beside_the_originals_are_never_taken_for_frames(self, ck_tree):
        root = ck_tree(TWO, images="a/b/cohn-kanade-images/{subject}/{session}")
        plain = CKPLUS.ingest(Tree.read(root, "CK+"), CKPLUS.choose({}))
        touch(root, *(f"CK+48/happy/S005_001_000000{n}.png" for n in ("09", "10", "11", "12")), data=b"48x48")
        result = CKPLUS.ingest(Tree.read(root, "CK+"), CKPLUS.choose({}))
        assert result.manifest.equals(plain.manifest)
        assert result.layout == plain.layout
        assert result.notes == ["4 frames in class folders of CK+48 were not used: that is how CK+48 lies, in crops"]

    def test_ck48_with_the_emotion_labels_is_still_ck48(self, ck_tree):
        root = ck_tree({"S005_001": (5.0, 0)})
        (root / "Emotion/S005/001/S005_001_00000000_emotion.txt").rename(
            root / "Emotion/S005/001/S005_001_00000011_emotion.txt"
        )
        touch(root, *(f"CK+48/happy/S005_001_000000{n}.png" for n in ("09", "10", "11")))
        with pytest.raises(DataError, match=r"this is CK\+48, a re-upload of 3 tight 48x48 crops in class folders"):
            CKPLUS.ingest(Tree.read(root, "CK+"), CKPLUS.choose({}))

    def test_originals_sorted_into_class_folders_are_used(self, ck_tree):
        result = CKPLUS.ingest(Tree.read(ck_tree(TWO, images="happy", labels="Emotion"), "CK+"), CKPLUS.choose({}))
        assert len(result.manifest) == 8

    @pytest.mark.parametrize(
        "beside",
        ["ckextended.csv", "MAHNOB/Sessions/5/S001-001_mic.wav", "s1/NIR/00001/001.bmp", "Train_files/1_1_01_1.avi"],
    )
    def test_a_look_alike_beside_it_is_no_mistake(self, ck_tree, beside):
        root = touch(ck_tree(TWO), beside)
        assert len(CKPLUS.ingest(Tree.read(root, "CK+"), CKPLUS.choose({})).manifest) == 8

    def test_an_empty_copy_never_wins(self, ck_tree):
        root = ck_tree(TWO)
        for path in root.rglob("*.png"):
            path.write_bytes(b"a picture")
        touch(root, "S005_001_00000011.png")
        result = CKPLUS.ingest(Tree.read(root, "CK+"), CKPLUS.choose({}))
        assert "S005_001_00000011.png" not in set(result.manifest["source"])
        (note,) = result.notes
        assert note.startswith("S005_001_00000011.png is a second copy of cohn-kanade-images/S005/001/")


class TestMmi:
    @pytest.fixture
    def session(self, mmi_tree, tmp_path) -> Path:
        (clip,) = mmi_tree.rglob("S028-003.avi")
        shutil.copytree(clip.parent, tmp_path / "b/Sessions/77")
        return tmp_path

    def test_an_empty_copy_never_wins(self, session):
        shutil.copytree(session / "b/Sessions/77", session / "Sessions/5")
        (session / "Sessions/5/S028-003.avi").write_bytes(b"")
        result = MMI.ingest(Tree.read(session, "MMI"), MMI.choose({}))
        assert set(result.manifest["source"]) == {"b/Sessions/77/S028-003.avi"}
        assert any("Sessions/5/S028-003.avi is a second copy of b/Sessions/77" in note for note in result.notes)

    def test_a_copy_with_its_metadata_wins_over_one_in_a_class_folder(self, session):
        (session / "Sad").mkdir()
        shutil.copyfile(session / "b/Sessions/77/S028-003.avi", session / "Sad/S028-003.avi")
        result = MMI.ingest(Tree.read(session, "MMI"), MMI.choose({}))
        assert set(result.manifest["source"]) == {"b/Sessions/77/S028-003.avi"}
        assert set(result.manifest["expression"]) == {"neutral", "anger"}

    def test_extracted_frames_of_other_clips_are_excluded_since_they_carry_no_label(self, session):
        touch(session, *(f"imgs/S028_004_{n:03d}.png" for n in range(6)))
        result = MMI.ingest(Tree.read(session, "MMI"), MMI.choose({}))
        assert set(result.manifest["sequence"]) == {"S028_003"}
        (item,) = result.exclusions
        assert (item.item, item.reason) == ("S028_004", "no_emotion")
        assert item.detail == "its extracted frames carry no label, and no table of labels (--labels) names it"

    def test_ckplus_is_not_taken_for_frames_of_mmi(self, ck_tree):
        with pytest.raises(DataError, match=r"this is not MMI: none of its 27 files is named like"):
            MMI.ingest(Tree.read(ck_tree(TWO), "MMI"), MMI.choose({}))

    def test_a_stray_session_of_mahnob_does_not_name_the_whole_tree(self, session):
        touch(session, "Sessions/5/S001-001.avi", "Sessions/5/S001-001_mic.wav")
        with pytest.raises(DataError, match=r"is not CK\+ \(Extended Cohn-Kanade\)"):
            CKPLUS.ingest(Tree.read(session, "CK+"), CKPLUS.choose({}))


class TestOuluCasia:
    @pytest.mark.parametrize("cropped", ["PreProcess/", "PreProcessImg/", "croppedfaces/", "PreProcess_Img/Cropped/"])
    def test_originals_are_preferred_however_the_cropped_faces_are_called(self, tmp_path, cropped):
        oulu(oulu(tmp_path, cropped), "a/b/OriginalImg/")
        result = OULU_CASIA.ingest(Tree.read(tmp_path, "Oulu"), OULU_CASIA.choose({}))
        assert result.manifest["source"].str.startswith("a/b/OriginalImg/").all()
        shutil.rmtree(tmp_path / "a")
        with pytest.raises(DataError, match=r"holds cropped faces of .* cut by another aligner"):
            OULU_CASIA.ingest(Tree.read(tmp_path, "Oulu"), OULU_CASIA.choose({}))

    def test_an_empty_copy_never_wins_and_many_are_one_note(self, tmp_path):
        oulu(oulu(tmp_path, "", data=b""), "again/")
        result = OULU_CASIA.ingest(Tree.read(tmp_path, "Oulu"), OULU_CASIA.choose({}))
        assert result.manifest["source"].str.startswith("again/").all()
        assert [note for note in result.notes if "second copy" in note] == [
            "VL/Strong/P001/Anger/000.jpeg is a second copy of again/VL/Strong/P001/Anger/000.jpeg and was not used; "
            "11 more between these folders"
        ]

    def test_a_look_alike_beside_it_is_no_mistake(self, tmp_path):
        touch(oulu(tmp_path, ""), "s1/NIR/00001/001.bmp", "1_1_01_1.avi", "ckextended.csv")
        assert len(OULU_CASIA.ingest(Tree.read(tmp_path, "Oulu"), OULU_CASIA.choose({})).manifest) == 8

    def test_where_a_sequence_begins_and_what_it_lacks_is_said(self, tmp_path):
        oulu(tmp_path, "")
        for path in ("Anger/000", "Anger/001", "Fear/002"):
            (tmp_path / f"VL/Strong/P001/{path}.jpeg").unlink()
        notes = OULU_CASIA.ingest(Tree.read(tmp_path, "Oulu"), OULU_CASIA.choose({})).notes
        assert "P001_anger: it begins at frame 2, which was taken as neutral" in notes
        assert "P001_fear: 1 frames are missing between first and last" in notes


LATIN = os.fsdecode(b"caf\xe9")
NOT_UTF8 = "its name is not UTF-8, which artefacts are; rename it, or unpack it again with the archive's encoding"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
class TestOddNames:
    def test_a_folder_in_another_encoding_excludes_what_lies_in_it(self, ck_tree):
        root = ck_tree(TWO)
        touch(root, f"{LATIN}/S010_002_00000015.png", f"{LATIN}/notes.txt")
        result = CKPLUS.ingest(Tree.read(root, "CK+"), CKPLUS.choose({}))
        assert len(result.manifest) == 8
        ((item, reason, detail),) = [(each.item, each.reason, each.detail) for each in result.exclusions]
        assert (item, reason, detail) == ("caf\\xe9/S010_002_00000015.png", "odd_name", NOT_UTF8)

    def test_a_whole_dataset_below_one_says_why_it_is_not_found(self, tmp_path):
        oulu(tmp_path, f"{LATIN}/")
        with pytest.raises(DataError) as caught:
            OULU_CASIA.ingest(Tree.read(tmp_path, "Oulu"), OULU_CASIA.choose({}))
        first = "caf\\xe9/VL/Strong/P001/Anger/000.jpeg"
        assert str(caught.value).endswith(f"(12 files were set aside, the first, {first}, because {NOT_UTF8})")

    @pytest.mark.parametrize(
        ("path", "why"),
        [
            (f"happy/{LATIN}.png", NOT_UTF8),
            ("happy/a\\b/1.png", "its name holds a backslash, which separates folders elsewhere; rename it"),
            ("C:/1.png", "its name begins like a drive of Windows; rename that folder"),
        ],
    )
    def test_a_picture_that_no_artefact_can_name_is_excluded_beside_others(self, tmp_path, path, why):
        touch(tmp_path, "happy/ann/1.png", path)
        result = FOLDER.ingest(Tree.read(tmp_path, "pictures"), FOLDER.choose({}))
        assert result.manifest["sample_id"].tolist() == ["happy/ann/1.png"]
        assert [(each.reason, each.detail) for each in result.exclusions] == [("odd_name", why)]

    def test_mmi_s_clips_too(self, mmi_tree, tmp_path):
        (clip,) = mmi_tree.rglob("S028-003.avi")
        shutil.copytree(clip.parent, tmp_path / "Sessions/1")
        shutil.copytree(clip.parent, tmp_path / LATIN / "Sessions/2")
        result = MMI.ingest(Tree.read(tmp_path, "MMI"), MMI.choose({}))
        assert [(each.item, each.reason) for each in result.exclusions] == [
            ("caf\\xe9/Sessions/2/S028-003.avi", "odd_name")
        ]
        assert "1 clips carry one of the six expressions: 1 are used" in result.notes[-1]
