"""``contact-sheet.png``: what alignment made, at a glance."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from facemotion.alignment.store import CropArray
from facemotion.names import normal, printable
from facemotion.spool import Spool
from facemotion.workspace import atomic_path

__all__ = ["Cell", "Frame", "grid", "headed", "sample", "sheet", "spread", "write", "write_picture"]

CELLS, COLUMNS, FAILURES = 140, 14, 14
LINE, GAP, HEAD = 11, 4, 16
MOST_LETTERS = 18
"""Longer names, such as hashes of files, are cut."""
BACKGROUND, CELL, INK, FRAME = (255, 255, 255), (225, 225, 225), (40, 40, 40), (200, 60, 50)

Pixels = NDArray[np.uint8]


class Cell(NamedTuple):
    """One cell of a sheet: a picture or none, two lines of words below it, and what is wrong, if anything is."""

    picture: Pixels | None
    words: tuple[str, str]
    trouble: str = ""


class Frame(NamedTuple):
    """What a sheet shows of a frame."""

    subject: str
    expression: str
    status: str
    row: int
    """Of its picture; -1 if it has none."""


def sample(frames: Iterable[Frame], *, cells: int = CELLS, failures: int = FAILURES) -> list[Frame]:
    """Choose the frames to show: evenly over expressions, and over subjects within each; failures last.

    Parameters
    ----------
    frames : iterable of Frame
        All frames, which need not lie in memory.
    cells : int
        Frames to show, at most.
    failures : int
        Of these, frames without a crop, at most.
    """
    spool = Spool("CREATE TABLE frames (subject TEXT, expression TEXT, status TEXT, picture INTEGER)")
    spool.fill("INSERT INTO frames VALUES (?, ?, ?, ?)", frames)
    shown = "SELECT subject, expression, status, picture FROM frames WHERE"
    failed = [Frame(*each) for each in _spread(spool, f"{shown} status != 'ok' ORDER BY rowid", failures)]
    groups = dict(
        spool.rows("SELECT expression, COUNT(*) FROM frames WHERE status = 'ok' GROUP BY expression ORDER BY 1")
    )
    shares = _shares(list(groups.values()), cells - len(failed))
    chosen = []
    for expression, share in zip(groups, shares, strict=True):
        each = f"{shown} status = 'ok' AND expression = ? ORDER BY subject, rowid"
        chosen += [Frame(*row) for row in _spread(spool, each, share, expression)]
    return chosen + failed


def _spread(spool: Spool, query: str, count: int, *values: str) -> list[tuple[Any, ...]]:
    """Return at most `count` rows of a query, evenly spread over all of them."""
    (length,) = next(spool.rows(f"SELECT COUNT(*) FROM ({query})", *values))
    wanted = set(spread(length, count).tolist())
    return [row for place, row in enumerate(spool.rows(query, *values)) if place in wanted]


def spread(length: int, count: int) -> NDArray[np.intp]:
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


def sheet(frames: Iterable[Frame], aligned: CropArray) -> Pixels:
    """Draw the contact sheet.

    Parameters
    ----------
    frames : iterable of Frame
        All frames, of which some are shown, see `sample`.
    aligned : CropArray
        The aligned faces.

    Returns
    -------
    uint8 array of shape (H, W, 3)
        RGB: a grid of aligned faces with subject and expression below; frames without a crop are gray cells with a
        red frame and their status.
    """
    shown = sample(frames)
    return grid((_cell(frame, aligned) for frame in shown), len(shown), aligned.shape[1:3])


def _cell(frame: Frame, aligned: CropArray) -> Cell:
    words = frame.subject, frame.expression
    return Cell(aligned[frame.row], words) if frame.row >= 0 else Cell(None, words, frame.status)


def grid(cells: Iterable[Cell], number: int, size: tuple[int, int]) -> Pixels:
    """Draw cells of one size in lines of 14, two lines of words below each.

    Parameters
    ----------
    cells : iterable of Cell
        A picture that is not of the cells' size is fitted into it.
    number : int
        How many there are.
    size : tuple of int
        (height, width) of a cell in pixels.

    Returns
    -------
    uint8 array of shape (H, W, 3)
        RGB.
    """
    height, width = size
    columns = min(COLUMNS, max(number, 1))
    lines = max(1, -(-number // columns))
    step_y, step_x = height + 2 * LINE + GAP, width + GAP
    canvas = np.full((lines * step_y + GAP, columns * step_x + GAP, 3), BACKGROUND, np.uint8)
    for place, cell in enumerate(cells):
        y, x = GAP + place // columns * step_y, GAP + place % columns * step_x
        area = canvas[y : y + height, x : x + width]
        area[:] = CELL if cell.picture is None else _fitted(cell.picture, size)
        if cell.trouble:
            cv2.rectangle(canvas, (x, y), (x + width - 1, y + height - 1), FRAME, 2)
            words = cell.trouble.split("_")
            first = y + height // 2 if cell.picture is None else y + height - 6 - LINE * (len(words) - 1)
            for line, word in enumerate(words):
                _text(canvas, word, x + 6, first + line * LINE, width - 8, INK if cell.picture is None else FRAME)
        for line, text in enumerate(cell.words, 1):
            _text(canvas, text, x, y + height + line * LINE - (2 if line == 1 else 3), width)
    return canvas


def _fitted(picture: Pixels, size: tuple[int, int]) -> Pixels:
    """Return a picture of a size: as it is, or shrunk or enlarged to fit, in a gray frame."""
    if picture.shape[:2] == size:
        return picture
    scale = min(size[0] / picture.shape[0], size[1] / picture.shape[1])
    height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
    framed = np.full((*size, 3), CELL, np.uint8)
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    framed[top : top + height, left : left + width] = cv2.resize(picture, (width, height), interpolation=method)
    return framed


def _text(canvas: Pixels, text: str, x: int, y: int, width: int, ink: tuple[int, int, int] = INK) -> None:
    """Write a line with its base at y, cut in its middle if it is long and shrunk to the width."""
    font, size, text = cv2.FONT_HERSHEY_SIMPLEX, 0.36, printable(normal(text))
    if len(text) > MOST_LETTERS:
        text = f"{text[: MOST_LETTERS - 6]}..{text[-4:]}"
    needed = cv2.getTextSize(text, font, size, 1)[0][0]
    cv2.putText(canvas, text, (x, y), font, size * min(1.0, width / max(needed, 1)), ink, 1, cv2.LINE_AA)


def write(path: Path, frames: Iterable[Frame], aligned: CropArray, *, title: str = "") -> None:
    """Draw the contact sheet, under a title, and write it as PNG, atomically."""
    write_picture(path, headed(sheet(frames, aligned), title))


def headed(pixels: Pixels, title: str) -> Pixels:
    """Return a sheet with a line of text above it; as it is without a title."""
    if not title:
        return pixels
    head = np.full((HEAD, pixels.shape[1], 3), BACKGROUND, np.uint8)
    _text(head, title, GAP, HEAD - 4, pixels.shape[1] - 2 * GAP)
    return np.concatenate([head, pixels])


def write_picture(path: Path, pixels: Pixels) -> None:
    """Write RGB pixels as PNG, atomically."""
    picture = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    with atomic_path(path) as temporary:
        temporary.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
