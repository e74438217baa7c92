"""What single parts of a report hold: mistakes, learned masks, what was left out, settings, comparison."""

import json
import shutil

import numpy as np
import pandas as pd

from facemotion import tables
from facemotion.alignment.store import FACES
from facemotion.evaluation import metrics, predictions
from facemotion.expressions import EXPRESSIONS
from facemotion.report.artefacts import read_dataset, read_run
from facemotion.report.comparison import comparison_section, paired
from facemotion.report.masks import learned_masks
from facemotion.report.mistakes import mistakes_section
from facemotion.report.page import write_report
from facemotion.report.settings import differing, settings_section
from facemotion.runs import Run
from facemotion.training.settings import load_preset
from facemotion.workspace import read_json


def rescore(run, change) -> None:
    """Rewrite a run's predictions and the figures that follow from them."""
    table, _ = predictions.read(run / "predictions.parquet")
    table = change(table)
    predictions.write(run / "predictions.parquet", table, header={})
    (run / "metrics.json").write_text(json.dumps(metrics.summarise(table, EXPRESSIONS, resamples=100)))


def answered(table, names, *, sure=0.9):
    """Return predictions with other answers, each with a probability."""
    p = np.full((len(table), len(EXPRESSIONS)), (1 - sure) / (len(EXPRESSIONS) - 1), np.float32)
    for row, name in enumerate(names):
        p[row, EXPRESSIONS.index(name)] = sure
    table = table.assign(predicted=list(names))
    table[[f"p_{name}" for name in EXPRESSIONS]] = p
    return table


def right(table):
    return answered(table, table["expression"])


def second_run(place):
    other = place.run.with_name("second")
    shutil.copytree(place.run, other)
    return other


class TestOrder:
    def test_it_is_that_of_a_reader_s_questions(self, finished, tmp_path, parsed):
        write_report([Run(finished.run)], finished.workspace, tmp_path / "page.html", {"train": 1.0})
        text = parsed(tmp_path / "page.html").text
        headings = (
            "Fold mean",
            "How sure",
            "Frames selected",
            "Faces located",
            "Aligned faces synthetic",
            "Motion-mask prior",
            "Learned masks on test faces",
            "Mistakes synthetic",
            "Training synthetic",
            "Confusion matrix",
            "Settings and provenance",
            "To make it again",
            "Left out and failed, by name",
        )
        places = [text.index(heading) for heading in headings]
        assert places == sorted(places)


