import itertools
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from facemotion.errors import ConfigError, EnvironmentProblem, WorkspaceError
from facemotion.evaluation import predictions
from facemotion.models import variants as registry
from facemotion.runs import Run
from facemotion.runs.trained import load_trained
from facemotion.training import loop
from facemotion.training.batches import Faces
from facemotion.training.data import fold_part
from facemotion.training.loop import fit
from facemotion.training.scoring import score
from facemotion.training.settings import load_preset
from facemotion.workspace import held, read_json


@pytest.fixture
def study(make_study):
    return make_study()


def files(out: Path) -> dict[str, bytes]:
    """Return the bytes of a run, but for the curves, which hold times, and the lock."""
    paths = [path for path in sorted(out.rglob("*")) if path.is_file() and "tfevents" not in path.name]
    paths = [path for path in paths if path.name != ".lock"]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in paths}


class TestWhatIsWritten:
    def test_a_run(self, study, tmp_path) -> None:
        out = tmp_path / "run"
        metrics = study.run(out, variants=("cnn", "fmpn"), seeds=(0, 4), folds_to_train=(1,))
        cells = [f"{variant}/fold-1/seed-{seed}" for variant in ("cnn", "fmpn") for seed in (0, 4)]
        names = {"model.safetensors", "history.json", "predictions.parquet"}
        expected = {f"{cell}/{name}" for cell in cells for name in names}
        expected |= {f"fmpn/fold-1/seed-{seed}/masks.npz" for seed in (0, 4)}
        expected |= {"config.json", "prior.npz", "predictions.parquet", "metrics.json"}
        assert set(files(out)) == expected
        assert len(list(out.rglob("*tfevents*"))) == 4
        merged, _ = predictions.read(out / "predictions.parquet")
        assert merged.groupby(["variant", "seed"]).size().tolist() == [6] * 4
        assert set(merged["subject"]) == set(study.folds.subjects(1))
        assert read_json(out / "metrics.json") == metrics
        config = read_json(out / "config.json")
        assert config["settings"] == study.settings.as_json()
        assert str(tmp_path) not in (out / "config.json").read_text()

    def test_one_process_at_a_time_trains_a_run(self, study, tmp_path) -> None:
        with (
            held(tmp_path / "run"),
            pytest.raises(WorkspaceError, match=r"another facemotion process is working on .*run"),
        ):
            study.run(tmp_path / "run")
        assert files(tmp_path / "run") == {}
        study.run(tmp_path / "run", folds_to_train=(0,))

    def test_learned_masks_are_kept_for_the_report(self, study, tmp_path) -> None:
        study.run(tmp_path / "run", folds_to_train=(0,))
        with np.load(tmp_path / "run/fmpn/fold-0/seed-0/masks.npz", allow_pickle=False) as kept:
            assert kept["mask"].shape == (6, 20, 20)
            assert kept["mask"].dtype == np.uint8
            assert set(kept["sample_id"]) <= set(study.data.sample_ids)
            assert set(kept["predicted"]) <= set(study.data.classes)

    def test_a_trained_model_is_loaded_and_gives_the_same_predictions(self, study, tmp_path) -> None:
        study.run(tmp_path / "run", folds_to_train=(0,))
        training = Run.open(tmp_path / "run").training()
        trained = load_trained(training)
        assert trained.classes == study.data.classes
        part = fold_part(study.data, study.folds, 0)
        scored = score(trained.deployed(), study.data.crops, study.data.rows[part.test])
        table = training.predictions().set_index("sample_id").loc[study.data.sample_ids[part.test]]
        probabilities = table[[f"p_{name}" for name in study.data.classes]].to_numpy()
        np.testing.assert_array_equal(probabilities, scored.probabilities)

    def test_a_transformer_is_trained_and_loaded_at_the_size_of_the_faces(self, study, tmp_path) -> None:
        study = study.with_settings("model.classifier=test_vit", "data.resize=52", "data.crop=48")
        study.run(tmp_path / "run", folds_to_train=(0,), variants=("cnn",))
        model = load_trained(Run.open(tmp_path / "run").training()).network
        assert model(torch.rand(2, 3, 48, 48), torch.rand(2, 1, 48, 48)).logits.shape == (2, 3)

    def test_what_is_scored_is_the_last_epoch_and_the_mask_is_the_folds_own(self, study, tmp_path) -> None:
        study.run(tmp_path / "run", folds_to_train=(2,), seeds=(5,))
        torch.manual_seed(5)
        model = registry.build("fmpn", 3, study.settings.model)
        masks = study.bank.mask[2]
        faces = Faces(study.data, masks, np.ones(3, bool), study.settings.data, torch.device("cpu"))
        tested = np.isin(study.data.subjects, study.folds.subjects(2))
        model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        history = fit(model, faces, np.flatnonzero(~tested), study.settings, seed=5)
        training = Run.open(tmp_path / "run").training(fold=2, seed=5)
        assert training.history() == history
        written = load_trained(training).network.state_dict()
        assert all(torch.equal(value, written[name]) for name, value in model.state_dict().items())

    def test_the_callers_random_numbers_are_left_alone(self, study, tmp_path) -> None:
        torch.manual_seed(1)
        expected = torch.rand(3)
        torch.manual_seed(1)
        study.run(tmp_path / "run", folds_to_train=(0,))
        assert torch.equal(torch.rand(3), expected)


