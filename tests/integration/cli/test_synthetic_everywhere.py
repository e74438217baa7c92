"""Whatever is printed, drawn or written about a tree that the renderer wrote says so, also far from its workspace."""

import csv
import io
import json
import shutil
from pathlib import Path

import cv2
import pytest

from facemotion.priors.bank import PriorBank
from facemotion.provenance import header_of
from facemotion.workspace import read_json

RUN = "ckplus-compact"
WORK = Path("facemotion-work")
SAID = "synthetic faces"
FACE = "FACE"
COMMANDS = {
    ("ingest", "--dataset", "ckplus", "--root", "ROOT", "--force", "--work", "fresh"): True,
    ("view", "align", "--dataset", "ckplus"): True,
    ("priors", "show", "ckplus.npz"): "all",
    ("priors", "compare", "ckplus.npz", "-o", "compared.png"): {"ckplus.npz": "all"},
    ("priors", "compare", "ckplus.npz", "real.npz"): {"ckplus.npz": "all"},
    ("priors", "stability", "ckplus.npz"): {"ckplus.npz": "all"},
    ("priors", "atlas", "ckplus.npz", "real.npz"): {"ckplus": "all"},
    ("priors", "transfer", "ckplus.npz", "--to", "basic6", "-o", "basic6.npz"): "all",
    ("priors", "merge", "ckplus.npz", "real.npz", "-o", "both.npz"): "in part",
    ("explain", RUN, "--root", "ROOT", "--faces", "1"): True,
    ("predict", RUN, FACE, "-o", "seen.json"): "all",
    ("manifest", "export", "--dataset", "ckplus", "--root", "ROOT"): True,
}
"""Commands about the rendered tree, and what the last event says of it."""


@pytest.fixture(scope="module")
def place(trained_once, tmp_path_factory):
    """A folder with the trained workspace, its bank, and a bank that bears no mark."""
    folder = tmp_path_factory.mktemp("everywhere")
    shutil.copytree(trained_once / "facemotion-work", folder / "facemotion-work")
    shutil.copy(trained_once / "ckplus.npz", folder)
    bank = PriorBank.load(folder / "ckplus.npz")
    origins = tuple({name: value for name, value in step.items() if name != "synthetic"} for step in bank.meta.origins)
    bank.with_meta(dataset="mmi", origins=origins).save(folder / "real.npz")
    return folder


def filled(words, rendered: Path) -> list[str]:
    face = next(rendered.rglob("*.png"))
    places = {"ROOT": str(rendered), FACE: str(face)}
    return [places[word] if word in places else word for word in words]


@pytest.mark.parametrize("words", sorted(COMMANDS))
def test_every_command_says_it_in_words_and_in_its_last_event(run, place, rendered, monkeypatch, words):
    monkeypatch.chdir(place)
    arguments = filled(words, rendered)
    events = [json.loads(line) for line in run(*arguments, "--json").stdout.splitlines()]
    assert SAID in "\n".join(event["text"] for event in events if event["event"] == "said")
    assert events[-1]["figures"]["synthetic"] == COMMANDS[words]


def test_a_bank_that_bears_no_mark_is_not_called_synthetic(run, place, monkeypatch):
    monkeypatch.chdir(place)
    assert "synthetic" not in run("priors", "show", "real.npz").output


def test_what_was_written_says_it_by_itself(place, monkeypatch):
    monkeypatch.chdir(place)
    assert header_of(WORK / "ckplus/faces.parquet")["synthetic"] is True
    for name in ("metrics.json", "config.json", "predictions.parquet"):
        assert header_of(WORK / "runs" / RUN / name)["synthetic"] is True
    assert read_json(WORK / "runs" / RUN / "config.json")["prior"]["synthetic"] == "all"
    assert PriorBank.load(Path("ckplus.npz")).meta.synthetic == "all"


