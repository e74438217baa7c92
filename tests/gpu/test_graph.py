"""Steps as CUDA graphs. Skipped where there is no CUDA device; `tests/unit/training/test_step.py` has their logic."""

import numpy as np
import pytest
import torch

from facemotion.models import variants
from facemotion.models.narrow import NarrowConv2d
from facemotion.training.batches import Faces
from facemotion.training.data import TrainingData
from facemotion.training.device import repeatable
from facemotion.training.loop import Journal, fit
from facemotion.training.memory import bytes_needed
from facemotion.training.phases import phases
from facemotion.training.settings import TrainSettings, load_preset
from facemotion.training.step import Step, make_optimiser, set_rates
from facemotion.training.views import centre_views

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
    pytest.mark.filterwarnings("default", "error:::facemotion"),  # a warning of somebody else's module is not ours
]

CUDA = torch.device("cuda")
SMALL = ["model.width=8", "model.dropout=0.3", "training.generator_epochs=2", "training.joint_epochs=3"]
NUMBER = 140
"""Four batches of 32, and a rest."""


def small(*more: str) -> TrainSettings:
    return load_preset("compact", [*SMALL, *more])


def make_faces(settings: TrainSettings, **options) -> Faces:
    random = np.random.default_rng(0)
    crops = random.integers(0, 256, (NUMBER, 70, 70, 3), dtype=np.uint8)
    names, empty = np.arange(NUMBER).astype(str), np.full(NUMBER, "")
    classes = ("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")
    data = TrainingData(crops, np.arange(NUMBER), np.arange(NUMBER) % 7, names, names, empty, classes, "demo", "", "")
    return Faces(data, random.random((7, 70, 70), dtype=np.float32), np.ones(7, bool), settings.data, CUDA, **options)


def make_model(settings: TrainSettings, variant: str):
    torch.manual_seed(0)
    model = variants.build(variant, 7, settings.model, side=settings.data.crop)
    return model.to(CUDA, memory_format=torch.channels_last)  # type: ignore[call-overload]


def train(settings: TrainSettings, variant: str = "fmpn", *, resident: int = 1 << 30, **options):
    with repeatable(CUDA, deterministic=settings.training.deterministic):
        model, faces = make_model(settings, variant), make_faces(settings, resident_bytes=resident)
        history = fit(model, faces, np.arange(NUMBER), settings, seed=0, journal=Journal(**options))
    return model.state_dict(), history


def same(one: dict, other: dict) -> bool:
    return all(torch.equal(value, other[name]) for name, value in one.items())


@pytest.mark.parametrize("variant", variants.names())
def test_every_variant_is_captured_once_for_each_size_of_batch(variant: str) -> None:
    settings, said = small(), []
    with repeatable(CUDA):
        model, faces = make_model(settings, variant), make_faces(settings)
        for phase in phases(settings, variant):
            optimiser = make_optimiser(model, phase, settings.training)
            set_rates(optimiser, phase, 1.0)
            network = model if phase.class_weight else model.get_submodule("generator")
            step = Step(network, faces, phase, optimiser, settings.training, say=said.append)
            for _ in range(2):
                step.begin(phase.mask_weight)
                for share in faces.shares(torch.arange(NUMBER), centre_views(NUMBER, settings.data), 32):
                    step(share)
            assert (step.graphs, said) == (2, [])
            assert step.sums.isfinite().all()


@pytest.mark.parametrize("variant", variants.names())
@pytest.mark.parametrize("resident", [1 << 30, 0])
def test_a_graph_learns_as_the_eager_step_does(variant: str, resident: int) -> None:
    # rates so small that rounding does not grow over the epochs
    rates = [f"training.{name}_rate=1e-5" for name in ("generator", "joint", "joint_generator")]
    settings = small("training.precision=float32", *rates)
    eager = small("training.precision=float32", "training.cuda_graph=false", *rates)
    (_, found), (_, expected) = (train(each, variant, resident=resident) for each in (settings, eager))
    for name in ("mask_loss", "class_loss"):
        one, other = ([epoch[name] for epoch in each if epoch[name] is not None] for each in (found, expected))
        assert one == pytest.approx(other, rel=1e-3)


@pytest.mark.parametrize("after", [1, 3])
def test_a_training_that_was_killed_goes_on_to_the_same_bits(tmp_path, after: int) -> None:
    settings, count = small(), 0
    whole, history = train(settings)

    def kill(epoch) -> None:
        nonlocal count
        count += 1
        if count > after:
            raise KeyboardInterrupt

    state = tmp_path / "state.safetensors"
    with pytest.raises(KeyboardInterrupt):
        train(settings, state=state, every=0, after_epoch=kill)
    found, again = train(settings, state=state)
    assert same(whole, found)
    assert history == again


