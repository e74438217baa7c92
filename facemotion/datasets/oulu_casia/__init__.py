"""Oulu-CASIA NIR&VIS: sequences from a neutral frame to a peak, in folders named after the expression."""

from facemotion.datasets.oulu_casia.info import FACTS, INFO
from facemotion.datasets.oulu_casia.options import Options
from facemotion.ingestion.dataset import Dataset, deferred

__all__ = ["DATASET"]

DATASET = Dataset(
    info=INFO,
    facts=FACTS,
    options=Options,
    ingest=deferred("facemotion.datasets.oulu_casia.selection", "ingest"),
    layouts={"oulu-casia": deferred("facemotion.demo", "render_oulu_casia")},
)
