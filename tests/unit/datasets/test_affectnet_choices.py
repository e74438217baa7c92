"""What is chosen of AffectNet's release A: the draw, lists of names, and options that do nothing."""

import random
from pathlib import Path

import pytest

from facemotion import manifest
from facemotion.datasets.affectnet import DATASET as AFFECTNET
from facemotion.errors import ConfigError, DataError
from facemotion.ingestion.result import Ingest
from facemotion.ingestion.tree import Tree

FIELDS = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal"
CODES = {"a": 6, "b": 1, "c": 4}


def line(letter: str, code: int, *, box: str = "10,20,100,110") -> str:
    return f"689/{letter * 56}.jpg,{box},1;2,{code},-0.1,0.2"


ALL = [line(letter, code) for letter, code in CODES.items()]


def release(root: Path, *lines: str, letters: str = "abc") -> Path:
    """Write a training list, and a picture for each letter."""
    folder = root / "Images" / "689"
    folder.mkdir(parents=True)
    (root / "training.csv").write_text("\n".join((FIELDS, *lines)) + "\n")
    for letter in letters:
        (folder / f"{letter * 56}.jpg").write_bytes(b"picture")
    return root


def run(root: Path, **options: object) -> Ingest:
    return AFFECTNET.ingest(Tree.read(root, "AffectNet"), AFFECTNET.choose(options))


def labels(result: Ingest) -> dict[str, str]:
    return dict(zip(result.manifest["subject"].str[-1], result.manifest["expression"], strict=True))


class TestDraw:
    def test_the_order_of_the_rows_plays_no_part(self, tmp_path):
        rows = [line(letter, code, box=f"{left},20,100,110") for letter in CODES for left in (5, 90) for code in (6, 1)]
        rows = [row for place, row in enumerate(rows) if place % 4 in (0, 3)]  # two faces a picture, one label each
        for letter in "defghijk":
            rows += [line(letter, code, box=f"{code},1,9,9") for code in (6, 1, 4, 2, 3, 5, 7)]
        digests = set()
        for seed in range(4):
            random.Random(seed).shuffle(rows)
            root = release(tmp_path / str(seed), *rows, letters="abcdefghijk")
            digests.add(manifest.digest(run(root, faces=20).manifest))
        assert len(digests) == 1


class TestOptions:
    def test_ids_of_pictures_with_several_faces_are_told(self, tmp_path):
        boxes = (line("a", 1, box="90,20,50,50"), line("a", 6), line("b", 1))
        root = release(tmp_path, *boxes)
        paths = [tmp_path / "train.txt", tmp_path / "test.txt"]
        for path, letter in zip(paths, "ab", strict=True):
            path.write_text(f"0689_{letter * 56}.jpg\n")
        result = run(root, ids=[str(path) for path in paths])
        assert labels(result) == {"a": "anger", "b": "happiness"}
        told = f"of 1 pictures, such as 0689_{'a' * 56}, several faces are listed; the first by its box was taken"
        assert told in result.notes

    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            ({"faces": 30}, "--faces has no effect, since --protocol official takes all of them"),
            ({"seed": 4}, "--draw-seed has no effect, since --protocol official takes all of them"),
            ({"ids": ["a", "b"]}, "--protocol has no effect, since --ids names the faces"),
        ],
    )
    def test_one_without_effect_is_refused(self, tmp_path, options, sentence):
        for name in options.get("ids", ()):
            Path(name).touch()
        with pytest.raises(ConfigError, match=f"{sentence}; leave out one of the two"):
            run(release(tmp_path, *ALL), protocol="official", **options)

    @pytest.mark.parametrize("part", ["train", "test"])
    def test_ids_of_another_release_are_refused(self, tmp_path, part):
        root = release(tmp_path, *ALL)
        paths = {}
        for name, letter in (("train", "a"), ("test", "b")):
            paths[name] = tmp_path / f"{name}.txt"
            paths[name].write_text(f"0689_{(letter if name != part else 'f') * 56}.jpg\n")
        sentence = f"none of the 1 {part} names in .*{part}.txt, such as 0689_f+, is among the 3 usable faces"
        with pytest.raises(DataError, match=sentence):
            run(root, ids=[str(path) for path in paths.values()])
