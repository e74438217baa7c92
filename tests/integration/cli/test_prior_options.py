"""The options of build-priors through the command line: recorded in the bank, and checked before any work."""

from pathlib import Path

import numpy as np
import pytest

from facemotion.priors.bank import PriorBank

WORK = Path("facemotion-work/ckplus")
CHOSEN = {"neutral": "sequence", "difference": "relative", "average": "median", "phi": "histogram"}


@pytest.fixture
def aligned(run, rendered):
    run("align", "--dataset", "ckplus", "--root", rendered, "--table", rendered / "landmarks.parquet", "--workers", 1)
    run("folds", "--dataset", "ckplus", "--folds", 2, "--root", rendered)
    return rendered


def test_the_options_land_in_the_bank(run, aligned):
    given = [text for name, value in CHOSEN.items() for text in (f"--{name}", value)]
    run("build-priors", "--source", "ckplus", "--root", aligned, *given)
    run("build-priors", "--source", "ckplus", "--root", aligned, "-o", "paper.npz")
    chosen, paper = (PriorBank.load(Path(name)) for name in ("ckplus.npz", "paper.npz"))
    assert {name: getattr(chosen.meta, name) for name in CHOSEN} == CHOSEN
    assert chosen.meta.provenance["settings"] == CHOSEN
    assert paper.meta.provenance["settings"] == {
        "neutral": "subject",
        "difference": "absolute",
        "average": "mean",
        "phi": "ranks",
    }
    assert np.array_equal(chosen.count, paper.count)
    assert not np.array_equal(chosen.mean, paper.mean)
    assert len(np.unique(chosen.mask)) <= 256 < len(np.unique(paper.mask))


def test_another_option_builds_again_and_the_same_does_not(run, aligned):
    common = ("build-priors", "--source", "ckplus", "--root", aligned)
    run(*common)
    assert "up to date" in run(*common, "--phi", "ranks").output
    assert "up to date" not in run(*common, "--phi", "none").output
    mask = PriorBank.load(Path("ckplus.npz")).mask
    assert np.allclose(mask.max(axis=(2, 3)), 1)


@pytest.mark.parametrize("name", ["phi", "average", "difference"])
def test_a_value_that_is_not_known_stops_before_anything_is_written(run, rendered, name):
    output = run("build-priors", "--source", "ckplus", "--root", rendered, f"--{name}", "best", fails=True).output
    assert f"{name} = 'best' is not allowed" in " ".join(output.split())
    assert not WORK.exists()
    assert not Path("ckplus.npz").exists()
