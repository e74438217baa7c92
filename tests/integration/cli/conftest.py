"""Very small networks, and a workspace in which one of them is trained."""

import shutil
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path

import pytest
from click.testing import CliRunner

FIELDS = (
    "model.width=4",
    "model.blocks=1",
    "model.classifier=test_resnet",
    "data.resize=36",
    "data.crop=32",
    "training.generator_epochs=1",
    "training.generator_constant=1",
    "training.joint_epochs=2",
    "training.joint_constant=1",
)


@pytest.fixture(scope="session")
def tiny() -> list[str]:
    """Options of ``facemotion train`` for networks that train within seconds."""
    return ["--preset", "compact", "--device", "cpu", *(f"--set={field}" for field in FIELDS)]


@pytest.fixture(scope="session")
def wild(share: Callable[..., Path]) -> Callable[[str], Path]:
    """Return a function of a layout's name: its faces of six people; with fewer a part of an official split lacks some.

    Do not write into the tree.
    """
    from facemotion import datasets
    from facemotion.config import DemoSettings

    settings = DemoSettings(subjects=6, frames=4, size=(96, 96))

    def tree(layout: str) -> Path:
        render = datasets.layouts()[layout]
        return share(f"wild-{layout}", lambda root: render(root, settings, workers=1, clean=True))

    return tree


@pytest.fixture(scope="session")
def trained_once(share: Callable[..., Path], rendered: Path, tiny: list[str]) -> Path:
    """A folder with ``ckplus.npz`` and a workspace: fmpn and cnn trained on fold 0 of 2; do not write into it."""
    from facemotion_cli.root import main

    def make(folder: Path) -> None:
        part = folder.with_suffix(".part")
        part.mkdir()
        common = ["--root", str(rendered), "--work", str(part / "facemotion-work"), "--quiet"]
        bank = str(part / "ckplus.npz")
        for command in (
            ["folds", "--dataset", "ckplus", "--folds", "2"],
            ["build-priors", "--source", "ckplus", "--workers", "1", "-o", bank],
            ["train", "--priors", bank, *tiny, "--folds", "0", "--variant", "fmpn", "--variant", "cnn"],
        ):
            result = CliRunner().invoke(main, [*command, *common], catch_exceptions=False)
            assert result.exit_code == 0, result.output
        part.rename(folder)

    return share("trained", make)


@pytest.fixture(scope="session")
def exported(share: Callable[..., Path], trained_once: Path) -> Path:
    """``model.onnx`` of that run's fmpn, beside ``said.txt``: what the command said."""
    from facemotion_cli.root import main

    def make(folder: Path) -> None:
        part = folder.with_suffix(".part")
        shutil.copytree(trained_once, part)
        with chdir(part):
            result = CliRunner(env={"COLUMNS": "400"}).invoke(
                main, ["export", "ckplus-compact"], catch_exceptions=False
            )
        assert result.exit_code == 0, result.output
        (part / "said.txt").write_text(result.output)
        part.rename(folder)

    return share("exported", make) / "model.onnx"


@pytest.fixture
def trained(trained_once: Path, tmp_path: Path) -> Path:
    """The run ``ckplus-compact`` in a copy of that workspace, in the current folder."""
    shutil.copytree(trained_once / "facemotion-work", tmp_path / "facemotion-work")
    shutil.copy(trained_once / "ckplus.npz", tmp_path)
    return tmp_path / "facemotion-work/runs/ckplus-compact"


@pytest.fixture
def untrained(trained_once: Path, tmp_path: Path) -> Path:
    """``ckplus.npz`` in the current folder, beside a copy of the workspace that it was built in, without its run."""
    runs = shutil.ignore_patterns("runs")
    shutil.copytree(trained_once / "facemotion-work", tmp_path / "facemotion-work", ignore=runs)
    for path in trained_once.glob("ckplus.*"):
        shutil.copy(path, tmp_path)
    return Path("ckplus.npz")
