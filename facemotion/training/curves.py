"""The curves of a training for TensorBoard, where it is installed; they are in ``history.json`` in any case."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

__all__ = ["curves", "has_tensorboard"]

_WRITER = "_AsyncWriterThread"
"""The class of TensorBoard's threads."""


class Draw(Protocol):
    """A function that adds an epoch to the curves."""

    def __call__(self, record: Mapping[str, Any], /) -> None:
        """Take an epoch's record, as `facemotion.training.loop.fit` gives it."""
        ...


def has_tensorboard() -> bool:
    """Tell whether curves can be written for TensorBoard."""
    try:
        import torch.utils.tensorboard  # noqa: F401
    except ImportError:
        return False
    return True


@contextmanager
def curves(folder: Path | None) -> Iterator[Draw]:
    """Give a function that adds an epoch to the curves in a folder; without folder or TensorBoard it does nothing.

    A disk that is full ends the curves, not the training: what must be written is written elsewhere, and tells.
    """
    if folder is None or not has_tensorboard():
        yield lambda record: None
        return
    from torch.utils.tensorboard.writer import SummaryWriter

    _ignore_disk()
    try:
        for old in folder.glob("events.out.tfevents.*"):  # an interrupted training's: its epochs are drawn again
            old.unlink()
        writer = SummaryWriter(str(folder))
    except OSError:
        yield lambda record: None
        return
    names: Sequence[str] = ("mask_loss", "class_loss", "train_accuracy", "rate", "generator_rate")

    def draw(record: Mapping[str, Any]) -> None:
        with suppress(OSError):
            for name in names:
                if record[name] is not None:
                    writer.add_scalar(f"{record['phase']}/{name}", record[name], record["epoch"])

    try:
        yield draw
    finally:
        with suppress(OSError):
            writer.close()


def _ignore_disk() -> None:
    """Let the threads in which TensorBoard writes end without a traceback where the disk is to blame.

    They may end long after the curves, when the process does, so this is not taken back.
    """
    before = threading.excepthook
    if getattr(before, "ignores_disk", False):
        return

    def hook(arguments: Any) -> None:
        ours = type(arguments.thread).__name__ == _WRITER and isinstance(arguments.exc_value, OSError)
        if not ours:
            before(arguments)

    hook.ignores_disk = True  # type: ignore[attr-defined]
    threading.excepthook = hook
