"""Names with line breaks are said on one line: of faces that were located, and of what was left out."""

from pathlib import Path

import pytest
from PIL import Image

from facemotion import pipeline
from facemotion.ingestion.verify import as_text
from facemotion.pipeline import inference
from facemotion.workspace import Workspace

NAME, SHOWN = "a\nb\x1b[2J.png", r"a\nb\x1b[2J.png"


@pytest.fixture
def said(tmp_path: Path) -> tuple[pipeline.Context, list[str]]:
    lines: list[str] = []
    return pipeline.Context(Workspace(tmp_path / "work"), workers=1, say=lines.append), lines


def test_align_says_the_names_of_failures_on_a_line_each(said, tmp_path):
    context, lines = said
    folder = tmp_path / "root" / "happy" / "ann"
    folder.mkdir(parents=True)
    (folder / NAME).write_text("no picture")
    Image.new("RGB", (40, 40)).save(folder / "b.png")
    pipeline.align(context, "folder", root=tmp_path / "root", options={})
    assert any(f"happy/ann/{SHOWN}: " in line for line in lines)
    assert NAME not in "".join(lines)


@pytest.mark.parametrize("status", ["ok", "unreadable"])
def test_predict_says_the_names_of_frames_on_a_line_each(said, status):
    context, lines = said
    row = {"source": NAME, "frame": 3, "status": status, "message": "", "expression": "anger"}
    found = inference.Predicted(Path("predictions.json"), 1, 1, 1, {})
    inference._tell(context, found, [{**row, "probabilities": {"anger": 1.0}}], lying=0)
    assert lines[0].startswith(f"  {SHOWN}, frame 3: ")


def test_what_was_left_out_is_on_a_line_each():
    item = {"item": NAME, "reason": "video", "detail": "no picture", "number": 1}
    content = {"dataset": "folder", "layout": "", "classes": [], "checks": [], "exclusions": [item], "notes": []}
    lines = as_text({**content, "roles": {"expressive": 1, "neutral": 0}, "subjects": 1}).splitlines()
    assert f"  {SHOWN}: no picture" in lines
