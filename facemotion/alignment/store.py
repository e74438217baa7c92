"""What alignment made of a dataset, read: ``faces.parquet``, and the pictures of all shards as one array.

How shards are written and merged is in `facemotion.alignment.shards`.
"""

import bisect
import itertools
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from facemotion.errors import ManifestError, WorkspaceError
from facemotion.tables import header_in, in_rows, read_arrow, typed
from facemotion.workspace import digest_file

__all__ = ["ARRAYS", "FACES", "CropArray", "altered", "count_statuses", "open_aligned", "open_crops", "read_faces"]

FACES = pa.schema(
    [
        pa.field("sample_id", pa.string(), nullable=False),
        pa.field("status", pa.string(), nullable=False),
        pa.field("message", pa.string(), nullable=False),
        pa.field("detector", pa.string(), nullable=False),
        pa.field("score", pa.float32()),
        pa.field("faces_found", pa.int32(), nullable=False),
        pa.field("box", pa.list_(pa.float32())),
        pa.field("landmarks", pa.list_(pa.float32())),
        pa.field("similarity", pa.list_(pa.float64())),
        pa.field("sha256", pa.string(), nullable=False),
        pa.field("row", pa.int32(), nullable=False),
    ]
)
"""Lists have no fixed length in the file, since pyarrow before version 20 cannot read a missing one of fixed length.
``box`` x1, y1, x2, y2; ``landmarks`` x1, y1 ... x5, y5 in upright source pixels; ``similarity`` the 2x3 matrix that
takes source to aligned, row by row; ``sha256`` of the source, empty where it could not be read; ``row`` into the
arrays, or -1."""

ARRAYS = ("aligned", "crops")
_MOST = 1 << 31
"""Pictures in a shard, and pixels of their sides: fewer in any case."""
_REDO = "run facemotion align --force"


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

    def __reduce__(self) -> tuple[Any, ...]:
        """Go to another process as the names of files: their pictures may be more than memory holds."""
        return _again, ([str(each.filename) if isinstance(each, np.memmap) else each for each in self._shards],)

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


def _again(shards: Sequence[str | NDArray[np.uint8]]) -> CropArray:
    return CropArray([_mapped(Path(shard)) if isinstance(shard, str) else shard for shard in shards])


def open_crops(folder: Path, *, verify: bool = False) -> CropArray:
    """Open the crops of a dataset, ``WORK/DATASET/crops/``.

    The number of pictures in each shard is always compared with what ``faces.parquet`` tells of.

    Parameters
    ----------
    folder : Path
        The dataset's folder in the workspace.
    verify : bool
        Compare each shard's SHA-256 too, which reads all pictures: for work that is built on them.

    Raises
    ------
    WorkspaceError
        If there are none, or they are not those that ``faces.parquet`` tells of.
    """
    return _open(folder, "crops", verify)


def open_aligned(folder: Path, *, verify: bool = False) -> CropArray:
    """Open the aligned faces of a dataset, ``WORK/DATASET/aligned/``; see `open_crops`."""
    return _open(folder, "aligned", verify)


def _open(folder: Path, kind: str, verify: bool) -> CropArray:
    paths = sorted((folder / kind).glob("[0-9]*.npy"))
    if not paths:
        raise WorkspaceError(f"{folder / kind} holds no shards; run facemotion align first")
    shards = []
    for path in paths:
        try:
            shards.append(_mapped(path))
        except (OSError, ValueError) as error:
            raise WorkspaceError(f"{path} cannot be read ({error}); {_REDO}") from error
    table = folder / "faces.parquet"
    header = _header(table) if table.is_file() else {}
    if header.get("shards", [len(shard) for shard in shards]) != [len(shard) for shard in shards]:
        raise WorkspaceError(f"{folder / kind} does not hold the pictures that {table.name} tells of; {_REDO}")
    for path in altered(folder, kind) if verify else ():
        raise WorkspaceError(f"{path} is not what alignment wrote: it was altered or damaged since; {_REDO}")
    return CropArray(shards)


