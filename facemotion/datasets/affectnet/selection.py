"""AffectNet in its three releases: csv lists with boxes (A), npy items (B) and json items (C).

The paper draws about 3,504 faces of each of seven classes (contempt in, neutral out; our ``basic7``) from the training
list, 24,530 in all, and divides them 9 to 1; it did not publish which. That is the default here, drawn with a seed; the
authors' own lists of file names can be given with ``ids``. ``protocol=official`` takes the dataset's own split.
"""

import re
from collections import Counter
from collections.abc import Mapping

from facemotion.datasets.affectnet import items, lists, paths, pictures, protocols
from facemotion.datasets.affectnet.faces import AnnotatedFaces, Counts
from facemotion.datasets.affectnet.info import CODES, INFO, PUBLISHED
from facemotion.datasets.affectnet.lists import FaceList
from facemotion.datasets.affectnet.options import Options
from facemotion.errors import ConfigError, DataError
from facemotion.expressions import label_space
from facemotion.ingestion import lookalikes, names
from facemotion.ingestion.findings import Exclusion, Findings
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree
from facemotion.options import changed, flag
from facemotion.progress import Progress, silent

__all__ = ["ingest"]

_OTHER: Mapping[float, str] = {8: "none", 9: "uncertain", 10: "no-face"}
_INSIDE = " AND ".join(f"ABS({side}) < 1e6" for side in ("x", "y", "width", "height"))
_BAD_BOX = f"NOT COALESCE(width > 0 AND height > 0 AND x + width > 0 AND y + height > 0 AND {_INSIDE}, FALSE)"
_PICTURE = re.compile(r".+\.(jpe?g|png|bmp|tiff?)", re.IGNORECASE)


def ingest(tree: Tree, options: Options, *, progress: Progress = silent) -> Ingest:
    """Select faces of AffectNet.

    Parameters
    ----------
    tree : Tree
        Any folder that holds one release.
    options : Options
        The label space, and which faces.
    progress : Progress
        Shows the reading of lists or items.

    Returns
    -------
    Ingest
        Rows named ``0689_<hash>`` (release A) or ``train_12`` (B, C); several faces of one file get ``+1``, ``+2``.
        The subject is the file: AffectNet names no people. ``region`` is the box where the release has one.

    Raises
    ------
    ConfigError
        If options contradict each other.
    DataError
        If the tree is a look-alike, or no release of AffectNet.
    """
    _refuse_unused(options)
    classes = label_space(options.label_space)
    tree, odd = names.set_aside(tree, _PICTURE.fullmatch)
    found, unread = lists.find_lists(tree)
    odd += unread
    findings = Findings(exclusions=list(odd))
    beside = ""
    if found:
        needed = {"train"} if options.protocol == "paper" and options.ids is None else {"train", "val"}
        _refuse_lost(tree, unread, needed - {each.part for each in found})
        release, layout = "A (csv)", f": {', '.join(each.file.path for each in found)}"
        faces = _listed_faces(tree, found, needed, findings, progress)
        beside = _beside(tree)
        findings.note(*filter(None, [beside]))
    else:
        release, layout = _item_release(tree), ""
        faces = _items(tree, findings, progress, names.remark(odd))
    counts = faces.counts()
    _check_counts(counts, release, findings)
    _drop_unusable(faces, counts, classes, findings, boxed=bool(found))
    if not len(faces):
        number = len(findings.exclusions)
        why = f"there are {number} exclusions" if number else "its lists name no face"
        why += "".join(f", the first, {item.item}, because {item.detail}" for item in findings.exclusions[:1])
        why += f"; {beside}" if beside else ""
        raise DataError(f"{tree.root}: no face of {', '.join(classes)} is left; {why}")
    try:
        if options.ids is not None:
            findings.note(*protocols.keep_listed(faces, [each.opened("--ids") for each in options.ids]))
        elif options.protocol == "paper":
            protocols.draw(faces, classes, number=options.faces, seed=options.seed)
            findings.check("faces drawn", len(faces), options.faces)
    except DataError as error:
        raise DataError(f"{tree.root}: {error}{names.remark(odd)}") from error
    return Ingest(
        batches=faces.select(tree.files, dataset=INFO.name),
        layout=f"release {release}{layout}",
        classes=classes,
        findings=findings,
    )


def _refuse_lost(tree: Tree, unread: list[Exclusion], lost: set[str]) -> None:
    """Refuse a tree of whose lists one cannot be read that would be the only one of its part."""
    for item in unread:
        if paths.part_of(item.item.rpartition("/")[2]) in lost:
            what = f"{tree.root / item.item} is no list that can be read: {item.detail}"
            raise DataError(f"{what}; mend it, or rename it if it is none")


