"""The commands that a report gives: they are those of the command line, and they say what the artefacts keep."""

import importlib
import json
import os
import shlex
from datetime import UTC, date, datetime

import pytest
import rich_click as click

from facemotion.alignment.settings import AlignSettings
from facemotion.priors.bank import PriorBank
from facemotion.priors.transfer import to_classes
from facemotion.report.artefacts import read_dataset, read_run
from facemotion.report.commands import commands, trained_on
from facemotion.report.page import write_report
from facemotion.runs import Run
from facemotion.training.settings import load_preset
from facemotion.workspace import read_json, write_json


def parse(line: str) -> tuple[str, dict]:
    """Parse a line as the command line does; return the command's name and its parameters."""
    _, name, *words = shlex.split(line)
    command = importlib.import_module(f"facemotion_cli.{name.replace('-', '_')}").command
    while isinstance(command, click.Group) and words and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    return name, command.make_context(name, words).params


def lines_of(place, dataset="demo"):
    return commands(read_run(Run(place.run)), read_dataset(place.workspace, dataset))


def settle(place, overrides=(), **changes):
    config = read_json(place.run / "config.json")
    config |= {"settings": load_preset("compact", overrides).as_json(), "device": "cpu", **changes}
    (place.run / "config.json").write_text(json.dumps(config))


def test_every_line_is_understood_and_the_settings_come_back(copied):
    overrides = ["training.joint_epochs=3", "data.flip=false", "model.classifier=resnet18", "training.joint_rate=2e-4"]
    settle(copied, overrides)
    lines = [line for line in lines_of(copied) if not line.startswith("#")]
    found = dict(map(parse, lines))
    assert list(found) == ["ingest", "align", "folds", "build-priors", "train", "report"]
    assert found["folds"]["folds"] == 2
    trained = found["train"]
    assert load_preset(trained["preset"], trained["overrides"]).as_json() == load_preset("compact", overrides).as_json()
    assert (trained["name"], trained["device"], trained["only"]) == ("first", "cpu", ())
    assert found["build-priors"]["output"].name == trained["priors"].name == "demo.npz"


def test_rendered_faces_are_rendered_first(copied):
    settle(copied)
    settings = {"subjects": 4, "frames": 5, "size": [184, 240], "intensity": 0.5, "seed": 3, "glasses": 0.25}
    write_json(
        copied.workspace.dataset("demo") / "frames" / "demo.json", {"settings": settings, "clean": True, "subjects": {}}
    )
    first, second, *_ = lines_of(copied)
    assert first.startswith("facemotion demo render demo-frames --clean ")
    _, found = parse(first)
    assert (found["subjects"], found["frames"], found["size"], found["seed"]) == (4, 5, "240x184", 3)
    assert (found["intensity"], found["glasses"], found["clean"]) == (0.5, 0.25, True)
    assert str(parse(second)[1]["root"]) == "demo-frames"


def test_folds_seeds_and_variants_that_were_trained(copied):
    settle(copied)
    (copied.run / "fmpn" / "fold-1").rename(copied.run / "fmpn" / "fold-7")
    (copied.run / "fmpn" / "fold-0" / "seed-0").rename(copied.run / "fmpn" / "fold-0" / "seed-2")
    (copied.run / "fmpn" / "fold-7").rename(copied.run / "cnn")
    (copied.run / "cnn" / "seed-0").rename(copied.run / "seed-0")
    (copied.run / "cnn" / "fold-1").mkdir()
    (copied.run / "seed-0").rename(copied.run / "cnn" / "fold-1" / "seed-0")
    (line,) = [line for line in lines_of(copied) if line.startswith("facemotion train")]
    found = parse(line)[1]
    assert (found["variants"], found["seeds"], found["only"]) == (("fmpn", "cnn"), ("0,2",), ())


