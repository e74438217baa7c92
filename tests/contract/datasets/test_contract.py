"""What every dataset module promises, on a small tree of each."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from facemotion import datasets, manifest
from facemotion.config import DemoSettings
from facemotion.demo import render_affectnet, render_ckplus
from facemotion.errors import ConfigError, DataError
from facemotion.expressions import LABEL_SPACES
from facemotion.ingestion.tree import Tree

SMALL = DemoSettings(subjects=2, frames=4, size=(96, 96))


def class_folders(root: Path) -> None:
    for word in ("happy", "sad", "neutral"):
        for subject in ("ann", "ben"):
            folder = root / word / subject
            folder.mkdir(parents=True)
            (folder / "1.png").touch()


TREES: dict[str, Callable[[Path], None]] = {
    "affectnet": lambda root: render_affectnet(root, SMALL, workers=1),
    "demo": lambda root: render_ckplus(root, SMALL, workers=1, clean=True),
    "folder": class_folders,
}


SHARED = {"ckplus": "ckplus_quirks", "mmi": "mmi_tree", "oulu-casia": "oulu_tree"}


@pytest.fixture(scope="module", params=datasets.names())
def case(request, tmp_path_factory):
    if request.param in SHARED:
        root = request.getfixturevalue(SHARED[request.param])
    else:
        root = tmp_path_factory.mktemp(request.param) / "tree"
        TREES[request.param](root)
    module = datasets.load(request.param)
    return module, Tree.read(root, module.INFO.title)


def test_it_says_what_it_is(case):
    module, _ = case
    info = module.INFO
    assert info.name in datasets.names()
    assert info.label_space in LABEL_SPACES
    assert info.title
    assert info.licence
    assert info.access
    assert set(info.images) <= set(info.classes)


def test_its_manifest_is_valid_and_names_files_that_are_there(case):
    module, tree = case
    result = module.ingest(tree, {})
    assert result.manifest.equals(manifest.validate(result.manifest))
    assert set(result.manifest["dataset"]) == {module.INFO.name}
    assert set(result.manifest["source"]) <= {file.path for file in tree.files}
    assert set(result.manifest["expression"]) <= {*result.classes, "neutral"}
    assert (result.manifest["role"] == "neutral").any() == module.INFO.has_neutral
    assert result.layout
    assert result.checks


def test_the_order_of_the_directory_plays_no_part(case):
    module, tree = case
    shuffled = Tree(tree.root, tuple(random.Random(1).sample(tree.files, len(tree.files))))
    one, two = (module.ingest(each, {}) for each in (tree, shuffled))
    assert manifest.digest(one.manifest) == manifest.digest(two.manifest)
    assert sorted(one.exclusions) == sorted(two.exclusions)


def test_an_unknown_option_is_refused(case):
    module, tree = case
    with pytest.raises(ConfigError, match="unknown setting 'colour'"):
        module.ingest(tree, {"colour": "blue"})


def test_another_folder_is_refused_by_name(case, tmp_path):
    module, _ = case
    (tmp_path / "readme.txt").touch()
    with pytest.raises(DataError, match=r"is not|is no release"):
        module.ingest(Tree.read(tmp_path, module.INFO.title), {})


def test_an_unknown_dataset_is_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match="unknown dataset 'jaffe': expected one of affectnet, ckplus"):
        datasets.load("jaffe")
