"""CREMA-D and RAVDESS: people who speak; which frames are taken, and which neutral frame belongs to each."""

from pathlib import Path

import numpy as np
import pytest

from facemotion import landmarks
from facemotion.datasets.crema_d import DATASET as CREMA
from facemotion.datasets.ravdess import DATASET as RAVDESS
from facemotion.demo.layout_speech import write_video
from facemotion.demo.speech import apex, speaking_sequence
from facemotion.errors import ConfigError, DataError
from facemotion.expressions import EXPRESSIONS
from facemotion.ingestion import peaks
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree

FRAMES, SIZE = 36, (112, 144)
SPEECH = "02-01-{}-01-{}-{}-01.mp4"


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> bytes:
    """A video of twenty gray frames."""
    path = tmp_path_factory.mktemp("clip") / "gray.flv"
    write_video(
        path, [np.full((48, 64, 3), 8 * number, np.uint8) for number in range(20)], container="flv", codec="flv"
    )
    return path.read_bytes()


def put(root: Path, content: bytes, *names: str) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    for name in names:
        (root / name).write_bytes(content)
    return root


def crema(root: Path, **options) -> Ingest:
    return CREMA.ingest(Tree.read(root, "CREMA-D"), CREMA.choose({"peaks": "middle", **options}))


def ravdess(root: Path, **options) -> Ingest:
    return RAVDESS.ingest(Tree.read(root, "RAVDESS"), RAVDESS.choose({"peaks": "middle", **options}))


def test_each_moment_has_the_neutral_frame_of_the_same_sentence_at_the_same_time(tmp_path, clip):
    put(tmp_path, clip, "1001_DFA_ANG_XX.flv", "1001_DFA_NEU_XX.flv", "1001_IEO_NEU_XX.flv")
    table = crema(tmp_path).manifest
    assert table["sequence"].value_counts().to_dict() == dict.fromkeys(
        (f"1001_DFA_ANG_XX-{frame:03d}" for frame in (5, 10, 15)), 2
    )
    calm = table[table["role"] == "neutral"]
    assert set(calm["source"]) == {"1001_DFA_NEU_XX.flv"}
    assert calm["frame"].tolist() == [5, 10, 15]
    assert CREMA.info.neutral == RAVDESS.info.neutral == "sequence"


def test_the_last_frames_can_be_asked_for_and_the_rule_is_said(tmp_path, clip):
    put(tmp_path, clip, "1001_DFA_ANG_XX.flv", "1001_DFA_NEU_XX.flv")
    result = crema(tmp_path, peaks="last")
    assert sorted(set(result.manifest["frame"])) == [9, 14, 19]
    assert any(note.startswith("peaks are the last frame") for note in result.notes)
    assert "peaks last" in result.layout


def test_where_no_faces_are_found_the_middle_is_taken_and_that_is_said(tmp_path, clip):
    put(tmp_path, clip, "1001_DFA_ANG_XX.flv", "1001_DFA_NEU_XX.flv")
    result = crema(tmp_path, peaks="measured")
    assert sorted(set(result.manifest["frame"])) == [5, 10, 15]
    assert any(note.startswith("1 clips show too few faces to be measured") for note in result.notes)


def test_a_clip_without_its_neutral_sentence_is_kept_without_a_neutral_frame(tmp_path, clip):
    put(tmp_path, clip, "1001_DFA_ANG_XX.flv", "1001_IEO_NEU_XX.flv", "1002_DFA_NEU_XX.flv")
    result = crema(tmp_path)
    assert set(result.manifest["role"]) == {"expressive"}
    assert any("1 clips have no neutral clip of the same words" in note for note in result.notes)


def test_surprise_is_no_class_and_that_is_said(tmp_path, clip):
    result = crema(put(tmp_path, clip, "1001_DFA_ANG_XX.flv"))
    assert result.classes == ("anger", "disgust", "fear", "happiness", "sadness")
    assert any("no surprise" in note for note in result.notes)


def test_stubs_of_git_lfs_and_sound_alone_are_refused_by_name(tmp_path, clip):
    stub = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    put(tmp_path / "stubs", stub, "1001_DFA_ANG_XX.flv")
    with pytest.raises(DataError, match=r"1 stubs of Git LFS and no videos.*git lfs pull"):
        crema(tmp_path / "stubs")
    put(tmp_path / "stubs", clip, "1001_DFA_HAP_XX.flv")
    assert [each.reason for each in crema(tmp_path / "stubs").exclusions] == ["lfs_stub"]
    put(tmp_path / "sound", b"RIFF", "1001_DFA_ANG_XX.wav", "03-01-05-01-01-01-01.wav")
    for read in (crema, ravdess):
        with pytest.raises(DataError, match=r"1 sound files of .* and no video"):
            read(tmp_path / "sound")


def test_clips_that_do_not_decode_are_exclusions(tmp_path, clip):
    put(tmp_path, clip, "1001_DFA_ANG_XX.flv")
    put(tmp_path, b"no video" * 200, "1001_DFA_SAD_XX.flv")
    assert [(each.item, each.reason) for each in crema(tmp_path).exclusions] == [("1001_DFA_SAD_XX", "unreadable")]


