"""Whether faces are aligned as those of a run; and pictures that are crops already, which nothing can align."""

from collections.abc import Mapping
from typing import Any

from facemotion.alignment.settings import AlignSettings
from facemotion.errors import AlignmentError
from facemotion.landmarks.settings import FOR_CROPS
from facemotion.runs.config import RunConfig

__all__ = ["check_alignment", "crops_as_given"]


def crops_as_given(dataset: str, settings: Mapping[str, Any], config: RunConfig) -> str:
    """Return whose pictures are crops taken as given, the dataset's or the run's; empty if both or neither are.

    Parameters
    ----------
    dataset : str
        What is to be scored.
    settings : mapping
        Its `facemotion.alignment.settings.AlignSettings`.
    config : RunConfig
        The run's settings and origin.
    """
    there, here = (_are_crops(each) for each in (settings, config.alignment.settings))
    return "" if there == here else dataset if there else config.dataset


def _are_crops(settings: Mapping[str, Any]) -> bool:
    try:
        return AlignSettings.model_validate(settings).landmarks.source == FOR_CROPS
    except ValueError:  # of another version, whose ids tell enough
        return False


def check_alignment(dataset: str, alignment: str, config: RunConfig, *, as_given: str = "") -> None:
    """Refuse faces, told by their alignment id, that are not aligned as those that the models were trained on.

    Parameters
    ----------
    dataset, alignment : str
        What is to be scored, and the id of its alignment.
    config : RunConfig
        The run's settings and origin.
    as_given : str
        See `crops_as_given`: where one of the two cannot be aligned, ids differ and nothing is refused.

    Raises
    ------
    AlignmentError
        If they are not.
    """
    if alignment != config.alignment_id and not as_given:
        message = (
            f"{dataset} was aligned in another way ({alignment}) than what the run was trained on "
            f"({config.alignment_id}); align it with the run's settings, which are in its config.json"
        )
        raise AlignmentError(message)
