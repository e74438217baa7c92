from facemotion.priors.describe import describe
from facemotion.priors.transfer import merge, to_classes


def test_a_built_bank(study):
    text = describe(study.bank())
    for line in (
        "dataset          demo (synthetic faces)",
        "classes          anger, happiness, surprise",
        "size             6 x 5 pixels (height x width)",
        "neutral face     one neutral face per subject (the paper)",
        "folds            2 (round-robin)",
        "  fold 0              4          4          4  3 left out",
        "  all                10         10         10",
        "  1. built from demo, alignment aaaaaaaaaaaaaaaa",
    ):
        assert line in text.splitlines()


def test_steps(study, new_study):
    other = new_study(seed=3).bank().with_meta(dataset="mmi")
    text = describe(to_classes(merge([study.bank(), other]), ("anger", "fear")))
    assert "folds            none, masks of all subjects only" in text
    assert "  1. merged from demo, mmi, weighted by counts" in text
    assert "  2. transferred to anger, fear; dropped happiness, surprise, missing fear (no mask" in text
    assert "missing          fear" in text


def test_masks_only(study):
    bank = study.bank()
    bank = type(bank)(bank.mean * 0, bank.mask, bank.count * 0, bank.meta.model_copy(update={"masks_only": True}))
    text = describe(bank)
    assert "content          masks only, without means and counts" in text
    assert "pairs" not in text


def test_what_was_lost(study):
    bank = study.bank().with_meta(unaligned={"fear": 2}, unpaired={"anger": 1})
    assert "without a crop   fear 2" in describe(bank)
    assert "without neutral  anger 1" in describe(bank)
