"""One shard: manifest rows -> table rows, aligned faces and crops.

Every failure is a row with a status and a message. Videos are decoded once a shard.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from facemotion import media
from facemotion.alignment.geometry import NOSE, apply, crop_matrix, estimate_similarity, template_for, warp
from facemotion.config import AlignSettings
from facemotion.errors import EnvironmentProblem, Status
from facemotion.landmarks import Failure, LandmarkSource, choose
from facemotion.workspace import digest_bytes, digest_file

__all__ = ["align_frame", "align_shard"]

Pixels = NDArray[np.uint8]
Loaded = Pixels | Failure

_MOST_OUTSIDE = 2
"""Points that may lie outside the picture, as those of a face at its border do."""


def align_shard(
    rows: pd.DataFrame, root: Path, source: LandmarkSource, settings: AlignSettings
) -> tuple[list[dict[str, Any]], Pixels, Pixels]:
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

    Returns
    -------
    table : list of dict
        A row of ``faces.parquet`` for each manifest row, in order; ``row`` counts from 0 within the shard.
    aligned : uint8 array of shape (n, height, width, 3)
        The aligned faces of the n rows with status ``ok``, in order.
    crops : uint8 array of shape (n, height, width, 3)
        Their crops.
    """
    records: list[dict[str, Any]] = [{} for _ in range(len(rows))]
    pictures: dict[int, tuple[Pixels, Pixels]] = {}
    wanted: list[dict[str, Any]] = rows.to_dict("records")  # type: ignore[assignment]
    with _one_thread():
        for position, image, digest in _pictures(wanted, root):
            record, picture = align_frame(wanted[position], image, source, settings)
            records[position] = {**record, "sha256": digest}
            if picture is not None:
                pictures[position] = picture
    done = sorted(pictures)
    for row, position in enumerate(done):
        records[position]["row"] = row
    empty = np.empty((0, *settings.face_size, 3), np.uint8), np.empty((0, *settings.crop_size, 3), np.uint8)
    aligned, crops = (np.stack([pictures[at][part] for at in done]) if done else empty[part] for part in (0, 1))
    return records, aligned, crops


def align_frame(
    row: dict[str, Any], image: Loaded, source: LandmarkSource, settings: AlignSettings
) -> tuple[dict[str, Any], tuple[Pixels, Pixels] | None]:
    """Align one frame.

    Parameters
    ----------
    row : dict
        The manifest row.
    image : uint8 array of shape (H, W, 3), or Failure
        The upright frame, or why there is none.
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
        pictures = image if isinstance(image, Failure) else _align(row, image, source, settings, record)
    except EnvironmentProblem:
        raise
    except Exception as error:  # one odd frame must not end the run
        pictures = Failure(Status.UNREADABLE, f"unexpected {type(error).__name__}: {error}")
    if isinstance(pictures, Failure):
        record["status"], record["message"] = str(pictures.status), pictures.message
        return record, None
    return record, pictures


def _align(
    row: dict[str, Any], image: Pixels, source: LandmarkSource, settings: AlignSettings, record: dict[str, Any]
) -> tuple[Pixels, Pixels] | Failure:
    region = None if row["region"] is None else tuple(float(value) for value in row["region"])
    faces = source.detect(image, source=row["source"], frame=int(row["frame"]), region=region)  # type: ignore[arg-type]
    record["faces_found"] = len(faces)
    if not faces:
        found = "the table has no landmarks for it" if source.absent == Status.NO_LANDMARKS else "no face was found"
        return Failure(source.absent, f"{found} ({image.shape[1]}x{image.shape[0]} pixels)")
    face = choose(faces, image.shape, region=region)  # type: ignore[arg-type]
    if isinstance(face, Failure):
        return face
    record["score"] = face.score
    record["box"], record["landmarks"] = face.box.tolist(), face.landmarks.ravel().tolist()
    height, width = image.shape[:2]
    outside = int(np.any((face.landmarks < 0) | (face.landmarks > (width, height)), axis=1).sum())
    if outside > _MOST_OUTSIDE:
        where = f"{outside} of its five points lie outside the picture ({width}x{height} pixels)"
        return Failure(Status.DEGENERATE_LANDMARKS, f"{where}; are they of a picture of another size?")
    template = template_for(settings.face_size)
    similarity = estimate_similarity(face.landmarks, template, settings.fit)
    if isinstance(similarity, Failure):
        return similarity
    record["similarity"] = similarity.ravel().tolist()
    nose = template[NOSE] if settings.crop_centre == "template" else apply(similarity, face.landmarks)[NOSE]
    crop = warp(image, crop_matrix(similarity, nose, settings.crop_size), settings.crop_size)
    return warp(image, similarity, settings.face_size), crop


def _pictures(rows: list[dict[str, Any]], root: Path) -> Iterator[tuple[int, Loaded, str]]:
    """Yield position, picture or failure, and the source's digest for each row; video by video, else in order."""
    videos: dict[str, list[int]] = {}
    for position, row in enumerate(rows):
        if media.is_video(row["source"]):
            videos.setdefault(row["source"], []).append(position)
        else:
            yield position, *_image(root / row["source"], int(row["rotate"]))
    for source, positions in videos.items():
        yield from _frames(root / source, positions, rows)


def _image(path: Path, rotate: int) -> tuple[Loaded, str]:
    digest = ""
    try:
        data = media.read_source(path)
        digest = digest_bytes(data)
        return media.decode_image(data, rotate=rotate), digest
    except Exception as error:
        return _failure(error), digest


def _frames(path: Path, positions: list[int], rows: list[dict[str, Any]]) -> Iterator[tuple[int, Loaded, str]]:
    digest, waiting = "", set(positions)
    try:
        digest = digest_file(path) if path.is_file() else ""
        for index, image in media.read_frames(path, [int(rows[position]["frame"]) for position in positions]):
            for position in sorted(waiting):
                if int(rows[position]["frame"]) == index:
                    waiting.discard(position)
                    if isinstance(image, media.Unreadable):
                        yield position, _failure(image), digest
                    else:
                        yield position, media.turned(image, int(rows[position]["rotate"])), digest
        failure = Failure(Status.UNREADABLE, "the video ends before this frame")
    except Exception as error:
        failure = _failure(error)
    for position in sorted(waiting):
        yield position, failure, digest


def _failure(error: Exception) -> Failure:
    if isinstance(error, media.MissingSource):
        return Failure(Status.MISSING_SOURCE, str(error))
    if isinstance(error, media.Unreadable):
        return Failure(Status.UNREADABLE, str(error))
    return Failure(Status.UNREADABLE, f"unexpected {type(error).__name__}: {error}")


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep OpenCV to one thread: shards run in parallel, and its threads would fight."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
