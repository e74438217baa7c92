"""What a page says of guidance: the variant beside its controls, in the words of the command line, and how to ask."""

import json
import shlex

import pytest

from facemotion.evaluation.guidance import guided_variants
from facemotion.evaluation.statistics import NOTHING
from facemotion.report.artefacts import read_run
from facemotion.report.guidance import guidance_section
from facemotion.report.page import write_report
from facemotion.runs import Run
from facemotion.workspace import read_json


@pytest.fixture
def page(made, tmp_path, parsed):
    """Return what makes a run of variants, and gives the run and its page."""

    def write(*variants):
        place = made(tmp_path, variants=variants)
        write_report([Run(place.run)], place.workspace, tmp_path / "page.html")
        return place.run, parsed(tmp_path / "page.html").text

    return write


def test_variant_and_controls_are_side_by_side_with_what_follows(page):
    run, text = page("guided", "cnn", "guided@wrong-mask", "guided@mean-mask")
    (own,) = guided_variants(read_json(run / "metrics.json"))
    assert [pair["second"] for pair in own.against] == ["cnn", "guided@mean-mask", "guided@wrong-mask"]
    assert f"guided: {own.verdict}." in text
    assert own.power[1:] in text
    assert "corrected by Holm for the 3 comparisons made here" in text
    section = guidance_section(read_run(Run(run)), None, key="key")
    assert section is not None
    assert section["unasked"] == []
    for row, pair in zip(section["variants"][0]["rows"], own.against, strict=True):
        low, high = (f"{100 * value:+.1f}".replace("-", "−") for value in pair["interval"])
        shown = (row["name"], row["interval"], f"{pair['p_holm']:.3g}")
        assert shown == (pair["second"], f"{low} to {high}", row["p_holm"])
        assert f"{row['difference']} {row['interval']} {row['p_value']} {row['p_holm']} {row['by_seed']}" in text
        assert f"guided − {pair['second']}: {row['difference']}, {row['interval']}" in section["chart"]


def test_of_identical_answers_no_difference_can_be_shown(page, tmp_path):
    run, _ = page("guided", "cnn")
    found = read_json(run / "metrics.json")
    for pair in found["comparisons"]:
        pair |= {"difference": 0.0, "interval": [0.0, 0.0], "p_value": 1.0, "p_holm": 1.0, "by_seed": [0.0]}
    (run / "metrics.json").write_text(json.dumps(found))
    section = guidance_section(read_run(Run(run)), None, key="key")
    assert section is not None
    assert section["variants"][0]["verdict"] == NOTHING
    assert section["variants"][0]["rows"][0]["difference"] == "+0.0"


@pytest.mark.parametrize(
    ("variants", "said", "words"),
    [
        (("guided", "cnn"), ["right mask was not asked"], "--variant cnn --variant guided --control wrong-mask"),
        (
            ("guided",),
            ["Whether guidance helps was not asked", "right mask was not asked"],
            "--variant cnn --variant guided --control wrong-mask",
        ),
        (("guided", "guided@au"), ["Whether guidance helps was not asked"], "--control au"),
        (
            ("fmpn", "guided", "cnn", "fmpn@au"),
            ["right mask was not asked (guided)"],
            "--variant fmpn --variant cnn --variant guided --control au",
        ),
        (("cnn",), ["No prior guides what was trained here"], "--variant cnn --variant guided --control wrong-mask"),
    ],
)
def test_what_was_not_asked_is_said_with_the_command_that_asks_it(page, variants, said, words):
    run, text = page(*variants)
    assert all(each in text for each in said)
    assert words in text
    section = guidance_section(read_run(Run(run)), None, key="key")
    assert section is not None
    assert shlex.split(section["command"])[-2:] == ["--name", run.name]


def test_a_run_with_everything_asks_for_nothing(page):
    _, text = page("guided", "cnn", "guided@wrong-mask")
    assert "was not asked" not in text


def test_controls_are_made_again_by_their_option(page):
    _, text = page("guided", "cnn", "guided@wrong-mask")
    assert "--variant cnn --variant guided --control wrong-mask" in text
    assert "--variant guided --variant guided@wrong-mask" not in text


def test_arms_that_are_no_cross_of_variants_and_controls_are_named_one_by_one(page):
    _, text = page("fmpn", "guided", "guided@wrong-mask")
    assert "--variant fmpn --variant guided --variant guided@wrong-mask" in text


def test_masks_are_described_as_what_they_are(page):
    _, text = page("guided")
    assert "The masks of variant guided on faces" in text
    assert "Where the classifier looks: the mean over the channels of a stage" in text
    assert "mask generator makes" not in text
