"""Faces with labels and folds as other people's trainers read them.

All formats hold the same: PNG pictures, the label as an index into the classes and as a name, sample, subject, and the
fold in which the subject is tested. Parts are ``train`` and ``test``, or ``all``.
"""

import io
import json
import re
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facemotion.errors import ConfigError, DataError
from facemotion.training.data import Crops
from facemotion.workspace import atomic_path, write_json

__all__ = ["FORMATS", "ShownFaces", "fold_of", "write_faces"]

SHARD = 1000
"""Pictures in a shard of ``webdataset`` and ``hf``."""
_PLAIN = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, eq=False)
class ShownFaces:
    """What is written.

    Attributes
    ----------
    pictures : Crops
        uint8 RGB pictures of the dataset, (N, H, W, 3).
    table : pandas.DataFrame
        A row a face: ``row`` of `pictures`, ``part``, ``label``, ``expression``, ``sample_id``, ``subject``, ``fold``.
    classes : tuple of str
        In the order of the labels.
    """

    pictures: Crops
    table: pd.DataFrame
    classes: tuple[str, ...]

    def parts(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Yield each part's name and rows, in the order in which they are first met."""
        for part in self.table["part"].drop_duplicates():
            yield part, self.table[self.table["part"] == part]

    def encoded(self, rows: pd.DataFrame) -> Iterator[tuple[dict[str, Any], bytes]]:
        """Yield what is known of each face, as JSON values, and its picture as PNG."""
        for record in rows.to_dict("records"):
            known = {name: value for name, value in record.items() if name not in ("row", "part")}
            yield known, _png(self.pictures[np.array([record["row"]])][0])  # type: ignore[misc]


def write_faces(out: Path, faces: ShownFaces, to: str, *, header: dict[str, Any]) -> int:
    """Write faces in a format; return how many. The same input gives the same bytes.

    Parameters
    ----------
    out : Path
        The folder; an older one is replaced once the new one is complete.
    faces : ShownFaces
        What is written.
    to : str
        One of `FORMATS`.
    header : dict
        The provenance, for ``facemotion.json``.

    Raises
    ------
    ConfigError
        If there is no such format.
    DataError
        If there are no faces.
    """
    if to not in FORMATS:
        raise ConfigError(f"unknown format {to!r}: expected one of {', '.join(FORMATS)}")
    if faces.table.empty:
        raise DataError("there are no faces to write: none of the chosen frames was aligned")
    with atomic_path(out) as temporary:
        temporary.mkdir(parents=True)
        FORMATS[to](temporary, faces)
        counts = {part: len(rows) for part, rows in faces.parts()}
        write_json(temporary / "facemotion.json", {**header, "classes": list(faces.classes), "parts": counts})
    return len(faces.table)


def _image_folder(out: Path, faces: ShownFaces) -> None:
    """Write PART/CLASS/SAMPLE.png, with a folder for every class, and ``metadata.csv``, a row a picture."""
    rows = []
    for part, table in faces.parts():
        for name in faces.classes:  # in every part, so that labels are the same; an empty one needs allow_empty
            (out / part / _file_name(name)).mkdir(parents=True)
        for number, (known, png) in enumerate(faces.encoded(table)):
            path = Path(
                part, _file_name(known["expression"]), f"{number:06d}-{_file_name(known['sample_id'])[-80:]}.png"
            )
            (out / path).write_bytes(png)
            rows.append({"file_name": path.as_posix(), **known})
    pd.DataFrame(rows).to_csv(out / "metadata.csv", index=False, lineterminator="\n")


def _web_dataset(out: Path, faces: ShownFaces) -> None:
    """Write PART-NNNNNN.tar, in which a sample is KEY.png, KEY.cls (the label) and KEY.json."""
    for part, table in faces.parts():
        for shard, start in enumerate(range(0, len(table), SHARD)):
            with tarfile.open(out / f"{part}-{shard:06d}.tar", "w", format=tarfile.USTAR_FORMAT) as tar:
                for number, (known, png) in enumerate(faces.encoded(table.iloc[start : start + SHARD]), start):
                    text = json.dumps(known, ensure_ascii=False).encode()
                    for suffix, data in (("png", png), ("cls", str(known["label"]).encode()), ("json", text)):
                        member = tarfile.TarInfo(f"{number:08d}.{suffix}")  # time 0 and no owner: the same bytes
                        member.size = len(data)
                        tar.addfile(member, io.BytesIO(data))


def _hugging_face(out: Path, faces: ShownFaces) -> None:
    """Write data/PART-NNNNN-of-NNNNN.parquet, whose schema says what is a picture and what a label."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    text = {"dtype": "string", "_type": "Value"}
    features = {
        "image": {"_type": "Image"},
        "label": {"names": list(faces.classes), "_type": "ClassLabel"},
        "expression": text,
        "sample_id": text,
        "subject": text,
        "fold": {"dtype": "int64", "_type": "Value"},
    }
    picture = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    kinds = {"image": picture, "label": pa.int64(), "fold": pa.int64()}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in features])
    schema = schema.with_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    (out / "data").mkdir()
    for part, table in faces.parts():
        shards = -(-len(table) // SHARD)
        for shard in range(shards):
            rows = [
                {"image": {"bytes": png, "path": None}, **known}
                for known, png in faces.encoded(table.iloc[shard * SHARD : (shard + 1) * SHARD])
            ]
            path = out / "data" / f"{part}-{shard:05d}-of-{shards:05d}.parquet"
            pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)


FORMATS: dict[str, Callable[[Path, ShownFaces], None]] = {
    "hf": _hugging_face,
    "imagefolder": _image_folder,
    "webdataset": _web_dataset,
}
"""What writes each format."""


def _png(picture: NDArray[np.uint8]) -> bytes:
    import cv2

    good, data = cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]))
    if not good:
        raise DataError("OpenCV cannot write PNG here")
    return data.tobytes()


def _file_name(text: str) -> str:
    """Return a text as a file's name; different texts may become the same."""
    return _PLAIN.sub("_", text).strip(".") or "_"


def fold_of(tested: Sequence[NDArray[np.int64]], count: int) -> NDArray[np.int64]:
    """Return the fold in which each of some faces is tested; -1 for none.

    Parameters
    ----------
    tested : sequence of int64 arrays
        The positions of each fold's test faces.
    count : int
        ShownFaces.
    """
    folds = np.full(count, -1, np.int64)
    for number, positions in enumerate(tested):
        folds[positions] = number
    return folds
