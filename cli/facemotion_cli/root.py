"""The root command: finds commands by module name and imports one only when it is run or its help is asked for."""

import importlib
from typing import Any

import rich_click as click

import facemotion
from facemotion.errors import FacemotionError
from facemotion.names import printable
from facemotion_cli import start, terminal

__all__ = ["main"]

COMMANDS = {
    "demo": "Render synthetic faces and run everything on them; ends in a report.",
    "datasets": "List the datasets, and say where they lie.",
    "ingest": "Find a dataset's frames and labels and select the paper's.",
    "align": "Locate faces and write aligned faces and crops.",
    "folds": "Deal subjects into person-independent folds.",
    "build-priors": "Build mask priors (Eq. 1 of the paper) from a dataset with neutral faces.",
    "priors": "Show, transfer, merge, compare and import prior banks.",
    "train": "Train FMPN, or a baseline, with priors.",
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
        with start.importing():
            module = importlib.import_module(f"facemotion_cli.{str(self.name).replace('-', '_')}")
        return module.command.make_context(info_name, args, parent=parent, **extra)


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

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; turn our own errors into one sentence and exit code 1."""
        try:
            return super().invoke(ctx)
        except FacemotionError as error:
            if ctx.params.get("debug"):
                raise
            raise click.ClickException(printable(str(error), keep="\n")) from None
        except KeyboardInterrupt:
            click.echo(start.STOPPED, err=True)
            ctx.exit(start.INTERRUPTED)


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(facemotion.__version__, prog_name="facemotion")
@click.option("--debug", is_flag=True, help="Show the whole traceback of an error.")
def main(debug: bool) -> None:
    """Facial expression research: from a dataset as downloaded to aligned crops, mask priors and FMPN.

    Without any data: `facemotion demo`.
    """
