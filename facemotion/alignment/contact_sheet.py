"""``contact-sheet.png``: what alignment made, at a glance."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facemotion.alignment.store import CropArray
from facemotion.names import normal, printable
from facemotion.workspace import atomic_path

__all__ = ["sample", "sheet", "write"]

CELLS, COLUMNS, FAILURES = 140, 14, 14
LINE, GAP = 11, 4
MOST_LETTERS = 18
"""Longer names, such as hashes of files, are cut."""
BACKGROUND, CELL, INK, FRAME = (255, 255, 255), (225, 225, 225), (40, 40, 40), (200, 60, 50)

Pixels = NDArray[np.uint8]


def sample(rows: pd.DataFrame, faces: pd.DataFrame, *, cells: int = CELLS, failures: int = FAILURES) -> list[int]:
    """Choose the frames to show: evenly over expressions, and over subjects within each; failures last.

    Parameters
    ----------
    rows, faces : pandas.DataFrame
        Manifest and ``faces.parquet``, row by row the same samples.
    cells : int
        Frames to show, at most.
    failures : int
        Of these, frames without a crop, at most.

    Returns
    -------
    list of int
        Positions in `rows`.
    """
    done = (faces["status"] == "ok").to_numpy()
    failed = np.flatnonzero(~done)
    failed = failed[_spread(len(failed), failures)]
    left = cells - len(failed)
    expression = rows["expression"].to_numpy(str)
    groups = [np.flatnonzero(done & (expression == name)) for name in np.unique(expression[done])]
    shares = _shares([len(group) for group in groups], left)
    chosen: list[int] = []
    for group, share in zip(groups, shares, strict=True):
        order = group[np.argsort(rows["subject"].to_numpy(str)[group], kind="stable")]
        chosen += order[_spread(len(order), share)].tolist()
    return chosen + failed.tolist()


def _spread(length: int, count: int) -> NDArray[np.intp]:
    """Return at most `count` positions, evenly spread over `length`."""
    count = min(length, count)
    return (np.arange(count) * length) // max(count, 1)


def _shares(sizes: list[int], total: int) -> list[int]:
    """Deal `total` places to groups one at a time, round after round, until they are out or the groups are."""
    shares = [0] * len(sizes)
    while sum(shares) < min(total, sum(sizes)):
        for group, size in enumerate(sizes):
            if shares[group] < size and sum(shares) < total:
                shares[group] += 1
    return shares


def sheet(rows: pd.DataFrame, faces: pd.DataFrame, aligned: CropArray) -> Pixels:
    """Draw the contact sheet.

    Parameters
    ----------
    rows, faces : pandas.DataFrame
        Manifest and ``faces.parquet``, row by row the same samples.
    aligned : CropArray
        The aligned faces.

    Returns
    -------
    uint8 array of shape (H, W, 3)
        RGB: a grid of aligned faces with subject and expression below; frames without a crop are gray cells with a
        red frame and their status.
    """
    shown = sample(rows, faces)
    height, width = aligned.shape[1:3]
    columns = min(COLUMNS, max(len(shown), 1))
    lines = max(1, -(-len(shown) // columns))
    step_y, step_x = height + 2 * LINE + GAP, width + GAP
    canvas = np.full((lines * step_y + GAP, columns * step_x + GAP, 3), BACKGROUND, np.uint8)
    for place, position in enumerate(shown):
        row, face = rows.iloc[position], faces.iloc[position]
        y, x = GAP + place // columns * step_y, GAP + place % columns * step_x
        cell = canvas[y : y + height, x : x + width]
        if face["row"] >= 0:
            cell[:] = aligned[int(face["row"])]
        else:
            cell[:] = CELL
            cv2.rectangle(canvas, (x, y), (x + width - 1, y + height - 1), FRAME, 2)
            for number, word in enumerate(str(face["status"]).split("_")):
                _text(canvas, word, x + 6, y + height // 2 + number * LINE, width - 8)
        _text(canvas, str(row["subject"]), x, y + height + LINE - 2, width)
        _text(canvas, str(row["expression"]), x, y + height + 2 * LINE - 3, width)
    return canvas


def _text(canvas: Pixels, text: str, x: int, y: int, width: int) -> None:
    """Write a line with its base at y, cut in its middle if it is long and shrunk to the width."""
    font, size, text = cv2.FONT_HERSHEY_SIMPLEX, 0.36, printable(normal(text))
    if len(text) > MOST_LETTERS:
        text = f"{text[: MOST_LETTERS - 6]}..{text[-4:]}"
    needed = cv2.getTextSize(text, font, size, 1)[0][0]
    cv2.putText(canvas, text, (x, y), font, size * min(1.0, width / max(needed, 1)), INK, 1, cv2.LINE_AA)


def write(path: Path, rows: pd.DataFrame, faces: pd.DataFrame, aligned: CropArray) -> None:
    """Draw the contact sheet and write it as PNG, atomically."""
    picture = cv2.cvtColor(sheet(rows, faces, aligned), cv2.COLOR_RGB2BGR)
    with atomic_path(path) as temporary:
        temporary.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
