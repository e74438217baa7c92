"""What `predict` writes: rows as JSON and csv while they come, masks, and some faces that are drawn.

All appear under their names when all rows are there; an earlier prediction stays until then.
"""

import csv
import json
import tempfile
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from facemotion.errors import ConfigError
from facemotion.inference.predictor import Found
from facemotion.suffixes import is_image, is_video, suffix
from facemotion.workspace import atomic_path

__all__ = ["Output", "Places", "written"]

_KEPT = 32
"""Faces kept to be drawn from: all if they are no more, else evenly spread ones, at least half as many."""
_INDENT = 1
_FILES = frozenset("csv tsv txt npz npy parquet jsonl html htm pdf xls xlsx xml yaml yml toml md zip".split())
"""What somebody who gives it means as a file."""
_SIDES = ("x1", "y1", "x2", "y2")
_POINTS = tuple(f"point{number}_{axis}" for number in range(1, 6) for axis in "xy")


@dataclass(frozen=True)
class Places:
    """The files of a prediction: ``predictions.*`` and ``masks.npz`` in a folder, or beside a named JSON file."""

    table: Path
    picture: Path
    csv: Path
    masks: Path

    @classmethod
    def of(cls, output: Path) -> "Places":
        """Return the files for what the user gave with ``--output``: a folder, or a ``.json`` file.

        Beside ``x.json`` lie ``x-predictions.png`` and the like, since ``x.png`` may be what it is about.

        Raises
        ------
        ConfigError
            If it is another file.
        """
        if output.suffix.lower() == ".json" and not output.is_dir():
            beside = ("predictions.png", "predictions.csv", "masks.npz")
            picture, sheet, masks = (output.with_name(f"{output.stem}-{name}") for name in beside)
            return cls(output, picture, sheet, masks)
        if output.is_file() or (_is_file_name(output) and not output.is_dir()):
            message = f"-o {output} is neither a folder nor a .json file: give the folder to write into"
            raise ConfigError(f"{message}, or -o {output.stem}.json; --csv writes a csv file beside it")
        return cls(
            output / "predictions.json",
            output / "predictions.png",
            output / "predictions.csv",
            output / "masks.npz",
        )


def _is_file_name(path: Path) -> bool:
    """Tell whether a name is that of a file, by its suffix, and so not of a folder that is meant."""
    return is_image(path) or is_video(path) or suffix(path) in _FILES


class Output:
    """A prediction that is being written; `written` makes it.

    Attributes
    ----------
    kept : list of Found
        Frames with a face, spread evenly over all that came so far.
    """

    def __init__(
        self,
        table: IO[str],
        classes: Sequence[str],
        *,
        sheet: IO[str] | None = None,
        masks: IO[bytes] | None = None,
        synthetic: str = "",
    ) -> None:
        self.kept: list[Found] = []
        self._table, self._masks, self._classes = table, masks, tuple(classes)
        self._sheet = csv.writer(sheet, lineterminator="\n") if sheet is not None else None
        self._encoder = json.JSONEncoder(indent=_INDENT, ensure_ascii=False, allow_nan=False)
        self._mark = [synthetic] if synthetic else []
        self._frames = self._faces = 0
        self._step, self.shape = 1, (0, 0)
        if self._sheet is not None:
            names = ("source", "frame", "status", "message", "expression")
            last = ["synthetic"] if self._mark else []
            self._sheet.writerow([*names, *self._classes, *_SIDES, *_POINTS, "score", "turned", *last])

    def add(self, found: Found) -> None:
        """Write a frame's row and mask."""
        text = textwrap.indent(self._encoder.encode(found.row), 2 * _INDENT * " ")
        self._table.write(("," if self._frames else "") + "\n" + text)
        self._frames += 1
        if self._sheet is not None:
            self._sheet.writerow([*_cells(found.row, self._classes), *self._mark])
        if found.crop is None:
            return
        if self._masks is not None and found.mask is not None:
            self.shape = (found.mask.shape[0], found.mask.shape[1])
            self._masks.write(np.rint(np.clip(found.mask, 0, 1) * 255).astype(np.uint8).tobytes())
        if self._faces % self._step == 0:
            self.kept.append(found.apart())
        self._faces += 1
        if len(self.kept) > _KEPT:
            self.kept, self._step = self.kept[::2], 2 * self._step

    @property
    def frames(self) -> int:
        """How many frames came."""
        return self._frames

    @property
    def faces(self) -> int:
        """How many of them have a face."""
        return self._faces


@contextmanager
def written(
    places: Places,
    model: Mapping[str, Any],
    classes: Sequence[str],
    *,
    sheet: bool = False,
    masks: bool = False,
    synthetic: str = "",
) -> Iterator[Output]:
    """Give an `Output`; put its files under their names at the end, and remove those of an earlier prediction.

    Parameters
    ----------
    places : Places
        The files.
    model : mapping
        What the JSON says of the model.
    classes : sequence of str
        In the order of the csv file's columns.
    sheet, masks : bool
        Write the csv file, and the masks.
    synthetic : str
        How much of what is looked at was rendered, see `facemotion.synthetic.Amount`; if any, the JSON says so, and
        the csv file in a column of its own.
    """
    with ExitStack() as stack:
        table = _opened(stack, places.table)
        columns = _opened(stack, places.csv) if sheet else None
        kept = stack.enter_context(tempfile.TemporaryFile()) if masks else None
        header = json.dumps(dict(model), indent=_INDENT, ensure_ascii=False, allow_nan=False)
        mark = f' "synthetic": {json.dumps(synthetic)},\n' if synthetic else ""
        table.write('{\n "model": ' + textwrap.indent(header, _INDENT * " ").lstrip() + f',\n{mark} "rows": [')
        output = Output(table, classes, sheet=columns, masks=kept, synthetic=synthetic)
        yield output
        table.write(("\n " if output.frames else "") + "]\n}\n")
        if kept is not None and output.faces:
            kept.flush()
            stored = np.memmap(kept, np.uint8, "r", shape=(output.faces, *output.shape))
            with atomic_path(places.masks) as temporary:
                np.savez_compressed(temporary, masks=stored)
        if places.table.exists():  # what an earlier one left would belong to other rows
            for path, again in ((places.csv, sheet), (places.masks, masks and output.faces), (places.picture, False)):
                if not again:
                    path.unlink(missing_ok=True)


def _opened(stack: ExitStack, path: Path) -> IO[str]:
    """Open a file that appears under its name when the stack is left without an error."""
    temporary = stack.enter_context(atomic_path(path))
    # names that are not UTF-8 come escaped, see `facemotion.inference.sources`
    return stack.enter_context(temporary.open("w", encoding="utf-8", newline=""))


def _cells(row: Mapping[str, Any], classes: Sequence[str]) -> list[Any]:
    """Return a row's cells in the order of the csv file's columns; empty where there is no face."""
    shares = row["probabilities"] or {}
    box, points = row["box"] or [""] * len(_SIDES), row["landmarks"] or [""] * len(_POINTS)
    first = (row[name] for name in ("source", "frame", "status", "message", "expression"))
    return [*first, *(shares.get(name, "") for name in classes), *box, *points, row["score"], row["turned"]]
