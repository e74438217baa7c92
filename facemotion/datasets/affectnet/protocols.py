"""Which faces of AffectNet are used: the paper's even draw, or two lists in the form of the authors'."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facemotion.datasets.affectnet.faces import AnnotatedFaces
from facemotion.datasets.affectnet.info import CODES
from facemotion.errors import ConfigError, DataError

__all__ = ["draw", "keep_listed"]

_TEST_SHARE = 10
"""One in so many pictures is for the test."""
_DRAW = 0x0AFF
"""Last word of the draw's seed."""
_ID = re.compile(r"0*(\d+)_(.+)")


def draw(faces: AnnotatedFaces, classes: Sequence[str], *, number: int, seed: int) -> None:
    """Keep the paper's protocol: even classes from the training part, nine tenths of them for training.

    Parameters
    ----------
    faces : AnnotatedFaces
        Usable faces; those drawn are left, in the parts train and test, faces of one picture in one part.
    classes : sequence of str
        The label space.
    number : int
        How many to draw in all; of a class with fewer than its share all are taken.
    seed : int
        Of the draw.

    Raises
    ------
    DataError
        If there is no face in the training part.
    """
    if not faces.count("part = 'train'"):
        raise DataError(
            f"none of the {len(faces)} usable faces is of the training part, from which the paper's protocol draws; "
            "give a folder with training.csv or train_set, or choose --protocol official"
        )
    rng = np.random.default_rng([seed, _DRAW])
    codes = {name: code for code, name in CODES.items()}
    share, rest = divmod(number, len(classes))
    picked: list[int] = []
    for place, name in enumerate(classes):
        own = faces.numbers(f"part = 'train' AND code = {codes[name]}")
        picked += rng.permutation(own)[: share + (place < rest)].tolist()
    faces.keep(picked)
    names = sum(1 for _ in faces.names())
    train = np.zeros(names, bool)
    train[rng.permutation(names)[: names - names // _TEST_SHARE]] = True
    faces.split(name for name, own in zip(faces.names(), train, strict=True) if own)


def keep_listed(faces: AnnotatedFaces, paths: Sequence[Path]) -> list[str]:
    """Keep the faces that two lists of the authors' form name, in the parts train and test.

    Parameters
    ----------
    faces : AnnotatedFaces
        Usable faces; of several faces of one picture the first is kept.
    paths : sequence of Path
        Files with a name such as ``0689_<hash>.jpg`` a line, for training and for test.

    Returns
    -------
    list of str
        How many names are not among the faces, and how many pictures show several.

    Raises
    ------
    ConfigError
        If a file cannot be read, is no such list, or a name is in both.
    DataError
        If none of the names of a file is among the faces.
    """
    wanted = {part: _listed(part, path) for part, path in zip(("train", "test"), paths, strict=True)}
    found = [(number, name) for number, name in faces.first_of_each() if any(name in own for own in wanted.values())]
    there = {name for _, name in found}
    both = there & wanted["train"] & wanted["test"]
    if both:
        raise ConfigError(f"{min(both)} is in both lists; a face can be in one part only")
    for (part, own), path in zip(wanted.items(), paths, strict=True):
        if not there & own:
            raise DataError(
                f"none of the {len(own)} {part} names in {path}, such as {min(own)}, is among the {len(faces)} usable "
                f"faces, such as {next(faces.names())}; give lists of this release of AffectNet with --ids"
            )
    shared = sorted(there & faces.shared_names())
    faces.keep(number for number, _ in found)
    faces.split(there & wanted["train"])
    lacking = {part: len(own - there) for part, own in wanted.items()}
    notes = [
        f"of {len(shared)} pictures, such as {name}, several faces are listed; the first by its box was taken"
        for name in shared[:1]
    ]
    return notes + [
        f"{number} of {len(wanted[part])} {part} names are not among the usable faces"
        for part, number in lacking.items()
        if number
    ]


def _listed(part: str, path: Path) -> set[str]:
    """Return the names of the faces that a list of the authors' form holds."""
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except OSError as error:
        raise ConfigError(f"the list of {part} names, {path}, cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        lines = []
    matches = [_ID.fullmatch(line.rpartition(".")[0] or line) for line in lines]
    if not lines or not all(matches):
        raise ConfigError(f"{path} is no list of names such as 0689_<hash>.jpg, one a line")
    return {f"{int(match[1]):04d}_{match[2]}" for match in matches if match}
