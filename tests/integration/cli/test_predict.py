"""Prediction and export through the command line, with the models of very small trainings."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from PIL import Image

from facemotion import media
from facemotion.expressions import EXPRESSIONS

RUN = "ckplus-compact"


@pytest.fixture
def faces(rendered, tmp_path):
    """Two sequences, a video of one of them, a picture without a face, one that is cut, and other files."""
    folder = tmp_path / "faces"
    subject = rendered / "cohn-kanade-images/S005"
    for session in ("001", "002"):
        shutil.copytree(subject / session, folder / session)
    frames = [media.read_image(path) for path in sorted((subject / "001").glob("*.png"))]
    with av.open(folder / "clip.avi", "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.height, stream.width, stream.pix_fmt = *frames[0].shape[:2], "yuv420p"
        stream.bit_rate = 4_000_000
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    Image.new("RGB", (64, 48), (90, 120, 90)).save(folder / "wall.png")
    whole = (folder / "001/S005_001_00000001.png").read_bytes()
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "notes.txt").write_text("not a picture")
    return folder


def rows_of(folder="predictions"):
    return json.loads(Path(folder, "predictions.json").read_text())["rows"]


def test_a_picture(run, trained, faces):
    output = run("predict", RUN, faces / "001/S005_001_00000004.png").output
    (row,) = rows_of()
    assert row["status"] == "ok"
    assert tuple(row["probabilities"]) == EXPRESSIONS
    assert sum(row["probabilities"].values()) == pytest.approx(1, abs=1e-4)
    assert row["expression"] == max(row["probabilities"], key=row["probabilities"].get)
    assert f"S005_001_00000004.png: {row['expression']}" in output
    with Image.open("predictions/predictions.png") as picture:
        assert picture.width > 300


def test_a_folder_with_bad_files(run, trained, faces):
    output = run("predict", RUN, "faces", "--masks", "-o", "out").output
    found = rows_of("out")
    assert [row["source"] for row in found] == sorted(row["source"] for row in found)
    by_name = {row["source"]: row["status"] for row in found}
    assert by_name.pop("cut.png") == "unreadable"
    assert by_name.pop("wall.png") == "no_face"
    assert set(by_name.values()) == {"ok"}
    assert "notes.txt" not in by_name
    assert [row["frame"] for row in found if row["source"] == "clip.avi"] == [0, 1, 2, 3]
    assert "12 of 14 frames have a face" in output
    with np.load("out/masks.npz") as stored:
        assert stored["masks"].shape == (12, 32, 32)
        assert stored["masks"].dtype == np.uint8


def test_a_csv_of_all_frames_and_a_json_file_by_name(run, trained, faces):
    output = run("predict", RUN, "faces", "--csv", "-o", "found/answers.json").output
    assert "answers.json, answers-predictions.png and answers-predictions.csv in found" in output
    assert "12 of 14 frames have a face; the picture shows 8 of them" in output
    rows = json.loads(Path("found/answers.json").read_text())["rows"]
    with Path("found/answers-predictions.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["source"] for row in table] == [row["source"] for row in rows]
    assert [row["expression"] or None for row in table] == [row["expression"] for row in rows]
    refused = run("predict", RUN, "faces", "-o", "answers.csv", fails=True).output
    assert "-o answers.csv is neither a folder nor a .json file" in " ".join(refused.replace("│", " ").split())
    assert not Path("answers.csv").exists()


def test_the_mean_of_a_run_s_trainings(run, trained, faces):
    picture = "faces/001/S005_001_00000004.png"
    run("predict", RUN, picture, "-o", "one")
    output = run("predict", RUN, picture, "--ensemble", "-o", "all").output
    assert "ckplus-compact: fmpn, 1 model, trained on ckplus" in output
    model = json.loads(Path("all/predictions.json").read_text())["model"]
    assert (model["ensemble"], model["fold"], model["seed"]) == (["fmpn, fold 0, seed 0"], None, None)
    assert rows_of("all") == rows_of("one")
    for given, message in ((("--fold", 0), "leave out --fold 0"),):
        refused = run("predict", RUN, picture, "--ensemble", *given, fails=True).output
        assert message in " ".join(refused.replace("│", " ").split())


def test_a_face_that_lies_is_found_and_told(run, trained, faces):
    with Image.open(faces / "001/S005_001_00000004.png") as picture:
        picture.rotate(180).save("lying.png")
    output = run("predict", RUN, "lying.png").output
    (row,) = rows_of()
    assert (row["status"], row["turned"]) == ("ok", 180)
    assert "the face lies: turned clockwise by 180 degrees it stands" in output


def test_of_several_faces_the_one_in_the_middle_counts_and_two_alike_are_said(run, trained, faces):
    picture = np.asarray(Image.open(faces / "001/S005_001_00000004.png").convert("RGB"))
    Image.fromarray(np.concatenate([picture, picture], axis=1)).save("two.png")
    output = run("predict", RUN, "two.png").output
    assert "0 of 1 frames have a face" in output
    (row,) = rows_of()
    assert (row["status"], row["expression"]) == ("ambiguous", None)
    assert row["message"].endswith("cut out the face that is meant")
    Image.fromarray(np.concatenate([picture, picture, picture], axis=1)).save("three.png")
    run("predict", RUN, "three.png", "-o", "three")
    (row,) = rows_of("three")
    middle = (row["box"][0] + row["box"][2]) / 2 if row["box"][2] > row["box"][0] else row["box"][0]
    assert row["status"] == "ok"
    assert picture.shape[1] < middle < 2 * picture.shape[1]


def test_what_an_earlier_prediction_left_does_not_stay_beside_other_rows(run, trained, faces):
    run("predict", RUN, faces / "001", "--masks")
    assert Path("predictions/predictions.png").is_file()
    run("predict", RUN, faces / "wall.png")
    assert [row["status"] for row in rows_of()] == ["no_face"]
    assert [path.name for path in Path("predictions").iterdir()] == ["predictions.json"]


def test_of_a_video_every_nth_frame(run, trained, faces):
    run("predict", RUN, "faces/clip.avi", "--every", 3)
    assert [row["frame"] for row in rows_of()] == [0, 3]


def test_the_training_can_be_chosen(run, trained, faces):
    picture = "faces/001/S005_001_00000004.png"
    output = run("predict", trained, picture, "--variant", "cnn").output
    assert "ckplus-compact: cnn, fold 0, seed 0, trained on ckplus" in output
    missing = run("predict", RUN, picture, "--fold", 7, fails=True).output
    assert "has no training with fold 7" in " ".join(missing.replace("│", " ").split())
    refused = run("predict", RUN, picture, "--variant", "cnn", "--masks", "-o", "none", fails=True).output
    assert "the variant cnn makes no masks" in " ".join(refused.replace("│", " ").split())
    assert not Path("none").exists()


def test_an_exported_file_says_the_same_without_torch(run, trained, faces, exported):
    assert "model.onnx" in exported.with_name("said.txt").read_text()
    shutil.copy(exported, "model.onnx")
    run("predict", RUN, "faces/001", "-o", "torch", "--masks")
    script = (
        "import sys; from facemotion_cli.root import main; "
        "main(['predict', 'model.onnx', 'faces/001', '-o', 'onnx', '--masks'], standalone_mode=False); "
        "sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    for one, two in zip(rows_of("torch"), rows_of("onnx"), strict=True):
        assert list(one["probabilities"].values()) == pytest.approx(list(two["probabilities"].values()), abs=1e-4)
        assert one["landmarks"] == two["landmarks"]
    with np.load("torch/masks.npz") as one, np.load("onnx/masks.npz") as two:
        assert np.abs(one["masks"].astype(int) - two["masks"]).max() <= 1


def test_the_baseline_is_exported_without_masks(run, trained, faces):
    run("export", RUN, "--variant", "cnn", "-o", "cnn.onnx")
    run("predict", "cnn.onnx", "faces/001/S005_001_00000004.png")
    assert rows_of()[0]["status"] == "ok"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_device_that_is_not_there_is_said(run, trained, faces):
    output = run("predict", RUN, "faces", "--device", "cuda", fails=True).output
    assert "device 'cuda' cannot be used" in " ".join(output.replace("│", " ").split())
    assert not Path("predictions").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("predict", "other", "faces"), "other is not a training run"),
        (("predict", RUN, "nowhere"), "nowhere does not exist"),
        (("predict", RUN, "empty"), "empty holds no picture and no video"),
        (("predict", "missing.onnx", "faces"), "missing.onnx does not exist"),
        (("predict", "junk.onnx", "faces"), "junk.onnx cannot be loaded as ONNX"),
        (("predict", "foreign.onnx", "faces"), "foreign.onnx was not written by `facemotion export`"),
        (("predict", "foreign.onnx", "faces", "--fold", 1), "foreign.onnx holds one training: leave out --fold"),
        (
            ("predict", RUN, "faces", "--seed", 3),
            "has no training with seed 3; it has variant fmpn or cnn; fold 0; seed 0",
        ),
        (("export", "other"), "other is not a training run"),
        (("export", RUN, "-o", "model.pt"), "an exported model is a .onnx file, not 'model.pt'"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(run, trained, faces, arguments, message):
    import onnx
    from onnx import helper

    Path("empty").mkdir()
    Path("junk.onnx").write_bytes(b"not a model")
    value = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])
    other = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "foreign", [value], [other])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), "foreign.onnx")
    output = run(*arguments, fails=True).output
    assert message in " ".join(output.replace("│", " ").split())
    assert not Path("predictions").exists()
