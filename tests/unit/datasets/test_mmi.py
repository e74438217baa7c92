import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from facemotion import media
from facemotion.datasets.mmi import DATASET as MMI
from facemotion.datasets.mmi.selection import middle_frames
from facemotion.errors import ConfigError, DataError
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree


def run(root: Path, **options) -> Ingest:
    return MMI.ingest(Tree.read(root, "MMI"), MMI.choose(options))


@pytest.fixture(scope="module")
def result(mmi_tree) -> Ingest:
    return run(mmi_tree)


@pytest.fixture
def copy(mmi_tree, tmp_path) -> Path:
    """A tree of one subject's clips that may be changed: lying ones."""
    clips = pd.read_csv(mmi_tree / "clips.csv")["clip"]
    for path in mmi_tree.rglob("S028-00[3-6].avi"):
        assert path.stem in set(clips)
        shutil.copytree(path.parent, tmp_path / "Sessions" / path.parent.name)
    return tmp_path


def reasons(result: Ingest) -> dict[str, str]:
    return {item.item: item.reason for item in result.exclusions}


def details(result: Ingest) -> dict[str, str]:
    return {item.item: item.detail for item in result.exclusions}


@pytest.mark.parametrize(("count", "expected"), [(5, (1, 2, 3)), (6, (2, 3, 4)), (7, (2, 3, 4)), (121, (59, 60, 61))])
def test_the_middle_is_three_consecutive_frames(count, expected):
    assert middle_frames(count) == expected


def test_the_first_frame_is_neutral_and_the_middle_three_are_expressive(result):
    one = result.manifest[result.manifest["sequence"] == "S028_003"]
    assert one["frame"].tolist() == [0, 2, 3, 4]  # rendered clips have seven frames
    assert one["expression"].tolist() == ["neutral", "anger", "anger", "anger"]
    assert one["source"].nunique() == 1


def test_labels_come_from_the_tag_named_emotion_wherever_it_stands(result, mmi_tree):
    truth = pd.read_csv(mmi_tree / "clips.csv").set_index("clip")["expression"]
    found = result.manifest[result.manifest["role"] == "expressive"].drop_duplicates("sequence")
    assert len(found) == len(truth) == 24
    for sequence, expression in zip(found["sequence"], found["expression"], strict=True):
        assert truth[sequence.replace("_", "-")] == expression


def test_every_clip_is_set_upright_and_its_frontal_half_is_found(result, mmi_tree):
    rows = result.manifest.drop_duplicates("sequence").set_index("sequence")
    kinds = set()
    for clip in pd.read_csv(mmi_tree / "clips.csv", keep_default_na=False).itertuples():
        row = rows.loc[str(clip.clip).replace("-", "_")]
        kinds.add((clip.rotate, clip.side))
        assert row["rotate"] == clip.rotate, clip
        width = media.load(mmi_tree / row["source"]).shape[1]
        expected = {"": None, "left": 0.0, "right": width / 2}[str(clip.side)]
        assert (None if row["region"] is None else row["region"][0]) == expected, clip
    assert kinds == {(90, ""), (0, ""), (0, "left"), (0, "right")}


def test_what_cannot_be_used_is_excluded_by_name(result):
    assert reasons(result) == {
        "S001_001": "other_database",
        "S002_106": "undecodable",
        "S021_003": "profile_only",
        "S028_090": "not_basic",
        "S028_091": "too_short",
        "S028_092": "no_emotion",
        "mmi-facial-expression-database_download_2020-01-01_00_00_00/Sessions/9006/S031-001.jpg": "no_frame",
    }
    found = details(result)
    assert found["S002_106"].endswith("S002-106.avi: the file is empty (0 bytes)")
    assert found["S021_003"] == "S021 is filmed in profile only"
    assert found["S028_090"] == "its Emotion is 9"
    assert found["S028_091"].endswith("S028-091.avi: 4 frames of it decode; at least 5 are needed")
    assert found["S028_092"] == "no metadata file beside it has a Metatag named Emotion"
    assert found["S001_001"].endswith("Sessions/9007/S001-001.avi is of a MAHNOB database, not of MMI")
    assert not set(result.manifest["subject"]) & {"S021", "S031"}  # profile; photographs alone


