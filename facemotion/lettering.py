"""Names in figures: drawn as they are written, in a font that has their letters, else escaped.

Matplotlib takes what lies between two dollar signs for a formula, and draws boxes, with a warning, for letters that its
font lacks.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from facemotion.names import printable

__all__ = ["as_written", "drawable"]

_FIRST = "DejaVu Sans"
"""Comes with matplotlib."""
_OTHERS = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Sans SC", "Noto Sans JP", "Noto Sans KR"),
    *("Source Han Sans SC", "Source Han Sans", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback"),
    *("Microsoft YaHei", "SimHei", "PingFang SC", "Heiti SC", "Hiragino Sans", "Yu Gothic", "MS Gothic"),
    *("Malgun Gothic", "Apple SD Gothic Neo", "NanumGothic", "Arial Unicode MS", "Noto Sans", "Noto Sans Devanagari"),
)
"""Fonts that systems have for other scripts, in the order in which they are tried."""


@contextmanager
def as_written() -> Iterator[None]:
    """Draw texts as they are written: no formulas, and with fonts for other scripts where the system has them.

    For the whole of making and saving a figure, as a context or as a decorator.
    """
    import matplotlib

    with matplotlib.rc_context({"text.parse_math": False, "font.family": list(_fonts())}):
        yield


def drawable(name: str) -> str:
    """Return a name so that every letter of it can be drawn; the others are escaped, as `printable` does."""
    shown = printable(name)
    if shown.isascii():
        return shown
    return "".join(
        char if _has(char) else char.encode("unicode_escape").decode("ascii") for char in shown if not _joins(char)
    )


def _joins(char: str) -> bool:
    return char in "\u200c\u200d"


@cache
def _fonts() -> dict[str, frozenset[int]]:
    """Return the fonts that are there, each with the numbers of its letters."""
    from matplotlib import font_manager, ft2font

    there = {font.name: font.fname for font in font_manager.fontManager.ttflist if font.name in (_FIRST, *_OTHERS)}
    paths = {name: there[name] for name in (_FIRST, *_OTHERS) if name in there}
    return {name: frozenset(ft2font.FT2Font(path).get_charmap()) for name, path in paths.items()}


def _has(char: str) -> bool:
    return any(ord(char) in letters for letters in _fonts().values())
