"""Predictions as they are written: while they come, in constant memory, and only whole."""

import csv
import json
import tracemalloc
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from facemotion.alignment.settings import AlignSettings
from facemotion.errors import ConfigError, Status
from facemotion.evaluation.scored import Scored
from facemotion.inference.ensemble import Ensemble
from facemotion.inference.model import Card
from facemotion.inference.output import Places, written
from facemotion.inference.picture import MOST, draw
from facemotion.inference.predictor import predict
from facemotion.inference.sources import find_sources
from facemotion.landmarks.faces import Face, Failure, LandmarkSource

CLASSES = ("anger", "happiness", "surprise")


def card(**changes) -> Card:
    fields = {"facemotion": "1", "classes": CLASSES, "variant": "fmpn", "fold": 0, "seed": 0, "dataset": "ckplus"}
    more = {"prior": "ckplus", "preset": "compact", "alignment": AlignSettings(), "side": 32, "window": 0.9}
    return Card(**{**fields, **more, **changes})


class Model:
    """Says the same of every face, and remembers how many it was given at once."""

    def __init__(self, shares=(0.2, 0.5, 0.3), **changes) -> None:
        self.card, self.batches = card(**changes), []
        self._shares = np.array(shares, np.float32)

    def __call__(self, crops):
        self.batches.append(len(crops))
        side = self.card.side
        return Scored(np.tile(self._shares, (len(crops), 1)), np.full((len(crops), side, side), 0.5, np.float32))


class Everywhere(LandmarkSource):
    """Sees a face in every frame that is not black."""

    name = "everywhere"
    absent = Failure(Status.NO_FACE, "no face was found")

    def detect(self, image, *, source, frame, region=None):
        points = np.array([[22, 20], [42, 20], [32, 32], [24, 42], [40, 42]], np.float32)
        return [Face(np.array([10, 5, 54, 55], np.float32), 0.9, points)] if image.max() > 20 else []


def video(path: Path, frames: int) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuvj420p"
        for number in range(frames):
            level = 0 if number % 10 == 9 else 60 + number % 100
            picture = av.VideoFrame.from_ndarray(np.full((64, 64, 3), level, np.uint8))
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return path


def run(path: Path, output: Path, **flags):
    model = Model()
    with written(Places.of(output), model.card.as_json(), CLASSES, **flags) as writing:
        for found in predict(model, find_sources(path), Everywhere()):
            writing.add(found)
    return writing, model


