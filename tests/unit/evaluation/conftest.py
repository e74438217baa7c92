"""Predictions made from counts of a confusion matrix."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest


def table_of(
    counts: Sequence[Sequence[int]],
    classes: Sequence[str],
    *,
    variant: str = "fmpn",
    seed: int = 0,
    subjects: int = 10,
    folds: int = 5,
) -> pd.DataFrame:
    """Return predictions with this confusion matrix; image i is of subject i mod `subjects`."""
    pairs = [
        (classes[true], classes[guess])
        for true, row in enumerate(counts)
        for guess, number in enumerate(row)
        for _ in range(number)
    ]
    frame = pd.DataFrame(pairs, columns=["expression", "predicted"])
    number = np.arange(len(frame))
    frame.insert(0, "sample_id", [f"I{index:04d}" for index in number])
    frame.insert(1, "subject", [f"S{index % subjects:03d}" for index in number])
    frame.insert(2, "fold", number % subjects % folds)
    frame.insert(3, "seed", seed)
    frame.insert(4, "variant", variant)
    for name in classes:
        frame[f"p_{name}"] = np.where(frame["predicted"] == name, 0.7, 0.3 / (len(classes) - 1)).astype(np.float32)
    return frame


@pytest.fixture
def predictions_of() -> Callable[..., pd.DataFrame]:
    """Return `table_of`."""
    return table_of
