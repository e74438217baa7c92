"""The examples of docs/python.md, run in order as one program on a rendered tree."""

import re
import subprocess
import sys
from pathlib import Path

from facemotion.errors import Status

PAGE = Path(__file__).parents[3] / "docs" / "python.md"


def test_the_page_runs_from_top_to_bottom(rendered, tmp_path):
    (tmp_path / "CK+").symlink_to(rendered, target_is_directory=True)
    portrait = sorted(rendered.rglob("S*_*.png"))[0]
    (tmp_path / "portrait.png").write_bytes(portrait.read_bytes())
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
    names: dict = {}
    exec(compile(code, str(PAGE), "exec"), names)
    assert names["crop"].shape == (70, 70, 3)
    assert names["other"].alignment.folder.parent == Path("faces/ckplus/alignments")
    assert names["mask"].shape == (70, 70)
    assert bool(names["face"])
    assert set(names["table"]["fold"]) == {0}
    assert set(names["faces"]["status"]) <= {str(status) for status in Status}
    assert names["answer"].expression in names["train"].classes


def test_importing_facemotion_loads_neither_torch_nor_opencv():
    heavy = {"torch", "cv2", "pandas", "pyarrow", "matplotlib", "av", "onnxruntime", "numpy", "pydantic"}
    code = f"import sys, facemotion; sys.exit(', '.join(sorted({heavy!r} & set(sys.modules))) or 0)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")


def test_every_public_name_is_there_and_listed():
    import facemotion as fm

    names = {"open", "align", "PriorBank", "FMPN", "Predictor", "Run", "FaceDataset"}
    assert names <= set(dir(fm))
    for name in names:
        assert getattr(fm, name).__doc__
