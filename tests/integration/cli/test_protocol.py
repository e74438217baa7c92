"""The paper's experiment in one command, and ImageNet weights from a file."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
import timm
import torch

RUN = Path("facemotion-work/runs/ckplus-compact")


def plain(output: str) -> str:
    return " ".join(output.replace("│", " ").split())


@pytest.fixture
def prepared(trained, rendered):
    """The workspace without its run."""
    shutil.rmtree(trained)
    return ("train", "--priors", "ckplus.npz", "--root", rendered)


def test_the_paper_s_protocol_trains_every_variant_in_every_fold_and_goes_on_where_it_was(run, prepared, tiny):
    output = plain(run(*prepared, *tiny, "--protocol", "paper").output)
    cells = {path.parent for path in RUN.rglob("model.safetensors")}
    assert {cell.relative_to(RUN).as_posix() for cell in cells} == {
        f"{variant}/fold-{fold}/seed-0" for variant in ("fmpn", "no-mask-loss", "cnn") for fold in (0, 1)
    }
    assert "Table 1" in output
    assert "98.06 %" in output
    assert "90.78 %" in output
    scored = pd.read_parquet(RUN / "predictions.parquet")
    assert scored.groupby("variant").size().nunique() == 1

    whole = {path: path.read_bytes() for path in RUN.rglob("model.safetensors")}
    table = (RUN / "predictions.parquet").read_bytes()
    shutil.rmtree(RUN / "cnn/fold-1")  # as if it had been stopped there
    kept = {path: path.stat().st_mtime_ns for path in whole if path.exists()}
    run(*prepared, *tiny, "--protocol", "paper")
    assert {path: path.read_bytes() for path in whole} == whole
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert (RUN / "predictions.parquet").read_bytes() == table


@pytest.mark.parametrize("option", [("--folds", 0), ("--variant", "cnn")])
def test_the_protocol_leaves_nothing_to_choose(run, prepared, tiny, option):
    output = plain(run(*prepared, *tiny, "--protocol", "paper", *option, fails=True).output)
    assert "leave out --folds and --variant" in output
    assert not RUN.exists()


def test_weights_of_a_file_are_where_the_classifier_begins(run, prepared, tiny):
    torch.manual_seed(5)
    state = timm.create_model("lcnet_050", num_classes=1000).state_dict()
    torch.save(state, "weights.pth")
    still = ["--set=training.joint_rate=1e-12", "--set=training.joint_generator_rate=1e-12"]
    run(*prepared, *tiny, *still, "--folds", 0, "--pretrained", "weights.pth")
    from facemotion.training.cell import load_cell

    model, _ = load_cell(RUN / "fmpn/fold-0/seed-0")
    found = model.classifier.state_dict()
    weight = "conv_stem.weight"
    assert found[weight].numpy() == pytest.approx(state[weight].numpy(), abs=1e-6)
    config = json.loads((RUN / "config.json").read_text())
    assert config["settings"]["model"]["pretrained"].startswith("weights.pth sha256:")


def test_without_a_network_the_hub_s_weights_are_asked_for_as_a_file(run, prepared, tiny, monkeypatch):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    output = plain(run(*prepared, *tiny, "--folds", 0, "--pretrained", fails=True).output)
    assert "ImageNet weights of 'lcnet_050' cannot be fetched" in output
    assert "--pretrained FILE" in output
    assert not RUN.exists()


def test_a_missing_file_of_weights(run, prepared, tiny):
    output = plain(run(*prepared, *tiny, "--folds", 0, "--pretrained", "none.pth", fails=True).output)
    assert "none.pth do not exist" in output
    assert not RUN.exists()
