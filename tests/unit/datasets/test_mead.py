"""MEAD: folders say who is shown and how; contempt and neutral; levels, views and what real copies hold besides."""

from pathlib import Path

import numpy as np
import pytest

from facemotion.datasets.mead import DATASET as MEAD
from facemotion.datasets.mead.info import CODES, SUBJECTS
from facemotion.datasets.mead.selection import take_of
from facemotion.demo.layout_speech import write_video
from facemotion.errors import ConfigError, DataError
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree, TreeFile


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> bytes:
    """A video of twenty gray frames."""
    path = tmp_path_factory.mktemp("clip") / "gray.mp4"
    frames = [np.full((48, 64, 3), 8 * number, np.uint8) for number in range(20)]
    write_video(path, frames, container="mp4", codec="mpeg4")
    return path.read_bytes()


def put(root: Path, content: bytes, *paths: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return root


def run(root: Path, **options) -> Ingest:
    return MEAD.ingest(Tree.read(root, "MEAD"), MEAD.choose({"peaks": "middle", **options}))


def test_the_neutral_frame_is_of_the_same_person_and_number_at_the_same_time(tmp_path, clip):
    angry, calm = "{}/video/front/angry/level_2/{}.mp4", "{}/video/front/neutral/level_1/{}.mp4"
    put(tmp_path, clip, angry.format("M003", "001"), calm.format("M003", "001"), calm.format("M003", "002"))
    put(tmp_path, clip, angry.format("W009", "002"), calm.format("W009", "001"))
    result = run(tmp_path)
    table = result.manifest
    assert set(table["subject"]) == {"M003", "W009"}
    neutral = table[table["role"] == "neutral"]
    assert set(neutral["source"]) == {calm.format("M003", "001")}
    assert neutral["frame"].tolist() == [5, 10, 15]
    assert neutral["sequence"].tolist() == [f"M003_front_anger_level_2_001-{frame:03d}" for frame in (5, 10, 15)]
    assert any("1 clips have no neutral clip" in note for note in result.notes)
    assert any("which is not known of every number" in note for note in result.notes)
    assert any("of M003 a clip was lost" in note for note in result.notes)


def test_every_mood_has_a_class_and_contempt_is_one(tmp_path, clip):
    put(tmp_path, clip, *(f"M005/front/{word}/level_1/001.mp4" for word in CODES))
    result = run(tmp_path)
    assert result.classes == ("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")
    assert set(result.manifest["expression"]) == {*result.classes, "neutral"}
    assert MEAD.info.neutral == "sequence"


def test_view_and_level_are_chosen_and_neutral_has_no_level(tmp_path, clip):
    put(tmp_path, clip, *(f"M005/video/front/happy/level_{level}/001.mp4" for level in (1, 2, 3)))
    put(tmp_path, clip, "M005/video/front/neutral/level_1/001.mp4", "M005/video/top/sad/level_3/001.mp4")
    assert len(run(tmp_path).manifest) == 3 * 6
    strong = run(tmp_path, level="3").manifest
    assert set(strong["source"].str.split("/").str[4]) == {"level_3", "level_1"}
    assert len(strong) == 6
    assert set(run(tmp_path, view="top").manifest["expression"]) == {"sadness"}
    with pytest.raises(DataError, match="no expressive one of view down; it has views front, top: see --view"):
        run(tmp_path, view="down")
    with pytest.raises(ConfigError, match="level = '4' is not allowed"):
        run(tmp_path, level="4")


@pytest.mark.parametrize(
    ("path", "person"),
    [
        ("M026-1/video/front/fear/level_1/007.mp4", "M026"),
        ("video-001/M005_video/front/fear/level_1/007.MP4", "M005"),
        ("w009/W009/front/Fear/Level_1/007.mp4", "W009"),
        ("front/fear/level_1/007.mp4", None),
        ("M005/front/fear/007.mp4", None),
        ("M005/front/bored/level_1/007.mp4", None),
        ("M005/audio/fear/level_1/007.m4a", None),
    ],
)
def test_people_are_told_by_the_nearest_folder(path, person):
    take = take_of(TreeFile(path, 1))
    assert (take.person if take else None) == person
    if take:
        assert take.name == f"{person}_front_fear_level_1_007"


@pytest.mark.parametrize("root", ["M005", "M005/video"])
def test_the_folder_of_one_person_can_be_given(tmp_path, clip, root):
    put(tmp_path, clip, "M005/video/front/sad/level_1/001.mp4")
    assert set(run(tmp_path / root).manifest["subject"]) == {"M005"}


def test_what_is_taken_for_it_is_refused_by_name(tmp_path):
    put(tmp_path / "packed", b"ustar", "M003/video.tar", "W009/video.tar")
    with pytest.raises(DataError, match=r"2 archives that are not unpacked, the first is M003/video\.tar"):
        run(tmp_path / "packed")
    put(tmp_path / "sound", b"sound", "M003/audio/angry/level_1/001.m4a")
    with pytest.raises(DataError, match="1 sound files of MEAD"):
        run(tmp_path / "sound")
    put(tmp_path / "tables", b"PAR1", "data/train-00000.parquet")
    with pytest.raises(DataError, match="tables \\(parquet\\)"):
        run(tmp_path / "tables")


def test_the_people_are_as_many_as_the_public_lists_have():
    assert len(set(SUBJECTS)) == MEAD.facts.release["people in the released part"] == 47
