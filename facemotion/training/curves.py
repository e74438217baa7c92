"""The curves of a training for TensorBoard, where it is installed; they are in ``history.json`` in any case."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

__all__ = ["curves", "has_tensorboard"]


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
    """Give a function that adds an epoch to the curves in a folder; without folder or TensorBoard it does nothing."""
    if folder is None or not has_tensorboard():
        yield lambda record: None
        return
    from torch.utils.tensorboard.writer import SummaryWriter

    for old in folder.glob("events.out.tfevents.*"):  # an interrupted training's: its epochs are drawn again
        old.unlink()
    names: Sequence[str] = ("mask_loss", "class_loss", "train_accuracy", "rate", "generator_rate")
    with SummaryWriter(str(folder)) as writer:

        def draw(record: Mapping[str, Any]) -> None:
            for name in names:
                if record[name] is not None:
                    writer.add_scalar(f"{record['phase']}/{name}", record[name], record["epoch"])

        yield draw
