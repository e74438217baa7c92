import pytest

from facemotion.errors import ConfigError
from facemotion.expressions import EXPRESSIONS, LABEL_SPACES, canonical, label_space, ordered


@pytest.mark.parametrize(
    ("given", "expected"),
    [("anger", "anger"), (" Happy ", "happiness"), ("SU", "surprise"), ("suprise", "surprise"), ("Neutral", "neutral")],
)
def test_names_aliases_and_abbreviations_become_canonical(given, expected):
    assert canonical(given) == expected


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match=r"unknown expression 'bored': expected one of anger, contempt"):
        canonical("bored")


def test_the_canonical_order_is_the_papers():
    assert EXPRESSIONS == ("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")


def test_the_two_sevens_differ_by_contempt_and_neutral():
    assert set(LABEL_SPACES["basic7"]) ^ set(LABEL_SPACES["affectnet7"]) == {"contempt", "neutral"}


def test_an_unknown_label_space_is_refused():
    with pytest.raises(ConfigError, match="unknown label space '7'"):
        label_space("7")


def test_ordered_drops_repeats_and_sorts():
    assert ordered(["surprise", "angry", "surprise", "neutral"]) == ("neutral", "anger", "surprise")
