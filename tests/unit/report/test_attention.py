"""Where networks look, in a page: from what `facemotion explain` wrote, as long as it is of the weights beside it."""

import json

import pytest

from facemotion.errors import WorkspaceError
from facemotion.report.artefacts import read_dataset, read_run
from facemotion.report.attention import attention_section
from facemotion.report.page import write_report
from facemotion.runs import Run
from facemotion.runs.explanation import Explanation
from facemotion.workspace import digest_file, read_json

BOTH = ("cnn", "guided@wrong-mask")


@pytest.fixture
def place(made, tmp_path):
    return made(tmp_path, variants=BOTH)


def section(place, *, with_faces=False):
    dataset = read_dataset(place.workspace, "demo")
    return attention_section(read_run(Run(place.run)), dataset, with_faces=with_faces, key="key")


def test_cosines_pictures_curves_and_areas(place, explained, tmp_path, parsed):
    explained(place.run, "guided@wrong-mask")
    assert write_report([Run(place.run)], place.workspace, tmp_path / "page.html") == []
    text = parsed(tmp_path / "page.html").text
    for words in (
        "Where it looks",
        "the mean over the channels of stage 4, beside the masks of its control wrong-mask",
        "cosine −0.20",  # anger
        "all 14 0.13 0.05",
        "deletion: pixels are taken away",
        "deletion 0.55 0.54 0.50",
        "Not looked at: cnn.",
        "facemotion explain first --variant cnn",
    ):
        assert words in text, words
    (look,) = section(place)["looks"]
    assert [row["name"] for row in look["rows"]][:2] == ["anger", "contempt"]
    assert look["rows"][1]["cosine"] == "–"
    assert all(row["face"] and row["attention"] and row["prior"] for row in look["rows"])


def test_the_prior_beside_a_control_is_the_control_s(place, explained):
    for variant in BOTH:
        explained(place.run, variant)
    own, other = ([row["prior"] for row in look["rows"]] for look in section(place)["looks"])
    assert sorted(own) == sorted(other)  # each class has another's
    assert all(one != two for one, two in zip(own, other, strict=True))


def test_one_training_of_each_variant_is_shown_and_the_others_are_counted(place, explained):
    for fold in (1, 0):
        explained(place.run, "cnn", fold=fold)
    found = section(place)
    assert ([look["training"] for look in found["looks"]], found["more"]) == (["cnn, fold 0, seed 0"], 1)


def test_nobody_asked(place, tmp_path, parsed):
    write_report([Run(place.run)], place.workspace, tmp_path / "page.html")
    text = parsed(tmp_path / "page.html").text
    assert "Nobody has asked yet where its networks look." in text
    assert all(f"facemotion explain first --variant {name}" in text for name in BOTH)


def test_other_weights_than_those_that_were_looked_at(place, explained, tmp_path):
    weights = place.run / "cnn" / "fold-0" / "seed-0" / "model.safetensors"
    weights.write_bytes(b"as they were")
    explained(place.run, "cnn", model=digest_file(weights))
    assert len(section(place)["looks"]) == 1
    weights.write_bytes(b"trained again")
    assert section(place)["looks"] == []
    (gap,) = write_report([Run(place.run)], place.workspace, tmp_path / "page.html")
    assert "explained.json of cnn, fold 0, seed 0" in gap


def test_weights_that_were_put_away_are_no_other_weights(place, explained):
    explained(place.run, "cnn", model="0" * 64)
    assert len(section(place)["looks"]) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"cosine": "<b>"},
        {"cosine": 7},
        {"classes": {}},
        {"curves": {"share": [0, 1], "deletion": {}, "insertion": {}}},
        {"area": {"deletion": {}}},
        {"classes": {"anger": {"faces": 1, "cosine": None, "cosine_others": None, "attention": [[0, 1], [0]]}}},
        {"stage": None},
    ],
)
def test_what_is_no_explanation_is_a_gap(place, explained, tmp_path, change):
    path = explained(place.run, "cnn")
    path.write_text(json.dumps(read_json(path) | change))
    with pytest.raises(WorkspaceError, match=r"run `facemotion explain` again"):
        Explanation.read(path)
    (gap,) = write_report([Run(place.run)], place.workspace, tmp_path / "page.html")
    assert gap.startswith("first: explained.json of cnn")


def test_an_early_version_kept_no_maps(place, explained):
    path = explained(place.run, "cnn")
    content = read_json(path)
    for row in content["classes"].values():
        del row["attention"]
    del content["provenance"], content["samples"]
    path.write_text(json.dumps(content))
    (look,) = section(place)["looks"]
    assert {(row["face"], row["attention"]) for row in look["rows"]} == {(None, None)}


def test_faces_of_a_gated_dataset_are_not_shown(made, explained, tmp_path, parsed):
    place = made(tmp_path, variants=("cnn",))
    real = place.workspace.dataset("ckplus")
    place.workspace.dataset("demo").rename(real)
    config = read_json(place.run / "config.json") | {"dataset": "ckplus"}
    (place.run / "config.json").write_text(json.dumps(config))
    explained(place.run, "cnn")
    dataset = read_dataset(place.workspace, "ckplus")
    run = read_run(Run(place.run))
    for with_faces in (False, True):
        found = attention_section(run, dataset, with_faces=with_faces, key="key")
        assert found["faces_hidden"] != with_faces
        assert all(bool(row["face"]) == with_faces for row in found["looks"][0]["rows"])
