"""What the demo is."""

from facemotion.ingestion.dataset import DatasetInfo
from facemotion.ingestion.facts import Facts

__all__ = ["FACTS", "INFO"]

INFO = DatasetInfo(
    name="demo",
    title="the synthetic demo faces",
    label_space="basic7",
    licence="Rendered from CC0 head data; the pictures are yours to use. They are not real faces.",
    access="Rendered on this machine by `facemotion demo`.",
)
FACTS = Facts(
    gated=False,
    selection="As for CK+: the last three frames of each sequence; a subject's neutral face is frame 1.",
    year="2026",
    citation="facemotion, `facemotion demo render`.",
)