@pytest.mark.parametrize(
    "kept", [True, {"name": "resnet.safetensors", "sha256": "0" * 64}, "resnet.safetensors sha256:0"]
)
def test_weights_to_begin_with(copied, kept):
    settle(copied)
    config = read_json(copied.run / "config.json")
    config["settings"]["model"]["pretrained"] = kept
    (copied.run / "config.json").write_text(json.dumps(config))
    (line,) = [line for line in lines_of(copied) if line.startswith("facemotion train")]
    assert parse(line)[1]["pretrained"] == ("" if kept is True else "resnet.safetensors")


def test_weights_that_the_preset_wants_were_left_out(copied):
    settle(copied, settings=load_preset("small", ["model.pretrained=false"]).as_json())
    (line,) = [line for line in lines_of(copied) if line.startswith("facemotion train")]
    found = parse(line)[1]
    assert (found["pretrained"], found["overrides"]) == (None, ("model.pretrained=false",))
    assert found["variants"] == ("fmpn",)  # the preset's own is another


def test_alignment_that_is_not_the_default(copied):
    settings = {"landmarks": {"source": "mtcnn", "min_face": 0.1}, "fit": "eyes-nose"}
    settle(copied, alignment={"id": "0" * 16, "settings": AlignSettings.model_validate(settings).as_json()})
    (line,) = [line for line in lines_of(copied) if line.startswith("facemotion align")]
    found = parse(line)[1]
    assert (found["min_face"], found["fit"], found["source"]) == (0.1, "eyes-nose", None)


def test_a_licensed_dataset_is_put_in_its_place_first(copied):
    settle(copied, dataset="ckplus")
    (copied.workspace.root / "demo").rename(copied.workspace.root / "ckplus")
    lines = lines_of(copied, "ckplus")
    assert lines[0] == "facemotion datasets set ckplus DIR"
    (train,) = [line for line in lines if line.startswith("facemotion train")]
    assert parse(train)[1]["dataset"] == "ckplus"  # the prior is the demo's


def test_options_of_the_selection(copied, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("train.txt", "test.txt"):
        (tmp_path / name).touch()
    settle(copied, dataset="affectnet")
    (copied.workspace.root / "demo").rename(copied.workspace.root / "affectnet")
    path = copied.workspace.dataset("affectnet") / "ingest.json"
    lists = [{"name": name, "sha256": "0" * 64} for name in ("train.txt", "test.txt")]
    kept = {"label_space": "basic7", "protocol": "paper", "faces": 24530, "seed": 3, "ids": lists}
    path.write_text(json.dumps(read_json(path) | {"provenance": {"settings": kept}}))
    (line,) = [line for line in lines_of(copied, "affectnet") if line.startswith("facemotion ingest")]
    assert shlex.split(line)[4:] == ["--draw-seed", "3", "--ids", "train.txt", "test.txt"]
    parse(line)


def test_a_prior_that_came_by_several_steps_is_told_in_words(copied):
    settle(copied)
    to_classes(PriorBank.load(copied.run / "prior.npz"), ("anger", "fear")).save(copied.run / "prior.npz")
    told = [line for line in lines_of(copied) if line.startswith("# the prior")]
    assert told[0].startswith("# the prior: 1. built from demo")
    assert told[1].startswith("# the prior: 2. transferred to anger, fear")
    assert not any(line.startswith("facemotion build-priors") for line in lines_of(copied))


def test_the_day_is_that_of_the_last_training(copied, tmp_path, parsed):
    for number, path in enumerate(sorted(copied.run.glob("*/*/*/history.json"))):
        noon = datetime(2026, 3, 4 + number, 12, tzinfo=UTC).timestamp()
        os.utime(path, (noon, noon))
    assert trained_on(read_run(Run(copied.run))) == "2026-03-05"
    write_report([Run(copied.run)], copied.workspace, tmp_path / "page.html", today=date(2026, 3, 9))
    page = parsed(tmp_path / "page.html").text
    assert "Trained on 2026-03-05" in page
    assert "on 2026-03-09. The page holds everything" in page
