"""Where artefacts live, and how they are written: atomically and under a lock.

``WORK/DATASET/`` holds a dataset's artefacts (see `facemotion.places`) and ``WORK/runs/NAME/`` a training run. A file
is written to a temporary name in its own folder and renamed, so that nobody ever sees half of it. What made it stands
in its header, see `facemotion.provenance`.
"""

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from facemotion import leftovers
from facemotion.errors import ConfigError, WorkspaceError

__all__ = [
    "Workspace",
    "atomic_path",
    "digest_bytes",
    "digest_file",
    "digest_json",
    "held",
    "is_held",
    "read_json",
    "write_json",
    "write_text",
]

_NO_LOCKS = frozenset({errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS})
"""What the system says where files cannot be locked."""


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; on success rename it to `path`, on failure remove it.

    Parameters
    ----------
    path : Path
        The file (or folder) to be written. Missing parent folders are made.

    Yields
    ------
    Path
        A temporary name with the same suffix in the same folder, which the caller writes.

    Raises
    ------
    WorkspaceError
        If the folder cannot be made or written.
    """
    temporary = leftovers.temporary_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        if temporary.is_dir() and path.is_dir():
            shutil.rmtree(path)
        temporary.replace(path)
    except OSError as error:
        if error.filename is not None and Path(str(error.filename)).name not in (temporary.name, path.name):
            if Path(str(error.filename)) not in path.parents:
                raise
        reason = error.strerror or str(error)
        message = f"cannot write {path}: {reason}; choose another place with --work or -o, or make room there"
        raise WorkspaceError(message) from error
    finally:
        leftovers.remove(temporary)


def write_json(path: Path, value: object) -> None:
    """Write `value` as indented JSON, atomically, without the whole text in memory; NaN is refused."""
    encoder = json.JSONEncoder(indent=1, ensure_ascii=False, allow_nan=False)
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(encoder.iterencode(value))
        stream.write("\n")


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8, atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises
    ------
    WorkspaceError
        If the file is missing or is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WorkspaceError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        message = f"{path} is not JSON ({error}); delete it and run the stage that writes it again"
        raise WorkspaceError(message) from error


def digest_bytes(data: bytes) -> str:
    """Return the SHA-256 of `data` as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_json(value: object) -> str:
    """Return the SHA-256 of `value` as compact JSON with sorted keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return digest_bytes(text.encode("ascii"))


class Workspace:
    """The folder in which artefacts live.

    Parameters
    ----------
    root : Path, optional
        The folder; else ``$FACEMOTION_WORK``, else ``./facemotion-work``; ``~`` is the home folder. It is made when
        first written to.
    """

    def __init__(self, root: Path | str | None = None) -> None:
        self.root = Path(os.path.expanduser(root or os.environ.get("FACEMOTION_WORK") or "facemotion-work"))

    def __repr__(self) -> str:
        return f"Workspace({str(self.root)!r})"

    def dataset(self, name: str) -> Path:
        """Return the folder of a dataset's artefacts."""
        return self.root / name

    def run(self, name: str) -> Path:
        """Return the folder of a training run.

        Raises
        ------
        ConfigError
            If the name would leave the workspace.
        """
        if not name or name in (".", "..") or any(mark in name for mark in "/\\"):
            message = f"a run name is one folder name, not {name!r}: use letters, digits, '-', '_' and '.'"
            raise ConfigError(message)
        return self.root / "runs" / name

    def check_writable(self) -> None:
        """Make the folder and try to write in it.

        Raises
        ------
        WorkspaceError
            If that fails.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.root):  # without a name, where the system can: nothing is ever left
                pass
        except OSError as error:
            reason = error.strerror or str(error)
            raise WorkspaceError(f"cannot write {self.root}: {reason}; choose another place with --work") from error

    @contextmanager
    def lock(self, folder: Path) -> Iterator[None]:
        """Hold `folder` for one writing process at a time.

        Raises
        ------
        WorkspaceError
            At once, if another process holds it.
        """
        self.check_writable()
        with held(folder):
            yield


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder for one writing process at a time, and remove what killed ones left half-written in it.

    Raises
    ------
    WorkspaceError
        At once, if another process holds it, or it cannot be held: the file system has no locks, or somebody else's
        lock file may not be opened.
    """
    import filelock

    place = folder / ".lock"
    lock = filelock.FileLock(place)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except filelock.Timeout:
        message = f"another facemotion process is working on {folder}; wait for it, or use another --work"
        raise WorkspaceError(message) from None
    except (OSError, NotImplementedError) as error:
        raise WorkspaceError(_unlockable(place, error)) from error
    try:
        leftovers.sweep(folder)
        yield
    finally:
        lock.release()


def is_held(folder: Path) -> bool:
    """Tell whether another process holds a folder now."""
    import filelock

    if not (folder / ".lock").exists():
        return False
    lock = filelock.FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return True
    except (OSError, NotImplementedError):
        return False
    lock.release()
    return False


def _unlockable(place: Path, error: OSError | NotImplementedError) -> str:
    """Say why a folder cannot be held, and what to do."""
    number = error.errno if isinstance(error, OSError) else errno.ENOSYS
    if number in _NO_LOCKS:
        return (
            f"the file system of {place.parent} has no locks, so two commands could write there at once; "
            "choose a --work on another one, such as a local disk"
        )
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    if place.exists():
        return (
            f"{place} cannot be opened ({reason}): another user made it; let them give you the right to write "
            "there, or choose another --work"
        )
    return f"cannot write {place.parent}: {reason}; choose another place with --work"
