"""CK+ (the Extended Cohn-Kanade Dataset): labelled sequences from a neutral frame to a peak."""

from facemotion.datasets.ckplus.info import FACTS, INFO
from facemotion.datasets.ckplus.sequences import is_content
from facemotion.ingestion.dataset import Dataset, deferred

__all__ = ["DATASET"]

DATASET = Dataset(
    info=INFO,
    facts=FACTS,
    ingest=deferred("facemotion.datasets.ckplus.selection", "ingest"),
    is_content=is_content,
    landmarks=deferred("facemotion.datasets.ckplus.landmarks", "landmarks"),
    layouts={"ckplus": deferred("facemotion.demo", "render_ckplus")},
)
