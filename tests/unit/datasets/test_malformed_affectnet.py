"""What real copies of AffectNet have besides faces that can be used: each by the sentence in which it ends."""

import io
import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facemotion import media
from facemotion.datasets.affectnet import DATASET as AFFECTNET
from facemotion.errors import DataError
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree

HEADER = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal"
POINTS = ";".join(["1.0"] * 136)
GOOD = f"1381/{'a' * 56}.jpg,10,20,100,110,{POINTS},6,-0.1,0.2"


def run(root: Path) -> Ingest:
    return AFFECTNET.ingest(Tree.read(root, "AffectNet"), AFFECTNET.choose({"protocol": "official"}))


def ends(result: Ingest) -> list[tuple[str, str, str]]:
    return [(item.item, item.reason, item.detail) for item in result.exclusions]


def release_a(root: Path, *lines: str) -> Path:
    (root / "training.csv").write_text("\n".join([HEADER, GOOD, *lines]) + "\n")
    for line in (GOOD, *lines):
        path = root / "Manually_Annotated_Images" / line.partition(",")[0]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def items(root: Path, codes: dict[int, object], *, npy: bool) -> tuple[Path, Path]:
    """Write items of release B or C; return the folders of pictures and annotations."""
    images, annotations = (root / "train_set" / name for name in ("images", "annotations"))
    images.mkdir(parents=True)
    annotations.mkdir()
    for number, code in codes.items():
        (images / f"{number}.jpg").touch()
        if npy:
            np.save(annotations / f"{number}_exp.npy", np.array(code))
        else:
            (annotations / f"{number}.json").write_text(json.dumps({"human-label": code}))
    return images, annotations


