"""What can be chosen of a folder of pictures."""

from typing import Literal

import pydantic

from facemotion.config import Settings

__all__ = ["Options"]


class Options(Settings):
    """What can be chosen of a folder of pictures."""

    model_config = pydantic.ConfigDict(use_attribute_docstrings=True)

    label_map: dict[str, str] = pydantic.Field(default_factory=dict, json_schema_extra={"metavar": "FOLDER=NAME"})
    """The expression that a class folder shows; - leaves the folder out."""
    label_space: Literal["basic6", "basic7", "affectnet7", "affectnet8"] = "basic7"
    """The classes; without neutral among them, neutral pictures are the subjects' faces at rest, for priors."""
