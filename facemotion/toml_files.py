"""TOML files that people write: read whole, or refused with the reason in a few words."""

import tomllib
from pathlib import Path
from typing import Any

__all__ = ["MOST_BYTES", "parse", "read"]

MOST_BYTES = 2**15
"""No configuration is larger, and reading a key of many parts takes the square of their number."""


def read(path: Path) -> tuple[str, dict[str, Any]]:
    """Read a TOML file; return its text, line ends as they are, and its content.

    Raises
    ------
    FileNotFoundError
        If there is none.
    ValueError
        With the reason as its text, if it cannot be read.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"it has more than {MOST_BYTES // 2**10} KiB, which no configuration has")
        # Windows' editors put a byte order mark at the beginning
        with path.open(encoding="utf-8-sig", newline="") as file:
            text = file.read()
    except FileNotFoundError:
        raise
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8; save it in that encoding") from None
    except OSError as error:  # its own text holds an absolute path
        raise ValueError(error.strerror or str(error)) from error
    return text, parse(text)


def parse(text: str) -> dict[str, Any]:
    """Return the content of a TOML text.

    Raises
    ------
    ValueError
        With the reason as its text, if it is none.
    """
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except RecursionError:
        raise ValueError("its values lie too deep inside each other") from None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(str(error)) from None
    except (ValueError, OverflowError):  # of numbers and dates, in words about Python
        raise ValueError("it holds a number or a date that is out of range") from None
