"""The trees in MMI's and Oulu-CASIA's layouts, and what all layouts share; CK+'s has a file of its own."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from facemotion import datasets, execution, media
from facemotion.config import DemoSettings
from facemotion.workspace import read_json


def digests(root: Path) -> dict[str, str]:
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def settings_of(tree: Path) -> DemoSettings:
    """Return what a tree was rendered with."""
    return DemoSettings.model_validate(read_json(tree / "demo.json")["settings"])


class Pair:
    """An executor whose two processes stay; how those of the others start is tested in ``contract/execution``."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self.pool = pool

    def run(self, function: Callable, tasks: Iterable, *, workers: int, paths: list[Path]) -> Iterator:
        assert workers == 2
        return self.pool.map(function, tasks)


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield Pair(pool)


@pytest.mark.parametrize("layout", ["ckplus", "mmi", "oulu-casia"])
def test_the_bytes_do_not_depend_on_the_number_of_workers(layout, quirks, pair, tmp_path, monkeypatch):
    one = quirks(layout)  # by one
    monkeypatch.setattr(execution, "load", lambda name: pair)
    datasets.layouts()[layout](tmp_path / "two", settings_of(one), workers=2)
    assert digests(one) == digests(tmp_path / "two")


@pytest.mark.parametrize(("layout", "suffix"), [("mmi", ".avi"), ("oulu-casia", ".jpeg"), ("affectnet-a", ".jpg")])
def test_glasses_are_worn_in_every_layout(layout, suffix, clean, share):
    settings = settings_of(clean(layout)).model_copy(update={"glasses": 1.0})
    render = datasets.layouts()[layout]
    glasses = share(f"glasses-{layout}", lambda root: render(root, settings, clean=True, workers=1))
    trees = (digests(root) for root in (clean(layout), glasses))
    bare, worn = ([digest for name, digest in tree.items() if name.endswith(suffix)] for tree in trees)
    assert len(bare) == len(worn) > 0
    assert not set(bare) & set(worn)


def test_an_older_tree_is_replaced(tmp_path):
    (tmp_path / "tree" / "old").mkdir(parents=True)
    settings = DemoSettings(subjects=2, frames=4, size=(96, 96))
    datasets.layouts()["fer2013"](tmp_path / "tree", settings, clean=True, workers=1)
    assert (tmp_path / "tree" / "demo.json").is_file()
    assert not (tmp_path / "tree" / "old").exists()


def test_a_clean_mmi_tree_holds_the_clips_alone(clean):
    names = {path.name for path in clean("mmi").rglob("Sessions/*/*")}
    stems = [
        f"{subject}-{number:03d}"
        for subject, first in (("S028", 3), ("S001", 100))
        for number in range(first, first + 6)
    ]
    assert names == {"session.xml", *(f"{stem}.{kind}" for stem in stems for kind in ("avi", "xml"))}


def test_the_true_points_of_mmi_lie_in_the_upright_picture(mmi_tree):
    table = pd.read_parquet(mmi_tree / "landmarks.parquet")
    clips = pd.read_csv(mmi_tree / "clips.csv", keep_default_na=False).set_index("clip")
    for row in table.groupby("source").head(1).itertuples():
        clip = clips.loc[Path(str(row.source)).stem]
        height, width = media.load(mmi_tree / str(row.source), rotate=int(clip["rotate"])).shape[:2]
        assert 0 < row.x1 < row.x2 < width
        assert 0 < row.y1 < row.y4 < height
        if clip["side"]:
            assert (row.x3 < width / 2) == (clip["side"] == "left")


def test_oulu_s_cameras_and_lights_differ_as_they_should(oulu_tree):
    top = oulu_tree / "B_OriginalImg/B_OriginalImg/OriginalImg"
    pictures = {
        (camera, light): media.load(top / camera / light / "P001/Surprise/003.jpeg").astype(float)
        for camera in ("VL", "NI")
        for light in ("Strong", "Weak", "Dark")
    }
    assert np.abs(np.diff(pictures["NI", "Strong"], axis=-1)).max() == 0
    assert np.abs(np.diff(pictures["VL", "Strong"], axis=-1)).max() > 20
    means = [pictures["VL", light].mean() for light in ("Strong", "Weak", "Dark")]
    assert means[0] > 2 * means[1] > 4 * means[2]
