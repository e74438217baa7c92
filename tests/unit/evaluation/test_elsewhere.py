"""What is said beside figures on another dataset."""

from facemotion.evaluation.elsewhere import scored_elsewhere

OLD = {"dataset": "ferplus", "trained_on": "ckplus", "classes": ["anger", "fear"]}


def test_figures_of_an_older_version_tell_little():
    assert scored_elsewhere(OLD) == ["classes in common: anger, fear"]
    assert scored_elsewhere({**OLD, "not_in_dataset": ["contempt"]})[-1] == "not in ferplus: contempt"


def test_crops_are_named_and_whose_they_are():
    one, other = (scored_elsewhere({**OLD, "crops_as_given": name})[-1] for name in ("ferplus", "ckplus"))
    end = "are aligned: that difference is part of the figure"
    assert one == f"pictures of ferplus are crops, taken as given, while faces of ckplus {end}"
    assert other == f"pictures of ckplus are crops, taken as given, while faces of ferplus {end}"


def test_what_was_scored_and_left_out():
    told = {"scored": {"faces": 3, "of": 9, "split": True}, "left_out": {"neutral": 4}}
    told |= {"not_in_dataset": ["contempt"], "answers_outside": {"fmpn": 0.25}}
    first, _, lost, lacking = scored_elsewhere({**OLD, **told})
    assert first.startswith("scored: the test part of its official split, 3 of 9 faces")
    assert lost == "left out, as the models do not know them: neutral 4"
    assert lacking == "not in ferplus: contempt; such an answer was the most probable for fmpn 25.0 % of faces"
