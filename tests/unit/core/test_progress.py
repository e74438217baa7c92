"""Loops are shown with what is counted, the rate and the time left; loops inside each other together."""

import pytest

from facemotion import progress


class Seen:
    """A view that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, list[str]]] = []

    def begin(self, works):
        self.told.append(("begin", [work.label for work in works]))

    def move(self, works):
        self.told.append(("move", [f"{work.label} {work.done}" for work in works]))

    def end(self, works):
        self.told.append(("end", [work.label for work in works]))


def ticking(*times: float):
    return iter(times).__next__


def test_both_give_every_item_in_order(capsys):
    assert list(progress.silent(range(3), "work")) == [0, 1, 2]
    assert list(progress.shown(range(3), "work")) == [0, 1, 2]
    assert capsys.readouterr().out == ""


def test_a_line_comes_every_ten_seconds_with_rate_and_time_left():
    lines = []
    view = progress.Lines(lambda works: lines.append(str(works[-1])))
    show = progress.Shown(view, clock=ticking(0.0, 4.0, 11.0, 12.0))
    assert list(show(range(3), "counting sheep")) == [0, 1, 2]
    assert lines == ["counting sheep: 2 of 3, 5.5 s each, 6 s left"]


def test_an_unknown_total_has_a_rate_and_no_time_left():
    work = progress.Work("reading rows", None, 0.0, done=500, now=10.0)
    assert str(work) == "reading rows: 500, 50 a second"


@pytest.mark.parametrize(("seconds", "words"), [(59, "59 s"), (61, "1 min 1 s"), (7260, "2 h 1 min")])
def test_the_time_left_is_told_in_the_units_that_fit(seconds, words):
    work = progress.Work("x", 2, 0.0, done=1, now=float(seconds))
    assert str(work).endswith(f"{words} left")


def test_a_loop_inside_another_is_shown_with_it():
    seen = Seen()
    show = progress.Shown(seen)
    for _ in show(["a", "b"], "trainings"):
        assert list(show(range(1), "epochs")) == [0]
    inner = [
        ("begin", ["trainings", "epochs"]),
        ("move", ["trainings 0", "epochs 1"]),
        ("end", ["trainings", "epochs"]),
        ("move", ["trainings 1"]),
    ]
    assert seen.told[:5] == [("begin", ["trainings"]), *inner]
    assert seen.told[-1] == ("end", ["trainings"])
    assert not show.busy


def test_an_error_inside_ends_what_is_shown():
    seen = Seen()
    show = progress.Shown(seen)

    def broken():
        for _ in show(range(2), "trainings"):
            for _ in show(range(2), "epochs"):
                raise RuntimeError("gone")

    with pytest.raises(RuntimeError, match="gone"):
        broken()
    assert [what for what, _ in seen.told].count("end") == 2
    assert not show.busy


def test_loops_of_other_processes_stand_beside_each_other_inside_that_of_this_one():
    seen = Seen()
    show = progress.Shown(seen, clock=ticking(0.0, 1.0, 2.0, 6.0, 7.0, 8.0))
    for _ in show(["a"], "trainings"):
        one, other = show.beside("one", 9, 3), show.beside("other", 9, 0)
        show.move(one, 5)
        assert str(one) == "one: 5 of 9, 2.5 s each, 10 s left"  # those that were done before it was seen do not count
        show.leave(one)
        show.move(one, 6)
        show.move(other, 1)
    assert seen.told[1:6] == [
        ("begin", ["trainings", "one"]),
        ("begin", ["trainings", "one", "other"]),
        ("move", ["trainings 0", "other 0", "one 5"]),
        ("end", ["trainings", "other", "one"]),
        ("move", ["trainings 0", "other 1"]),
    ]
    assert [what for what, _ in seen.told].count("end") == 3
    assert not show.busy


def test_only_what_goes_on_is_current():
    show = progress.Shown(Seen())
    assert progress.current(progress.silent) is progress.current(show) is None
    for _ in show(["a"], "trainings"):
        assert progress.current(show) is show
    assert progress.current(show) is None


@pytest.mark.parametrize(("total", "words"), [(280, "1 of 280, 30 s each"), (3, "1 of 3, 30 s each, 1 min 0 s left")])
def test_the_first_of_many_tells_no_time_left(total, words):
    assert str(progress.Work("frames", total, 0.0, done=1, now=30.0)) == f"frames: {words}"
