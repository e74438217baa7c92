"""Canonical expression names, their aliases, and named label spaces.

The canonical order is alphabetical, the one of CK+ and FMPN: anger, contempt, disgust, fear, happiness, sadness,
surprise. ``neutral`` is apart: the paper uses neutral faces for masks only.
"""

from facemotion.errors import ConfigError
from facemotion.names import near

__all__ = ["ABBREVIATIONS", "EXPRESSIONS", "LABEL_SPACES", "NEUTRAL", "canonical", "label_space", "named", "ordered"]

EXPRESSIONS = ("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")
NEUTRAL = "neutral"

ABBREVIATIONS = {
    "anger": "AN",
    "contempt": "CO",
    "disgust": "DI",
    "fear": "FE",
    "happiness": "HA",
    "sadness": "SA",
    "surprise": "SU",
    "neutral": "NE",
}
"""Two-letter names, as the paper's tables print them."""

LABEL_SPACES = {
    "basic6": tuple(name for name in EXPRESSIONS if name != "contempt"),
    "basic7": EXPRESSIONS,
    "basic5": tuple(name for name in EXPRESSIONS if name not in ("contempt", "surprise")),
    "affectnet7": (NEUTRAL, *(name for name in EXPRESSIONS if name != "contempt")),
    "affectnet8": (NEUTRAL, *EXPRESSIONS),
}
"""Ordered classes by name. ``basic7`` is the paper's seven (contempt in, neutral out); ``affectnet7`` is everyone
else's seven (neutral in, contempt out); ``basic5``, of CREMA-D, has neither contempt nor surprise. Nothing is ever
called "7 classes" alone."""

_ALIASES = {
    "angry": "anger",
    "contemptuous": "contempt",
    "disgusted": "disgust",
    "fearful": "fear",
    "afraid": "fear",
    "happy": "happiness",
    "joy": "happiness",
    "sad": "sadness",
    "unhappy": "sadness",
    "surprised": "surprise",
    "suprise": "surprise",  # a frequent misspelling in public loaders
}


def canonical(name: str) -> str:
    """Return the canonical name of an expression.

    Parameters
    ----------
    name : str
        A canonical name, an alias (``happy``) or an abbreviation (``HA``), in any case.

    Returns
    -------
    str
        One of `EXPRESSIONS` or ``neutral``.

    Raises
    ------
    ConfigError
        If the name is not known.

    Examples
    --------
    >>> canonical("Happy"), canonical("SU"), canonical("neutral")
    ('happiness', 'surprise', 'neutral')
    """
    key = name.strip().lower()
    if key in ABBREVIATIONS:
        return key
    if key in _ALIASES:
        return _ALIASES[key]
    for full, short in ABBREVIATIONS.items():
        if key == short.lower():
            return full
    known = ", ".join((*EXPRESSIONS, NEUTRAL))
    like = near(key, (*EXPRESSIONS, NEUTRAL, *_ALIASES))
    raise ConfigError(f"unknown expression {name!r}: expected one of {known} or a common alias such as 'happy'{like}")


def named(word: str) -> str:
    """Return the canonical name of the expression that a word names; empty if it names none.

    Examples
    --------
    >>> named("Happy"), named("S035")
    ('happiness', '')
    """
    try:
        return canonical(word)
    except ConfigError:
        return ""


def label_space(name: str) -> tuple[str, ...]:
    """Return the ordered classes of a named label space.

    Raises
    ------
    ConfigError
        If the name is not one of `LABEL_SPACES`.
    """
    try:
        return LABEL_SPACES[name]
    except KeyError:
        raise ConfigError(
            f"unknown label space {name!r}{near(name, LABEL_SPACES)}: expected one of {', '.join(LABEL_SPACES)}"
        ) from None


def ordered(names: object) -> tuple[str, ...]:
    """Return the distinct canonical names among `names`, neutral first, then in canonical order.

    Examples
    --------
    >>> ordered(["surprise", "anger", "surprise", "neutral"])
    ('neutral', 'anger', 'surprise')
    """
    present = {canonical(str(name)) for name in names}  # type: ignore[attr-defined]
    return tuple(name for name in (NEUTRAL, *EXPRESSIONS) if name in present)
