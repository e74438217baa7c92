"""The stages in order: what each reads, writes, and when it is up to date."""

from facemotion.pipeline.alignment import align
from facemotion.pipeline.context import Context
from facemotion.pipeline.dataset import demo_root, folds, ingest, render
from facemotion.pipeline.evaluation import evaluate
from facemotion.pipeline.inference import export, predict
from facemotion.pipeline.priors import build_priors
from facemotion.pipeline.reporting import demo, report
from facemotion.pipeline.training import describe_preset, train

__all__ = [
    "Context",
    "align",
    "build_priors",
    "demo",
    "demo_root",
    "describe_preset",
    "evaluate",
    "export",
    "folds",
    "ingest",
    "predict",
    "render",
    "report",
    "train",
]
