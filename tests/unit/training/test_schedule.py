import itertools

import pytest

from facemotion.training.schedule import rate_factor


@pytest.mark.parametrize(
    ("epoch", "linear", "released"),
    [
        (0, 1, 1),
        (148, 1, 1),
        (149, 1, 150 / 151),
        (150, 150 / 151, 149 / 151),
        (298, 2 / 151, 1 / 151),
        (299, 1 / 151, 0),
    ],
)
def test_known_answers_of_the_first_phase(epoch: int, linear: float, released: float) -> None:
    assert rate_factor(epoch, epochs=300, constant=150) == pytest.approx(linear)
    assert rate_factor(epoch, epochs=300, constant=150, decay="as-released") == pytest.approx(released)


@pytest.mark.parametrize("decay", ["linear", "as-released"])
def test_falls_by_equal_steps(decay) -> None:
    factors = [rate_factor(epoch, epochs=20, constant=5, decay=decay) for epoch in range(20)]
    steps = {round(before - after, 12) for before, after in itertools.pairwise(factors)}
    assert steps == {0, round(1 / 16, 12)}


def test_never_falls_where_the_constant_part_is_longer_than_the_phase() -> None:
    assert [rate_factor(epoch, epochs=3, constant=5) for epoch in range(3)] == [1, 1, 1]
