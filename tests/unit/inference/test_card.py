"""A model's card says whether rendered faces had a part in it; one of real faces is as earlier versions wrote it."""

import pytest

from facemotion.alignment.settings import AlignSettings
from facemotion.inference.model import Card
from facemotion.synthetic import Amount


def card(**more) -> Card:
    known = {"facemotion": "1", "classes": ("anger", "fear"), "variant": "fmpn", "fold": 0, "seed": 0}
    known |= {"dataset": "ckplus", "prior": "ckplus", "preset": "compact", "alignment": AlignSettings()}
    return Card.model_validate({**known, "side": 48, "window": 0.9, **more})


@pytest.mark.parametrize(
    ("marks", "words"),
    [
        ({}, "ckplus"),
        ({"synthetic": True, "prior_synthetic": "all"}, "ckplus (synthetic faces)"),
        ({"dataset": "demo"}, "demo (synthetic faces)"),
        ({"prior": "demo"}, "ckplus, guided by the prior of demo (synthetic faces)"),
        (
            {"prior": "demo+mmi", "prior_synthetic": "in part"},
            "ckplus, guided by the prior of demo+mmi (synthetic faces in part)",
        ),
        ({"prior": "demo", "variant": "cnn"}, "ckplus"),
    ],
)
def test_what_it_was_trained_on_in_words(marks, words):
    found = card(**marks)
    assert found.trained_on == words
    assert found.knows_synthetic == ("synthetic" in words)
    assert Card.model_validate(found.as_json()) == found


def test_marks_are_written_where_there_are_some():
    assert not {"synthetic", "prior_synthetic"} & card().as_json().keys()
    assert card(synthetic=True, prior_synthetic=Amount.ALL).as_json()["prior_synthetic"] == "all"