def test_face_votes_are_labels_and_ties_and_contradictions_are_left_out(tmp_path, clip):
    names = [f"1001_DFA_{code}_XX" for code in ("ANG", "DIS", "FEA", "NEU", "SAD")]
    put(tmp_path, clip, *(f"{name}.flv" for name in names))
    with pytest.raises(ConfigError, match=r"has no summaryTable\.csv"):
        crema(tmp_path, judged_by="face-votes")
    votes = ("A", "A", "A:D", "N", "N")
    lines = [f'"1","{name}","X",1,"{vote}",1,"X",1' for name, vote in zip(names, votes, strict=True)]
    header = '"","FileName","VoiceVote","VoiceLevel","FaceVote","FaceLevel","MultiModalVote","MultiModalLevel"'
    (tmp_path / "summaryTable.csv").write_text("\n".join([header, *lines]) + "\n")
    result = crema(tmp_path, judged_by="face-votes")
    shown = result.manifest[result.manifest["role"] == "expressive"]
    assert set(zip(shown["source"], shown["expression"], strict=True)) == {
        ("1001_DFA_ANG_XX.flv", "anger"),
        ("1001_DFA_DIS_XX.flv", "anger"),
    }
    assert {each.reason for each in result.exclusions} == {"tied_votes", "seen_as_neutral"}


def test_a_take_with_and_without_sound_counts_once(tmp_path, clip):
    put(tmp_path, clip, SPEECH.format("05", "01", "01"), SPEECH.format("05", "01", "01").replace("02-", "01-", 1))
    put(tmp_path, clip, SPEECH.format("01", "01", "01"))
    result = ravdess(tmp_path)
    assert len(result.manifest) == 6
    assert set(result.manifest["source"]) == {SPEECH.format("05", "01", "01"), SPEECH.format("01", "01", "01")}
    assert any("each counts once" in note for note in result.notes)


def test_the_neutral_clip_is_of_the_same_statement_and_if_there_is_one_the_same_repetition(tmp_path, clip):
    angry = [SPEECH.format("05", statement, repetition) for statement in ("01", "02") for repetition in ("01", "02")]
    put(tmp_path, clip, *angry, SPEECH.format("01", "01", "01"), SPEECH.format("01", "01", "02"))
    put(tmp_path, clip, SPEECH.format("02", "02", "01"))
    calm = ravdess(tmp_path).manifest.query("role == 'neutral'")
    assert set(zip(calm["sample_id"].str[:17], calm["source"], strict=True)) == {
        ("01-05-01-01-01-01", SPEECH.format("01", "01", "01")),
        ("01-05-01-01-02-01", SPEECH.format("01", "01", "02")),
    }
    both = ravdess(tmp_path, calm="neutral").manifest.query("role == 'neutral'")
    assert SPEECH.format("02", "02", "01") in set(both["source"])


def test_calm_is_left_out_and_song_is_another_channel(tmp_path, clip):
    put(tmp_path, clip, SPEECH.format("05", "01", "01"), SPEECH.format("02", "01", "01"))
    result = ravdess(tmp_path)
    assert set(result.manifest["expression"]) == {"anger"}
    assert [(each.item, each.reason) for each in result.exclusions] == [("1 clips", "calm")]
    with pytest.raises(DataError, match="none of song"):
        ravdess(tmp_path, channel="song")


def test_peaks_are_apart_and_the_largest_first():
    found = {frame: value for frame, value in zip(range(10, 40, 3), np.linspace(0.1, 0.9, 10), strict=True)}
    assert peaks.strongest(found) == [25, 31, 37]
    assert peaks.strongest({}) == []


def test_the_measured_rule_finds_the_expression_s_peak_and_not_the_mouth_s(tmp_path):
    """On rendered people whose expression is strongest away from the middle, and who speak all the time."""
    person, sentence, source = 1, 0, landmarks.create()

    def film(expression: str | None) -> dict[int, peaks.Gray]:
        frames = speaking_sequence(person, expression, sentence, FRAMES, size=SIZE)
        path = tmp_path / f"{expression}.flv"
        write_video(path, [frame.image for frame in frames], container="flv", codec="flv")
        return peaks.small_faces(path, peaks.candidates(FRAMES), source)

    def distance(chosen: list[int], at: float) -> float:
        return float(np.mean([abs(frame - at) for frame in chosen]))

    calm = film(None)
    times = {name: apex([0, person, EXPRESSIONS.index(name), sentence]) * (FRAMES - 1) for name in EXPRESSIONS}
    far = sorted(times, key=lambda name: -abs(times[name] - FRAMES / 2))[:2]
    measured, others = 0.0, {"middle": 0.0, "last": 0.0}
    for name in far:
        found = peaks.differences(film(name), calm, frames=FRAMES, others=FRAMES)
        measured += distance(peaks.strongest(peaks.steadied(found)), times[name])
        others["middle"] += distance(peaks.middle(FRAMES), times[name])
        others["last"] += distance(peaks.last(FRAMES), times[name])
    assert measured < others["middle"] < others["last"] or measured < others["last"] < others["middle"]
