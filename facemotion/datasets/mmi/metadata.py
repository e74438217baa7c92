"""What MMI's XML says of a clip, and what is believed where it says nothing.

Root elements, namespaces and encodings of MMI's XML are not documented, so elements are found by their local name
anywhere in a file, and bytes are left to the parser. Entities and document types are refused.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath, PureWindowsPath

from facemotion import expressions
from facemotion.datasets.mmi.info import CLASSES, CODES
from facemotion.datasets.mmi.recording import Recording
from facemotion.datasets.mmi.sessions import Clip, Copy, clip_name, sequence_name
from facemotion.ingestion.findings import Findings
from facemotion.ingestion.tree import Tree

__all__ = ["read_emotion", "read_view", "recording"]

_MOST_XML = 1 << 20


def recording(tree: Tree, clip: Clip, labels: Mapping[str, str], findings: Findings) -> Recording | None:
    """Return a clip with its label and view; None, and tell why, if it has no label.

    A table's label comes first, then the metadata beside the best copy that has any, then the name of a folder.

    Parameters
    ----------
    tree : Tree
        Where it lies.
    clip : Clip
        A clip with its copies.
    labels : mapping of str to str
        The table of ``--labels``: expression by sequence.
    findings : Findings
        Is told why, and what was not believed.
    """
    if clip.lookalike:
        return findings.exclude(clip.name, "other_database", f"{clip.path} is of a MAHNOB database, not of MMI")
    codes, faults = _emotions(tree, clip)
    given = labels.get(clip.name)
    if given is None and len(set(codes.values())) > 1:
        said = _contradiction({path: CODES.get(code, str(code)) for path, code in codes.items()})
        return findings.exclude(clip.name, "labels_disagree", f"{said}; name it in a table for --labels")
    code = next(iter(codes.values()), None)
    if given is None and code is None and faults:
        return findings.exclude(clip.name, "metadata_unreadable", faults[0])
    tagged = CODES.get(code or 0)
    expression = given or tagged
    if given and faults and code is None:
        findings.note(f"{faults[0]}; --labels says {given}, and was believed")
    if given and tagged and given != tagged:
        findings.note(f"{clip.path}: its Emotion is {tagged}; --labels says {given}, and was believed")
    if expression is None and code is None:
        folders = _labels_of_folders(clip)
        if len(set(folders.values())) > 1:
            said = _contradiction(folders)
            return findings.exclude(clip.name, "labels_disagree", f"{said}; name it in a table for --labels")
        expression = next(iter(folders.values()), None)
        if expression is not None:
            findings.note(f"{clip.path}: no Emotion tag; the folder's name, {expression}, was believed")
    if expression is None or expression not in CLASSES:
        detail = "no metadata file beside it has a Metatag named Emotion" if code is None else f"its Emotion is {code}"
        return findings.exclude(clip.name, "no_emotion" if code is None else "not_basic", detail)
    videos = tuple(copy.path for copy in clip.copies)
    return Recording(clip.name, expression, _view(tree, clip, findings), videos)


def _emotions(tree: Tree, clip: Clip) -> tuple[dict[str, int], list[str]]:
    """Return the codes by the copies that have one, and what was wrong with the metadata of others."""
    codes, faults = {}, []
    for copy in clip.copies:
        try:
            code = read_emotion(tree, copy)
        except ValueError as error:
            faults.append(str(error))
            continue
        if code is not None:
            codes[copy.path] = code
    return codes, faults


def _contradiction(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{path} says {label}" for path, label in labels.items())


def _view(tree: Tree, clip: Clip, findings: Findings) -> int | None:
    """Return the view that the first copy with one says; a session.xml that cannot be read costs only that."""
    faults = []
    for copy in clip.copies:
        try:
            view = read_view(tree, copy, clip.name)
        except ValueError as error:
            faults.append(str(error))
            continue
        if view is not None:
            return view
    findings.note(*(f"{clip.name}: {fault}; its view was looked for in the picture" for fault in faults[:1]))
    return None


def read_emotion(tree: Tree, copy: Copy) -> int | None:
    """Return the code in the ``Metatag`` named Emotion beside a clip; None if there is no such tag.

    Raises
    ------
    ValueError
        If the file cannot be read, or the tag holds no whole number or there are several; the message is the reason.
    """
    path = copy.metadata
    if path is None:
        return None
    values = {
        attributes.get("value", "").strip()
        for tag, attributes in _elements(tree, path)
        if tag == "metatag" and attributes.get("name", "").strip().lower() == "emotion"
    }
    if len(values) > 1:
        raise ValueError(f"{path} has several Emotions, {' and '.join(value[:40] for value in sorted(values))}")
    value = next(iter(values), None)
    if value is not None and not re.fullmatch(r"[0-9]{1,9}", value):
        raise ValueError(f"{path}: its Emotion is {value[:40]!r}, where a whole number was expected")
    return None if value is None else int(value)


def read_view(tree: Tree, copy: Copy, clip: str) -> int | None:
    """Return the session's view (0 frontal, 1 profile, 2 both), or None if nothing says it.

    Where clips were moved together, the one ``session.xml`` among them is of another session, unless it names the clip.
    Tracks that differ are the two halves of a dual view.

    Raises
    ------
    ValueError
        If the file cannot be read; the message is the reason.
    """
    path = copy.beside.get("session.xml")
    if path is None:
        return None
    alone = all(clip_name(name) in (clip, None) for name in copy.beside)
    of_clip = (clip, None) if alone else (clip,)
    views = {
        attributes.get("view", "").strip()
        for tag, attributes in _elements(tree, path)
        if tag == "track" and sequence_name(PureWindowsPath(attributes.get("filename", "")).stem) in of_clip
    }
    known = [view for view in (0, 1, 2) if str(view) in views]
    return 2 if len(known) > 1 else next(iter(known), None)


def _labels_of_folders(clip: Clip) -> dict[str, str]:
    """Return the expressions that folders above a clip's copies are named after, by the copy.

    What lies in ``Sessions`` is as it was downloaded, sorted by nobody; two letters are as likely initials.
    """
    found = {}
    for copy in clip.copies:
        folders = PurePosixPath(copy.path).parts[:-1]
        if any(part.lower() == "sessions" for part in folders):
            continue
        for part in reversed(folders):
            if len(part.strip()) > 2 and (label := expressions.named(part)):
                found[copy.path] = label
                break
    return found


def _elements(tree: Tree, path: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield local name and attributes of a file's elements, all names in lower case."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        data = (tree.root / path).read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > _MOST_XML:
        raise ValueError(f"{path} has {len(data)} bytes, too many for MMI's metadata")
    try:
        root = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise ValueError(f"{path} declares a document type or entities, which are refused") from error
    except (ParseError, ValueError, LookupError) as error:
        raise ValueError(f"{path} is no XML that can be read: {error}") from error
    for element in root.iter():
        local = str(element.tag).rpartition("}")[2].lower()
        yield local, {name.rpartition("}")[2].lower(): value for name, value in element.attrib.items()}