class TestMistakes:
    def test_frames_of_a_sequence_are_one_mistake_and_the_surest_is_first(self, copied):
        def change(table):
            table = right(table)
            wrong = table["expression"] == "anger"
            changed = answered(table[wrong], ["disgust"] * int(wrong.sum()), sure=0.6)
            surest = changed.index[0]
            changed.loc[[surest]] = answered(changed.loc[[surest]], ["fear"], sure=0.95)
            table.loc[wrong] = changed
            return table

        rescore(copied.run, change)
        run, dataset = read_run(Run(copied.run)), read_dataset(copied.workspace, "demo")
        found = mistakes_section(run, dataset, with_faces=False)
        assert found is not None
        assert (found["images"], found["of"], found["seeds"], found["more"]) == (4, 28, 1, 0)
        assert found["pairs"][0] == {"true": "anger", "given": "disgust", "images": 3}
        first, *others = found["cards"]
        assert (first["true"], first["given"], first["p_given"], first["p_true"]) == ("anger", "fear", "95 %", "1 %")
        assert [card["p_given"] for card in others] == ["60 %"] * 3
        assert all(card["face"].startswith("data:image/jpeg") for card in found["cards"])

    def test_seeds_of_one_face_are_one_mistake(self, copied):
        def change(table):
            every = pd.concat([right(table).assign(seed=seed) for seed in range(3)], ignore_index=True)
            wrong = (every["sample_id"] == every["sample_id"].iloc[0]) & (every["seed"] > 0)
            name = "fear" if every["expression"].iloc[0] != "fear" else "anger"
            every.loc[wrong] = answered(every[wrong], [name] * 2)
            return every

        rescore(copied.run, change)
        found = mistakes_section(read_run(Run(copied.run)), read_dataset(copied.workspace, "demo"), with_faces=False)
        assert found is not None
        (card,) = found["cards"]
        assert (card["seeds"], found["seeds"], found["images"]) == (2, 3, 1)

    def test_none(self, copied, tmp_path, parsed):
        rescore(copied.run, right)
        write_report([Run(copied.run)], copied.workspace, tmp_path / "page.html")
        assert "No test face was mistaken." in parsed(tmp_path / "page.html").text

    def test_a_model_that_has_learned_nothing_is_said_to_have(self, copied, tmp_path, parsed):
        rescore(copied.run, lambda table: answered(table, ["fear"] * len(table)))
        write_report([Run(copied.run)], copied.workspace, tmp_path / "page.html")
        text = parsed(tmp_path / "page.html").text
        assert "fmpn has learned nothing: it answers fear to all 28 test faces" in text
        assert text.index("Read this before the figures") < text.index("Fold mean")

    def test_a_class_that_a_fold_does_not_train(self, copied, tmp_path, parsed):
        """The subjects of the other fold have no located face of contempt."""
        faces, header = tables.read_table(copied.workspace.dataset("demo") / "faces.parquet")
        folds = read_json(copied.workspace.dataset("demo") / "folds.json")["folds"]
        manifest = tables.read_table(copied.workspace.dataset("demo") / "manifest.parquet")[0]
        lost = set(folds[1]["test_samples"]) & set(manifest[manifest["expression"] == "contempt"]["sample_id"])
        gone = faces["sample_id"].isin(lost)
        faces.loc[gone, "status"], faces.loc[gone, "row"] = "no_face", -1
        tables.write_table(
            copied.workspace.dataset("demo") / "faces.parquet", faces, schema=FACES, header={"shards": header["shards"]}
        )
        write_report([Run(copied.run)], copied.workspace, tmp_path / "page.html")
        line = "contempt has 2 test faces but no training face in fold 0: no model there can have learned it"
        assert line in parsed(tmp_path / "page.html").text


class TestMasks:
    def test_several_subjects_and_folds(self, finished):
        found = learned_masks(read_run(Run(finished.run)), read_dataset(finished.workspace, "demo"), with_faces=False)
        assert found is not None
        cards = found["right"] + found["wrong"]
        assert {card["fold"] for card in cards} == {0, 1}
        assert len({card["subject"] for card in cards}) == 4
        assert all(card["prior"] and card["mask"] and card["masked"] for card in cards)

    def test_the_same_subject_is_not_shown_twice_for_a_class(self, finished):
        found = learned_masks(read_run(Run(finished.run)), read_dataset(finished.workspace, "demo"), with_faces=False)
        assert found is not None
        pairs = [(card["true"], card["subject"]) for card in found["right"]]
        assert len(pairs) == len(set(pairs))


