"""Manifest rows of single pictures: of people who posed, and of people whom nobody names."""

from typing import Any

from facemotion.expressions import NEUTRAL

__all__ = ["of_nobody", "posed"]


def posed(
    dataset: str, name: str, *, subject: str, sequence: str, expression: str, source: str, frame: int = 0
) -> dict[str, Any]:
    """Return the row of a picture of somebody who posed: a neutral one is that person's face at rest.

    Parameters
    ----------
    dataset, name, subject, sequence, expression, source, frame
        As in a manifest; `name` is the sample's.
    """
    return {
        "sample_id": name,
        "dataset": dataset,
        "subject": subject,
        "sequence": sequence,
        "frame": frame,
        "role": "neutral" if expression == NEUTRAL else "expressive",
        "expression": expression,
        "source": source,
    }


def of_nobody(dataset: str, name: str, *, expression: str, source: str, split: str) -> dict[str, Any]:
    """Return the row of a picture of which nobody knows who is shown: it counts as a person of its own.

    A neutral face is a class here, not somebody's face at rest: its role is ``expressive``.

    Parameters
    ----------
    dataset, name, expression, source, split
        As in a manifest; `name` is the sample's.
    """
    row = posed(dataset, name, subject=name, sequence=name, expression=expression, source=source)
    return row | {"role": "expressive", "split": split}
