"""The stage ``folds``: a manifest -> who is tested in which fold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facemotion.config import FoldSettings
from facemotion.pipeline.context import Context
from facemotion.pipeline.ingestion import Ingest, chosen_selection
from facemotion.pipeline.stage import AS_LAST, AsLast, Stage, bring
from facemotion.places import Selection
from facemotion.synthetic import is_synthetic_at, named
from facemotion.workspace import write_json

__all__ = ["Fold", "folds"]


@dataclass(frozen=True)
class Fold(Stage):
    """Dealing the subjects of one selection into folds."""

    selection: Selection
    root: Path | None = None

    name = "folds"
    model = FoldSettings

    @property
    def path(self) -> Path:
        """``folds.json``."""
        return self.selection.folds

    @property
    def title(self) -> str:
        """The selection."""
        return str(self.selection)

    def needs(self, context: Context) -> Sequence[Stage]:
        """Return the ingestion."""
        return [Ingest(self.selection, self.root)]

    def inputs(self, context: Context) -> Mapping[str, str]:
        """Return the manifest's digest."""
        return {"manifest": self.selection.header["manifest_digest"]}

    def make(self, context: Context, settings: FoldSettings, header: dict[str, Any]) -> None:
        """Deal."""
        from facemotion.folds import build_folds

        dealt = build_folds(context.manifest(self.selection.manifest)[0], settings)
        write_json(self.path, dealt.as_json(header))
        sizes = ", ".join(str(len(fold.test_samples)) for fold in dealt.folds)
        title = named(self.title, is_synthetic_at(self.selection.folder, self.selection.dataset))
        context.say(f"{title}: {len(dealt)} folds ({settings.scheme}), test images {sizes}")
        if len(dealt) < settings.folds:
            what = f"there are {len(dealt)} subjects, so {len(dealt)} folds, not {settings.folds}"
            context.say(f"  {what}: one subject is tested in each")


def folds(
    context: Context,
    dataset: str,
    *,
    root: Path | None = None,
    settings: FoldSettings | AsLast = AS_LAST,
    selection: str | None = None,
) -> Path:
    """Bring ``folds.json`` up to date; return its path.

    Parameters
    ----------
    context, dataset, root, selection
        As for `facemotion.pipeline.ingest`.
    settings : FoldSettings
        How subjects are dealt.
    """
    stage = Fold(chosen_selection(context, dataset, name=selection), root)
    bring(context, stage, settings)
    return stage.path
