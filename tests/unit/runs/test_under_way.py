"""How far trainings in other processes have come is told by a file in each one's folder, and shown together."""

import threading

import pytest

from facemotion.progress import Shown, silent
from facemotion.runs.training import Training
from facemotion.runs.under_way import telling, told, watching


class Seen:
    """A view that keeps what it is told, and lets a test wait for it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._now: list[str] = []

    def begin(self, works):
        self._note([f"{work.label} {work.done}" for work in works])

    def move(self, works):
        self.begin(works)

    def end(self, works):
        self._note([f"{work.label} {work.done}" for work in works[:-1]])

    def _note(self, now: list[str]) -> None:
        with self._changed:
            self._now = sorted(now)
            self._changed.notify_all()

    def comes_to(self, *expected: str) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._now == sorted(expected), timeout=60)


def test_what_is_told_is_how_many_are_done(tmp_path) -> None:
    found = [told(tmp_path) for _ in telling(tmp_path, every=0)(range(3), "epochs", total=3)]
    assert found == [(0, 3), (1, 3), (2, 3)]
    assert told(tmp_path) is None
    assert not list(tmp_path.iterdir())


def test_a_training_that_fails_tells_no_longer(tmp_path) -> None:
    ticks = telling(tmp_path, every=0)(range(3), "epochs", total=3)
    next(ticks)
    assert told(tmp_path) == (0, 3)
    ticks.close()  # type: ignore[attr-defined]
    assert told(tmp_path) is None


@pytest.mark.parametrize("text", ["", "half", "1", "1 2 3", "\xff"])
def test_a_damaged_file_tells_nothing(tmp_path, text: str) -> None:
    (tmp_path / ".epochs.7.tmp.txt").write_text(text, encoding="latin-1")
    assert told(tmp_path) is None


def test_a_folder_that_cannot_be_written_ends_no_training(tmp_path) -> None:
    (tmp_path / "file").touch()
    assert list(telling(tmp_path / "file", every=0)(range(3), "epochs", total=3)) == [0, 1, 2]


def test_all_are_shown_together_and_each_until_it_ends(tmp_path) -> None:
    one, other = (Training(tmp_path, variant, 1, 0) for variant in ("fmpn", "cnn"))
    other.folder.mkdir(parents=True)
    (other.folder / ".epochs.1.tmp.txt").write_text("5 9")  # of a process that was killed
    view = Seen()
    show = Shown(view)
    with watching([one, other], show, every=0.001):
        for number in show(range(2), "trainings"):
            if number:
                break
            first, second = (telling(each.folder, every=0)(range(9), "epochs", total=9) for each in (one, other))
            next(first)
            assert view.comes_to("trainings 0", f"{one}: epochs 0")
            next(first)
            next(second)
            assert view.comes_to("trainings 0", f"{one}: epochs 1", f"{other}: epochs 0")
            first.close()  # type: ignore[attr-defined]
            assert view.comes_to("trainings 0", f"{other}: epochs 0")
            second.close()  # type: ignore[attr-defined]
            assert view.comes_to("trainings 0")
    assert not show.busy


def test_nothing_is_shown_where_nothing_is_to_be_shown(tmp_path) -> None:
    with watching([Training(tmp_path, "cnn", 0, 0)], silent, every=0.001):
        assert list(silent(range(2), "trainings")) == [0, 1]
