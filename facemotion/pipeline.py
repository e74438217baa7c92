"""The stages in order: what each reads, writes, and when it is up to date.

Each stage first brings the stages before it up to date, then compares the provenance header of its artefact with the
one that it would write now. A stage that the user named runs with the settings given; a stage that is only needed
keeps the settings that its artefact was made with.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from facemotion import config, datasets, manifest
from facemotion.config import AlignSettings, DemoSettings, FoldSettings, PriorSettings
from facemotion.errors import ConfigError, DataError, FacemotionError, PriorError, WorkspaceError
from facemotion.ingestion import verify
from facemotion.ingestion.tree import Tree
from facemotion.progress import Progress, silent
from facemotion.workspace import Workspace, digest_file, provenance, read_json, write_json

__all__ = ["Context", "align", "build_priors", "demo_root", "folds", "ingest", "render"]


@dataclass(frozen=True)
class Context:
    """What every stage needs to know of the run that it is part of.

    Attributes
    ----------
    workspace : Workspace
        Where artefacts live.
    workers : int
        Processes for rendering and alignment; the bytes do not depend on it.
    force : bool
        Do the named stage again even if it is up to date.
    progress : Progress
        Shows long work.
    say : callable
        Takes a line of text for the user.
    """

    workspace: Workspace
    workers: int = os.cpu_count() or 1
    force: bool = False
    progress: Progress = silent
    say: Callable[[str], None] = print

    def needed(self) -> "Context":
        """Return the context for a stage that is needed, not named: without `force`."""
        return replace(self, force=False)


def _current(found: Mapping[str, Any], wanted: Mapping[str, Any], *, named: bool) -> bool:
    """Tell whether an artefact with header `found` is what `wanted` would make; settings count if named."""
    keys = ("schema_version", "stage", "inputs", *(("settings", "seed") if named else ()))
    return all(found.get(key) == wanted.get(key) for key in keys)


def _header(path: Path) -> dict[str, Any]:
    """Return the header of a parquet or JSON artefact; empty if there is none that can be read."""
    try:
        if path.suffix == ".parquet":
            return manifest.read_table(path)[1]
        return read_json(path).get("provenance", {})
    except FacemotionError:
        return {}


def demo_root(workspace: Workspace) -> Path:
    """Return the folder in which the demo's frames are rendered."""
    return workspace.dataset("demo") / "frames"


def render(context: Context, settings: DemoSettings | None = None) -> Path:
    """Render the demo's frames, if they are not there; return their root.

    Parameters
    ----------
    context : Context
        The run.
    settings : DemoSettings, optional
        None keeps whatever is there, and renders the defaults where nothing is.
    """
    root = demo_root(context.workspace)
    found = read_json(root / "demo.json")["settings"] if (root / "demo.json").is_file() else None
    if found is not None and not context.force and settings in (None, config.make(DemoSettings, found)):
        context.say("demo: frames are up to date")
        return root
    from facemotion.demo import render_ckplus

    settings = settings or DemoSettings()
    with context.workspace.lock(context.workspace.dataset("demo")):
        render_ckplus(root, settings, workers=context.workers, progress=context.progress)
    context.say(f"demo: rendered {settings.subjects} synthetic subjects in {root}")
    return root


def ingest(
    context: Context,
    dataset: str,
    *,
    root: Path | None = None,
    options: Mapping[str, Any] | None = None,
    named: bool = True,
) -> Path | None:
    """Bring ``manifest.parquet`` and ``ingest.json`` up to date.

    Parameters
    ----------
    context : Context
        The run.
    dataset : str
        A dataset's name.
    root : Path, optional
        What the user gave with ``--root``.
    options : mapping, optional
        The dataset's own options.
    named : bool
        Whether the user named this stage; see the module.

    Returns
    -------
    Path or None
        The dataset's root; None if it is not known and an earlier manifest is used as it is.

    Raises
    ------
    ConfigError
        If the dataset is unknown, or no root is configured and there is no earlier manifest.
    DataError
        If the tree is not that dataset.
    """
    module = datasets.load(dataset)
    folder = context.workspace.dataset(dataset)
    path = folder / "manifest.parquet"
    found, where = config.configured_root(dataset, root)
    if found is None and dataset == "demo":
        found = demo_root(context.workspace) if demo_root(context.workspace).is_dir() else render(context.needed())
    if found is None:
        if path.is_file() and not named:
            return None
        raise ConfigError(f"no root for {dataset}: give the folder that holds {module.INFO.title} with {where}")
    tree = Tree.read(found, module.INFO.title)
    settings = dict(options or {}) if named else _header(path).get("settings", {})
    header = provenance("ingest", settings=settings, inputs={"tree": tree.digest})
    if not context.force and _current(_header(path), header, named=named) and (folder / "ingest.json").is_file():
        if named:
            context.say(f"{dataset}: ingest is up to date ({path})")
        return found
    result = module.ingest(tree, settings)
    with context.workspace.lock(folder):
        manifest.write(path, result.manifest, header=header)
        content = verify.as_json(result, module.INFO)
        write_json(folder / "ingest.json", {"provenance": header, **content})
    context.say(verify.as_text(content))
    return found


