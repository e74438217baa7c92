"""Old spellings go on working with a note; near names are named; the shell completes names."""

import pytest
from click.testing import CliRunner

from facemotion_cli.root import main


def plain(output: str) -> str:
    return " ".join(output.replace("│", " ").split())


def test_folds_are_named_by_fold(run):
    output = run("demo", "--folds", "11", fails=True).output
    assert "note: --folds is called --fold now" in output
    assert "there is no fold 11" in plain(output)
    assert "give one of them" in plain(run("demo", "--folds", "1", "--fold", "1", fails=True).output)


def test_sizes_are_width_x_height(run, trained):
    new = run("priors", "transfer", "ckplus.npz", "--face-size", "90x100", "-o", "new.npz")
    old = run("priors", "transfer", "ckplus.npz", "--face-size", 100, 90, "-o", "old.npz")
    assert "note: --face-size 100 90 is written --face-size 90x100 now" in old.output
    assert "note" not in new.stderr
    with open("new.npz", "rb") as one, open("old.npz", "rb") as two:
        assert one.read() == two.read()


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (("algin",), "align"),
        (("align", "--dataset", "oulu_casia"), "oulu-casia"),
        (("demo", "--preset", "realeased"), "released"),
        (("train", "--priors", "x.npz", "--variant", "fmpm"), "fmpn"),
        (("align", "--dataset", "demo", "--landmarks", "mtcn"), "mtcnn"),
    ],
)
def test_a_misspelt_name_is_answered_with_the_near_one(run, arguments, near):
    assert f"did you mean {near}?" in plain(run(*arguments, fails=True).output)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("facemotion align --dataset ", {"ckplus", "oulu-casia"}),
        ("facemotion train --preset ", {"paper", "compact"}),
        ("facemotion train --variant ", {"fmpn", "cnn"}),
        ("facemotion report ", {"one", "two"}),
        ("facemotion ", {"demo", "runs"}),
    ],
)
def test_the_shell_completes_names(words, expected, tmp_path):
    for name in ("one", "two"):
        (tmp_path / "facemotion-work/runs" / name).mkdir(parents=True)
        (tmp_path / "facemotion-work/runs" / name / "config.json").write_text("{}")
    environment = {
        "_FACEMOTION_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    result = CliRunner(env=environment).invoke(main, prog_name="facemotion")
    assert expected <= {line.partition(",")[2] for line in result.output.splitlines()}
