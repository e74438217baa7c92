"""A shard or a piece of one: manifest rows -> table rows, aligned faces and crops.

Every failure is a row with a status and a message. Each video is decoded once for all of its rows.
"""

import functools
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import pandas as pd

from facemotion import media
from facemotion.alignment.face import Pixels, align_face
from facemotion.alignment.locating import remark
from facemotion.alignment.reduction import least_for, look
from facemotion.alignment.settings import AlignSettings
from facemotion.alignment.shards import Origin, Shard, origin_of
from facemotion.alignment.trouble import PASSING, demand_root, failure_of
from facemotion.errors import EnvironmentProblem, Status
from facemotion.landmarks.faces import Failure, LandmarkSource, Region
from facemotion.workspace import digest_bytes, digest_file

__all__ = ["align_frame", "align_shard"]

Loaded = Pixels | media.Reduced | Failure


class _Picture(NamedTuple):
    """What was loaded for a row."""

    position: int
    """Of the row."""
    image: Loaded
    digest: str
    """SHA-256 of the source."""
    origin: Origin
    """The source before it was read, so that a change in the meantime is noticed later."""


def align_shard(
    rows: pd.DataFrame, root: Path, source: LandmarkSource, settings: AlignSettings, *, depth: int = 16
) -> Shard:
    """Locate, align and crop the faces of some manifest rows.

    Parameters
    ----------
    rows : pandas.DataFrame
        Manifest rows.
    root : Path
        The dataset's root.
    source : LandmarkSource
        Finds the five points.
    settings : AlignSettings
        How to align.
    depth : int
        The bits in use of 16-bit pictures, as for `facemotion.media.decode_image`.

    Returns
    -------
    Shard
        A row of ``faces.parquet`` for each manifest row, in order; ``row`` counts from 0 within the shard.

    Raises
    ------
    DataError
        If the root is gone.
    EnvironmentProblem
        If the landmark source cannot work.
    """
    records: list[dict[str, Any]] = [{} for _ in range(len(rows))]
    pictures: dict[int, tuple[Pixels, Pixels]] = {}
    origins: dict[str, Origin] = {}
    wanted: list[dict[str, Any]] = rows.to_dict("records")  # type: ignore[assignment]
    loaded = _pictures(wanted, root, depth, functools.partial(least_for, settings, source))

    def align(each: _Picture) -> tuple[dict[str, Any], tuple[Pixels, Pixels] | None]:
        return align_frame(wanted[each.position], each.image, source, settings)

    with _one_thread():
        while group := list(itertools.islice(loaded, source.lockstep.at_once)):
            for each, (record, picture) in zip(group, source.lockstep.each(align, group), strict=True):
                records[each.position] = {**record, "sha256": each.digest}
                if picture is not None:
                    pictures[each.position] = picture
                    continue
                origins[record["sample_id"]] = each.origin
                if record["status"] in PASSING:
                    demand_root(root)
            group.clear()  # before the next pictures are decoded
    done = sorted(pictures)
    for row, position in enumerate(done):
        records[position]["row"] = row
    empty = np.empty((0, *settings.face_size, 3), np.uint8), np.empty((0, *settings.crop_size, 3), np.uint8)
    aligned, crops = (np.stack([pictures[at][part] for at in done]) if done else empty[part] for part in (0, 1))
    return Shard(records, aligned, crops, origins)


