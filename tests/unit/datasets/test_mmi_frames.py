"""Frames that somebody extracted from MMI's clips: labels from a table, the peak alone, damaged ones."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PIL import Image

from facemotion import media
from facemotion.datasets.mmi import DATASET as MMI
from facemotion.errors import DataError
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree


def run(root: Path, **options) -> Ingest:
    return MMI.ingest(Tree.read(root, "MMI"), MMI.choose(options))


@pytest.fixture
def dump(mmi_tree, tmp_path_factory) -> Callable[..., Path]:
    """Return a function that writes some frames of a lying clip as pictures, and a table of its label beside them."""
    (clip,) = mmi_tree.rglob("S028-003.avi")

    def write(form: str, numbers: Sequence[int]) -> Path:
        frames = tmp_path_factory.mktemp("frames")
        for index, image in media.read_frames(clip, numbers):
            path = frames / form.format(index)
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(path)
        (frames / "labels.csv").write_text("sequence,expression\nS028 -003,1\nS099_001,Happy\n")
        return frames

    return write


@pytest.mark.parametrize("form", ["S028_003_{:03d}.png", "S028-003/img_{:03d}.jpg"])
def test_extracted_frames_take_their_labels_from_a_table(dump, form):
    frames = dump(form, range(7))
    with pytest.raises(DataError, match=r"frames of 1 MMI clips, which carry no labels.*with --labels"):
        run(frames)
    result = run(frames, labels=str(frames / "labels.csv"))
    assert result.manifest["frame"].tolist() == [0, 2, 3, 4]
    assert set(result.manifest["rotate"]) == {90}
    assert set(result.manifest["expression"]) == {"neutral", "anger"}


def test_three_frames_in_a_row_are_the_peak_that_the_authors_selected(dump):
    frames = dump("S028_003_{:03d}.png", (2, 3, 4))
    result = run(frames, labels=str(frames / "labels.csv"))
    assert result.manifest["sample_id"].tolist() == ["S028_003_002", "S028_003_003", "S028_003_004"]
    assert set(result.manifest["role"]) == {"expressive"}
    assert result.exclusions == []
    assert (
        "of 1 clips, the first S028_003, only three frames in a row are there: they were taken as the peak; without a "
        "neutral face they train, but give no prior"
    ) in result.notes


@pytest.mark.parametrize("numbers", [(2, 3), (1, 3, 5), (1, 2, 3, 4)])
def test_other_few_frames_are_too_short(dump, numbers):
    frames = dump("S028_003_{:03d}.png", numbers)
    with pytest.raises(DataError, match=rf"{len(numbers)} extracted frames; at least 5 are needed"):
        run(frames, labels=str(frames / "labels.csv"))


class TestDamage:
    @pytest.fixture
    def frames(self, dump) -> Path:
        return dump("S028_003_{:03d}.png", range(7))

    @pytest.mark.parametrize("number", [0, 1, 6])
    def test_a_damaged_one_costs_no_other(self, frames, number):
        (frames / f"S028_003_00{number}.png").write_bytes(b"no picture")
        result = run(frames, labels=str(frames / "labels.csv"))
        assert result.exclusions == []
        assert result.manifest["frame"].tolist() == [0, 2, 3, 4]
        assert set(result.manifest["rotate"]) == {90}

    def test_none_that_can_be_read_excludes_the_sequence(self, frames):
        for path in frames.glob("*.png"):
            path.write_bytes(b"no picture")
        sentence = r"none of its 7 frames can be read, the first: S028_003_000.png: the file is not an image"
        with pytest.raises(DataError, match=sentence):
            run(frames, labels=str(frames / "labels.csv"))

    def test_numbers_that_are_none_of_frames_are_told(self, frames):
        for path in sorted(frames.glob("*.png")):
            (frames / "S028-003").mkdir(exist_ok=True)
            path.rename(frames / "S028-003" / path.name[-7:])
        odd = frames / "S028-003/frame_20260101120000.png"
        shutil.copyfile(frames / "S028-003/000.png", odd)
        result = run(frames, labels=str(frames / "labels.csv"))
        assert result.manifest["frame"].tolist() == [0, 2, 3, 4]
        sentence = (
            "S028_003: 1 pictures, the first S028-003/frame_20260101120000.png, end in no frame number of at most 9 "
            "digits and were not used"
        )
        assert sentence in result.notes


class TestPlaces:
    @pytest.mark.parametrize(
        "form", ["S028/003/img_{:03d}.png", "S028_003/frames/{:03d}.png", "S028-003.avi/{:03d}.png"]
    )
    def test_folders_name_the_sequence_as_people_pack_them(self, dump, form):
        frames = dump(form, range(7))
        result = run(frames, labels=str(frames / "labels.csv"))
        assert result.manifest["sample_id"].tolist() == [f"S028_003_{number:03d}" for number in (0, 2, 3, 4)]

    def test_of_two_extractions_of_a_clip_one_is_used_since_they_may_count_from_0_and_1(self, dump):
        frames = dump("S028_003_{:03d}.png", range(7))
        (frames / "b").mkdir()
        for path in sorted(frames.glob("*.png"))[:6]:
            number = int(path.stem[-3:]) + 1
            shutil.copyfile(path, frames / "b" / f"S028_003_{number:03d}.png")
        (frames / "b" / "S028_003_009.png").write_bytes(b"no picture")
        result = run(frames, labels=str(frames / "labels.csv"))
        assert result.manifest["source"].tolist() == [f"S028_003_00{number}.png" for number in (0, 2, 3, 4)]
        assert "S028_003: its frames in b are another extraction and were not used" in result.notes

    @pytest.mark.parametrize("deep", [(), ("S028_003_000.png", "S028_003_003.png")])
    @pytest.mark.parametrize("shallow", [(), ("S028_003_002.png", "S028_003_004.png")])
    def test_of_a_frame_that_lies_there_twice_one_with_content_is_used(self, dump, shallow, deep):
        frames = dump("S028_003_{:03d}.png", range(7))
        copy = frames / "z/copy"
        shutil.copytree(frames, copy)
        for folder, empty in ((frames, shallow), (copy, deep)):
            for name in empty:
                (folder / name).write_bytes(b"")
        result = run(frames, labels=str(frames / "labels.csv"))
        assert result.manifest["frame"].tolist() == [0, 2, 3, 4]
        assert all((frames / source).stat().st_size for source in result.manifest["source"])
        assert "S028_003: 7 frames lie there twice; one of each was used" in result.notes

    def test_parts_of_one_extraction_that_overlap_are_put_together(self, dump):
        frames = dump("S028_003_{:03d}.png", range(7))
        for folder, numbers in (("a", range(5)), ("z", range(4, 7))):
            (frames / folder).mkdir()
            for number in numbers:
                name = f"S028_003_{number:03d}.png"
                shutil.copyfile(frames / name, frames / folder / name)
        for path in frames.glob("*.png"):
            path.unlink()
        result = run(frames, labels=str(frames / "labels.csv"))
        assert result.manifest["frame"].tolist() == [0, 2, 3, 4]

    def test_a_picture_in_two_formats_counts_once(self, dump):
        frames = dump("S028_003_{:03d}.png", range(7))
        shutil.copyfile(frames / "S028_003_003.png", frames / "S028_003_003.bmp")
        result = run(frames, labels=str(frames / "labels.csv"))
        assert result.manifest["frame"].tolist() == [0, 2, 3, 4]
        assert "S028_003: 1 frames lie there twice; one of each was used" in result.notes