def test_photographs_and_other_videos_in_a_session_are_told_and_do_not_count_as_clips(copy):
    session = next(path.parent for path in copy.rglob("S*-*.avi"))
    for name in ("portrait.jpg", "holiday.mp4"):
        (session / name).write_bytes(b"anything")
    found = run(copy)
    place = session.relative_to(copy).as_posix()
    assert {f"{place}/portrait.jpg": "no_frame", f"{place}/holiday.mp4": "no_clip"}.items() <= reasons(found).items()
    (note,) = (each for each in found.notes if "carry one of the six expressions" in each)
    assert "no frame" not in note
    assert "no clip" not in note


def test_the_published_counts_and_arithmetic_are_shown(result):
    expected = {check.name: check.expected for check in result.checks}
    assert (expected["sequences, all"], expected["images, all"], expected["subjects"]) == (208, 624, 31)
    assert any(
        note.startswith("27 clips carry one of the six") and "213, less 4 of S021" in note for note in result.notes
    )


def test_several_downloads_are_merged_and_second_copies_are_named(copy):
    again = copy / "second/Sessions/77"
    again.mkdir(parents=True)
    (clip,) = copy.glob("Sessions/*/S028-003.avi")
    for path in clip.parent.iterdir():
        shutil.copyfile(path, again / path.name)
    result = run(copy)
    assert result.manifest["sequence"].nunique() == 4
    assert any("second/Sessions/77/S028-003.avi is a second copy of" in note for note in result.notes)


def test_a_view_that_lies_about_the_rotation_is_corrected_and_noted(copy):
    import av

    (clip,) = copy.glob("Sessions/*/S028-003.avi")
    with av.open(str(clip)) as container:
        frames = [np.rot90(frame.to_ndarray(format="rgb24"), -1) for frame in container.decode(video=0)]
    with av.open(str(clip), "w") as container:  # upright, but of a width and height that usually lie
        stream = container.add_stream("mjpeg", rate=25)
        tall, wide = frames[0].shape[:2]
        stream.height, stream.width, stream.pix_fmt = tall, 2 * round(1.25 * tall / 2), "yuvj420p"
        pad = (stream.width - wide) // 2
        for image in frames:
            padded = np.pad(image, ((0, 0), (pad, stream.width - wide - pad), (0, 0)))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(padded), format="rgb24")))
        container.mux(stream.encode(None))
    result = run(copy)
    row = result.manifest.set_index("sample_id").loc["S028_003_000"]
    assert row["rotate"] == 0
    assert any("S028_003" in note and "its face is upright by 0" in note for note in result.notes)


def test_a_half_can_be_named_by_subject_or_sequence(mmi_tree, tmp_path):
    table = tmp_path / "sides.csv"
    table.write_text("name,side\nS001,right\nS001-101,left\n")
    rows = run(mmi_tree, sides=str(table)).manifest.drop_duplicates("sequence").set_index("sequence")
    assert rows.loc["S001_100"]["region"][0] > 0
    assert rows.loc["S001_101"]["region"][0] == 0


