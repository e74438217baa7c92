"""Each dataset that needs no signed licence, read from the tree that its renderer writes, with its quirks."""

from typing import NamedTuple

import pytest

from facemotion import datasets
from facemotion.ingestion.result import Ingest


class Told(NamedTuple):
    """What is read of a layout by some options: how many rows, what is left out, and what notes say."""

    layout: str
    rows: int
    left_out: dict[str, str]
    notes: tuple[str, ...]
    options: tuple[tuple[str, str], ...] = ()


MIDDLE = (("peaks", "middle"),)
CASES = [
    Told(
        "kdef",
        27,  # two people, two sessions, seven pictures, one of them black
        {"KDEF_and_AKDEF/KDEF_and_AKDEF/KDEF/AM01/AM01SUS.JPG": "black"},
        ("AF31V.JPG is AF31SAHL under a name that lacks its codes", "68 of the 70 people"),
    ),
    Told(
        "kdef",
        27,
        {"KDEF_and_AKDEF/KDEF_and_AKDEF/KDEF/AF01/AF01SUFR.JPG": "black"},
        (),
        (("view", "full-right"),),
    ),
    Told("kdef", 29, {}, ("F31_A: it has no neutral face",), (("view", "half-left"),)),
    Told("jaffe", 41, {}, ("jaffe/KA.AN1.1.tiff.bmp is a second copy of jaffe/KA.AN1.1.tiff",)),
    Told("rafd", 15, {}, ("02 has no neutral picture of this camera and gaze", "is a second copy of RaFD/Rafd090_01")),
    Told(
        "raf-db",
        14,
        {"train_09999": "no_label", "train_09998": "missing_picture"},
        ("2 files of other sets of RAF", "whether its official split is person-independent is not known"),
    ),
    Told(
        "fer2013",
        14,
        {},
        (
            "is a second copy of train/angry/Training_0.jpg",
            "1 pictures lie in no folder of a class",
            "nothing is aligned",
        ),
    ),
    Told("ferplus", 15, {"1 pictures": "no_majority"}, ("nothing is aligned",)),
    Told("ferplus", 16, {}, (), (("rule", "plurality"),)),
    Told(
        "crema-d",
        63,
        {"CREMA-D/VideoFlash/1090_TIE_HAP_XX.flv": "lfs_stub", "1002_TIE_HAP_XX": "unreadable"},
        ("1 clips have no neutral clip of the same words", "has no surprise"),
        MIDDLE,
    ),
    Told("ravdess", 72, {"1 clips": "calm"}, ("22 of the 24 actors", "each counts once"), MIDDLE),
    Told(
        "mead",
        111,
        {"M003_front_anger_level_3_032": "unreadable"},
        (
            "is a second copy of MEAD/M003-2/video/front/angry/level_3/001.mp4",
            "1 clips have no neutral clip",
            "45 of the 47 people",
            "of M003 a clip was lost",
            "1 archives that are not unpacked, the first is MEAD/W040/video.tar",
        ),
        MIDDLE,
    ),
]


@pytest.mark.parametrize("told", CASES, ids=lambda told: "-".join([told.layout, *(each for _, each in told.options)]))
def test_the_quirks_are_told_and_do_no_harm(told, quirks):
    dataset = datasets.load(told.layout)
    result: Ingest = dataset.ingest(dataset.tree(quirks(told.layout)), dataset.choose(dict(told.options)))
    assert len(result.manifest) == told.rows
    assert {each.item: each.reason for each in result.exclusions} == told.left_out
    for words in told.notes:
        assert sum(words in note for note in result.notes) == 1, words


def test_which_rule_made_a_class_of_votes_is_in_the_layout(quirks):
    ferplus = datasets.load("ferplus")
    for rule, words in (("majority", "more than half of the rest"), ("plurality", "the one most frequent answer")):
        result = ferplus.ingest(ferplus.tree(quirks("ferplus")), ferplus.choose({"rule": rule}))
        assert words in result.layout


def test_manual_points_of_every_original_of_raf_db_are_read(quirks):
    raf_db = datasets.load("raf-db")
    tree = raf_db.tree(quirks("raf-db"))
    assert raf_db.landmarks is not None
    table = raf_db.ingest(tree, raf_db.options()).manifest
    assert set(raf_db.landmarks(tree, table)["source"]) == set(table["source"])
