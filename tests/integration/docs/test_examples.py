"""The commands of README and docs: all are ones that there are, and those marked as runnable run, page by page."""

import re
import shlex
from pathlib import Path

import pytest
import rich_click as click

from facemotion.errors import ConfigError
from facemotion_cli.root import main

ROOT = Path(__file__).parents[3]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
RUNNABLE = re.compile(r"<!-- run -->\n```console\n(.*?)```", re.DOTALL)


def commands(page: Path) -> list[list[str]]:
    """Return the command lines of a page: in blocks, and those in running text that begin with the tool's name."""
    text = page.read_text(encoding="utf-8")
    lines = [line.strip() for line in text.splitlines() if re.match(r"(    |)facemotion ", line)]
    lines += [line.replace("\n", " ") for line in re.findall(r"`(facemotion [a-z][^`]*)`", text)]
    found = [shlex.split(line, comments=True)[1:] for line in lines]
    return [words for words in found if words and words[0] in main.list_commands(click.Context(main))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_have_the_options_that_they_are_shown_with(page):
    for words in commands(page):
        try:
            context = main.make_context("facemotion", list(words))
            name, command, rest = main.resolve_command(context, list(words))
            while rest and command is not None:
                inner = command.make_context(name, rest, parent=context)
                rest = [*inner._protected_args, *inner.args] if hasattr(inner, "_protected_args") else inner.args
                if not rest or not isinstance(inner.command, click.Group):
                    break
                name, command, rest = inner.command.resolve_command(inner, rest)
        except (click.MissingParameter, click.BadOptionUsage, ConfigError):
            pass  # a part of a command, in running text; a file of the reader's own
        except click.exceptions.Exit:
            pass  # --help


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if RUNNABLE.search(page.read_text(encoding="utf-8"))],
    ids=lambda page: page.name,
)
def test_runnable_blocks_run_in_order(page, run, rendered, monkeypatch):
    monkeypatch.setenv("FACEMOTION_CKPLUS_ROOT", str(rendered))
    for block in RUNNABLE.findall(page.read_text(encoding="utf-8")):
        for line in block.splitlines():
            words = shlex.split(line, comments=True)
            assert words[0] == "facemotion"
            run(*words[1:])


def test_links_between_pages_lead_somewhere():
    broken = []
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert broken == []


def test_every_page_is_in_the_navigation():
    listed = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = [page.relative_to(ROOT / "docs").as_posix() for page in PAGES if page.name != "README.md"]
    assert [name for name in pages if f" {name}\n" not in listed] == []
