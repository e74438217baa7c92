"""The stages in order: what each reads, writes, and when it is up to date."""

from facemotion.pipeline.context import Context
from facemotion.pipeline.dataset import align, demo_root, folds, ingest, render
from facemotion.pipeline.priors import build_priors

__all__ = ["Context", "align", "build_priors", "demo_root", "folds", "ingest", "render"]
