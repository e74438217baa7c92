"""Prediction, the trainer's test and the exported network see and score a face alike."""

import json
from pathlib import Path

import numpy as np
import pytest

from facemotion import media
from facemotion.alignment.store import open_crops, read_faces
from facemotion.errors import AlignmentError
from facemotion.inference import Predictor
from facemotion.runs import Run

RUN = "ckplus-compact"
TOLERANCE = 1e-6
"""Largest difference of a probability: batches of another size may be summed in another order."""


@pytest.fixture
def tested(trained, tmp_path):
    """The run's predictions of its test faces, with the row of each crop."""
    faces, _ = read_faces(tmp_path / "facemotion-work/ckplus")
    return Run.open(trained).predictions.merge(faces[["sample_id", "row"]], on="sample_id")


@pytest.mark.parametrize("variant", ["fmpn", "cnn"])
def test_aligned_test_faces_are_predicted_as_the_run_s_predictions_say(trained, tested, tmp_path, variant):
    rows = tested[tested["variant"] == variant]
    predictor = Predictor(RUN, variant=variant)
    crops = open_crops(tmp_path / "facemotion-work/ckplus")[rows["row"].to_numpy()]
    for number in (len(crops), 1):
        scored = predictor.crops(crops[:number])
        kept = rows[:number]
        names = np.array(predictor.card.classes)[scored.probabilities.argmax(axis=1)]
        assert names.tolist() == kept["predicted"].tolist()
        expected = kept[[f"p_{name}" for name in predictor.card.classes]].to_numpy()
        np.testing.assert_allclose(scored.probabilities, expected, atol=TOLERANCE)
        assert (scored.masks is None) == (variant == "cnn")


def test_a_picture_of_a_test_face_is_predicted_so_by_the_command_and_in_python(run, trained, tested, rendered):
    row = tested[tested["variant"] == "fmpn"].iloc[0]
    subject, session, _ = row["sample_id"].split("_")
    path = rendered / "cohn-kanade-images" / subject / session / f"{row['sample_id']}.png"
    run("predict", RUN, path)
    (told,) = json.loads(Path("predictions/predictions.json").read_text())["rows"]
    found = Predictor(RUN)(media.read_image(path))
    assert found
    assert found.expression == told["expression"] == row["predicted"]
    for name, share in found.probabilities.items():
        assert share == pytest.approx(row[f"p_{name}"], abs=TOLERANCE)
        assert told["probabilities"][name] == pytest.approx(share, abs=1e-6)  # written with six digits
    assert found.aligned.landmarks.ravel().tolist() == told["landmarks"]
    assert found.mask.shape == (32, 32)


def test_the_exported_file_is_a_predictor_too(exported, trained, tested, tmp_path):
    crops = open_crops(tmp_path / "facemotion-work/ckplus")[tested["row"].to_numpy()[:5]]
    one, two = Predictor(trained).crops(crops), Predictor(exported).crops(crops)
    np.testing.assert_allclose(one.probabilities, two.probabilities, atol=1e-4)


def test_a_picture_without_a_face_is_a_failure_as_a_value(trained):
    found = Predictor(Run.open(trained))(np.full((60, 80, 3), 120, np.uint8))
    assert not found
    assert found.status == "no_face"


def test_no_crops_give_no_scores_and_other_arrays_are_refused(trained):
    predictor = Predictor(RUN)
    nothing = predictor.crops(np.zeros((0, 70, 70, 3), np.uint8))
    assert nothing.probabilities.shape == (0, 7)
    assert nothing.masks.shape == (0, 32, 32)
    for array in (np.zeros((2, 64, 70, 3), np.uint8), np.zeros((2, 70, 70, 3)), np.zeros((70, 70, 3), np.uint8)):
        with pytest.raises(AlignmentError, match=r"crops are a uint8 array of shape \(n, 70, 70, 3\)"):
            predictor.crops(array)
    with pytest.raises(AlignmentError, match="a picture is a uint8 array"):
        predictor(np.zeros((70, 70), np.uint8))
