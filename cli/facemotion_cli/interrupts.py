"""What Ctrl-C does: it ends with one sentence, also while modules are imported.

While modules are imported, nothing is written yet, and what an import makes of an interruption is anybody's guess: the
process then ends at once.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["INTERRUPTED", "STOPPED", "end", "importing"]

STOPPED = "stopped; run the same command again to go on where it left off"
INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it: 128 and the number of the signal."""


@contextmanager
def importing() -> Iterator[None]:
    """Let Ctrl-C end the process while modules are imported in its main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def end(number: int = signal.SIGINT, frame: FrameType | None = None) -> None:
    """Say that it stopped, and end without going back into what was interrupted."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError, RuntimeError):
        pass
    os.write(2, f"{STOPPED}\n".encode("ascii"))
    os._exit(INTERRUPTED)
