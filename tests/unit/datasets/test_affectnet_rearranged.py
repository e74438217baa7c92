"""AffectNet as people rearrange it: lists rewritten, copies merged, labels that disagree."""

import shutil
from pathlib import Path

import pytest

from facemotion.datasets.affectnet import DATASET as AFFECTNET
from facemotion.errors import DataError
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree

FIELDS = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal"
CODES = {"a": 6, "b": 1, "c": 4}


def line(letter: str, code: int, *, box: str = "10,20,100,110") -> str:
    return f"689/{letter * 56}.jpg,{box},1;2,{code},-0.1,0.2"


def lists(root: Path, training: str, validation: str = "") -> Path:
    """Write lists, and a picture for each letter of `CODES`."""
    root.mkdir(exist_ok=True)
    (root / "training.csv").write_bytes(training.encode())
    if validation:
        (root / "validation.csv").write_text(validation)
    folder = root / "Images" / "689"
    folder.mkdir(parents=True, exist_ok=True)
    for letter in CODES:
        (folder / f"{letter * 56}.jpg").write_bytes(b"picture")
    return root


def listed(*lines: str) -> str:
    return "\n".join((FIELDS, *lines)) + "\n"


ALL = listed(*(line(letter, code) for letter, code in CODES.items()))


def run(root: Path, **options: object) -> Ingest:
    return AFFECTNET.ingest(Tree.read(root, "AffectNet"), AFFECTNET.choose({"protocol": "official", **options}))


def labels(result: Ingest) -> dict[str, str]:
    return dict(zip(result.manifest["subject"].str[-1], result.manifest["expression"], strict=True))


NAMED = {"a": "anger", "b": "happiness", "c": "fear"}


class TestLists:
    @pytest.mark.parametrize(
        "text",
        [
            ALL.replace("subDirectory_filePath", "subdirectory_filepath"),
            "\n".join(",".join(f'"{field}"' for field in row.split(",")) for row in ALL.splitlines()),
            "\n".join(f"{number},{row}" for number, row in enumerate(ALL.splitlines())).replace("0,sub", ",sub", 1),
            ALL.partition("\n")[2].replace("689/", "689\\"),
            ALL.replace("689/", "0689/"),
            ALL.replace("\n", "\r\n"),
            ALL.replace("\n", "\r"),
        ],
        ids=["lower case", "quoted", "index column", "backslash, no header", "padded folder", "crlf", "cr"],
    )
    def test_a_list_that_was_written_again_is_the_same_list(self, tmp_path, text):
        assert labels(run(lists(tmp_path, text))) == NAMED

    def test_columns_are_found_by_their_names(self, tmp_path):
        order = ("expression", "subDirectory_filePath", "face_height", "face_width", "face_y", "face_x")
        rows = [dict(zip(FIELDS.split(","), row.split(","), strict=True)) for row in ALL.splitlines()]
        result = run(lists(tmp_path, "\n".join(",".join(row[name] for name in order) for row in rows)))
        assert labels(result) == NAMED
        assert list(result.manifest["region"].iloc[0]) == [10, 20, 100, 110]

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"", "its first line is empty; expected UTF-8 text that begins with subDirectory_filePath,face_x,face_y"),
            (ALL.encode("utf-16"), "its first line begins with '"),
            (b"path,label\na.jpg,1\n", "its first line begins with 'path'; expected"),
            (b"subDirectory_filePath,expression\n", "it lacks the column face_x; expected subDirectory_filePath"),
        ],
        ids=["empty", "utf-16", "another", "no box"],
    )
    def test_one_that_is_none_is_named(self, tmp_path, data, said):
        root = lists(tmp_path, "", listed(line("a", 6)))
        (root / "training.csv").write_bytes(data)
        for protocol in ("official", "paper"):
            with pytest.raises(DataError) as caught:
                run(root, protocol=protocol)
            assert str(caught.value).startswith(f"{root}/training.csv is no list that can be read: {said}")
            assert str(caught.value).endswith("; mend it, or rename it if it is none")
        (root / "train.csv").write_text(ALL)
        ((item, reason, detail),) = [(own.item, own.reason, own.detail) for own in run(root).exclusions]
        assert (item, reason) == ("training.csv", "list_unreadable")
        assert detail.startswith(said)

    def test_alone_it_is_named_in_the_refusal(self, tmp_path):
        with pytest.raises(
            DataError, match=r"no release of AffectNet.*the first, training\.csv, because its first line"
        ):
            run(lists(tmp_path, "path,label\n"))

    def test_one_without_faces_says_so(self, tmp_path):
        with pytest.raises(DataError, match=r"no face of anger, .* is left; its lists name no face$"):
            run(lists(tmp_path, listed()))

    def test_one_whose_name_says_no_part_is_named(self, tmp_path):
        root = lists(tmp_path, "", listed(line("a", 6)))
        (root / "training.csv").rename(root / "all.csv").write_text(ALL)
        detail = "it is a list of faces whose name says neither training nor validation; rename it"
        assert [(own.item, own.detail) for own in run(root).exclusions] == [("all.csv", detail)]

    def test_a_folder_above_may_be_called_automatic(self, tmp_path):
        root = tmp_path / "manual_and_automatic" / "AffectNet"
        root.mkdir(parents=True)
        lists(root, ALL)
        assert labels(run(tmp_path)) == NAMED

    def test_the_lists_of_automatic_labels_are_passed_over(self, tmp_path):
        root = lists(tmp_path, ALL)
        folder = root / "Automatically_annotated_file_list"
        folder.mkdir()
        (folder / "training.csv").write_text(listed(line("a", 1)))
        result = run(root)
        assert (labels(result), result.exclusions, result.notes) == (NAMED, [], [])


