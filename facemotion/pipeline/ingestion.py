"""The stage ``ingest``: a dataset's tree, as downloaded -> ``manifest.parquet`` and ``ingest.json``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facemotion import datasets, manifest, roots, synthetic, tables
from facemotion.config import Settings, make
from facemotion.errors import ConfigError
from facemotion.ingestion import verify
from facemotion.ingestion.tree import Tree
from facemotion.pipeline.context import Context
from facemotion.pipeline.rendering import Render
from facemotion.pipeline.stage import AS_LAST, AsLast, Stage, bring
from facemotion.places import Selection, frames_of, named, place_for
from facemotion.provenance import header_of
from facemotion.workspace import write_json

__all__ = ["Ingest", "accept", "chosen_selection", "ingest", "selection_for"]


@dataclass(frozen=True)
class Ingest(Stage):
    """Ingesting one selection of a dataset.

    Attributes
    ----------
    selection : Selection
        Where it goes.
    root : Path or None
        What the user gave with ``--root``.
    """

    selection: Selection
    root: Path | None = None

    name = "ingest"

    @property
    def model(self) -> type[Settings]:  # type: ignore[override]
        """The dataset's options."""
        return datasets.load(self.selection.dataset).options

    @property
    def path(self) -> Path:
        """``manifest.parquet``."""
        return self.selection.manifest

    @property
    def title(self) -> str:
        """The selection."""
        return str(self.selection)

    def source(self, context: Context) -> tuple[Path | None, str]:
        """Return the dataset's root, None if it is not known, and what names it or could."""
        own = frames_of(self.selection)
        rendered = self.selection.dataset == "demo" and self.root is None
        if rendered and self.selection.name != "first":
            return own, "the workspace"  # each demo has its own faces
        found, where = roots.root_of(self.selection, self.root)
        return (own, "the workspace") if found is None and rendered else (found, where)

    def needs(self, context: Context) -> Sequence[Stage]:
        """Return the rendering of the demo's own frames."""
        own = self.source(context)[0] == frames_of(self.selection)
        return [Render(self.selection)] if own else []

    def tree(self, context: Context) -> Tree:
        """Return the dataset's tree.

        Raises
        ------
        ConfigError
            If its root is not known.
        DataError
            If it cannot be listed.
        """
        root, where = self.source(context)
        dataset = datasets.load(self.selection.dataset)
        if root is None:
            name, title = self.selection.dataset, dataset.info.title
            raise ConfigError(
                f"no root for {name}: name the folder that holds {title} with "
                f"`facemotion datasets set {name} FOLDER`, or with {where}"
            )
        memory, follow = None if context.dry else self.selection.folder / ".tree.json", context.follow_links
        if follow is None:
            follow = roots.follows_links(self.selection, root)
        return context.tree(root, lambda place: dataset.tree(place, memory=memory, follow_links=follow))

    def inputs(self, context: Context) -> Mapping[str, str] | None:
        """Return the tree's digest; None if there is a manifest and the root is not known."""
        if self.source(context)[0] is None and self.header():
            return None
        return {"tree": self.tree(context).digest}

    def amiss(self, context: Context) -> str:
        """See that ``ingest.json`` belongs to the manifest."""
        beside = header_of(self.selection.folder / "ingest.json")
        same = bool(beside) and all(self.header().get(name) == value for name, value in beside.items())
        return "" if same else "ingest.json is missing, or of another manifest"

    def settled(self) -> None:
        """Remember the root that was given, for the later stages."""
        if self.root is not None and self.root != frames_of(self.selection):
            roots.remember(self.selection, self.root)

    def make(self, context: Context, settings: Settings, header: dict[str, Any]) -> None:
        """Ingest."""
        dataset = datasets.load(self.selection.dataset)
        root, _ = self.source(context)
        if root is not None and context.follow_links is not None:
            roots.remember_links(self.selection, root if context.follow_links else None)
        result = dataset.ingest(self.tree(context), settings, progress=context.progress)
        summary = manifest.write_batches(self.path, result.batches, header=header)
        content = verify.as_json(result, summary, dataset.info, rendered=self._rendered(context))
        write_json(self.selection.folder / "ingest.json", {"provenance": header, **content})
        context.say(verify.as_text(content))

    def _rendered(self, context: Context) -> bool:
        """Tell whether frames that were selected bear the renderer's mark."""
        tree = self.tree(context)
        marks = synthetic.marked_folders(tree.root, (file.path for file in tree.files))
        if not marks or marks == [""]:
            return bool(marks)
        below = tuple(f"{folder}/" for folder in marks)
        return any(source.startswith(below) for (source,) in tables.in_rows(self.path, ["source"]))


