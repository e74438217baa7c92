"""Which datasets there are, where to ask for them, and where the user's copies lie; edits ``facemotion.toml``."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from textwrap import wrap
from typing import Any

from facemotion import datasets, toml_files
from facemotion.errors import ConfigError
from facemotion.places import Selection, frames_of
from facemotion.roots import configured_root, user_file
from facemotion.synthetic import DEMO, SYNTHETIC, was_rendered
from facemotion.workspace import Workspace, atomic_path

__all__ = ["Entry", "as_text", "entries", "named_root", "set_root", "unset_root"]


@dataclass(frozen=True)
class Entry:
    """A dataset as the catalogue shows it.

    Attributes
    ----------
    name, title, licence, access
        As in `facemotion.ingestion.result.DatasetInfo`.
    label_space : str
        The name of its classes.
    has_neutral : bool
        Whether priors can be built from it.
    root : str or None
        The folder that is configured; None if none is.
    configured_by : str
        What names the folder, or what could name one.
    found : bool
        Whether the folder exists.
    synthetic : bool
        Whether its faces were rendered; see `facemotion.synthetic`.
    """

    name: str
    title: str
    licence: str
    access: str
    label_space: str
    has_neutral: bool
    root: str | None
    configured_by: str
    found: bool
    synthetic: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the entry as JSON values."""
        return asdict(self)


def entries(workspace: Workspace | None = None) -> list[Entry]:
    """Return all datasets, sorted by name, with their configured roots.

    Parameters
    ----------
    workspace : Workspace, optional
        Where the demo is rendered.

    Raises
    ------
    ConfigError
        If ``facemotion.toml`` cannot be parsed.
    """
    found = []
    for name in datasets.names():
        info = datasets.load(name).info
        root, source = configured_root(name)
        if root is None and name == "demo":
            root, source = frames_of(Selection(workspace or Workspace(), "demo")), "the workspace"
        found.append(
            Entry(
                name=name,
                title=info.title,
                licence=info.licence,
                access=info.access,
                label_space=info.label_space,
                has_neutral=info.has_neutral,
                root=None if root is None else str(root),
                configured_by=source,
                found=root is not None and os.path.isdir(root),
                synthetic=name == DEMO or (root is not None and was_rendered(root)),
            )
        )
    return found


def as_text(found: Sequence[Entry]) -> str:
    """Return the catalogue as lines for a terminal."""
    lines = []
    for entry in found:
        if entry.root is None:
            state = f"not configured; name it with `facemotion datasets set {entry.name} FOLDER`"
        else:
            verdict = "found" if entry.found else "not rendered yet" if entry.name == "demo" else "NOT FOUND"
            rendered = f"; {SYNTHETIC}, rendered" if entry.synthetic and entry.name != DEMO else ""
            state = f"{verdict}: {entry.root} (from {entry.configured_by}){rendered}"
        lines += [
            f"{entry.name}: {entry.title}",
            f"  classes  {entry.label_space}{'' if entry.has_neutral else ', no neutral faces for priors'}",
            *_lines("licence", entry.licence),
            *_lines("access", entry.access),
            *_lines("root", state),
        ]
    return "\n".join(lines)


def _lines(name: str, text: str) -> list[str]:
    """Return a fact as lines of at most 80 letters, but for a long path."""
    lead = f"  {name:<9}"
    return wrap(
        text,
        80,
        initial_indent=lead,
        subsequent_indent=" " * len(lead),
        break_long_words=False,
        break_on_hyphens=False,
    )


def set_root(dataset: str, folder: Path, *, start: Path | None = None, dry: bool = False) -> Path:
    """Write a dataset's root into ``[roots]`` of ``facemotion.toml``; everything else in the file stays as it is.

    Parameters
    ----------
    dataset : str
        A dataset's name.
    folder : Path
        The folder that holds it. It is stored absolute, so that it holds wherever the file is moved to.
    start : Path, optional
        The folder of ``facemotion.toml``; the current one by default.
    dry : bool
        Only see that it could be done; nothing is written.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ConfigError
        If the dataset is unknown, the folder is not there, or the file cannot be read or written; nothing is written.
    """
    info = datasets.load(dataset).info
    folder = Path(os.path.abspath(folder.expanduser()))
    try:
        there = folder.exists()
    except OSError as error:
        raise ConfigError(f"{folder} cannot be looked at: {error.strerror}; mend its permissions first") from error
    if not there:
        raise ConfigError(f"{folder} does not exist; give the folder that holds {info.title}")
    if not folder.is_dir():
        raise ConfigError(f"{folder} is a file; give the folder that holds {info.title}, unpacked")
    path = user_file(start)
    text, before = _read(path)
    if before.get("roots", {}).get(dataset) != str(folder):
        expected = {**before, "roots": {**before.get("roots", {}), dataset: str(folder)}}
        _write(path, text, expected, dataset, dry=dry)
    return path


def named_root(dataset: str, *, start: Path | None = None) -> str | None:
    """Return the root that ``facemotion.toml`` names for a dataset, whatever comes before it; None if it names none.

    Raises
    ------
    ConfigError
        If the file cannot be read.
    """
    return _read(user_file(start))[1].get("roots", {}).get(dataset)


def unset_root(dataset: str, *, start: Path | None = None, dry: bool = False) -> Path:
    """Remove a dataset's root from ``facemotion.toml``, or with `dry` only see that it could be; return the file.

    Raises
    ------
    ConfigError
        If the dataset is unknown, or the file names no root for it or cannot be read or written.
    """
    datasets.load(dataset)
    path = user_file(start)
    text, before = _read(path)
    roots = before.get("roots", {})
    if dataset not in roots:
        raise ConfigError(f"{path.name} names no root for {dataset}, so there is nothing to remove")
    expected = {**before, "roots": {name: root for name, root in roots.items() if name != dataset}}
    _write(path, text, expected, dataset, dry=dry)
    return path


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    """Return the file's text, line ends as they are, and its content; both empty if there is no file."""
    try:
        text, content = toml_files.read(path)
    except FileNotFoundError:
        return "", {}
    except ValueError as error:
        raise ConfigError(f"{path} cannot be read ({error}); mend it first, nothing was changed") from error
    if not isinstance(content.get("roots", {}), dict):
        raise ConfigError(f"roots in {path} is not a table; make it one, such as [roots], nothing was changed")
    return text, content


def _write(path: Path, text: str, expected: dict[str, Any], dataset: str, *, dry: bool) -> None:
    """Write the text with a dataset's root as it is in what is expected of it, once it is sure that it says that."""
    try:
        edited = _edited(text, dataset, expected["roots"].get(dataset))
        good = toml_files.parse(edited) == expected
    except Exception:  # tomlkit raises many types on texts that are odd, though they are TOML
        good = False
    if not good:
        message = f"{path} is written in a way that could not be edited safely; change [roots] in it by hand"
        raise ConfigError(message)
    if dry:
        return
    with atomic_path(path.resolve()) as temporary:  # the file itself where it is reached by a link
        temporary.write_text(edited, encoding="utf-8", newline="")


def _edited(text: str, dataset: str, root: str | None) -> str:
    """Return the text with a dataset's root, or without it; all else stays as somebody wrote it."""
    import tomlkit

    document = tomlkit.parse(text)
    if root is None:
        del document["roots"][dataset]  # type: ignore[attr-defined]
        return tomlkit.dumps(document)
    if "roots" not in document:
        document["roots"] = tomlkit.table()
    document["roots"][dataset] = root  # type: ignore[index]
    return tomlkit.dumps(document)
