"""Whatever the order of the directory, its junk, the case of names or the depth of nesting: the same selection."""

import random
import shutil
import tempfile
from pathlib import Path, PurePosixPath

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facemotion import datasets, manifest
from facemotion.config import DemoSettings
from facemotion.demo import render_affectnet
from facemotion.ingestion.tree import Tree

JUNK = (".DS_Store", "._P001", "Thumbs.db", "__MACOSX/a.png", "notes.md")
wrappers = st.sampled_from(["", "a", "a/b", "Download (1)"])


@pytest.fixture(scope="module")
def trees(tmp_path_factory, ckplus_quirks, oulu_tree, mmi_tree) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("trees")
    render_affectnet(root / "affectnet", DemoSettings(subjects=2, size=(96, 96)), workers=1)
    few = root / "mmi"
    for path in [*mmi_tree.rglob("S028-00[3-4].avi"), *mmi_tree.rglob("S001-100.avi")]:
        shutil.copytree(path.parent, few / "Sessions" / path.parent.name)
    return {"affectnet": root / "affectnet", "ckplus": ckplus_quirks, "oulu-casia": oulu_tree, "mmi": few}


def selection(table: pd.DataFrame) -> str:
    """Return the manifest's digest without the folders that a copy was wrapped in, and the case of its suffixes."""
    bare = table["source"].map(lambda source: PurePosixPath(source).name.lower())
    return manifest.digest(table.assign(source=bare))


@pytest.mark.parametrize("name", ["affectnet", "ckplus", "oulu-casia", "mmi"])
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 99), wrapper=wrappers, junk=st.sets(st.sampled_from(JUNK)), upper=st.booleans())
def test_how_a_copy_lies_on_disk_plays_no_part(trees, name, seed, wrapper, junk, upper):
    module = datasets.load(name)
    plain = module.ingest(Tree.read(trees[name], name), {})
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        place = root / wrapper
        shutil.copytree(trees[name], place, dirs_exist_ok=True)
        for path in junk:
            (place / path).parent.mkdir(exist_ok=True)
            (place / path).write_bytes(b"junk")
        if upper:
            for path in sorted(place.rglob("*.jp*g")):
                path.rename(path.with_suffix(path.suffix.upper()))
        tree = Tree.read(root, name)
        shuffled = Tree(root, tuple(random.Random(seed).sample(tree.files, len(tree.files))))
        other = module.ingest(shuffled, {})
    assert selection(other.manifest) == selection(plain.manifest)
    assert [(item.item, item.reason) for item in sorted(other.exclusions)] == [
        (item.item, item.reason) for item in sorted(plain.exclusions)
    ]
