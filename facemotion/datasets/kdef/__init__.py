"""KDEF (Karolinska Directed Emotional Faces): posed pictures of 70 people in two sessions, from five angles."""

from facemotion.datasets.kdef.info import FACTS, INFO
from facemotion.datasets.kdef.options import Options
from facemotion.ingestion.dataset import Dataset, deferred

__all__ = ["DATASET"]

DATASET = Dataset(
    info=INFO,
    facts=FACTS,
    options=Options,
    ingest=deferred("facemotion.datasets.kdef.selection", "ingest"),
    layouts={"kdef": deferred("facemotion.demo.layout_stills", "render_kdef")},
)
