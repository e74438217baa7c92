"""What may be scored on another dataset, and in which classes."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from facemotion.errors import DataError, LeakageError
from facemotion.runs import RunConfig, Training, cross_dataset
from facemotion.runs.cross_dataset import check_unseen, common_classes
from facemotion.training.data import TrainingData

CONFIG = RunConfig(dataset="affectnet", classes=("anger", "fear"), settings={})
GUIDED, PLAIN = (
    [Training(Path("run"), variant, 0, 0) for variant in names] for names in (("fmpn", "cnn"), ("cnn", "no-mask-loss"))
)


def bank(*sources: str):
    """Give what is looked at of a prior bank: the datasets that it was built from."""
    return SimpleNamespace(meta=SimpleNamespace(sources=sources))


def test_the_dataset_of_the_training_is_refused() -> None:
    with pytest.raises(LeakageError, match="the run was trained on affectnet"):
        check_unseen("affectnet", CONFIG, bank("ckplus"), PLAIN)


def test_a_source_of_the_prior_is_refused_where_the_prior_guided_a_training() -> None:
    for source in ("ckplus", "oulu-casia"):
        with pytest.raises(LeakageError, match=f"the prior of this run was built from {source}"):
            check_unseen(source, CONFIG, bank("ckplus", "oulu-casia"), GUIDED)
        check_unseen(source, CONFIG, bank("ckplus", "oulu-casia"), PLAIN)  # the baselines never see it


def test_the_same_pictures_under_another_name_are_refused() -> None:
    known = {"affectnet": ["a", "b", ""], "ckplus": ["c"]}
    with pytest.raises(LeakageError, match="1 pictures of folder are also in ckplus"):
        check_unseen("folder", CONFIG, bank("ckplus"), GUIDED, digests=["c", "d", ""], known=known)
    check_unseen("folder", CONFIG, bank("ckplus"), GUIDED, digests=["d", ""], known=known)


def test_the_classes_are_those_in_common_in_the_models_order() -> None:
    assert common_classes(("anger", "contempt", "fear"), ("neutral", "fear", "anger")) == ("anger", "fear")
    with pytest.raises(DataError, match="at least two classes in common are needed"):
        common_classes(("anger", "contempt"), ("fear", "anger"))


def test_of_an_official_split_the_test_part_is_scored() -> None:
    def positions(*splits: str, part: cross_dataset.Part = "test") -> list[int]:
        rows, names = np.arange(len(splits)), np.array([f"a{number}" for number in range(len(splits))])
        crops = np.zeros((len(splits), 4, 4, 3), np.uint8)
        data = TrainingData(crops, rows, rows * 0, names, names, np.array(splits), ("anger",), "affectnet", "", "")
        return cross_dataset.scored_rows(data, part).tolist()

    assert positions("train", "val", "train", "test") == [1, 3]
    assert positions("", "", "") == [0, 1, 2]
    assert positions("train", "val", "train", part="all") == [0, 1, 2]
    with pytest.raises(DataError, match="no aligned face in its test part"):
        positions("train", "train")
