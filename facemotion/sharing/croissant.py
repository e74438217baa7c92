"""A dataset described in Croissant (JSON-LD on schema.org): what it is, its terms, and the manifest's fields."""

from collections.abc import Mapping
from typing import Any

from facemotion.ingestion.dataset import DatasetInfo
from facemotion.ingestion.facts import Facts

__all__ = ["SPECIFICATION", "describe"]

SPECIFICATION = "http://mlcommons.org/croissant/1.1"
_LANGUAGE = {"@container": "@language"}
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": _LANGUAGE,
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": _LANGUAGE,
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The names that the specification's appendix asks for."""

_OURS = {"@type": "sc:Organization", "name": "The facemotion authors"}

FIELDS = {
    "sample_id": ("text", "Unique name of the row."),
    "subject": ("text", "The person; of in-the-wild pictures, the picture."),
    "sequence": ("text", "The sequence or clip that the frame is from."),
    "frame": ("whole number", "The dataset's own number of the frame; counted from 0 in videos."),
    "role": ("text", "expressive, or neutral: the subject's face at rest, used for priors."),
    "expression": ("text", "The expression. Where labels are given under an agreement, left out unless asked for."),
    "source": ("text", "File, as a path relative to the dataset's root."),
    "rotate": ("whole number", "Clockwise degrees that make the frame upright: 0, 90, 180 or 270."),
    "region": ("four numbers", "Part with the face: x, y, width, height in pixels of the upright frame; may be empty."),
    "split": ("text", "The part of the dataset's official division, or empty."),
    "fold": ("whole number", "The person-independent fold in which the subject is tested, once folds are dealt."),
    "sha256": ("text", "SHA-256 of the source file, once it is aligned."),
}
"""Kind and description of each field of a shared manifest."""


def describe(info: DatasetInfo, known: Facts, *, files: Mapping[str, tuple[str, str]] | None = None) -> dict[str, Any]:
    """Return a dataset's description as JSON-LD.

    Parameters
    ----------
    info : DatasetInfo
        The dataset.
    known : Facts
        What is published about it.
    files : mapping of str to (str, str), optional
        Files that lie beside the description and may be shared: media type and SHA-256, by name.

    Returns
    -------
    dict
        JSON values. There is no distribution of pictures; without `files` there is none at all.
    """
    content: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "@id": info.name,
        "name": info.title,
        "description": (
            f"{info.title}, as facemotion selects from it. {known.selection} "
            "This is a description: no pictures come with it. "
            f"Access: {info.access}"
        ),
        "conformsTo": SPECIFICATION,
        "license": info.licence,
        "url": known.url or None,
        "citeAs": known.citation or None,
        "creator": [{"@type": "sc:Person", "name": name} for name in known.creators] or _OURS,
        "datePublished": known.year or None,
        "keywords": ["facial expression", *info.classes],
        "isLiveDataset": False,
        "sdLicense": "https://www.apache.org/licenses/LICENSE-2.0",
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": name,
                "name": name,
                "contentUrl": name,
                "encodingFormat": kind,
                "sha256": digest,
            }
            for name, (kind, digest) in (files or {}).items()
        ]
        or None,
        "recordSet": [_expressions(info, known), _manifest_fields()],
    }
    return {name: value for name, value in content.items() if value is not None}


def _expressions(info: DatasetInfo, known: Facts) -> dict[str, Any]:
    """Return the classes in order, with the counts that are published."""
    counts = {"sequences": info.sequences, "images": info.images, "annotated": known.annotated.get("training", {})}
    counts = {name: numbers for name, numbers in counts.items() if numbers}
    rows = [
        {"name": name, "index": index, **{kind: numbers[name] for kind, numbers in counts.items()}}
        for index, name in enumerate(info.classes)
    ]
    texts = {
        "name": "The expression.",
        "index": "Its place in the order.",
        "sequences": "Published number of sequences.",
        "images": "Published number of selected images.",
        "annotated": "Published number of faces in the training list, before the selection.",
    }
    text = f"The classes in order (label space {info.label_space})."
    return _inline("expressions", text, {name: texts[name] for name in rows[0]}, rows)


def _manifest_fields() -> dict[str, Any]:
    """Return what the fields of a manifest mean; the rows themselves are nobody's to publish here."""
    rows = [{"name": name, "kind": kind, "meaning": text} for name, (kind, text) in FIELDS.items()]
    text = "The fields of a manifest that `facemotion manifest export` writes of one's own copy, a row a frame."
    return _inline("manifest_fields", text, {"name": "Field.", "kind": "Its values.", "meaning": "What it says."}, rows)


def _inline(name: str, text: str, columns: Mapping[str, str], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a record set that holds its rows; the first column is its key."""
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": text,
        "key": {"@id": f"{name}/{next(iter(columns))}"},
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/{column}",
                "name": column,
                "description": meaning,
                "dataType": "sc:Integer" if isinstance(rows[0][column], int) else "sc:Text",
            }
            for column, meaning in columns.items()
        ],
        "data": [{f"{name}/{column}": value for column, value in row.items()} for row in rows],
    }