def altered(folder: Path, kind: str) -> Iterator[Path]:
    """Yield the shards of ``aligned`` or ``crops`` that are not what alignment wrote; each is read whole.

    Raises
    ------
    WorkspaceError
        If ``faces.parquet`` cannot be read.
    """
    table, paths = folder / "faces.parquet", sorted((folder / kind).glob("[0-9]*.npy"))
    digests = _header(table).get("digests", {}).get(kind)
    if digests is None:
        # written by facemotion 0.1: the digests are in the parts alone
        headers = [_header(folder / "parts" / f"{path.stem}.parquet") for path in paths]
        digests = [header.get("digests", {}).get(kind) for header in headers]
    for path, digest in itertools.zip_longest(paths, digests):
        if path is None or digest is None or digest_file(path) != digest:
            yield path or folder / kind


def _header(path: Path) -> dict[str, Any]:
    try:
        return header_in(pq.read_schema(path))
    except (OSError, ValueError) as error:
        raise WorkspaceError(f"{path} cannot be read as parquet ({error}); {_REDO}") from error


def _mapped(path: Path) -> NDArray[np.uint8]:
    """Map a shard; what its header claims is compared with the file's length before anything is taken for it."""
    with path.open("rb") as file:
        try:
            if np.lib.format.read_magic(file) != (1, 0):
                raise ValueError("it is in another form than numpy writes such arrays in")
            shape, _, kind = np.lib.format.read_array_header_1_0(file)
        except (OverflowError, RecursionError, MemoryError, TypeError, SyntaxError) as error:
            raise ValueError(f"its header is damaged: {error}") from error
        begin = file.tell()
    if kind != np.uint8 or len(shape) != 4 or shape[-1] != 3:
        raise ValueError(f"uint8 pictures of shape (n, H, W, 3) were expected, not {kind} {shape}")
    if math.prod(shape) != path.stat().st_size - begin or not 0 <= min(shape) <= max(shape) <= _MOST:
        raise ValueError(f"its header claims pictures of shape {shape}, and its length is another")
    if not math.prod(shape):  # an array without elements cannot be mapped
        return np.empty(shape, np.uint8)
    return np.memmap(path, np.uint8, "r", begin, shape)


def count_statuses(folder: Path) -> dict[str, int]:
    """Return how many rows of ``faces.parquet`` have each status, by its name."""
    return dict(sorted(Counter(status for (status,) in in_rows(folder / "faces.parquet", ["status"])).items()))


def read_faces(folder: Path, *, lists: bool = True) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read ``faces.parquet`` of a dataset and its header.

    Parameters
    ----------
    folder : Path
        The dataset's folder in the workspace.
    lists : bool
        Whether boxes, landmarks and similarities are wanted, which take most of the memory.

    Raises
    ------
    ManifestError
        If it cannot be read, lacks a column, has a sample twice, or its column ``row`` does not number the pictures
        that there are.
    """
    path = folder / "faces.parquet"
    columns, header = read_arrow(path)
    lacking = [name for name in FACES.names if name not in columns.column_names]
    if lacking:
        raise ManifestError(f"{path} lacks the columns {', '.join(lacking)}; {_REDO}")
    long = [] if lists else [field.name for field in FACES if pa.types.is_list(field.type)]
    table = typed(columns.drop_columns(long), FACES, path).to_pandas()
    twice = table["sample_id"][table["sample_id"].duplicated()]
    if len(twice):
        raise ManifestError(f"{path} has the sample {twice.iloc[0]!r} twice; {_REDO}")
    pictures = sum(header.get("shards", [int((table["row"] >= 0).sum())]))
    wrong = table[(table["row"] >= pictures) | (table["row"] < -1) | ((table["status"] == "ok") & (table["row"] < 0))]
    if len(wrong):
        found = f"{path}: row {wrong['row'].iloc[0]} of the sample {wrong['sample_id'].iloc[0]!r}"
        raise ManifestError(f"{found} names none of the {pictures} pictures; {_REDO}")
    shared = table[(table["row"] >= 0) & table["row"].duplicated()]
    if len(shared):
        raise ManifestError(f"{path}: row {shared['row'].iloc[0]} belongs to two samples; {_REDO}")
    return table, header
