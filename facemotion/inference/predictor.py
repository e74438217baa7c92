"""Pictures and videos -> rows of expressions with probabilities, and masks; a bad file is a row with a status."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facemotion import landmarks
from facemotion.alignment.face import Aligned, align_face, locate
from facemotion.alignment.settings import AlignSettings
from facemotion.alignment.trouble import failure_of
from facemotion.errors import ConfigError, EnvironmentProblem, Status
from facemotion.inference.model import Model
from facemotion.inference.sources import find_sources
from facemotion.landmarks.faces import Face, Failure, LandmarkSource
from facemotion.progress import Progress, silent

__all__ = ["Predictions", "landmark_source", "predict"]

_AT_ONCE = 64
"""Faces that wait for the model before it is called."""

Pixels = NDArray[np.uint8]


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
    notes : list of str
        What was left out and why, a sentence for each kind.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    crops: list[Pixels] = field(default_factory=list)
    masks: list[NDArray[np.float32]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


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
    sources = find_sources(path)
    found = Predictions(notes=sources.notes)
    waiting: list[tuple[dict[str, Any], Pixels]] = []
    for name, frame, image in progress(sources.frames(every=every), "predicting frames"):
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
