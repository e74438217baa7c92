from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from facemotion.errors import ConfigError
from facemotion.models import variants
from facemotion.models.network import Network
from facemotion.training import losses
from facemotion.training.batches import Faces
from facemotion.training.checkpoint import read_header
from facemotion.training.data import TrainingData
from facemotion.training.loop import Journal, fit
from facemotion.training.settings import TrainSettings, load_preset
from facemotion.training.views import centre_views

CPU = torch.device("cpu")
SMALL = [
    "model.classifier=test_resnet",
    "model.width=2",
    "model.blocks=1",
    "model.dropout=0.3",
    "data.resize=24",
    "data.crop=20",
    "training.generator_epochs=2",
    "training.generator_constant=1",
    "training.generator_batch=6",
    "training.joint_epochs=3",
    "training.joint_constant=1",
    "training.joint_batch=5",
]
KNOWN = (True, True, True)


def small(*more: str) -> TrainSettings:
    return load_preset("compact", [*SMALL, *more])


def make_faces(settings: TrainSettings, known: tuple[bool, ...] = KNOWN, seed: int = 0) -> Faces:
    """Bright, middling and dark faces, whose priors are a bright top, middle or bottom."""
    random = np.random.default_rng(1)
    labels = np.arange(18) % 3
    crops = random.integers(0, 90, (18, 20, 20, 3)) + 80 * labels[:, None, None, None]
    names = np.arange(18).astype(str)
    classes = ("anger", "fear", "surprise")
    data = TrainingData(
        crops.astype(np.uint8), np.arange(18), labels, names, names, np.array([""] * 18), classes, "demo", "", ""
    )
    masks = np.random.default_rng(seed).random((3, 20, 20), dtype=np.float32)
    for index in range(3):
        if known[index]:
            masks[index] = np.arange(20)[:, None] // 7 == index
    return Faces(data, masks, np.array(known), settings.data, CPU)


def make_model(settings: TrainSettings, variant="fmpn") -> Network:
    torch.manual_seed(0)
    model = variants.build(variant, 3, settings.model)
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # as a run has it


def train(settings: TrainSettings, faces: Faces, variant="fmpn", **options):
    model = make_model(settings, variant)
    seed = options.pop("seed", 0)
    history = fit(model, faces, np.arange(18), settings, seed=seed, journal=Journal(**options))
    return model.state_dict(), history


@cache
def undisturbed():
    return train(small(), make_faces(small()))


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(value, other[name]) for name, value in one.items())


class TestLosses:
    def test_mask_loss_is_the_mean_squared_error(self) -> None:
        settings = small()
        (batch,) = make_faces(settings).batches(torch.arange(9), centre_views(9, settings.data), 9)
        mask = torch.rand(9, 1, 20, 20)
        assert losses.mask_loss(mask, batch).item() == pytest.approx(
            (mask - batch.prior).square().mean().item(), rel=1e-5
        )

    def test_mask_loss_is_over_the_faces_that_have_a_prior(self) -> None:
        settings = small()
        faces = make_faces(settings, known=(True, False, True))
        (batch,) = faces.batches(torch.arange(9), centre_views(9, settings.data), 9)
        mask = torch.rand(9, 1, 20, 20)
        there = batch.labels != 1
        expected = (mask - batch.prior)[there].square().mean().item()
        assert losses.mask_loss(mask, batch).item() == pytest.approx(expected, rel=1e-5)

    def test_class_loss_is_the_cross_entropy(self) -> None:
        settings = small()
        (batch,) = make_faces(settings).batches(torch.arange(9), centre_views(9, settings.data), 9)
        logits = torch.randn(9, 3)
        expected = torch.nn.functional.cross_entropy(logits, batch.labels).item()
        assert losses.class_loss(logits, batch).item() == pytest.approx(expected, rel=1e-5)


