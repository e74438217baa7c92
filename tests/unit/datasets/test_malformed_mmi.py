"""What real copies of MMI have besides clips that can be used: each by the sentence in which it ends."""

from pathlib import Path

import pytest

from facemotion.datasets.mmi import DATASET as MMI
from facemotion.errors import DataError
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree


def run(root: Path, **options) -> Ingest:
    return MMI.ingest(Tree.read(root, "MMI"), MMI.choose(options))


def session(root: Path, number: object, stem: str, *, clip: bytes = b"", view: int = 0, emotion: str = "4") -> Path:
    """Write a session of one clip, with its two XML files."""
    folder = root / f"Sessions/{number}"
    folder.mkdir(parents=True)
    (folder / f"{stem}.avi").write_bytes(clip)
    (folder / f"{stem}.xml").write_text(f'<Metadata><Metatag Name="Emotion" Value="{emotion}"/></Metadata>')
    (folder / "session.xml").write_text(f'<session><track filename="{stem}.avi" view="{view}"/></session>')
    return folder


def refusal(root: Path, **options) -> str:
    """Return the sentence in which a tree ends whose only clip cannot be used."""
    with pytest.raises(DataError) as caught:
        run(root, **options)
    return str(caught.value).removeprefix(f"{root}: every clip was excluded, the first, ")


@pytest.mark.parametrize(
    ("clip", "reason"),
    [
        (b"", "the file is empty (0 bytes)"),
        (
            b"RIFF\x10\0\0\0AVI no film at all",
            "the file has no video stream",
        ),
        (b"\0" * 4096, "the video cannot be decoded: Invalid data"),
    ],
)
def test_a_clip_that_does_not_decode(tmp_path, clip, reason):
    session(tmp_path, 1841, "S035-004", clip=clip)
    assert refusal(tmp_path).startswith(f"S035_004, because Sessions/1841/S035-004.avi: {reason}")


@pytest.mark.parametrize(("stem", "view"), [("S021-003", 1), ("S021-003", 0), ("S035-004", 1)])
def test_a_clip_in_profile_only(tmp_path, stem, view):
    session(tmp_path, 1841, stem, view=view)
    why = "S021 is filmed in profile only" if stem[:4] == "S021" else "its session says that it shows the profile only"
    assert refusal(tmp_path) == f"{stem.replace('-', '_')}, because {why}"


def test_photographs_alone_are_not_mmi(tmp_path):
    folder = tmp_path / "Sessions/501"
    folder.mkdir(parents=True)
    (folder / "S031-001.jpg").touch()
    (folder / "session.xml").write_text('<session><track filename="S031-001.jpg" view="0"/></session>')
    assert refusal(tmp_path) == (
        f"{tmp_path}: this is not MMI: none of its 2 files is named like S035-004.avi or S050_003_030.png; give the "
        "folder that holds Sessions"
    )


@pytest.mark.parametrize("emotion", ["0", "7", "9", "10"])
def test_emotions_that_are_not_basic_are_excluded_with_their_code(mmi_tree, tmp_path, emotion):
    (good,) = mmi_tree.rglob("S028-003.avi")
    session(tmp_path, 1841, "S035-004", clip=good.read_bytes())
    session(tmp_path, 224, "S035-005", emotion=emotion)
    (item,) = run(tmp_path).exclusions
    assert (item.item, item.reason, item.detail) == ("S035_005", "not_basic", f"its Emotion is {emotion}")


def test_clips_without_metadata_are_excluded_beside_others(mmi_tree, tmp_path):
    (good,) = mmi_tree.rglob("S028-003.avi")
    session(tmp_path, 1841, "S035-004", clip=good.read_bytes())
    (session(tmp_path, 1842, "S035-005") / "S035-005.xml").unlink()
    lacks_tag = session(tmp_path, 1843, "S035-006") / "S035-006.xml"
    lacks_tag.write_text('<Metadata><Metatag Name="Subject" Value="S035"/></Metadata>')
    assert [(item.item, item.reason, item.detail) for item in sorted(run(tmp_path).exclusions)] == [
        (name, "no_emotion", "no metadata file beside it has a Metatag named Emotion")
        for name in ("S035_005", "S035_006")
    ]


def test_a_session_of_mahnob_beside_others_is_excluded_by_its_name(mmi_tree, tmp_path):
    (good,) = mmi_tree.rglob("S028-003.avi")
    session(tmp_path, 1841, "S035-004", clip=good.read_bytes())
    laughter = session(tmp_path, 5, "S001-001", clip=good.read_bytes())
    (laughter / "S001-001.xml").unlink()
    for name in ("S001-001_mic.wav", "laughterAnnotation.csv"):
        (laughter / name).touch()
    (item,) = run(tmp_path).exclusions
    assert (item.item, item.reason) == ("S001_001", "other_database")
    assert item.detail == "Sessions/5/S001-001.avi is of a MAHNOB database, not of MMI"


def test_action_units_and_stray_spaces_do_no_harm(mmi_tree, tmp_path):
    (good,) = mmi_tree.rglob("S028-003.avi")
    folder = session(tmp_path, "4__1841", "S035 -004", clip=good.read_bytes(), emotion=" 6 ")
    (folder / "S035-004-oao_aucs.xml").write_text(
        '<a><ActionUnit Number="R12"/><Metatag Name="Emotion" Value="1"/></a>'
    )
    result = run(tmp_path)
    assert result.exclusions == []
    assert set(result.manifest["sequence"]) == {"S035_004"}
    assert set(result.manifest["expression"]) == {"neutral", "surprise"}


def test_metadata_of_a_size_that_no_clip_needs_is_refused(mmi_tree, tmp_path):
    (good,) = mmi_tree.rglob("S028-003.avi")
    session(tmp_path, 1841, "S035-004", clip=good.read_bytes())
    path = session(tmp_path, 1842, "S035-005") / "S035-005.xml"
    path.write_text("<a>" + " " * (1 << 20) + "</a>")
    (item,) = run(tmp_path).exclusions
    assert (item.item, item.reason) == ("S035_005", "metadata_unreadable")
    assert item.detail == "Sessions/1842/S035-005.xml has 1048583 bytes, too many for MMI's metadata"
