"""``explained.json`` of a training: where its network looks; its form, checked before anything is drawn from it.

What `facemotion.pipeline.explain` writes has this form; more keys than these are let through.
"""

from pathlib import Path
from typing import Annotated, Any, Self

import pydantic

from facemotion.errors import WorkspaceError
from facemotion.runs.records import read_record

__all__ = ["ORDERS", "ClassAttention", "Curves", "Explanation"]

ORDERS = ("attention", "prior", "random")
"""In whose order pixels are taken away or given back."""

Cosine = Annotated[float, pydantic.Field(ge=-1.001, le=1.001)]
Share = Annotated[float, pydantic.Field(ge=0, le=1)]
Probability = Annotated[float, pydantic.Field(ge=-0.001, le=1.001)]
Count = Annotated[int, pydantic.Field(ge=0, le=2**53)]
Name = Annotated[str, pydantic.Field(min_length=1, max_length=200)]
Row = Annotated[list[Share], pydantic.Field(min_length=1, max_length=256)]
Line = Annotated[list[Probability], pydantic.Field(min_length=2, max_length=1000)]


class _Form(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False, strict=True)


class ClassAttention(_Form):
    """Of one class."""

    faces: Count
    cosine: Cosine | None
    """Mean between attention and the class's prior; None without a prior or a face."""
    cosine_others: Cosine | None
    """Likewise, the mean over the other classes' priors."""
    attention: Annotated[list[Row], pydantic.Field(min_length=1, max_length=256)] | None = None
    """Where the network looks, the mean over the faces, rows from 0 to 1; None in files of early versions."""

    @pydantic.field_validator("attention")
    @classmethod
    def _even(cls, value: list[list[float]] | None) -> list[list[float]] | None:
        if value is not None and len(set(map(len, value))) != 1:
            raise ValueError("the rows of a map must be of one length")
        return value


class Curves(_Form):
    """The probability of the right answer by the share of pixels, in each of `ORDERS`."""

    share: Line
    deletion: dict[Name, Line]
    insertion: dict[Name, Line]

    @pydantic.model_validator(mode="after")
    def _fits(self) -> Self:
        for lines in (self.deletion, self.insertion):
            if set(lines) != set(ORDERS) or any(len(line) != len(self.share) for line in lines.values()):
                raise ValueError(f"a curve of the length of share is needed for each of {', '.join(ORDERS)}")
        return self


class Explanation(_Form):
    """What `facemotion explain` found out of one training; see `facemotion.inference.explain.explain`."""

    variant: Name
    fold: Count
    seed: Count
    stage: Count
    method: Name
    faces: Count
    classes: Annotated[dict[Name, ClassAttention], pydantic.Field(min_length=1, max_length=100)]
    cosine: Cosine | None
    cosine_others: Cosine | None
    curves: Curves
    area: dict[Name, dict[Name, Probability]]
    samples: list[Name] = []
    """The faces that were looked at, by ``sample_id``."""
    provenance: dict[str, Any] = {}

    @pydantic.model_validator(mode="after")
    def _fits(self) -> Self:
        if any(set(self.area.get(name, ())) != set(ORDERS) for name in ("deletion", "insertion")):
            raise ValueError(f"the area of deletion and insertion is needed for each of {', '.join(ORDERS)}")
        return self

    @property
    def model_digest(self) -> str:
        """Of the weights that were looked at; empty in files of early versions."""
        inputs = self.provenance.get("inputs")
        return str(inputs.get("model", "")) if isinstance(inputs, dict) else ""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read and check ``explained.json``.

        Raises
        ------
        WorkspaceError
            If it is missing, damaged or something else.
        """
        content = read_record(path)
        try:
            return cls.model_validate(content)
        except pydantic.ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "it"
            what = first["msg"].removeprefix("Value error, ")
            message = f"{path} does not say where a network looks: {where}: {what}; run `facemotion explain` again"
            raise WorkspaceError(message) from None
