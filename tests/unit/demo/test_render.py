"""What rendered faces are like; on another processor a few pixels may differ by one grey level."""

import numpy as np
import pytest

from facemotion.demo import render_face
from facemotion.demo.expression import peak_weights
from facemotion.demo.identity import build_subject
from facemotion.demo.mesh import EYES, TEETH, TONGUE
from facemotion.demo.render import render
from facemotion.demo.scene import lab_scene
from facemotion.demo.sequence import frame_times, lab_sequence
from facemotion.expressions import EXPRESSIONS

SIZE = (184, 240)


def picture(seed: int, expression: str | None, intensity: float = 1.0):
    subject = build_subject(seed)
    scene = lab_scene(np.random.default_rng(seed), SIZE)
    weights = peak_weights(expression, subject.temper, intensity=intensity) if expression else {}
    return render(subject, weights, scene)


@pytest.mark.parametrize("seed", [0, 1, 5, 8])
def test_closed_lips_show_no_teeth(seed):
    assert not np.isin(picture(seed, None).parts, (*TEETH, TONGUE)).any()


def test_surprise_opens_the_mouth():
    assert any(np.isin(picture(seed, "surprise").parts, TEETH).any() for seed in (0, 1, 5))


@pytest.mark.parametrize("seed", [0, 3])
def test_the_landmarks_lie_on_the_face_in_order(seed):
    shown = picture(seed, None)
    left, right, nose, left_mouth, right_mouth = shown.landmarks
    assert left[0] < nose[0] < right[0]
    assert left_mouth[0] < nose[0] < right_mouth[0]
    assert max(left[1], right[1]) < nose[1] < min(left_mouth[1], right_mouth[1])
    for x, y in np.round([left, right]).astype(int):
        assert np.isin(shown.parts[y - 1 : y + 2, x - 1 : x + 2], EYES).any()


def test_the_same_arguments_give_the_same_bytes():
    one, two = (render_face(2, "fear", size=SIZE) for _ in range(2))
    assert np.array_equal(one[0], two[0])
    assert np.array_equal(one[1], two[1])


def test_seeds_subjects_and_expressions_give_different_pictures():
    faces = [render_face(*arguments, size=SIZE)[0] for arguments in ((2, "fear"), (3, "fear"), (2, "anger"))]
    faces.append(render_face(2, "fear", size=SIZE, seed=1)[0])
    assert len({face.tobytes() for face in faces}) == 4


def test_a_stronger_expression_moves_the_face_further():
    rest = picture(4, "happiness", 0.0).display
    moved = [np.abs(picture(4, "happiness", strength).display - rest).mean() for strength in (0.3, 0.6, 1.0)]
    assert 0 < moved[0] < moved[1] < moved[2]


def test_no_intensity_is_neutral():
    assert np.array_equal(picture(4, "anger", 0.0).display, picture(4, None).display)


def test_expressions_move_the_regions_that_they_are_known_for():
    """Brows for anger, the mouth for happiness and surprise: shares of the change above and below the nose."""
    rest = picture(2, None)
    nose, eyes = rest.landmarks[2, 1], rest.landmarks[:2, 1].mean()
    rows = np.arange(SIZE[0])

    def below(expression: str) -> float:
        change = np.abs(picture(2, expression).display - rest.display).sum(axis=(1, 2))
        near = (rows > 2 * eyes - nose - 10) & (rows < 3 * nose - 2 * eyes)
        return float(change[near & (rows > nose)].sum() / change[near].sum())

    assert below("anger") < below("happiness")
    assert below("surprise") > 0.45  # brows, lids and forehead rise as well


def test_the_first_frame_is_neutral_and_the_last_the_peak():
    frames = list(lab_sequence(1, "disgust", frame_times(5), size=SIZE))
    assert max(frames[0].weights.values()) < 0.5  # nobody is quite still
    peak = max(frames[-1].weights.values())
    assert all(max(frame.weights.values()) > 0.7 * peak for frame in frames[-3:])
    assert frames[0].image.shape == (*SIZE, 3)
    assert frames[0].image.dtype == np.uint8


@pytest.mark.parametrize("number", [4, 5, 9])
def test_frame_times_rise_from_neutral_to_the_peak(number):
    times = frame_times(number)
    assert len(times) == number
    assert times == sorted(times)
    assert (times[0], times[-1]) == (0.0, 1.0)
    assert times[-3] > 0.8


def test_subjects_differ_in_shape_and_expressiveness():
    subjects = [build_subject(seed) for seed in (0, 1, 2)]
    assert len({subject.temper.strength for subject in subjects}) == 3
    assert not np.allclose(subjects[0].vertices, subjects[1].vertices)
    assert len(EXPRESSIONS) == 7
