"""What lies where in a run's folder, and how a run is named."""

import os
import subprocess
import sys

import numpy as np
import pytest

from facemotion.errors import ConfigError, WorkspaceError
from facemotion.runs import Run, Training
from facemotion.workspace import Workspace


class TestFind:
    def test_by_name_by_folder_and_as_it_is(self, run, tmp_path, monkeypatch):
        work = Workspace(tmp_path / "facemotion-work")
        assert Run.find(work, "first").folder == run.folder
        for path in (run.folder, str(run.folder), "./facemotion-work/runs/first", "facemotion-work/runs/first/"):
            assert Run.find(work, path).folder.samefile(run.folder)
        assert Run.find(work, run) is run
        monkeypatch.chdir(run.folder.parent)
        assert Run.find(Workspace("elsewhere"), "first").folder.samefile(run.folder)  # a folder here

    def test_a_path_is_that_path_and_no_name(self, run, tmp_path):
        for typed in ("elsewhere/first", "./first", tmp_path / "first"):
            with pytest.raises(ConfigError, match="is not a training run: it does not exist"):
                Run.find(Workspace("facemotion-work"), typed)

    def test_a_word_that_means_two_runs_is_refused(self, run, tmp_path):
        (tmp_path / "first").mkdir()
        (tmp_path / "first" / "config.json").write_text("{}")
        with pytest.raises(ConfigError, match=r"is a run of facemotion-work and a folder here: write \./first"):
            Run.find(Workspace("facemotion-work"), "first")
        assert Run.find(Workspace("facemotion-work"), "./first").folder.resolve() == tmp_path / "first"

    def test_an_unknown_name_is_told_with_those_there_are(self, run):
        with pytest.raises(
            ConfigError, match=r"nothing is not a training run in .*runs and not the folder of one: there are first"
        ):
            Run.find(Workspace("facemotion-work"), "nothing")
        with pytest.raises(ConfigError, match="train one first"):
            Run.find(Workspace("empty"), "nothing")

    def test_a_folder_without_a_run_is_told(self, tmp_path):
        with pytest.raises(ConfigError, match=r"it has neither config\.json nor predictions\.parquet"):
            Run.open(tmp_path)

    def test_all(self, run):
        assert Run.all(Workspace("facemotion-work")) == [Run(Workspace("facemotion-work").run("first"))]


class TestTrainings:
    def test_those_that_are_finished_by_variant_fold_and_seed(self, run):
        assert [str(each) for each in run.trainings] == ["fmpn, fold 1, seed 0", "cnn, fold 0, seed 0"]
        assert [str(each) for each in run.begun] == ["fmpn, fold 0, seed 0", *map(str, run.trainings)]

    def test_one_is_chosen(self, run):
        assert str(run.training()) == "fmpn, fold 1, seed 0"
        assert str(run.training(variant="cnn")) == "cnn, fold 0, seed 0"
        with pytest.raises(ConfigError, match="first has no training with fold 7; it has fmpn, fold 1, seed 0; cnn"):
            run.training(fold=7)

    def test_of_another_key_or_damaged_they_are_not_finished(self, run):
        for training, text in zip(run.trainings, ('{"key": "other"}', "[" * 200_000), strict=True):
            training.curves.write_text(text)
        assert run.trainings == ()
        with pytest.raises(WorkspaceError, match="holds no finished training"):
            run.training()

    @pytest.mark.parametrize("name", ["fold-x/seed-0", "fold-0/seed-", "fold-00/seed-0", "fold-²/seed-0", "a/b"])
    def test_other_folders_are_no_trainings(self, run, name):
        (run.folder / "fmpn" / name).mkdir(parents=True)
        assert len(run.begun) == 3
        assert Training.at(run.folder / "fmpn" / name) is None

    def test_history_and_masks(self, training):
        assert training.history() == [{"phase": "joint", "epoch": 0, "class_loss": 1.5, "rate": None}]
        masks = training.masks()
        assert masks.sample_ids.tolist() == ["a", "b"]
        np.testing.assert_allclose(masks.masks, np.full((2, 4, 4), 0.2), rtol=1e-6)


def test_importing_it_loads_neither_torch_nor_pandas():
    script = "import sys, facemotion.runs; sys.exit(bool({'torch', 'pandas', 'cv2', 'sklearn'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", script], check=True, env=os.environ)