class TestReleaseA:
    @pytest.mark.parametrize(
        ("box", "shown"),
        [
            ("5,5,-1,50", "5, 5, -1 x 50"),
            ("5,5,10,0", "5, 5, 10 x 0"),
            ("-30,5,20,20", "-30, 5, 20 x 20"),
            ("5,-30,20,20", "5, -30, 20 x 20"),
        ],
    )
    def test_a_box_without_a_part_of_the_picture_is_excluded(self, tmp_path, box, shown):
        name = f"1/{'b' * 56}.jpg"
        result = run(release_a(tmp_path, f"{name},{box},{POINTS},6,0,0"))
        assert ends(result) == [(name, "bad_box", f"its box is {shown}")]

    @pytest.mark.parametrize(
        ("code", "word"), [("8", "none"), ("9", "uncertain"), ("10", "no-face"), ("11", "unknown")]
    )
    def test_a_code_that_is_no_expression_is_counted_by_its_name(self, tmp_path, code, word):
        lines = [f"689/{letter * 56}.jpg,1,1,9,9,,{code},-2,-2" for letter in "bc"]
        result = run(release_a(tmp_path, *lines))
        assert ends(result) == [(f"code {code}", "not_an_expression", f"2 faces are labelled {word}")]
        assert len(result.manifest) == 1

    @pytest.mark.parametrize("code", ["", "NULL", "anger"])
    def test_a_row_without_a_code_is_counted(self, tmp_path, code):
        result = run(release_a(tmp_path, f"689/{'b' * 56}.jpg,1,1,9,9,,{code},-2,-2"))
        detail = "1 faces have no expression code that can be read"
        assert ends(result) == [("no code", "not_an_expression", detail)]

    def test_neutral_faces_are_counted_as_outside_the_papers_classes(self, tmp_path):
        result = run(release_a(tmp_path, f"689/{'b' * 56}.jpg,1,1,9,9,,0,0,0"))
        detail = "1 faces of neutral are not in the label space"
        assert ends(result) == [("neutral", "outside_label_space", detail)]

    def test_a_picture_that_is_not_there_is_named(self, tmp_path):
        name = f"689/{'b' * 56}.jpg"
        root = release_a(tmp_path, f"{name},1,1,9,9,,6,0,0")
        (root / "Manually_Annotated_Images" / name).unlink()
        assert ends(run(root)) == [(name, "image_missing", "its list names it, but it is not on disk")]

    def test_rows_of_one_file_are_kept_apart_by_their_boxes_and_a_repeated_one_counts_once(self, tmp_path):
        other = GOOD.replace("10,20,100,110", "200,20,90,90")
        result = run(release_a(tmp_path, other, GOOD))
        name = f"1381_{'a' * 56}"
        assert result.manifest["sample_id"].tolist() == [f"{name}+1", f"{name}+2"]
        assert result.notes == ["1 rows repeat another and were counted once"]
        assert result.exclusions == []

    @pytest.mark.parametrize("points", ["", "NULL", "1.0;2.0", ";".join(["nan"] * 136), ";".join(["1e300"] * 136)])
    def test_a_face_without_its_136_numbers_has_no_shipped_landmarks(self, tmp_path, points):
        name = f"689/{'b' * 56}.jpg"
        tree = Tree.read(release_a(tmp_path, f"{name},1,1,9,9,{points},6,0,0"), "AffectNet")
        table = AFFECTNET.ingest(tree, AFFECTNET.choose({"protocol": "official"})).manifest
        assert len(table) == 2
        assert AFFECTNET.landmarks(tree, table)["source"].tolist() == [f"Manually_Annotated_Images/1381/{'a' * 56}.jpg"]

    def test_a_row_of_another_width_stops_with_its_line(self, tmp_path):
        release_a(tmp_path, f"689/{'b' * 56}.jpg,1,1,9")
        with pytest.raises(DataError, match=r"training\.csv, line 3, cannot be parsed: it has 4 columns; expected 9"):
            run(tmp_path)

    def test_a_list_with_a_byte_order_mark_is_read(self, tmp_path):
        root = release_a(tmp_path)
        text = (root / "training.csv").read_text()
        (root / "training.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
        assert len(run(root).manifest) == 1

    def test_a_folder_that_is_not_named_in_utf8_is_excluded_by_name(self, tmp_path):
        root = release_a(tmp_path)
        odd = os.fsencode(tmp_path) + b"/Images\xe9/2"
        os.makedirs(odd)
        with open(odd + b"/c.jpg", "wb"):
            pass
        ((item, reason, _),) = ends(run(root))
        assert (item, reason) == (r"Images\xe9/2/c.jpg", "odd_name")

    def test_a_re_upload_of_another_dataset_beside_it_does_no_harm(self, tmp_path):
        root = release_a(tmp_path)
        (root / "ckextended.csv").touch()
        assert len(run(root).manifest) == 1

    def test_without_any_picture_it_says_which_are_missing(self, tmp_path):
        root = release_a(tmp_path)
        for path in root.rglob("*.jpg"):
            path.unlink()
        with pytest.raises(DataError, match=rf"no face of .* is left; .*1381/{'a' * 56}\.jpg, because its list names"):
            run(root)

    def test_every_suffix_in_any_case_is_found_as_it_is_listed(self, tmp_path):
        suffixes = ("jpg", "JPG", "jpeg", "Jpeg", "png", "PNG", "bmp", "BMP", "tif", "TIF")
        lines = [f"1/{number:056x}.{suffix},1,1,9,9,,6,0,0" for number, suffix in enumerate(suffixes)]
        result = run(release_a(tmp_path, *lines))
        assert len(result.manifest) == 1 + len(suffixes)
        assert (result.exclusions, result.notes) == ([], [])

    @pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF"])
    def test_what_a_picture_is_decides_and_not_its_suffix(self, tmp_path, kind):
        buffer = io.BytesIO()
        Image.new("L", (5, 4), 200).save(buffer, kind)
        (tmp_path / "a.jpg").write_bytes(buffer.getvalue())
        image = media.load(tmp_path / "a.jpg")
        assert image.shape == (4, 5, 3)
        assert (image == 200).all()

    def test_an_empty_file_says_so(self, tmp_path):
        (tmp_path / "a.jpg").touch()
        with pytest.raises(media.Unreadable, match=r"^the file is empty \(0 bytes\)$"):
            media.load(tmp_path / "a.jpg")

    def test_a_quotation_mark_that_nothing_closes_is_named_by_its_line(self, tmp_path):
        root = release_a(tmp_path, *[GOOD.replace("1381", "1")] * 300)
        path = root / "training.csv"
        path.write_text(path.read_text().replace("10,20,100", '"10,20,100', 1))
        with pytest.raises(DataError, match=r"training\.csv, line 2, cannot be parsed: .*quotation mark that nothing"):
            run(root)


class TestReleaseB:
    def test_an_item_that_lacks_what_is_not_needed_is_used(self, tmp_path):
        _, annotations = items(tmp_path, {0: "6", 9: "1"}, npy=True)
        for kind in ("val", "aro", "lnd"):
            np.save(annotations / f"0_{kind}.npy", np.array("0.1"))
        result = run(tmp_path)
        assert result.manifest["sample_id"].tolist() == ["train_0", "train_9"]
        assert result.exclusions == []

    def test_an_item_without_its_expression_is_named(self, tmp_path):
        images, annotations = items(tmp_path, {0: "6"}, npy=True)
        (images / "7.jpg").touch()
        np.save(annotations / "7_val.npy", np.array("0.1"))
        detail = "train_set/images/7.jpg has no annotation beside it, in annotations/"
        assert ends(run(tmp_path)) == [("train_set/7", "label_missing", detail)]

    def test_an_annotation_without_a_picture_is_named(self, tmp_path):
        images, _ = items(tmp_path, {0: "6", 3: "1"}, npy=True)
        (images / "3.jpg").unlink()
        detail = "train_set/annotations/3_exp.npy has no picture beside it, in images/"
        assert ends(run(tmp_path)) == [("train_set/3", "image_missing", detail)]

    @pytest.mark.parametrize(
        ("code", "said"),
        [
            ("six", "holds 'six', where an expression code was expected"),
            (2.5, "holds 2.5, where an expression code was expected"),
            ("inf", "holds 'inf', where an expression code was expected"),
            ([1, 2], "holds 2 values, where one expression code was expected"),
        ],
    )
    def test_a_value_that_is_no_code_is_shown(self, tmp_path, code, said):
        items(tmp_path, {0: "6", 3: code}, npy=True)
        assert ends(run(tmp_path)) == [("train_set/3", "label_unreadable", f"train_set/annotations/3_exp.npy: {said}")]

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"", "the file is empty (0 bytes)"),
            (b"\x93NUMPY\x01\0", "EOF: reading array header length"),
            (b"PK\x03\x04 an archive", "the magic string is not correct"),
        ],
    )
    def test_a_broken_file_is_named_with_what_it_lacks(self, tmp_path, data, said):
        _, annotations = items(tmp_path, {0: "6", 3: "1"}, npy=True)
        (annotations / "3_exp.npy").write_bytes(data)
        ((item, reason, detail),) = ends(run(tmp_path))
        assert (item, reason) == ("train_set/3", "label_unreadable")
        assert detail.startswith(f"train_set/annotations/3_exp.npy: {said}")

    def test_the_validation_part_has_one_face_of_contempt_less_than_in_release_a(self, tmp_path):
        items(tmp_path, {0: "6"}, npy=True)
        (tmp_path / "train_set").rename(tmp_path / "val_set")
        expected = {check.name: check.expected for check in run(tmp_path).checks}
        assert (expected["val, contempt"], expected["val, anger"]) == (499, 500)

    def test_a_pickled_object_is_never_loaded(self, tmp_path):
        _, annotations = items(tmp_path, {0: "6"}, npy=True)
        np.save(annotations / "0_exp.npy", np.array({"code": 6}, dtype=object), allow_pickle=True)
        with pytest.raises(
            DataError, match=r"no face of anger.* is left; .*train_set/annotations/0_exp.npy: Object arrays"
        ):
            run(tmp_path)

    @pytest.mark.parametrize("data", [b"", b"PK\x03\x04 an archive"])
    def test_broken_landmarks_leave_a_face_without_any(self, tmp_path, data):
        _, annotations = items(tmp_path, {0: "6", 3: "1"}, npy=True)
        np.save(annotations / "0_lnd.npy", np.arange(136.0))
        (annotations / "3_lnd.npy").write_bytes(data)
        tree = Tree.read(tmp_path, "AffectNet")
        table = AFFECTNET.landmarks(tree, AFFECTNET.ingest(tree, AFFECTNET.choose({"protocol": "official"})).manifest)
        assert table["source"].tolist() == ["train_set/images/0.jpg"]
