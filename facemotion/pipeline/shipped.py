"""The stage ``landmarks``: the landmark files that a dataset ships -> one table for the source ``precomputed``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facemotion import datasets, tables
from facemotion.config import Settings
from facemotion.pipeline.context import Context
from facemotion.pipeline.ingestion import Ingest
from facemotion.pipeline.stage import Stage
from facemotion.places import Selection

__all__ = ["Shipped", "frames_digests"]


@dataclass(frozen=True)
class Shipped(Stage):
    """Bringing the landmarks that a dataset ships into one table."""

    selection: Selection
    root: Path | None = None

    name = "landmarks"
    model = Settings

    @property
    def path(self) -> Path:
        """``landmarks.parquet``."""
        return self.selection.folder / "landmarks.parquet"

    @property
    def title(self) -> str:
        """The selection."""
        return str(self.selection)

    def needs(self, context: Context) -> Sequence[Stage]:
        """Return the ingestion."""
        return [Ingest(self.selection, self.root)]

    def inputs(self, context: Context) -> Mapping[str, str]:
        """Return the digests of the manifest and of the tree."""
        return frames_digests(self.selection)

    def make(self, context: Context, settings: Settings, header: dict[str, Any]) -> None:
        """Read the dataset's landmark files."""
        import pyarrow as pa

        rows, _ = context.manifest(self.selection.manifest)
        read = datasets.load(self.selection.dataset).landmarks
        assert read is not None
        table = read(Ingest(self.selection, self.root).tree(context), rows, progress=context.progress)
        schema = pa.schema([("source", pa.string()), *((name, pa.float32()) for name in table.columns[1:])])
        tables.write_table(self.path, table, schema=schema, header=header)
        known = int(rows["source"].isin(set(table["source"])).sum())
        context.say(f"{self.title}: landmarks of {known} of {len(rows)} frames in {self.path}")


def frames_digests(selection: Selection) -> dict[str, str]:
    """Return the digests that stand for the frames of a selection."""
    header = selection.header
    return {"manifest": header["manifest_digest"], **header["inputs"]}
