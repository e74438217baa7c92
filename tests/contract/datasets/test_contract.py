"""What every dataset promises, on a small tree of each: a new one needs a row in `TREES`."""

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from facemotion import datasets, manifest, options
from facemotion.config import Settings
from facemotion.errors import ConfigError, DataError
from facemotion.expressions import LABEL_SPACES
from facemotion.ingestion import verify
from facemotion.ingestion.dataset import Dataset
from facemotion.ingestion.tree import Tree


def class_folders(root: Path) -> None:
    for word in ("happy", "sad", "neutral"):
        for subject in ("ann", "ben"):
            folder = root / word / subject
            folder.mkdir(parents=True)
            (folder / "1.png").touch()


class Row(NamedTuple):
    """How a tree of a dataset is made, and a file in it that is read as a label, a list or metadata, if there is one.

    The tree is a layout, by its name, rendered with the quirks of real copies; or a function that writes it.
    `landmarks` says whether it holds some that the dataset ships.
    """

    tree: str | Callable[[Path], None]
    content: str | None = None
    landmarks: bool = False


TREES = {
    "affectnet": Row("affectnet-a", "**/training.csv", landmarks=True),
    "ckplus": Row("ckplus", "**/S*_emotion.txt"),
    "crema-d": Row("crema-d", "**/summaryTable.csv"),
    "demo": Row("ckplus", "**/S*_emotion.txt"),
    "fer2013": Row("fer2013"),
    "ferplus": Row("ferplus", "**/fer2013new.csv"),
    "folder": Row(class_folders),
    "jaffe": Row("jaffe"),
    "kdef": Row("kdef"),
    "mead": Row("mead"),
    "mmi": Row("mmi", "**/S*.xml"),
    "oulu-casia": Row("oulu-casia"),
    "rafd": Row("rafd"),
    "ravdess": Row("ravdess"),
    "raf-db": Row("raf-db", "**/list_*.txt", landmarks=True),
}


class Case(NamedTuple):
    """A dataset with a tree of it."""

    dataset: Dataset
    tree: Tree
    row: Row


@pytest.fixture(scope="module", params=datasets.names())
def case(request, quirks, tmp_path_factory):
    row = TREES[request.param]
    if isinstance(row.tree, str):
        root = quirks(row.tree)
    else:
        root = tmp_path_factory.mktemp(request.param) / "tree"
        row.tree(root)
    dataset = datasets.load(request.param)
    return Case(dataset, dataset.tree(root), row)


@pytest.fixture(scope="module")
def ingested(case):
    return case.dataset.ingest(case.tree, case.dataset.options())


@pytest.fixture
def copied(case, tmp_path) -> Path:
    return shutil.copytree(case.tree.root, tmp_path / "tree")


def test_it_says_what_it_is(case):
    info, facts = case.dataset.info, case.dataset.facts
    assert info.name in datasets.names()
    assert datasets.load(info.name) is case.dataset
    assert info.label_space in LABEL_SPACES
    assert all((info.title, info.licence, info.access))
    assert set(info.images) <= set(info.classes)
    assert all(set(counts) >= {"anger", "fear"} for counts in facts.annotated.values())


def test_every_published_number_says_where_it_comes_from(case):
    info, facts = case.dataset.info, case.dataset.facts
    held = {name: getattr(info, name) for name in ("sequences", "images")}
    held |= {name: getattr(facts, name) for name in ("subjects", "release", "annotated", "test_images")}
    held["digests"] = {**info.digests, **facts.digests}
    assert {name for name, source in facts.sources.items() if source} == {name for name, each in held.items() if each}


def test_the_documentation_has_a_row_for_it(case):
    page = Path(__file__).parents[3] / "docs/datasets/index.md"
    rows = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert sum(f"`{case.dataset.info.name}`" in row.split("|")[1] for row in rows) == 1


def test_each_option_is_described_and_has_a_default(case):
    model = case.dataset.options
    assert issubclass(model, Settings)
    assert [name for name, field in model.model_fields.items() if not field.description] == []
    settings = case.dataset.choose({})
    assert settings == model()
    assert options.changed(settings) == {}
    assert case.dataset.choose(json.loads(json.dumps(settings.as_json()))) == settings


