"""Controls beside the right masks, what follows from them, and where a network looks, through the command line."""

import json


def test_a_variant_is_trained_beside_its_control_and_explained(run, tiny, trained, rendered) -> None:
    wanted = ["--variant", "guided", "--control", "wrong-mask", "--folds", 0, "--set=model.guided_stage=3"]
    output = run(
        "train", "--priors", "ckplus.npz", *tiny, *wanted, "--variant", "cnn", "--name", "asked", "--root", rendered
    )
    text = " ".join(output.output.split())
    assert "guided@wrong-mask" in text
    assert "guided (pooled" in text
    assert "points could have been seen with a probability of 80 %" in text
    config = json.loads((trained.parent / "asked" / "config.json").read_text())
    assert list(config["controls"]) == ["wrong-mask"]

    where = trained.parent / "asked" / "guided@wrong-mask" / "fold-0" / "seed-0"
    said = run("explain", "asked", "--variant", "guided@wrong-mask", "--faces", 1, "--root", rendered).output
    found = json.loads((where / "explained.json").read_text())
    assert found["variant"] == "guided@wrong-mask"
    assert f"{found['cosine']:.2f}" in said
    assert (where / "explained.png").read_bytes()[:4] == b"\x89PNG"
    again = run("explain", "asked", "--variant", "guided@wrong-mask", "--faces", 1, "--root", rendered).output
    assert "explain is up to date" in again
    dry = ["explain", "asked", "--variant", "guided@wrong-mask", "--root", rendered, "--dry-run"]
    assert "explain is up to date" in run(*dry, "--faces", 1).output
    assert "would run explain" in run(*dry, "--faces", 2).output
    assert json.loads((where / "explained.json").read_text()) == found

    # the report shows both, and looks again where the weights are others than those that were looked at
    other = found | {"provenance": found["provenance"] | {"inputs": {"model": "0" * 64}}, "cosine": 0.0}
    (where / "explained.json").write_text(json.dumps(other))
    said = run("report", "asked").output
    assert "explain again, since" in " ".join(said.split())
    assert json.loads((where / "explained.json").read_text()) == found
    page = (trained.parents[2] / "report.html").read_text()
    assert "Does the mask help?" in page
    assert f'<td class="n">{found["cosine"]:.2f}</td>'.replace("-", "−") in page

    # what cannot be made again is told, and stays
    (where / "explained.json").write_text(json.dumps(other))
    (trained.parent / "asked" / "prior.npz").rename(trained.parent / "prior.npz")
    said = " ".join(run("report", "asked").output.split())
    assert "cannot be made again: cannot read" in said
    assert "explained.json of guided@wrong-mask, fold 0, seed 0: cannot be read, or is of other weights" in said
    assert json.loads((where / "explained.json").read_text()) == other
    (trained.parent / "prior.npz").rename(trained.parent / "asked" / "prior.npz")

    # another name, the same dataset: its faces would be tested by weights that have seen them
    again = ["--variant", "cnn", "--folds", 0, "--pretrained", "asked", "--name", "leak", "--root", rendered]
    refused = " ".join(run("train", "--priors", "ckplus.npz", *tiny, *again, fails=True).output.split())
    assert "was trained with faces of ckplus" in refused
    assert not (trained.parent / "leak").exists()
