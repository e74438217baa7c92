"""The stages in order, one file each: what each needs, reads, writes, and how it is made; see `stage`."""

from facemotion.pipeline.align import align
from facemotion.pipeline.context import Context
from facemotion.pipeline.demo import demo
from facemotion.pipeline.evaluate import evaluate
from facemotion.pipeline.folds import folds
from facemotion.pipeline.ingest import ingest
from facemotion.pipeline.predict import export, predict
from facemotion.pipeline.priors import build_priors
from facemotion.pipeline.report import report
from facemotion.pipeline.stage import AS_LAST
from facemotion.pipeline.train import TrainRequest, describe_preset, train

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
