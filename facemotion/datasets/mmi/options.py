"""What can be chosen of MMI."""

import pydantic

from facemotion.config import FileSetting, Settings

__all__ = ["Options"]


class Options(Settings):
    """What can be chosen of MMI."""

    model_config = pydantic.ConfigDict(use_attribute_docstrings=True)

    labels: FileSetting | None = pydantic.Field(default=None, json_schema_extra={"metavar": "CSV"})
    """Columns sequence and expression, for extracted frames or clips without XML."""
    sides: FileSetting | None = pydantic.Field(default=None, json_schema_extra={"metavar": "CSV"})
    """Columns name (a subject or sequence) and side (left or right): the frontal half of dual-view clips."""