class TestFaces:
    def test_one_under_two_labels_is_excluded(self, tmp_path):
        root = lists(tmp_path, ALL + line("a", 1) + "\n")
        result = run(root)
        assert labels(result) == {"b": "happiness", "c": "fear"}
        assert [(own.item, own.reason, own.detail) for own in result.exclusions] == [
            (f"689/{'a' * 56}.jpg", "labels_disagree", "its lists call the same face happiness and anger")
        ]

    def test_faces_without_a_box_cannot_disagree(self, tmp_path):
        rows = [line("a", code, box="-1,-1,-1,-1") for code in (6, 1)]
        result = run(lists(tmp_path, listed(*rows, line("b", 1), line("c", 4))))
        assert [own.reason for own in result.exclusions] == ["bad_box", "bad_box"]

    def test_one_under_two_spellings_of_its_file_counts_once(self, tmp_path):
        result = run(lists(tmp_path, ALL + line("a", 6).replace(".jpg", ".PNG") + "\n"))
        assert result.manifest["sample_id"].tolist() == [f"0689_{letter * 56}" for letter in CODES]
        assert "1 rows repeat another and were counted once" in result.notes

    @pytest.mark.parametrize(
        ("box", "shown"),
        [
            (",,-1,-1", "nan, nan, -1 x -1"),
            ("NULL,NULL,NULL,NULL", "nan, nan, nan x nan"),
            ("0,0,inf,10", "0, 0, inf x 10"),
            ("1e39,0,10,10", "1e+39, 0, 10 x 10"),
        ],
    )
    def test_one_without_a_box_is_excluded(self, tmp_path, box, shown):
        result = run(lists(tmp_path, ALL.replace(line("a", 6), line("a", 6, box=box))))
        assert labels(result) == {"b": "happiness", "c": "fear"}
        assert [(own.reason, own.detail) for own in result.exclusions] == [("bad_box", f"its box is {shown}")]

    def test_a_folder_without_its_pictures_is_named_once(self, tmp_path):
        root = lists(tmp_path, ALL + "".join(f"7/{letter * 56}.jpg,1,1,9,9,,6,0,0\n" for letter in "abc"))
        detail = "none of its pictures is on disk; lists name 3 faces"
        assert [(own.item, own.detail) for own in run(root).exclusions] == [("7", detail)]


