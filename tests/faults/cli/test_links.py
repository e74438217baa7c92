"""Links to files outside a tree are followed only if an option says so; those within it, and to folders, always."""

import json
import shutil
from pathlib import Path

import pytest

from facemotion import tables
from facemotion.inference.sources import find_sources
from facemotion.ingestion.tree import Tree

WORK = Path("facemotion-work/folder")


@pytest.fixture
def linked(rendered, tmp_path) -> Path:
    """Class folders in which one picture is a file, one a link within, one a link to elsewhere; and a linked folder."""
    pictures = sorted(rendered.glob("cohn-kanade-images/*/*/*.png"))
    root, elsewhere = tmp_path / "tree", tmp_path / "elsewhere"
    (root / "happy").mkdir(parents=True)
    elsewhere.mkdir()
    for number in range(3):
        shutil.copy(pictures[number], elsewhere / f"{number}.png")
    shutil.copy(pictures[3], root / "happy/file.png")
    (root / "happy/secret.png").symlink_to(elsewhere / "0.png")
    (root / "angry").symlink_to(elsewhere)
    (elsewhere / "own.png").symlink_to("1.png")
    (root / "happy/own.png").symlink_to("file.png")
    return root


def names(tree: Tree) -> list[str]:
    return [file.path for file in tree.files]


def test_the_walk(linked):
    seen = ["angry/0.png", "angry/1.png", "angry/2.png", "angry/own.png", "happy/file.png", "happy/own.png"]
    tree = Tree.read(linked, "pictures")
    assert names(tree) == seen
    assert [(each.path, each.reason) for each in tree.skipped] == [("happy/secret.png", "link_outside")]
    assert names(Tree.read(linked, "pictures", follow_links=True)) == [*seen, "happy/secret.png"]
    (link := linked.with_name("link")).symlink_to(linked)  # the root itself may be one
    assert names(Tree.read(link, "pictures")) == seen


def test_prediction_sees_the_same(linked):
    sources = find_sources(linked)
    assert list(sources.names()) == names(Tree.read(linked, "pictures"))
    assert any("link_outside: happy/secret.png" in note and "--follow-links" in note for note in sources.notes)
    assert "happy/secret.png" in list(find_sources(linked, follow_links=True).names())


def test_ingest_tells_and_later_commands_do_as_it_did(run, linked):
    def content() -> dict:
        return json.loads((WORK / "ingest.json").read_text())

    def sources() -> set[str]:
        return set(tables.read_table(WORK / "manifest.parquet")[0]["source"])

    options = ("--dataset", "folder", "--root", linked)
    run("ingest", *options)
    assert [item["reason"] for item in content()["exclusions"] if item["item"] == "happy/secret.png"] == [
        "link_outside"
    ]
    assert "happy/secret.png" not in sources()
    run("ingest", *options, "--follow-links")
    assert "happy/secret.png" in sources()
    assert "up to date" in run("ingest", *options).output
    run("folds", "--dataset", "folder", "--folds", 2, "--root", linked)
    assert "happy/secret.png" in sources()
    run("ingest", *options, "--no-follow-links")
    assert "happy/secret.png" not in sources()
    assert "links followed" not in json.loads(Path("facemotion-work/roots.json").read_text())