def align(
    context: Context,
    dataset: str,
    *,
    root: Path | None = None,
    settings: AlignSettings | None = None,
    table: Path | None = None,
    named: bool = True,
) -> dict[str, int]:
    """Bring ``faces.parquet``, ``aligned/``, ``crops/`` and the contact sheet up to date.

    Parameters
    ----------
    context, dataset, root, named
        As for `ingest`.
    settings : AlignSettings, optional
        Defaults where the stage is named and nothing is given.
    table : Path, optional
        The landmark table for the source ``precomputed``.

    Returns
    -------
    dict
        Number of rows by status.

    Raises
    ------
    FacemotionError
        If a setting is wrong, the root is not known, or the workspace cannot be written.
    """
    from facemotion.alignment import stage

    used = ingest(context.needed(), dataset, root=root, named=False)
    folder = context.workspace.dataset(dataset)
    path = folder / "faces.parquet"
    rows, above = manifest.read(folder / "manifest.parquet")
    inputs = {"manifest": above["manifest_digest"], **above["inputs"]}
    if settings is None:
        kept = _header(path).get("settings") if not named else None
        settings = AlignSettings.model_validate(kept) if kept else AlignSettings()
    header = provenance("align", settings=settings.as_json(), inputs=inputs)
    if not context.force and _current(_header(path), header, named=named):
        counts = manifest.read_table(path)[0]["status"].value_counts().to_dict()
        if named:
            context.say(f"{dataset}: align is up to date ({path})")
        return {str(status): int(number) for status, number in counts.items()}
    if used is None:
        message = f"no root for {dataset}: its frames must be read; give the folder with --root"
        raise ConfigError(message)
    with context.workspace.lock(folder):
        counts = stage.align(
            rows,
            used,
            folder,
            settings,
            table=table,
            header=header,
            workers=context.workers,
            progress=context.progress,
            force=context.force,
        )
    number = sum(counts.values())
    context.say(f"{dataset}: aligned {counts.get('ok', 0)} of {number} frames ({folder / 'contact-sheet.png'})")
    for status, count in sorted(counts.items()):
        if status != "ok":
            context.say(f"  {status}: {count} (see the column message of {path})")
    return counts


def folds(context: Context, dataset: str, *, settings: FoldSettings | None = None, named: bool = True) -> Path:
    """Bring ``folds.json`` up to date; return its path.

    Parameters
    ----------
    context, dataset, named
        As for `ingest`.
    settings : FoldSettings, optional
        Defaults where the stage is named and nothing is given.
    """
    from facemotion import folds as scheme

    ingest(context.needed(), dataset, named=False)
    folder = context.workspace.dataset(dataset)
    path = folder / "folds.json"
    rows, above = manifest.read(folder / "manifest.parquet")
    if settings is None:
        kept = _header(path).get("settings") if not named else None
        settings = FoldSettings.model_validate(kept) if kept else FoldSettings()
    header = provenance(
        "folds", settings=settings.as_json(), inputs={"manifest": above["manifest_digest"]}, seed=settings.seed
    )
    if not context.force and _current(_header(path), header, named=named):
        if named:
            context.say(f"{dataset}: folds are up to date ({path})")
        return path
    content = scheme.build_folds(rows, settings, header=header)
    with context.workspace.lock(folder):
        write_json(path, content)
    sizes = ", ".join(str(len(fold["test_samples"])) for fold in content["folds"])
    context.say(f"{dataset}: {len(content['folds'])} folds ({settings.scheme}), test images {sizes}")
    return path


def build_priors(
    context: Context,
    source: str,
    *,
    root: Path | None = None,
    settings: PriorSettings | None = None,
    output: Path | None = None,
) -> Path:
    """Build the prior bank of a dataset; draw it beside; return its path.

    Parameters
    ----------
    context, root
        As for `ingest`.
    source : str
        The dataset; it needs neutral faces.
    settings : PriorSettings, optional
        The paper's by default.
    output : Path, optional
        Where to write the bank; ``SOURCE.npz`` in the current folder by default. The picture is beside it.

    Raises
    ------
    PriorError
        If the dataset has no neutral faces.
    """
    from facemotion.alignment import store
    from facemotion.alignment.geometry import alignment_id
    from facemotion.priors import figure, motion
    from facemotion.priors.bank import PriorBank

    module = datasets.load(source)
    if not module.INFO.has_neutral:
        message = (
            f"{source} has no neutral faces, so no prior can be built from it; build one from ckplus, mmi, oulu-casia "
            f"or demo and train with --dataset {source}"
        )
        raise PriorError(message)
    output = output or Path(f"{source}.npz")
    if output.suffix != ".npz":
        raise ConfigError(f"a prior bank is a .npz file, not {output.name!r}: give -o {output.stem}.npz")
    align(context.needed(), source, root=root, named=False)
    fold_path = folds(context.needed(), source, named=False)
    folder = context.workspace.dataset(source)
    settings = settings or PriorSettings()
    rows, above = manifest.read(folder / "manifest.parquet")
    faces, aligned = manifest.read_table(folder / "faces.parquet")
    inputs = {
        "manifest": above["manifest_digest"],
        "faces": digest_file(folder / "faces.parquet"),
        "folds": digest_file(fold_path),
    }
    header = provenance("priors", settings=settings.as_json(), inputs=inputs)
