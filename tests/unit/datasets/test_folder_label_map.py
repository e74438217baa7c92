"""The label map as it is typed: what refusals say to type is understood, whatever the folder is called."""

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest

from facemotion.datasets.folder import DATASET as FOLDER
from facemotion.errors import DataError
from facemotion.ingestion.tree import Tree
from facemotion_cli.options import selection_options

ODD = ["my faces", "happy, joyful", "x=y", "grin ", " grin", 'a"b', '"a"', "a,b=c", ",", "-x", "it's", "$HOME"]


def typed(*arguments: str) -> dict[str, Any]:
    """Return the options that a command receives."""
    command = click.command()(selection_options(lambda options: options))
    return command.main(list(arguments), standalone_mode=False)


def tree(root: Path, *paths: str) -> Tree:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    return Tree.read(root, "pictures")


@pytest.mark.parametrize("name", ODD)
def test_what_a_refusal_says_to_type_is_understood(tmp_path, name):
    pictures = tree(tmp_path, "happy/1.png", f"{name}/2.png")
    with pytest.raises(DataError) as caught:
        FOLDER.ingest(pictures, FOLDER.choose({}))
    said = re.search(r"such as (--label-map .*), or (--label-map .*) to leave it out", str(caught.value))
    assert said
    use, leave = (typed(*shlex.split(option)) for option in said.groups())
    assert use == {"label_map": {name: "anger"}}
    assert FOLDER.ingest(pictures, FOLDER.choose(use)).manifest["expression"].tolist().count("anger") == 1
    assert [item.item for item in FOLDER.ingest(pictures, FOLDER.choose(leave)).exclusions] == [name]


def test_several_odd_folders_are_left_out_with_one_option(tmp_path):
    pictures = tree(tmp_path, "train/happy/1.png", *(f"{name}/2.png" for name in ("a, b", "c=d", "e ")))
    with pytest.raises(DataError) as caught:
        FOLDER.ingest(pictures, FOLDER.choose({}))
    said = re.search(r"leave that out with (--label-map .*), or the splits", str(caught.value))
    assert said
    options = typed(*shlex.split(said[1]))
    assert len(FOLDER.ingest(pictures, FOLDER.choose(options)).manifest) == 1


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("0=anger, 1 = fear ,2=-", {"0": "anger", "1": "fear", "2": "-"}),
        ("x=y=anger", {"x=y": "anger"}),
        (' "a, b" = anger,0=fear,', {"a, b": "anger", "0": "fear"}),
        ('"my faces"=sad', {"my faces": "sad"}),
    ],
)
def test_folders_may_stand_in_quotes(text, labels):
    assert typed("--label-map", text) == {"label_map": labels}


@pytest.mark.parametrize("text", ["0:anger", "0=", "=anger", '"a=anger', '"a"b=anger', "a, b=anger", '""', "0=anger,1"])
def test_what_is_no_pair_is_refused_with_what_is_expected(text):
    with pytest.raises(click.BadParameter, match="expected FOLDER=EXPRESSION, such as 0=anger; a FOLDER with a comma"):
        typed("--label-map", text)
