import json
import re
from pathlib import Path

import pandas as pd
from click.testing import CliRunner

from facemotion_cli.root import main


def export(out: Path, rendered: Path, work: Path, *more: str):
    common = ["--root", str(rendered), "--work", str(work), "--quiet", "-o", str(out)]
    return CliRunner().invoke(main, ["export-crops", "--dataset", "ckplus", "--to", "imagefolder", *common, *more])


def test_a_fold_is_train_and_test(trained: Path, rendered: Path, tmp_path: Path) -> None:
    work, out = tmp_path / "facemotion-work", tmp_path / "faces"
    result = export(out, rendered, work, "--fold", "1")
    assert result.exit_code == 0, result.output
    assert "synthetic faces, rendered" in result.output
    folds = json.loads((work / "ckplus/folds.json").read_text())["folds"]
    rows = pd.read_csv(out / "metadata.csv")
    assert set(rows["subject"][rows["fold"] == 1]) == set(folds[1]["subjects"])
    assert (rows["file_name"].str.startswith("test/") == (rows["fold"] == 1)).all()
    assert len(list(out.glob("*/*/*.png"))) == len(rows)
    again = export(out, rendered, work)
    assert again.exit_code == 1
    assert "exists; give another folder" in re.sub(r"[│\s]+", " ", again.output)


def test_all_faces_are_one_part(trained: Path, rendered: Path, tmp_path: Path) -> None:
    out = tmp_path / "faces"
    result = export(out, rendered, tmp_path / "facemotion-work", "--pictures", "aligned")
    assert result.exit_code == 0, result.output
    assert {path.parts[0] for path in map(Path, pd.read_csv(out / "metadata.csv")["file_name"])} == {"all"}
