"""The paper's experiment in one command, and ImageNet weights from a file."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import timm
import torch
from click.testing import CliRunner

from facemotion.models import variants
from facemotion.runs import Run
from facemotion.runs.trained import load_trained
from facemotion.training.settings import TrainSettings
from facemotion_cli.root import main

RUN = Path("facemotion-work/runs/ckplus-compact")
LCNET = ("--set=model.classifier=lcnet_050",)
"""A network whose names and weights are usual ones."""
IMPORTS = (
    "import cv2, pyarrow.dataset, scipy.stats, timm, torch._dynamo, torch.utils.tensorboard\n"
    "import facemotion.pipeline.training, facemotion.runs.fitting, facemotion_cli.train\n"
)
"""What a training imports: a process that does so once is forked into those that train."""


def plain(output: str) -> str:
    return " ".join(output.replace("│", " ").split())


@pytest.fixture(scope="session")
def paper(share, trained_once, rendered, tiny) -> Path:
    """A workspace with the run ``whole``, the paper's protocol, beside ``said.txt``; do not write into it."""

    def make(folder: Path) -> None:
        part = folder.with_suffix(".part")
        shutil.copytree(trained_once, part, ignore=shutil.ignore_patterns("runs"))
        arguments = ("train", "--priors", "ckplus.npz", "--root", str(rendered), *tiny, "--protocol", "paper")
        with chdir(part):
            result = CliRunner(env={"COLUMNS": "400"}).invoke(main, [*arguments, "--name", "whole"])
        assert result.exit_code == 0, result.output
        (part / "said.txt").write_text(result.output)
        part.rename(folder)

    return share("paper", make)


@pytest.fixture
def prepared(trained, rendered):
    """The workspace without its run."""
    shutil.rmtree(trained)
    return ("train", "--priors", "ckplus.npz", "--root", rendered)


def test_the_paper_s_protocol_trains_every_variant_in_every_fold_and_goes_on_where_it_was(
    run, paper, tiny, rendered, tmp_path
):
    shutil.copytree(paper, tmp_path, dirs_exist_ok=True)
    output, folder = plain(Path("said.txt").read_text()), RUN.with_name("whole")
    cells = {path.parent for path in folder.rglob("model.safetensors")}
    assert {cell.relative_to(folder).as_posix() for cell in cells} == {
        f"{variant}/fold-{fold}/seed-0" for variant in ("fmpn", "no-mask-loss", "cnn") for fold in (0, 1)
    }
    assert "Table 1" not in output  # rendered faces never stand beside published figures
    assert "synthetic faces" in output
    assert "98.06 %" not in output
    scored = pd.read_parquet(folder / "predictions.parquet")
    assert scored.groupby("variant").size().nunique() == 1

    whole = {path: path.read_bytes() for path in folder.rglob("model.safetensors")}
    table = (folder / "predictions.parquet").read_bytes()
    shutil.rmtree(folder / "cnn/fold-1")  # as if it had been stopped there
    kept = {path: path.stat().st_mtime_ns for path in whole if path.exists()}
    arguments = ("train", "--priors", "ckplus.npz", "--root", rendered, *tiny, "--protocol", "paper")
    run(*arguments, "--name", "whole")
    assert {path: path.read_bytes() for path in whole} == whole
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert (folder / "predictions.parquet").read_bytes() == table


def test_a_protocol_that_is_killed_again_and_again_ends_in_the_same_bytes(run, paper, prepared, tiny):
    program = (
        "import itertools, os, signal, sys, types\n"
        f"{IMPORTS}"
        "from facemotion import progress\n"
        "from facemotion.training import loop\n"
        "minutes = itertools.count(0.0, 61.0)\n"  # the state is saved every minute: after every epoch, then
        "loop.time = types.SimpleNamespace(monotonic=lambda: next(minutes))\n"
        "from facemotion_cli.root import main\n"
        "def dying(items, label, /, *, total=None):\n"
        "    global after\n"
        "    for item in items:\n"
        "        after -= label.partition(',')[0] in ('fmpn', 'no-mask-loss', 'cnn')\n"
        "        if after < 0:\n"
        "            os.kill(os.getpid(), signal.SIGKILL)\n"
        "        yield item\n"
        "progress.shown = dying\n"
        "for after in map(int, sys.argv.pop(1).split(',')):\n"
        "    process = os.fork()\n"  # nothing has been computed yet: a new process, as if it had been started
        "    if not process:\n"
        "        main(sys.argv[1:])\n"
        "        os._exit(0)\n"
        "    assert os.waitpid(process, 0)[1] == signal.SIGKILL\n"
    )
    Path("program.py").write_text(program)
    arguments = [*map(str, prepared), *tiny, "--protocol", "paper", "--name", "killed"]
    epochs = "1,2,4,6"  # in the first training, after its first phase; in its second phase; in later trainings
    killed = subprocess.run(
        [sys.executable, "program.py", epochs, *arguments], capture_output=True, text=True, timeout=240
    )
    assert killed.returncode == 0, killed.stderr[-3000:]
    run(*arguments)

    def content(folder):
        paths = [path for path in folder.rglob("*") if path.is_file() and "tfevents" not in path.name]
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}

    whole = content(paper / RUN.with_name("whole"))
    assert content(RUN.with_name("killed")) == whole
    assert sum(name.endswith("model.safetensors") for name in whole) == 6
    assert {"predictions.parquet", "metrics.json", "config.json"} < set(whole)


