"""The renderer's mark: where it is found, and how it is said."""

import json
from pathlib import Path

import pytest

from facemotion.synthetic import Amount, is_synthetic_at, marked, marked_folders, named, was_rendered

MARK = json.dumps({"notice": "Synthetic faces", "settings": {"subjects": 2}})


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with a rendered tree and something else in it."""
    for name in ("rendered/inside", "other"):
        (tmp_path / "data" / name).mkdir(parents=True)
    (tmp_path / "data/rendered/demo.json").write_text(MARK)
    return tmp_path / "data"


def test_a_tree_is_rendered_as_a_whole_from_its_mark_down(tree):
    assert marked_folders(tree / "rendered", ["demo.json", "inside/a.png"]) == [""]
    assert marked_folders(tree / "rendered/inside", ["a.png"]) == [""]
    assert was_rendered(tree / "rendered/inside/a.png")
    assert not was_rendered(tree / "other")


def test_a_rendered_folder_of_a_larger_tree_is_named(tree):
    paths = ["other/a.png", "rendered/demo.json", "rendered/inside/a.png"]
    assert marked_folders(tree, paths) == ["rendered"]


@pytest.mark.parametrize("text", ["{", "[]", '{"settings": 3, "notice": ""}', '{"notice": "something else"}'])
def test_a_file_of_that_name_of_somebody_else_is_no_mark(tree, text):
    (tree / "other/demo.json").write_text(text)
    assert not was_rendered(tree / "other")
    assert marked_folders(tree, ["other/demo.json"]) == []


def test_amounts():
    assert Amount.of([]) == Amount.of([False]) == Amount.NONE
    assert Amount.of([True, False]) == Amount.PART
    assert Amount.of([True]) == Amount.ALL
    assert (named("a", False), named("a", True)) == ("a", "a (synthetic faces)")
    assert named("a+b", Amount.PART) == "a+b (synthetic faces in part)"


@pytest.mark.parametrize("content", [None, "[1]", "{", "{}"])
def test_what_no_record_says_is_not_called_synthetic(tmp_path, content):
    if content is not None:
        (tmp_path / "ingest.json").write_text(content)
    assert not is_synthetic_at(tmp_path, "ckplus")
    assert is_synthetic_at(tmp_path, "demo")


def test_the_mark_is_a_field_of_a_header():
    assert marked({"stage": "train"}, False) == {"stage": "train", "synthetic": False}
