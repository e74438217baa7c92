"""Fixtures that several folders share."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No root or workspace of the developer's own reaches a test, and nothing is written outside its folder."""
    for name in list(os.environ):
        if name.startswith("FACEMOTION_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


CkTree = Callable[..., Path]


@pytest.fixture
def ck_tree(tmp_path: Path) -> CkTree:
    """Return a function that writes a tree with CK+'s names; its pictures are empty files.

    ``sequences`` maps ``S005_001`` to (code or None, number of frames).
    """

    def build(
        sequences: dict[str, tuple[float | None, int]],
        *,
        root: str = "ck",
        images: str = "cohn-kanade-images/{subject}/{session}",
        labels: str = "Emotion/{subject}/{session}",
        label_text: str = "   {code:.7e}\n",
    ) -> Path:
        top = tmp_path / root
        for name, (code, frames) in sequences.items():
            subject, session = name.split("_")
            places = {"subject": subject, "session": session}
            folder = top / images.format(**places)
            folder.mkdir(parents=True, exist_ok=True)
            for number in range(1, frames + 1):
                (folder / f"{name}_{number:08d}.png").touch()
            folder = top / labels.format(**places)
            folder.mkdir(parents=True, exist_ok=True)
            if code is not None:
                (folder / f"{name}_{frames:08d}_emotion.txt").write_text(label_text.format(code=code))
        return top

    return build