def ingest(
    context: Context,
    dataset: str,
    *,
    root: Path | None = None,
    options: Mapping[str, Any] | AsLast = AS_LAST,
    selection: str | None = None,
) -> Selection:
    """Bring ``manifest.parquet`` and ``ingest.json`` up to date; return the selection.

    Parameters
    ----------
    context : Context
        The command.
    dataset : str
        A dataset's name.
    root : Path, optional
        What the user gave with ``--root``; it is remembered in the workspace for the later stages.
    options : mapping
        The dataset's own options. Other ones than those of the first selection make another one beside it.
    selection : str, optional
        The name of a selection that is there.

    Raises
    ------
    ConfigError
        If the dataset is unknown, an option is wrong, or the root is not known and there is no earlier manifest.
    DataError
        If the tree is not that dataset.
    """
    if selection is not None and not isinstance(options, AsLast):
        raise ConfigError(f"a selection is named ({selection}) and options are given: leave one of them out")
    chosen = chosen_selection(context, dataset, options=options, name=selection)
    stage = Ingest(chosen, root)
    settings = options if isinstance(options, AsLast) else make(stage.model, options, where=dataset)
    bring(context, stage, settings)
    return chosen


def accept(context: Context, dataset: str, *, selection: str | None = None) -> Selection:
    """Take a manifest that was edited by hand as it is, record that in its header, and return its selection.

    Raises
    ------
    ConfigError
        If the dataset or the selection is unknown, or the manifest was not edited.
    ManifestError
        If the edited rows break the schema.
    """
    chosen = chosen_selection(context, dataset, name=selection)
    made = header_of(chosen.folder / "ingest.json")
    if not tables.is_edited(chosen.manifest) or not made:
        lacking = "there is no ingest.json beside it" if not made else "it is as it was written"
        raise ConfigError(f"{chosen.manifest}: there is no edit to accept, since {lacking}")
    rows, _ = manifest.read(chosen.manifest, edited=True)
    if context.dry:
        context.plan(str(chosen), "accept", "it was changed after it was written", chosen.manifest)
        return chosen
    with context.workspace.lock(chosen.folder):
        manifest.write(chosen.manifest, rows, header={**made, "edited": True})
    context.say(f"{chosen}: the edited manifest is accepted, {len(rows)} rows; what follows from it is made again")
    return chosen


def chosen_selection(
    context: Context, dataset: str, *, options: Mapping[str, Any] | AsLast = AS_LAST, name: str | None = None
) -> Selection:
    """Return the selection that is meant: by its name, by the options that made it or will, else the first.

    Raises
    ------
    ConfigError
        If the dataset or the name is unknown, or an option is wrong.
    """
    model = datasets.load(dataset).options
    first = Selection(context.workspace, dataset)
    if name is not None:
        return named(first, name)
    if isinstance(options, AsLast):
        return first
    return place_for(first, make(model, options, where=dataset))


def selection_for(
    context: Context, dataset: str, *, name: str | None = None, manifest_digest: str | None = None
) -> Selection:
    """Return the selection whose manifest has a digest, or the one that is named; else the first.

    Raises
    ------
    ConfigError
        If the dataset or the name is unknown.
    """
    if name is None and manifest_digest is not None:
        for each in Selection(context.workspace, dataset).beside():
            if each.header.get("manifest_digest") == manifest_digest:
                return each
    return chosen_selection(context, dataset, name=name)
