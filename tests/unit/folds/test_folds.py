import json
from dataclasses import replace

import numpy as np
import pytest

from facemotion.config import FoldSettings
from facemotion.errors import ConfigError, DataError, LeakageError, WorkspaceError
from facemotion.folds import Fold, Folds, build_folds, is_split
from facemotion.workspace import digest_json


@pytest.fixture
def folds(manifest):
    return build_folds(manifest, FoldSettings(folds=3))


@pytest.fixture
def content(folds):
    return folds.as_json({"stage": "folds"})


@pytest.fixture
def read(tmp_path):
    def back(content) -> Folds:
        (tmp_path / "folds.json").write_text(json.dumps(content))
        return Folds.read(tmp_path / "folds.json")

    return back


class TestContent:
    def test_contract(self, content, manifest):
        assert list(content) == ["provenance", "scheme", "dataset", "manifest_digest", "folds"]
        assert content["provenance"] == {"stage": "folds"}
        assert (content["scheme"], content["dataset"]) == ("fmpn", "mmi")
        assert content["folds"][2]["subjects"] == ["S000", "S001"]
        assert content["folds"][2]["test_samples"] == [f"S00{s}_00{i}" for s in (0, 1) for i in (1, 2, 3)]

    def test_subjects_without_expressive_frames_are_not_dealt(self, manifest):
        manifest = manifest[~((manifest["subject"] == "S003") & (manifest["role"] == "expressive"))]
        assert "S003" not in build_folds(manifest, FoldSettings(folds=3)).owner

    def test_nothing_to_deal(self, manifest):
        with pytest.raises(DataError, match="no expressive rows"):
            build_folds(manifest[manifest["role"] == "neutral"], FoldSettings())

    def test_who_is_tested_where(self, folds):
        assert len(folds) == 3
        assert folds.subjects(2) == ("S000", "S001")
        assert folds.test(2)[0] == "S000_001"
        assert (folds.owner["S000"], folds.owner["S006"]) == (2, 0)
        assert not folds.is_official
        with pytest.raises(ConfigError, match="there is no fold 3: mmi has 3, from 0"):
            folds.test(3)

    def test_sides_part_the_samples(self, folds, manifest):
        rows = manifest[manifest["role"] == "expressive"]
        names, splits = rows["sample_id"].to_numpy(str), rows["split"].to_numpy(str)
        trained, tested = folds.sides(2, sample_ids=names, splits=splits)
        assert (trained != tested).all()
        assert tuple(names[tested]) == folds.test(2)

    def test_digest_is_about_who_is_where(self, folds):
        assert replace(folds, scheme="other").digest == folds.digest
        first, second, third = folds.folds
        assert replace(folds, folds=(second, first, third)).digest != folds.digest
        turned = replace(first, subjects=first.subjects[::-1], test_samples=first.test_samples[::-1])
        assert replace(folds, folds=(turned, second, third)).digest == folds.digest

    def test_the_digest_is_that_of_earlier_versions(self):
        folds = Folds("fmpn", "mmi", "", (Fold(("S2",), ("S2_1",)), Fold(("S1",), ("S1_1",))))
        assert folds.digest == digest_json({"dataset": "mmi", "folds": [[["S2"], ["S2_1"]], [["S1"], ["S1_1"]]]})


class TestOfficialSplit:
    @pytest.fixture
    def split(self) -> Folds:
        return Folds.official(
            "affectnet",
            manifest_digest="d",
            sample_ids=np.array(["a", "b", "c", "d"]),
            subjects=np.array(["A", "B", "C", "D"]),
            splits=np.array(["train", "val", "", "test"]),
        )

    def test_it_is_one_fold_that_tests_what_is_not_named_train(self, split):
        assert len(split) == 1
        assert split.is_official
        assert split.test(0) == ("b", "d")
        assert split.owner == {"B": 0, "D": 0}
        assert split.name(0) == "the official split of affectnet"

    def test_what_names_no_part_is_on_neither_side(self, split):
        splits = np.array(["train", "val", "", "test"])
        trained, tested = split.sides(0, sample_ids=np.array(list("abcd")), splits=splits)
        assert trained.tolist() == [True, False, False, False]
        assert tested.tolist() == [False, True, False, True]

    def test_it_has_no_other_fold(self, split):
        with pytest.raises(ConfigError, match="no fold 1: an official split is fold 0"):
            split.of(1)

    def test_a_dataset_is_split_if_every_frame_names_its_part(self):
        assert is_split(["train", "val"])
        assert not is_split(["train", ""])


class TestRead:
    def test_round_trip(self, folds, content, read):
        assert read(content) == folds

    def test_missing(self, tmp_path):
        with pytest.raises(WorkspaceError, match="cannot read"):
            Folds.read(tmp_path / "folds.json")

    @pytest.mark.parametrize(
        "change",
        [
            lambda c: [],
            lambda c: {},
            lambda c: {**c, "folds": []},
            lambda c: {**c, "folds": c["folds"][::-1]},
            lambda c: {**c, "folds": [{"fold": 0}, {"fold": 1}]},
            lambda c: {**c, "scheme": None},
            lambda c: {**c, "folds": [{**fold, "subjects": [1]} for fold in c["folds"]]},
            lambda c: {**c, "folds": [{**fold, "subjects": "S000"} for fold in c["folds"]]},
            lambda c: {**c, "folds": [{**fold, "test_samples": None} for fold in c["folds"]]},
            lambda c: {**c, "folds": ["ab", "cd"]},
        ],
    )
    def test_not_folds(self, content, read, change):
        with pytest.raises(DataError, match="is not a file of folds"):
            read(change(content))


class TestLeaks:
    def test_good_folds_pass(self, folds, manifest):
        folds.check(manifest)

    def test_subject_on_both_sides(self, content, read, manifest):
        content["folds"][0]["subjects"].append("S000")
        with pytest.raises(LeakageError, match="subject 'S000' is tested more than once"):
            read(content).check(manifest)

    def test_sample_twice(self, content, read, manifest):
        content["folds"][0]["test_samples"].append("S000_001")
        with pytest.raises(LeakageError, match="sample 'S000_001' is tested more than once"):
            read(content).check(manifest)

    def test_sample_in_another_subjects_fold(self, content, read, manifest):
        content["folds"][2]["test_samples"].remove("S000_001")
        content["folds"][0]["test_samples"].append("S000_001")
        with pytest.raises(
            LeakageError, match="fold 0 tests sample 'S000_001' of subject 'S000', whom it also trains on"
        ):
            read(content).check(manifest)

    def test_missing_subject(self, content, read, manifest):
        content["folds"][2]["subjects"].remove("S000")
        with pytest.raises(DataError, match="subject 'S000' of the manifest is in no fold"):
            read(content).check(manifest)

    def test_missing_sample(self, content, read, manifest):
        content["folds"][2]["test_samples"].remove("S000_001")
        with pytest.raises(DataError, match="sample 'S000_001' of the manifest is in no fold"):
            read(content).check(manifest)

    def test_unknown_subject(self, content, read, manifest):
        content["folds"][2]["subjects"].append("S900")
        with pytest.raises(DataError, match="name subject 'S900', which the manifest does not have"):
            read(content).check(manifest)

    def test_unknown_sample(self, content, read, manifest):
        content["folds"][2]["test_samples"].append("S000_009")
        with pytest.raises(DataError, match="name sample 'S000_009', which the manifest does not have"):
            read(content).check(manifest)
