"""Where selections and alignments lie: the first in the dataset's folder, others beside it, none in another's place."""

import pandas as pd
import pyarrow as pa
import pytest

from facemotion.config import DemoSettings, FoldSettings
from facemotion.errors import ConfigError
from facemotion.places import Alignment, Selection, name_of, named, place_for
from facemotion.provenance import provenance
from facemotion.tables import write_table
from facemotion.workspace import Workspace

SCHEMA = pa.schema([("sample_id", pa.string())])


def made(place, settings):
    """Write a table with a header where a place has its own."""
    path = place.manifest if isinstance(place, Selection) else place.faces
    header = provenance("x", settings=settings, inputs={})
    write_table(path, pd.DataFrame({"sample_id": ["a"]}), schema=SCHEMA, header=header)
    return place


@pytest.fixture
def first(tmp_path):
    return Selection(Workspace(tmp_path), "demo")


def test_the_first_lies_in_the_datasets_folder_and_another_beside_it(first):
    assert place_for(first, DemoSettings()) == first
    made(first, DemoSettings())
    other = made(place_for(first, DemoSettings(subjects=6)), DemoSettings(subjects=6))
    assert other.folder.parent == first.folder / "selections"
    assert other.name.startswith("subjects-6-")
    assert str(other) == f"demo, selection {other.name}"
    assert first.beside() == other.beside() == [first, other]
    assert place_for(first, DemoSettings(subjects=6)) == other
    assert place_for(first, DemoSettings()) == first


def test_alignments_lie_in_their_selection(first):
    made(first, DemoSettings())
    other = made(place_for(first, DemoSettings(subjects=6)), DemoSettings(subjects=6))
    made(Alignment(other), FoldSettings())
    second = made(place_for(Alignment(other), FoldSettings(folds=3)), FoldSettings(folds=3))
    assert second.folder.parent == other.folder / "alignments"
    assert other.alignments() == [Alignment(other), second]
    assert first.alignments() == []
    assert named(Alignment(other), second.name) == second
    with pytest.raises(ConfigError, match=r"has no alignment called 'eyes'; there are first, folds-3-"):
        named(Alignment(other), "eyes")


def test_what_only_cuts_the_work_makes_no_other_place(first):
    made(first, FoldSettings(seed=1))
    assert place_for(first, FoldSettings(seed=2), ignore=("seed",)) == first
    assert place_for(first, FoldSettings(seed=2)) != first
    assert name_of(FoldSettings(seed=2), ignore=("seed",)) == name_of(FoldSettings(), ignore=("seed",))


def test_a_first_place_whose_table_is_damaged_is_free(first):
    made(first, DemoSettings())
    first.manifest.write_bytes(b"PAR1")
    assert place_for(first, DemoSettings(subjects=6)) == first


def test_names_say_what_differs_and_are_folders():
    name = name_of(DemoSettings(subjects=6, size=(184, 240)))
    assert name.startswith("subjects-6-size-184x240-")
    assert name != name_of(DemoSettings(subjects=6, size=(184, 240), seed=1))
    assert all(letter.isalnum() or letter in "-." for letter in name)
