"""What is said of the faces that another dataset's figures are about."""

import pytest

from facemotion.evaluation.elsewhere import _part


@pytest.mark.parametrize(
    ("scored", "words"),
    [
        (None, ""),
        ({"faces": 3, "of": 37, "split": True}, "the test part of its official split, 3 of 37 faces"),
        ({"faces": 37, "of": 37, "split": True}, "all 37 faces in these classes, training and test part"),
        ({"faces": 37, "of": 37, "split": False}, "all 37 faces in these classes, as mmi has no official split"),
    ],
)
def test_the_part_is_named_with_its_reason(scored, words):
    assert words in " ".join(_part({"dataset": "mmi", "scored": scored}))
