"""The root command: finds commands by module name and imports one only when it is run or its help is asked for."""

import importlib
from typing import Any

import rich_click as click
from click.shell_completion import CompletionItem

import facemotion
from facemotion.errors import FacemotionError
from facemotion.names import near, printable
from facemotion_cli import interrupts, terminal

__all__ = ["main", "with_common_options"]

_DEBUG = "facemotion.debug"

COMMANDS = {
    "demo": "Render synthetic faces and run everything on them; ends in a report.",
    "datasets": "List the datasets, and say where they lie.",
    "ingest": "Find a dataset's frames and labels and select the paper's.",
    "align": "Locate faces and write aligned faces and crops.",
    "view": "Show frames, aligned faces or crops on contact sheets: of one status, subject or class.",
    "folds": "Deal subjects into person-independent folds.",
    "build-priors": "Build mask priors (Eq. 1 of the paper) from a dataset with neutral faces.",
    "priors": "Show, transfer, merge, compare and import prior banks.",
    "train": "Train FMPN, or a baseline, with priors.",
    "runs": "List the training runs: state, figures and places.",
    "report": "Write one HTML page about training runs.",
    "evaluate": "Score a run's models on another dataset.",
    "predict": "Say which expression a picture, a video or a folder shows.",
    "explain": "Say where a run's network looks, and how that agrees with the prior.",
    "export": "Write a trained model as one ONNX file.",
    "export-crops": "Write faces, labels and folds for other people's trainers.",
    "manifest": "Share which frames were selected, and check such a list.",
    "verify": "Check that a workspace's artefacts are whole and belong together.",
    "doctor": "Check libraries, devices, weights and folders, and tell how to repair what is wrong.",
}
"""Name and one-line help of every command, so that ``--help`` imports none of them."""


class LazyCommand(click.RichCommand):
    """Stands for a command until it is run; then its module is imported and takes over."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Import the real command and make its context."""
        command = self._loaded()
        if parent is not None and "--json" in args and _takes_events(command, args):
            terminal.switch_to_events(parent)  # before parsing: errors in options are events too
        return command.make_context(info_name, args, parent=parent, **extra)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete as the real command does."""
        return self._loaded().shell_complete(ctx, incomplete)

    def _loaded(self) -> click.Command:
        with interrupts.importing():
            module = importlib.import_module(f"facemotion_cli.{str(self.name).replace('-', '_')}")
        return with_common_options(module.command)


def with_common_options(command: click.Command) -> click.Command:
    """Give a command, and those below it, ``--json`` and ``--debug`` where it has none of its own; return it."""
    taken = {spelling for parameter in command.params for spelling in parameter.opts}
    for option in (_json_option(), _debug_option()):
        if not taken & set(option.opts):
            command.params.append(option)
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        with_common_options(below)
    return command


def _json_option() -> click.Option:
    text = "Print one JSON object an event; the last has paths and figures."
    return click.RichOption(["--json"], is_flag=True, expose_value=False, help=text)


def _debug_option() -> click.Option:
    def note(ctx: click.Context, _: click.Parameter, value: bool) -> None:
        if value:
            ctx.meta[_DEBUG] = True

    text = "Show the whole traceback of an error."
    return click.RichOption(["--debug"], is_flag=True, is_eager=True, expose_value=False, callback=note, help=text)


def _takes_events(command: click.Command, args: list[str]) -> bool:
    """Whether ``--json`` among the arguments is the common one, and not the option of a list."""
    while isinstance(command, click.Group) and (below := next((a for a in args if a in command.commands), None)):
        command, args = command.commands[below], args[args.index(below) + 1 :]
    return any(option.opts == ["--json"] and not option.expose_value for option in command.params)


class LazyGroup(click.RichGroup):
    """A group whose commands are modules of this package."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line."""
        terminal.prepare()
        return super().main(*args, **kwargs)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which people need them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command that knows its line of help; None if there is no such command."""
        return LazyCommand(name=cmd_name, help=COMMANDS[cmd_name]) if cmd_name in COMMANDS else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for a misspelt one, name the near one."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            raise click.UsageError(f"No such command {printable(name)!r}{near(name, COMMANDS)}.", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; turn our own errors into one sentence and exit code 1."""
        try:
            result = super().invoke(ctx)
            terminal.end_events(str(ctx.invoked_subcommand))
            return result
        except FacemotionError as error:
            if ctx.meta.get(_DEBUG):
                raise
            text = printable(str(error), keep="\n")
            if terminal.as_events():
                terminal.emit("error", kind=type(error).__name__, text=text)
                ctx.exit(1)
            raise click.ClickException(text) from None
        except click.ClickException as error:
            if not terminal.as_events():
                raise
            terminal.emit("error", kind=type(error).__name__, text=printable(error.format_message(), keep="\n"))
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo(interrupts.STOPPED, err=True)
            ctx.exit(interrupts.INTERRUPTED)


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(facemotion.__version__, prog_name="facemotion")
def main() -> None:
    """Facial expression research: from a dataset as downloaded to aligned crops, mask priors and FMPN.

    Without any data: `facemotion demo`.
    """


main.params.append(_debug_option())
