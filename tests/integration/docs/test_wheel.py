"""What is installed is whole: every file of the packages is in the wheel, and the extras that are named exist."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def test_every_file_of_the_packages_is_in_the_wheel():
    wheel = pytest.importorskip(
        "hatchling.builders.wheel", reason="hatchling, which builds the wheel, is not installed"
    )
    builder = wheel.WheelBuilder(str(ROOT))
    listed = {Path(file.distribution_path).as_posix() for file in builder.recurse_included_files()}
    there = {
        path.relative_to(base).as_posix()
        for base, package in ((ROOT, "facemotion"), (ROOT / "cli", "facemotion_cli"))
        for path in (base / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert listed == there
    assert {"facemotion/landmarks/weights/pnet.onnx", "facemotion/presets/paper.toml"} <= listed


def test_extras_that_are_named_exist():
    with (ROOT / "pyproject.toml").open("rb") as file:
        extras = set(tomllib.load(file)["project"]["optional-dependencies"])
    texts = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "facemotion").rglob("*.py")]
    named = {
        word.strip()
        for path in texts
        for found in re.findall(r"(?:facemotion|\"\.)\[([a-z, ]+)\]", path.read_text(encoding="utf-8"))
        for word in found.split(",")
    }
    assert named
    assert named <= extras
