"""Shards as they are made: written one by one, and mended; `facemotion.alignment.merging` makes one table of them.

Shard k holds the manifest rows [k * shard_size, (k + 1) * shard_size): ``aligned/NNNNN.npy`` and ``crops/NNNNN.npy``
with the pictures of its ``ok`` rows, and ``parts/NNNNN.parquet``, its table rows, written last. A part's header holds
the shard's key (what it was made from and how), the digests of its arrays, and the origins of its failed rows: a shard
is done if key and digests agree, and is then not made again. A run that was killed therefore goes on where it stopped
and ends in the same bytes. Of a shard that is done, only the rows are tried again whose failure may have passed.
"""

import io
from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from facemotion.alignment.store import ARRAYS, FACES
from facemotion.alignment.trouble import PASSING
from facemotion.errors import ManifestError, Status, WorkspaceError
from facemotion.tables import header_in, read_arrow, read_table, write_table
from facemotion.workspace import atomic_path, digest_bytes, digest_file

__all__ = [
    "PARTS",
    "Origin",
    "Shard",
    "clear",
    "devices_in",
    "devices_said",
    "digests",
    "is_done",
    "joined",
    "mended",
    "origin_of",
    "parts_in",
    "path_of",
    "pending",
    "read_shard",
    "write_shard",
]

PARTS = "parts"
_MADE_FROM = ("sample_id", "status", "sha256")
ON_CPU = frozenset({"cpu"})


class Origin(NamedTuple):
    """What a failed row was read from: the file, as it was then."""

    source: str
    """POSIX path relative to the root."""
    size: int | None
    """Bytes; None where there was no such file."""
    modified: int | None
    """Nanoseconds, as the file system tells."""


class Shard(NamedTuple):
    """What is made of some manifest rows."""

    records: Sequence[dict[str, Any]]
    """Their rows of ``faces.parquet``; ``row`` counts from 0."""
    aligned: NDArray[np.uint8]
    """Aligned faces of the n ``ok`` rows, in order, of shape (n, height, width, 3)."""
    crops: NDArray[np.uint8]
    """Their crops."""
    origins: Mapping[str, Origin] = {}
    """Of the failed rows, by ``sample_id``."""


def origin_of(root: Path, source: str) -> Origin:
    """Return a source as it is now."""
    try:
        found = (root / source).stat()
    except (OSError, ValueError):  # a null byte in a name is a ValueError
        return Origin(source, None, None)
    return Origin(source, found.st_size, found.st_mtime_ns)


def write_shard(folder: Path, number: int, shard: Shard, *, key: str, devices: Set[str] = ON_CPU) -> None:
    """Write one shard: its arrays, then its part of the table, which marks it as done.

    Parameters
    ----------
    folder : Path
        The dataset's folder.
    number : int
        The shard's number.
    shard : Shard
        What to write.
    key : str
        Stands for everything that the shard was made from.
    devices : set of str
        What its faces were located on.
    """
    digests = {}
    for kind, array in zip(ARRAYS, (shard.aligned, shard.crops), strict=True):
        buffer = io.BytesIO()
        np.save(buffer, np.ascontiguousarray(array), allow_pickle=False)
        digests[kind] = digest_bytes(buffer.getvalue())
        with atomic_path(path_of(folder, kind, number)) as temporary:
            temporary.write_bytes(buffer.getvalue())
    table = pd.DataFrame(list(shard.records), columns=FACES.names)
    header = {
        "key": key,
        "digests": digests,
        "failed": {name: list(origin) for name, origin in shard.origins.items()},
        "passing": [record["sample_id"] for record in shard.records if record["status"] in PASSING],
    }
    header |= devices_said(devices)
    write_table(path_of(folder, PARTS, number), table, schema=FACES, header=header)


def is_done(folder: Path, number: int, key: str) -> bool:
    """Tell whether a shard is whole on disk and was made from what `key` stands for."""
    try:
        header = read_table(path_of(folder, PARTS, number))[1]
        return header.get("key") == key and all(
            digest_file(path_of(folder, kind, number)) == header["digests"][kind] for kind in ARRAYS
        )
    except (ManifestError, OSError, KeyError, ValueError):
        return False


