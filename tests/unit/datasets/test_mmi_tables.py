"""MMI as people rearrange it, and the tables that they give beside it: what is believed, and what is said."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from facemotion import media
from facemotion.datasets.mmi import DATASET as MMI
from facemotion.errors import ConfigError, DataError
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree

SESSION = '<session><track filename="{name}" view="{view}"/></session>'


def run(root: Path, **options) -> Ingest:
    return MMI.ingest(Tree.read(root, "MMI"), MMI.choose(options))


def clip(tree: Path, stem: str) -> Path:
    (found,) = tree.rglob(f"{stem}.avi")
    return found


def together(tree: Path, folder: Path, *stems: str, session: str = "") -> Path:
    """Move clips with their metadata into one folder, with one session.xml."""
    folder.mkdir(parents=True, exist_ok=True)
    for stem in stems:
        for path in (clip(tree, stem), clip(tree, stem).with_suffix(".xml")):
            shutil.copyfile(path, folder / path.name)
    if session:
        (folder / "session.xml").write_text(session)
    return folder


def placed(result: Ingest) -> dict[str, tuple[int, float | None]]:
    """Return rotation and left edge of the region by sequence."""
    rows = result.manifest.drop_duplicates("sequence").set_index("sequence")
    return {
        str(name): (row["rotate"], None if row["region"] is None else row["region"][0]) for name, row in rows.iterrows()
    }


class TestClipsMovedTogether:
    @pytest.mark.parametrize("view", [1, 2])
    @pytest.mark.parametrize("named", ["S041-003.avi", ""])
    def test_a_session_of_another_clip_says_nothing_about_them(self, mmi_tree, tmp_path, view, named):
        other = SESSION.format(name=named, view=view)
        together(mmi_tree, tmp_path / "all", "S028-003", "S053-004", "S001-100", session=other)
        result = run(tmp_path)
        assert result.exclusions == []
        assert placed(result) == {"S001_100": (0, 0.0), "S028_003": (90, None), "S053_004": (0, None)}

    def test_a_session_that_names_one_of_them_is_believed_of_that_one(self, mmi_tree, tmp_path):
        together(mmi_tree, tmp_path, "S028-003", "S028-004", session=SESSION.format(name="S028-004.avi", view=1))
        result = run(tmp_path)
        assert [(item.item, item.reason) for item in result.exclusions] == [("S028_004", "profile_only")]
        assert set(result.manifest["sequence"]) == {"S028_003"}

    def test_a_dual_view_of_an_unknown_subject_is_seen_from_its_size(self, mmi_tree, tmp_path):
        together(mmi_tree, tmp_path, "S201-100", "S201-101")  # no published table names S201
        result = run(tmp_path)
        width = media.load(tmp_path / "S201-100.avi").shape[1]
        assert placed(result) == {"S201_100": (0, width / 2), "S201_101": (0, width / 2)}
        assert "S201_100: nothing says its view; its face stands in the right half, which was taken" in result.notes

    @pytest.mark.parametrize("folder", ["mmi-page1/Sessions/12", "mmi-oao-page10/sessions/12", "MMI/SESSIONS/12"])
    def test_the_layout_names_the_download_however_sessions_is_spelt(self, mmi_tree, tmp_path, folder):
        together(mmi_tree, tmp_path / folder, "S028-003")
        assert run(tmp_path).layout == f"1 clips in {folder.partition('/')[0]}"

    def test_the_layout_names_folders_without_sessions(self, mmi_tree, tmp_path):
        together(mmi_tree, tmp_path / "anger", "S028-003")
        together(mmi_tree, tmp_path, "S028-004")
        assert run(tmp_path).layout == "2 clips in ., anger"


@pytest.fixture
def frames(mmi_tree, tmp_path) -> Path:
    """Frames of one lying clip, numbered from 1, in a folder of their own."""
    root = tmp_path / "frames"
    root.mkdir()
    for index, image in media.read_frames(clip(mmi_tree, "S028-003"), range(7)):
        Image.fromarray(image).save(root / f"S028_003_{index + 1:03d}.png")
    return root


def table(root: Path, text: str) -> str:
    path = root.parent / "table.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


class TestLabels:
    def test_frames_that_are_missing_are_counted_over(self, frames):
        (frames / "S028_003_003.png").unlink()
        result = run(frames, labels=table(frames, "sequence,expression\nS028_003,anger\n"))
        assert result.manifest["frame"].tolist() == [1, 4, 5, 6]
        assert "S028_003: 1 frames are missing between first and last; those there were counted" in result.notes

    def test_frames_that_lie_there_twice_are_used_once_whatever_their_order(self, frames):
        (frames / "S028-003").mkdir()
        for path in sorted(frames.glob("*.png")):
            shutil.copyfile(path, frames / "S028-003" / f"{path.stem[-3:]}.png")
        labels = table(frames, "sequence,expression\nS028_003,anger\n")
        tree = Tree.read(frames, "MMI")
        one, two = (
            MMI.ingest(Tree(frames, files), MMI.choose({"labels": labels}))
            for files in (tree.files, tuple(tree.files)[::-1])
        )
        assert one.manifest.equals(two.manifest)
        assert set(one.manifest["source"].str.count("/")) == {0}
        assert "S028_003: 7 frames lie there twice; one of each was used" in one.notes

    def test_a_table_that_names_nothing_of_the_tree_is_refused(self, frames):
        sentence = r"the table of --labels names none of its 1 clips, of which the first is S028_003"
        with pytest.raises(DataError, match=sentence):
            run(frames, labels=table(frames, "sequence,expression\nS099_001,anger\n"))

    def test_a_table_without_lines_names_nothing_either(self, frames):
        with pytest.raises(
            DataError, match=r"names none of its 1 clips, .* \(the table's first is none\); give a table"
        ):
            run(frames, labels=table(frames, "sequence,expression\n"))

    def test_it_labels_a_clip_whose_metadata_cannot_be_read(self, mmi_tree, tmp_path):
        together(mmi_tree, tmp_path / "a", "S028-003")
        (tmp_path / "a/S028-003.xml").write_text("<!DOCTYPE a><a/>")
        result = run(tmp_path / "a", labels=table(tmp_path / "a", "sequence,expression\nS028_003,sad\n"))
        assert set(result.manifest["expression"]) == {"neutral", "sadness"}
        assert (
            "S028-003.xml declares a document type or entities, which are refused; --labels says sadness, and was "
            "believed"
        ) in result.notes

    def test_a_clip_that_it_names_and_that_is_of_another_database_says_so(self, tmp_path):
        (tmp_path / "a").mkdir()
        for name in ("a/S035-004.avi", "a/S035-004_mic.wav"):
            (tmp_path / name).write_bytes(b"x")
        (tmp_path / "S036-004.avi").write_bytes(b"x")
        sentence = r"every clip was excluded, the first that --labels names, S035_004, because .* MAHNOB"
        with pytest.raises(DataError, match=sentence):
            run(tmp_path, labels=table(tmp_path / "a", "sequence,expression\nS035_004,anger\n"))

    def test_names_that_are_not_there_are_told(self, frames):
        text = "sequence,expression\nS028_003,anger\n" + "".join(f"S09{n}_001,1\n" for n in range(5))
        notes = run(frames, labels=table(frames, text)).notes
        expected = "--labels names 5 that are not among the clips here: S090_001, S091_001, S092_001, ..."
        assert expected in notes

    def test_a_table_wins_over_the_metadata_and_that_is_said(self, mmi_tree, tmp_path):
        together(mmi_tree, tmp_path / "a", "S028-003")
        result = run(tmp_path / "a", labels=table(tmp_path / "a", "sequence,expression\nS028-003,sad\n"))
        assert set(result.manifest["expression"]) == {"neutral", "sadness"}
        assert "S028-003.avi: its Emotion is anger; --labels says sadness, and was believed" in result.notes

    def test_spaces_and_case_of_the_columns_do_not_matter(self, frames):
        result = run(frames, labels=table(frames, "\ufeffSequence , Expression\nS028_003,anger\n"))
        assert len(result.manifest) == 4

    def test_empty_rows_of_a_spreadsheet_count_for_nothing(self, frames):
        assert len(run(frames, labels=table(frames, "sequence,expression\n,\nS028_003,anger\n ,\n")).manifest) == 4

    @pytest.mark.parametrize("code", ["1", "01", "1.0", "1.", " 1", "Angry", '"1"', ' "anger"'])
    def test_codes_are_read_as_spreadsheets_and_data_frames_write_them(self, frames, code):
        result = run(frames, labels=table(frames, f"sequence,expression\nS028_003,{code}\n"))
        assert set(result.manifest["expression"]) == {"neutral", "anger"}

    def test_an_expression_that_is_none_is_answered_with_the_numbers_and_names(self, frames):
        sentence = (
            r"line 2: unknown expression '7'; MMI's are 1 anger, 2 disgust, 3 fear, 4 happiness, 5 sadness, 6 "
            r"surprise, by number or name"
        )
        with pytest.raises(ConfigError, match=sentence):
            run(frames, labels=table(frames, "sequence,expression\nS028_003,7\n"))

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("Sequence;Expression\nS1;1\n", "separated by a comma; it has 'sequence;expression'"),
            ("", "in its first line, separated by a comma; it has none"),
            (
                "sequence,expression\nS028_003,1\nS028-003,2\n",
                "line 3: S028_003 is disgust here and anger above",
            ),
            ("sequence,expression\nS028_003\n", "line 2: unknown expression ''"),
            ("sequence,expression\nS028_003,²\n", "line 2: unknown expression '²'"),
            ("sequence,expression\nS028_003,\u0663\n", "line 2: unknown expression '\u0663'"),  # an Arabic three
            (
                f"sequence,expression\nS028_003,{'1' * 5000}\n",
                rf"line 2: .* '{'1' * 40}' and so on; MMI's",
            ),
            (f'sequence,expression\nS028_003,"{"1" * 140_000}\n', "cannot be read: field larger than field limit"),
        ],
    )
    def test_what_is_wrong_in_it_is_said(self, frames, text, sentence):
        with pytest.raises(ConfigError, match=sentence):
            run(frames, labels=table(frames, text))


class TestSides:
    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("name,side\nS1,left\n", "line 2: 'S1' is no subject or sequence such as S001, S001_100"),
            ("name,side\nS001,left\ns001,right\n", "line 3: S001 is right here and left above"),
        ],
    )
    def test_what_is_wrong_in_it_is_said(self, mmi_tree, tmp_path, text, sentence):
        together(mmi_tree, tmp_path / "a", "S001-100")
        with pytest.raises(ConfigError, match=sentence):
            run(tmp_path / "a", sides=table(tmp_path / "a", text))

    def test_names_that_are_not_there_are_told(self, mmi_tree, tmp_path):
        together(mmi_tree, tmp_path / "a", "S001-100")
        result = run(tmp_path / "a", sides=table(tmp_path / "a", "name,side\nS777,left\nS001,left\n"))
        assert "--sides names 1 that are not among the clips here: S777" in result.notes

    def test_a_side_of_a_clip_of_one_view_is_taken_and_said(self, mmi_tree, tmp_path):
        source = clip(mmi_tree, "S001-100")
        shutil.copytree(source.parent, tmp_path / "a")
        (tmp_path / "a/session.xml").write_text(SESSION.format(name="S001-100.avi", view=0))
        result = run(tmp_path / "a", sides=table(tmp_path / "a", "name,side\nS001-100,left\n"))
        assert placed(result) == {"S001_100": (0, 0.0)}
        said = "S001_100: --sides names its left half, though its session says that it shows one view only"
        assert said in result.notes


def test_the_rendered_kinds_are_those_that_the_tests_name(mmi_tree):
    kinds = pd.read_csv(mmi_tree / "clips.csv", keep_default_na=False).set_index("clip")
    found = kinds.loc[["S028-003", "S053-004", "S001-100", "S201-100"], ["rotate", "side"]].to_numpy(object)
    assert np.array_equal(found, np.array([[90, ""], [0, ""], [0, "left"], [0, "right"]], object))
