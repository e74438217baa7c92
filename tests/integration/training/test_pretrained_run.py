"""Going on with a run's classifier on another dataset: what is taken over, and whose faces may not be tested then."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from facemotion.errors import EnvironmentProblem, LeakageError
from facemotion.models import variants
from facemotion.runs import Run
from facemotion.runs.cross_dataset import check_unseen
from facemotion.runs.start import find_start
from facemotion.runs.trained import load_trained
from facemotion.workspace import Workspace

ONE = {"folds_to_train": (0,), "variants": ("cnn",)}


@pytest.fixture
def begun(make_study, tmp_path):
    """A study of one dataset that was trained, and one of another dataset with the same classes."""
    first = make_study(name="demo")
    first.run(tmp_path / "work" / "runs" / "first", **ONE)
    other = make_study(name="other")
    return Workspace(tmp_path / "work"), replace(other, bank=first.bank)


def going_on(study, start):
    return study.with_settings(f"model.pretrained={start.weights}")


def test_a_run_is_found_by_name_folder_training_and_file(begun, tmp_path) -> None:
    workspace, _ = begun
    run = workspace.run("first")
    for given in (
        "first",
        run,
        run / "cnn" / "fold-0" / "seed-0",
        run / "cnn" / "fold-0" / "seed-0" / "model.safetensors",
    ):
        found = find_start(workspace, given)
        assert found is not None
        assert (found.weights, found.datasets) == (run / "cnn" / "fold-0" / "seed-0" / "model.safetensors", ("demo",))
    assert find_start(workspace, tmp_path / "imagenet.pth") is None
    with pytest.raises(EnvironmentProblem, match=r"not a file of weights .* and no run: second"):
        find_start(workspace, "second")


def test_the_classifier_is_taken_over_with_its_answers_where_classes_are_the_same(begun) -> None:
    workspace, study = begun
    start = find_start(workspace, "first")
    settings = going_on(study, start).settings
    kept = load_trained(start.training).network.classifier.state_dict()
    for variant in ("cnn", "fmpn"):
        new = variants.build(variant, 3, settings.model, side=20).classifier
        assert all(torch.equal(value, kept[name]) for name, value in new.state_dict().items() if "fc." not in name)
        assert not torch.equal(new.fc.weight, kept["fc.weight"])
        assert start.answer_alike(new, ("anger", "happiness", "surprise"))
        assert torch.equal(new.fc.weight, kept["fc.weight"])
    other = variants.build("cnn", 3, settings.model, side=20).classifier
    before = other.fc.weight.clone()
    assert not start.answer_alike(other, ("surprise", "happiness", "anger"))
    assert torch.equal(other.fc.weight, before)


def test_a_run_says_what_it_began_with_and_a_third_inherits_it(begun) -> None:
    workspace, study = begun
    start = find_start(workspace, "first")
    run = Run(workspace.run("second"))
    said: list[str] = []
    going_on(study, start).run(run.folder, **ONE, start=start, say=said.append)
    assert run.config.began_with.run == "first"
    assert run.config.began_with.datasets == ("demo",)
    assert "pictures of demo are not at hand: that no test face is among them was not checked" in said
    assert find_start(workspace, "second").datasets == ("other", "demo")
    with pytest.raises(LeakageError, match="began with the weights of first, which have seen faces of demo"):
        check_unseen("demo", run.config, study.bank, run.trainings)


def test_faces_that_the_weights_have_seen_are_not_tested(begun) -> None:
    workspace, study = begun
    start = find_start(workspace, "first")
    target = workspace.run("second")
    digests = [f"{place:064d}" for place in range(len(study.data.labels))]
    data = replace(study.data, pictures=np.array(digests))
    seen = {"demo": [digests[study.plan().part(0).test[0]]]}
    with pytest.raises(
        LeakageError, match="1 test pictures of other are also in demo, which the weights of --pretrained"
    ):
        replace(study, data=data).run(target, **ONE, start=start, start_pictures=seen)
    same = replace(study, data=replace(study.data, dataset="demo"))
    with pytest.raises(LeakageError, match="was trained with faces of demo"):
        same.run(target, **ONE, start=start)
    assert not target.exists()


def test_a_prior_that_guided_the_weights_has_a_part_in_them(begun, tmp_path) -> None:
    workspace, study = begun
    study.run(workspace.run("guided"), folds_to_train=(0,), variants=("guided",))
    assert find_start(workspace, "guided").datasets == ("other", "demo")