def read_shard(folder: Path, number: int) -> Shard:
    """Read a shard that is done, see `is_done`, as it was written."""
    table, header = read_table(path_of(folder, PARTS, number))
    table = table.astype(object).where(table.notna(), None)
    aligned, crops = (np.load(path_of(folder, kind, number), allow_pickle=False) for kind in ARRAYS)
    origins = {name: Origin(*origin) for name, origin in header.get("failed", {}).items()}
    return Shard(table.to_dict("records"), aligned, crops, origins)  # type: ignore[arg-type]


def devices_said(devices: Set[str]) -> dict[str, list[str]]:
    """Return what a header says of the devices that faces were located on: nothing of the CPU alone."""
    return {} if devices == ON_CPU else {"devices": sorted(devices)}


def devices_in(header: Mapping[str, Any]) -> Set[str]:
    """Return what the faces of a part were located on, from its header, which names the CPU only beside others."""
    return frozenset(header.get("devices", ON_CPU))


def mended(old: Shard, new: Shard) -> Shard:
    """Return a shard with the rows of another in the place of its own, matched by ``sample_id``."""
    fresh = {record["sample_id"]: record for record in new.records}
    records, aligned, crops = [], [], []
    for before in old.records:
        record, shard = (fresh[before["sample_id"]], new) if before["sample_id"] in fresh else (before, old)
        records.append({**record, "row": len(aligned) if record["row"] >= 0 else -1})
        if record["row"] >= 0:
            aligned.append(shard.aligned[record["row"]])
            crops.append(shard.crops[record["row"]])
    failed = {record["sample_id"] for record in records if record["row"] < 0}
    kept = {name: origin for name, origin in old.origins.items() if name not in fresh}
    origins = {name: origin for name, origin in {**kept, **new.origins}.items() if name in failed}
    if not aligned:
        return Shard(records, old.aligned[:0], old.crops[:0], origins)
    return Shard(records, np.stack(aligned), np.stack(crops), origins)


def joined(pieces: Sequence[Shard]) -> Shard:
    """Return the shard that pieces make up, one after the other."""
    records, origins, done = [], {}, 0
    for piece in pieces:
        records += [{**each, "row": each["row"] + done if each["row"] >= 0 else -1} for each in piece.records]
        origins.update(piece.origins)
        done += len(piece.aligned)
    aligned, crops = ([getattr(each, kind) for each in pieces] for kind in ARRAYS)
    return Shard(records, np.concatenate(aligned), np.concatenate(crops), origins)


def pending(folder: Path, root: Path) -> list[str]:
    """Return the failed rows that are worth another try, by ``sample_id``; cheap: no array and no table is read.

    These are rows whose source is back, has changed, or can be read again after the machine failed to. Rows that were
    aligned before origins were kept are not among them.

    Parameters
    ----------
    folder : Path
        The dataset's folder in the workspace.
    root : Path
        The dataset's root.
    """
    found: list[str] = []
    for path in parts_in(folder):
        try:
            header = header_in(pq.read_schema(path))
        except (OSError, ValueError):
            continue  # such a shard is made again as a whole
        passing = set(header.get("passing", ()))
        for name, values in header.get("failed", {}).items():
            before = Origin(*values)
            now = origin_of(root, before.source)
            if now.size is not None and (now != before or (name in passing and _opens(root / now.source))):
                found.append(name)
    return found


def digests(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield ``sample_id`` and the SHA-256 of the source of each aligned row, from the parts that are there."""
    for path in parts_in(folder):
        try:
            part = read_arrow(path)[0]
        except ManifestError:
            continue  # such a shard is made again as a whole
        for name, status, digest in zip(*(part[name].to_pylist() for name in _MADE_FROM), strict=True):
            if status == Status.OK:
                yield name, digest


def parts_in(folder: Path) -> list[Path]:
    """Return the parts that are there, in order, whole or not."""
    return sorted((folder / PARTS).glob("[0-9]*.parquet"))


def _opens(path: Path) -> bool:
    """Tell whether a file can be read, at least at its beginning."""
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError:
        return False
    return True


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


def path_of(folder: Path, kind: str, number: int) -> Path:
    """Return the place of a shard's array or part."""
    return folder / kind / f"{number:05d}{'.parquet' if kind == PARTS else '.npy'}"