def align_frame(
    row: dict[str, Any], image: Loaded, source: LandmarkSource, settings: AlignSettings
) -> tuple[dict[str, Any], tuple[Pixels, Pixels] | None]:
    """Align one frame.

    Parameters
    ----------
    row : dict
        The manifest row.
    image : uint8 array of shape (H, W, 3), Reduced or Failure
        The upright frame, whole or reduced, or why there is none.
    source : LandmarkSource
        Finds the five points.
    settings : AlignSettings
        How to align.

    Returns
    -------
    record : dict
        The row of ``faces.parquet``, without ``sha256``; ``row`` is -1.
    pictures : tuple of two uint8 arrays, or None
        Aligned face and crop where the status is ``ok``.
    """
    record: dict[str, Any] = {
        "sample_id": row["sample_id"],
        "status": str(Status.OK),
        "message": "",
        "detector": source.name,
        "score": None,
        "faces_found": 0,
        "box": None,
        "landmarks": None,
        "similarity": None,
        "row": -1,
    }
    try:
        pictures = image if isinstance(image, Failure) else _aligned(row, image, source, settings, record)
    except EnvironmentProblem:
        raise
    except Exception as error:  # one odd frame must not end the run
        pictures = failure_of(error, unexpected="unexpected ")
    if isinstance(pictures, Failure):
        record["status"], record["message"] = str(pictures.status), pictures.message
        return record, None
    return record, pictures


def _aligned(
    row: dict[str, Any],
    image: Pixels | media.Reduced,
    source: LandmarkSource,
    settings: AlignSettings,
    record: dict[str, Any],
) -> tuple[Pixels, Pixels] | Failure:
    """Align a frame and note in its record how far that came."""
    seen = look(image, source, settings, name=row["source"], frame=int(row["frame"]), region=_region(row))
    record["faces_found"], face = seen.found, seen.face
    if isinstance(face, Failure):
        return face
    record["score"], record["message"] = face.score, remark(face)
    record["box"] = face.box.tolist()
    record["landmarks"] = None if face.is_crop else face.landmarks.ravel().tolist()
    made = align_face(seen.pixels, face, settings, factor=seen.factor)
    if isinstance(made, Failure):
        return made
    record["similarity"] = made.similarity.ravel().tolist()
    return made.face, made.crop


def _region(row: dict[str, Any]) -> Region | None:
    return None if row["region"] is None else tuple(float(value) for value in row["region"])  # type: ignore[return-value]


def _pictures(
    rows: list[dict[str, Any]], root: Path, depth: int, least: Callable[[Region | None], media.Least | None]
) -> Iterator[_Picture]:
    """Yield the picture of each row, or why there is none; video by video at the end."""
    videos: dict[str, list[int]] = {}
    for position, row in enumerate(rows):
        if media.is_video(row["source"]):
            videos.setdefault(row["source"], []).append(position)
        else:
            origin = origin_of(root, row["source"])
            image = _image(root / row["source"], int(row["rotate"]), depth, least(_region(row)))
            yield _Picture(position, *image, origin)
    for source, positions in videos.items():
        origin = origin_of(root, source)
        for position, image, digest in _frames(root / source, positions, rows):
            yield _Picture(position, image, digest, origin)


def _image(path: Path, rotate: int, depth: int, least: media.Least | None) -> tuple[Loaded, str]:
    digest = ""
    try:
        data = media.read_source(path)
        digest = digest_bytes(data)
        return media.decode_reduced(data, least, rotate=rotate, depth=depth), digest
    except Exception as error:
        return failure_of(error, unexpected="unexpected "), digest


def _frames(path: Path, positions: list[int], rows: list[dict[str, Any]]) -> Iterator[tuple[int, Loaded, str]]:
    digest, waiting = "", set(positions)
    try:
        digest = digest_file(path)  # also tells trouble of the disk from what a decoder says about the file
        for index, image in media.read_frames(path, [int(rows[position]["frame"]) for position in positions]):
            for position in sorted(waiting):
                if int(rows[position]["frame"]) == index:
                    waiting.discard(position)
                    if isinstance(image, media.Unreadable):
                        yield position, failure_of(image), digest
                    else:
                        yield position, media.turned(image, int(rows[position]["rotate"])), digest
        failure = Failure(Status.UNREADABLE, "the video ends before this frame")
    except Exception as error:
        failure = failure_of(error, unexpected="unexpected ")
    for position in sorted(waiting):
        yield position, failure, digest


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep OpenCV to one thread: shards run in parallel, and its threads would fight."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