ALIKE = (
    *("model.dropout=0", "training.corrected_statistics=false", "training.least_steps=1"),
    *("training.generator_batch=32", "training.joint_batch=27"),  # the last batch is smaller, or odd
)


def moved(run, variant):
    """Return how far training moved each weight of a run's network."""
    training = Run.open(run).training(variant=variant)
    torch.manual_seed(0)
    settings = TrainSettings.model_validate(json.loads((run / "config.json").read_text())["settings"])
    begun = variants.build(variant, 7, settings.model)
    one, two = (
        torch.cat([weight.detach().flatten() for weight in network.parameters()]).double().numpy()
        for network in (begun, load_trained(training).network)
    )
    return two - one


def test_two_processes_of_torchrun_train_what_one_trains(run, prepared, tiny):
    """What differs by rights is switched off: dropout, which each process draws for its own share, and statistics that
    are measured again, which make features of a variance near 0 as large as others, their rounding errors with them.
    """
    rates = [f"--set=training.{name}_rate=1e-6" for name in ("generator", "joint", "joint_generator")]
    alike = [f"--set={setting}" for setting in ALIKE]
    options = [*tiny, *rates, *alike, "--fold", "0", "--variant", "fmpn", "--variant", "cnn"]
    run(*prepared, *options, "--name", "one")
    Path("program.py").write_text("from facemotion_cli.root import main\nmain()\n")
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "program.py"]
    two = subprocess.run(
        [*torchrun, *map(str, prepared), *options, "--name", "two", "--quiet"],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert two.returncode == 0, two.stderr[-3000:]
    assert two.stdout.count("fold mean") == 1  # the first process alone speaks
    assert [two.stdout.count(f"{variant}, fold 0, seed 0: ") for variant in ("fmpn", "cnn")] == [1, 1]
    assert "FutureWarning" not in two.stderr
    tables = [pd.read_parquet(RUN.with_name(name) / "predictions.parquet") for name in ("one", "two")]
    assert tables[0]["sample_id"].tolist() == tables[1]["sample_id"].tolist()
    probabilities = [table.filter(like="p_").to_numpy() for table in tables]
    assert probabilities[1] == pytest.approx(probabilities[0], abs=1e-4)
    for variant in ("fmpn", "cnn"):
        one, two = (
            json.loads((RUN.with_name(name) / variant / "fold-0/seed-0/history.json").read_text())["epochs"]
            for name in ("one", "two")
        )
        assert len(one) == (3 if variant == "fmpn" else 2)
        for alone, shared in zip(one, two, strict=True):
            for name in ("mask_loss", "class_loss", "train_accuracy"):
                assert shared[name] == (None if alone[name] is None else pytest.approx(alone[name], rel=1e-4))
        steps = [moved(RUN.with_name(name), variant) for name in ("one", "two")]
        assert np.corrcoef(*steps)[0, 1] > 0.98  # they went the same way: the gradients are those of the whole batch


@pytest.mark.parametrize("option", [("--folds", 0), ("--variant", "cnn")])
def test_the_protocol_leaves_nothing_to_choose(run, prepared, tiny, option):
    output = plain(run(*prepared, *tiny, "--protocol", "paper", *option, fails=True).output)
    assert "leave out --fold and --variant" in output
    assert not RUN.exists()


def test_weights_of_a_file_are_where_the_classifier_begins(run, prepared, tiny):
    torch.manual_seed(5)
    state = timm.create_model("lcnet_050", num_classes=1000).state_dict()
    torch.save(state, "weights.pth")
    still = ["--set=training.joint_rate=1e-12", "--set=training.joint_generator_rate=1e-12"]
    run(*prepared, *tiny, *LCNET, *still, "--folds", 0, "--pretrained", "weights.pth")

    found = load_trained(Run.open(RUN).training(variant="fmpn")).network.classifier.state_dict()
    weight = "conv_stem.weight"
    assert found[weight].numpy() == pytest.approx(state[weight].numpy(), abs=1e-6)
    config = json.loads((RUN / "config.json").read_text())
    assert config["settings"]["model"]["pretrained"]["name"] == "weights.pth"


def test_without_a_network_the_hub_s_weights_are_asked_for_as_a_file(run, prepared, tiny, monkeypatch):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    output = plain(run(*prepared, *tiny, *LCNET, "--folds", 0, "--pretrained", fails=True).output)
    assert "ImageNet weights of 'lcnet_050' cannot be fetched" in output
    assert "--pretrained FILE" in output
    assert not RUN.exists()


def test_a_missing_file_of_weights(run, prepared, tiny):
    output = plain(run(*prepared, *tiny, "--folds", 0, "--pretrained", "none.pth", fails=True).output)
    assert "pretrained = 'none.pth' is not allowed" in output
    assert "none.pth does not exist" in output
    assert not RUN.exists()
