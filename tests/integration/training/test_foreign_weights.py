"""Weights of strangers end in one sentence that names the file, before memory is taken for them."""

import json
import resource

import pytest
import torch
from safetensors.torch import load_file, save_file

from facemotion.errors import WorkspaceError
from facemotion.runs import Run
from facemotion.runs.trained import load_trained
from facemotion.training.checkpoint import is_usable, load_state, read_header


@pytest.fixture
def training(make_study, tmp_path):
    make_study().run(tmp_path / "run", folds_to_train=(0,))
    return Run.open(tmp_path / "run").training()


@pytest.fixture
def rewrite(training):
    """Return a function that writes the weights again with a changed header or changed tensors."""

    def change(header=None, tensors=None) -> None:
        old, weights = read_header(training.weights), load_file(training.weights)
        text = header if isinstance(header, str) else json.dumps(old | (header or {}))
        save_file({**weights, **(tensors or {})}, training.weights, metadata={"facemotion": text})

    return change


def settings(training, **model):
    content = read_header(training.weights)["settings"]
    return {"settings": {**content, "model": {**content["model"], **model}}}


def test_headers(training, rewrite) -> None:
    good = json.dumps(read_header(training.weights))
    for header in (
        "[" * 200_000,
        "[]",
        "not json",
        {"settings": None},
        {"settings": {"preset": "x"}},
        {"classes": "anger"},
        {"classes": None},
        {"classes": ["anger", "joy"]},
        {"classes": ["anger", "anger", "fear"]},
        {"classes": [["anger"], "fear"]},
        {"variant": "../cnn"},
        {"variant": ["cnn"]},
        {"variant": 3},
    ):
        rewrite(good)
        rewrite(header)
        told = r"model\.safetensors (is missing or damaged|has settings|does not say)"
        with pytest.raises(WorkspaceError, match=told):
            load_trained(training)
    rewrite(good)
    load_trained(training)


@pytest.mark.usefixtures("usual_collector")
def test_an_absurd_width_takes_no_memory(training, rewrite) -> None:
    """A mask generator of this width has 1.5 thousand million weights: 6 GB."""
    rewrite(settings(training, width=1024, blocks=4))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(WorkspaceError, match=r"model\.safetensors holds another model: .*generator"):
        load_trained(training)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KiB


def test_another_network_or_number_of_classes_is_told(training, rewrite) -> None:
    good = json.dumps(read_header(training.weights))
    rewrite(settings(training, classifier="no_such_network"))
    with pytest.raises(WorkspaceError, match="does not say which network it holds"):
        load_trained(training)
    rewrite(good)
    rewrite({"classes": ["anger", "fear"]})
    with pytest.raises(WorkspaceError, match=r"holds another model: classifier\..* is \(3,.*not \(2,"):
        load_trained(training)


def test_odd_names_are_told(training, rewrite) -> None:
    rewrite(tensors={"../../x": torch.zeros(1)})
    with pytest.raises(WorkspaceError, match=r"its settings' network does not know '\.\./\.\./x'"):
        load_trained(training)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_told(training, rewrite, value) -> None:
    name, weights = next((n, w) for n, w in load_file(training.weights).items() if w.is_floating_point())
    rewrite(tensors={name: torch.full_like(weights, value)})
    with pytest.raises(WorkspaceError, match=f"has numbers in {name} that are not finite"):
        load_trained(training)


def test_a_cut_file_is_told(training) -> None:
    training.weights.write_bytes(training.weights.read_bytes()[:-100])
    with pytest.raises(WorkspaceError, match="is missing or damaged"):
        load_trained(training)


@pytest.mark.parametrize("history", [None, "abc", [3], [{"epoch": 1}], [{"phase": None}], {"phase": "joint"}], ids=repr)
def test_a_state_with_an_odd_history_is_not_gone_on_from(tmp_path, history) -> None:
    path = tmp_path / "state.safetensors"
    save_file({"x": torch.zeros(1)}, path, metadata={"facemotion": json.dumps({"key": "k", "history": history})})
    assert not is_usable(path, "k")


def test_a_state_is_gone_on_from_by_its_own_run_only(tmp_path) -> None:
    path = tmp_path / "state.safetensors"
    header = json.dumps({"key": "k", "history": [{"phase": "joint", "epoch": 0}]})
    save_file({"x": torch.zeros(1)}, path, metadata={"facemotion": header})
    assert is_usable(path, "k")
    assert not is_usable(path, "other")
    assert not is_usable(tmp_path / "missing.safetensors", "k")


@pytest.mark.parametrize("name", ["x", "optimiser.one.exp_avg", "optimiser.0", "a.b.c.d"])
def test_a_state_with_odd_names_is_told(tmp_path, name) -> None:
    model = torch.nn.Linear(2, 1)
    path = tmp_path / "state.safetensors"
    own = {f"model.{key}": value for key, value in model.state_dict().items()}
    save_file({**own, name: torch.zeros(1)}, path, metadata={"facemotion": "{}"})
    with pytest.raises(WorkspaceError, match="holds another run"):
        load_state(path, model, torch.optim.Adam(model.parameters()))