class TestSettings:
    def test_those_that_differ_from_the_preset_come_first(self, copied, tmp_path, parsed):
        config = read_json(copied.run / "config.json")
        config["settings"] = load_preset("compact", ["training.joint_epochs=3", "model.dropout=0.4"]).as_json()
        (copied.run / "config.json").write_text(json.dumps(config))
        assert settings_section(read_run(Run(copied.run)))["changed"] == [
            ("model.dropout", "0.2", "0.4"),
            ("training.joint_epochs", "12", "3"),
        ]
        write_report([Run(copied.run)], copied.workspace, tmp_path / "page.html")
        text = parsed(tmp_path / "page.html").text
        assert text.index("training.joint_epochs 12 3") < text.index("All settings, inputs and versions")

    def test_a_field_that_the_run_s_version_did_not_have_is_no_change(self, copied):
        config = read_json(copied.run / "config.json")
        config["settings"] = load_preset("compact", ["training.joint_epochs=3"]).as_json()
        del config["settings"]["training"]["beta1"]
        (copied.run / "config.json").write_text(json.dumps(config))
        changed = settings_section(read_run(Run(copied.run)))["changed"]
        assert [name for name, *_ in changed] == ["training.joint_epochs"]

    def test_as_the_preset_says(self, copied, tmp_path, parsed):
        config = read_json(copied.run / "config.json")
        config["settings"] = load_preset("compact").as_json()
        (copied.run / "config.json").write_text(json.dumps(config))
        write_report([Run(copied.run)], copied.workspace, tmp_path / "page.html")
        assert "Everything is as preset compact" in parsed(tmp_path / "page.html").text

    def test_a_preset_of_one_s_own(self, copied, tmp_path, parsed):
        config = read_json(copied.run / "config.json")
        config["settings"] = load_preset("compact").as_json() | {"preset": "mine"}
        (copied.run / "config.json").write_text(json.dumps(config))
        write_report([Run(copied.run)], copied.workspace, tmp_path / "page.html")
        assert "mine is not a preset that facemotion ships" in parsed(tmp_path / "page.html").text

    def test_fields_that_differ(self):
        found = differing([{"a": 1, "b": {"c": True, "d": 2}}, {"a": 1, "b": {"c": False}}])
        assert found == [("b.c", ["yes", "no"]), ("b.d", ["2", "not set"])]
        assert differing([{"a": [1, 2]}, {"a": (1, 2)}]) == []


class TestComparison:
    def test_settings_and_paired_difference(self, copied, tmp_path, parsed):
        rescore(copied.run, right)
        other = second_run(copied)
        config = read_json(other / "config.json")
        config["settings"]["training"]["mask_weight"] = 0.1
        (other / "config.json").write_text(json.dumps(config))

        def change(table):
            return answered(table, ["fear" if name == "anger" else name for name in table["expression"]])

        rescore(other, change)
        write_report([Run(copied.run), Run(other)], copied.workspace, tmp_path / "page.html")
        page = parsed(tmp_path / "page.html")
        assert "settings.training.mask_weight 10 0.1" in page.text
        assert "first, fmpn second, fmpn +14.3" in page.text
        assert "#comparison" in page.links
        section = comparison_section([read_run(Run(copied.run)), read_run(Run(other))])
        assert section is not None
        assert section["fields"] == [("settings.training.mask_weight", ["10", "0.1"])]
        (pair,) = section["pairs"]
        assert (pair["images"], pair["subjects"], pair["interval"]) == (28, 4, "+14.3 to +14.3")

    def test_one_run_is_compared_with_nothing(self, finished):
        assert comparison_section([read_run(Run(finished.run))]) is None

    def test_equal_runs(self, copied, tmp_path, parsed):
        other = second_run(copied)
        write_report([Run(copied.run), Run(other)], copied.workspace, tmp_path / "page.html")
        text = parsed(tmp_path / "page.html").text
        assert "They agree in all settings, inputs and versions that they keep." in text
        assert "first, fmpn second, fmpn +0.0" in text

    def test_variants_that_only_one_has(self, copied):
        other = second_run(copied)
        rescore(other, lambda table: table.assign(variant="cnn"))
        ((row,), note) = paired(read_run(Run(copied.run)), read_run(Run(other)))
        assert (row["first"], row["second"], note) == ("first, fmpn", "second, cnn", "")

    def test_what_cannot_be_compared_is_said(self, copied):
        other = second_run(copied)
        config = read_json(other / "config.json") | {"dataset": "mmi"}
        (other / "config.json").write_text(json.dumps(config))
        rows, note = paired(read_run(Run(copied.run)), read_run(Run(other)))
        assert rows == []
        assert note == "first and second: tested on demo and on mmi, so no face is in common"

    def test_other_seeds_have_nothing_in_common(self, copied):
        other = second_run(copied)
        rescore(other, lambda table: table.assign(seed=7))
        assert paired(read_run(Run(copied.run)), read_run(Run(other))) == (
            [],
            "first and second: no test face and seed in common",
        )