def test_rows_come_in_order_in_both_tables_and_masks_follow_the_faces(tmp_path) -> None:
    writing, model = run(video(tmp_path / "a.avi", 100), tmp_path / "out", sheet=True, masks=True)
    assert (writing.frames, writing.faces) == (100, 90)
    assert max(model.batches) <= 64
    content = json.loads((tmp_path / "out/predictions.json").read_text())
    assert [row["frame"] for row in content["rows"]] == list(range(100))
    assert [row["status"] for row in content["rows"]][8:11] == ["ok", "no_face", "ok"]
    assert content["rows"][0]["probabilities"] == {"anger": 0.2, "happiness": 0.5, "surprise": 0.3}
    assert content["rows"][0]["turned"] == 0
    with (tmp_path / "out/predictions.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert len(table) == 100
    assert (table[0]["expression"], float(table[0]["happiness"]), table[0]["point1_x"]) == ("happiness", 0.5, "22.0")
    assert (table[9]["status"], table[9]["expression"], table[9]["anger"], table[9]["x1"]) == ("no_face", "", "", "")
    with np.load(tmp_path / "out/masks.npz") as stored:
        assert stored["masks"].shape == (90, 32, 32)
        assert stored["masks"].dtype == np.uint8
        assert set(np.unique(stored["masks"])) == {128}


@pytest.mark.parametrize(("synthetic", "column"), [("", []), ("in part", ["in part"] * 4), ("all", ["all"] * 4)])
def test_both_tables_say_how_much_was_rendered(tmp_path, synthetic, column) -> None:
    run(video(tmp_path / "a.avi", 4), tmp_path / "out", sheet=True, synthetic=synthetic)
    assert json.loads((tmp_path / "out/predictions.json").read_text()).get("synthetic", "") == synthetic
    with (tmp_path / "out/predictions.csv").open(newline="") as file:
        assert [row["synthetic"] for row in csv.DictReader(file) if "synthetic" in row] == column


def test_the_json_is_as_json_writes_it(tmp_path) -> None:
    run(video(tmp_path / "a.avi", 3), tmp_path / "out")
    text = (tmp_path / "out/predictions.json").read_text()
    assert text == json.dumps(json.loads(text), indent=1, ensure_ascii=False) + "\n"


@pytest.mark.usefixtures("usual_collector")
@pytest.mark.parametrize("flags", [{}, {"sheet": True, "masks": True}])
def test_memory_does_not_grow_with_the_frames_of_a_video(tmp_path, flags) -> None:
    run(video(tmp_path / "warm.avi", 10), tmp_path / "warm", **flags)  # imports and caches
    peaks = []
    for frames in (200, 350):
        path = video(tmp_path / f"{frames}.avi", frames)
        tracemalloc.start()
        writing, _ = run(path, tmp_path / str(frames), **flags)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert writing.frames == frames
        assert MOST <= len(writing.kept) <= 32
    assert peaks[1] < peaks[0] + 75_000  # what was kept before, 19 kB a frame, would be 3 MB more


def test_the_faces_that_are_drawn_are_spread_over_all(tmp_path) -> None:
    writing, _ = run(video(tmp_path / "a.avi", 250), tmp_path / "out")
    frames = [found.row["frame"] for found in writing.kept]
    assert frames == sorted(frames)
    assert frames[0] == 0
    assert frames[-1] > 225
    assert draw(writing.kept, tmp_path / "picture.png", faces=writing.faces) == MOST
    with Image.open(tmp_path / "picture.png") as picture:
        assert picture.width > 500


def test_an_earlier_prediction_stays_until_the_next_is_whole(tmp_path) -> None:
    path = video(tmp_path / "a.avi", 5)
    run(path, tmp_path / "out", sheet=True, masks=True)
    before = {each.name: each.read_bytes() for each in (tmp_path / "out").iterdir()}
    with pytest.raises(ConfigError, match="every = 0"), written(Places.of(tmp_path / "out"), {}, CLASSES) as writing:
        writing.add(next(iter(predict(Model(), find_sources(path), Everywhere(), every=0))))
    assert {each.name: each.read_bytes() for each in (tmp_path / "out").iterdir()} == before
    run(path, tmp_path / "out")
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["predictions.json"]


def test_a_json_file_is_written_there_and_the_picture_beside_it_is_never_the_input(tmp_path) -> None:
    places = Places.of(tmp_path / "photo.json")
    assert places.table == tmp_path / "photo.json"
    assert {each.name for each in (places.picture, places.csv, places.masks)} == {
        *("photo-predictions.png", "photo-predictions.csv", "photo-masks.npz")
    }


@pytest.mark.parametrize("name", ["table.csv", "picture.png", "there"])
def test_another_file_is_refused_with_what_output_is(tmp_path, name) -> None:
    (tmp_path / "there").touch()
    with pytest.raises(ConfigError, match=r"is neither a folder nor a \.json file: give the folder to write into"):
        Places.of(tmp_path / name)


def test_what_predict_wrote_beside_a_named_file_is_no_input(tmp_path) -> None:
    for name in ("photo.png", "photo-predictions.png", "mine-predictions.png"):
        Image.new("RGB", (64, 64), (90, 90, 90)).save(tmp_path / name)
    (tmp_path / "mine.json").write_text('{"shapes": []}')
    run(tmp_path / "photo.png", tmp_path / "photo.json")
    work = tmp_path / "work" / "ckplus"
    work.mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(work / "contact-sheet.png")
    found = find_sources(tmp_path, workspace=tmp_path / "work")
    assert list(found.names()) == ["mine-predictions.png", "photo.png"]
    assert found.notes == [
        "left out, own_output: photo-predictions.png: facemotion predict wrote it",
        "left out, own_output: work/ckplus/contact-sheet.png: it lies in the workspace",
    ]


def test_an_ensemble_says_the_mean(tmp_path) -> None:
    crops = np.zeros((2, 70, 70, 3), np.uint8)
    both = Ensemble([Model((0.2, 0.5, 0.3)), Model((0.6, 0.3, 0.1), fold=1)], ["one", "two"])
    scored = both(crops)
    np.testing.assert_allclose(scored.probabilities, [[0.4, 0.4, 0.2]] * 2, atol=1e-6)
    assert scored.masks is not None
    assert scored.masks.shape == (2, 32, 32)
    with pytest.raises(ConfigError, match="two was not trained as one was"):
        Ensemble([Model(), Model(classes=CLASSES[::-1])], ["one", "two"])
    with pytest.raises(ConfigError, match="at least one"):
        Ensemble([], [])