class TestFit:
    def test_learns(self) -> None:
        settings = small("training.generator_epochs=6", "training.joint_epochs=8", "training.joint_rate=3e-3")
        _, history = train(settings, make_faces(settings))
        masks = [epoch["mask_loss"] for epoch in history]
        classes = [epoch["class_loss"] for epoch in history if epoch["phase"] == "joint"]
        assert masks[-1] < 0.9 * masks[0]
        assert classes[-1] < 0.8 * classes[0]

    def test_records_every_epoch(self) -> None:
        settings = small()
        _, history = train(settings, make_faces(settings))
        assert [(epoch["phase"], epoch["epoch"]) for epoch in history] == [
            ("generator", 0),
            ("generator", 1),
            ("joint", 0),
            ("joint", 1),
            ("joint", 2),
        ]
        own = settings.training
        assert [epoch["rate"] for epoch in history[:2]] == pytest.approx([own.generator_rate, own.generator_rate / 2])
        assert [epoch["rate"] / own.joint_rate for epoch in history[2:]] == pytest.approx([1, 2 / 3, 1 / 3])
        assert history[0]["class_loss"] is None
        assert history[0]["train_accuracy"] is None

    def test_the_first_phase_touches_the_generator_alone(self) -> None:
        settings = small()
        before = {name: value.clone() for name, value in make_model(settings).state_dict().items()}
        seen = {}
        model = make_model(settings)

        def look(epoch) -> None:
            if epoch["phase"] == "generator":
                seen.update({name: value.clone() for name, value in model.state_dict().items()})

        fit(model, make_faces(settings), np.arange(18), settings, seed=0, journal=Journal(after_epoch=look))
        changed = {name.split(".")[0] for name, value in seen.items() if not torch.equal(value, before[name])}
        assert changed == {"generator"}

    @pytest.mark.parametrize("variant", ["no-mask-loss", "cnn"])
    def test_the_baselines_do_not_see_the_prior(self, variant) -> None:
        settings = small()
        states = [train(settings, make_faces(settings, (False,) * 3, seed), variant)[0] for seed in (0, 1)]
        assert same(*states)

    def test_the_mask_of_a_class_without_prior_plays_no_part(self) -> None:
        settings = small()
        states = [train(settings, make_faces(settings, (True, False, True), seed))[0] for seed in (0, 1)]
        assert same(*states)
        guided = [train(settings, make_faces(settings, (False, True, True), seed))[0] for seed in (0, 1)]
        assert same(*guided)
        assert not same(states[0], guided[0])

    def test_follows_from_the_seed_and_not_from_the_callers_random_numbers(self) -> None:
        settings = small()
        faces = make_faces(settings)
        one, history = train(settings, faces)
        model = make_model(settings)
        torch.rand(17)
        fit(model, faces, np.arange(18), settings, seed=0)
        assert same(one, model.state_dict())
        assert train(settings, faces, seed=1)[1] != history

    def test_a_loss_that_is_not_finite_is_said(self) -> None:
        settings = small("training.joint_rate=1e30", "training.joint_generator_rate=1e30")
        with pytest.raises(ConfigError, match="not finite in epoch 0 of the joint phase"):
            train(settings, make_faces(settings))


@pytest.mark.filterwarnings("default", "error:::facemotion")  # torch 2.11 warns of its own compiler
class TestCompile:
    """`torch.compile` takes minutes to make code for a CPU; that code is run in tests/gpu."""

    def test_the_networks_are_traced_whole_and_learn_the_same(self, monkeypatch) -> None:
        made: list[int] = []

        def graph(network, **options):
            made.append(1)
            return compiler(network, backend="aot_eager", fullgraph=True, dynamic=options["dynamic"])

        compiler = torch.compile
        rates = [f"training.{name}_rate=1e-5" for name in ("generator", "joint", "joint_generator")]
        settings = small("model.dropout=0.0", *rates)
        expected = train(settings, make_faces(settings))[1]
        monkeypatch.setattr(torch, "compile", graph)
        said: list[str] = []
        compiled = small("model.dropout=0.0", "training.compile=true", *rates)
        found = train(compiled, make_faces(settings), say=said.append)[1]
        assert (len(made), said) == (2, [])
        for name in ("mask_loss", "class_loss"):
            one, other = (
                [epoch[name] for epoch in history if epoch[name] is not None] for history in (expected, found)
            )
            assert one == pytest.approx(other, rel=1e-3)

    def test_without_a_compiler_that_is_said_and_the_networks_are_computed_as_they_are(self, monkeypatch) -> None:
        from torch._inductor import config

        monkeypatch.setattr(config.cpp, "cxx", (None, "/nowhere/c++"))
        monkeypatch.setattr(config, "force_disable_caches", True)
        said: list[str] = []
        settings, compiled = small(), small("training.compile=true")
        expected, history = train(settings, make_faces(settings), "cnn")
        found, again = train(compiled, make_faces(settings), "cnn", say=said.append)
        assert same(expected, found)
        assert history == again
        assert len(said) == 1
        assert said[0].startswith("the networks cannot be compiled (")
        assert said[0].endswith("); they are computed as they are, slower")


class Killed(BaseException):
    pass


class TestResume:
    @pytest.mark.parametrize("after", range(1, 5))
    def test_ends_in_the_same_bits_wherever_it_was_killed(self, tmp_path: Path, after: int) -> None:
        settings = small()
        faces = make_faces(settings)
        expected, full = undisturbed()
        state = tmp_path / "state.safetensors"
        count = 0

        def kill(epoch) -> None:
            nonlocal count
            count += 1
            if count > after:
                raise Killed

        with pytest.raises(Killed):
            train(settings, faces, state=state, every=0, after_epoch=kill)
        assert len(read_header(state)["history"]) == after
        seen = []
        resumed, history = train(settings, faces, state=state, every=0, after_epoch=seen.append)
        assert same(expected, resumed)
        assert history == full == seen

    def test_a_damaged_state_begins_anew(self, tmp_path: Path) -> None:
        settings = small()
        faces = make_faces(settings)
        state = tmp_path / "state.safetensors"
        state.write_bytes(b"half a file")
        assert same(train(settings, faces)[0], train(settings, faces, state=state)[0])

    def test_a_finished_training_is_not_trained_again(self, tmp_path: Path) -> None:
        settings = small()
        faces = make_faces(settings)
        state = tmp_path / "state.safetensors"
        first, history = train(settings, faces, state=state)
        again, seen = train(settings, faces, state=state)
        assert same(first, again)
        assert seen == history
