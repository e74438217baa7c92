"""Landmarks that a dataset ships or that another tool found, from a parquet or csv table.

Columns: ``source`` (POSIX path relative to the dataset's root), optionally ``frame`` (then rows are looked up by both),
``x1, y1`` to ``x5, y5``, and optionally ``score`` in [0, 1] (1 where it is missing). Several rows for one frame are
several faces. The box of a face is the square around its points, twice as wide as they are.
"""

import itertools
import reprlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from facemotion.config import FileSetting
from facemotion.errors import ConfigError, ManifestError, Status
from facemotion.landmarks.faces import Face, Failure, LandmarkSource, Region
from facemotion.landmarks.settings import LandmarkSettings, landmark_settings
from facemotion.names import normal
from facemotion.workspace import digest_file

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["POINTS", "SETTINGS", "Precomputed", "PrecomputedSettings", "create", "read_landmarks"]

POINTS = tuple(f"{axis}{number}" for number in range(1, 6) for axis in "xy")
_LAST_FRAME = 2**31 - 1
REACH = 1.0
"""Half a box's side, as a multiple of the wider extent of the points."""


class PrecomputedSettings(LandmarkSettings):
    """Where the landmarks are looked up."""

    source: Literal["precomputed"] = "precomputed"
    """Landmarks from a table: one that is given, or the one that the dataset ships."""
    table: FileSetting | None = None
    """Landmarks for precomputed: a parquet or csv file; by default those that the dataset ships."""

    @property
    def wants_shipped(self) -> bool:
        """Whether no table is given, so that the dataset's own is read."""
        return self.table is None

    @property
    def runs_a_network(self) -> bool:
        """No: the points are looked up."""
        return False

    def for_new_pictures(self) -> LandmarkSettings:
        """Return the settings of the default source: a table says nothing about new pictures."""
        return landmark_settings()

    def for_another_dataset(self) -> "PrecomputedSettings":
        """Return the settings for the landmarks that another dataset ships."""
        return PrecomputedSettings()


SETTINGS = PrecomputedSettings


def read_landmarks(path: Path) -> "pd.DataFrame":
    """Read and check a landmark table.

    Returns
    -------
    pandas.DataFrame
        Columns source, x1, y1 ... x5, y5 (float64), score, and frame if the table has it.

    Raises
    ------
    ManifestError
        If the file cannot be read, lacks a column, or holds a value that is not allowed.
    """
    import pandas as pd

    frame = _read(path)
    lacking = [name for name in ("source", *POINTS) if name not in frame]
    if lacking:
        message = (
            f"{path.name} lacks the columns {', '.join(lacking)}: a landmark table has source, optionally frame and "
            f"score, and x1, y1 to x5, y5, with commas between them in a csv file; this one has "
            f"{reprlib.repr(', '.join(map(str, frame.columns)))}"
        )
        raise ManifestError(message)
    nameless = frame[frame["source"].isna()]
    if len(nameless):
        raise ManifestError(f"{path.name}: source in row {nameless.index[0]} is empty; every row names its picture")
    table = pd.DataFrame({"source": frame["source"].astype(str)})
    for name in POINTS:
        table[name] = _numbers(frame, name, path).astype(np.float64)
    table["score"] = _numbers(frame, "score", path).fillna(1.0) if "score" in frame else 1.0
    wrong = table[~table["score"].between(0, 1)]
    if len(wrong):
        raise ManifestError(f"{path.name}: score {wrong['score'].iloc[0]} in row {wrong.index[0]} is not in [0, 1]")
    if "frame" in frame:
        numbers = _numbers(frame, "frame", path)
        bad = frame[numbers.isna() | (numbers % 1 != 0) | (numbers.abs() > _LAST_FRAME)]
        if len(bad):
            found = f"{path.name}: frame {bad['frame'].iloc[0]} in row {bad.index[0]}"
            raise ManifestError(f"{found} is not a whole number up to {_LAST_FRAME}")
        table["frame"] = numbers.astype(np.int64)
    absolute = table["source"].str.match(r"(/|[A-Za-z]:|.*\\)")
    if absolute.any():
        message = f"{path.name}: source {table['source'][absolute].iloc[0]!r} is not a POSIX path relative to the root"
        raise ManifestError(message)
    return table.drop_duplicates(ignore_index=True)  # a face twice is not two faces


def _read(path: Path) -> "pd.DataFrame":
    import pandas as pd

    if not path.is_file():
        raise ManifestError(f"landmark table {path} does not exist")
    try:
        if path.suffix.lower() == ".csv":
            return pd.read_csv(path)
        if path.suffix.lower() in (".parquet", ".pq"):
            return pd.read_parquet(path)
    except Exception as error:  # parsers raise many types on broken files
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ManifestError(f"landmark table {path} cannot be read: {reason}") from error
    raise ManifestError(f"landmark table {path} must be a .csv or .parquet file")


