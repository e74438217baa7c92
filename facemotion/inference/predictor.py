"""Pictures and videos -> rows of expressions with probabilities, and masks; a bad file is a row with a status."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facemotion import landmarks, media
from facemotion.alignment.face import Aligned, align_face, locate
from facemotion.alignment.settings import AlignSettings
from facemotion.alignment.trouble import failure_of
from facemotion.errors import ConfigError, EnvironmentProblem, Status
from facemotion.inference.model import Model
from facemotion.landmarks.faces import Face, Failure, LandmarkSource
from facemotion.progress import Progress, silent

__all__ = ["Predictions", "landmark_source", "predict"]

_PICTURE = re.compile(r".+\.(png|jpe?g|bmp|tiff?|webp|gif|pgm|ppm)", re.IGNORECASE)
_AT_ONCE = 64
"""Faces that wait for the model before it is called."""

Pixels = NDArray[np.uint8]
Found = tuple[str, int, Pixels | Failure]


@dataclass(eq=False)
class Predictions:
    """What was found, row by row, and the pictures that belong to it.

    Attributes
    ----------
    rows : list of dict
        JSON values: ``source``, ``frame``, ``status``, ``message``, and of faces ``expression``, ``probabilities`` by
        class, ``box`` and ``landmarks`` in upright source pixels, ``score`` of the detector.
    crops : list of uint8 array of shape (H, W, 3)
        Of the rows with status ``ok``, in order.
    masks : list of float32 array of shape (S, S)
        Likewise; empty for a model without masks.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    crops: list[Pixels] = field(default_factory=list)
    masks: list[NDArray[np.float32]] = field(default_factory=list)


def landmark_source(settings: AlignSettings, *, model_pack: Path | None = None) -> LandmarkSource:
    """Return the landmark source that a model's faces were located with.

    Landmarks from a table say nothing about new pictures; the default source takes their place. Faces are located on
    the CPU.

    Raises
    ------
    ConfigError, EnvironmentProblem
        From `facemotion.landmarks.create`.
    """
    return landmarks.create(settings.landmarks.for_new_pictures().with_files(model_pack=model_pack))


def predict(
    model: Model, path: Path, source: LandmarkSource, *, every: int = 1, progress: Progress = silent
) -> Predictions:
    """Say which expressions a picture, a video or a folder shows.

    Parameters
    ----------
    model : Model
        A trained model.
    path : Path
        A picture, a video, or a folder, of which all pictures and videos are taken, at any depth.
    source : LandmarkSource
        Finds faces; of several, the one in the middle of a picture counts, as in `facemotion align`.
    every : int
        Of videos, take one frame in so many.
    progress : Progress
        Shows the work.

    Raises
    ------
    ConfigError
        If there is nothing to look at.
    """
    if every < 1:
        raise ConfigError(f"every = {every}: expected a whole number from 1")
    files = _files(path)
    found = Predictions()
    waiting: list[tuple[dict[str, Any], Pixels]] = []
    for name, frame, image in progress(_frames(files, every), "predicting"):
        row, crop = _aligned(name, frame, image, source, model.card.alignment)
        found.rows.append(row)
        if crop is not None:
            waiting.append((row, crop))
        if len(waiting) == _AT_ONCE:
            _score(model, waiting, found)
            waiting = []
    if waiting:
        _score(model, waiting, found)
    return found


def _files(path: Path) -> Mapping[str, Path]:
    """Return what to look at, by name relative to a folder that was given."""
    if path.is_dir():
        inside = sorted(each for each in path.rglob("*") if each.is_file() and not each.name.startswith("."))
        files = {
            each.relative_to(path).as_posix(): each
            for each in inside
            if media.is_video(each) or _PICTURE.fullmatch(each.name)
        }
        if not files:
            raise ConfigError(f"{path} holds no picture and no video")
        return files
    if not path.exists():
        raise ConfigError(f"{path} does not exist; give a picture, a video or a folder")
    return {path.name: path}


def _frames(files: Mapping[str, Path], every: int) -> Iterator[Found]:
    for name, path in files.items():
        try:
            if media.is_video(path):
                for index, picture in media.every_frame(path):
                    if index % every == 0:
                        yield name, index, picture()
            else:
                yield name, 0, media.read_image(path)
        except media.Unreadable as error:
            yield name, 0, Failure(Status.UNREADABLE, str(error))


def _aligned(
    name: str, frame: int, image: Pixels | Failure, source: LandmarkSource, settings: AlignSettings
) -> tuple[dict[str, Any], Pixels | None]:
    """Return the row of a frame, and the crop of its face if it has one."""
    face, made = _found(image, source, settings)
    failure = made if isinstance(made, Failure) else None
    row = {
        "source": name,
        "frame": frame,
        "status": str(Status.OK if failure is None else failure.status),
        "message": "" if failure is None else _advice(failure),
        "expression": None,
        "probabilities": None,
        "box": None if face is None else face.box.tolist(),
        "landmarks": None if face is None else face.landmarks.ravel().tolist(),
        "score": None if face is None else float(face.score),
    }
    return row, made.crop if isinstance(made, Aligned) else None


def _found(
    image: Pixels | Failure, source: LandmarkSource, settings: AlignSettings
) -> tuple[Face | None, Aligned | Failure]:
    """Return the face of a frame, if there is one that is meant, and what became of it."""
    if isinstance(image, Failure):
        return None, image
    face = None
    try:
        _, located = locate(image, source)
        if isinstance(located, Failure):
            return None, located
        face = located
        return face, align_face(image, face, settings)
    except EnvironmentProblem:
        raise
    except Exception as error:  # one odd frame must not end the work
        return face, failure_of(error, unexpected="unexpected ")


def _advice(failure: Failure) -> str:
    """Return a message with what can be done here: regions and landmarks are given to datasets."""
    if failure.status == Status.AMBIGUOUS:
        return f"{failure.message.partition(';')[0]}; cut out the face that is meant"
    return failure.message


def _score(model: Model, waiting: list[tuple[dict[str, Any], Pixels]], found: Predictions) -> None:
    crops = np.stack([crop for _, crop in waiting])
    scored = model(crops)
    classes = model.card.classes
    for (row, crop), probabilities in zip(waiting, scored.probabilities, strict=True):
        row["expression"] = classes[int(probabilities.argmax())]
        row["probabilities"] = {
            name: round(float(value), 6) for name, value in zip(classes, probabilities, strict=True)
        }
        found.crops.append(crop)
    if scored.masks is not None:
        found.masks.extend(scored.masks)
