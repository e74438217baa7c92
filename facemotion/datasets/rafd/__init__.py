"""RaFD (Radboud Faces Database): 67 people who pose eight expressions, neutral and contempt among them."""

from facemotion.datasets.rafd.info import FACTS, INFO
from facemotion.datasets.rafd.options import Options
from facemotion.ingestion.dataset import Dataset, deferred

__all__ = ["DATASET"]

DATASET = Dataset(
    info=INFO,
    facts=FACTS,
    options=Options,
    ingest=deferred("facemotion.datasets.rafd.selection", "ingest"),
    layouts={"rafd": deferred("facemotion.demo.layout_rafd", "render_rafd")},
)
