"""The notebook of the documentation runs from top to bottom, and prints what is kept in it."""

import ast
import contextlib
import io
import json
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).parents[3] / "docs" / "notebook.ipynb"


def execute(source: str, names: dict[str, Any]) -> tuple[str, Any]:
    """Run a cell as a notebook does; return what it printed, and the value of its last line."""
    body = ast.parse(source).body
    end = body[-1]
    last = end.value if isinstance(end, ast.Expr) else None
    body = body[:-1] if last is not None else body
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(ast.Module(body, []), str(NOTEBOOK), "exec"), names)
        value = None if last is None else eval(compile(ast.Expression(last), str(NOTEBOOK), "eval"), names)
    return printed.getvalue(), value


def test_every_cell_prints_what_is_kept(rendered, tmp_path):
    (tmp_path / "CK+").symlink_to(rendered, target_is_directory=True)  # what its first cell would render, the same
    names: dict[str, Any] = {}
    seen = []
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        printed, value = execute("".join(cell["source"]), names)
        kept = ["".join(output["text"]) for output in cell["outputs"] if output["output_type"] == "stream"]
        if cell["id"] != "train":  # its figures may differ in the last digit between machines
            assert ([printed] if printed else []) == kept, cell["id"]
        drawn = [output["data"] for output in cell["outputs"] if output["output_type"] == "execute_result"]
        assert ("image/jpeg" in drawn[0] if drawn else False) == hasattr(value, "getpixel"), cell["id"]
        seen.append(cell["id"])
    assert {"render", "faces", "bank", "leak", "train", "predict"} <= set(seen)
    assert names["answer"].expression in names["bank"].classes


def test_it_is_small_and_names_no_place_of_a_machine():
    text = NOTEBOOK.read_text(encoding="utf-8")
    assert len(text) < 400_000
    assert "/tmp" not in text
    assert "/home" not in text