def _refuse_unused(options: Options) -> None:
    """Refuse options of the draw, other than their defaults, where nothing is drawn."""
    of_draw = {"faces", "seed"} | ({"protocol"} if options.ids else set())
    unused = sorted(changed(options).keys() & of_draw)
    if unused and (options.ids or options.protocol == "official"):
        instead = "--ids names the faces" if options.ids else "--protocol official takes all of them"
        raise ConfigError(f"{flag(Options, unused[0])} has no effect, since {instead}; leave out one of the two")


def _item_release(tree: Tree) -> str:
    """Return whether the annotations beside pictures are release B's or C's; B if there are none."""
    shown: dict[str, str] = {}
    for file in tree.files:
        if paths.annotation_key(file.path):
            shown.setdefault(file.path.rpartition(".")[2].lower(), file.path)
    if len(shown) > 1:
        both = f"{shown['npy']} is an item of release B and {shown['json']} of release C"
        raise DataError(f"{tree.root}: {both}; they number other pictures, so give the folder of one of them")
    return "C (json)" if "json" in shown else "B (npy)"


def _items(tree: Tree, findings: Findings, progress: Progress, remark: str) -> AnnotatedFaces:
    """Return the annotated faces of release B or C whose picture is there."""
    before = len(findings.exclusions)
    faces = items.read_items(tree, findings, progress=progress)
    if not len(faces) and len(findings.exclusions) == before:
        sentence = lookalikes.recognise(tree.files) or (
            "this is no release of AffectNet: there is no list such as training.csv (release A) and no annotations "
            "folder with 12_exp.npy (B) or 12.json (C); give the folder that holds pictures and annotations"
        )
        raise DataError(f"{tree.root}: {sentence}{remark}")
    if lost := faces.drop("part = ''"):
        detail = f"{lost} faces lie in no folder that says train or val; give the folder above train_set"
        findings.exclude("no part", "no_part", detail)
    return faces


def _listed_faces(
    tree: Tree, found: list[FaceList], needed: set[str], findings: Findings, progress: Progress
) -> AnnotatedFaces:
    """Return the annotated faces of release A whose picture is there."""
    faces = pictures.read_lists(tree, found, findings, needed=needed, progress=progress)
    for path, codes in faces.contradictions():
        detail = f"its lists call the same face {' and '.join(map(_called, codes))}"
        findings.exclude(path, "labels_disagree", detail)
    faces.drop_contradictions()
    return faces


def _beside(tree: Tree) -> str:
    """Return a note on items of release B or C beside the lists of release A; empty if there are none."""
    other = next((file.path for file in tree.files if paths.annotation_key(file.path)), "")
    return f"{other} and the like, of release B or C, were not read: the lists of release A were used" * bool(other)


def _called(code: float) -> str:
    return next((name for own, name in CODES.items() if own == code), _OTHER.get(code, f"code {code:g}"))


def _check_counts(counts: Counts, release: str, findings: Findings) -> None:
    for part, published in PUBLISHED[release].items():
        if any(place == part for place, _ in counts):
            for code, name in CODES.items():
                findings.check(f"{part}, {name}", counts[part, code], published[name])


def _drop_unusable(
    faces: AnnotatedFaces, counts: Counts, classes: tuple[str, ...], findings: Findings, *, boxed: bool
) -> None:
    """Keep faces of the label space and, where the release has them, with a box; tell why others were dropped."""
    found: Counter[float] = Counter()
    unread = 0
    for (_, code), number in counts.items():
        if code is None:
            unread += number
        else:
            found[code] += number
    for code, number in sorted(found.items()):
        if code not in CODES:
            detail = f"{number} faces are labelled {_OTHER.get(code, 'unknown')}"
            findings.exclude(f"code {code:g}", "not_an_expression", detail)
    if unread:
        detail = f"{unread} faces have no expression code that can be read"
        findings.exclude("no code", "not_an_expression", detail)
    others = {name: found[code] for code, name in CODES.items() if name not in classes}
    for name, number in sorted(others.items()):
        if number:
            findings.exclude(name, "outside_label_space", f"{number} faces of {name} are not in the label space")
    wanted = ", ".join(str(code) for code, name in CODES.items() if name in classes)
    faces.drop(f"code IS NULL OR code NOT IN ({wanted})")
    for face in faces.where(_BAD_BOX) if boxed else ():
        detail = f"its box is {face.x:g}, {face.y:g}, {face.width:g} x {face.height:g}"
        findings.exclude(face.path, "bad_box", detail)
    if boxed:
        faces.drop(_BAD_BOX)
