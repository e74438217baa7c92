"""The stages in order, one file each: what each needs, reads, writes, and how it is made; see `stage`."""

from facemotion.pipeline.alignment import align
from facemotion.pipeline.context import Context
from facemotion.pipeline.demonstration import demo
from facemotion.pipeline.evaluation import evaluate
from facemotion.pipeline.folding import folds
from facemotion.pipeline.ingestion import ingest
from facemotion.pipeline.inference import export, predict
from facemotion.pipeline.priors import build_priors
from facemotion.pipeline.reporting import report
from facemotion.pipeline.stage import AS_LAST
from facemotion.pipeline.training import TrainRequest, describe_preset, train

__all__ = [
    "AS_LAST",
    "Context",
    "TrainRequest",
    "align",
    "build_priors",
    "demo",
    "describe_preset",
    "evaluate",
    "export",
    "folds",
    "ingest",
    "predict",
    "report",
    "train",
]
