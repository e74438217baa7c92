"""The stages of one dataset beside alignment: render (the demo only), ingest, folds."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from facemotion import config, datasets, manifest, roots
from facemotion.config import DemoSettings, FoldSettings, Settings
from facemotion.errors import ConfigError
from facemotion.ingestion import verify
from facemotion.ingestion.dataset import Dataset
from facemotion.pipeline.context import Context, current, header_of
from facemotion.workspace import Workspace, provenance, read_json, write_json

__all__ = ["demo_root", "folds", "ingest", "render"]


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
        render_ckplus(root, settings, workers=context.workers, clean=True, progress=context.progress)
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
    source = datasets.load(dataset)
    folder = context.workspace.dataset(dataset)
    path = folder / "manifest.parquet"
    found, where = roots.configured_root(dataset, root)
    if found is None and dataset == "demo":
        found = demo_root(context.workspace) if demo_root(context.workspace).is_dir() else render(context.needed())
    if found is None:
        if path.is_file() and not named:
            return None
        raise ConfigError(f"no root for {dataset}: give the folder that holds {source.info.title} with {where}")
    tree = source.tree(found, memory=folder / ".tree.json")
    done = header_of(path)
    chosen = source.choose((options or {}) if named else done.get("settings", {}))
    same = not named or _kept(source, done.get("settings", {})) == chosen
    header = provenance("ingest", settings=chosen.as_json(), inputs={"tree": tree.digest})
    if not context.force and same and current(done, header, named=False) and (folder / "ingest.json").is_file():
        if named:
            context.say(f"{dataset}: ingest is up to date ({path})")
        return found
    result = source.ingest(tree, chosen, progress=context.progress)
    with context.workspace.lock(folder):
        summary = manifest.write_batches(path, result.batches, header=header)
        content = verify.as_json(result, summary, source.info)
        write_json(folder / "ingest.json", {"provenance": header, **content})
    context.say(verify.as_text(content))
    return found


def _kept(source: Dataset, settings: Mapping[str, Any]) -> Settings | None:
    """Return the options that an earlier ingest was made with; None if they are none of this version."""
    try:
        return source.choose(settings)
    except ConfigError:
        return None


def folds(
    context: Context,
    dataset: str,
    *,
    root: Path | None = None,
    settings: FoldSettings | None = None,
    named: bool = True,
) -> Path:
    """Bring ``folds.json`` up to date; return its path.

    Parameters
    ----------
    context, dataset, root, named
        As for `ingest`.
    settings : FoldSettings, optional
        Defaults where the stage is named and nothing is given.
    """
    from facemotion import folds as scheme

    ingest(context.needed(), dataset, root=root, named=False)
    folder = context.workspace.dataset(dataset)
    path = folder / "folds.json"
    rows, above = manifest.read(folder / "manifest.parquet")
    done = header_of(path)
    if settings is None:
        kept = done.get("settings") if not named else None
        settings = FoldSettings.model_validate(kept) if kept else FoldSettings()
    header = provenance(
        "folds", settings=settings.as_json(), inputs={"manifest": above["manifest_digest"]}, seed=settings.seed
    )
    if not context.force and current(done, header, named=named):
        if named:
            context.say(f"{dataset}: folds are up to date ({path})")
        return path
    content = scheme.build_folds(rows, settings, header=header)
    with context.workspace.lock(folder):
        write_json(path, content)
    sizes = ", ".join(str(len(fold["test_samples"])) for fold in content["folds"])
    context.say(f"{dataset}: {len(content['folds'])} folds ({settings.scheme}), test images {sizes}")
    return path
