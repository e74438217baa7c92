"""What learns in which phase, how fast and in what batches."""

from facemotion.training.phases import phases
from facemotion.training.settings import load_preset


def test_of_the_paper() -> None:
    first, joint = phases(load_preset("paper"), "fmpn")
    assert (first.name, first.epochs, first.constant, first.batch) == ("generator", 300, 150, 32)
    assert first.rates == {"generator": 1e-4}
    assert (joint.name, joint.epochs, joint.constant, joint.batch) == ("joint", 200, 100, 16)
    assert joint.rates == {"classifier": 1e-4, "fusion": 1e-4, "generator": 1e-5}
    assert (joint.mask_weight, joint.class_weight) == (10, 1)


def test_of_the_baselines() -> None:
    (unguided,) = phases(load_preset("paper"), "no-mask-loss")
    assert unguided.mask_weight == 0
    assert set(unguided.rates) == {"classifier", "fusion", "generator"}
    (plain,) = phases(load_preset("paper"), "cnn")
    assert plain.rates == {"classifier": 1e-4}


def test_without_the_first() -> None:
    (joint,) = phases(load_preset("paper"), "fmpn", generator_first=False)
    assert (joint.name, joint.mask_weight) == ("joint", 10)


def test_of_few_faces_batches_are_smaller_for_the_sake_of_steps() -> None:
    (joint,) = phases(load_preset("compact", ["training.least_steps=6"]), "cnn")
    assert [joint.batch_for(number) for number in (1000, 192, 84, 40, 5)] == [32, 32, 14, 8, 8]
    (joint,) = phases(load_preset("paper"), "cnn")
    assert [joint.batch_for(number) for number in (1000, 84)] == [16, 16]
