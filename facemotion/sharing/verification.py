"""A shared manifest verified on one's own copy of the dataset: it is ingested, and its files are hashed."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from facemotion import datasets, manifest, pipeline
from facemotion.errors import ConfigError
from facemotion.progress import Progress
from facemotion.sharing.compare import Comparison, compare
from facemotion.sharing.export import own_folds, own_hashes
from facemotion.sharing.reading import read_shared
from facemotion.sharing.table import Shared
from facemotion.workspace import digest_file

__all__ = ["verify"]


def verify(
    context: pipeline.Context, path: Path, dataset: str | None = None, *, root: Path | None = None
) -> Comparison:
    """Compare a shared manifest with one's own ingest of the dataset, which is brought up to date first.

    Where nothing is ingested yet, the settings are those of the shared file.

    Parameters
    ----------
    context : Context
        The run.
    path : Path
        A file from `facemotion.sharing.export`.
    dataset : str, optional
        The dataset; by default the one that the file names.
    root : Path, optional
        What the user gave with ``--root``. Checksums are taken of the files in it, or in the configured root; where
        neither is known, those of the last align are compared.

    Returns
    -------
    Comparison
        What agrees and what does not.

    Raises
    ------
    ManifestError
        If the file is not a shared manifest.
    ConfigError
        If it is of another dataset, or that has no root; or nothing is ingested, and the shared file's settings are
        none of that dataset or name files that are not here.
    DataError
        If one's own folds or faces are of another manifest.
    """
    shared = read_shared(path)
    name = shared.header["dataset"]
    if dataset not in (None, name):
        raise ConfigError(f"{path} is of {name}, not of {dataset}; leave --dataset out, or give another file")
    used = _ingested(context.needed(), name, shared, path, root)
    folder = context.workspace.dataset(name)
    rows, header = manifest.read(folder / "manifest.parquet")
    hashes, last_align = None, False
    if "sha256" in shared.rows and used is not None:
        hashes = _hashes(used, rows[rows["sample_id"].isin(set(shared.rows["sample_id"]))], context.progress)
    elif "sha256" in shared.rows:
        hashes = own_hashes(folder, rows)
        last_align = hashes is not None
    found = compare(shared, rows, settings=header.get("settings", {}), folds=own_folds(folder, rows), hashes=hashes)
    found = replace(found, last_align=last_align)
    context.say(found.as_text())
    return found


def _ingested(context: pipeline.Context, name: str, shared: Shared, path: Path, root: Path | None) -> Path | None:
    """Bring one's own ingest up to date, or make it by the shared file's settings; return the root if it is known."""
    if (context.workspace.dataset(name) / "manifest.parquet").is_file():
        return pipeline.ingest(context, name, root=root, named=False)
    settings = shared.header.get("ingest_settings", {})
    files = [f"--{option} FILE" for option in getattr(datasets.load(name), "FILE_OPTIONS", ()) if option in settings]
    if files:
        message = (
            f"{path} was made with {' and '.join(files)}, and nothing of {name} is ingested here: run "
            f"`facemotion ingest --dataset {name} {' '.join(files)}` first, then verify again"
        )
        raise ConfigError(message)
    if settings:
        context.say(f"{name}: ingesting with the settings of {path}: {settings}")
    return pipeline.ingest(context, name, root=root, options=settings)


def _hashes(root: Path, rows: pd.DataFrame, progress: Progress) -> dict[str, str]:
    """Return the SHA-256 of each row's source by ``sample_id``; sources that are not there are left out."""
    sources = sorted(set(rows["source"]))
    taken = progress(((source, root / source) for source in sources), "checking", total=len(sources))
    known = {source: digest_file(path) for source, path in taken if path.is_file()}
    pairs = zip(rows["sample_id"], rows["source"], strict=True)
    return {name: known[source] for name, source in pairs if source in known}
