"""Shards on disk: written one by one, merged into ``faces.parquet``, read as one array.

Shard k holds the manifest rows [k * shard_size, (k + 1) * shard_size): ``aligned/NNNNN.npy`` and ``crops/NNNNN.npy``
with the pictures of its ``ok`` rows, and ``parts/NNNNN.parquet``, its table rows, written last. A part's header holds
the shard's key (what it was made from and how) and the digests of its arrays: a shard is done if they agree, and is
then not made again. A run that was killed therefore goes on where it stopped and ends in the same bytes.
"""

import bisect
import io
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from facemotion.errors import ManifestError, WorkspaceError
from facemotion.tables import read_header, read_table, write_table
from facemotion.workspace import atomic_path, digest_bytes, digest_file

__all__ = ["FACES", "CropArray", "clear", "is_done", "merge", "open_aligned", "open_crops", "read_faces", "write_shard"]

FACES = pa.schema(
    [
        pa.field("sample_id", pa.string(), nullable=False),
        pa.field("status", pa.string(), nullable=False),
        pa.field("message", pa.string(), nullable=False),
        pa.field("detector", pa.string(), nullable=False),
        pa.field("score", pa.float32()),
        pa.field("faces_found", pa.int32(), nullable=False),
        pa.field("box", pa.list_(pa.float32(), 4)),
        pa.field("landmarks", pa.list_(pa.float32(), 10)),
        pa.field("similarity", pa.list_(pa.float64(), 6)),
        pa.field("sha256", pa.string(), nullable=False),
        pa.field("row", pa.int32(), nullable=False),
    ]
)
"""``box`` x1, y1, x2, y2; ``landmarks`` x1, y1 ... x5, y5 in upright source pixels; ``similarity`` the 2x3 matrix that
takes source to aligned, row by row; ``sha256`` of the source, empty where it could not be read; ``row`` into the
arrays, or -1."""

ARRAYS = ("aligned", "crops")
PARTS = "parts"


class CropArray:
    """Pictures of all shards as one read-only array, memory-mapped.

    Parameters
    ----------
    shards : sequence of arrays
        uint8 arrays of shape (n, H, W, 3), with the same H and W.
    """

    def __init__(self, shards: Sequence[NDArray[np.uint8]]) -> None:
        if not shards:
            raise ValueError("an array of crops needs at least one shard")
        sizes = {shard.shape[1:] for shard in shards}
        if len(sizes) != 1:
            raise ValueError(f"shards differ in picture size: {', '.join(map(str, sorted(sizes)))}")
        self._shards = list(shards)
        self._ends = list(itertools.accumulate(len(shard) for shard in shards))

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(N, H, W, 3)."""
        height, width, channels = self._shards[0].shape[1:]
        return self._ends[-1], height, width, channels

    @property
    def dtype(self) -> np.dtype[np.uint8]:
        """Always uint8."""
        return np.dtype(np.uint8)

    def __len__(self) -> int:
        return self._ends[-1]

    def __getitem__(self, index: int | slice | Sequence[int] | NDArray[np.integer]) -> NDArray[np.uint8]:
        """Return one picture for a whole number; else a new array of shape (n, H, W, 3)."""
        if isinstance(index, (int, np.integer)):
            return self._picture(int(index)).copy()
        if isinstance(index, slice):
            rows = range(*index.indices(len(self)))
        else:
            array = np.asarray(index)
            if array.ndim != 1 or (array.size and not np.issubdtype(array.dtype, np.integer)):
                raise TypeError("crops are indexed by a whole number, a slice or a one-dimensional array of them")
            rows = array.tolist()
        out = np.empty((len(rows), *self.shape[1:]), np.uint8)
        for position, row in enumerate(rows):
            out[position] = self._picture(row)
        return out

    def _picture(self, row: int) -> NDArray[np.uint8]:
        if not -len(self) <= row < len(self):
            raise IndexError(f"row {row} is out of range: there are {len(self)} pictures")
        row %= len(self)
        shard = bisect.bisect_right(self._ends, row)
        return self._shards[shard][row - (self._ends[shard - 1] if shard else 0)]


def open_crops(folder: Path) -> CropArray:
    """Open the crops of a dataset, ``WORK/DATASET/crops/``.

    Parameters
    ----------
    folder : Path
        The dataset's folder in the workspace.

    Raises
    ------
    WorkspaceError
        If there are none, or they are not those that ``faces.parquet`` tells of.
    """
    return _open(folder, "crops")


def open_aligned(folder: Path) -> CropArray:
    """Open the aligned faces of a dataset, ``WORK/DATASET/aligned/``; see `open_crops`."""
    return _open(folder, "aligned")


def _open(folder: Path, kind: str) -> CropArray:
    paths = sorted((folder / kind).glob("[0-9]*.npy"))
    redo = "run facemotion align --force"
    if not paths:
        raise WorkspaceError(f"{folder / kind} holds no shards; run facemotion align first")
    shards = []
    for path in paths:
        try:
            shards.append(_mapped(path))
        except (OSError, ValueError) as error:
            raise WorkspaceError(f"{path} cannot be read ({error}); {redo}") from error
    table = folder / "faces.parquet"
    if table.is_file():
        counts = read_header(table).get("shards")
        if counts is not None and counts != [len(shard) for shard in shards]:
            raise WorkspaceError(f"{folder / kind} does not hold the pictures that {table.name} tells of; {redo}")
    return CropArray(shards)


def _mapped(path: Path) -> NDArray[np.uint8]:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError:  # an array without elements cannot be mapped
        array = np.load(path, allow_pickle=False)
    if array.dtype != np.uint8 or array.ndim != 4 or array.shape[-1] != 3:
        raise ValueError(f"uint8 pictures of shape (n, H, W, 3) were expected, not {array.dtype} {array.shape}")
    return array


def read_faces(folder: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read ``faces.parquet`` of a dataset and its header."""
    return read_table(folder / "faces.parquet")


