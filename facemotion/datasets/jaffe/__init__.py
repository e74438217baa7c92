"""JAFFE (Japanese Female Facial Expression): 213 posed pictures of ten women."""

from facemotion.datasets.jaffe.info import FACTS, INFO
from facemotion.ingestion.dataset import Dataset, deferred

__all__ = ["DATASET"]

DATASET = Dataset(
    info=INFO,
    facts=FACTS,
    ingest=deferred("facemotion.datasets.jaffe.selection", "ingest"),
    layouts={"jaffe": deferred("facemotion.demo.layout_stills", "render_jaffe")},
)
