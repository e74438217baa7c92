import shutil

import numpy as np
import pytest

from facemotion.datasets.affectnet import DATASET as AFFECTNET
from facemotion.datasets.ckplus import DATASET as CKPLUS
from facemotion.errors import DataError
from facemotion.ingestion.shipped_landmarks import five_points
from facemotion.ingestion.tree import Tree


def test_68_points_become_five_in_our_order():
    points = np.arange(136, dtype=float).reshape(68, 2)
    five = five_points(points)
    assert five.dtype == np.float32
    assert five.tolist() == [[77, 78], [89, 90], [60, 61], [96, 97], [108, 109]]


@pytest.fixture(scope="module")
def releases(quirks):
    return {release: quirks(f"affectnet-{release}") for release in "abc"}


@pytest.mark.parametrize("release", ["a", "b"])
def test_affectnet_s_points_are_found_for_every_selected_face(releases, release):
    tree = Tree.read(releases[release], "AffectNet")
    rows = AFFECTNET.ingest(tree, AFFECTNET.choose({"protocol": "official"})).manifest
    table = AFFECTNET.landmarks(tree, rows)
    rendered = rows[~rows["source"].str.contains("0" * 40 + "|" + "1" * 40)]
    assert set(table["source"]) == set(rendered["source"])
    assert (table["x1"] < table["x2"]).all()
    assert (table["y1"] < table["y4"]).all()


def test_release_c_ships_none_and_says_so(releases):
    tree = Tree.read(releases["c"], "AffectNet")
    rows = AFFECTNET.ingest(tree, AFFECTNET.choose({"protocol": "official"})).manifest
    with pytest.raises(DataError, match="holds no landmarks of the selected frames; releases A and B ship them"):
        AFFECTNET.landmarks(tree, rows)


def test_case_plays_no_part_in_where_points_lie(releases, tmp_path):
    root = tmp_path / "b"
    shutil.copytree(releases["b"], root)
    plain = Tree.read(releases["b"], "AffectNet")
    rows = AFFECTNET.ingest(plain, AFFECTNET.choose({"protocol": "official"})).manifest
    for path in sorted(root.rglob("*_lnd.npy")):
        path.rename(path.with_name(path.name.upper()))
    for name in ("annotations", "images"):
        (root / "train_set" / name).rename(root / "train_set" / name.title())
    tree = Tree.read(root, "AffectNet")
    table = AFFECTNET.landmarks(tree, AFFECTNET.ingest(tree, AFFECTNET.choose({"protocol": "official"})).manifest)
    assert len(table) == len(AFFECTNET.landmarks(plain, rows)) > 0


def test_points_are_found_where_annotations_were_unpacked_apart_from_pictures(releases, tmp_path):
    for kind in ("images", "annotations"):
        for part in ("train_set", "val_set"):
            if (releases["b"] / part).is_dir():
                shutil.copytree(releases["b"] / part / kind, tmp_path / f"{kind} apart" / part / kind)
    trees = [Tree.read(root, "AffectNet") for root in (releases["b"], tmp_path)]
    plain, apart = (
        AFFECTNET.landmarks(tree, AFFECTNET.ingest(tree, AFFECTNET.choose({"protocol": "official"})).manifest)
        for tree in trees
    )
    assert len(apart) == len(plain) > 0


@pytest.mark.parametrize("byte", [0x00, 0x01, 0x22, 0x2C, 0x42, 0xD7, 0xFF])
def test_damaged_points_cost_their_face_alone(tmp_path, byte):
    folder = tmp_path / "train_set" / "annotations"
    folder.mkdir(parents=True)
    (tmp_path / "train_set" / "images").mkdir()
    for number in range(2):
        (tmp_path / f"train_set/images/{number}.jpg").touch()
        np.save(folder / f"{number}_exp.npy", np.array(6))
        np.save(folder / f"{number}_lnd.npy", np.array([f"{value}.5" for value in range(136)]))
    tree = Tree.read(tmp_path, "AffectNet")
    rows = AFFECTNET.ingest(tree, AFFECTNET.choose({"protocol": "official"})).manifest
    path = folder / "1_lnd.npy"
    whole = path.read_bytes()
    for place in (*range(6, 128, 5), 8, 131, len(whole) - 1):  # 8 holds the length of the header
        path.write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
        assert "train_set/images/0.jpg" in set(AFFECTNET.landmarks(tree, rows)["source"])


@pytest.mark.parametrize("damaged", ["a", "b"])
def test_points_of_release_b_are_taken_from_the_copy_that_can_be_read(tmp_path, damaged):
    for top in "ab":
        for folder in ("images", "annotations"):
            (tmp_path / top / "train_set" / folder).mkdir(parents=True)
        (tmp_path / top / "train_set/images/0.jpg").touch()
        np.save(tmp_path / top / "train_set/annotations/0_exp.npy", np.array(6))
        np.save(tmp_path / top / "train_set/annotations/0_lnd.npy", np.arange(136.0))
    (tmp_path / damaged / "train_set/annotations/0_lnd.npy").write_bytes(b"damaged")
    tree = Tree.read(tmp_path, "AffectNet")
    rows = AFFECTNET.ingest(tree, AFFECTNET.choose({"protocol": "official"})).manifest
    assert AFFECTNET.landmarks(tree, rows)["y3"].tolist() == [61.0]


