"""Pictures and videos -> rows of expressions with probabilities, and masks; a bad file is a row with a status."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facemotion import landmarks
from facemotion.alignment.face import Aligned, align_face
from facemotion.alignment.locating import remark
from facemotion.alignment.reduction import least_for, look
from facemotion.alignment.settings import AlignSettings
from facemotion.alignment.trouble import failure_of
from facemotion.errors import ConfigError, EnvironmentProblem, Status
from facemotion.inference.model import Model
from facemotion.inference.sources import Sources
from facemotion.landmarks.faces import Face, Failure, LandmarkSource
from facemotion.media import Reduced
from facemotion.progress import Progress, silent

__all__ = ["Found", "landmark_source", "predict"]

_AT_ONCE = 64
"""Faces that wait for the model before it is called."""
_WAITING = 4 * _AT_ONCE
"""Frames that wait, with or without a face."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Found:
    """What was found in a frame.

    Attributes
    ----------
    row : dict
        JSON values: ``source``, ``frame``, ``status``, ``message``, and of faces ``expression``, ``probabilities`` by
        class, ``box`` and ``landmarks`` in upright source pixels, ``score`` of the detector, and ``turned``: the
        clockwise degrees by which the frame must be turned for the face to stand.
    crop : uint8 array of shape (H, W, 3), or None
        Where the status is ``ok``.
    mask : float32 array of shape (S, S), or None
        Likewise, of a model that gives masks.
    """

    row: dict[str, Any]
    crop: Pixels | None = None
    mask: NDArray[np.float32] | None = None

    def apart(self) -> "Found":
        """Return it with a mask of its own: it is a view of those of a whole batch, which would stay with it."""
        return self if self.mask is None else replace(self, mask=self.mask.copy())


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
    model: Model, sources: Sources, source: LandmarkSource, *, every: int = 1, progress: Progress = silent
) -> Iterator[Found]:
    """Say which expressions pictures and videos show, frame by frame, in memory that does not grow with their number.

    Parameters
    ----------
    model : Model
        A trained model.
    sources : Sources
        What to look at; see `facemotion.inference.sources.find_sources`.
    source : LandmarkSource
        Finds faces; of several, the one in the middle of a picture counts, as in `facemotion align`.
    every : int
        Of videos, take one frame in so many.
    progress : Progress
        Shows the work.

    Yields
    ------
    Found
        In the order of the files and of the frames in them.

    Raises
    ------
    ConfigError
        If `every` is no whole number from 1.
    """
    if every < 1:
        raise ConfigError(f"every = {every}: expected a whole number from 1")
    waiting: list[Found] = []
    faces = 0
    frames = sources.frames(every=every, least=least_for(model.card.alignment, source))
    for name, frame, image in progress(frames, "predicting frames"):
        waiting.append(_aligned(name, frame, image, source, model.card.alignment))
        faces += waiting[-1].crop is not None
        if faces == _AT_ONCE or len(waiting) == _WAITING:
            yield from _scored(model, waiting)
            waiting, faces = [], 0
    yield from _scored(model, waiting)


def _aligned(
    name: str, frame: int, image: Pixels | Reduced | Failure, source: LandmarkSource, settings: AlignSettings
) -> Found:
    """Return the row of a frame, still without an answer, and the crop of its face if it has one."""
    face, made = _found(image, source, settings)
    failure = made if isinstance(made, Failure) else None
    row = {
        "source": name,
        "frame": frame,
        "status": str(Status.OK if failure is None else failure.status),
        "message": _advice(failure) if failure is not None else "" if face is None else remark(face),
        "expression": None,
        "probabilities": None,
        "box": None if face is None else face.box.tolist(),
        "landmarks": None if face is None or face.is_crop else face.landmarks.ravel().tolist(),
        "score": None if face is None else float(face.score),
        "turned": None if face is None else face.turn,
    }
    return Found(row, made.crop if isinstance(made, Aligned) else None)


def _found(
    image: Pixels | Reduced | Failure, source: LandmarkSource, settings: AlignSettings
) -> tuple[Face | None, Aligned | Failure]:
    """Return the face of a frame, if there is one that is meant, and what became of it."""
    if isinstance(image, Failure):
        return None, image
    face = None
    try:
        seen = look(image, source, settings)
        if isinstance(seen.face, Failure):
            return None, seen.face
        face = seen.face
        return face, align_face(seen.pixels, face, settings, factor=seen.factor)
    except EnvironmentProblem:
        raise
    except Exception as error:  # one odd frame must not end the work
        return face, failure_of(error, unexpected="unexpected ")


def _advice(failure: Failure) -> str:
    """Return a message with what can be done here: regions and landmarks are given to datasets."""
    if failure.status == Status.AMBIGUOUS:
        return f"{failure.message.partition(';')[0]}; cut out the face that is meant"
    return failure.message


def _scored(model: Model, waiting: list[Found]) -> Iterator[Found]:
    """Yield what waits, with the model's answers for those that have a face."""
    crops = [each.crop for each in waiting if each.crop is not None]
    scored = model(np.stack(crops)) if crops else None
    place = 0
    for each in waiting:
        if each.crop is None or scored is None:
            yield each
            continue
        shares = scored.probabilities[place]
        named = {name: round(float(share), 6) for name, share in zip(model.card.classes, shares, strict=True)}
        answer = {"expression": model.card.classes[int(shares.argmax())], "probabilities": named}
        yield Found({**each.row, **answer}, each.crop, None if scored.masks is None else scored.masks[place])
        place += 1
