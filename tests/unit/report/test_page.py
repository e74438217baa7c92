import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest

from facemotion import manifest
from facemotion.errors import ConfigError
from facemotion.evaluation import predictions
from facemotion.priors.bank import PriorBank
from facemotion.priors.meta import PriorMeta
from facemotion.priors.transfer import to_classes
from facemotion.report import page as report_page
from facemotion.report.curves import curves
from facemotion.report.page import write_report
from facemotion.runs import Run
from facemotion.workspace import Workspace, read_json


@pytest.fixture(scope="session")
def written(finished, tmp_path_factory):
    """Return the report of the finished run."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    assert write_report([Run(finished.run)], finished.workspace, path, {"align": 12.5, "train": 100.0}) == []
    return path


@pytest.fixture(scope="session")
def page(written, parsed):
    return parsed(written)


@pytest.fixture
def report(parsed):
    """Return what writes the report of a place and gives its gaps and the page."""

    def write(place, tmp_path, run=None, **options):
        gaps = write_report([Run(run or place.run)], place.workspace, tmp_path / "report.html", **options)
        return gaps, parsed(tmp_path / "report.html")

    return write


class TestWhole:
    def test_it_is_well_formed_and_loads_nothing(self, page):
        assert page.open == []
        assert "script" not in page.tags
        assert all(link.startswith(("data:", "#")) for link in page.links)

    def test_every_image_has_a_text(self, page):
        assert len(page.images) > 20
        assert all(image["alt"] for image in page.images)

    def test_no_path_of_this_machine(self, finished, written):
        text = written.read_text()
        for path in (finished.workspace.root, written.parent):
            assert str(path) not in text
        assert "masks-of-demo.npz" in text

    def test_sections(self, page, finished):
        metrics = read_json(finished.run / "metrics.json")["variants"]["fmpn"]["accuracy"]
        for value in metrics.values():
            assert f"{100 * value:.1f} %" in page.text
        for words in (
            "28 test images of 4 subjects in 7 classes, 2 folds, 1 seed; chance is 14.3 %",
            "Confusion matrix",
            "no_face 1",
            "Motion-mask prior",
            "Learned masks on test faces",
            "settings.training.mask_weight 10",
            "align 12.5 s",
            "train 1 min 40 s",
            "all 1 min 52 s",
            "images, fear 4 75 differs",
            "no_label 1",
            "built from demo",
        ):
            assert words in page.text, words

    def test_the_demo_says_that_its_faces_are_synthetic(self, page):
        assert "it says nothing about real faces" in page.text

    def test_same_artefacts_give_the_same_bytes(self, finished, written, tmp_path, monkeypatch):
        monkeypatch.setattr(report_page, "curves", curves)  # drawn anew
        write_report([Run(finished.run)], finished.workspace, tmp_path / "b.html", {"align": 12.5, "train": 100.0})
        assert (tmp_path / "b.html").read_bytes() == written.read_bytes()

    def test_several_runs(self, copied, tmp_path, parsed):
        second = copied.run.with_name("second")
        shutil.copytree(copied.run, second)
        write_report([Run(copied.run), Run(second)], copied.workspace, tmp_path / "report.html")
        found = parsed(tmp_path / "report.html")
        assert {"#run-1", "#run-2", "#data-1"} <= set(found.links)
        assert found.text.count("Faces located") == 1


class TestReal:
    def test_published_figures_beside_a_real_dataset(self, copied, tmp_path, report):
        config = read_json(copied.run / "config.json") | {"dataset": "ckplus"}
        (copied.run / "config.json").write_text(json.dumps(config))
        (copied.workspace.root / "demo").rename(copied.workspace.root / "ckplus")
        _, page = report(copied, tmp_path)
        assert "says nothing about real faces" not in page.text
        assert "This prior was built from synthetic faces." in page.text
        for words in ("Table 1", "98.06 %", "98.17 %", "Yang et al., 2018 img 97.30 %", "Table 2 of the paper"):
            assert words in page.text, words
        own, published = "Confusion matrix AN CO", "The paper’s confusion matrix, not of this run"
        assert page.text.index(own) < page.text.index(published)
        assert "anger 95.6 129 2.2 3 2.2 3 contempt 98.1 53" in page.text[page.text.index(published) :]

    def test_every_run_stands_beside_its_own_table(self, copied, tmp_path, parsed):
        """Two runs of two datasets: CK+ in its seven classes, and MMI, whose table has six."""
        second = copied.run.with_name("second")
        shutil.copytree(copied.run, second)
        for run, dataset in ((copied.run, "ckplus"), (second, "mmi")):
            config = read_json(run / "config.json") | {"dataset": dataset}
            (run / "config.json").write_text(json.dumps(config))
            shutil.copytree(copied.workspace.root / "demo", copied.workspace.root / dataset)
        write_report([Run(copied.run), Run(second)], copied.workspace, tmp_path / "report.html")
        text = parsed(tmp_path / "report.html").text
        assert text.count("Beside the published figures") == 1  # seven classes of MMI are not the paper's
        assert "98.06 %" in text
        assert "82.74 %" not in text


class TestSplit:
    def test_a_dataset_with_a_split_of_its_own_needs_no_folds(self, copied, tmp_path, report):
        place = copied.workspace.root / "demo"
        rows, header = manifest.read(place / "manifest.parquet")
        split = np.where(np.arange(len(rows)) % 3, "train", "test")
        manifest.write(place / "manifest.parquet", rows.assign(split=split, subject=rows["sample_id"]), header=header)
        (place / "folds.json").unlink()
        gaps, page = report(copied, tmp_path)
        assert gaps == []
        assert "person-independently" not in page.text
        assert "people without a name may be in both parts" in page.text
        assert "up to 5 faces of each expression, at the last selected frames" in page.text


class TestPrior:
    def test_what_shaped_it_and_its_whole_way_are_told(self, copied, tmp_path, report):
        bank = PriorBank.load(copied.run / "prior.npz")
        carried = to_classes(bank, ("anger", "fear", "neutral")).with_meta(difference="relative", average="median")
        carried.save(copied.run / "prior.npz")
        text = report(copied, tmp_path)[1].text
        for words in (
            "The median relative difference between expressive and neutral faces of each class, equalised. Bright",
            "median of the pairs, pixel by pixel",
            "1. built from demo, alignment c0ffee",
            "2. transferred to anger, fear, neutral; dropped contempt, disgust,",
        ):
            assert words in text, words

    def test_masks_without_means_say_so(self, copied, tmp_path, report):
        bank = PriorBank.load(copied.run / "prior.npz")
        meta = PriorMeta.model_validate({**bank.meta.model_dump(), "masks_only": True})
        masks = replace(bank, mean=np.zeros_like(bank.mean), count=np.zeros_like(bank.count), meta=meta)
        masks.save(copied.run / "prior.npz")
        assert "without the means behind them" in report(copied, tmp_path)[1].text


class TestGaps:
    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            ("config.json", "config.json, the settings: not there"),
            ("prior.npz", "prior.npz, the prior it was trained with: not there"),
            ("predictions.parquet", "predictions.parquet, the predictions: not there"),
        ],
    )
    def test_missing_file_of_the_run(self, copied, tmp_path, name, sentence, report):
        (copied.run / name).unlink()
        gaps, page = report(copied, tmp_path)
        assert gaps == [f"first: {sentence}"]
        assert sentence in page.text

    def test_figures_follow_from_predictions(self, copied, tmp_path, page, report):
        (copied.run / "metrics.json").unlink()
        gaps, found = report(copied, tmp_path)
        assert gaps == []
        assert re.findall(r"Pooled (\S+ %)", found.text) == re.findall(r"Pooled (\S+ %)", page.text) != []

    def test_broken_files(self, copied, tmp_path, report):
        (copied.run / "metrics.json").write_text("{")
        (copied.run / "prior.npz").write_bytes(b"PK")
        next(copied.run.glob("*/*/*/masks.npz")).write_bytes(b"")
        next(copied.run.glob("*/*/*/history.json")).write_text("nonsense")
        (copied.workspace.root / "demo" / "faces.parquet").write_bytes(b"")
        gaps, page = report(copied, tmp_path)
        assert len(gaps) == 4
        assert all("cannot be read" in gap for gap in gaps)
        assert "Pooled" in page.text

    def test_no_histories_and_masks(self, copied, tmp_path, report):
        shutil.rmtree(copied.run / "fmpn")
        gaps, page = report(copied, tmp_path)
        assert gaps == ["first: history.json, the training curves: not there"]
        assert "No training history is kept" in page.text
        assert "No learned masks are kept" in page.text

    def test_a_training_that_is_not_finished(self, copied, tmp_path, report):
        (copied.run / "fmpn" / "fold-1" / "seed-0" / "history.json").unlink()
        gaps, page = report(copied, tmp_path)
        assert gaps == ["first: fmpn, fold 1, seed 0: its training is not finished"]
        assert "Mean over the 1 model." in page.text

    def test_some_of_the_folds(self, copied, tmp_path, report):
        (copied.run / "metrics.json").unlink()
        table, _ = predictions.read(copied.run / "predictions.parquet")
        predictions.write(copied.run / "predictions.parquet", table[table["fold"] == 1], header={})
        _, page = report(copied, tmp_path)
        assert "14 test images of 2 subjects in 7 classes, 1 of the 2 folds, 1 seed" in page.text
        assert "With 2 subjects they are a rough guide." in page.text

    def test_broken_masks_are_passed_over(self, copied, tmp_path, report):
        next(iter(sorted(copied.run.glob("*/*/*/masks.npz")))).write_bytes(b"PK")
        gaps, page = report(copied, tmp_path)
        assert gaps == ["first: masks.npz of fmpn, fold 0, seed 0: cannot be read"]
        assert any("weighted by its learned mask" in image["alt"] for image in page.images)

    def test_the_dataset_is_not_in_this_workspace(self, finished, tmp_path):
        gaps = write_report([Run(finished.run)], Workspace(tmp_path / "other"), tmp_path / "report.html")
        assert len(gaps) == 4
        assert all(gap.startswith("demo: ") and gap.endswith("not there") for gap in gaps)
        assert "Pooled" in (tmp_path / "report.html").read_text()

    def test_lost_crops(self, copied, tmp_path, report):
        for kind in ("crops", "aligned"):
            shutil.rmtree(copied.workspace.root / "demo" / kind)
        gaps, _ = report(copied, tmp_path)
        assert sorted(gaps) == [
            "demo: aligned/, the aligned faces: cannot be read",
            "demo: crops/, the crops: cannot be read",
        ]


class TestRefusals:
    def test_no_runs(self, finished, tmp_path):
        with pytest.raises(ConfigError, match="no run to report on"):
            write_report([], finished.workspace, tmp_path / "report.html")

    def test_not_html(self, finished, tmp_path):
        with pytest.raises(ConfigError, match=r"give -o report\.html"):
            write_report([Run(finished.run)], finished.workspace, tmp_path / "report.pdf")


def test_text_is_escaped(copied, tmp_path, report):
    config = read_json(copied.run / "config.json")
    config["settings"]["note"] = "<script>alert(1)</script>"
    (copied.run / "config.json").write_text(json.dumps(config))
    _, page = report(copied, tmp_path)
    assert "script" not in page.tags


def test_float_masks_of_another_size_are_shown_too(copied, tmp_path, report):
    path = sorted(copied.run.glob("*/*/*/masks.npz"))[0]
    with np.load(path) as archive:
        arrays = dict(archive)
    arrays["mask"] = arrays["mask"][:, None, ::2, ::2] / np.float32(255)
    np.savez(path, **arrays)
    gaps, page = report(copied, tmp_path)
    assert gaps == []
    assert any("weighted by its learned mask" in image["alt"] for image in page.images)