def test_naming_them_imports_nothing_heavy():
    heavy = {"pandas", "numpy", "cv2", "av", "pyarrow", "torch", "onnxruntime", "PIL", "click"}
    code = (
        "import sys; from facemotion import datasets\n"
        f"for name in datasets.names(): datasets.load(name); print(name, *{heavy} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == datasets.names()


def test_its_manifest_is_valid_and_names_files_that_are_there(case, ingested):
    info = case.dataset.info
    assert ingested.manifest.equals(manifest.validate(ingested.manifest))
    assert set(ingested.manifest["dataset"]) == {info.name}
    assert set(ingested.manifest["source"]) <= {file.path for file in case.tree.files}
    assert set(ingested.manifest["expression"]) <= {*ingested.classes, "neutral"}
    assert (ingested.manifest["role"] == "neutral").any() == info.has_neutral
    assert ingested.layout
    assert ingested.checks


def test_no_frame_counts_by_its_content(case, ingested):
    sources = set(ingested.manifest["source"])
    assert not any(case.dataset.is_content(file) for file in case.tree.files if file.path in sources)


def test_the_same_tree_gives_the_same_bytes(case, ingested, tmp_path):
    written = []
    again = case.dataset.ingest(case.dataset.tree(case.tree.root), case.dataset.options())
    for number, result in enumerate((ingested, again)):
        path = tmp_path / f"{number}.parquet"
        summary = manifest.write_batches(path, result.batches, header={"stage": "ingest"})
        content = json.dumps(verify.as_json(result, summary, case.dataset.info))
        written.append((path.read_bytes(), content))
    assert written[0] == written[1]


def test_the_order_of_the_directory_plays_no_part(case, ingested):
    shuffled = Tree(case.tree.root, tuple(random.Random(1).sample(tuple(case.tree.files), len(case.tree.files))))
    other = case.dataset.ingest(shuffled, case.dataset.options())
    assert manifest.digest(other.manifest) == manifest.digest(ingested.manifest)
    assert sorted(other.exclusions) == sorted(ingested.exclusions)


def test_a_copy_has_the_same_digest_and_a_changed_label_of_the_same_size_another(case, copied):
    assert case.dataset.tree(copied).digest == case.tree.digest
    if case.row.content is None:
        return
    path = next(path for path in sorted(copied.glob(case.row.content)) if path.stat().st_size)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert case.dataset.tree(copied).digest != case.tree.digest


def test_only_a_dataset_whose_labels_are_names_has_no_content(case):
    assert any(map(case.dataset.is_content, case.tree.files)) == (case.row.content is not None)


def test_the_landmarks_that_it_ships_are_of_its_frames(case, ingested):
    if case.dataset.landmarks is None:
        return
    if case.row.landmarks:
        table = case.dataset.landmarks(case.tree, ingested.manifest)
        assert 0 < len(table)
        assert set(table["source"]) <= set(ingested.manifest["source"])
    else:
        with pytest.raises(DataError, match="holds no landmarks of the selected frames; "):
            case.dataset.landmarks(case.tree, ingested.manifest)


def test_an_unknown_option_is_refused(case):
    with pytest.raises(ConfigError, match=f"{case.dataset.info.name}: unknown setting 'colour'"):
        case.dataset.choose({"colour": "blue"})


def test_another_folder_is_refused_by_name(case, tmp_path):
    (tmp_path / "readme.txt").touch()
    with pytest.raises(DataError, match=r"is not|is no release"):
        case.dataset.ingest(case.dataset.tree(tmp_path), case.dataset.options())


def test_each_layout_is_rendered_as_a_tree_that_its_dataset_reads(case, clean):
    for layout in case.dataset.layouts:
        assert len(case.dataset.ingest(case.dataset.tree(clean(layout)), case.dataset.options()).manifest)


def test_an_unknown_dataset_is_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match="unknown dataset 'atlantis': expected one of affectnet, ckplus"):
        datasets.load("atlantis")
