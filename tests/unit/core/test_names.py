"""Names are compared in one form, and shown so that they steer nothing."""

import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemotion import manifest
from facemotion.config import FoldSettings
from facemotion.folds import build_folds
from facemotion.names import near, normal, printable, same_name

NAMES = {"Latin": "José Ångström", "Hangul": "한글이름", "Cyrillic": "Йёжик Её"}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_name_is_one_in_every_form(name):
    composed, decomposed = unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name)
    assert composed != decomposed
    assert same_name(composed, decomposed)
    assert normal(decomposed) == composed
    assert not same_name(composed, composed[:-1])


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("scheme", ["fmpn", "round-robin", "stratified"])
def test_folds_hold_each_subject_once(name, scheme):
    people = [name, *(f"{name} {number}" for number in range(2, 7))]
    rows = [
        {
            "sample_id": f"{person}/{number}",
            "dataset": "folder",
            "subject": unicodedata.normalize(("NFC", "NFD")[number % 2], person),
            "sequence": f"{person}/{number}",
            "frame": number,
            "role": "expressive",
            "expression": ("anger", "happiness")[number // 2],
            "source": unicodedata.normalize("NFD", f"{person}/{number}.png"),
        }
        for person in people
        for number in range(4)
    ]
    table = manifest.validate(pd.DataFrame(rows))
    assert table["subject"].nunique() == len(people)
    assert set(table["source"]) == {row["source"] for row in rows}  # as it is on disk
    folds = build_folds(table, FoldSettings(folds=3, scheme=scheme))
    dealt = [subject for number in range(3) for subject in folds.subjects(number)]
    assert sorted(dealt) == sorted(map(normal, people))
    assert {len(folds.test(number)) for number in range(3)} == {8}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plain name-1.png", "plain name-1.png"),
        ("José 王小明", "José 王小明"),
        ("a\nb\tc", r"a\nb\tc"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("caf\udce9.png", r"caf\xe9.png"),
        ("\ud800", r"\ud800"),
        ("a\u202egnp.exe", r"a\u202egnp.exe"),
        ("\u2066x\u2069", r"\u2066x\u2069"),
        ("a\u2028b", r"a\u2028b"),
        ("نیم\u200cفاصله", "نیم\u200cفاصله"),
    ],
)
def test_what_would_steer_is_escaped(name, shown):
    assert printable(name) == shown


def test_line_breaks_of_a_message_stay():
    assert printable("one\ntwo\x1b[2J", keep="\n") == "one\ntwo\\x1b[2J"


@given(st.text(st.characters(exclude_categories=())))
def test_what_is_shown_can_be_written_anywhere_and_is_shown_as_it_is(name):
    shown = printable(name)
    shown.encode("utf-8")
    assert printable(shown) == shown
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in shown)


@pytest.mark.parametrize(
    ("word", "expected"),
    [("fer", "ferplus"), ("Algin", "align"), ("ckp", "ckplus"), ("zz", None), ("al", None), ("", None)],
)
def test_the_near_name_begins_with_the_word_or_is_like_it(word, expected):
    known = ["folder", "ferplus-long", "ferplus", "ckplus", "align"]
    assert near(word, known) == (f" (did you mean {expected}?)" if expected else "")
