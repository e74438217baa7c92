"""``--executor ray`` and ``--ray-address`` of the commands that have them."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from facemotion_cli.root import main


def align(rendered: Path, work: Path, *more: str) -> Result:
    common = ["--root", str(rendered), "--work", str(work), "--quiet"]
    return CliRunner().invoke(main, ["align", "--dataset", "ckplus", *common, *more])


def test_alignment_by_ray_has_the_same_bytes(rendered: Path, tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="Ray is not installed")
    made = {}
    for executor in ("local", "ray"):
        result = align(rendered, tmp_path / executor, "--executor", executor, "--workers", "1")
        assert result.exit_code == 0, result.output
        folder = tmp_path / executor / "ckplus"
        paths = [folder / "faces.parquet", *sorted(folder.glob("aligned/*.npy")), *sorted(folder.glob("crops/*.npy"))]
        made[executor] = [path.read_bytes() for path in paths]
    assert made["local"] == made["ray"]


def test_an_address_is_for_ray(rendered: Path, tmp_path: Path) -> None:
    result = align(rendered, tmp_path, "--executor", "local", "--ray-address", "auto")
    assert result.exit_code == 2
    assert "--ray-address is for --executor ray" in result.output
    assert not any(tmp_path.iterdir())
