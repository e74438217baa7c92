"""TOML files that nobody should be able to do harm with: facemotion.toml, presets, and values of --set."""

from pathlib import Path

import pytest

DEEP = 15_000
ODD = {
    "nested deep": b"a = " + b"[" * DEEP,
    "keys without end": b"[" + b"a." * DEEP + b"b]\n",
    "not UTF-8": b"\xff\xfe[\x00",
    "a huge number": b"a = " + b"9" * 5000,
    "no date": b"a = 2024-99-99",
    "huge": b"# " + b"x" * 2**20,
    "no table": b"roots = 1\nmodel = 2\n",
}


def sentence(run, *arguments: str) -> str:
    printed = run(*arguments, fails=True).output
    assert "Traceback" not in printed
    return " ".join(printed.replace("│", " ").split())


@pytest.mark.parametrize("name", [name for name in ODD if name != "keys without end"])
def test_facemotion_toml(run, name):
    Path("facemotion.toml").write_bytes(ODD[name])
    for arguments in (("ingest", "--dataset", "ckplus"), ("datasets", "set", "ckplus", ".")):
        assert "facemotion.toml" in sentence(run, *arguments)
    assert Path("facemotion.toml").read_bytes() == ODD[name]


@pytest.mark.parametrize("name", ODD)
def test_a_preset(run, name):
    Path("odd.toml").write_bytes(ODD[name])
    said = sentence(run, "train", "--preset", "odd.toml", "--print-config")
    assert "preset odd" in said
    assert len(said) < 2000


@pytest.mark.parametrize("text", ["9" * 5000, "0x" + "f" * 9000, "[" * DEEP, "nan", "1e999"])
def test_a_value_of_a_preset(run, text):
    said = sentence(run, "train", "--preset", "compact", f"--set=model.width={text}", "--print-config")
    assert "model.width" in said
    assert len(said) < 2000


def test_a_text_that_tomlkit_cannot_edit_is_left_alone(run, monkeypatch):
    import tomlkit

    def parse(text):
        raise RuntimeError(text)

    monkeypatch.setattr(tomlkit, "parse", parse)
    Path("facemotion.toml").write_text("[roots]\nmmi = '/data'\n")
    assert "change [roots] in it by hand" in sentence(run, "datasets", "set", "ckplus", ".")
