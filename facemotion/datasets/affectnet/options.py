"""What can be chosen of AffectNet."""

from typing import Literal

import pydantic

from facemotion.config import FileSetting, Settings

__all__ = ["Options"]


class Options(Settings):
    """What can be chosen of AffectNet."""

    model_config = pydantic.ConfigDict(use_attribute_docstrings=True)

    label_space: Literal["basic7", "affectnet7", "affectnet8"] = "basic7"
    """The classes; basic7 is the paper's seven, contempt in and neutral out, affectnet7 everyone else's."""
    protocol: Literal["paper", "official"] = "paper"
    """The paper's even draw from the training list, or the dataset's own split."""
    faces: int = pydantic.Field(default=24530, ge=20)
    """Faces that the paper's protocol draws in all, evenly over the classes."""
    seed: int = pydantic.Field(default=0, ge=0, json_schema_extra={"option": "--draw-seed"})
    """Seed of the draw."""
    ids: tuple[FileSetting, FileSetting] | None = pydantic.Field(
        default=None, json_schema_extra={"metavar": "TRAIN TEST"}
    )
    """Lists of names for training and test, one 0689_<hash>.jpg a line; they replace the draw."""
