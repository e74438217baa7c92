"""What a run's comparisons say of guidance: which are asked, which way round, corrected as one family, in words."""

import numpy as np
import pandas as pd
import pytest

from facemotion.evaluation.guidance import guidance_lines, guided_variants
from facemotion.evaluation.metrics import summarise
from facemotion.evaluation.statistics import holm

CLASSES = ("anger", "fear", "happiness")


def predictions(shares: dict[str, float], *, subjects: int = 30, seeds: int = 3) -> pd.DataFrame:
    """Each variant has about a share of its faces right, drawn alike for all, so that a larger share has more right."""
    rows = []
    for seed in range(seeds):
        for subject in range(subjects):
            luck = np.random.default_rng([seed, subject]).random(len(CLASSES) * 4)
            for place, value in enumerate(luck):
                kind = place % len(CLASSES)
                for variant, share in shares.items():
                    said = kind if value < share else (kind + 1) % len(CLASSES)
                    chances = {f"p_{name}": float(index == said) for index, name in enumerate(CLASSES)}
                    own = {
                        "sample_id": f"{subject}/{place}",
                        "subject": str(subject),
                        "fold": subject % 2,
                        "seed": seed,
                    }
                    answer = {"variant": variant, "expression": CLASSES[kind], "predicted": CLASSES[said]}
                    rows.append(own | answer | chances)
    return pd.DataFrame(rows)


def found(shares: dict[str, float]):
    return guided_variants(summarise(predictions(shares), CLASSES, resamples=200))


def test_a_guided_variant_is_compared_with_the_classifier_alone_and_with_its_own_controls_only() -> None:
    table = {"cnn": 0.5, "no-mask-loss": 0.5, "guided": 0.7, "guided@wrong-mask": 0.5, "fmpn": 0.4, "fmpn@au": 0.4}
    asked = {each.variant: [pair["second"] for pair in each.against] for each in found(table)}
    assert asked == {"fmpn": ["cnn", "fmpn@au"], "guided": ["cnn", "guided@wrong-mask"]}


def test_differences_are_the_variant_less_the_other_whichever_way_they_were_made() -> None:
    (own,) = found({"cnn": 0.5, "guided": 0.8})  # the table of figures has cnn first
    (pair,) = own.against
    assert pair["first"] == "guided"
    assert pair["difference"] == pytest.approx(own.accuracy - own.accuracies["cnn"])
    assert pair["difference"] > 0.2
    assert pair["interval"][0] < pair["difference"] < pair["interval"][1]
    assert np.mean(pair["by_seed"]) == pytest.approx(pair["difference"])


def test_what_was_asked_is_corrected_together_and_nothing_else() -> None:
    both = found({"cnn": 0.5, "no-mask-loss": 0.9, "guided": 0.56, "guided@wrong-mask": 0.53, "fmpn": 0.52})
    pairs = [pair for each in both for pair in each.against]
    assert [pair["p_holm"] for pair in pairs] == holm([pair["p_value"] for pair in pairs])


@pytest.mark.parametrize(
    ("shares", "verdict"),
    [
        (
            {"cnn": 0.5, "guided": 0.8, "guided@wrong-mask": 0.5},
            "the mask helps: it is above no mask and above wrong-mask",
        ),
        ({"cnn": 0.5, "guided": 0.8, "guided@wrong-mask": 0.8}, "a mask helps, whichever"),
        ({"cnn": 0.5, "guided": 0.5, "guided@wrong-mask": 0.5}, "no difference that this data can show"),
        ({"cnn": 0.8, "guided": 0.5}, "the mask costs accuracy"),
    ],
)
def test_the_sentence_says_what_follows(shares, verdict) -> None:
    (own,) = found(shares)
    assert own.verdict.startswith(verdict)
    lines = guidance_lines([own])
    assert lines[0].startswith("guided (pooled ")
    assert verdict in lines[-1]
    assert "30 subjects and 3 seeds" in lines[-1]


def test_variants_alone_ask_nothing() -> None:
    assert found({"cnn": 0.5, "no-mask-loss": 0.5}) == []
    assert found({"guided": 0.5}) == []
    assert guidance_lines([]) == []