class Killed(BaseException):
    pass


def killing(after: int):
    """Return a progress that kills the run at its epoch number `after`, counted through all trainings."""
    left = itertools.count()

    def progress(items, label, /, *, total=None):
        for item in items:
            if next(left) == after:
                raise Killed
            yield item

    return progress


@pytest.fixture(scope="module")
def whole() -> dict[str, bytes]:
    return {}  # what a run that nobody kills writes: the first test fills it


class TestResume:
    @pytest.mark.parametrize("after", [1, 2, 4, 7])
    @pytest.mark.parametrize("every_epoch", [False, True])
    def test_a_killed_run_ends_in_the_same_bytes(self, study, whole, tmp_path, monkeypatch, after, every_epoch) -> None:
        """The state is saved after a phase, and within it after an epoch that ends a minute or more after the last."""
        if every_epoch:
            minutes = itertools.count(0.0, 61.0)
            monkeypatch.setattr(loop, "time", SimpleNamespace(monotonic=lambda: next(minutes)))
        options = {"variants": ("fmpn", "no-mask-loss"), "folds_to_train": (0, 1)}
        if not whole:
            study.run(tmp_path / "whole", **options)
            whole.update(files(tmp_path / "whole"))
        with pytest.raises(Killed):
            study.run(tmp_path / "killed", progress=killing(after), **options)
        study.run(tmp_path / "killed", **options)
        killed = files(tmp_path / "killed")
        assert [name for name in {*whole, *killed} if whole.get(name) != killed.get(name)] == []

    def test_a_finished_run_trains_nothing_and_says_so(self, study, tmp_path) -> None:
        study.run(tmp_path / "run", folds_to_train=(0,))
        before = files(tmp_path / "run")
        said: list[str] = []
        study.run(tmp_path / "run", folds_to_train=(0,), progress=killing(0), say=said.append)
        assert files(tmp_path / "run") == before
        assert "up to date" in said[-1]

    def test_more_folds_are_added_to_a_run(self, study, tmp_path) -> None:
        study.run(tmp_path / "run", folds_to_train=(0,))
        study.run(tmp_path / "run", folds_to_train=(2,))
        merged = pd.read_parquet(tmp_path / "run/predictions.parquet")
        assert set(merged["fold"]) == {0, 2}

    def test_force_trains_again_and_gives_the_same(self, study, tmp_path) -> None:
        study.run(tmp_path / "run", folds_to_train=(0,))
        before = files(tmp_path / "run")
        said: list[str] = []
        study.run(tmp_path / "run", folds_to_train=(0,), force=True, say=said.append)
        assert "test faces" in said[-1]
        assert files(tmp_path / "run") == before

    def test_other_settings_are_refused_but_for_force(self, study, tmp_path) -> None:
        study.run(tmp_path / "run", folds_to_train=(0,))
        before = files(tmp_path / "run")
        other = study.replaced(settings=load_preset("compact", ["model.classifier=test_resnet"]))
        with pytest.raises(ConfigError, match="holds a run with other settings"):
            other.run(tmp_path / "run", folds_to_train=(0,))
        assert files(tmp_path / "run") == before

    def test_a_damaged_state_begins_anew(self, study, tmp_path) -> None:
        study.run(tmp_path / "whole", folds_to_train=(0,))
        with pytest.raises(Killed):
            study.run(tmp_path / "killed", folds_to_train=(0,), progress=killing(2))
        (state,) = (tmp_path / "killed").rglob("state.safetensors")
        state.write_bytes(state.read_bytes()[:100])
        study.run(tmp_path / "killed", folds_to_train=(0,))
        assert files(tmp_path / "killed") == files(tmp_path / "whole")

    def test_what_a_finished_training_resumed_from_is_removed_by_the_next_command(self, study, tmp_path) -> None:
        study.run(tmp_path / "run", folds_to_train=(0,))
        before = files(tmp_path / "run")
        left = tmp_path / "run/fmpn/fold-0/seed-0/state.safetensors"
        left.write_bytes(b"killed, or on a full disk, before it was removed")
        study.run(tmp_path / "run", folds_to_train=(0,))
        assert files(tmp_path / "run") == before

    def test_what_must_be_removed_and_cannot_be_is_said(self, study, tmp_path) -> None:
        (tmp_path / "run/fmpn/fold-0/seed-0/state.safetensors").mkdir(parents=True)
        with pytest.raises(
            WorkspaceError, match=r"cannot remove .*state\.safetensors, of a training with other settings"
        ):
            study.run(tmp_path / "run", folds_to_train=(0,))


