"""The stages of one dataset beside alignment: render (the demo only), ingest, folds."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from facemotion import config, datasets, manifest, roots
from facemotion.config import DemoSettings, FoldSettings
from facemotion.errors import ConfigError
from facemotion.ingestion import verify
from facemotion.ingestion.result import IngestModule
from facemotion.ingestion.tree import Tree
from facemotion.pipeline.context import Context, current, header_of
from facemotion.workspace import Workspace, digest_file, provenance, read_json, write_json

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
    module = datasets.load(dataset)
    folder = context.workspace.dataset(dataset)
    path = folder / "manifest.parquet"
    found, where = roots.configured_root(dataset, root)
    if found is None and dataset == "demo":
        found = demo_root(context.workspace) if demo_root(context.workspace).is_dir() else render(context.needed())
    if found is None:
        if path.is_file() and not named:
            return None
        raise ConfigError(f"no root for {dataset}: give the folder that holds {module.INFO.title} with {where}")
    tree = Tree.read(found, module.INFO.title)
    given = dict(options or {})
    done = header_of(path)
    settings = _digested(module, given) if named else done.get("settings", {})
    header = provenance("ingest", settings=settings, inputs={"tree": tree.digest})
    if not context.force and current(done, header, named=named) and (folder / "ingest.json").is_file():
        if named:
            context.say(f"{dataset}: ingest is up to date ({path})")
        return found
    if not named:
        lost = [name for name in getattr(module, "FILE_OPTIONS", ()) if name in settings]
        if lost:
            message = (
                f"{dataset} must be ingested again and was selected with --{lost[0]}: run `facemotion ingest` with it"
            )
            raise ConfigError(message)
        given = settings
    result = module.ingest(tree, given, progress=context.progress)
    with context.workspace.lock(folder):
        summary = manifest.write_batches(path, result.batches, header=header)
        content = verify.as_json(result, summary, module.INFO)
        write_json(folder / "ingest.json", {"provenance": header, **content})
    context.say(verify.as_text(content))
    return found


def _digested(module: IngestModule, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options as the header keeps them: of files, the digests of their content."""
    kept = dict(options)
    for name in getattr(module, "FILE_OPTIONS", ()):
        if name in kept:
            paths = [Path(path) for path in ([kept[name]] if isinstance(kept[name], str) else kept[name])]
            for path in paths:
                if not path.is_file():
                    what = "is a folder; a file is needed" if path.is_dir() else "does not exist"
                    raise ConfigError(f"--{name.replace('_', '-')}: {path} {what}")
            kept[name] = [digest_file(path) for path in paths]
    return kept


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
    from facemotion.folds import build_folds

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
    dealt = build_folds(rows, settings)
    with context.workspace.lock(folder):
        write_json(path, dealt.as_json(header))
    sizes = ", ".join(str(len(fold.test_samples)) for fold in dealt.folds)
    context.say(f"{dataset}: {len(dealt)} folds ({settings.scheme}), test images {sizes}")
    return path
