"""Which alignment of a dataset fits a prior or a run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from facemotion.alignment.settings import AlignSettings
from facemotion.landmarks.settings import landmark_settings
from facemotion.pipeline.alignment import Align, by_default
from facemotion.pipeline.context import Context
from facemotion.pipeline.stage import bring
from facemotion.places import Alignment, Selection, named

__all__ = ["alignment_for"]


def alignment_for(
    context: Context,
    selection: Selection,
    wanted: str,
    *,
    settings: Mapping[str, Any],
    name: str | None = None,
    root: Path | None = None,
) -> Alignment:
    """Return the alignment of a selection that fits a prior or a run; where there is none at all, make one that does.

    Parameters
    ----------
    context : Context
        The command.
    selection : Selection
        What is to be aligned.
    wanted : str
        The alignment id of the prior or the run.
    settings : mapping
        The `AlignSettings` that the id stands for; empty where they are not known.
    name : str, optional
        The name of an alignment, which is then returned whether or not it fits.
    root : Path, optional
        What the user gave with ``--root``.

    Raises
    ------
    ConfigError
        If there is none of that name.
    """
    if name is not None:
        return named(Alignment(selection), name)
    found = Alignment(selection).beside()
    for place in found:
        if place.header.get("alignment") == wanted:
            return place
    first = Alignment(selection)
    if not found and settings:
        given = AlignSettings.model_validate(settings)
        own = landmark_settings(by_default(selection).get("landmarks"))
        used = own if by_default(selection) else given.landmarks.for_another_dataset()
        chosen = given.model_copy(update={"landmarks": used})
        bring(context.needed(), Align(first, root, chosen), chosen)
    return first
