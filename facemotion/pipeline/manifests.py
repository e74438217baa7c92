"""Manifests for others: written from one's own ingest, and verified against it, its files being hashed."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from facemotion import datasets, options, roots
from facemotion.config import Settings
from facemotion.errors import ConfigError
from facemotion.pipeline.context import Context
from facemotion.pipeline.ingestion import Ingest, ingest
from facemotion.places import Selection
from facemotion.progress import Progress
from facemotion.sharing.compare import Comparison, compare
from facemotion.sharing.export import own_folds, own_hashes, share
from facemotion.sharing.reading import read_shared
from facemotion.sharing.settings import read_settings
from facemotion.sharing.table import Shared, checked_suffix, plain, write_shared
from facemotion.synthetic import SYNTHETIC, is_synthetic, named
from facemotion.workspace import Workspace, digest_file

__all__ = ["export_manifest", "verify_manifest"]


def export_manifest(
    context: Context, dataset: str, output: Path, *, root: Path | None = None, with_labels: bool = False
) -> Shared:
    """Write a dataset's manifest for others; it is ingested first where that is needed.

    Parameters
    ----------
    context : Context
        The run.
    dataset : str
        A dataset's name.
    output : Path
        A file that ends in ``.csv``, ``.jsonl`` or ``.parquet``.
    root : Path, optional
        What the user gave with ``--root``.
    with_labels : bool
        Include the expressions of a gated dataset, and the face boxes of its annotations.

    Returns
    -------
    Shared
        What was written; with `Context.dry`, what would be as far as nothing has to be made first.

    Raises
    ------
    ConfigError
        If the suffix is not one of these, or names or the label map would give gated labels away.
    DataError
        If ``folds.json`` or ``faces.parquet`` are of another manifest.
    """
    checked_suffix(output)
    ingest(context.needed(), dataset, root=root)
    if context.memory.planned:
        context.plan(dataset, "manifest export", "ingest would run before it", output)
        return Shared({}, pd.DataFrame())
    shared = share(context.workspace.dataset(dataset), dataset, with_labels=with_labels)
    if context.dry:
        context.plan(dataset, "manifest export", "it is always written anew", output)
        return shared
    write_shared(output, shared)
    context.say(_exported(shared, output))
    return shared


def verify_manifest(
    context: Context, path: Path, dataset: str | None = None, *, root: Path | None = None
) -> Comparison:
    """Compare a shared manifest with one's own ingest of the dataset, which is brought up to date first.

    Where nothing is ingested yet, the settings are those of the shared file. An ingest of another tree than `root`
    stays as it is: that tree is ingested aside.

    Parameters
    ----------
    context : Context
        The run.
    path : Path
        A file from `export_manifest`.
    dataset : str, optional
        The dataset; by default the one that the file names.
    root : Path, optional
        What the user gave with ``--root``. Checksums are taken of the files in it, or in the configured root; where
        neither is known, those of the last align are compared.

    Returns
    -------
    Comparison
        What agrees and what does not; with `Context.dry`, of nothing.

    Raises
    ------
    ManifestError
        If the file is not a shared manifest.
    ConfigError
        If it is of another dataset, or that has no root; or nothing is ingested, and the shared file's settings are
        none of that dataset or name files, of which it holds the digests only.
    DataError
        If one's own folds or faces are of another manifest.
    """
    shared = read_shared(path)
    name = shared.header["dataset"]
    if dataset not in (None, name):
        raise ConfigError(f"{path} is of {name}, not of {dataset}; leave --dataset out, or give another file")
    context = context.needed()
    if context.dry:
        return _would_verify(context, name, shared, path, root)
    with ExitStack() as stack:
        if root is not None and _is_of_another_tree(context, name, root):
            context.say(f"{name}: what is ingested in {context.workspace.root} is of another tree, and stays as it is")
            aside = stack.enter_context(TemporaryDirectory(prefix="facemotion-"))
            context = replace(context, workspace=Workspace(aside))
        found = _compared(context, name, shared, path, root)
    if is_synthetic(name, shared.header):
        context.say(f"{path} is of {SYNTHETIC}")
    context.say(found.as_text())
    return found


def _would_verify(context: Context, name: str, shared: Shared, path: Path, root: Path | None) -> Comparison:
    """Say what a comparison would need; return one of nothing."""
    if root is not None and _is_of_another_tree(context, name, root):
        reason = f"what is ingested in {context.workspace.root} is of another tree, and stays as it is"
        context.plan(name, "ingest, aside", reason, root)
    else:
        _ingested(context, name, shared, path, root)
    context.plan(name, "manifest verify", "it is always done anew; it writes nothing", path)
    return Comparison(name, shared.intact, identical=False, rows=0)


def _exported(shared: Shared, output: Path) -> str:
    header = shared.header
    parts = [f"labels {header['labels']}"]
    parts.append("no folds (none were dealt)" if header["folds"] is None else f"{header['folds']['folds']} folds")
    parts.append("checksums of the sources" if "sha256" in shared.rows else "no checksums (nothing is aligned yet)")
    name = named(header["dataset"], is_synthetic(header["dataset"], header))
    return f"{name}: {header['rows']} rows in {output}; {', '.join(parts)}"


def _is_of_another_tree(context: Context, name: str, root: Path) -> bool:
    """Tell whether there is an ingest, and it is of other files than those below `root`."""
    done = Selection(context.workspace, name).header.get("inputs", {})
    found, _ = roots.configured_root(name, root)
    if found is None or not done:
        return False
    return done.get("tree") != context.tree(found, datasets.load(name).tree).digest


def _compared(context: Context, name: str, shared: Shared, path: Path, root: Path | None) -> Comparison:
    """Return what `verify_manifest` does, in a workspace that may be brought up to date."""
    selection = _ingested(context, name, shared, path, root)
    used, _ = Ingest(selection, root).source(context)
    folder = selection.folder
    rows, header = context.manifest(selection.manifest)
    hashes, last_align = None, False
    if "sha256" in shared.rows and used is not None:
        hashes = _hashes(used, rows[rows["sample_id"].isin(set(shared.rows["sample_id"]))], context.progress)
    elif "sha256" in shared.rows:
        hashes = own_hashes(folder, rows)
        last_align = hashes is not None
    found = compare(shared, rows, settings=header.get("settings", {}), folds=own_folds(folder, rows), hashes=hashes)
    return replace(found, last_align=last_align)


def _ingested(context: Context, name: str, shared: Shared, path: Path, root: Path | None) -> Selection:
    """Bring one's own ingest up to date, or make it by the shared file's settings; return the selection."""
    if Selection(context.workspace, name).manifest.is_file():
        return ingest(context, name, root=root)
    settings = options.changed(_settings(name, shared, path))
    if settings:
        context.say(f"{name}: ingesting with the settings of {path}: {plain(str(settings), most=1000)}")
    return ingest(context, name, root=root, options=settings)


def _settings(name: str, shared: Shared, path: Path) -> Settings:
    """Return the settings that a shared file was made with, if they can be used here: none of them is a file."""
    kept = shared.header.get("ingest_settings", {})
    try:
        settings = read_settings(name, kept, where="the ingest_settings of its header")
    except ConfigError as error:
        message = f"{path}: {plain(str(error), most=400)}; undo the edit, or ask for the file again"
        raise ConfigError(message) from error
    given = options.changed(settings)
    if files := [field for field in options.files(type(settings)) if field in given]:
        words = options.as_words(settings)
        flags = tuple(options.flag(type(settings), field) for field in files)
        made = " and ".join(word for word in words if word.startswith(flags))
        message = (
            f"{path} was made with {made}, and nothing of {name} is ingested here: run "
            f"`{' '.join(['facemotion ingest --dataset', name, *words])}` first, with the same files and this --root "
            "and --work, then verify again"
        )
        raise ConfigError(message)
    return settings


def _hashes(root: Path, rows: pd.DataFrame, progress: Progress) -> dict[str, str]:
    """Return the SHA-256 of each row's source by ``sample_id``; sources that cannot be read are left out."""
    sources = sorted(set(rows["source"]))
    taken = progress(((source, root / source) for source in sources), "checking files", total=len(sources))
    known = {source: _digest(path) for source, path in taken}
    pairs = zip(rows["sample_id"], rows["source"], strict=True)
    return {name: digest for name, source in pairs if (digest := known[source])}


def _digest(path: Path) -> str:
    """Return a file's SHA-256; empty if it cannot be read, as in ``faces.parquet``."""
    try:
        return digest_file(path)
    except OSError:
        return ""
