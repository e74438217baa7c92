"""The faces of AffectNet's release A with their pictures: lists name them, and copies keep them in many ways."""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from functools import cached_property

from facemotion.datasets.affectnet import lists as face_lists
from facemotion.datasets.affectnet.faces import AnnotatedFace, AnnotatedFaces
from facemotion.datasets.affectnet.info import CODES
from facemotion.datasets.affectnet.lists import FaceList
from facemotion.datasets.affectnet.paths import listed_path
from facemotion.errors import DataError
from facemotion.ingestion.copies import second_copies
from facemotion.ingestion.findings import Exclusion, Findings
from facemotion.ingestion.tree import Finder, Tree, TreeFile
from facemotion.names import printable
from facemotion.progress import Progress, silent
from facemotion.suffixes import is_image, lacking

__all__ = ["read_lists"]

_KNOWN = f"code IN ({', '.join(map(str, CODES))})"


def read_lists(
    tree: Tree, lists: Sequence[FaceList], findings: Findings, *, needed: Set[str], progress: Progress = silent
) -> AnnotatedFaces:
    """Read the lists of release A and find the picture of each face.

    Pictures that are not there, and lists that are damaged and not needed, are left out; what was repeated, found
    under another name, or lies there twice is noted.

    Parameters
    ----------
    tree : Tree
        The dataset.
    lists : sequence of FaceList
        Its lists.
    findings : Findings
        Is told what was left out, and of copies.
    needed : set of str
        The parts of which a whole list is needed: ``train``, ``val``.
    progress : Progress
        Shows the reading.

    Returns
    -------
    AnnotatedFaces
        The annotated faces whose picture is there, each once.

    Raises
    ------
    DataError
        If a list cannot be parsed, and its part is needed and has no other list that is whole and as long.
    """
    pictures = _Pictures(tree.files)
    length: Counter[str] = Counter()
    damaged: dict[str, DataError] = {}

    def read() -> Iterator[AnnotatedFace]:
        for each in lists:
            try:
                for face in face_lists.read_csv(tree, each, pictures.find, progress=progress):
                    length[each.file.path] += 1
                    yield face
            except DataError as error:
                damaged[each.file.path] = error

    faces = AnnotatedFaces(read())
    for each in lists:
        whole = (
            length[other.file.path] for other in lists if other.part == each.part and other.file.path not in damaged
        )
        if each.file.path in damaged and each.part in needed and max(whole, default=-1) < length[each.file.path]:
            raise damaged[each.file.path]
    for path, error in damaged.items():
        findings.exclude(path, "list_unreadable", f"{error}; the lines above it were read")
    findings.add(exclusions=_missing(faces, pictures))
    faces.drop("file < 0")
    findings.note(*second_copies(pictures.doubled()))
    if repeated := faces.drop_repeated():
        findings.note(f"{repeated} rows repeat another and were counted once")
    if pictures.renamed:
        findings.note(f"{pictures.renamed} pictures were found under another suffix or case")
    return faces


def _missing(faces: AnnotatedFaces, pictures: "_Pictures") -> list[Exclusion]:
    """Return exclusions for pictures that are not there: one for each, or one for a folder without any of them.

    One that lies there under a suffix that is no picture's to us is not missing, and is told apart.
    """
    paths: set[str] = set()
    first: dict[str, str] = {}
    number: Counter[str] = Counter()
    unread: dict[str, str] = {}
    for face in faces.where(f"file < 0 AND {_KNOWN}"):
        folder = face.path.rpartition("/")[0]
        if other := pictures.other(face.path):
            unread[face.path] = f"it is on disk as {printable(other)}: {lacking(other) or 'that is no picture here'}"
        elif folder in pictures.folders:
            paths.add(face.path)
        else:
            first.setdefault(folder, face.path)
            number[folder] += 1
    paths |= {first[folder] for folder in first if number[folder] == 1}
    whole = sorted(folder for folder in first if number[folder] > 1)
    return [
        *(Exclusion(path, "image_missing", "its list names it, but it is not on disk") for path in sorted(paths)),
        *(
            Exclusion(folder, "image_missing", f"none of its pictures is on disk; lists name {number[folder]} faces")
            for folder in whole
        ),
        *(Exclusion(path, "unsupported_format", detail) for path, detail in sorted(unread.items())),
    ]


class _Pictures:
    """Finds a picture by folder and name, else by their stem, since many copies changed suffixes and case.

    Attributes
    ----------
    renamed : int
        How often a picture was found by its stem alone.
    folders : set of str
        Folders, as listed, in which one was found.
    """

    def __init__(self, files: Sequence[TreeFile]) -> None:
        self.renamed, self.folders = 0, set[str]()
        self._files, self._by_path = files, Finder(files, _own)
        self.doubled = self._by_path.doubled

    @cached_property
    def _by_stem(self) -> Finder:
        def key(path: str) -> str | None:
            own = _own(path)
            return _stem(own) if own else None

        return Finder(self._files, key)

    @cached_property
    def _others(self) -> Finder:
        return Finder(self._files, lambda path: None if is_image(path) else _stem(listed_path(path) or path))

    def other(self, path: str) -> str:
        """Return the file that has a picture's folder and stem, but no picture's suffix; empty if there is none."""
        place = self._others.find(_stem(listed_path(path) or path))
        return self._files[place].name if place >= 0 else ""

    def find(self, path: str) -> int:
        """Return the place of a picture from its path in a list, -1 if there is none."""
        own = listed_path(path) or path
        place = self._by_path.find(own)
        if place < 0:
            place = self._by_stem.find(_stem(own))
            self.renamed += place >= 0
        if place >= 0:
            self.folders.add(path.rpartition("/")[0])
        return place


def _own(path: str) -> str | None:
    """Return how a list names a picture of the tree; None if the file is none."""
    return listed_path(path) if is_image(path) else None


def _stem(path: str) -> str:
    """Return a path without suffix, in lower case."""
    return path.rpartition(".")[0].lower()
