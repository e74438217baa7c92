import itertools
from collections import Counter

import numpy as np

from facemotion.alignment import contact_sheet
from facemotion.alignment.contact_sheet import Frame
from facemotion.alignment.store import CropArray


def frames(count: int, failed: list[int]) -> list[Frame]:
    made = itertools.count()
    return [
        Frame(
            subject=f"S{i % 5}",
            expression="anger" if i < count // 4 else "neutral",
            status="no_face" if i in failed else "ok",
            row=-1 if i in failed else next(made),
        )
        for i in range(count)
    ]


def test_sample_is_even_over_expressions_and_shows_failures() -> None:
    every = frames(400, failed=[3, 200, 390])
    chosen = contact_sheet.sample(iter(every))
    assert len(chosen) == len(set(chosen)) + 1 == 140  # two failures are alike
    assert chosen[-3:] == [every[place] for place in (3, 200, 390)]
    shown = Counter(frame.expression for frame in chosen[:-3])
    assert abs(shown["anger"] - shown["neutral"]) <= 1
    assert {frame.subject for frame in chosen[:-3]} == {"S0", "S1", "S2", "S3", "S4"}


def test_frames_of_an_expression_are_in_the_order_of_their_subjects_and_then_their_own() -> None:
    shown = contact_sheet.sample(frames(400, failed=[]))
    for name in ("anger", "neutral"):
        own = [(frame.subject, frame.row) for frame in shown if frame.expression == name]
        assert own == sorted(own)


def test_few_frames_are_all_shown_and_many_failures_are_capped() -> None:
    assert sorted(contact_sheet.sample(frames(9, failed=[1]))) == sorted(frames(9, failed=[1]))
    chosen = contact_sheet.sample(frames(100, failed=list(range(50))))
    assert sum(frame.row < 0 for frame in chosen) == contact_sheet.FAILURES
    assert len(chosen) == 50 + contact_sheet.FAILURES


def test_sheet_shows_faces_and_frames_failures_in_red() -> None:
    picture = contact_sheet.sheet(frames(3, failed=[1]), CropArray([np.full((2, 112, 96, 3), 7, np.uint8)]))
    assert picture.dtype == np.uint8
    assert (picture == 7).all(axis=2).sum() == 2 * 112 * 96
    assert (picture == contact_sheet.FRAME).all(axis=2).sum() > 2 * (112 + 96)


def test_sheet_of_nothing_is_a_picture() -> None:
    assert contact_sheet.sheet(frames(0, failed=[]), CropArray([np.empty((0, 112, 96, 3), np.uint8)])).ndim == 3
