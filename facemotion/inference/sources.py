"""What `predict` looks at: the pictures and videos of a folder, by the walk and the names that ingestion has."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path

from facemotion import media
from facemotion.alignment.trouble import failure_of
from facemotion.errors import ConfigError
from facemotion.ingestion import names
from facemotion.ingestion.findings import Exclusion
from facemotion.ingestion.tree import Tree
from facemotion.landmarks.faces import Failure
from facemotion.names import printable
from facemotion.suffixes import is_image, is_video
from facemotion.synthetic import Amount, marked_folders, was_rendered

__all__ = ["Sources", "find_sources"]

_MARK = b'"facemotion": "'
"""Stands near the beginning of every table that `predict` writes."""


@dataclass(frozen=True)
class Sources:
    """Pictures and videos.

    Attributes
    ----------
    root : Path
        What their names are relative to.
    tree : Tree or None
        Where they lie; None for a single file.
    single : str
        The name of a single file, else empty.
    own : set of str
        What `predict` wrote there itself; it is not looked at.
    depth : int
        As for `facemotion.media.decode_image`.
    notes : list of str
        What was left out and why, a sentence for each kind, and what was assumed of the pictures.
    synthetic : Amount
        How much of them bears the renderer's mark; see `facemotion.synthetic`.
    """

    root: Path
    tree: Tree | None = None
    single: str = ""
    own: Set[str] = frozenset()
    depth: int = 16
    notes: list[str] = field(default_factory=list)
    synthetic: Amount = Amount.NONE

    def names(self) -> Iterator[str]:
        """Yield their names in order: POSIX paths relative to the folder."""
        if self.tree is None:
            yield self.single
        else:
            yield from (file.path for file in self.tree.files if _wanted(file.name) and file.path not in self.own)

    def frames(
        self, *, every: int = 1, least: media.Least | None = None
    ) -> Iterator[tuple[str, int, media.Pixels | media.Reduced | Failure]]:
        """Read them one by one.

        Parameters
        ----------
        every : int
            Of videos, take one frame in so many.
        least : Least, optional
            Which pictures are reduced, and how far; see `facemotion.media.decode_reduced`.

        Yields
        ------
        name : str
            As `names` gives it, escaped if it is not UTF-8.
        frame : int
            0-based in a video, 0 for a picture.
        image : uint8 array of shape (H, W, 3), Reduced or Failure
            RGB, or why there is none.
        """
        for name in self.names():
            path, shown = self.root / name, name if _is_utf_8(name) else printable(name)
            try:
                if is_video(name):
                    for index, frame in media.every_frame(path):
                        if index % every == 0:
                            yield shown, index, _pixels(frame)
                else:
                    yield shown, 0, media.decode_reduced(media.read_source(path), least, depth=self.depth)
            except (media.MissingSource, media.Unreadable, OSError, MemoryError) as error:
                yield shown, 0, failure_of(error)


def find_sources(path: Path, *, workspace: Path | None = None, follow_links: bool = False) -> Sources:
    """Find what to look at.

    Parameters
    ----------
    path : Path
        A picture, a video, or a folder, of which all pictures and videos are taken, at any depth, but for what an
        earlier `predict` wrote.
    workspace : Path, optional
        Where artefacts live; if it lies in the folder, nothing in it is taken.
    follow_links : bool
        Follow links to files outside the folder; see `facemotion.ingestion.walk`.

    Raises
    ------
    ConfigError
        If there is nothing to look at.
    """
    if not path.is_dir():
        if not path.exists():
            raise ConfigError(f"{path} does not exist; give a picture, a video or a folder")
        return Sources(path.parent, single=path.name, synthetic=Amount.of([was_rendered(path)]), **_depth([path]))
    tree, left_out = names.set_aside(Tree.read(path, "pictures", follow_links=follow_links), _wanted)
    own = _own_output(tree)
    left_out += [Exclusion(printable(each), "own_output", "facemotion predict wrote it") for each in sorted(own)]
    if inside := _inside(path, workspace):
        artefacts = {file.path for file in tree.files if file.path.startswith(inside) and _wanted(file.name)} - own
        left_out += (Exclusion(printable(each), "own_output", "it lies in the workspace") for each in sorted(artefacts))
        own |= artefacts
    found = Sources(path, tree, own=own)
    notes = names.by_kind(left_out)
    if next(found.names(), None) is None:
        raise ConfigError(". ".join([f"{path} holds no picture and no video", *notes]))
    known = _depth([path / name for name in found.names() if is_image(name)])
    marks = marked_folders(path, (file.path for file in tree.files))
    amount = Amount.ALL if marks == [""] else Amount.PART if marks else Amount.NONE
    return replace(found, depth=known["depth"], notes=[*notes, *known["notes"]], synthetic=amount)


def _wanted(name: str) -> bool:
    return is_image(name) or is_video(name)


def _own_output(tree: Tree) -> set[str]:
    """Return the pictures that `predict` wrote: each lies beside the table that it writes with it."""
    tables = {file.path.removesuffix(".json") for file in tree.files if file.name.endswith(".json")}
    found = set()
    for file in tree.files if tables else ():
        stem = file.path.removesuffix(".png")
        named = stem.removesuffix("-predictions")  # `predict -o x.json` draws x-predictions.png
        if file.name == "predictions.png" and stem in tables:
            found.add(file.path)
        elif stem != named != file.path and named in tables and _is_ours(tree.root / f"{named}.json"):
            found.add(file.path)
    return found


def _is_ours(table: Path) -> bool:
    try:
        with table.open("rb") as file:
            return _MARK in file.read(1024)
    except OSError:
        return False


def _inside(path: Path, workspace: Path | None) -> str:
    """Return the prefix of the workspace's files below a folder; empty if it does not lie there."""
    if workspace is None or not workspace.is_dir():
        return ""
    own, top = workspace.resolve(), path.resolve()
    return f"{own.relative_to(top).as_posix()}/" if own != top and own.is_relative_to(top) else ""


def _depth(paths: Sequence[Path]) -> dict:
    depth = media.probe_depth(paths)
    return {"depth": depth.bits if depth else 16, "notes": [depth.note] if depth and depth.note else []}


def _pixels(frame: media.Frame) -> media.Pixels | Failure:
    try:
        return frame()
    except media.Unreadable as error:
        return failure_of(error)


def _is_utf_8(name: str) -> bool:
    return name.isascii() or name.encode("utf-8", "replace").decode("utf-8") == name
