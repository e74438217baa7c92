"""A bank written once and kept: later versions must read it and compute the same."""

import importlib.util
from pathlib import Path

import numpy as np

from facemotion.priors.bank import PriorBank

HERE = Path(__file__).parent
SPEC = importlib.util.spec_from_file_location("golden_priors_study", HERE / "study.py")
assert SPEC is not None
assert SPEC.loader is not None
study = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(study)


def test_the_kept_bank_is_read():
    bank = PriorBank.load(HERE / "bank.npz")
    assert bank.folds == 2
    assert bank.size == (study.SIZE, study.SIZE)
    assert bank.missing() == ()


def test_it_is_computed_again():
    kept, computed = PriorBank.load(HERE / "bank.npz"), study.golden_bank()
    np.testing.assert_array_equal(computed.count, kept.count)
    np.testing.assert_array_equal(computed.mean, kept.mean)
    np.testing.assert_allclose(computed.mask, kept.mask, rtol=0, atol=1e-7)
    ignored = {"versions", "content_digest"}
    assert computed.meta.model_dump(exclude=ignored) == kept.meta.model_dump(exclude=ignored)