def test_a_contact_sheet_has_a_line_for_it(place, monkeypatch):
    monkeypatch.chdir(place)
    picture = cv2.imread(str(WORK / "ckplus/contact-sheet.png"))
    assert picture is not None
    top = picture[:14]
    assert (top < 100).any()
    assert (top[:, :4] > 200).all()


@pytest.fixture
def carried(place, tmp_path):
    """The run alone, on another machine: its folder in a workspace that holds nothing else."""
    folder = tmp_path / "elsewhere/runs/carried"
    shutil.copytree(place / "facemotion-work/runs" / RUN, folder)
    return folder


def test_a_run_alone_still_says_it(run, carried, rendered, tmp_path):
    work = ("--work", "elsewhere")
    assert "carried: ckplus (synthetic faces), preset compact" in run("runs", *work).output
    (row, _) = csv.DictReader(io.StringIO(run("runs", "--csv", *work).stdout))
    assert (row["synthetic"], row["prior_synthetic"]) == ("True", "all")
    page = run("report", *work) and Path("report.html").read_text()
    assert 'Results <span class="badge">synthetic faces</span>' in page
    assert "The faces of ckplus here are rendered" in page
    assert "98.06" not in page
    picture = tmp_path / "mine.png"
    shutil.copy(next(rendered.rglob("*.png")), picture)
    said = run("predict", "carried", picture, *work).output
    assert "trained on ckplus (synthetic faces)" in said
    assert "the pictures were rendered" not in said
    written = read_json(Path("predictions/predictions.json"))
    assert written["model"]["synthetic"] is True
    assert "synthetic" not in written


def test_an_evaluation_says_which_side_was_rendered(run, carried, oulu_tree):
    run("evaluate", "carried", "--work", "elsewhere", "--dataset", "oulu-casia", "--root", oulu_tree, "--device", "cpu")
    written = read_json(carried / "evaluations/oulu-casia/metrics.json")
    assert (written["provenance"]["synthetic"], written["trained_on_synthetic"]) == (True, True)
    assert "evaluated on oulu-casia (synthetic faces)" in run("runs", "--work", "elsewhere").output
    shutil.rmtree("elsewhere/oulu-casia")
    run("report", "--work", "elsewhere")
    assert 'oulu-casia <span class="badge">synthetic faces</span>' in Path("report.html").read_text()


def test_a_rendered_folder_within_another_tree_is_synthetic_where_it_is_selected_from(run, rendered, tmp_path):
    shutil.copytree(rendered, tmp_path / "data/rendered")
    run("ingest", "--dataset", "ckplus", "--root", "data")
    assert read_json(WORK / "ckplus/ingest.json")["synthetic"] is True
    for name in ("happy", "sad"):
        (tmp_path / "mine" / name).mkdir(parents=True)
        shutil.copy(next(rendered.rglob("*.png")), tmp_path / "mine" / name / f"{name}.png")
    (tmp_path / "mine/happy/rendered").mkdir()
    shutil.copy(rendered / "demo.json", tmp_path / "mine/happy/rendered/demo.json")
    run("ingest", "--dataset", "folder", "--root", "mine")
    assert "synthetic" not in read_json(WORK / "folder/ingest.json")


def test_a_workspace_of_an_earlier_version_says_what_it_said(run, place, tmp_path):
    """Its faces and runs bear no mark of their own; its ingest.json does."""
    shutil.copytree(place / WORK, WORK)
    config = WORK / "runs" / RUN / "config.json"
    content = read_json(config)
    del content["provenance"]["synthetic"], content["prior"]["synthetic"]
    config.write_text(json.dumps(content))
    assert f"{RUN}: ckplus (synthetic faces)" in run("runs").output
    run("report", RUN)
    assert 'Results <span class="badge">synthetic faces</span>' in Path("report.html").read_text()
    moved = WORK.rename("elsewhere") / "runs" / RUN
    shutil.copytree(moved, "alone/carried")
    assert "synthetic" not in run("report", "alone/carried", "--work", "nowhere").output
