"""Manifests of some subjects."""

import pandas as pd
import pytest


def _manifest_of(images: dict[str, int], *, expressions: tuple[str, ...] = ("anger", "fear")) -> pd.DataFrame:
    """Make a manifest with so many expressive rows, and one neutral row, for each subject."""
    rows = []
    for subject, number in images.items():
        rows.append((f"{subject}_000", subject, "neutral", "neutral"))
        rows += [
            (f"{subject}_{index:03d}", subject, "expressive", expressions[index % len(expressions)])
            for index in range(1, number + 1)
        ]
    frame = pd.DataFrame(rows, columns=["sample_id", "subject", "role", "expression"])
    frame["dataset"], frame["sequence"], frame["frame"], frame["source"] = (
        "mmi",
        frame["subject"],
        1,
        frame["sample_id"],
    )
    return frame.assign(rotate=0, region=None, split="")


@pytest.fixture(name="manifest_of")
def function_that_makes_manifests():
    """Return the function that makes a manifest of so many images of each subject."""
    return _manifest_of


@pytest.fixture
def manifest():
    """Return a manifest of seven subjects."""
    return _manifest_of({f"S{number:03d}": 3 for number in range(7)})
