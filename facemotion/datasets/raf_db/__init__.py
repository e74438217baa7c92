"""RAF-DB (basic): 15,339 faces from the web with an official split and five manual points each."""

from facemotion.datasets.raf_db.info import FACTS, INFO
from facemotion.datasets.raf_db.labels import is_content
from facemotion.datasets.raf_db.options import Options, are_crops
from facemotion.ingestion.dataset import Dataset, deferred

__all__ = ["DATASET"]

DATASET = Dataset(
    info=INFO,
    facts=FACTS,
    options=Options,
    ingest=deferred("facemotion.datasets.raf_db.selection", "ingest"),
    is_content=is_content,
    landmarks=deferred("facemotion.datasets.raf_db.landmarks", "landmarks"),
    layouts={"raf-db": deferred("facemotion.demo.layout_wild", "render_raf_db")},
    crops=are_crops,
)
