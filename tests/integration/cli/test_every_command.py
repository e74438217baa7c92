"""Every command and subcommand: ``--json``, ``--debug``, and ``--dry-run`` wherever anything is written."""

import json
import os

import click
import cv2
import numpy as np
import pandas as pd
import pytest

from facemotion.priors.bank import PriorBank
from facemotion_cli.root import COMMANDS, main

WRITE_NOTHING = {
    "datasets": "lists what there is",
    "runs": "lists what there is; --csv is printed",
    "verify": "compares what is there, and only says what is wrong",
    "doctor": "looks at what is installed, and only says what is wrong",
}
"""Commands without --dry-run, and why they need none."""
GROUPS = {"priors", "manifest"}
"""They do nothing by themselves."""
HERE = ("--root", "ROOT")
EXAMPLES = {
    "demo": ("--quick",),
    "demo render": ("faces", "--subjects", "2"),
    "datasets set": ("mmi", "tree"),
    "datasets unset": ("kdef",),
    "ingest": ("--dataset", "ckplus", *HERE, "--force"),
    "align": ("--dataset", "ckplus", *HERE, "--force"),
    "view": ("align", "--dataset", "ckplus"),
    "folds": ("--dataset", "ckplus", "--folds", "3"),
    "build-priors": ("--source", "ckplus", *HERE, "-o", "new.npz"),
    "priors show": ("ckplus.npz", "-o", "new.png"),
    "priors transfer": ("ckplus.npz", "--to", "basic6"),
    "priors merge": ("ckplus.npz", "other.npz"),
    "priors compare": ("ckplus.npz", "other.npz", "-o", "new.png"),
    "priors atlas": ("ckplus.npz", "other.npz"),
    "priors stability": ("ckplus.npz", "-o", "new.png"),
    "priors import-fmpn": ("CKPlus",),
    "train": ("--priors", "ckplus.npz", *HERE, "--preset", "compact", "--device", "cpu", "--name", "new"),
    "report": (),
    "evaluate": ("ckplus-compact", "--dataset", "folder", "--root", "tree", "--device", "cpu"),
    "predict": ("ckplus-compact", "tree"),
    "explain": ("ckplus-compact", *HERE),
    "export": ("ckplus-compact",),
    "export-crops": ("--dataset", "ckplus", "--to", "hf", *HERE),
    "manifest export": ("--dataset", "ckplus", *HERE),
    "manifest verify": ("shared.csv", "--work", "elsewhere", *HERE),
    "manifest accept": ("--dataset", "mmi"),
}
"""What each is tried with; it would write in the folder that `prepared` makes."""


def walked() -> dict[str, click.Command]:
    """Return every command and subcommand by its words, with the options that it has when it is run."""
    found: dict[str, click.Command] = {}

    def walk(name: str, command: click.Command) -> None:
        found[name] = command
        for below, each in command.commands.items() if isinstance(command, click.Group) else ():
            walk(f"{name} {below}", each)

    context = click.Context(main)
    for name in COMMANDS:
        command = main.get_command(context, name)
        assert command is not None
        walk(name, command._loaded())  # type: ignore[attr-defined]
    return found


def spellings(command: click.Command) -> set[str]:
    return {spelling for parameter in command.params for spelling in parameter.opts}


def test_every_command_has_events_and_tracebacks():
    lacking = [name for name, command in walked().items() if not {"--json", "--debug"} <= spellings(command)]
    assert not lacking


def test_every_command_that_writes_has_a_dry_run_and_is_tried_below():
    dry = {name for name, command in walked().items() if "--dry-run" in spellings(command)}
    assert set(walked()) - dry == {*WRITE_NOTHING, *GROUPS}
    assert dry == set(EXAMPLES)


