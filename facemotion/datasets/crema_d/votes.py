"""CREMA-D's votes: the column FaceVote of ``processedResults/summaryTable.csv``."""

import csv

from facemotion.datasets.crema_d.info import VOTES
from facemotion.errors import ConfigError
from facemotion.ingestion.copies import best_first
from facemotion.ingestion.tree import Tree, TreeFile

__all__ = ["face_votes", "is_content"]

_TABLE = "summarytable.csv"


def is_content(file: TreeFile) -> bool:
    """Tell whether a file is the table of votes."""
    return file.name.lower() == _TABLE


def face_votes(tree: Tree) -> dict[str, str]:
    """Return the expression that most raters saw in each clip who saw the face alone; empty for a tie.

    Raises
    ------
    ConfigError
        If there is no table, or it cannot be read.
    """
    tables = best_first([file for file in tree.files if is_content(file)])
    if not tables:
        raise ConfigError(
            f"{tree.root} has no summaryTable.csv, which --judged-by face-votes needs: it lies in the folder "
            "processedResults of the repository; or use --judged-by actor"
        )
    path = tables[0].path
    try:
        with (tree.root / path).open(encoding="utf-8-sig", errors="replace", newline="") as file:
            found = {row["FileName"].strip(): VOTES.get(row["FaceVote"].strip(), "") for row in csv.DictReader(file)}
    except (OSError, csv.Error, KeyError, AttributeError) as error:
        raise ConfigError(
            f"{path} cannot be read as a table with the columns FileName and FaceVote ({error}); take the file of the "
            "repository"
        ) from error
    return found
