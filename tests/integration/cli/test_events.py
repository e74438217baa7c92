"""``--json``: everything that a command prints is one object a line, and the last one says what came out."""

import json

import pytest


def events(result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_last_event_has_paths_and_figures(run, rendered):
    found = events(run("ingest", "--dataset", "ckplus", "--root", rendered, "--json"))
    assert {event["event"] for event in found} <= {"said", "progress", "done"}
    last = found[-1]
    assert (last["event"], last["command"]) == ("done", "ingest")
    assert last["figures"]["subjects"] == 4
    assert last["paths"]["manifest"] == "facemotion-work/ckplus/manifest.parquet"
    assert last["next"] == ["facemotion align --dataset ckplus"]


def test_the_next_command_is_about_the_same_workspace(run, rendered):
    output = run("ingest", "--dataset", "ckplus", "--root", rendered, "--work", "elsewhere").output
    assert "next: facemotion align --dataset ckplus --work elsewhere" in output


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (("ingest", "--dataset", "ckpls"), "ConfigError"),
        (("ingest", "--dataset", "ckplus", "--nonsense"), "NoSuchOption"),
        (("datasets", "set", "--json"), "MissingParameter"),
    ],
)
def test_errors_are_events_too(run, arguments, kind):
    (found,) = events(run(*arguments, *(["--json"] if "--json" not in arguments else []), fails=True))
    assert found["event"] == "error"
    assert found["kind"] == kind


def test_every_command_ends_in_an_event(run):
    assert events(run("runs", "--json"))[-1]["figures"] == {"runs": []}
    found = events(run("datasets", "set", "mmi", ".", "--json"))
    assert found[-1]["paths"] == {"settings": str(found[-1]["paths"]["settings"])}


def test_the_list_of_datasets_stays_one_array(run):
    assert {entry["name"] for entry in json.loads(run("datasets", "--json").stdout)} >= {"ckplus", "demo"}


def test_debug_stands_anywhere(run):
    from facemotion.errors import ConfigError

    for arguments in (("--debug", "ingest", "--dataset", "x"), ("ingest", "--dataset", "x", "--debug")):
        with pytest.raises(ConfigError):
            run(*arguments, fails=True)
