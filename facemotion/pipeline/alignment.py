"""The stage ``align``: frames -> aligned faces and crops."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facemotion import datasets
from facemotion.alignment.settings import AlignSettings
from facemotion.config import FileSetting, Settings, make
from facemotion.errors import AlignmentError, ConfigError, Status
from facemotion.landmarks.settings import FOR_CROPS
from facemotion.pipeline.alignment_said import say_depth, say_failures
from facemotion.pipeline.context import Context
from facemotion.pipeline.ingestion import Ingest, chosen_selection
from facemotion.pipeline.shipped import Shipped, frames_digests
from facemotion.pipeline.stage import AS_LAST, AsLast, Stage, bring
from facemotion.places import Alignment, Selection, named, place_for
from facemotion.rows import Stored, columns
from facemotion.synthetic import SYNTHETIC, is_synthetic_at, marked
from facemotion.workspace import digest_file

__all__ = ["Align", "align", "by_default", "chosen_alignment"]


@dataclass(frozen=True)
class Align(Stage):
    """Aligning one selection in one way.

    Attributes
    ----------
    alignment : Alignment
        Where it goes.
    root : Path or None
        What the user gave with ``--root``.
    settings : AlignSettings or None
        Those that it was named with; None if it is only needed.
    """

    alignment: Alignment
    root: Path | None = None
    settings: AlignSettings | None = None

    name = "align"
    version = 5  # the networks' windows of large faces are cut from reduced copies, which moves points a little
    model = AlignSettings

    @property
    def path(self) -> Path:
        """``faces.parquet``."""
        return self.alignment.faces

    @property
    def title(self) -> str:
        """The alignment."""
        return str(self.alignment)

    @property
    def written(self) -> tuple[Path, ...]:
        """The arrays and the contact sheet."""
        return tuple(self.alignment.folder / name for name in ("aligned", "crops", "contact-sheet.png"))

    def as_last(self, found: Mapping[str, Any]) -> Settings:
        """Return the settings in a header, or those that the selection asks for where there is none."""
        first = {} if found.get("settings") else {"settings": by_default(self.alignment.selection)}
        return super().as_last({**found, **first})

    def shipped(self) -> Shipped | None:
        """Return the stage whose landmarks are used; None if others are."""
        settings = self.settings or AlignSettings.model_validate(self.as_last(self.header()))
        if not settings.landmarks.wants_shipped or datasets.load(self.alignment.selection.dataset).landmarks is None:
            return None
        return Shipped(self.alignment.selection, self.root)

    def needs(self, context: Context) -> Sequence[Stage]:
        """Return the ingestion, and the landmarks that are used."""
        return [Ingest(self.alignment.selection, self.root), *filter(None, [self.shipped()])]

    def inputs(self, context: Context) -> Mapping[str, str]:
        """Return the digests of the manifest, of the tree, and of the shipped landmarks that are used."""
        shipped = self.shipped()
        own = {} if shipped is None or not shipped.path.is_file() else {"landmarks": digest_file(shipped.path)}
        return {**frames_digests(self.alignment.selection), **own}

    def amiss(self, context: Context) -> str:
        """Say what is not there, or how many frames failed for a reason that may have passed."""
        from facemotion.alignment import shards

        lacking = super().amiss(context)
        root, _ = Ingest(self.alignment.selection, self.root).source(context)
        if lacking or root is None:
            return lacking
        number = len(shards.pending(self.alignment.folder, root))
        if number:
            return f"{number} frames that could not be used have changed or can be read now"
        number = len(self._replaced(context, root))
        return f"the pictures of {number} frames were replaced" if number else ""

    def _replaced(self, context: Context, root: Path) -> list[str]:
        """Return the aligned frames whose picture is another one now, by ``sample_id``, found once a command.

        The look is noted where there are none, unless the command is `dry`: a run that is killed then knows when it
        began, and the next one reads only what is newer.
        """
        from facemotion.alignment import changes, shards

        folder, known = self.alignment.folder, context.memory.replaced
        if folder in known:
            return known[folder]
        found: list[str] = []
        if shards.parts_in(folder):
            since, tree = changes.looked(folder, root), Ingest(self.alignment.selection, self.root).tree(context)
            files = {file.path for file in tree.files if file.time > since}
            if not files:
                return known.setdefault(folder, found)
            sources = columns(Stored(self.alignment.selection.manifest), ["sample_id", "source"])
            newer = {name: source for name, source in sources if source in files}
            found = changes.replaced(shards.digests(folder), newer, root)
        known[folder] = found
        if not found and not context.dry:
            changes.note_look(folder, root, context.memory.begun)
        return found

    def make(self, context: Context, settings: AlignSettings, header: dict[str, Any]) -> None:
        """Align."""
        from facemotion import landmarks
        from facemotion.alignment import changes
        from facemotion.alignment.aligning import align_manifest
        from facemotion.alignment.job import Job

        rows = Stored(self.alignment.selection.manifest)
        root, where = Ingest(self.alignment.selection, self.root).source(context)
        if root is None:
            name = self.alignment.selection.dataset
            raise ConfigError(
                f"no root for {name}: its frames must be read; name the folder with `facemotion datasets set {name} "
                f"FOLDER`, or with {where}"
            )
        notice = landmarks.notice(settings.landmarks.source)
        if notice:
            context.say(notice)
        synthetic = is_synthetic_at(self.alignment.selection.folder, self.alignment.selection.dataset)
        header = marked(header, synthetic)
        shipped, folder, again = self.shipped(), self.alignment.folder, self._replaced(context, root)
        table = None if shipped is None else FileSetting.model_validate(shipped.path)
        counts = align_manifest(
            Job(rows, root, folder, settings, table, header, device=context.device),
            again=again,
            executor=context.executor,
            workers=context.workers,
            progress=context.progress,
            force=context.force,
        )
        changes.note_look(folder, root, context.memory.begun)
        number = sum(counts.values())
        sheet = self.alignment.folder / "contact-sheet.png"
        words = f" of {SYNTHETIC}" if synthetic else ""
        context.say(f"{self.title}: aligned {counts.get('ok', 0)} of {number} frames{words} ({sheet})")
        say_depth(context, self.header())
        if number > counts.get("ok", 0):
            say_failures(context, self.path)


def align(
    context: Context,
    dataset: str,
    *,
    root: Path | None = None,
    options: Mapping[str, Any] | AsLast = AS_LAST,
    settings: AlignSettings | Mapping[str, Any] | AsLast = AS_LAST,
    selection: str | None = None,
    alignment: str | None = None,
    max_failures: int | None = None,
) -> Alignment:
    """Bring ``faces.parquet``, ``aligned/``, ``crops/`` and the contact sheet up to date; return the alignment.

    Parameters
    ----------
    context, dataset, root, options, selection
        As for `facemotion.pipeline.ingest`.
    settings : AlignSettings or mapping
        How to align; fields of a mapping that are None are left to what the selection asks for. Other ones than those
        of the first alignment make another one beside it.
    alignment : str, optional
        The name of an alignment that is there.
    max_failures : int, optional
        How many frames without a crop are no error.

    Raises
    ------
    AlignmentError
        If more frames have no crop than `max_failures`; everything is written then.
    EnvironmentProblem
        If the context's device cannot be used; nothing is written then.
    FacemotionError
        If a setting is wrong, the root is not known, or the workspace cannot be written.
    """
    chosen = chosen_selection(context, dataset, options=options, name=selection)
    if not isinstance(settings, AlignSettings | AsLast):
        own = by_default(chosen, options) if settings.get("landmarks") is None else {}
        settings = make(AlignSettings, {**settings, **own}, where="align")
    place = chosen_alignment(chosen, settings=settings, name=alignment)
    stage = Align(place, root, None if isinstance(settings, AsLast) else settings)
    if context.device != "cpu":
        _verify(context.device, stage)
    if not isinstance(options, AsLast):
        from facemotion.pipeline.ingestion import ingest

        ingest(context.needed(), dataset, root=root, options=options, selection=selection)
    bring(context, stage, settings)
    if max_failures is not None and not context.dry:
        from facemotion.alignment.store import count_statuses

        failed = sum(number for status, number in count_statuses(place.folder).items() if status != Status.OK)
        if failed > max_failures:
            message = f"{failed} frames have no crop, more than the {max_failures} of --max-failures"
            raise AlignmentError(f"{message}; every reason is in the column message of {place.faces}")
    return place


def chosen_alignment(
    selection: Selection, *, settings: AlignSettings | AsLast = AS_LAST, name: str | None = None
) -> Alignment:
    """Return the alignment that is meant: by its name, by the settings that made it or will, else the first.

    Raises
    ------
    ConfigError
        If there is none of that name.
    """
    first = Alignment(selection)
    if name is not None:
        return named(first, name)
    return first if isinstance(settings, AsLast) else place_for(first, settings, ignore=("shard_size",))


def by_default(selection: Selection, options: Mapping[str, Any] | AsLast = AS_LAST) -> dict[str, Any]:
    """Return the alignment settings that a selection asks for, with the options given: those of crops, or none."""
    dataset = datasets.load(selection.dataset)
    given = selection.header.get("settings") or {} if isinstance(options, AsLast) else options
    try:
        chosen = make(dataset.options, given, where=selection.dataset)
    except ConfigError:  # of another version: its ingestion, which comes first, says so
        chosen = dataset.options()
    return {"landmarks": {"source": FOR_CROPS}} if dataset.crops(chosen) else {}


def _verify(device: str, stage: Align) -> None:
    """Try the landmark source on a device, before anything is written.

    Raises
    ------
    ConfigError, EnvironmentProblem
        From `facemotion.landmarks.create`.
    """
    from facemotion import landmarks

    settings = stage.settings or AlignSettings.model_validate(stage.as_last(stage.header()))
    landmarks.shared(settings.landmarks, device=device)
