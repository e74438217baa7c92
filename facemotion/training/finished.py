"""The finished trainings of a run: all of them, and the choice of one."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from facemotion.errors import ConfigError, WorkspaceError
from facemotion.models import variants
from facemotion.training.cell import Cell, is_done

__all__ = ["choose_cell", "finished_cells"]


def finished_cells(run: Path, config: Mapping[str, Any]) -> list[Cell]:
    """Return the finished trainings of a run, by variant, fold and seed.

    Raises
    ------
    WorkspaceError
        If there is none.
    """
    cells = []
    for variant in variants.names():
        for path in (run / variant).glob("fold-*/seed-*"):
            fold, seed = path.parent.name.removeprefix("fold-"), path.name.removeprefix("seed-")
            if fold.isdigit() and seed.isdigit() and is_done(path, config["key"]):
                cells.append(Cell(variant, int(fold), int(seed)))
    if not cells:
        raise WorkspaceError(f"{run} holds no finished training; run `facemotion train` first")
    order = variants.names()
    return sorted(cells, key=lambda cell: (order.index(cell.variant), cell.fold, cell.seed))


def choose_cell(
    run: Path,
    config: Mapping[str, Any],
    *,
    variant: str | None = None,
    fold: int | None = None,
    seed: int | None = None,
) -> Cell:
    """Choose a finished training of a run: the first variant, fold and seed, or those that are named.

    Raises
    ------
    WorkspaceError
        If none is finished.
    ConfigError
        If there is no such training in it.
    """
    found = finished_cells(run, config)
    wanted = {"variant": variant, "fold": fold, "seed": seed}
    kept = [cell for cell in found if all(value in (None, getattr(cell, name)) for name, value in wanted.items())]
    if not kept:
        asked = ", ".join(f"{name} {value}" for name, value in wanted.items() if value is not None)
        raise ConfigError(f"{run.name} has no training with {asked}; it has {_content(found)}")
    return kept[0]


def _content(cells: Sequence[Cell]) -> str:
    """Say what a run has, briefly: a whole protocol is dozens of trainings."""
    parts = {
        name: list(dict.fromkeys(str(getattr(cell, name)) for cell in cells)) for name in ("variant", "fold", "seed")
    }
    if len(cells) == len(parts["variant"]) * len(parts["fold"]) * len(parts["seed"]):
        return "; ".join(f"{name} {' or '.join(values)}" for name, values in parts.items())
    return "; ".join(map(str, cells))
