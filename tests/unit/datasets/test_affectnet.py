import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from facemotion.datasets.affectnet import DATASET as AFFECTNET
from facemotion.datasets.affectnet.info import CODES
from facemotion.errors import ConfigError, DataError
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree

HEADER = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal"
POINTS = ";".join(["1.0"] * 136)


def row(number: int, code: int, *, folder: int = 689, box: str = "10,20,100,110", suffix: str = "jpg") -> str:
    return f"{folder}/{number:056x}.{suffix},{box},{POINTS},{code},-0.1,0.2"


def release_a(root: Path, training: list[str], validation: list[str] = (), *, header: bool = True) -> Path:
    lists = root / "Manually_Annotated_file_lists"
    lists.mkdir(parents=True)
    (lists / "training.csv").write_text("\n".join([HEADER] * header + training) + "\n")
    (lists / "validation.csv").write_text("\n".join([HEADER, *validation]) + "\n")
    for line in (*training, *validation):
        path = root / "Manually_Annotated_Images" / line.partition(",")[0]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def run(root: Path, **options) -> Ingest:
    return AFFECTNET.ingest(Tree.read(root, "AffectNet"), AFFECTNET.choose(options))


def reasons(result: Ingest) -> dict[str, str]:
    return {item.item: item.reason for item in result.exclusions}


EVERY = [row(10 * code + copy, code) for code in range(11) for copy in range(4)]


def test_codes_follow_the_official_map(tmp_path):
    table = run(release_a(tmp_path, EVERY), label_space="affectnet8", protocol="official").manifest
    by_code = {
        int(name.split("_")[1], 16) // 10: expression
        for name, expression in zip(table["subject"], table["expression"], strict=True)
    }
    assert by_code == CODES


@pytest.mark.parametrize("header", [True, False])
def test_a_list_with_or_without_header_is_read(tmp_path, header):
    table = run(release_a(tmp_path, EVERY, header=header), protocol="official").manifest
    assert len(table) == 7 * 4
    assert list(table["region"].iloc[0]) == [10, 20, 100, 110]


def test_the_two_sevens_differ(tmp_path):
    root = release_a(tmp_path, EVERY)
    basic, other = (
        set(run(root, label_space=space, protocol="official").manifest["expression"])
        for space in ("basic7", "affectnet7")
    )
    assert basic ^ other == {"contempt", "neutral"}


def test_codes_that_are_no_expression_are_counted(tmp_path):
    found = reasons(run(release_a(tmp_path, EVERY), protocol="official"))
    assert found == {
        "code 8": "not_an_expression",
        "code 9": "not_an_expression",
        "code 10": "not_an_expression",
        "neutral": "outside_label_space",
    }


def test_bad_boxes_are_excluded_and_others_clamped(tmp_path):
    lines = [row(1, 6, box="5,5,-1,50"), row(2, 6, box="5,5,10,0"), row(3, 6, box="-10,-20,100,100"), row(4, 6)]
    result = run(release_a(tmp_path, lines), protocol="official")
    assert list(reasons(result).values()) == ["bad_box", "bad_box"]
    assert "its box is 5, 5, -1 x 50" in result.exclusions[0].detail
    assert list(result.manifest["region"].iloc[0]) == [0, 0, 90, 80]


def test_several_faces_of_a_file_are_kept_apart_and_identical_rows_counted_once(tmp_path):
    lines = [row(1, 6), row(1, 1, box="200,20,90,90"), row(1, 6), row(2, 4)]
    result = run(release_a(tmp_path, lines), protocol="official")
    name = f"0689_{1:056x}"
    assert result.manifest["sample_id"].tolist()[:2] == [f"{name}+1", f"{name}+2"]
    assert result.manifest["subject"].tolist()[:2] == [name, name]
    assert len(result.manifest) == 3
    assert any("1 rows repeat another" in note for note in result.notes)


def test_another_suffix_or_case_is_found_and_a_missing_picture_named(tmp_path):
    root = release_a(tmp_path, [row(1, 6), row(2, 6), row(3, 6)])
    images = root / "Manually_Annotated_Images/689"
    (images / f"{1:056x}.jpg").rename(images / f"{1:056X}.PNG")
    (images / f"{2:056x}.jpg").unlink()
    result = run(root, protocol="official")
    assert reasons(result) == {f"689/{2:056x}.jpg": "image_missing"}
    assert result.manifest["source"].iloc[0].endswith(".PNG")
    assert any("1 pictures were found under another suffix" in note for note in result.notes)


def test_a_picture_under_a_suffix_that_is_not_read_is_not_called_missing(tmp_path):
    root = release_a(tmp_path, EVERY)
    converted, lost = sorted((root / "Manually_Annotated_Images" / "689").iterdir())[:2]
    converted.rename(converted.with_suffix(".JXL"))
    lost.unlink()
    found = run(root, label_space="affectnet8", protocol="official")
    told = {item.item: (item.reason, item.detail) for item in found.exclusions if item.item.startswith("689/")}
    assert told == {
        f"689/{converted.name}": (
            "unsupported_format",
            f"it is on disk as {converted.stem}.JXL: this format is not read",
        ),
        f"689/{lost.name}": ("image_missing", "its list names it, but it is not on disk"),
    }


