"""Whose faces are in a page: those of the demo and of rendered trees, and of licensed datasets only when asked for."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from facemotion.priors.bank import PriorBank
from facemotion.report.page import write_report
from facemotion.runs import Run
from facemotion.workspace import read_json


def named(place, dataset: str, *, synthetic: bool | None = None) -> None:
    """Make the workspace's dataset, and the run's, one of another name; set or leave the mark of rendered trees."""
    (place.workspace.root / "demo").rename(place.workspace.dataset(dataset))
    config = read_json(place.run / "config.json") | {"dataset": dataset}
    (place.run / "config.json").write_text(json.dumps(config))
    if synthetic is not None:
        path = place.workspace.dataset(dataset) / "ingest.json"
        path.write_text(json.dumps(read_json(path) | {"dataset": dataset, "synthetic": synthetic}))


def other_faces(place, dataset: str) -> None:
    """Replace every face by another picture."""
    for path in place.workspace.dataset(dataset).glob("*/00000.npy"):
        faces = np.load(path)
        np.save(path, np.random.default_rng(0).integers(0, 256, faces.shape, dtype=np.uint8))


def page_of(place, tmp_path: Path, **options) -> str:
    assert write_report([Run(place.run)], place.workspace, tmp_path / "page.html", **options) == []
    return (tmp_path / "page.html").read_text()


@pytest.mark.parametrize("dataset", ["ckplus", "mmi", "oulu-casia", "affectnet", "folder", "elsewhere"])
def test_no_pixel_of_a_gated_dataset_s_faces_is_in_the_page(copied, tmp_path, dataset):
    """The page is the same, byte for byte, whatever the faces look like."""
    named(copied, dataset)
    before = page_of(copied, tmp_path)
    other_faces(copied, dataset)
    assert page_of(copied, tmp_path) == before
    assert f"pictures of {dataset} are given under an agreement" in before
    assert "data:image/jpeg" not in before
    assert "taken for" in before  # the mistakes are told without their faces


def test_asked_for_they_are(copied, tmp_path):
    named(copied, "ckplus")
    before = page_of(copied, tmp_path, with_faces=True)
    assert "given under an agreement (" not in before
    assert before.count("data:image/jpeg") > 10
    other_faces(copied, "ckplus")
    assert page_of(copied, tmp_path, with_faces=True) != before


@pytest.mark.parametrize("dataset", ["demo", "ckplus"])
def test_rendered_faces_are_free(copied, tmp_path, dataset):
    if dataset != "demo":
        named(copied, dataset, synthetic=True)
    text = page_of(copied, tmp_path)
    assert text.count("data:image/jpeg") > 10
    assert "given under an agreement (" not in text


class TestMark:
    def test_a_rendered_tree_of_ckplus_is_called_synthetic_and_stands_beside_nothing(self, copied, tmp_path, parsed):
        named(copied, "ckplus", synthetic=True)
        page_of(copied, tmp_path)
        page = parsed(tmp_path / "page.html")
        assert "The faces of ckplus here are rendered by facemotion." in page.text
        assert "98.06" not in page.text
        assert "published" not in page.text.replace("no published figure stands beside it", "")
        for heading in ("Results", "How sure", "Data: ckplus", "Mistakes", "Training", "Confusion matrix"):
            assert f"{heading} synthetic faces" in page.text, heading
        assert "no picture of the dataset itself is in it" in page.text

    def test_real_faces_are_not(self, copied, tmp_path, parsed):
        named(copied, "ckplus", synthetic=False)
        page_of(copied, tmp_path)
        page = parsed(tmp_path / "page.html")
        assert "98.06 %" in page.text
        assert "Results synthetic faces" not in page.text
        assert "This run is about 28 of the 981 images that they are about." in page.text
        assert "28 of 981 images." in page.text

    def test_where_the_counts_are_lost_no_published_figure_stands_beside(self, copied, tmp_path, parsed):
        named(copied, "ckplus")
        (copied.workspace.dataset("ckplus") / "ingest.json").unlink()
        write_report([Run(copied.run)], copied.workspace, tmp_path / "page.html")
        assert "98.06" not in (tmp_path / "page.html").read_text()

    def test_a_prior_of_a_rendered_tree(self, copied, tmp_path, parsed):
        """The prior's source is another dataset of the workspace, which bears the mark."""
        shutil.copytree(copied.workspace.dataset("demo"), copied.workspace.dataset("mmi"))
        path = copied.workspace.dataset("mmi") / "ingest.json"
        path.write_text(json.dumps(read_json(path) | {"synthetic": True}))
        named(copied, "ckplus", synthetic=False)
        bank = PriorBank.load(copied.run / "prior.npz")
        bank.with_meta(dataset="mmi").save(copied.run / "prior.npz")
        page_of(copied, tmp_path)
        assert "This prior was built from synthetic faces." in parsed(tmp_path / "page.html").text
