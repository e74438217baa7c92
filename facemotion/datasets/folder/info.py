"""What a folder of pictures is."""

from facemotion.ingestion.dataset import DatasetInfo
from facemotion.ingestion.facts import Facts

__all__ = ["FACTS", "INFO"]

INFO = DatasetInfo(
    name="folder",
    title="pictures in folders named after expressions",
    label_space="basic7",
    licence="That of the pictures.",
    access="Your own.",
)
FACTS = Facts()
