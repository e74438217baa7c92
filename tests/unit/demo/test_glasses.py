"""Who wears glasses, and what they change in a picture."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from facemotion.config import DemoSettings
from facemotion.demo import render_ckplus
from facemotion.demo.expression import peak_weights
from facemotion.demo.glasses import wears
from facemotion.demo.identity import build_subject, describe
from facemotion.demo.mesh import FRAME
from facemotion.demo.render import render
from facemotion.demo.scene import lab_scene, moved, seen_from
from facemotion.demo.sequence import frame_times, lab_sequence, render_face, wild_face
from facemotion.workspace import read_json

SIZE = (184, 240)
LOOSE = 1.5 / 255
"""Difference that no eye sees; the shadow of the frame fades out."""


def pictures(seed, *, expression=None, drift=None, yaw=0.0):
    """Return the same moment of a person without and with glasses."""
    scene = seen_from(lab_scene(np.random.default_rng(seed), SIZE), yaw)
    if drift is not None:
        scene = moved(scene, np.array(drift, float))
    shown = []
    for glasses in (False, True):
        subject = build_subject(seed, glasses=glasses)
        weights = peak_weights(expression, subject.temper) if expression else {}
        shown.append(render(subject, weights, scene))
    return shown


class TestWho:
    @pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.8, 1.0])
    @pytest.mark.parametrize("first", [0, 1000, 7000])
    def test_the_share_is_met(self, share, first):
        number = sum(wears(seed, share) for seed in range(first, first + 40))
        assert abs(number - 40 * share) <= (0 if share in (0, 1) else 2)

    def test_a_larger_share_adds_wearers(self):
        few, many = ({seed for seed in range(60) if wears(seed, share)} for share in (0.3, 0.6))
        assert few < many

    @pytest.mark.parametrize("share", [-0.1, 1.1])
    def test_a_share_out_of_range_is_refused(self, share):
        with pytest.raises(ValueError, match="glasses"):
            DemoSettings(glasses=share)

    def test_the_person_is_the_same(self):
        plain, wearer = build_subject(3), build_subject(3, glasses=True)
        assert np.array_equal(plain.vertices, wearer.vertices)
        assert np.array_equal(plain.skin.maps, wearer.skin.maps)
        assert plain.temper == wearer.temper

    def test_the_description_names_the_style(self):
        assert describe(build_subject(3))["glasses"] is None
        assert describe(build_subject(3, glasses=True))["glasses"] in ("round", "square", "rectangular")


class TestPicture:
    @pytest.mark.parametrize("seed", [0, 1, 4])
    def test_only_pixels_near_the_glasses_differ(self, seed):
        plain, worn = pictures(seed)
        differs = np.argwhere(np.abs(worn.display - plain.display).max(axis=-1) > LOOSE)
        left, right, _, mouth, _ = plain.landmarks
        eyes = right[0] - left[0]
        assert len(differs) > 0.2 * eyes**2
        low, high = differs.min(axis=0), differs.max(axis=0)
        assert low[0] > left[1] - 0.65 * eyes
        assert high[0] < mouth[1]
        assert low[1] > left[0] - 1.1 * eyes
        assert high[1] < right[0] + 1.1 * eyes

    @pytest.mark.parametrize("seed", [0, 2])
    def test_rims_go_round_both_eyes_and_leave_them_free(self, seed):
        shown = pictures(seed)[1]
        frame = shown.parts == FRAME
        for x, y in np.round(shown.landmarks[:2]).astype(int):
            assert not frame[y, x]
            rays = [frame[y, :x], frame[y, x:], frame[:y, x], frame[y:, x]]
            assert all(ray.any() for ray in rays)

    def test_they_move_with_the_head_and_not_with_the_face(self):
        place, smiling, shifted = (
            pictures(2, **how)[1].parts == FRAME
            for how in ({}, {"expression": "surprise"}, {"drift": [0, 0, 0, 12, 0]})
        )
        assert (place ^ smiling).sum() < 0.05 * place.sum()  # the jaw drops, the frame stays
        middles = [np.argwhere(frame).mean(axis=0)[1] for frame in (place, shifted)]
        assert middles[1] - middles[0] > 2

    def test_the_highlight_moves_with_the_head(self):
        def brightest(drift):
            plain, worn = pictures(0, drift=drift)
            gain = (worn.display - plain.display).mean(axis=-1)
            place = np.argwhere(gain > 0.5 * gain.max()).mean(axis=0) - np.argwhere(worn.parts == FRAME).mean(axis=0)
            return gain.max(), place

        gain, still = brightest([0, 0, 0, 0, 0])
        assert gain > 0.05
        assert np.abs(brightest([4, 0, 0, 0, 0])[1] - still).max() > 0.5

    def test_in_profile_the_head_hides_the_far_side(self):
        front, side = (pictures(3, yaw=yaw)[1].parts == FRAME for yaw in (0.0, np.pi / 2))
        assert 0 < side.sum() < 0.8 * front.sum()

    def test_without_glasses_nothing_is_worn(self):
        assert not (pictures(1)[0].parts == FRAME).any()


class TestSequences:
    def test_same_arguments_same_bytes(self):
        one, two = (render_face(2, "anger", size=SIZE, glasses=True)[0] for _ in range(2))
        assert np.array_equal(one, two)

    def test_noise_and_landmarks_are_those_of_the_bare_face(self):
        times = frame_times(4)[:2]
        bare, worn = (list(lab_sequence(1, "fear", times, size=SIZE, glasses=glasses)) for glasses in (False, True))
        for one, other in zip(bare, worn, strict=True):
            assert np.array_equal(one.landmarks, other.landmarks)
            assert one.weights == other.weights
            assert np.array_equal(one.image[-30:], other.image[-30:])
            assert not np.array_equal(one.image, other.image)

    def test_in_the_wild(self):
        bare, worn = (wild_face(4, "happiness", size=(160, 160), glasses=glasses) for glasses in (False, True))
        assert np.array_equal(bare.landmarks, worn.landmarks)
        assert not np.array_equal(bare.image, worn.image)


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory, clean: Callable[[str], Path]) -> tuple[Path, Path]:
    """Two subjects rendered twice: nobody wears glasses, and half do."""
    bare, worn = clean("ckplus"), tmp_path_factory.mktemp("glasses") / "tree"
    settings = DemoSettings.model_validate(read_json(bare / "demo.json")["settings"])
    render_ckplus(worn, settings.model_copy(update={"glasses": 0.5}), workers=1, clean=True)
    return bare, worn


class TestTree:
    def test_the_record_names_the_wearers(self, trees):
        bare, worn = (read_json(tree / "demo.json") for tree in trees)
        assert worn["settings"]["glasses"] == 0.5
        assert [one["glasses"] is not None for one in bare["subjects"].values()] == [False, False]
        assert [one["glasses"] is not None for one in worn["subjects"].values()] == [wears(0, 0.5), wears(1, 0.5)]

    def test_only_wearers_look_different(self, trees):
        pictures = sorted(path.relative_to(trees[0]) for path in trees[0].rglob("*.png"))
        names = {
            seed: [path for path in pictures if f"S{5 + seed:03d}_001" in path.name and path.name.endswith("1.png")]
            for seed in (0, 1)
        }
        for seed, paths in names.items():
            assert paths
            same = [(trees[0] / path).read_bytes() == (trees[1] / path).read_bytes() for path in paths]
            assert set(same) == {not wears(seed, 0.5)}
        for name in ("landmarks.parquet", "truth.parquet"):
            assert (trees[0] / name).read_bytes() == (trees[1] / name).read_bytes()
