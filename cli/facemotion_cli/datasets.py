"""``facemotion datasets``: list, set, unset."""

import json
import os
from pathlib import Path

import rich_click as click

from facemotion.workspace import Workspace
from facemotion_cli import completion
from facemotion_cli.terminal import done, say, shell_line

__all__ = ["command"]

PATH = click.Path(path_type=Path)  # not by way of the options, which cost time
dry_option = click.option("--dry-run", is_flag=True, help="Say what would be written and why; write nothing.")


@click.group("datasets", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@click.option("--work", type=PATH, help="Workspace of the demo [default: $FACEMOTION_WORK or ./facemotion-work].")
@click.pass_context
def command(called: click.Context, as_json: bool, work: Path | None) -> None:
    """List the datasets, their licences, where to ask for access, and which roots are configured and found."""
    from facemotion import catalogue

    if called.invoked_subcommand is not None:
        if as_json or work is not None:
            message = f"--json and --work are about the list; leave them out before {called.invoked_subcommand}"
            raise click.UsageError(message)
        return
    found = catalogue.entries(Workspace(work))
    if as_json:
        say(json.dumps([entry.as_json() for entry in found], indent=1, ensure_ascii=False))
    else:
        say(catalogue.as_text(found))


@command.command("set")
@click.argument("name", shell_complete=completion.datasets)
@click.argument("path", type=PATH)
@dry_option
def set_command(name: str, path: Path, dry_run: bool) -> None:
    """Name the folder PATH as the root of the dataset NAME, in facemotion.toml of the current folder."""
    from facemotion import catalogue
    from facemotion.roots import configured_root

    root = Path(os.path.abspath(path.expanduser()))
    file = catalogue.set_root(name, path, dry=dry_run)
    if dry_run:
        named = catalogue.named_root(name) == str(root)
        _planned(name, "set", "" if named else f"{file.name} does not name {root} for it", file)
        return
    say(f"{name}: root {root} in {file.name}")
    source = configured_root(name)[1]
    if source.startswith("$"):
        say(f"{source} is set too, and comes first")
    done(paths={"settings": file}, then=[f"{shell_line('ingest', '--dataset', name)}  says whether it is that dataset"])


@command.command("unset")
@click.argument("name", shell_complete=completion.datasets)
@dry_option
def unset_command(name: str, dry_run: bool) -> None:
    """Remove the root of the dataset NAME from facemotion.toml of the current folder."""
    from facemotion import catalogue

    file = catalogue.unset_root(name, dry=dry_run)
    if dry_run:
        _planned(name, "unset", f"{file.name} names a root for it", file)
        return
    say(f"{name}: root removed from {file.name}")
    done(paths={"settings": file}, then=[shell_line("datasets")])


def _planned(name: str, stage: str, reason: str, file: Path) -> None:
    """End a dry run that would write the settings file, unless there is no reason to."""
    from facemotion_cli import endings
    from facemotion_cli.options import make_context

    context = make_context(None, dry=True)
    if reason:
        context.plan(name, stage, reason, file)
    endings.planned(context, nothing=f"nothing would be written: {file.name} says so already")
