"""Pictures that are looked at together, as on a GPU, give the rows and pictures of one after the other."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from facemotion.alignment import worker
from facemotion.alignment.settings import AlignSettings
from facemotion.alignment.worker import align_shard
from facemotion.errors import EnvironmentProblem
from facemotion.landmarks import _runtime
from facemotion.landmarks._ladder import Mtcnn
from facemotion.landmarks._retina import Retinaface
from facemotion.landmarks.faces import LandmarkSource

SOURCES: dict[str, Callable[[int], LandmarkSource]] = {
    "mtcnn": lambda at_once: Mtcnn(min_face=0.15, at_once=at_once),
    "retinaface": lambda at_once: Retinaface(side=320, least_score=0.6, at_once=at_once),
}


class Counting:
    """A session that counts its calls."""

    def __init__(self, session: Any, calls: list[int]) -> None:
        self._session, self._calls = session, calls

    def get_inputs(self) -> Any:
        return self._session.get_inputs()

    def run(self, names: None, feeds: dict[str, Any], /) -> Any:
        self._calls.append(len(next(iter(feeds.values()))))
        return self._session.run(names, feeds)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list of the batches that networks are run on from now on."""
    found: list[int] = []
    original = _runtime.shipped
    monkeypatch.setattr(_runtime, "shipped", lambda *given: Counting(original(*given), found))
    return found


@pytest.mark.parametrize("name", SOURCES)
def test_rows_and_pictures_are_the_same_in_fewer_calls(
    tree: tuple[pd.DataFrame, Path], calls: list[int], name: str
) -> None:
    rows, root = tree  # pictures of several sizes, of a video, without faces, with two, and damaged ones between them
    settings, made, number = AlignSettings(), {}, {}
    for at_once in (1, 16):
        calls.clear()
        made[at_once] = align_shard(rows, root, SOURCES[name](at_once), settings)
        number[at_once] = len(calls), sum(calls)
    assert made[16].records == made[1].records
    assert {record["status"] for record in made[1].records} >= {"ok", "no_face", "unreadable", "missing_source"}
    np.testing.assert_array_equal(made[16].aligned, made[1].aligned)
    np.testing.assert_array_equal(made[16].crops, made[1].crops)
    assert made[16].origins == made[1].origins
    assert number[16][1] == number[1][1]
    assert number[16][0] < number[1][0]


@pytest.mark.parametrize("name", SOURCES)
def test_pictures_of_one_size_need_as_many_calls_as_one(
    tree: tuple[pd.DataFrame, Path], calls: list[int], name: str
) -> None:
    source, number = SOURCES[name](16), []
    for rows in (tree[0][:1], tree[0][:7]):
        calls.clear()
        align_shard(rows, tree[1], source, AlignSettings())
        number.append((len(calls), sum(calls) >= len(rows) * len(calls)))
    assert number == [(number[0][0], True)] * 2


@pytest.mark.parametrize("name", SOURCES)
def test_a_picture_that_fails_is_a_row_and_no_other_is(
    tree: tuple[pd.DataFrame, Path], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    rows, root = tree
    original = worker.look

    def look(image: Any, source: LandmarkSource, settings: AlignSettings, **more: Any) -> Any:
        seen = original(image, source, settings, **more)
        if more["name"] == "3.png":
            raise RuntimeError("odd tensor")
        return seen

    expected = align_shard(rows[:6], root, SOURCES[name](1), AlignSettings())
    monkeypatch.setattr(worker, "look", look)
    found = align_shard(rows[:6], root, SOURCES[name](4), AlignSettings())
    assert [record["status"] for record in found.records] == ["ok"] * 3 + ["unreadable"] + ["ok"] * 2
    assert found.records[3]["message"] == "unexpected RuntimeError: odd tensor"
    np.testing.assert_array_equal(found.crops, expected.crops[[0, 1, 2, 4, 5]])


def test_a_broken_environment_stops_all(tree: tuple[pd.DataFrame, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    source = SOURCES["mtcnn"](4)

    def detect(*_: Any, **more: Any) -> list[Any]:
        raise EnvironmentProblem(f"no weights for {more['source']}")

    monkeypatch.setattr(source, "detect", detect)
    with pytest.raises(EnvironmentProblem, match=r"no weights for 0\.png"):
        align_shard(tree[0], tree[1], source, AlignSettings())