def test_of_two_copies_of_a_picture_the_first_in_the_tree_is_used(tmp_path):
    root = release_a(tmp_path, [row(1, 6), row(2, 6, suffix="png")])
    shutil.copytree(root / "Manually_Annotated_Images", root / "Copy")
    (root / f"Copy/689/{2:056x}.png").rename(root / f"Copy/689/{2:056x}.JPG")
    sources = run(root, protocol="official").manifest["source"].tolist()
    assert sources == [f"Copy/689/{1:056x}.jpg", f"Manually_Annotated_Images/689/{2:056x}.png"]


def test_the_papers_draw_is_even_nine_to_one_and_repeatable(tmp_path):
    lines = [row(100 * code + copy, code) for code in range(8) for copy in range(30 if code != 7 else 12)]
    root = release_a(tmp_path, lines, [row(9999, 6)])
    result = run(root, faces=140)
    table = result.manifest
    assert [(check.found, check.expected) for check in result.checks if check.name == "faces drawn"] == [(132, 140)]
    counts = table["expression"].value_counts()
    assert counts["contempt"] == 12
    assert set(counts.drop("contempt")) == {20}
    assert (table["split"] == "test").sum() == 132 // 10
    assert f"0689_{9999:056x}" not in set(table["subject"])
    assert run(root, faces=140).manifest.equals(table)
    assert not run(root, faces=140, seed=1).manifest.equals(table)


def test_the_official_split_is_kept(tmp_path):
    table = run(release_a(tmp_path, [row(1, 6)], [row(2, 6)]), protocol="official").manifest
    assert table["split"].tolist() == ["train", "val"]


def test_the_authors_lists_choose_the_faces(tmp_path):
    root = release_a(tmp_path / "a", [row(number, 6) for number in range(5)])
    paths = [tmp_path / "train.txt", tmp_path / "test.txt"]
    for path, numbers in zip(paths, ((0, 1, 77), (2,)), strict=True):
        path.write_text("\n".join(f"0689_{number:056x}.jpg" for number in numbers))
    result = run(root, ids=[str(path) for path in paths])
    assert result.manifest["split"].tolist() == ["train", "train", "test"]
    assert "1 of 3 train names are not among the usable faces" in result.notes
    paths[0].write_bytes(b"\xef\xbb\xbf" + paths[0].read_text().replace("\n", "\r\n").encode() + b"\r\n")
    assert run(root, ids=[str(path) for path in paths]).manifest.equals(result.manifest)
    paths[1].write_bytes(paths[0].read_bytes())
    with pytest.raises(ConfigError, match="is in both lists"):
        run(root, ids=[str(path) for path in paths])
    paths[1].write_bytes(b"\xff\xfe\0\0 no text")
    with pytest.raises(ConfigError, match=r"test\.txt is no list of names such as 0689_<hash>\.jpg"):
        run(root, ids=[str(path) for path in paths])


def items(root: Path, codes: dict[int, object], *, part: str = "train_set", form: str = "npy") -> Path:
    for folder in ("images", "annotations"):
        (root / part / folder).mkdir(parents=True, exist_ok=True)
    for number, code in codes.items():
        (root / part / f"images/{number}.jpg").touch()
        if form == "npy":
            np.save(root / part / f"annotations/{number}_exp.npy", np.array(code))
            np.save(root / part / f"annotations/{number}_val.npy", np.array("0.1"))
        else:
            (root / part / f"annotations/{number}.json").write_text(json.dumps({"human-label": code}))
    return root


@pytest.mark.parametrize("form", ["npy", "json"])
def test_items_with_gaps_and_numbers_as_strings_are_read(tmp_path, form):
    items(tmp_path, {0: "6", 7: 1, 5495: "7"}, form=form)
    items(tmp_path, {3: 4}, part="val_set", form=form)
    table = run(tmp_path, protocol="official").manifest.set_index("sample_id")
    assert table["expression"].to_dict() == {
        "train_0": "anger",
        "train_7": "happiness",
        "train_5495": "contempt",
        "val_3": "fear",
    }
    assert table["region"].isna().all()


@pytest.mark.parametrize("part", ["val_set", "valid_set", "validation_set", "test_set"])
def test_every_name_of_the_validation_part_is_known(tmp_path, part):
    items(tmp_path, {0: 6}, part=part)
    assert run(tmp_path, protocol="official").manifest["split"].tolist() == ["val"]


def test_unreadable_items_and_missing_pictures_are_excluded(tmp_path):
    items(tmp_path, {0: 6, 1: "six", 2: 6, 3: 6})
    (tmp_path / "train_set/images/2.jpg").unlink()
    (tmp_path / "train_set/annotations/3_exp.npy").write_bytes(b"")
    found = reasons(run(tmp_path, protocol="official"))
    assert found == {
        "train_set/1": "label_unreadable",
        "train_set/2": "image_missing",
        "train_set/3": "label_unreadable",
    }


def test_another_folder_is_refused(tmp_path):
    (tmp_path / "a.jpg").touch()
    with pytest.raises(DataError, match=r"is no release of AffectNet.*training\.csv"):
        run(tmp_path)


def test_an_unknown_option_is_refused(tmp_path):
    items(tmp_path, {0: 6})
    with pytest.raises(ConfigError, match="unknown setting 'camera'; known are label_space"):
        run(tmp_path, camera="VL")
