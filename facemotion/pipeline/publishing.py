"""What facemotion publishes about datasets: the content of the folder ``data_manifests/``.

A folder a dataset: ``croissant.json`` describes it, ``facts.json`` has the published counts and digests. The demo,
whose labels are nobody's, has its whole manifest and folds too, of a small rendering.
"""

import tempfile
from pathlib import Path
from typing import Any

from facemotion import datasets
from facemotion.config import DemoSettings, FoldSettings
from facemotion.folds import Folds, deal
from facemotion.ingestion.dataset import DatasetInfo
from facemotion.ingestion.facts import Facts
from facemotion.ingestion.verify import list_digest
from facemotion.pipeline.context import Context
from facemotion.pipeline.folding import folds
from facemotion.pipeline.manifests import export_manifest
from facemotion.sharing import croissant
from facemotion.workspace import Workspace, digest_file, write_json, write_text

__all__ = ["DEMO", "as_facts", "write_all"]

DEMO = DemoSettings(subjects=4, frames=4, size=(96, 96), seed=0)
"""The worked example: small pictures, since none of them is published and its manifest does not depend on them."""
_DEMO_FOLDS = FoldSettings(folds=2)
_FOLDS = 10
_KINDS = {"manifest.csv": "text/csv", "folds.json": "application/json"}
_RULE = "SHA-256 of the list's lines, sorted, each ended by a newline"


def write_all(out: Path) -> None:
    """Write all descriptions, the same bytes each time.

    Parameters
    ----------
    out : Path
        The folder ``data_manifests``; other files in it are left alone.
    """
    for name in datasets.names():
        info, known = datasets.load(name).info, datasets.load(name).facts
        if not known.selection:
            continue  # nothing is published about whatever lies in a folder
        content, files = as_facts(info, known), {}
        if name == "demo":
            content |= _example(out / name)
            files = {file: (kind, digest_file(out / name / file)) for file, kind in _KINDS.items()}
        write_json(out / name / "facts.json", content)
        write_json(out / name / "croissant.json", croissant.describe(info, known, files=files))


def as_facts(info: DatasetInfo, known: Facts) -> dict[str, Any]:
    """Return the content of ``facts.json``: what is published about a dataset, without names of what was selected."""
    content: dict[str, Any] = {
        "dataset": info.name,
        "title": info.title,
        "licence": info.licence,
        "access": info.access,
        "url": known.url,
        "citation": known.citation,
        "labels": {
            "given_under_agreement": known.gated,
            "stated_by_names_of_files": known.labels_in_names,
        },
        "classes": list(info.classes),
        "selection": known.selection,
        "subjects": known.subjects,
        "sequences": _with_total(info.sequences),
        "images": _with_total(info.images),
        "release": dict(known.release),
        "annotated_faces": {name: dict(counts) for name, counts in known.annotated.items()},
        "list_digests": {**info.digests, **known.digests},
        "list_digest_rule": _RULE if info.digests or known.digests or known.subject_names else None,
        "folds": _folds(known, sum(info.images.values())),
        "unverified": list(known.unverified),
    }
    return {name: value for name, value in content.items() if value not in (None, {}, [], "")}


def _with_total(counts: Any) -> dict[str, int]:
    return {**counts, "all": sum(counts.values())} if counts else {}


def _folds(known: Facts, images: int) -> dict[str, Any]:
    """Return sizes of the ten folds; digests of their subjects where the names of all are known."""
    if not known.test_images and not known.subject_names:
        return {}
    names = known.subject_names or tuple(f"{number:04d}" for number in range(known.subjects or 0))
    dealt = deal(names, _FOLDS)
    content: dict[str, Any] = {"scheme": "fmpn", "folds": _FOLDS, "test_subjects": [len(fold) for fold in dealt]}
    if known.test_images:
        content["test_images"] = list(known.test_images)
        content["published_by"] = "the authors of FMPN, as lists of test images"
    else:
        content["test_images"] = [images * len(fold) // len(names) for fold in dealt]
        content["published_by"] = "nobody: this is what the rule gives for all subjects and sequences"
    if known.subject_names:
        content["test_subjects_digests"] = [list_digest(fold) for fold in dealt]
    return content


def _example(folder: Path) -> dict[str, Any]:
    """Render the small demo elsewhere, write its manifest and folds into `folder`, and return facts about it."""
    from facemotion.demo import render_ckplus

    with tempfile.TemporaryDirectory() as place:
        work, root = Workspace(Path(place) / "work"), Path(place) / "frames"
        context = Context(workspace=work, workers=1, say=lambda line: None)
        render_ckplus(root, DEMO, workers=1, clean=True)
        path = folds(context, "demo", root=root, settings=_DEMO_FOLDS)
        shared = export_manifest(context, "demo", folder / "manifest.csv", root=root)
        write_text(folder / "folds.json", path.read_text(encoding="utf-8"))
        dealt = Folds.read(path)
    rows = shared.rows[shared.rows["role"] == "expressive"]
    return {
        "rendering": DEMO.as_json(),
        "subjects": int(shared.rows["subject"].nunique()),
        "sequences": _with_total(_counted(rows.drop_duplicates("sequence"))),
        "images": _with_total(_counted(rows)),
        "manifest_digest": shared.header["manifest_digest"],
        "folds": {
            "scheme": dealt.scheme,
            "folds": len(dealt),
            "test_subjects": [len(fold.subjects) for fold in dealt.folds],
            "test_images": [len(fold.test_samples) for fold in dealt.folds],
            "folds_digest": dealt.digest,
        },
    }


def _counted(rows: Any) -> dict[str, int]:
    return {str(name): int(number) for name, number in rows["expression"].value_counts().sort_index().items()}
