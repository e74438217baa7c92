"""A bank says whether its faces were rendered, whatever was done to it."""

import pytest

from facemotion.config import FoldSettings, PriorSettings
from facemotion.folds import build_folds
from facemotion.priors.bank import PriorBank
from facemotion.priors.controls import CONTROLS, apply_control
from facemotion.priors.describe import describe
from facemotion.priors.figure import prior_figure
from facemotion.priors.merging import merge
from facemotion.priors.motion import About, build_bank
from facemotion.priors.transfer import to_classes
from facemotion.synthetic import Amount


def built(study, dataset: str, *, synthetic: bool, alignment: str = "a" * 16) -> PriorBank:
    """Build a bank of a study as faces of a dataset."""
    rows = study.manifest.assign(dataset=dataset)
    folds = build_folds(rows, FoldSettings(scheme="round-robin", folds=2))
    about = About(alignment, synthetic=synthetic)
    return build_bank(study.crops, study.faces, rows, folds, PriorSettings(neutral="subject"), about=about)


@pytest.fixture
def banks(new_study):
    """A bank of rendered faces in CK+'s layout, one of real faces, and one of the demo as earlier versions built it."""
    return {
        "rendered": built(new_study(seed=0), "ckplus", synthetic=True),
        "real": built(new_study(seed=1), "mmi", synthetic=False),
        "demo": built(new_study(seed=2), "demo", synthetic=False),  # its name says it
    }


@pytest.mark.parametrize(
    ("make", "amount"),
    [
        (lambda banks: banks["rendered"], Amount.ALL),
        (lambda banks: banks["real"], Amount.NONE),
        (lambda banks: to_classes(banks["rendered"], ("surprise", "anger")), Amount.ALL),
        (lambda banks: apply_control(banks["rendered"], next(iter(CONTROLS))), Amount.ALL),
        (lambda banks: merge([banks["rendered"], banks["real"]]), Amount.PART),
        (lambda banks: to_classes(merge([banks["rendered"], banks["real"]]), ("anger",)), Amount.PART),
        (lambda banks: merge([banks["demo"], banks["rendered"]]), Amount.ALL),
    ],
)
def test_the_mark_outlives_what_is_done_to_a_bank(banks, tmp_path, make, amount):
    make(banks).save(tmp_path / "alone.npz")
    bank = PriorBank.load(tmp_path / "alone.npz")
    assert bank.meta.synthetic == amount
    first = describe(bank).splitlines()[0]
    title = prior_figure(bank).get_suptitle().replace("\n", " ")
    assert amount.words in first
    assert amount.words in title
    assert ("synthetic" in first) == ("synthetic" in title) == bool(amount)


def test_banks_of_earlier_versions_say_what_they_said(banks):
    kept = banks["real"].with_meta(provenance={"stage": "priors", "synthetic": True})
    assert kept.meta.synthetic == Amount.ALL
    assert banks["real"].with_meta(dataset="demo").meta.synthetic == Amount.ALL
    assert banks["real"].with_meta(dataset="demo+mmi").meta.synthetic == Amount.PART


@pytest.mark.parametrize("banks_of", ["nothing", [1, {"origins": 3}], {"a": 1}])
def test_origins_that_somebody_wrote_by_hand_are_read(banks, banks_of):
    origins = ({"operation": "merge", "banks": banks_of},)
    assert banks["real"].with_meta(origins=origins).meta.synthetic == Amount.NONE
