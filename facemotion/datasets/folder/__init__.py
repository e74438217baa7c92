"""Any tree of pictures in folders named after expressions, for datasets that facemotion does not know."""

from facemotion.datasets.folder.info import FACTS, INFO
from facemotion.datasets.folder.options import Options
from facemotion.ingestion.dataset import Dataset, deferred

__all__ = ["DATASET"]

DATASET = Dataset(
    info=INFO,
    facts=FACTS,
    options=Options,
    ingest=deferred("facemotion.datasets.folder.selection", "ingest"),
)
