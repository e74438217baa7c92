"""Controls of a run: the same variant under other masks, beside the right ones, in folders and tables of their own."""

import pytest

from facemotion.alignment.settings import AlignSettings
from facemotion.errors import ConfigError
from facemotion.inference.model import Card
from facemotion.priors.controls import apply_control
from facemotion.runs import Run
from facemotion.runs.trained import load_trained

CLASSES = ("anger", "happiness", "surprise")
WANTED = {"folds_to_train": (0,), "variants": ("guided", "cnn"), "controls": ("wrong-mask",)}
BOTH = ["cnn", "guided", "guided@wrong-mask"]


@pytest.fixture
def study(make_study):
    return make_study()


def test_variant_and_control_stand_side_by_side_and_differ_by_their_masks_alone(study, tmp_path) -> None:
    metrics = study.run(tmp_path / "run", **WANTED)
    run = Run(tmp_path / "run")
    assert list(metrics["variants"]) == BOTH
    assert {each.variant for each in run.trainings} == set(BOTH)
    wrong = apply_control(study.bank, "wrong-mask")
    assert run.config.controls == {"wrong-mask": wrong.digest()}
    other = study.replaced(bank=wrong)
    other.run(tmp_path / "wrong", folds_to_train=(0,), variants=("guided",))
    (alone,) = Run(tmp_path / "wrong").trainings
    (beside,) = (each for each in run.trainings if each.variant == "guided@wrong-mask")
    columns = ["sample_id", "p_anger", "p_happiness", "p_surprise"]
    assert beside.predictions()[columns].equals(alone.predictions()[columns])
    assert beside.weights.read_bytes() != run.training(variant="guided").weights.read_bytes()


def test_a_control_is_added_to_a_run_and_the_first_one_stays_on_record(study, tmp_path) -> None:
    study.run(tmp_path / "run", **WANTED)
    done = {each.weights: each.weights.stat().st_mtime_ns for each in Run(tmp_path / "run").trainings}
    metrics = study.run(tmp_path / "run", **{**WANTED, "controls": ("flipped",)})
    assert list(metrics["variants"]) == ["cnn", "guided", "guided@flipped", "guided@wrong-mask"]
    assert set(Run(tmp_path / "run").config.controls) == {"wrong-mask", "flipped"}
    assert all(path.stat().st_mtime_ns == when for path, when in done.items())


def test_a_control_is_loaded_and_described_like_any_training(study, tmp_path) -> None:
    study.run(tmp_path / "run", **WANTED)
    training = Run(tmp_path / "run").training(variant="guided@wrong-mask")
    assert load_trained(training).network.variant == "guided"
    known = {"facemotion": "1", "classes": CLASSES, "fold": 0, "seed": 0, "dataset": "demo", "prior": "demo"}
    card = Card(**known, variant=training.variant, preset="compact", alignment=AlignSettings(), side=20, window=1)
    assert (card.variant, card.has_mask) == ("guided@wrong-mask", True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"variants": ("cnn",), "controls": ("au",)}, "no prior guides cnn"),
        ({"variants": ("guided",), "controls": ("upside",)}, "no control 'upside': known are wrong-mask, mean-mask"),
    ],
)
def test_controls_that_ask_nothing_are_refused_before_anything_is_written(study, tmp_path, options, message) -> None:
    with pytest.raises(ConfigError, match=message):
        study.run(tmp_path / "run", folds_to_train=(0,), **options)
    assert not (tmp_path / "run").exists()
