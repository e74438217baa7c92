"""What is used of an MMI clip that is damaged, or that lies in the tree more than once."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

from facemotion import media
from facemotion.datasets.mmi import DATASET as MMI
from facemotion.errors import DataError
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree

EMOTION = '<Metadata><Metatag Name="Emotion" Value="{}"/></Metadata>'


def run(root: Path, **options) -> Ingest:
    return MMI.ingest(Tree.read(root, "MMI"), MMI.choose(options))


@pytest.fixture
def tree(mmi_tree, tmp_path) -> Path:
    """Two sessions of one subject: S028_003 in session 1, S028_004 in session 2."""
    for number, stem in (("1", "S028-003"), ("2", "S028-004")):
        (clip,) = mmi_tree.rglob(f"{stem}.avi")
        shutil.copytree(clip.parent, tmp_path / "a/Sessions" / number)
    return tmp_path


def again(tree: Path) -> Path:
    """Copy session 1 as a second download has it; return its folder."""
    return Path(shutil.copytree(tree / "a/Sessions/1", tree / "b/Sessions/1"))


def cut(clip: Path, share: float) -> bytes:
    """Keep the first part of a file; return the whole of it."""
    data = clip.read_bytes()
    clip.write_bytes(data[: int(len(data) * share)])
    return data


def without_a_frame(clip: Path) -> None:
    """Take one frame's chunk out of an AVI file, which stays as long as its header says."""
    data = clip.read_bytes()
    start = data.index(b"00dc", data.index(b"00dc", data.index(b"movi")) + 4)
    end = data.index(b"00dc", start + 4)
    clip.write_bytes(data[:start] + data[end:] + b"\0" * (end - start))


def extract(clip: Path, folder: Path) -> None:
    folder.mkdir(parents=True)
    for index, image in media.read_frames(clip, range(7)):
        Image.fromarray(image).save(folder / f"{clip.stem.replace('-', '_')}_{index + 1:03d}.png")


def sources(result: Ingest, sequence: str = "S028_003") -> set[str]:
    return set(result.manifest["source"][result.manifest["sequence"] == sequence])


class TestDamage:
    @pytest.mark.parametrize("share", [0.3, 0.6, 0.8])
    def test_a_clip_that_is_cut_short_is_not_used_since_its_middle_is_another(self, tree, share):
        whole = cut(tree / "a/Sessions/1/S028-003.avi", share)
        result = run(tree)
        (item,) = result.exclusions
        assert (item.item, item.reason) == ("S028_003", "cut_short")
        lacking = whole.index(b"idx1") - int(len(whole) * share)
        assert item.detail.startswith(f"a/Sessions/1/S028-003.avi ends {lacking} bytes before its pictures do")
        assert "of its 7 frames decode" in item.detail
        assert set(result.manifest["sequence"]) == {"S028_004"}

    @pytest.mark.parametrize("declared", [0, 2, 200])
    def test_it_is_seen_to_be_cut_whatever_number_of_frames_its_header_names(self, tree, declared):
        clip = tree / "a/Sessions/1/S028-003.avi"
        data = bytearray(clip.read_bytes())
        for place in (data.index(b"avih") + 24, data.index(b"strh") + 40):
            assert int.from_bytes(data[place : place + 4], "little") == 7
            data[place : place + 4] = declared.to_bytes(4, "little")
        clip.write_bytes(data)
        assert run(tree).exclusions == []
        cut(clip, 0.6)
        assert [item.reason for item in run(tree).exclusions] == ["cut_short"]

    def test_a_clip_that_lacks_only_its_index_is_used(self, tree):
        clip = tree / "a/Sessions/1/S028-003.avi"
        data = clip.read_bytes()
        clip.write_bytes(data[: data.rindex(b"idx1")])
        result = run(tree)
        assert result.exclusions == []
        assert not any("fewer frames decode" in note for note in result.notes)

    def test_frames_that_do_not_decode_are_noted_with_both_numbers(self, tree):
        without_a_frame(tree / "a/Sessions/1/S028-003.avi")
        result = run(tree)
        assert result.exclusions == []
        sentence = (
            "of 1 clips, the first S028_003 (6 of 7), fewer frames decode than their headers name; the middle is that "
            "of the frames that decode"
        )
        assert sentence in result.notes

    def test_a_session_that_cannot_be_read_costs_only_the_view(self, tree):
        (tree / "a/Sessions/1/session.xml").write_text("<session><track")
        result = run(tree)
        assert set(result.manifest["sequence"]) == {"S028_003", "S028_004"}
        (note,) = (note for note in result.notes if "session.xml" in note)
        assert note.startswith("S028_003: a/Sessions/1/session.xml is no XML that can be read")
        assert note.endswith("; its view was looked for in the picture")

    def test_metadata_that_cannot_be_read_is_named_where_nothing_has_a_label(self, tree):
        for path in tree.rglob("S028-00?.xml"):
            path.write_text("<a")
        sentence = r"every clip was excluded, the first with metadata, S028_003, because .*S028-003.xml is no XML"
        with pytest.raises(DataError, match=sentence):
            run(tree)


