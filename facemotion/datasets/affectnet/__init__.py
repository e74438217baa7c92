"""AffectNet in its three releases: csv lists with boxes (A), npy items (B) and json items (C)."""

from facemotion.datasets.affectnet.info import FACTS, INFO
from facemotion.datasets.affectnet.options import Options
from facemotion.datasets.affectnet.paths import is_content
from facemotion.ingestion.dataset import Dataset, deferred

__all__ = ["DATASET"]

DATASET = Dataset(
    info=INFO,
    facts=FACTS,
    options=Options,
    ingest=deferred("facemotion.datasets.affectnet.selection", "ingest"),
    is_content=is_content,
    landmarks=deferred("facemotion.datasets.affectnet.landmarks", "landmarks"),
    layouts={
        f"affectnet-{release}": deferred("facemotion.demo", "render_affectnet", release=release) for release in "abc"
    },
)
