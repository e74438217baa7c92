import numpy as np
import pandas as pd

from facemotion.alignment import contact_sheet
from facemotion.alignment.store import CropArray


def tables(count: int, failed: list[int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    expressions = ["anger"] * (count // 4) + ["neutral"] * (count - count // 4)
    rows = pd.DataFrame({"subject": [f"S{i % 5}" for i in range(count)], "expression": expressions})
    status = ["no_face" if i in failed else "ok" for i in range(count)]
    good = np.cumsum([s == "ok" for s in status]) - 1
    row = [int(good[i]) if status[i] == "ok" else -1 for i in range(count)]
    return rows, pd.DataFrame({"status": status, "row": row})


def test_sample_is_even_over_expressions_and_shows_failures() -> None:
    rows, faces = tables(400, failed=[3, 200, 390])
    chosen = contact_sheet.sample(rows, faces)
    assert len(chosen) == len(set(chosen)) == 140
    assert chosen[-3:] == [3, 200, 390]
    shown = rows.iloc[chosen[:-3]]
    assert abs((shown["expression"] == "anger").sum() - (shown["expression"] == "neutral").sum()) <= 1
    assert set(shown["subject"]) == {"S0", "S1", "S2", "S3", "S4"}


def test_few_frames_are_all_shown_and_many_failures_are_capped() -> None:
    assert sorted(contact_sheet.sample(*tables(9, failed=[1]))) == list(range(9))
    chosen = contact_sheet.sample(*tables(100, failed=list(range(50))))
    assert sum(position < 50 for position in chosen) == contact_sheet.FAILURES
    assert len(chosen) == 50 + contact_sheet.FAILURES


def test_sheet_shows_faces_and_frames_failures_in_red() -> None:
    rows, faces = tables(3, failed=[1])
    picture = contact_sheet.sheet(rows, faces, CropArray([np.full((2, 112, 96, 3), 7, np.uint8)]))
    assert picture.dtype == np.uint8
    assert (picture == 7).all(axis=2).sum() == 2 * 112 * 96
    assert (picture == contact_sheet.FRAME).all(axis=2).sum() > 2 * (112 + 96)


def test_sheet_of_nothing_is_a_picture() -> None:
    rows, faces = tables(0, failed=[])
    assert contact_sheet.sheet(rows, faces, CropArray([np.empty((0, 112, 96, 3), np.uint8)])).ndim == 3
