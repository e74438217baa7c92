"""Benchmarks and tools, which no other test runs as a whole, import what facemotion has."""

import ast
import importlib
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCRIPTS = sorted([*(ROOT / "benchmarks").glob("*.py"), *(ROOT / "tools").glob("*.py")])


@pytest.mark.parametrize("path", SCRIPTS, ids=[path.stem for path in SCRIPTS])
def test_every_name_that_a_script_imports_is_there(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    lacking = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] in ("facemotion", "facemotion_cli"):
            for name in (alias.name for alias in node.names):
                module = importlib.import_module(str(node.module))
                if not hasattr(module, name) and find_spec(f"{node.module}.{name}") is None:
                    lacking.append(f"{node.module}.{name}")
    assert not lacking