class TestCopies:
    @pytest.mark.parametrize("damage", ["empty", "cut", "noise", "metadata", "no metadata", "a frame less"])
    def test_a_whole_copy_wins_over_a_damaged_one_wherever_it_lies(self, tree, damage):
        again(tree)
        whole = run(tree).manifest.drop(columns="source")
        for bad, good in (("a", "b"), ("b", "a")):
            clip = tree / bad / "Sessions/1/S028-003.avi"
            kept = {path: path.read_bytes() for path in (clip, clip.with_suffix(".xml"))}
            if damage == "cut":
                cut(clip, 0.7)
            elif damage == "a frame less":
                without_a_frame(clip)
            elif damage == "no metadata":
                clip.with_suffix(".xml").unlink()
            elif damage == "metadata":
                clip.with_suffix(".xml").write_bytes(b"")
            else:
                clip.write_bytes({"empty": b"", "noise": b"\0" * 4096}[damage])
            result = run(tree)
            assert result.exclusions == []
            assert sources(result) == {f"{good}/Sessions/1/S028-003.avi"}
            assert result.manifest.drop(columns="source").equals(whole)
            for path, data in kept.items():
                path.write_bytes(data)

    def test_a_damaged_copy_that_was_passed_over_is_told(self, tree):
        again(tree)
        cut(tree / "a/Sessions/1/S028-003.avi", 0.7)
        (note,) = (note for note in run(tree).notes if "instead" in note)
        assert note.startswith("S028_003: a/Sessions/1/S028-003.avi ends ")
        assert note.endswith("; b/Sessions/1/S028-003.avi was used instead")

    def test_the_first_fault_is_told_where_every_copy_is_damaged(self, tree):
        cut(again(tree) / "S028-003.avi", 0.7)
        (tree / "a/Sessions/1/S028-003.avi").write_bytes(b"\0" * 4096)
        (item,) = run(tree).exclusions
        assert (item.reason, item.detail.partition(":")[0]) == ("undecodable", "a/Sessions/1/S028-003.avi")

    def test_second_copies_are_told_once_for_each_pair_of_downloads(self, tree):
        shutil.copytree(tree / "a", tree / "b")
        told = [note for note in run(tree).notes if "second copy" in note]
        assert told == [
            "b/Sessions/1/S028-003.avi is a second copy of a/Sessions/1/S028-003.avi and was not used; 1 more between "
            "these folders"
        ]

    def test_copies_whose_emotions_differ_are_used_only_where_a_table_decides(self, tree):
        (again(tree) / "S028-003.xml").write_text(EMOTION.format(6))
        result = run(tree)
        (item,) = result.exclusions
        assert (item.item, item.reason) == ("S028_003", "labels_disagree")
        assert "a/Sessions/1/S028-003.avi says anger, b/Sessions/1/S028-003.avi says surprise" in item.detail
        (tree / "labels.csv").write_text("sequence,expression\nS028_003,surprise\n")
        assert run(tree, labels=str(tree / "labels.csv")).exclusions == []

    def test_copies_in_folders_of_different_expressions_are_left_out(self, tree):
        for label in ("anger", "fear"):
            (tree / label).mkdir()
            shutil.copyfile(tree / "a/Sessions/1/S028-003.avi", tree / label / "S028-003.avi")
        shutil.rmtree(tree / "a/Sessions/1")
        (item,) = run(tree).exclusions
        assert (item.item, item.reason) == ("S028_003", "labels_disagree")
        assert item.detail.startswith("anger/S028-003.avi says anger, fear/S028-003.avi says fear; name it")

    def test_the_label_of_another_copy_counts_where_the_first_has_none(self, tree):
        clip = again(tree) / "S028-003.avi"
        (tree / "a/Sessions/1/S028-003.xml").write_text("<a/>")
        clip.write_bytes(b"")
        result = run(tree)
        assert result.exclusions == []
        assert sources(result) == {"a/Sessions/1/S028-003.avi"}


