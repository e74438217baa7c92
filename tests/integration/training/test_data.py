import pandas as pd
import pytest

from facemotion.alignment.store import FACES
from facemotion.errors import DataError, WorkspaceError
from facemotion.tables import read_table, write_table
from facemotion.training.data import load_training_data


@pytest.fixture
def study(make_study):
    return make_study()


def test_takes_the_expressive_faces_and_their_own_crops(study) -> None:
    data = study.data
    assert len(data.rows) == 18
    assert data.classes == ("anger", "happiness", "surprise")
    for row, label in zip(data.rows, data.labels, strict=True):
        band = data.crops[[row]][0, label * 6 : label * 6 + 6]
        assert band.min() >= 120  # the bright band of its class
    assert (data.dataset, data.alignment) == ("demo", "a" * 16)


def test_takes_the_classes_of_the_label_space_in_its_order(study) -> None:
    data = load_training_data(study.folder, ("surprise", "contempt", "anger"))
    expressions = pd.read_parquet(study.folder / "manifest.parquet").set_index("sample_id")["expression"]
    assert [data.classes[label] for label in data.labels] == expressions[data.sample_ids].tolist()
    assert set(data.labels) == {0, 2}


def test_leaves_out_what_could_not_be_aligned(study) -> None:
    faces, header = read_table(study.folder / "faces.parquet")
    lost = faces["sample_id"] == study.data.sample_ids[4]
    faces.loc[lost, ["status", "row"]] = ["no_face", -1]
    write_table(study.folder / "faces.parquet", faces, schema=FACES, header=header)
    data = load_training_data(study.folder, study.data.classes)
    assert len(data.rows) == 17
    assert study.data.sample_ids[4] not in data.sample_ids


def test_says_that_nothing_is_left(study) -> None:
    with pytest.raises(DataError, match="demo has no aligned face of disgust, fear"):
        load_training_data(study.folder, ("disgust", "fear"))


def test_says_that_the_crops_are_missing(study) -> None:
    (study.folder / "crops" / "00000.npy").unlink()
    with pytest.raises(WorkspaceError, match="holds no shards"):
        load_training_data(study.folder, study.data.classes)