@pytest.mark.parametrize("variant", variants.names())
def test_two_trainings_agree_to_the_bit_with_dropout(variant: str) -> None:
    assert same(*(train(small(), variant)[0] for _ in range(2)))


def test_dropout_differs_from_step_to_step() -> None:
    """A replay goes on in the random numbers: with one face again and again, losses would else be all the same."""
    settings = small("training.precision=float32")
    with repeatable(CUDA):
        model, faces = make_model(settings, "cnn"), make_faces(settings)
        (phase,) = phases(settings, "cnn")
        optimiser = make_optimiser(model, phase, settings.training)
        set_rates(optimiser, phase, 0.0)
        step = Step(model, faces, phase, optimiser, settings.training)
        losses = set()
        for _ in range(8):
            step.begin(0.0)
            for share in faces.shares(torch.arange(32), centre_views(32, settings.data), 32):
                step(share)
            losses.add(step.sums[1].item())
        assert step.graphs == 1
    assert len(losses) == 8


def test_a_network_that_waits_for_the_device_is_trained_without_a_graph_and_that_is_said() -> None:
    settings, said = small("training.generator_epochs=0"), []
    with repeatable(CUDA):
        model, faces = make_model(settings, "cnn"), make_faces(settings)
        model.classifier.register_forward_hook(lambda module, inputs, output: output.sum().item() and None)
        journal = Journal(say=said.append)
        history = fit(model, faces, np.arange(NUMBER), settings, seed=0, journal=journal)
    assert len(history) == 3
    assert len(said) == 1
    assert "cannot be captured as a CUDA graph" in said[0]


def test_a_rest_that_waits_for_the_device_ends_all_graphs_and_dropout_goes_on() -> None:
    """Older torch leaves its random numbers as in a capture where one fails, also those of the graphs before."""
    settings, said = small("training.generator_epochs=0"), []

    def look(module, inputs, output) -> None:
        if len(output) != 32:
            output.sum().item()

    with repeatable(CUDA):
        model, faces = make_model(settings, "cnn"), make_faces(settings)
        model.classifier.register_forward_hook(look)
        history = fit(model, faces, np.arange(NUMBER), settings, seed=0, journal=Journal(say=said.append))
    _, expected = train(small("training.generator_epochs=0", "training.cuda_graph=false"), "cnn")
    assert len(said) == 1
    assert "operation not permitted" in said[0]
    assert np.isfinite([epoch["class_loss"] for epoch in history]).all()
    assert history[0]["class_loss"] == pytest.approx(expected[0]["class_loss"], rel=1e-2)


def test_compiled_networks_are_captured_too() -> None:
    settings, said = small("training.compile=true", "model.dropout=0.0"), []
    with repeatable(CUDA):
        model, faces = make_model(settings, "fmpn"), make_faces(settings)
        for phase in phases(settings, "fmpn"):
            optimiser = make_optimiser(model, phase, settings.training)
            set_rates(optimiser, phase, 1.0)
            network = model if phase.class_weight else model.get_submodule("generator")
            step = Step(network, faces, phase, optimiser, settings.training, say=said.append)
            step.begin(phase.mask_weight)
            for share in faces.shares(torch.arange(NUMBER), centre_views(NUMBER, settings.data), 32):
                step(share)
            assert (step.graphs, said) == (2, [])
            assert step.sums.isfinite().all()


@pytest.mark.parametrize(("channels", "out"), [(1, 16), (16, 1)])
def test_convolutions_by_rows_differ_by_the_rounding_of_bf16(channels: int, out: int) -> None:
    torch.manual_seed(0)
    layer = NarrowConv2d(channels, out, 7).to(CUDA)
    features = torch.rand(8, channels, 64, 64, device=CUDA)
    exact = layer.to(torch.float64)(features.double())
    layer.to(torch.float32)
    with torch.autocast("cuda", torch.bfloat16):
        direct = layer(features)
        layer.by_rows = True
        rows = layer(features)
    assert (rows - exact).abs().max() <= 2 * (direct - exact).abs().max()


@pytest.mark.parametrize("graph", ["true", "false"])
def test_no_more_memory_is_taken_than_was_reckoned(graph: str) -> None:
    settings = small("model.width=32", f"training.cuda_graph={graph}")
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    train(settings)
    taken = torch.cuda.max_memory_allocated() - before
    assert 0 < taken < bytes_needed(settings, "fmpn", 7)


def test_without_deterministic_kernels_it_learns_too() -> None:
    _, history = train(small("training.deterministic=false"))
    assert np.isfinite([epoch["mask_loss"] for epoch in history]).all()
