"""FER2013: 35,887 gray 48x48 crops from the web in an official split."""

from facemotion.datasets.fer2013.info import FACTS, INFO
from facemotion.datasets.fer2013.options import Options
from facemotion.ingestion.dataset import Dataset, deferred

__all__ = ["DATASET"]


def _always(options: Options) -> bool:
    return True


DATASET = Dataset(
    info=INFO,
    facts=FACTS,
    options=Options,
    ingest=deferred("facemotion.datasets.fer2013.selection", "ingest"),
    layouts={"fer2013": deferred("facemotion.demo.layout_crops", "render_fer2013")},
    crops=_always,
)
