"""Whatever the order of the directory, its junk, the case of names or the depth of nesting: the same selection."""

import random
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path, PurePosixPath

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from facemotion import datasets, manifest, media
from facemotion.config import Settings
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree

JUNK = (".DS_Store", "._P001", "Thumbs.db", "__MACOSX/a.png", "notes.md", "._S028_003_009.png")
wrappers = st.sampled_from(["", "a", "a/b", "Download (1)"])


@pytest.fixture(scope="module")
def trees(tmp_path_factory, quirks, mmi_tree) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("trees")
    few = root / "mmi"
    for path in [*mmi_tree.rglob("S028-00[3-4].avi"), *mmi_tree.rglob("S001-100.avi")]:
        shutil.copytree(path.parent, few / "Sessions" / path.parent.name)
    frames = root / "frames"
    frames.mkdir()
    (clip,) = mmi_tree.rglob("S028-003.avi")
    for index, image in media.read_frames(clip, range(7)):
        Image.fromarray(image).save(frames / f"S028_003_{index:03d}.png")
    for path in ("happy/ann/1.png", "happy/ben/2.JPG", "sad/ann/s1/12.png", "neutral/ben/1.bmp"):
        (root / "folder" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "folder" / path).touch()
    return {
        **{f"affectnet {release}": quirks(f"affectnet-{release}") for release in "abc"},
        "ckplus": quirks("ckplus"),
        "folder": root / "folder",
        "mmi": few,
        "mmi frames": frames,
        "oulu-casia": quirks("oulu-casia"),
    }


@pytest.fixture(scope="module")
def plain(trees, options) -> Callable[[str], Ingest]:
    """Return a function of a tree's name: what is ingested of it as it lies, once for all examples."""
    return cache(
        lambda name: datasets.load(name.partition(" ")[0]).ingest(Tree.read(trees[name], name), chosen(options, name))
    )


@pytest.fixture(scope="module")
def options(tmp_path_factory) -> dict[str, dict[str, str]]:
    labels = tmp_path_factory.mktemp("labels") / "labels.csv"
    labels.write_text("sequence,expression\nS028_003,1\n")
    return {"mmi frames": {"labels": str(labels)}}


def chosen(options: dict[str, dict[str, str]], name: str) -> Settings:
    return datasets.load(name.partition(" ")[0]).choose(options.get(name, {}))


def selection(table: pd.DataFrame) -> str:
    """Return the manifest's digest without the folders that a copy was wrapped in, and the case of its suffixes."""
    bare = table["source"].map(lambda source: PurePosixPath(source).name.lower())
    return manifest.digest(table.assign(source=bare))


def in_other_case(place: Path) -> None:
    """Give all suffixes upper case, and all folders the other case."""
    for path in sorted(place.rglob("*"), reverse=True):
        other = path.name.swapcase() if path.is_dir() else path.stem + path.suffix.upper()
        if other != path.name:
            path.rename(path.with_name(other))


CASES = ["affectnet a", "affectnet b", "affectnet c", "ckplus", "folder", "mmi", "mmi frames", "oulu-casia"]


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(seed=1, wrapper="a/b", junk=frozenset(JUNK), other_case=True)
@given(seed=st.integers(0, 99), wrapper=wrappers, junk=st.sets(st.sampled_from(JUNK)), other_case=st.booleans())
def test_how_a_copy_lies_on_disk_plays_no_part(trees, options, plain, name, seed, wrapper, junk, other_case):
    expected = plain(name)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        place = root / wrapper
        shutil.copytree(trees[name], place, dirs_exist_ok=True)
        if other_case and name != "folder":  # whose rows are named by their paths
            in_other_case(place)
        for path in junk:
            (place / path).parent.mkdir(exist_ok=True)
            (place / path).write_bytes(b"junk")
        tree = Tree.read(root, name)
        shuffled = Tree(root, tuple(random.Random(seed).sample(tuple(tree.files), len(tree.files))))
        other = datasets.load(name.partition(" ")[0]).ingest(shuffled, chosen(options, name))
    assert selection(other.manifest) == selection(expected.manifest)
    assert [(PurePosixPath(item.item).name, item.reason) for item in sorted(other.exclusions)] == [
        (PurePosixPath(item.item).name, item.reason) for item in sorted(expected.exclusions)
    ]
