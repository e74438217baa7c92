"""Training, reporting and the whole demo through the command line, with very small networks."""

import json
from pathlib import Path

import pandas as pd
import pytest

from facemotion.priors.bank import PriorBank

RUN = Path("facemotion-work/runs/ckplus-compact")


@pytest.fixture
def priors(untrained):
    return untrained


@pytest.fixture
def train(run, tiny):
    def call(*arguments, fails=False):
        return run("train", "--priors", "ckplus.npz", *tiny, *arguments, fails=fails)

    return call


def test_training_scores_every_test_face_once_and_a_second_run_does_nothing(run, train, priors, rendered):
    first = train("--root", rendered).output
    assert "preset compact" in first
    scored = pd.read_parquet(RUN / "predictions.parquet")
    assert scored["sample_id"].is_unique
    assert set(scored["fold"]) == {0, 1}
    assert len(scored) == PriorBank.load(priors).count[-1].sum()
    metrics = json.loads((RUN / "metrics.json").read_text())["variants"]["fmpn"]
    hit = scored["expression"] == scored["predicted"]
    assert metrics["accuracy"]["pooled"] == pytest.approx(hit.mean())
    assert metrics["accuracy"]["fold_mean"] == pytest.approx(hit.groupby(scored["fold"]).mean().mean())
    weights = {path: path.read_bytes() for path in RUN.rglob("model.safetensors")}
    assert len(weights) == 2
    assert "up to date" in train("--root", rendered).output
    assert "%" in train("--root", rendered, "--force").output
    assert {path: path.read_bytes() for path in weights} == weights

    page = run("report", "ckplus-compact").output
    assert "report.html" in page
    text = Path("report.html").read_text()
    assert str(rendered) not in text
    assert "ckplus-compact" in text


def test_other_settings_do_not_overwrite_a_run(run, train, priors, rendered):
    train("--root", rendered, "--folds", 0)
    output = " ".join(train("--root", rendered, "--folds", 0, "--set=data.flip=false", fails=True).output.split())
    assert "--name" in output
    train("--root", rendered, "--folds", 0, "--set=data.flip=false", "--name", "unmirrored")


def test_the_baselines_train_on_the_same_folds(run, train, priors, rendered):
    train("--root", rendered, "--folds", 1, "--variant", "cnn", "--variant", "no-mask-loss")
    scored = pd.read_parquet(RUN / "predictions.parquet")
    assert set(scored["variant"]) == {"cnn", "no-mask-loss"}
    one, two = (part["sample_id"].tolist() for _, part in scored.groupby("variant"))
    assert one == two


def test_a_prior_of_another_alignment_is_refused(run, train, priors, rendered):
    run("align", "--dataset", "ckplus", "--root", rendered, "--crop-centre", "template", "--workers", 1)
    (beside,) = Path("facemotion-work/ckplus/alignments").iterdir()
    output = " ".join(train("--root", rendered, "--alignment", beside.name, fails=True).output.split())
    assert "another alignment" in output
    assert not RUN.parent.exists()


def test_a_prior_finds_the_alignment_that_it_was_built_from(run, tiny, priors, rendered):
    run("align", "--dataset", "ckplus", "--root", rendered, "--crop-centre", "template", "--workers", 1)
    (beside,) = Path("facemotion-work/ckplus/alignments").iterdir()
    run("build-priors", "--source", "ckplus", "--alignment", beside.name, "-o", "template.npz")
    run("train", "--priors", "template.npz", *tiny, "--folds", 0)
    config = json.loads((RUN.with_name(f"ckplus-{beside.name}-compact") / "config.json").read_text())
    assert config["alignment"]["name"] == beside.name


def test_a_prior_of_other_folds_is_a_leak(run, train, priors, rendered):
    run("folds", "--dataset", "ckplus", "--root", rendered, "--folds", 2, "--scheme", "round-robin")
    output = " ".join(train("--root", rendered, fails=True).output.split())
    assert "may have seen test subjects" in output
    assert not RUN.exists()


def test_the_prior_s_own_pictures_under_another_name_are_a_leak(run, train, priors, rendered):
    run("folds", "--dataset", "demo", "--folds", 2, "--root", rendered)  # the same tree
    output = " ".join(train("--dataset", "demo", "--root", rendered, fails=True).output.replace("│", " ").split())
    assert "test pictures of demo are also in ckplus, which the prior was built from" in output
    assert not RUN.parent.exists()


def test_edited_folds_are_a_leak(run, train, priors, rendered):
    path = Path("facemotion-work/ckplus/folds.json")
    folds = json.loads(path.read_text())
    folds["folds"][1]["test_samples"].append(folds["folds"][0]["test_samples"].pop())
    path.write_text(json.dumps(folds))
    output = " ".join(train("--root", rendered, fails=True).output.replace("│", " ").split())
    assert "is on both sides of fold 0 of ckplus" in output
    assert not RUN.exists()


def test_the_demo_ends_in_a_report(run, tiny, cheaply):
    shown = json.loads(run("train", *tiny, "--print-config").output)
    sections = ("model", "data", "training")
    lines = [f"[{name}]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in shown[name].items()) for name in sections]
    Path("tiny.toml").write_text("\n".join(lines))
    small = ("demo", "--quick", "--preset", "tiny.toml", "--subjects", 4, "--size", "96x96")
    output = run(*small, "--workers", 1).output
    assert "total" in output
    assert "says nothing about real faces" in output
    text = Path("report.html").read_text()
    assert "Synthetic faces" in text
    assert Path("demo.npz").is_file()
    again = run(*small).output
    assert again.count("up to date") >= 5


def test_a_preset_can_be_printed(run):
    output = run("train", "--preset", "paper", "--print-config").output
    assert json.loads(output)["training"]["lambda_mask"] == 10.0
    output = run("train", "--preset", "released", "--print-config").output
    assert json.loads(output)["training"]["lambda_mask"] == 0.1


def test_training_needs_a_prior(run):
    assert "give a prior bank with --priors" in " ".join(run("train", fails=True).output.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--preset", "papers"), "unknown preset 'papers'"),
        (("--set", "training.epochs=3"), "training has no field 'epochs'"),
        (("--set", "data.crop=400"), "crop (400) must not be larger than resize"),
        (("--folds", "7"), "there is no fold 7"),
        (("--variant", "cnns"), "unknown variant 'cnns'"),
        (("--device", "toaster"), "device 'toaster' cannot be used"),
        (("--set", "model.classifier=resnet10x"), "timm has no model 'resnet10x'"),
        (("--set", "model.classifier=inception_v3"), "'inception_v3' cannot take faces of 32 px"),
        (("--set", "modl.width=4"), "expected section.field=value, with section model, data, training"),
        (("--pretrained", "ckplus.npz"), "weights ckplus.npz are not a file of weights"),
    ],
)
def test_wrong_settings_stop_before_anything_is_written(run, train, priors, rendered, arguments, message):
    output = " ".join(train("--root", rendered, *arguments, fails=True).output.replace("│", " ").split())
    assert message in output
    assert not RUN.exists()
