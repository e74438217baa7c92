"""Where the command line begins; it imports nothing that takes time."""

from facemotion_cli.interrupts import end, importing

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    try:
        with importing():
            from facemotion_cli.root import main as command
        command()
    except KeyboardInterrupt:  # between two places that handle it
        end()


if __name__ == "__main__":
    main()