def write_shard(
    folder: Path,
    number: int,
    records: Sequence[dict[str, Any]],
    aligned: NDArray[np.uint8],
    crops: NDArray[np.uint8],
    *,
    key: str,
) -> None:
    """Write one shard: its arrays, then its part of the table, which marks it as done.

    Parameters
    ----------
    folder : Path
        The dataset's folder.
    number : int
        The shard's number.
    records, aligned, crops
        As `facemotion.alignment.worker.align_shard` gives them.
    key : str
        Stands for everything that the shard was made from.
    """
    digests = {}
    for kind, array in zip(ARRAYS, (aligned, crops), strict=True):
        buffer = io.BytesIO()
        np.save(buffer, np.ascontiguousarray(array), allow_pickle=False)
        digests[kind] = digest_bytes(buffer.getvalue())
        with atomic_path(_path(folder, kind, number)) as temporary:
            temporary.write_bytes(buffer.getvalue())
    table = pd.DataFrame(list(records), columns=FACES.names)
    header = {"key": key, "digests": digests}
    write_table(_path(folder, PARTS, number), table, schema=FACES, header=header)


def is_done(folder: Path, number: int, key: str) -> bool:
    """Tell whether a shard is whole on disk and was made from what `key` stands for."""
    try:
        header = read_table(_path(folder, PARTS, number))[1]
        return header.get("key") == key and all(
            digest_file(_path(folder, kind, number)) == header["digests"][kind] for kind in ARRAYS
        )
    except (ManifestError, OSError, KeyError, ValueError):
        return False


def clear(folder: Path, *, keep: int) -> None:
    """Remove what earlier runs left: merged results, half-written files, and shards from number `keep` on."""
    stale = [folder / "faces.parquet", folder / "contact-sheet.png"]
    for kind in (*ARRAYS, PARTS):
        for path in (folder / kind).glob("*"):
            if path.name.startswith(".") or (path.stem.isdigit() and int(path.stem) >= keep):
                stale.append(path)
    for path in stale:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise WorkspaceError(f"cannot remove {path}: {error.strerror}; choose another --work") from error


def merge(folder: Path, count: int, *, header: dict[str, Any]) -> pd.DataFrame:
    """Merge the parts of `count` shards into ``faces.parquet`` and return it.

    ``row`` then counts through all shards; the header gains ``shards``, the number of pictures in each.
    """
    parts = [read_table(_path(folder, PARTS, number))[0] for number in range(count)]
    sizes = [int((part["row"] >= 0).sum()) for part in parts]
    for part, start in zip(parts, itertools.accumulate([0, *sizes[:-1]]), strict=True):
        part.loc[part["row"] >= 0, "row"] += start
    table = pd.concat(parts, ignore_index=True)
    write_table(folder / "faces.parquet", table, schema=FACES, header={**header, "shards": sizes})
    return table


def _path(folder: Path, kind: str, number: int) -> Path:
    return folder / kind / f"{number:05d}{'.parquet' if kind == PARTS else '.npy'}"
