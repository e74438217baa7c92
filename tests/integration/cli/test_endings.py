"""Good and bad words to every command: what is near, what comes next, what would be done, tables of eighty columns."""

import json
import re

import pytest
from click.testing import CliRunner

from facemotion_cli.root import COMMANDS, main

RUN = "ckplus-compact"


def flat(text: str) -> str:
    """Return what is said without the frame and the line breaks around it."""
    return " ".join(text.replace("│", " ").split())


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("view", "algn", "--dataset", "ckplus"), "'algn' (did you mean align?): expected one of ingest, align"),
        (("view", "align", "--dataset", "ckplus", "--status", "no_fase"), "did you mean no_face?"),
        (("demo", "render", "x", "--layout", "ckpls"), "did you mean ckplus?"),
        (("export-crops", "--dataset", "ckplus", "--to", "webdatset"), "did you mean webdataset?"),
        (("predict", RUN, "x.png", "--variant", "fpmn"), "x.png does not exist"),
        (("explain", RUN, "--variant", "fpmn"), "no training with variant fpmn (did you mean fmpn?)"),
        (("report", "ckplus-compct"), "did you mean ckplus-compact?"),
        (("priors", "show", "ckpls.npz"), "there is no prior bank ckpls.npz (did you mean ckplus.npz?)"),
        (("ingest", "--dataset", "mmi"), "`facemotion datasets set mmi FOLDER`"),
        (("view", "align", "--dataset", "mmi"), "run `facemotion align --dataset mmi` first"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_wrong_is_said_before_anything_else(run, trained, words, near):
    output = flat(run(*words, fails=True).output)
    assert near in output
    assert "trained on" not in output


PLANS = {
    "report": (RUN,),
    "predict": (RUN, "portrait.png"),
    "explain": (RUN,),
    "export": (RUN,),
    "export-crops": ("--dataset", "ckplus", "--to", "hf"),
    "view": ("align", "--dataset", "ckplus"),
}


@pytest.mark.parametrize("command", PLANS)
def test_a_dry_run_says_what_would_be_written(run, trained, rendered, tmp_path, command):
    portrait = max(rendered.rglob("S*_*.png"))
    (tmp_path / "portrait.png").write_bytes(portrait.read_bytes())
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    output = run(command, *PLANS[command], "--dry-run").output
    assert f"would run {command} on " in output
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
    last = json.loads(run(command, *PLANS[command], "--dry-run", "--json").stdout.splitlines()[-1])
    assert [each["stage"] for each in last["figures"]["planned"]] == [command]


def test_a_run_that_is_named_twice_is_not_compared_with_itself(run, trained):
    assert f"report of {RUN} (synthetic faces) in report.html" in run("report", RUN, RUN).output


def test_what_comes_next_and_figures_of_banks(run, trained):
    for words in (("show",), ("compare",), ("stability",)):
        lines = run("priors", *words, "ckplus.npz").output.splitlines()
        assert lines[-1].startswith("next: facemotion ")
        if words != ("show",):  # whose facts have digests
            assert max(len(line) for line in lines if re.match(r"\w* +[a-z0-9.]+  ", line)) <= 80  # the tables
        last = json.loads(run("priors", *words, "ckplus.npz", "--json").stdout.splitlines()[-1])
        assert last["event"] == "done"
        assert last["figures"]
    text = run("priors", "show", "ckplus.npz").output.partition("\npairs ")[2]
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("words", [*((name,) for name in sorted(COMMANDS)), ("demo", "render")], ids="-".join)
def test_help_fits_and_breaks_no_name(words):
    text = CliRunner(env={"COLUMNS": "80"}).invoke(main, [*words, "--help"]).output
    assert max(map(len, text.splitlines())) <= 80
    assert re.findall(r"\[[a-z0-9-]+\|[a-z0-9|-]*\s", text) == []
