"""Headers: what counts of them, and what is told of a difference."""

import json

import pydantic
import pytest

from facemotion.config import Settings
from facemotion.provenance import difference, header_of, key, provenance
from facemotion.workspace import write_json


class Cut(Settings):
    size: int = 3
    fit: str = "all"
    seed: int = pydantic.Field(default=0, ge=0)


def header(settings=None, *, version=1, **inputs):
    return provenance("cut", settings=settings or Cut(), inputs=inputs or {"tree": "00"}, version=version)


def test_a_header_holds_no_path_and_no_time(tmp_path):
    first = provenance("align", settings={"a": 1}, inputs={"b": "00", "a": "11"}, seed=3)
    assert list(first["inputs"]) == ["a", "b"]
    assert first == provenance("align", settings={"a": 1}, inputs={"a": "11", "b": "00"}, seed=3)
    assert str(tmp_path) not in json.dumps(first)


def test_the_same_work_is_no_difference():
    assert difference(header(), header(), Cut) == ""
    assert difference({**header(), "facemotion": "9.9.9"}, header(), Cut) == ""


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ({}, "it is not there"),
        (header(Cut(size=4, fit="eyes")), "its settings changed (fit, size)"),
        (header(tree="11"), "its inputs changed (tree)"),
        (header(version=2), "this version of facemotion makes cut in another way"),
        ({**header(), "schema_version": 7}, "it was written in another form"),
        ({**header(), "stage": "paste"}, "it was written in another form"),
        ({**header(), "settings": "odd"}, "its settings changed (all)"),
        ({**header(), "inputs": ["odd"]}, "its inputs changed (all)"),
    ],
)
def test_a_difference_is_told(found, reason):
    assert difference(found, header(), Cut) == reason


def test_a_header_without_a_field_whose_default_holds_is_the_same():
    older = header()
    del older["settings"]["fit"], older["version"]
    assert difference(older, header(), Cut) == ""
    assert difference(older, header(Cut(fit="eyes")), Cut) == "its settings changed (fit)"


def test_the_key_of_a_part_follows_the_identity_alone():
    assert key(header(), shard=1) == key({**header(), "facemotion": "9.9.9"}, shard=1)
    others = [key(header(), shard=2), key(header(version=2), shard=1), key(header(Cut(size=4)), shard=1)]
    assert key(header(), shard=1) not in others


def test_what_cannot_be_read_has_no_header(tmp_path):
    for text in ("", "[1]", '{"provenance": 3}', "{"):
        (tmp_path / "a.json").write_text(text)
        assert header_of(tmp_path / "a.json") == {}
    (tmp_path / "a.parquet").write_bytes(b"PAR1 but not really")
    assert header_of(tmp_path / "a.parquet") == {}
    assert header_of(tmp_path / "nothing.json") == {}
    write_json(tmp_path / "b.json", {"provenance": header()})
    assert header_of(tmp_path / "b.json") == header()