def test_two_faces_of_one_picture_have_a_row_each(tmp_path):
    header = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal"
    points = [";".join([f"{start}.0"] * 136) for start in (10, 60)]
    lines = [f"1/{'a' * 56}.jpg,{box},{text},6,0,0" for box, text in zip(("1,1,9,9", "51,1,9,9"), points, strict=True)]
    (tmp_path / "training.csv").write_text("\n".join([header, *lines, lines[0]]) + "\n")
    (tmp_path / "copy").mkdir()  # of the list, with other digits
    (tmp_path / "copy" / "training.csv").write_text("\n".join([header, lines[1].replace("60.0", "60.25")]) + "\n")
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / f"{'a' * 56}.jpg").touch()
    tree = Tree.read(tmp_path, "AffectNet")
    table = AFFECTNET.landmarks(tree, AFFECTNET.ingest(tree, AFFECTNET.choose({"protocol": "official"})).manifest)
    assert len(table) == 2
    assert table["x1"].round().tolist() == [10, 60]


def test_ckplus_tracking_is_read_with_its_misspelt_names(ck_tree):
    root = ck_tree({"S005_001": (3, 5), "S010_002": (1, 5)})
    folder = root / "Landmarks/S005/001"
    folder.mkdir(parents=True)
    lines = "\n".join(f"   {x}.0000000e+00   2.5000000e+00" for x in range(68))
    (folder / "S0005_001_00000001_landmarks.txt").write_text(lines)  # four digits, as in the distribution's ReadMe
    (folder / "S005_001_00000005_landmarks.txt").write_text(lines)
    (folder / "S005_001_00000004_landmarks.txt").write_text("1 2 3")
    (folder / "S005_001_00000003_landmarks.txt").write_text(lines)
    tree = Tree.read(root, "CK+")
    (folder / "S005_001_00000003_landmarks.txt").unlink()  # it vanishes, or may not be read
    table = CKPLUS.landmarks(tree, CKPLUS.ingest(tree, CKPLUS.choose({})).manifest)
    assert [source[-12:-4] for source in table["source"]] == ["00000001", "00000005"]
    assert table[["x1", "x3", "y1"]].iloc[0].tolist() == [38.5, 30.0, 2.5]


def test_a_ckplus_tree_without_landmarks_says_what_to_unpack(ck_tree):
    tree = Tree.read(ck_tree({"S005_001": (3, 5)}), "CK+")
    with pytest.raises(DataError, match=r"unpack Landmarks\.zip"):
        CKPLUS.landmarks(tree, CKPLUS.ingest(tree, CKPLUS.choose({})).manifest)


TRACKED = "\n".join(f"   {x}.0000000e+00   2.5000000e+00" for x in range(68))


def landmarks_of(root, **files: str):
    """Write landmark files of one frame, each in a folder of its own; return the table and the frames' sources."""
    for folder, text in files.items():
        path = root / folder / "S005_001_00000003_landmarks.txt"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    tree = Tree.read(root, "CK+")
    return CKPLUS.landmarks(tree, CKPLUS.ingest(tree, CKPLUS.choose({})).manifest)


@pytest.mark.parametrize("other", ["", "1 2 3", "\n".join(f"{x} 99" for x in range(67)), TRACKED.replace("2.5", "nan")])
@pytest.mark.parametrize("folders", [("a", "z"), ("z", "a")])
def test_of_copies_of_a_tracking_file_the_one_that_can_be_read_is_used(ck_tree, folders, other):
    table = landmarks_of(ck_tree({"S005_001": (3, 4)}), **dict(zip(folders, (TRACKED, other), strict=True)))
    assert table["source"].str[-12:-4].tolist() == ["00000003"]
    assert table[["x1", "x3", "y1"]].iloc[0].tolist() == [38.5, 30.0, 2.5]


def test_of_copies_that_can_be_read_the_shallowest_is_used_then_the_first(ck_tree):
    moved = {folder: TRACKED.replace("2.5", f"{number}.5") for number, folder in enumerate(("b/a", "c", "d"))}
    assert landmarks_of(ck_tree({"S005_001": (3, 4)}), **moved)["y1"].tolist() == [1.5]


def test_ckplus_landmarks_that_are_all_damaged_are_not_said_to_be_missing(ck_tree):
    with pytest.raises(DataError, match=r"such as b/S005_001_00000003_landmarks\.txt are of other frames or damaged"):
        landmarks_of(ck_tree({"S005_001": (3, 4)}), a="", b="1 2 3")
