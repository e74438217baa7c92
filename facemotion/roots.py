"""Where the copies of the datasets lie: by ``--root``, the environment, ``facemotion.toml``, or as given last time.

A root that was given with ``--root`` is remembered in ``WORK/roots.json`` for the later stages. It is a hint about this
machine: it holds absolute paths, no artefact is made from it, and what it names is looked at before it is used.
"""

import os
import reprlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from facemotion import datasets, leftovers, toml_files
from facemotion.errors import ConfigError, WorkspaceError
from facemotion.places import Selection
from facemotion.workspace import Workspace, read_json, write_json

__all__ = ["configured_root", "follows_links", "remember", "remember_links", "root_of", "user_file"]

_LINKS = "links followed"
"""The name in ``roots.json`` under which are the roots whose links to files outside are followed."""


def user_file(start: Path | None = None) -> Path:
    """Return the path of ``facemotion.toml`` in `start` or the current folder, whether or not it exists."""
    return (start or Path.cwd()) / "facemotion.toml"


def configured_root(dataset: str, given: Path | str | None = None) -> tuple[Path | None, str]:
    """Find a dataset's root: ``--root``, else ``$FACEMOTION_<NAME>_ROOT``, else ``[roots]`` in ``facemotion.toml``.

    In each, ``~`` is the home folder, and a relative path starts at the current folder, where ``facemotion.toml`` lies
    too. A variable that is empty counts as unset, as variables do elsewhere.

    Parameters
    ----------
    dataset : str
        A dataset name such as ``oulu-casia``.
    given : Path, optional
        What the user gave with ``--root``.

    Returns
    -------
    root : Path or None
        The folder, not checked for existence; None if nothing names one.
    source : str
        Where it came from, for messages.

    Raises
    ------
    ConfigError
        If ``facemotion.toml`` cannot be parsed or names a root that is no path, or a home folder is not known.
    """
    if given is not None:
        return _expanded(given, "--root"), "--root"
    variable = f"FACEMOTION_{dataset.upper().replace('-', '_')}_ROOT"
    value = os.environ.get(variable, "")
    if value.strip():
        return _expanded(value, f"${variable}"), f"${variable}"
    roots = _user_roots()
    where = f"[roots] in {user_file().name}"
    if dataset not in roots:
        _refuse_unknown(roots, where)
        return None, f"--root, ${variable} or [roots] in facemotion.toml"
    root = roots[dataset]
    if not isinstance(root, str) or not root.strip():
        raise ConfigError(
            f"{where}: {dataset} = {reprlib.repr(root)} names no folder; write its path in quotes, such as "
            f"{dataset} = '/data/{dataset}', or remove the line"
        )
    return _expanded(root, where), where


def _expanded(path: Path | str, where: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise ConfigError(f"{where}: the home folder in {str(path)!r} is not known; write the path in full") from None


def _refuse_unknown(roots: Mapping[str, Any], where: str) -> None:
    """Refuse a root under a name that is no dataset's, such as ``oulu_casia``: it would never be used."""
    unknown = sorted(set(roots) - set(datasets.names()))
    if unknown:
        known = ", ".join(datasets.names())
        raise ConfigError(
            f"{where} names {unknown[0]!r}, which is no dataset; rename it to one of {known}, or remove it"
        )


def _user_roots() -> dict[str, Any]:
    path = user_file()
    try:
        roots = toml_files.read(path)[1].get("roots", {})
    except FileNotFoundError:
        return {}
    except ValueError as error:
        advice = "" if "; " in str(error) else "; mend that (a path with backslashes goes in single quotes)"
        raise ConfigError(f"{path.name} cannot be read: {error}{advice}") from error
    if not isinstance(roots, dict):
        raise ConfigError(
            f"roots in {path.name} is {reprlib.repr(roots)}, not a table; write a line [roots] and the folders below it"
        )
    return roots


def root_of(selection: Selection, given: Path | None = None) -> tuple[Path | None, str]:
    """Find the root of a selection: as `configured_root` does, else the one that was given last.

    Parameters
    ----------
    selection : Selection
        What was or will be selected from it.
    given : Path, optional
        What the user gave with ``--root``.

    Returns
    -------
    root : Path or None
        The folder; None if nothing names one, or the one that was given last is gone.
    source : str
        Where it came from, or what could name it, for messages.

    Raises
    ------
    ConfigError
        As `configured_root`.
    """
    root, where = configured_root(selection.dataset, given)
    if root is not None:
        return root, where
    kept = _remembered(selection.workspace)
    last = kept.get(_name(selection), kept.get(selection.dataset))
    if not isinstance(last, str):
        return None, where
    if not os.path.isdir(last):
        return None, f"{where}; the one that was given last, {last}, is not there"
    return Path(last), "the --root that was given last"


def remember(selection: Selection, root: Path) -> None:
    """Keep a root that was given with ``--root`` and used, for the later stages."""
    kept = _remembered(selection.workspace)
    _keep(selection.workspace, {**kept, _name(selection): os.path.abspath(root)})


def remember_links(selection: Selection, root: Path | None) -> None:
    """Keep that links to files outside a root are followed, for the later stages; None for no root."""
    kept = _remembered(selection.workspace)
    links = {name: place for name, place in _followed(kept).items() if name != _name(selection)}
    if root is not None:
        links[_name(selection)] = os.path.abspath(root)
    others = {name: value for name, value in kept.items() if name != _LINKS}
    _keep(selection.workspace, {**others, **({_LINKS: dict(sorted(links.items()))} if links else {})})


def follows_links(selection: Selection, root: Path) -> bool:
    """Tell whether links to files outside a root were followed when a selection was made from it."""
    return _followed(_remembered(selection.workspace)).get(_name(selection)) == os.path.abspath(root)


def _followed(kept: Mapping[str, Any]) -> dict[str, Any]:
    found = kept.get(_LINKS)
    return found if isinstance(found, dict) else {}


def _keep(workspace: Workspace, content: dict[str, Any]) -> None:
    path = _file(workspace)
    if content != _remembered(workspace):
        leftovers.sweep(path.parent, of=path)
        write_json(path, dict(sorted(content.items())))


def _file(workspace: Workspace) -> Path:
    return workspace.root / "roots.json"


def _name(selection: Selection) -> str:
    return selection.dataset if selection.name == "first" else f"{selection.dataset}/{selection.name}"


def _remembered(workspace: Workspace) -> dict[str, Any]:
    try:
        content = read_json(_file(workspace))
    except WorkspaceError:  # none was given yet, or somebody's edit broke the hint
        return {}
    return content if isinstance(content, dict) else {}
