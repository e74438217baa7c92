"""The synthetic demo faces: rendered by `facemotion.demo` in CK+'s own layout and read by CK+'s own code."""

from facemotion.datasets.ckplus.sequences import is_content
from facemotion.datasets.demo.info import FACTS, INFO
from facemotion.ingestion.dataset import Dataset, deferred
from facemotion.ingestion.tree import TreeFile

__all__ = ["DATASET"]


def _is_content(file: TreeFile) -> bool:
    return file.path == "demo.json" or is_content(file)


DATASET = Dataset(
    info=INFO,
    facts=FACTS,
    ingest=deferred("facemotion.datasets.demo.selection", "ingest"),
    is_content=_is_content,
)
