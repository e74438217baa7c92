"""The stages in order: what each reads, writes, and when it is up to date."""

from facemotion.pipeline.context import Context
from facemotion.pipeline.dataset import align, demo_root, folds, ingest, render
from facemotion.pipeline.priors import build_priors
from facemotion.pipeline.training import demo, describe_preset, report, train

__all__ = [
    "Context",
    "align",
    "build_priors",
    "demo",
    "demo_root",
    "describe_preset",
    "folds",
    "ingest",
    "render",
    "report",
    "train",
]
