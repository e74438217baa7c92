"""Options of the command line are made from the fields of settings models."""

from typing import Literal

import pydantic
import pytest
import rich_click as click
from click.testing import CliRunner

from facemotion import options
from facemotion.config import FileSetting, Settings, make
from facemotion.errors import ConfigError
from facemotion_cli.fields import options_from


class Described(Settings):
    model_config = pydantic.ConfigDict(use_attribute_docstrings=True)


class Wide(Described):
    share: float = pydantic.Field(default=0.2, gt=0, le=1)
    """A share of the ``side``."""
    kind: Literal["one", "two", "three"] = "one"
    """Which."""
    number: int = pydantic.Field(default=3, json_schema_extra={"option": "--how-many"})
    """How many."""
    dark: bool = False
    """In the dark."""
    named: dict[str, str] = pydantic.Field(default_factory=dict)
    """What is called how."""
    labels: FileSetting | None = pydantic.Field(default=None, json_schema_extra={"metavar": "CSV"})
    """A table."""
    pair: tuple[FileSetting, FileSetting] | None = None
    """Two lists."""
    text: str | None = None
    """Words."""


class Narrow(Described):
    kind: Literal["two", "four"] = "two"
    """Which."""
    share: float = 0.2
    """A share of the ``side``."""


def told(*arguments: str, models=None) -> dict:
    """Return what a command takes from the options that are given."""
    found = {}

    @click.command()
    @options_from(models or {"wide": Wide, "narrow": Narrow}, "given")
    def command(given: dict) -> None:
        found.update(given)

    result = CliRunner().invoke(command, arguments, standalone_mode=False)
    if result.exception:
        raise result.exception
    return found


def help_of(models: dict[str, type[Settings]]) -> str:
    @click.command()
    @options_from(models, "given")
    def command(given: dict) -> None: ...

    return " ".join(CliRunner().invoke(command, ["--help"], terminal_width=300, max_content_width=300).output.split())


def test_only_what_is_given_is_passed():
    assert told() == {}
    assert told("--share", "0.5") == {"share": 0.5}


def test_each_kind_of_field_is_an_option(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(name)
    a, b = tmp_path / "a.csv", tmp_path / "b.csv"
    found = told(
        *("--share", "0.5", "--kind", "three", "--how-many", "7", "--dark", "--named", "0=anger,1=fear"),
        *("--named", "2=-", "--labels", str(a), "--pair", str(a), str(b), "--text", "so"),
    )
    assert found == {
        "share": 0.5,
        "kind": "three",
        "number": 7,
        "dark": True,
        "named": {"0": "anger", "1": "fear", "2": "-"},
        "labels": FileSetting.model_validate(a),
        "pair": (FileSetting.model_validate(a), FileSetting.model_validate(b)),
        "text": "so",
    }
    assert found["labels"].path == a
    assert dict(Wide(**found)) == found


def test_the_value_is_left_to_the_model_to_judge():
    assert told("--kind", "five") == {"kind": "five"}
    assert told("--share", "7") == {"share": 7.0}


def test_what_is_no_number_is_refused():
    with pytest.raises(click.UsageError, match="'many' is not a valid integer"):
        told("--how-many", "many")


def test_a_file_that_is_none_is_named_with_its_option(tmp_path):
    with pytest.raises(ConfigError, match=r"^--labels: .*gone\.csv does not exist$"):
        told("--labels", str(tmp_path / "gone.csv"))


def test_a_folder_is_left_to_the_model_to_judge(tmp_path):
    given = told("--labels", str(tmp_path))
    with pytest.raises(ConfigError, match="is a folder; a file is needed"):
        make(Wide, given, where="wide")


@pytest.mark.parametrize("text", ["0:anger", "=anger", "0="])
def test_what_is_no_pair_is_refused(text):
    with pytest.raises(click.BadParameter, match="expected FOLDER=EXPRESSION") as caught:
        told("--named", text)
    assert caught.value.param_hint == "--named"


def test_a_folder_whose_name_has_a_comma_stands_in_quotes():
    assert told("--named", '"a, ""b""" = anger,c=fear') == {"named": {'a, "b"': "anger", "c": "fear"}}


def test_the_help_says_whose_option_it_is_and_its_default():
    text = help_of({"wide": Wide, "narrow": Narrow})
    assert "wide, narrow: A share of the side [default: 0.2]" in text
    assert "wide: Which (one, two or three) [default: one]; narrow: Which (two or four) [default: two]" in text
    assert "--how-many" in text
    assert "--number" not in text
    assert "CSV" in text
    assert "FILE FILE" in text


def test_options_of_one_name_and_two_kinds_cannot_be():
    class Other(Described):
        share: int = 1
        """Another."""

    with pytest.raises(TypeError, match="--share is made from fields that differ in name or kind"):
        told(models={"wide": Wide, "other": Other})


def test_a_field_of_another_kind_cannot_be_an_option():
    class Other(Described):
        sizes: tuple[int, int] = (1, 2)
        """Sizes."""

    with pytest.raises(TypeError, match="--sizes cannot be made from a field of type"):
        told(models={"other": Other})


def test_settings_are_written_as_the_options_that_make_them(tmp_path):
    (tmp_path / "a.csv").write_text("a")
    file = tmp_path / "a.csv"
    settings = Wide.model_validate(
        {"kind": "two", "number": 4, "dark": True, "named": {"a b": "c"}, "pair": (file, file), "text": "it's"}
    )
    assert options.as_words(settings) == [
        *("--kind two", "--how-many 4", "--dark", "--named 'a b=c'", "--pair FILE FILE", "--text 'it'\"'\"'s'")
    ]
    assert options.files(Wide) == ["labels", "pair"]
    assert options.as_words(Wide()) == []
