"""The list of a tree's files: in order, not in memory, and searched by a key."""

import itertools
import random
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from facemotion.errors import DataError
from facemotion.ingestion.tree import Finder, Tree, TreeFile, TreeFiles

PATHS = ("a.txt", "b/é.png", "b/c/1.png", "b/2.png", "z-\udcff.jpg", "z")
FILES = [TreeFile(path, size) for size, path in enumerate(PATHS)]


def folder_and_name(path: str) -> str:
    return "/".join(path.split("/")[-2:])


def bytes_held(make: Callable[[], object]) -> int:
    """Return the memory that Python and numpy hold for what `make` returns."""
    tracemalloc.start()
    try:
        made = make()
        return tracemalloc.get_traced_memory()[0] if made else 0
    finally:
        tracemalloc.stop()


def test_a_file_knows_its_name_and_its_folders():
    file = TreeFile("a/b/c.png", 1)
    assert (file.name, file.folders) == ("c.png", ("a", "b"))
    assert (TreeFile("c.png", 1).name, TreeFile("c.png", 1).folders) == ("c.png", ())


def test_a_tree_lists_its_files_in_the_order_of_their_paths(tmp_path):
    names = ("a/x", "a-b/x", "a.txt", "a.b/x", "ab", "A", "b/c/x", "b/c.x", "b/c-x", "10/x", "2/x", "é/x")
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"content")
    tree = Tree.read(tmp_path, "a dataset")
    assert [file.path for file in tree.files] == sorted(names)
    assert {file.size for file in tree.files} == {7}


def test_a_tree_without_files_is_empty(tmp_path):
    assert len(Tree.read(tmp_path, "a dataset").files) == 0


class TestTreeFiles:
    def test_they_are_what_was_put_in(self):
        files = TreeFiles(FILES)
        assert list(files) == FILES
        assert len(files) == len(FILES)

    def test_they_are_reached_from_both_ends_and_in_slices(self):
        files = TreeFiles(FILES)
        assert (files[0], files[2], files[-1]) == (FILES[0], FILES[2], FILES[-1])
        assert files[1:4] == tuple(FILES[1:4])
        with pytest.raises(IndexError):
            files[len(FILES)]

    def test_they_can_be_shuffled_as_a_tuple_can(self):
        shuffled = random.Random(1).sample(TreeFiles(FILES), len(FILES))
        assert shuffled == random.Random(1).sample(tuple(FILES), len(FILES))

    def test_they_are_sorted_by_path_where_that_is_asked(self):
        shuffled = random.Random(2).sample(FILES, len(FILES))
        assert list(TreeFiles(shuffled, by_path=True)) == sorted(FILES)

    def test_two_can_go_through_them_at_a_time(self):
        files = TreeFiles(FILES)
        assert [(one, two) for one in files for two in files] == [(one, two) for one in FILES for two in FILES]

    @pytest.mark.usefixtures("usual_collector")
    def test_no_file_stays_in_memory(self):
        number = 20_000
        paths = (f"Manually_Annotated_Images/{place // 300}/{place:056x}.jpg" for place in range(number))
        assert bytes_held(lambda: TreeFiles(TreeFile(path, 0) for path in paths)) < number


class TestFinder:
    def test_a_file_is_found_by_its_key(self):
        finder = Finder(FILES, folder_and_name)
        assert [finder.find(key) for key in ("a.txt", "b/2.png", "c/1.png")] == [0, 3, 2]
        assert finder.find("b/1.png") == -1

    def test_the_first_of_several_in_the_alphabet_is_found_whatever_their_order(self):
        for names in itertools.permutations("xyz"):
            files = [TreeFile(f"{name}/1/a.jpg", 1) for name in names]
            finder = Finder(files, folder_and_name)
            assert files[finder.find("1/a.jpg")].path == "x/1/a.jpg"
            assert list(finder.doubled()) == [(f"{name}/1/a.jpg", "x/1/a.jpg") for name in "yz"]

    def test_of_several_one_with_content_is_found_then_the_least_deep(self):
        paths = [("a/b/1.png", 3), ("c/1.png", 0), ("d/1.png", 3), ("e/1.png", 3), ("2.png", 0)]
        finder = Finder([TreeFile(*each) for each in paths], lambda path: path.rpartition("/")[2])
        assert (finder.find("1.png"), finder.find("2.png")) == (2, 4)
        assert set(finder.doubled()) == {(path, "d/1.png") for path in ("e/1.png", "a/b/1.png", "c/1.png")}

    def test_a_file_without_a_key_is_not_found(self):
        finder = Finder(FILES, lambda path: None if path == "z" else path)
        assert (finder.find("z"), finder.find("")) == (-1, -1)

    def test_nothing_is_found_among_no_files(self):
        assert Finder([], folder_and_name).find("a") == -1

    @pytest.mark.usefixtures("usual_collector")
    def test_no_key_stays_in_memory(self):
        number = 20_000
        files = [TreeFile(f"{place // 300}/{place}.jpg", 0) for place in range(number)]
        assert bytes_held(lambda: Finder(files, folder_and_name)) < number


@pytest.mark.parametrize("target", ["loop", "nothing"])
def test_a_link_that_leads_nowhere_is_passed_over(tmp_path, target):
    (tmp_path / "a.png").touch()
    (tmp_path / "loop").symlink_to(tmp_path / target)
    assert [file.path for file in Tree.read(tmp_path, "a dataset").files] == ["a.png"]


@pytest.mark.parametrize(
    "junk", ["__MACOSX", ".ipynb_checkpoints", "b/.Trashes", ".cache", "b/__pycache__", "#recycle"]
)
def test_folders_that_tools_leave_are_passed_over(tmp_path, junk):
    for path in ("b/a.png", f"{junk}/a.png", f"{junk}/c/a.png"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert [file.path for file in Tree.read(tmp_path, "a dataset").files] == ["b/a.png"]


def test_a_byte_order_mark_is_no_part_of_a_text(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbf3.0")
    assert Tree.read(tmp_path, "a dataset").read_text("a.txt") == "3.0"


def test_a_root_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(DataError, match=r"does not exist; give the folder that holds a dataset with --root"):
        Tree.read(tmp_path / "none", "a dataset")
