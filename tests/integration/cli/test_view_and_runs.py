"""``facemotion view`` draws what is asked for, ``facemotion runs`` lists what there is."""

import csv
import io
import shutil

import cv2
import pytest
from PIL import Image


@pytest.fixture
def aligned(run, trained_once, rendered, tmp_path):
    shutil.copytree(trained_once / "facemotion-work", tmp_path / "facemotion-work")
    return rendered


def test_a_sheet_of_one_class(run, aligned):
    output = run("view", "align", "--dataset", "ckplus", "--class", "happy").output
    assert "12 of 12 frames in ckplus-align.png" in output
    few = run("view", "align", "--dataset", "ckplus", "--class", "happy", "--most", 2, "-o", "few.png").output
    assert "2 of 12 frames in few.png" in few
    assert cv2.imread("few.png").shape[1] < cv2.imread("ckplus-align.png").shape[1]


def test_frames_as_they_are(run, aligned):
    output = run("view", "ingest", "--dataset", "ckplus", "--subject", "S005", "--root", aligned).output
    assert "28 of 28 frames" in output


def test_failures_show_the_frame_itself(run, tmp_path):
    for number in range(3):
        place = tmp_path / "tree/happy"
        place.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (64, 64), (0, 160, 0)).save(place / f"p{number}.png")
    run("align", "--dataset", "folder", "--root", "tree", "--workers", 1)
    assert "3 of 3" in run("view", "align", "--dataset", "folder", "--status", "no_face").output
    picture = cv2.imread("folder-align.png")
    assert ((picture == (0, 160, 0)).all(axis=2)).sum() > 1000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--subject", "S006x"), "did you mean S006?"),
        (("--class", "neutral", "--status", "no_face"), "no frame has the status 'no_face'"),
        (("-o", "x.jpg"), "a contact sheet is a .png file"),
    ],
)
def test_what_is_not_there_is_named(run, aligned, arguments, words):
    output = run("view", "align", "--dataset", "ckplus", *arguments, fails=True).output
    assert words in " ".join(output.replace("│", " ").split())


def test_runs_are_listed_and_a_damaged_one_is_a_row(run, trained):
    output = run("runs").output
    assert "ckplus-compact: ckplus (synthetic faces), preset compact" in output
    assert "1 of 1 trainings finished" in output
    assert max(map(len, output.splitlines())) <= 80
    damaged = trained.with_name("broken")
    damaged.mkdir()
    (damaged / "config.json").write_text("{")
    table = list(csv.DictReader(io.StringIO(run("runs", "--csv").stdout)))
    assert [(row["run"], row["variant"], row["state"]) for row in table] == [
        ("broken", "", "unreadable"),
        ("ckplus-compact", "fmpn", "finished"),
        ("ckplus-compact", "cnn", "finished"),
    ]
    assert [row["synthetic"] for row in table] == ["", "True", "True"]
    assert 0 <= float(table[1]["fold_mean"]) <= 1