@pytest.fixture(scope="module")
def prepared(trained_once, rendered, tmp_path_factory):
    """A folder in which each of `EXAMPLES` would write something; nobody writes into it."""
    import shutil

    place = tmp_path_factory.mktemp("prepared")
    shutil.copytree(trained_once / "facemotion-work", place / "facemotion-work")
    shutil.copy(trained_once / "ckplus.npz", place)
    PriorBank.load(place / "ckplus.npz").with_meta(dataset="kdef").save(place / "other.npz")
    (place / "tree/happy").mkdir(parents=True)
    cv2.imwrite(str(place / "tree/happy/one.png"), np.zeros((64, 64, 3), np.uint8))
    (place / "facemotion.toml").write_text(f"[roots]\nkdef = {json.dumps(str(place / 'tree'))}\n")
    masks = place / "CKPlus/imgs_res/0"
    masks.mkdir(parents=True)
    for kind in range(7):
        cv2.imwrite(str(masks / f"{kind}.png"), np.full((70, 70), 10 * kind, np.uint8))
    (place / "CKPlus/test_ids_0.csv").write_text("S005_001_00000009.png\n")
    shutil.copytree(place / "facemotion-work/ckplus", place / "facemotion-work/mmi")
    edited = place / "facemotion-work/mmi/manifest.parquet"
    pd.read_parquet(edited).iloc[1:].to_parquet(edited)
    here = os.getcwd()
    os.chdir(place)
    try:
        main(
            ["manifest", "export", "--dataset", "ckplus", "--root", str(rendered), "-o", "shared.csv"],
            standalone_mode=False,
        )
    finally:
        os.chdir(here)
    return place


def listed() -> dict[str, tuple[int, int]]:
    found = [os.path.join(folder, name) for folder, below, names in os.walk(".") for name in [*below, *names]]
    return {path: (os.lstat(path).st_mtime_ns, os.lstat(path).st_size) for path in found}


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_dry_run_says_what_would_run_and_why_and_writes_nothing(run, prepared, rendered, monkeypatch, name):
    monkeypatch.chdir(prepared)
    arguments = [*name.split(), *(str(rendered) if word == "ROOT" else word for word in EXAMPLES[name]), "--dry-run"]
    before = listed()
    said = run(*arguments).output
    last = json.loads(run(*arguments, "--json").stdout.splitlines()[-1])
    assert listed() == before
    assert "would run" in said
    assert last["event"] == "done"
    assert last["figures"]["planned"]
    for planned in last["figures"]["planned"]:
        line = f"would run {planned['stage']} on {planned['title']}, since {planned['reason']} ({planned['path']})"
        assert line in said.splitlines()


@pytest.mark.parametrize("words", [("show", "ckplus.npz"), ("compare", "ckplus.npz"), ("stability", "ckplus.npz")])
def test_what_draws_only_when_asked_would_write_nothing(run, prepared, monkeypatch, words):
    monkeypatch.chdir(prepared)
    assert "nothing would be written: -o asks for a picture" in run("priors", *words, "--dry-run").output


def test_a_root_that_is_named_already_would_not_be_written(run, prepared, monkeypatch):
    monkeypatch.chdir(prepared)
    monkeypatch.setenv("FACEMOTION_KDEF_ROOT", "elsewhere")  # it comes first, but the file is what set writes
    assert "facemotion.toml says so already" in run("datasets", "set", "kdef", "tree", "--dry-run").output


def test_options_before_a_subcommand_of_the_demo_are_refused(run):
    said = " ".join(
        run("demo", "--dry-run", "--subjects", 2, "render", "x", fails=True).output.replace("│", " ").split()
    )
    assert "--subjects and --dry-run before render: give the options after it" in said
    assert not os.path.exists("x")
    assert "would run demo render" in run("demo", "--debug", "--json", "render", "x", "--dry-run").output


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("demo", "--quick", "-o", "page.txt"), "a report is an HTML page, not 'page.txt': give -o page.html"),
        (("report", "-o", "page.pdf"), "a report is an HTML page, not 'page.pdf': give -o page.html"),
        (("predict", "ckplus-compact", "tree", "-o", "seen.txt"), "give the folder to write into, or -o seen.json"),
        (("export", "ckplus-compact", "-o", "model.pt"), "an exported model is a .onnx file"),
        (("build-priors", "--source", "ckplus", "-o", "bank"), "a prior bank is a .npz file"),
        (("priors", "show", "ckplus.npz", "-o", "bank.jpg"), "not a .png file"),
        (("manifest", "export", "--dataset", "ckplus", "-o", "list.txt"), "names no format"),
        (("view", "align", "--dataset", "ckplus", "-o", "sheet.jpg"), "a contact sheet is a .png file"),
    ],
)
@pytest.mark.parametrize("dry", [(), ("--dry-run",)], ids=["", "dry"])
def test_a_file_that_cannot_be_meant_is_refused_before_anything_is_said_or_done(
    run, prepared, monkeypatch, words, why, dry
):
    monkeypatch.chdir(prepared)
    before = listed()
    said = " ".join(run(*words, *dry, fails=True).output.replace("│", " ").split())
    assert why in said
    assert "would run" not in said
    assert "trained on" not in said
    assert listed() == before