def test_an_undecided_half_names_the_way_out(mmi_tree, tmp_path):
    session = tmp_path / "Sessions/1"
    session.mkdir(parents=True)
    (clip,) = mmi_tree.rglob("S001-100.avi")
    shutil.copytree(clip.parent, session, dirs_exist_ok=True)
    with_one = run(tmp_path)
    assert len(with_one.manifest) == 4
    import av

    with av.open(str(session / "S001-100.avi"), "w") as container:  # a wall: there is no face at all
        stream = container.add_stream("mjpeg", rate=25)
        stream.height, stream.width, stream.pix_fmt = 180, 226, "yuvj420p"
        for _ in range(6):
            container.mux(
                stream.encode(av.VideoFrame.from_ndarray(np.full((180, 226, 3), 90, np.uint8), format="rgb24"))
            )
        container.mux(stream.encode(None))
    with pytest.raises(DataError, match=r"S001_100, because it shows two views.*--sides"):
        run(tmp_path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<Metadata><Metatag Name='Emotion' Value='happy'/></Metadata>", "its Emotion is 'happy'"),
        ("<Metadata><Metatag Name='Emotion'", "is no XML that can be read"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "declares a document type or entities, which are refused"),
    ],
)
def test_metadata_that_cannot_be_read_excludes_the_clip(copy, text, reason):
    (path,) = copy.glob("Sessions/*/S028-004.xml")
    path.write_text(text)
    result = run(copy)
    assert reasons(result) == {"S028_004": "metadata_unreadable"}
    assert reason in details(result)["S028_004"]


def test_names_in_a_namespace_or_another_case_are_found(copy):
    (path,) = copy.glob("Sessions/*/S028-004.xml")
    path.write_text("<m:a xmlns:m='urn:x'><m:metatag NAME='Emotion' VALUE=' 2 '/></m:a>")
    assert run(copy).manifest["sequence"].nunique() == 4


def test_clips_in_class_folders_take_the_folder_s_name(copy, tmp_path_factory):
    (clip,) = copy.glob("Sessions/*/S028-003.avi")
    other = tmp_path_factory.mktemp("classes")
    (other / "Sad").mkdir()
    shutil.copyfile(clip, other / "Sad" / "S028-003.avi")
    result = run(other)
    assert set(result.manifest["expression"]) == {"neutral", "sadness"}
    assert any("the folder's name, sadness, was believed" in note for note in result.notes)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a,b\n", "needs the columns sequence and expression"),
        ("sequence,expression\nclip4,1\n", "line 2: 'clip4' is no sequence such as S035_004"),
        ("sequence,expression\nS035_004,7\n", "line 2: unknown expression '7'"),
        ("sequence,expression\nS035_004,contempt\n", "MMI has no contempt"),
    ],
)
def test_a_wrong_table_of_labels_is_refused_by_line(copy, text, sentence):
    (copy / "labels.csv").write_text(text)
    with pytest.raises(ConfigError, match=sentence):
        run(copy, labels=str(copy / "labels.csv"))


def test_a_wrong_side_is_refused(copy):
    (copy / "sides.csv").write_text("name,side\nS001,front\n")
    with pytest.raises(ConfigError, match="side is 'front'; expected left or right"):
        run(copy, sides=str(copy / "sides.csv"))


def test_mahnob_is_recognised(tmp_path):
    session = tmp_path / "Sessions/5"
    session.mkdir(parents=True)
    for name in ("S001-001.avi", "S001-001_mic.wav", "laughterAnnotation.csv", "session.xml"):
        (session / name).write_bytes(b"x")
    with pytest.raises(DataError, match=r"this is a MAHNOB database .*not MMI"):
        run(tmp_path)


def test_a_table_that_names_none_of_the_clips_is_said_to(tmp_path):
    (tmp_path / "S035-004.avi").write_bytes(b"x")
    (tmp_path / "labels.csv").write_text("sequence,expression\nS099_001,anger\n")
    sentence = r"the table of --labels names none of its 1 clips, .* is S035_004 \(the table's first is S099_001\)"
    with pytest.raises(DataError, match=sentence):
        run(tmp_path, labels=str(tmp_path / "labels.csv"))


def test_clips_without_any_emotion_are_refused_with_advice(tmp_path):
    (tmp_path / "S035-004.avi").write_bytes(b"x")
    with pytest.raises(DataError, match=r"none of its clips carries one of the six expressions.*--labels"):
        run(tmp_path)
