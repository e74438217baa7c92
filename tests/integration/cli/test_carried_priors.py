"""What may train on what does not change when a prior is imported, transferred or merged."""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from facemotion.priors.bank import PriorBank

FOLDS = Path("facemotion-work/ckplus/folds.json")


@pytest.fixture
def checkout(trained: Path) -> Callable[..., str]:
    """Return a function that writes masks of random gray in the authors' layout, with the test lists of our folds."""

    def write(name: str, *, order: int = 1) -> str:
        folder = Path(name)
        lists = [fold["test_samples"] for fold in json.loads(FOLDS.read_text(encoding="utf-8"))["folds"]]
        for fold, samples in enumerate(lists[::order]):
            (folder / "imgs_res" / str(fold)).mkdir(parents=True)
            for kind in range(7):
                mask = np.random.default_rng([fold, kind]).integers(0, 256, (70, 70), dtype=np.uint8)
                cv2.imwrite(str(folder / "imgs_res" / str(fold) / f"{kind}.png"), mask)
            (folder / f"test_ids_{fold}.csv").write_text("".join(f"{sample}.png\n" for sample in samples))
        return name

    return write


@pytest.fixture
def train(run, rendered, tiny):
    """Return a function that trains on fold 0 of CK+ with a bank."""

    def call(bank: str, *, fails: bool = False):
        place = ("--dataset", "ckplus", "--root", rendered, "--folds", 0, "--name", "carried")
        return run("train", "--priors", bank, *place, *tiny, "--set=training.joint_epochs=1", fails=fails)

    return call


def carried(run, folder: str) -> str:
    """Import a checkout and carry it to the alignment of CK+ here."""
    run("priors", "import-fmpn", folder, "-o", f"{folder}.npz")
    run("priors", "transfer", f"{folder}.npz", "--align-to", "ckplus", "-o", f"{folder}-here.npz")
    return f"{folder}-here.npz"


def test_imported_masks_train_on_the_folds_of_their_own_lists(run, checkout, train):
    name = carried(run, checkout("authors"))
    assert "fold 0" in train(name).output
    used = PriorBank.load(Path("facemotion-work/runs/carried/prior.npz"))
    assert used.meta.masks_only
    assert [step["operation"] for step in used.meta.origins] == ["import", "transfer"]


def test_imported_masks_of_other_lists_are_a_leak(run, checkout, train):
    name = carried(run, checkout("shuffled", order=-1))
    assert "built for other folds of ckplus" in train(name, fails=True).output


def test_a_transferred_prior_still_goes_fold_by_fold(run, trained, train):
    run("priors", "transfer", "ckplus.npz", "--crop-size", 80, 76, "-o", "large.npz")
    run("priors", "transfer", "large.npz", "--align-to", "ckplus", "--to", "affectnet8", "-o", "back.npz")
    own, back = (PriorBank.load(Path(name)) for name in ("ckplus.npz", "back.npz"))
    assert (back.meta.left_out, back.meta.folds_digest) == (own.meta.left_out, own.meta.folds_digest)
    assert "fold 0" in train("back.npz").output


def test_a_merged_prior_may_not_train_on_any_of_its_sources(run, trained, train):
    PriorBank.load(Path("ckplus.npz")).with_meta(dataset="mmi").save(Path("mmi.npz"))
    run("priors", "merge", "ckplus.npz", "mmi.npz", "-o", "both.npz")
    run("priors", "transfer", "both.npz", "--to", "affectnet7", "-o", "carried.npz")
    for name in ("both.npz", "carried.npz"):
        assert "built from ckplus itself" in train(name, fails=True).output