class TestExtractedFramesBesideClips:
    def test_they_are_not_used_where_their_clip_is(self, tree):
        extract(tree / "a/Sessions/1/S028-003.avi", tree / "frames")
        result = run(tree)
        assert sources(result) == {"a/Sessions/1/S028-003.avi"}
        assert "extracted frames of 1 clips lie beside the clips and were not used" in result.notes

    @pytest.mark.parametrize("zeros", [False, True])
    def test_they_stand_in_for_a_damaged_clip_with_its_label(self, tree, zeros):
        clip = tree / "a/Sessions/1/S028-003.avi"
        extract(clip, tree / "frames")
        whole = cut(clip, 0.5)
        if zeros:  # as a download that was interrupted leaves a file of the full length
            clip.write_bytes(clip.read_bytes().ljust(len(whole), b"\0"))
        result = run(tree)
        assert result.exclusions == []
        assert sources(result) == {f"frames/S028_003_00{number}.png" for number in (1, 4, 5, 3)}
        assert any(
            note.endswith("; its extracted frames, such as frames/S028_003_001.png, were used instead")
            for note in result.notes
        )

    def test_too_few_do_not_stand_in_and_are_not_said_to(self, tree):
        clip = tree / "a/Sessions/1/S028-003.avi"
        extract(clip, tree / "frames")
        for path in sorted((tree / "frames").iterdir())[2:]:
            path.unlink()
        cut(clip, 0.5)
        result = run(tree)
        assert [(item.item, item.reason) for item in result.exclusions] == [("S028_003", "cut_short")]
        assert not any("instead" in note for note in result.notes)

    def test_those_of_other_clips_take_their_labels_from_a_table(self, tree):
        clip = tree / "a/Sessions/1/S028-003.avi"
        extract(clip, tree / "frames")
        shutil.rmtree(clip.parent)
        result = run(tree)
        assert [(item.item, item.reason) for item in result.exclusions] == [("S028_003", "no_emotion")]
        (tree / "labels.csv").write_text("sequence,expression\nS028_003,disgust\n")
        result = run(tree, labels=str(tree / "labels.csv"))
        assert set(result.manifest["sequence"]) == {"S028_003", "S028_004"}
        assert result.layout == "1 clips in a, and extracted frames of 1 clips"
        assert not any("not among the clips" in note for note in result.notes)

    def test_a_stray_clip_of_another_database_does_not_matter_to_them(self, tree):
        extract(tree / "a/Sessions/1/S028-003.avi", tree / "frames")
        shutil.rmtree(tree / "a")
        (tree / "x").mkdir()
        for name in ("x/S028-003.avi", "x/S028-003_mic.wav"):
            (tree / name).write_bytes(b"x")
        (tree / "labels.csv").write_text("sequence,expression\nS028_003,disgust\n")
        result = run(tree, labels=str(tree / "labels.csv"))
        assert set(result.manifest["sequence"]) == {"S028_003"}
        assert [item.reason for item in result.exclusions] == ["other_database"]


@pytest.mark.parametrize("folder", ["Joy/Sessions/105", "SA", "CO/S028"])
def test_folders_that_were_not_named_after_an_expression_give_no_label(tree, folder):
    target = tree / folder
    target.mkdir(parents=True)
    shutil.move(tree / "a/Sessions/1/S028-003.avi", target)
    shutil.rmtree(tree / "a/Sessions/1")
    assert [(item.item, item.reason) for item in run(tree).exclusions] == [("S028_003", "no_emotion")]
