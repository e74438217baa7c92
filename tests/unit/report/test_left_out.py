"""What a report says of what was left out."""

import json

import cv2
import numpy as np
import pytest

from facemotion.report.artefacts import read_dataset
from facemotion.report.left_out import left_out_section
from facemotion.report.page import write_report
from facemotion.report.text import printable
from facemotion.runs import Run
from facemotion.workspace import read_json


class TestLeftOut:
    def test_by_name_with_reason(self, finished, tmp_path, parsed):
        write_report([Run(finished.run)], finished.workspace, tmp_path / "page.html")
        text = parsed(tmp_path / "page.html").text
        after = text[text.index("Left out and failed, by name") :]
        assert "Left out as no_label: 1 S099_001" in after
        assert "Frames in which no face was located S000_003_00000004 no_face disgust; S000_003_00000004.png" in after

    def test_pictures_from_the_dataset_s_own_place(self, finished, tmp_path):
        dataset = read_dataset(finished.workspace, "demo")
        without = left_out_section(dataset, with_faces=False, root_of=lambda name: tmp_path)
        assert without is not None
        assert without["frames"][0]["picture"] is None
        cv2.imwrite(str(tmp_path / without["frames"][0]["source"]), np.full((400, 300, 3), 90, np.uint8))
        found = left_out_section(dataset, with_faces=False, root_of=lambda name: tmp_path if name == "demo" else None)
        assert found is not None
        assert found["frames"][0]["picture"].startswith("data:image/jpeg")

    def test_long_lists_are_cut_and_counted(self, copied, tmp_path, parsed):
        path = copied.workspace.dataset("demo") / "ingest.json"
        items = [{"item": f"S{number:03d}", "reason": "too_short", "detail": ""} for number in range(100)]
        path.write_text(json.dumps(read_json(path) | {"exclusions": items}))
        write_report([Run(copied.run)], copied.workspace, tmp_path / "page.html")
        text = parsed(tmp_path / "page.html").text
        assert "Left out as too_short: 100 S000" in text
        assert "and 60 more in ingest.json" in text

    def test_names_that_no_page_can_hold(self, copied, tmp_path):
        path = copied.workspace.dataset("demo") / "ingest.json"
        items = [{"item": "caf\udce9\x1b[31m<b>.png", "reason": "unreadable", "detail": ""}]
        path.write_text(json.dumps(read_json(path) | {"exclusions": items}))
        write_report([Run(copied.run)], copied.workspace, tmp_path / "page.html")
        assert r"caf\xe9\x1b[31m&lt;b&gt;.png" in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("value", ["plain", "größer 漢字", "two\nlines\tand a tab", 3, None])
def test_what_a_page_can_hold_is_left_as_it_is(value):
    assert printable(value) is value
