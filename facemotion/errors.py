"""The exceptions of facemotion and the closed list of per-face status codes.

Every error that a person can cause derives from `FacemotionError`; its message says what was wrong, where, what was
expected and what to do next. The command line prints the message alone and exits with 1. A file that cannot be used
is not an exception: it is a row of ``faces.parquet`` whose status is one of `Status`.
"""

from enum import StrEnum

__all__ = [
    "AlignmentError",
    "ConfigError",
    "DataError",
    "EnvironmentProblem",
    "FacemotionError",
    "LeakageError",
    "ManifestError",
    "PriorError",
    "Status",
    "WorkspaceError",
]


class FacemotionError(Exception):
    """Base class of everything that facemotion raises on purpose."""


class ConfigError(FacemotionError, ValueError):
    """A setting, option or configuration file is wrong."""


class DataError(FacemotionError, ValueError):
    """A dataset on disk is not what it should be."""


class ManifestError(DataError):
    """A manifest or another table breaks its schema."""


class AlignmentError(FacemotionError, ValueError):
    """Landmarks, templates or crops do not fit together."""


class PriorError(FacemotionError, ValueError):
    """A prior bank cannot be built, read or used for this purpose."""


class LeakageError(FacemotionError, ValueError):
    """Test subjects would take part in training, directly or through a prior."""


class WorkspaceError(FacemotionError, RuntimeError):
    """The workspace cannot be written, is locked, or lacks an artefact."""


class EnvironmentProblem(FacemotionError, RuntimeError):
    """A library, weight file or device that is needed is missing or broken."""


class Status(StrEnum):
    """What became of one manifest row; the ``status`` column of ``faces.parquet``."""

    OK = "ok"
    UNREADABLE = "unreadable"
    MISSING_SOURCE = "missing_source"
    NO_FACE = "no_face"
    AMBIGUOUS = "ambiguous"
    DEGENERATE_LANDMARKS = "degenerate_landmarks"
    NO_LANDMARKS = "no_landmarks"
    IO_ERROR = "io_error"
    OUT_OF_MEMORY = "out_of_memory"