def _numbers(frame: "pd.DataFrame", name: str, path: Path) -> "pd.Series":
    """Return a column as numbers; empty cells become NaN, and a row with NaN points is a face without landmarks."""
    import pandas as pd

    numbers = pd.to_numeric(frame[name], errors="coerce")
    bad = frame[numbers.isna() & frame[name].notna()]
    if len(bad):
        raise ManifestError(f"{path.name}: {name} {bad[name].iloc[0]!r} in row {bad.index[0]} is not a number")
    return numbers


class Precomputed(LandmarkSource):
    """Landmark source ``precomputed``.

    Parameters
    ----------
    table : pandas.DataFrame
        As `read_landmarks` gives it.
    title : str
        What to call it in messages.
    """

    name = "precomputed"
    absent = Failure(Status.NO_LANDMARKS, "the table has no landmarks for it")
    looks = False

    def __init__(self, table: "pd.DataFrame", *, title: str = "the landmark table") -> None:
        self._title = title
        self._by_frame = "frame" in table
        self._rows: dict[Any, list[int]] = {}
        for row, key in enumerate(self._keys(table)):
            self._rows.setdefault(key, []).append(row)
        with np.errstate(over="ignore"):  # to infinity, which is a face without landmarks
            self._points = table[list(POINTS)].to_numpy(np.float32).reshape(-1, 5, 2)
        self._scores = table["score"].to_numpy(np.float64)

    def _keys(self, table: "pd.DataFrame") -> Iterable[Any]:
        return map(self._key, table["source"], table["frame"] if self._by_frame else itertools.repeat(0))

    def _key(self, source: str, frame: int) -> Any:
        """Return what a frame's rows are looked up by."""
        return (normal(source), frame) if self._by_frame else normal(source)

    def require_any(self, frames: Iterable[tuple[str, int]]) -> None:
        """Refuse a table that names no frame of a manifest, as one that was made for another root.

        Parameters
        ----------
        frames : iterable of (str, int)
            Source and frame number of each row of the manifest; at least one, and gone through no further than needed.

        Raises
        ------
        ConfigError
            With a frame of either, so that one sees how they differ.
        """
        ours = next(iter(self._rows), None)
        count, first, alike = 0, None, None
        for count, frame in enumerate(frames, 1):
            key = self._key(*frame)
            if key in self._rows:
                return
            first = key if count == 1 else first
            if alike is None and ours is not None and self._file_name(key) == self._file_name(ours):
                alike = key
        if ours is None:
            raise ConfigError(f"{self._title} has no rows; give one with a row for each of the {count} frames")
        wanted = "the manifest's sources and frames" if self._by_frame else "sources relative to the dataset's root"
        raise ConfigError(
            f"{self._title} names none of the {count} frames of the manifest: it has {self._shown(ours)} where "
            f"the manifest has {self._shown(alike or first)}; give a table with {wanted}"
        )

    def detect(self, image: NDArray[np.uint8], *, source: str, frame: int, region: Region | None = None) -> list[Face]:
        """Look a frame up; see `facemotion.landmarks.faces.LandmarkSource`. The picture and region play no part."""
        rows = self._rows.get(self._key(source, frame), [])
        found = [row for row in rows if np.isfinite(self._points[row]).all()]
        found.sort(key=lambda row: -self._scores[row])
        return [Face(_box(self._points[row]), float(self._scores[row]), self._points[row]) for row in found]

    def _file_name(self, key: Any) -> str:
        return (key[0] if self._by_frame else key).rpartition("/")[2]

    def _shown(self, key: Any) -> str:
        return f"{key[0]!r} frame {key[1]}" if self._by_frame else repr(key)


def _box(points: NDArray[np.float32]) -> NDArray[np.float32]:
    low, high = points.min(axis=0), points.max(axis=0)
    reach = REACH * (high - low).max()
    return np.concatenate([(low + high) / 2 - reach, (low + high) / 2 + reach]).astype(np.float32)


def create(settings: PrecomputedSettings, *, shipped: FileSetting | None = None, device: str = "cpu") -> LandmarkSource:
    """Make the source; see `facemotion.landmarks.create`.

    Raises
    ------
    ConfigError
        If there is no table, or it is not the one that the settings name by its digest.
    """
    table = settings.table
    if table is None or (table.path is None and table == shipped):
        table = shipped  # an older header names what the dataset ships as if it had been given
    if table is None:
        raise ConfigError(
            "the landmark source precomputed needs a table, and the dataset ships none: give one with --table FILE"
        )
    path = table.opened("--table")
    landmarks = read_landmarks(path)
    if table.sha256 != digest_file(path):
        raise ConfigError(f"landmark table {path.name} is not the one that the settings name (another SHA-256)")
    return Precomputed(landmarks, title=f"landmark table {path.name}")
