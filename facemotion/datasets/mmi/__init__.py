"""MMI: clips from neutral over a peak to neutral, with XML beside them, or frames that were extracted from them."""

from facemotion.datasets.mmi.info import FACTS, INFO
from facemotion.datasets.mmi.options import Options
from facemotion.datasets.mmi.sessions import is_content
from facemotion.ingestion.dataset import Dataset, deferred

__all__ = ["DATASET"]

DATASET = Dataset(
    info=INFO,
    facts=FACTS,
    options=Options,
    ingest=deferred("facemotion.datasets.mmi.selection", "ingest"),
    is_content=is_content,
    layouts={"mmi": deferred("facemotion.demo", "render_mmi")},
)