class TestCopies:
    def test_an_empty_copy_of_a_picture_is_passed_over(self, tmp_path):
        root = lists(tmp_path, ALL)
        shutil.copytree(root / "Images", root / "A_partial")
        (root / f"A_partial/689/{'a' * 56}.jpg").write_bytes(b"")
        result = run(root)
        assert result.manifest["source"].str.partition("/")[0].tolist() == ["Images", "A_partial", "A_partial"]
        assert sum("is a second copy of" in note for note in result.notes) == 2

    def test_items_beside_lists_are_told(self, tmp_path):
        root = lists(tmp_path, ALL)
        for path in ("B/train_set/images/0.jpg", "B/train_set/annotations/0_exp.npy"):
            (root / path).parent.mkdir(parents=True)
            (root / path).touch()
        result = run(root)
        assert labels(result) == NAMED
        assert result.notes == [
            "B/train_set/annotations/0_exp.npy and the like, of release B or C, were not read: the lists of release A "
            "were used"
        ]

    @pytest.mark.parametrize("suffix", ["csv", "bin", "txt"])
    def test_a_file_that_is_no_picture_is_not_taken_for_one(self, tmp_path, suffix):
        root = lists(tmp_path, ALL)
        picture = root / f"Images/689/{'a' * 56}.jpg"
        picture.with_suffix(f".{suffix}").write_bytes(picture.read_bytes())
        picture.rename(picture.with_suffix(".PNG"))
        result = run(root)
        assert result.manifest["source"].str.rpartition(".")[2].tolist() == ["PNG", "jpg", "jpg"]

    def test_a_damaged_second_list_costs_itself(self, tmp_path):
        root = lists(tmp_path, ALL, listed(line("a", 6)))
        (root / "old").mkdir()
        (root / "old/training.csv").write_text(ALL[:-40])
        (item,) = run(root).exclusions
        assert (item.item, item.reason) == ("old/training.csv", "list_unreadable")
        assert item.detail.endswith("as in its first line; the lines above it were read")

    @pytest.mark.parametrize("other", [ALL[:-40], listed(line("a", 6))])
    def test_a_damaged_list_is_refused_where_no_other_is_whole_and_as_long(self, tmp_path, other):
        root = lists(tmp_path, ALL[:-40])
        (root / "training_b.csv").write_text(other)
        with pytest.raises(DataError, match=r"training.*csv, line 4, cannot be parsed"):
            run(root)

    def test_a_list_without_its_header_is_refused_where_it_is_the_only_one_of_its_part(self, tmp_path):
        root = lists(tmp_path, ALL.replace("subDirectory", "sabDirectory"), listed(line("a", 6)))
        with pytest.raises(DataError, match=r"training\.csv is no list that can be read: .*; mend it, or rename it"):
            run(root)

    def test_a_damaged_list_of_a_part_that_is_not_drawn_from_costs_itself(self, tmp_path):
        root = lists(tmp_path, ALL, listed(line("a", 6))[:-40])
        result = AFFECTNET.ingest(Tree.read(root, "AffectNet"), AFFECTNET.choose({"faces": 20}))
        assert [item.item for item in result.exclusions] == ["validation.csv"]
        with pytest.raises(DataError, match=r"validation\.csv, line 2, cannot be parsed"):
            run(root)

    def test_items_are_told_where_the_lists_beside_them_have_no_pictures(self, tmp_path):
        root = lists(tmp_path, ALL)
        shutil.rmtree(root / "Images")
        path = root / "B/train_set/annotations/0_exp.npy"
        path.parent.mkdir(parents=True)
        path.touch()
        with pytest.raises(DataError, match=r"0_exp\.npy and the like, of release B or C, were not read"):
            run(root)
