"""Which faces of AffectNet are used: the paper's even draw, or two lists in the form of the authors'."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from facemotion.errors import ConfigError
from facemotion.ingestion.affectnet_tables import CODES

__all__ = ["drawn", "listed"]

_TEST_SHARE = 10
"""One in so many pictures is for the test."""
_DRAW = 0x0AFF
"""Last word of the draw's seed."""
_ID = re.compile(r"0*(\d+)_(.+)")


def drawn(table: pd.DataFrame, classes: Sequence[str], *, faces: int, seed: int) -> pd.DataFrame:
    """Draw the paper's protocol: even classes from the training part, nine tenths of them for training.

    Parameters
    ----------
    table : pandas.DataFrame
        Usable faces with ``name``, ``code`` and ``part``, sorted by name.
    classes : sequence of str
        The label space.
    faces : int
        How many to draw in all; of a class with fewer than its share all are taken.
    seed : int
        Of the draw.

    Returns
    -------
    pandas.DataFrame
        The faces drawn, in order, with ``part`` train or test; faces of one picture are in one part.
    """
    rng = np.random.default_rng([seed, _DRAW])
    in_training, codes = table["part"] == "train", {name: code for code, name in CODES.items()}
    share, rest = divmod(faces, len(classes))
    picked = []
    for place, name in enumerate(classes):
        own = np.flatnonzero(in_training & (table["code"] == codes[name]))
        picked.append(rng.permutation(own)[: share + (place < rest)])
    chosen = table.iloc[np.sort(np.concatenate(picked))].reset_index(drop=True)
    files = np.array(sorted(set(chosen["name"])))  # faces of one file stay on one side
    train = set(rng.permutation(files)[: len(files) - len(files) // _TEST_SHARE])
    return chosen.assign(part=np.where(chosen["name"].isin(train), "train", "test"))


def listed(table: pd.DataFrame, paths: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    """Take the faces that two lists of the authors' form name, for training and for test.

    Parameters
    ----------
    table : pandas.DataFrame
        Usable faces with ``name``, sorted by it; of several faces of one picture the first is taken.
    paths : sequence of str
        Files with a name such as ``0689_<hash>.jpg`` a line.

    Returns
    -------
    table : pandas.DataFrame
        The faces, with ``part`` train or test.
    notes : list of str
        How many names are not among the faces.

    Raises
    ------
    ConfigError
        If a file cannot be read, is no such list, or a name is in both.
    """
    parts, notes = [], []
    for part, path in zip(("train", "test"), paths, strict=True):
        try:
            lines = [line.strip() for line in Path(path).read_text(encoding="utf-8-sig").splitlines() if line.strip()]
        except OSError as error:
            raise ConfigError(f"the list of {part} names, {path}, cannot be read: {error.strerror}") from error
        except UnicodeDecodeError:
            lines = []
        matches = [_ID.fullmatch(line.rpartition(".")[0] or line) for line in lines]
        if not lines or not all(matches):
            raise ConfigError(f"{path} is no list of names such as 0689_<hash>.jpg, one a line")
        wanted = {f"{int(match[1]):04d}_{match[2]}" for match in matches if match}
        found = table[table["name"].isin(wanted)].drop_duplicates("name")
        lacking = len(wanted) - len(found)
        notes += [f"{lacking} of {len(wanted)} {part} names are not among the usable faces"] * bool(lacking)
        parts.append(found.assign(part=part))
    both = set(parts[0]["name"]) & set(parts[1]["name"])
    if both:
        raise ConfigError(f"{min(both)} is in both lists; a face can be in one part only")
    return pd.concat(parts, ignore_index=True), notes
