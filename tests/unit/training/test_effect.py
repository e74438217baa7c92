"""Settings that change nothing are named, with the reason."""

import pytest

from facemotion.training.effect import names_of, without_effect
from facemotion.training.settings import load_preset

COMPACT = load_preset("compact")
FIRST = ["training.generator_epochs", "training.generator_rate"]


@pytest.mark.parametrize(
    ("given", "chosen", "how", "reason"),
    [
        (FIRST, ["fmpn"], {"generator_first": False}, "an official split is trained on in the joint phase only"),
        (FIRST, ["cnn"], {}, "cnn has no phase in which the mask generator is trained alone"),
        (FIRST, ["cnn", "fmpn"], {}, ""),
        (["training.lambda_mask"], ["cnn"], {}, "cnn has no mask loss"),
        (["training.lambda_mask"], ["no-mask-loss", "cnn"], {}, "no-mask-loss, cnn has no mask loss"),
        (["training.lambda_mask"], ["fmpn"], {}, ""),
        (["model.width", "training.joint_generator_rate"], ["cnn"], {}, "cnn has no mask generator"),
        (["model.width"], ["no-mask-loss"], {}, ""),
        (["training.precision"], ["fmpn"], {}, "it is for CUDA, and this is trained on a CPU"),
        (["training.precision"], ["fmpn"], {"device": "cuda"}, ""),
        (["training.cpu_precision"], ["fmpn"], {"device": "cuda"}, "it is trained on CUDA"),
        (["training.joint_epochs", "data.crop"], ["cnn"], {"generator_first": False}, ""),
    ],
)
def test_what_has_no_effect_is_said_with_the_reason(given, chosen, how, reason) -> None:
    expected = [f"{name} has no effect: {reason}" for name in given] if reason else []
    assert without_effect(given, COMPACT, chosen, **how) == expected


def test_no_epochs_of_the_first_phase_are_the_reason_and_have_an_effect() -> None:
    settings = load_preset("compact", ["training.generator_epochs=0"])
    (line,) = without_effect(FIRST, settings, ["fmpn"])
    assert line == "training.generator_rate has no effect: training.generator_epochs is 0"


def test_names_are_taken_from_overrides() -> None:
    assert names_of(["training.lambda_mask = 3", "data.crop=32", "data.crop=30"]) == [
        "training.lambda_mask",
        "data.crop",
    ]
