"""docs/scale.md holds the figures of the committed benchmarks."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_page_on_scale_holds_what_the_benchmarks_say(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.delitem(sys.modules, "record", raising=False)
    import scale_page

    page = scale_page.PAGE.read_text(encoding="utf-8")
    for name in scale_page.TABLES:
        assert f"<!-- end of {name}.json -->" in page
    assert scale_page.filled(page) == page, "run python benchmarks/scale_page.py"
