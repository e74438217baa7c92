r"""Names of people, classes and files: one form to compare them in, and one to show them in.

Stored artefacts keep a name as it is. What is printed, drawn or put into a page goes through `printable`; what is
compared goes through `normal`, since the same name can be written in several ways in Unicode (``é`` is one character or
two), and file systems differ in which they give back.
"""

import unicodedata
from collections.abc import Iterable

__all__ = ["near", "normal", "printable", "same_name"]

_STEERS = frozenset("Cc Cf Cs Co Cn Zl Zp".split())
"""Categories that are not shown but change what is: control, format (direction), surrogates, unassigned, breaks."""
_JOINERS = "\u200c\u200d"
"""Needed to write Persian, Hindi and others; they steer nothing."""

_BEGINNING = 3
"""Letters from which on the beginning of a name stands for it."""


def normal(text: str) -> str:
    """Return a name in the form in which names are compared: composed (NFC)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def same_name(one: str, other: str) -> bool:
    """Tell whether two names are one, however they are written."""
    return normal(one) == normal(other)


def printable(name: str, *, keep: str = "") -> str:
    r"""Return a name so that it can be shown anywhere: what would steer a terminal, a page or a figure is escaped.

    Line breaks become ``\n``, escape sequences ``\x1b[31m``, marks that turn the direction of text ``\u202e``, and
    bytes that are no UTF-8 ``\xe9``. A name without any of these comes back as it is. Characters of `keep` stay: the
    line breaks of a message are its own.
    """
    if name.isascii() and name.isprintable():
        return name
    return "".join(char if char in keep or _shown(char) else _escaped(char) for char in name)


def near(word: str, known: Iterable[str]) -> str:
    """Return `` (did you mean NAME?)`` for a misspelt word that is near a known one; else an empty text.

    The shortest that begins with the word, if that has three letters or more, comes before one that is alike otherwise.
    """
    from difflib import get_close_matches

    names, typed = list(known), word.lower()
    begun = [name for name in names if len(typed) >= _BEGINNING and name.startswith(typed)]
    found = sorted(begun, key=len) or get_close_matches(typed, names, n=1, cutoff=0.6)
    return f" (did you mean {found[0]}?)" if found else ""


def _shown(char: str) -> bool:
    return char in _JOINERS or unicodedata.category(char) not in _STEERS


def _escaped(char: str) -> str:
    if "\udc80" <= char <= "\udcff":  # how Python keeps a byte that is no UTF-8
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode("ascii")
