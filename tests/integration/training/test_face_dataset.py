"""Faces with their priors for a training loop of one's own."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from facemotion.alignment.store import FACES
from facemotion.errors import AlignmentError, ConfigError, LeakageError
from facemotion.places import Alignment, Selection
from facemotion.tables import read_table, write_table
from facemotion.training.face_dataset import FaceDataset
from facemotion.workspace import Workspace, write_json


def as_the_stages_leave_it(study):
    """Write what a study's folder lacks."""
    write_json(study.folder / "ingest.json", {"classes": list(study.data.classes)})
    write_json(study.folder / "folds.json", study.folds.as_json({}))
    return study


@pytest.fixture
def study(make_study):
    return as_the_stages_leave_it(make_study())


def test_an_item_is_the_face_its_luma_its_class_mask_and_its_label(study) -> None:
    faces = FaceDataset(study.folder, fold=1, part="test", prior=study.bank)
    assert len(faces) == 6
    assert faces.classes == study.data.classes
    assert set(faces.subjects) == set(study.folds.subjects(1))
    assert tuple(faces.sample_ids) == study.folds.test(1)
    assert faces.guided.all()
    for index, sample in enumerate(faces.sample_ids):
        color, gray, prior, label = faces[index]
        position = study.data.sample_ids.tolist().index(sample)
        pixels = study.data.crops[study.data.rows[[position]]][0] / np.float32(255)
        np.testing.assert_allclose(color.permute(1, 2, 0), pixels, atol=1e-7)
        np.testing.assert_allclose(gray[0], pixels @ np.array([0.299, 0.587, 0.114]), atol=1e-6)
        assert label == study.data.labels[position]
        assert np.array_equal(prior[0], study.bank.mask[1, label])  # the fold's own, not that of all subjects
    assert [part.dtype for part in faces[0][:3]] == [torch.float32] * 3


def test_both_sides_make_up_the_dataset_and_share_no_subject(study) -> None:
    sides = [FaceDataset(study.folder, fold=0, part=part) for part in ("train", "test")]
    assert sorted(np.concatenate([side.sample_ids for side in sides])) == sorted(study.data.sample_ids)
    assert not set(sides[0].subjects) & set(sides[1].subjects)


def test_it_goes_through_a_loader(study) -> None:
    faces = FaceDataset(study.folder, prior=study.bank)
    color, gray, prior, label = next(iter(DataLoader(faces, batch_size=4)))
    assert color.shape == (4, 3, 20, 20)
    assert gray.shape == prior.shape == (4, 1, 20, 20)
    assert label.tolist() == faces.labels[:4].tolist()


def test_faces_an_alignment_and_what_has_one_are_datasets_too(study, tmp_path) -> None:
    place = Alignment(Selection(Workspace(tmp_path), "demo"))
    opened = type("Opened", (), {"alignment": place})()
    expected = FaceDataset(study.folder).sample_ids
    for dataset, more in ((study.data, {"folds": study.folds}), (place, {}), (opened, {}), (str(study.folder), {})):
        assert np.array_equal(FaceDataset(dataset, **more).sample_ids, expected)


def test_without_a_prior_the_mask_is_0(study) -> None:
    faces = FaceDataset(study.folder)
    assert not faces.guided.any()
    assert not faces[0][2].any()


def test_an_official_split_is_fold_0(make_study) -> None:
    data = make_study(splits=("train",) * 4 + ("val",) * 2).data
    assert set(FaceDataset(data, part="test").subjects) == {"S4", "S5"}
    with pytest.raises(ConfigError, match="an official split is fold 0"):
        FaceDataset(data, fold=1)


class TestLeaks:
    def test_a_prior_of_other_folds(self, study) -> None:
        other = replace(study.folds, folds=study.folds.folds[::-1])
        with pytest.raises(LeakageError, match="other folds of demo"):
            FaceDataset(study.data, folds=other, prior=study.bank)

    def test_a_subject_on_both_sides(self, study) -> None:
        first, *others = study.folds.folds
        cut = replace(study.folds, folds=(replace(first, test_samples=first.test_samples[1:]), *others))
        with pytest.raises(LeakageError, match="is on both sides of fold 0"):
            FaceDataset(study.data, folds=cut)

    def test_pictures_that_the_prior_was_built_from(self, make_study) -> None:
        other, study = make_study(name="ckplus"), as_the_stages_leave_it(make_study())
        FaceDataset(study.folder, prior=other.bank)
        for folder in (study.folder, other.folder):  # the same files under two names
            faces, header = read_table(folder / "faces.parquet")
            faces["sha256"] = [f"{number:064x}" for number in range(len(faces))]
            write_table(folder / "faces.parquet", faces, schema=FACES, header=header)
        with pytest.raises(LeakageError, match="test pictures of demo are also in ckplus"):
            FaceDataset(study.folder, prior=other.bank)


class TestRefusals:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"part": "val"}, "part 'val' is not known: expected 'train' or 'test'"),
            ({"fold": 3}, "there is no fold 3: demo has 3, from 0"),
        ],
    )
    def test_settings(self, study, options, message) -> None:
        with pytest.raises(ConfigError, match=message):
            FaceDataset(study.folder, **options)

    def test_what_is_no_dataset_and_faces_without_folds(self, study) -> None:
        with pytest.raises(ConfigError, match="int is no dataset: give its folder"):
            FaceDataset(3)
        with pytest.raises(ConfigError, match="need folds"):
            FaceDataset(study.data)

    def test_another_alignment(self, study) -> None:
        with pytest.raises(AlignmentError, match="another alignment"):
            FaceDataset(replace(study.data, alignment="b" * 16), folds=study.folds, prior=study.bank)

    def test_an_index_outside(self, study) -> None:
        faces = FaceDataset(study.folder)
        assert faces[-1][3] == faces.labels[-1]
        with pytest.raises(IndexError, match="face 12 is out of range: there are 12"):
            faces[12]
