"""What `predict` looks at: the pictures and videos of a folder, by the walk and the names that ingestion has."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from facemotion import media
from facemotion.alignment.trouble import failure_of
from facemotion.errors import ConfigError
from facemotion.ingestion import names
from facemotion.ingestion.tree import Tree
from facemotion.landmarks.faces import Failure
from facemotion.names import printable
from facemotion.suffixes import is_image, is_video

__all__ = ["Sources", "find_sources"]

_OWN_OUTPUT = ("predictions.png", "predictions.json")


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
    depth : int
        As for `facemotion.media.decode_image`.
    notes : list of str
        What was left out and why, a sentence for each kind, and what was assumed of the pictures.
    """

    root: Path
    tree: Tree | None = None
    single: str = ""
    depth: int = 16
    notes: list[str] = field(default_factory=list)

    def names(self) -> Iterator[str]:
        """Yield their names in order: POSIX paths relative to the folder."""
        if self.tree is None:
            yield self.single
        else:
            own = _own_output(self.tree)
            yield from (file.path for file in self.tree.files if _wanted(file.name) and file.path not in own)

    def frames(self, *, every: int = 1) -> Iterator[tuple[str, int, media.Pixels | Failure]]:
        """Read them one by one.

        Parameters
        ----------
        every : int
            Of videos, take one frame in so many.

        Yields
        ------
        name : str
            As `names` gives it, escaped if it is not UTF-8.
        frame : int
            0-based in a video, 0 for a picture.
        image : uint8 array of shape (H, W, 3), or Failure
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
                    yield shown, 0, media.read_image(path, depth=self.depth)
            except (media.MissingSource, media.Unreadable, OSError) as error:
                yield shown, 0, failure_of(error)


def find_sources(path: Path, *, follow_links: bool = False) -> Sources:
    """Find what to look at.

    Parameters
    ----------
    path : Path
        A picture, a video, or a folder, of which all pictures and videos are taken, at any depth, but for what an
        earlier `predict` wrote.
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
        return Sources(path.parent, single=path.name, **_depth([path]))
    tree, left_out = names.set_aside(Tree.read(path, "pictures", follow_links=follow_links), _wanted)
    found = Sources(path, tree)
    notes = names.by_kind(left_out)
    if next(found.names(), None) is None:
        raise ConfigError(". ".join([f"{path} holds no picture and no video", *notes]))
    known = _depth([path / name for name in found.names() if is_image(name)])
    return Sources(path, tree, depth=known["depth"], notes=[*notes, *known["notes"]])


def _wanted(name: str) -> bool:
    return is_image(name) or is_video(name)


def _own_output(tree: Tree) -> set[str]:
    """Return the pictures that `predict` wrote: those beside the table that it writes with them."""
    picture, table = _OWN_OUTPUT
    folders = {file.path[: -len(table)] for file in tree.files if file.name == table}
    return {folder + picture for folder in folders}


def _depth(paths: list[Path]) -> dict:
    depth = media.probe_depth(paths)
    return {"depth": depth.bits if depth else 16, "notes": [depth.note] if depth and depth.note else []}


def _pixels(frame: media.Frame) -> media.Pixels | Failure:
    try:
        return frame()
    except media.Unreadable as error:
        return failure_of(error)


def _is_utf_8(name: str) -> bool:
    return name.isascii() or name.encode("utf-8", "replace").decode("utf-8") == name
