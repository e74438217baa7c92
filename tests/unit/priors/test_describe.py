import pytest

from facemotion.alignment.geometry import alignment_id
from facemotion.alignment.settings import AlignSettings
from facemotion.priors.describe import describe, steps
from facemotion.priors.merging import merge
from facemotion.priors.transfer import to_alignment, to_classes


def test_a_built_bank(study):
    text = describe(study.bank())
    for line in (
        "dataset          demo (synthetic faces)",
        "classes          anger, happiness, surprise",
        "size             6 x 5 pixels (height x width)",
        "neutral face     one neutral face per subject (the paper)",
        "difference       absolute, of luma (the paper)",
        "average          mean of the pairs (the paper)",
        "phi              ranks of the averages",
        "folds            2 (round-robin)",
        "  fold 0       4         4        4         3",
        "  all         10        10       10",
        "  1. built from demo, alignment aaaaaaaaaaaaaaaa",
    ):
        assert line in text.splitlines()


def test_steps(study, new_study):
    other = new_study(seed=3).bank().with_meta(dataset="mmi")
    text = describe(to_classes(merge([study.bank(), other]), ("anger", "fear")))
    assert "folds            none, masks of all subjects only" in text
    assert "  1. merged from demo, mmi, weighted by counts" in text
    assert "  2. transferred to anger, fear; dropped happiness, surprise; missing fear (no mask" in text
    assert "missing          fear" in text


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"difference": "relative"}, "difference       relative to the local contrast"),
        ({"average": "median"}, "average          median of the pairs, pixel by pixel"),
        ({"phi": "histogram"}, "phi              histogram of 256 levels (the authors' code)"),
        ({"phi": "none"}, "phi              none, scaled to a maximum of 1"),
        ({"neutral": "sequence"}, "neutral face     the first neutral face of each sequence"),
        (
            {"alignment_settings": AlignSettings(fit="eyes-nose", crop_centre="template").as_json()},
            "aligned by       mtcnn landmarks, eyes-nose fit; face 112 x 96, crop 70 x 70 about the template's nose",
        ),
        ({}, "aligned by       not known; such a bank cannot be carried to another alignment"),
    ],
)
def test_every_choice_is_shown(study, changes, line):
    text = describe(study.bank().with_meta(**changes))
    assert line in text.replace("\n" + 17 * " ", " ").splitlines()
    assert max(map(len, text.splitlines())) <= 80


def test_the_way_of_each_merged_bank_is_shown(study, new_study):
    own = AlignSettings(crop_size=(16, 16))
    banks = [
        new_study(size=(16, 16), seed=seed)
        .bank(alignment=alignment_id(own), alignment_settings=own.as_json())
        .with_meta(dataset=name)
        for seed, name in enumerate(("ckplus", "mmi"))
    ]
    merged = to_alignment(
        merge([to_classes(banks[0], ("anger", "surprise")), banks[1]]),
        AlignSettings(crop_size=(20, 18), fit="eyes-nose"),
    )
    lines = steps(merged.meta.origins)
    assert lines[:5] == [
        "1. merged from ckplus, mmi, weighted by counts",
        "   ckplus:",
        f"     1. built from demo, alignment {alignment_id(own)}",
        "     2. transferred to anger, surprise; dropped happiness",
        "   mmi:",
    ]
    assert lines[-1].startswith("2. transferred to alignment")
    assert lines[-1].endswith("20 x 18 pixels (crop_size 16 x 16 to 20 x 18, fit five-points to eyes-nose)")


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"operation": "build"}, "operation build"),
        ({"operation": "merge", "banks": 5}, "operation merge, banks 5"),
        ({"operation": "merge", "banks": [7], "note": "x"}, "operation merge, banks [7], note x"),
        ({"operation": "polish", "strength": 3}, "operation polish, strength 3"),
    ],
)
def test_a_step_of_another_version_says_what_it_says_itself(study, step, words):
    assert f"  1. {words}" in describe(study.bank().with_meta(origins=(step,))).splitlines()


def test_masks_only(study):
    bank = study.bank()
    bank = type(bank)(bank.mean * 0, bank.mask, bank.count * 0, bank.meta.model_copy(update={"masks_only": True}))
    text = describe(bank)
    assert "content          masks only, without means and counts" in text
    assert "pairs" not in text
    assert "phi              not known" in text


def test_what_was_lost(study):
    bank = study.bank().with_meta(unaligned={"fear": 2}, unpaired={"anger": 1})
    assert "without a crop   fear 2" in describe(bank)
    assert "without neutral  anger 1" in describe(bank)
