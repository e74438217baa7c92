"""FERPlus: FER2013's crops with the votes of ten people each."""

from facemotion.datasets.ferplus.info import FACTS, INFO
from facemotion.datasets.ferplus.options import Options
from facemotion.datasets.ferplus.votes import is_content
from facemotion.ingestion.dataset import Dataset, deferred

__all__ = ["DATASET"]


def _always(options: Options) -> bool:
    return True


DATASET = Dataset(
    info=INFO,
    facts=FACTS,
    options=Options,
    ingest=deferred("facemotion.datasets.ferplus.selection", "ingest"),
    is_content=is_content,
    layouts={"ferplus": deferred("facemotion.demo.layout_crops", "render_ferplus")},
    crops=_always,
)
