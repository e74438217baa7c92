"""Curves for TensorBoard are a nicety: a disk that fails them fails nothing else."""

import errno

import pytest

from facemotion.training.curves import curves

RECORD = {
    "phase": "joint",
    "epoch": 0,
    "mask_loss": 1.0,
    "class_loss": 1.0,
    "train_accuracy": 0.5,
    "rate": 1e-3,
    "generator_rate": None,
}

gfile = pytest.importorskip("tensorboard.compat.tensorflow_stub.io.gfile")


def test_a_disk_that_is_full_while_they_are_written(tmp_path, monkeypatch, capfd):
    def write(self, content):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(gfile.GFile, "write", write)
    with curves(tmp_path) as draw:
        for epoch in range(3):
            draw({**RECORD, "epoch": epoch})
    assert "Traceback" not in capfd.readouterr().err


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with curves(tmp_path / "file") as draw:
        draw(RECORD)


def test_they_are_written_and_replace_older_ones(tmp_path):
    (tmp_path / "events.out.tfevents.1.old").touch()
    with curves(tmp_path) as draw:
        draw(RECORD)
    (found,) = tmp_path.glob("events.out.tfevents.*")
    assert found.stat().st_size > 100
