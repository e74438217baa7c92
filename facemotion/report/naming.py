"""The name of a page; importing this loads nothing else."""

from pathlib import Path

from facemotion.errors import ConfigError

__all__ = ["check_page"]


def check_page(out: Path) -> None:
    """Refuse a path that is no page's, before anything is done for it.

    Raises
    ------
    ConfigError
        If it is not that of an HTML file.
    """
    if out.suffix not in (".html", ".htm"):
        raise ConfigError(f"a report is an HTML page, not {out.name!r}: give -o {out.stem}.html")
