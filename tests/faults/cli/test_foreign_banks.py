"""Prior banks from strangers: one sentence that names the file, and no memory for what a header only promises."""

import io
import json
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

GOLDEN = Path(__file__).parents[2] / "golden/priors/bank.npz"
FILE = Path("stranger.npz")


def npy(descr: str, shape: tuple[int, ...], content: bytes = b"") -> bytes:
    """Return an array's file whose header promises `shape`, whatever follows."""
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": descr, "fortran_order": False, "shape": shape})
    return stream.getvalue() + content


def with_members(changes: dict[str, bytes], *, compression: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(GOLDEN) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(FILE, "w", compression) as archive:
        for name, content in {**members, **changes}.items():
            archive.writestr(name, content)


def with_meta(text: str) -> None:
    stream = io.BytesIO()
    np.save(stream, np.array(text))
    with_members({"meta.npy": stream.getvalue()})


def record() -> dict:
    with np.load(GOLDEN) as archive:
        return json.loads(str(archive["meta"]))


def refused(run, *words: str) -> str:
    said = " ".join(
        run("priors", "show", FILE, fails=True).output.translate(dict.fromkeys(map(ord, "│─╭╮╰╯"), " ")).split()
    )
    assert "stranger.npz" in said
    for word in words:
        assert word in said
    return said


HUGE = {
    "one": ({"mask.npy": npy("<f4", (3, 7, 8000, 8000))}, "its mask of shape (3, 7, 8000, 8000) takes 5.01 GiB"),
    "more than memory": (
        {"mean.npy": npy("<f4", (3, 7, 10**6, 10**6))},
        "mean of shape (3, 7, 1000000, 1000000) takes",
    ),
    "no number of bytes": ({"mask.npy": npy("<f4", (10**30,))}, "takes far more GiB"),
    "an item": ({"count.npy": npy("|V2000000000", ())}, "its count of shape () takes 1.86 GiB"),
    "classes": ({"count.npy": npy("<i8", (3, 10**9))}, "its count of shape (3, 1000000000) takes"),
    "text": ({"meta.npy": npy("<U400000000", ())}, "its meta of shape () takes 1.49 GiB"),
    "negative": ({"mask.npy": npy("<f4", (3, 7, -1, 16))}, "has the shape (3, 7, -1, 16)"),
    "more than there is": ({"mask.npy": npy("<f4", (3, 7, 16, 16), b"1234")}, "its mask has 4 bytes where"),
    "pickled": ({"mask.npy": npy("|O", (1,), b"cos\nsystem\n.")}, "mask is object, expected float32"),
    "other kind": ({"mean.npy": b"\x93NUMPY\x09\x00" + bytes(80)}, "its mean is of a kind that no bank has"),
    "dtype": ({"mean.npy": npy("<f8", (3, 7, 16, 16), bytes(8 * 3 * 7 * 256))}, "mean is float64, expected float32"),
}


@pytest.mark.usefixtures("usual_collector")
@pytest.mark.parametrize("name", HUGE)
def test_a_header_is_not_believed(run, name):
    changes, sentence = HUGE[name]
    with_members(changes)
    refused(run)  # loads what a refusal loads, so that only the bank itself is counted below
    tracemalloc.start()
    try:
        refused(run, sentence)
        assert tracemalloc.get_traced_memory()[1] < 2**24
    finally:
        tracemalloc.stop()


@pytest.mark.usefixtures("usual_collector")
def test_what_unpacks_to_more_than_it_promises_is_not_unpacked(run):
    with_members({"mask.npy": npy("<f4", (3, 7, 16, 16), bytes(2**26))}, compression=zipfile.ZIP_DEFLATED)
    assert FILE.stat().st_size < 2**18
    refused(run)
    tracemalloc.start()
    try:
        refused(run, "its mask has 67108864 bytes where its header says 21504")
        assert tracemalloc.get_traced_memory()[1] < 2**25
    finally:
        tracemalloc.stop()


def test_two_arrays_that_only_together_are_too_much(run, monkeypatch):
    monkeypatch.setattr("facemotion.priors.reading.MOST_BYTES", 40_000)  # a mask of the bank takes 21,504
    with_members({}, compression=zipfile.ZIP_DEFLATED)
    refused(run, "is not a prior bank: it")


def test_a_file_that_is_too_large_is_not_read(run):
    with FILE.open("wb") as file:
        file.write(b"PK")
        file.truncate(2**33)  # takes no room
    refused(run, "it has 8 GiB, and no bank has more than 1 GiB")


def test_an_endless_list_of_members_is_not_read(run):
    content = bytearray(GOLDEN.read_bytes())
    struct.pack_into("<L", content, len(content) - 22 + 12, 2**31)
    FILE.write_bytes(content)
    refused(run, "it has far too many members")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0, 2.0])
def test_values_out_of_range(run, value):
    mask = np.full((3, 7, 16, 16), value, "<f4")
    with_members({"mask.npy": npy("<f4", mask.shape, mask.tobytes())})
    refused(run, "mask has values that are not finite or not between 0 and 1")


def test_more_classes_than_the_record_names(run):
    mask = np.zeros((3, 500, 4, 4), "<f4")
    with_members({"mask.npy": npy("<f4", mask.shape, mask.tobytes())})
    refused(run, "mask has shape (3, 500, 4, 4), expected (2 folds and all, 7 classes, height, width)")


def test_records_of_absurd_depth_or_content(run):
    deep: object = 0
    for _ in range(200):
        deep = [deep]
    for text, sentence in (
        ("[" * 200_000, "its meta is not the record of one"),
        (json.dumps({**record(), "provenance": {"a": deep}}), "is nested more than 100 levels deep"),
        (json.dumps({**record(), "provenance": {"a": 1.5}}).replace("1.5", "1e999"), "which is not finite"),
        (json.dumps({**record(), "provenance": {"a": float("nan")}}), "the number nan, which is not finite"),
        (json.dumps({**record(), "dataset": "\ud800"}), r"holds the text \ud800, which is not Unicode"),
        (json.dumps({"schema_version": "9" * 5000}), "has prior schema '9999"),
        (json.dumps({**record(), "x" * 5000 + "\x1b[2J": 1}), "xxx..."),
        (json.dumps({**record(), "classes": ["anger"] * 10**5}), "classes must be distinct"),
    ):
        with_meta(text)
        said = refused(run, sentence)
        assert len(said) < 400
        assert "\x1b[2J" not in said


def test_control_characters_are_shown_as_text(run):
    from facemotion.priors.bank import PriorBank

    bank = PriorBank.load(GOLDEN)
    origin = {"operation": "build", "dataset": "\x1b[31mred", "alignment": "a\nb"}
    bank.with_meta(origins=(origin,), fold_scheme="\x1b[2J").save(FILE)
    said = run("priors", "show", FILE).output
    assert "\x1b" not in said
    assert r"\x1b[31mred, alignment a\nb" in said