class TestOfficialSplit:
    def test_trains_jointly_only_and_counts_as_fold_0(self, make_study, tmp_path) -> None:
        study = make_study(splits=("train",) * 4 + ("val",) * 2)
        other = study.bank.meta.model_copy(update={"dataset": "ckplus"})
        study = study.replaced(bank=type(study.bank)(study.bank.mean, study.bank.mask, study.bank.count, other))
        study.run(tmp_path / "run", study.data.official())
        history = read_json(tmp_path / "run/fmpn/fold-0/seed-0/history.json")["epochs"]
        assert [epoch["phase"] for epoch in history] == ["joint", "joint"]
        assert history[0]["mask_loss"] > 0
        merged = pd.read_parquet(tmp_path / "run/predictions.parquet")
        assert set(merged["subject"]) == {"S4", "S5"}

    def test_has_one_fold(self, study, tmp_path) -> None:
        with pytest.raises(ConfigError, match="no fold 1: an official split is fold 0"):
            study.run(tmp_path / "run", study.data.official(), folds_to_train=(1,))


def test_a_class_that_the_prior_lacks_is_trained_without_mask_loss_and_said(study, tmp_path) -> None:
    own = study.bank
    mean, mask, count = own.mean[:, 1:], own.mask[:, 1:], own.count[:, 1:]
    meta = own.meta.model_copy(update={"classes": own.classes[1:]})
    said: list[str] = []
    study.replaced(bank=type(own)(mean, mask, count, meta)).run(tmp_path / "run", folds_to_train=(0,), say=said.append)
    assert said[0] == "the prior has no mask of anger: those faces have no part in the mask loss"
    predicted = pd.read_parquet(tmp_path / "run/predictions.parquet")
    assert set(predicted["expression"]) == {"anger", "happiness", "surprise"}


class TestBadSettings:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"folds_to_train": (3,)}, "no fold 3: demo has 3, from 0"),
            ({"variants": ("fmnp",)}, r"'fmnp' \(did you mean fmpn\?\): expected one of fmpn, no-mask-loss, cnn"),
            ({"seeds": (-1,)}, "seed -1 is negative"),
            ({"seeds": ()}, "nothing to train"),
        ],
    )
    def test_stop_before_anything_is_written(self, study, tmp_path, options, message: str) -> None:
        with pytest.raises(ConfigError, match=message):
            study.run(tmp_path / "run", **options)
        assert not (tmp_path / "run").exists()

    def test_so_do_an_unknown_network_and_foreign_weights(self, study, tmp_path) -> None:
        (tmp_path / "no.pth").write_bytes(b"no weights")
        fields = {"classifier=resnet10x": ConfigError, f"pretrained={tmp_path / 'no.pth'}": EnvironmentProblem}
        for field, error in fields.items():
            settings = load_preset("compact", ["model.classifier=test_resnet", f"model.{field}"])
            with pytest.raises(error):
                study.replaced(settings=settings).run(tmp_path / "run")
        assert not (tmp_path / "run").exists()

    def test_so_does_a_network_that_cannot_take_faces_of_the_size(self, study, tmp_path) -> None:
        settings = load_preset("compact", ["model.classifier=inception_v3", "data.resize=36", "data.crop=36"])
        with pytest.raises(ConfigError, match="'inception_v3' cannot take faces of 36 px"):
            study.replaced(settings=settings).run(tmp_path / "run")
        assert not (tmp_path / "run").exists()

    def test_curves_are_drawn_only_where_tensorboard_is(self, study, tmp_path, monkeypatch) -> None:
        monkeypatch.setitem(__import__("sys").modules, "torch.utils.tensorboard", None)
        said: list[str] = []
        study.run(tmp_path / "run", seeds=(0, 1), folds_to_train=(0,), say=said.append)
        assert sum("tensorboard is not installed" in line for line in said) == 1
        assert not list((tmp_path / "run").rglob("*tfevents*"))
        assert (tmp_path / "run/fmpn/fold-0/seed-1/history.json").is_file()
