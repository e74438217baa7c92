"""The one function that brings a stage up to date, on small stages that write JSON files."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from facemotion.config import Settings
from facemotion.errors import ConfigError, WorkspaceError
from facemotion.pipeline import Context
from facemotion.pipeline.stage import AS_LAST, Stage, bring
from facemotion.provenance import provenance
from facemotion.workspace import Workspace, digest_file, held, read_json, write_json


class Size(Settings):
    size: int = 1


@dataclass(frozen=True)
class Base(Stage):
    """Copies a number from a text file that people write."""

    folder: Path
    made: Counter

    name = "base"
    model = Size

    @property
    def path(self):
        return self.folder / "base.json"

    @property
    def title(self):
        return "numbers"

    def inputs(self, context):
        source = self.folder / "source.txt"
        return {"source": digest_file(source)} if source.is_file() else None

    def make(self, context, settings, header):
        self.made[self.name] += 1
        value = int((self.folder / "source.txt").read_text()) * settings.size
        write_json(self.path, {"provenance": header, "value": value})


@dataclass(frozen=True)
class Sum(Base):
    """Adds to the value of the base."""

    name = "sum"

    @property
    def path(self):
        return self.folder / "sum.json"

    @property
    def written(self):
        return (self.folder / "picture.txt",)

    def needs(self, context):
        return [Base(self.folder, self.made)]

    def inputs(self, context):
        return {"base": digest_file(self.folder / "base.json")}

    def make(self, context, settings, header):
        self.made[self.name] += 1
        (self.folder / "picture.txt").write_text("a picture")
        write_json(self.path, {"provenance": header, "value": read_json(self.folder / "base.json")["value"] + 1})


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "source.txt").write_text("3")
    return tmp_path


@pytest.fixture
def made():
    return Counter()


@pytest.fixture
def said():
    return []


@pytest.fixture
def command(folder, said):
    """Return a new command's context, each time it is called."""
    return lambda **more: Context(workspace=Workspace(folder), say=said.append, **more)


def test_a_stage_is_made_after_what_it_needs_and_once(folder, made, said, command):
    header = bring(command(), Sum(folder, made), Size())
    assert made == {"base": 1, "sum": 1}
    assert read_json(folder / "sum.json")["value"] == 4
    assert header["inputs"] == {"base": digest_file(folder / "base.json")}
    assert bring(command(), Sum(folder, made), Size()) == header
    assert made == {"base": 1, "sum": 1}
    assert said == [f"numbers: sum is up to date ({folder / 'sum.json'})"]


def test_what_is_only_needed_keeps_its_settings_and_says_nothing(folder, made, said, command):
    bring(command(), Base(folder, made), Size(size=5))
    bring(command(), Sum(folder, made), AS_LAST)
    assert read_json(folder / "sum.json")["value"] == 16
    assert (made, said) == ({"base": 1, "sum": 1}, [])


def test_a_change_is_told_and_made_again_with_all_that_follows(folder, made, said, command):
    bring(command(), Sum(folder, made), Size())
    (folder / "source.txt").write_text("7")
    bring(command(), Sum(folder, made), AS_LAST)
    assert read_json(folder / "sum.json")["value"] == 8
    assert said == [
        "numbers: base again, since its inputs changed (source)",
        "numbers: sum again, since its inputs changed (base)",
    ]
    said.clear()
    bring(command(), Base(folder, made), Size(size=2))
    assert said == ["numbers: base again, since its settings changed (size)"]


def test_force_is_for_the_named_stage_alone(folder, made, command):
    bring(command(), Sum(folder, made), Size())
    bring(command(force=True), Sum(folder, made), Size())
    assert made == {"base": 1, "sum": 2}


def test_a_stage_whose_version_grew_is_out_of_date_and_a_newer_facemotion_alone_is_not(
    folder, made, monkeypatch, command
):
    bring(command(), Base(folder, made), Size())
    monkeypatch.setattr("facemotion.__version__", "99.0")
    bring(command(), Base(folder, made), Size())
    assert made == {"base": 1}
    monkeypatch.setattr(Base, "version", 2)
    bring(command(), Base(folder, made), Size())
    assert made == {"base": 2}


def test_what_is_missing_beside_the_artefact_is_made(folder, made, said, command):
    bring(command(), Sum(folder, made), Size())
    (folder / "picture.txt").unlink()
    bring(command(), Sum(folder, made), AS_LAST)
    assert (folder / "picture.txt").is_file()
    assert said == ["numbers: sum again, since picture.txt is not there"]


def test_within_a_command_a_needed_stage_is_looked_at_once(folder, made, command):
    context = command()
    bring(context, Sum(folder, made), Size())
    (folder / "source.txt").write_text("7")  # no command sees a change half way
    bring(context, Sum(folder, made), AS_LAST)
    assert made == {"base": 1, "sum": 1}
    bring(command(), Sum(folder, made), AS_LAST)
    assert made == {"base": 2, "sum": 2}


def test_where_inputs_cannot_be_told_what_is_there_is_taken(folder, made, command):
    bring(command(), Base(folder, made), Size())
    (folder / "source.txt").unlink()
    assert bring(command(), Base(folder, made), AS_LAST)["stage"] == "base"
    assert made == {"base": 1}


def test_a_damaged_artefact_is_made_again(folder, made, command):
    bring(command(), Base(folder, made), Size())
    (folder / "base.json").write_text("{")
    bring(command(), Base(folder, made), Size())
    assert read_json(folder / "base.json")["value"] == 3


def test_settings_of_another_version_are_not_guessed(folder, made, command):
    header = provenance("base", settings={"width": 3}, inputs={})
    write_json(folder / "base.json", {"provenance": header, "value": 1})
    with pytest.raises(ConfigError, match=r"settings that this version cannot read .*run `facemotion base` again"):
        bring(command(), Base(folder, made), AS_LAST)
    bring(command(), Base(folder, made), Size())
    assert made == {"base": 1}


def test_a_stage_in_the_hands_of_another_process_is_not_made(folder, made, command):
    with held(folder), pytest.raises(WorkspaceError, match="another facemotion process is working on"):
        bring(command(), Base(folder, made), Size())
    assert made == {}
