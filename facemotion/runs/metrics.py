"""``metrics.json`` of a run or of an evaluation: its form, checked before anything is drawn from it.

What `facemotion.evaluation.metrics.summarise` gives has this form; more keys than these are let through.
"""

from pathlib import Path
from typing import Annotated, Any

import pydantic

from facemotion.errors import WorkspaceError
from facemotion.expressions import EXPRESSIONS, NEUTRAL
from facemotion.runs.records import read_record

__all__ = ["read_evaluation", "read_metrics"]

Share = Annotated[float, pydantic.Field(ge=0, le=1)]
Difference = Annotated[float, pydantic.Field(ge=-1, le=1)]
Count = Annotated[int, pydantic.Field(ge=0, le=2**53)]
Name = Annotated[str, pydantic.Field(min_length=1, max_length=200)]
Pair = Annotated[list[Difference], pydantic.Field(min_length=2, max_length=2)]


class _Form(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False, strict=True)


class _Accuracy(_Form):
    fold_mean: Share
    pooled: Share
    macro: Share


class _Interval(_Form):
    fold_mean: Pair | None
    pooled: Pair | None
    macro: Pair | None


class _Class(_Form):
    recall: Share | None
    precision: Share
    f1: Share | None
    support: Count


class _Fold(_Form):
    fold: Count
    images: Count
    accuracy: Share


class _Seed(_Form):
    seed: Count
    fold_mean: Share
    pooled: Share


class _Spread(_Form):
    folds: Share | None
    seeds: Share | None


class _Variant(_Form):
    images: Count
    subjects: Count
    accuracy: _Accuracy
    interval: _Interval
    per_class: dict[str, _Class]
    confusion: list[list[Count]]
    folds: list[_Fold]
    seeds: list[_Seed]
    spread: _Spread


class _Comparison(_Form):
    first: Name
    second: Name
    images: Count
    subjects: Count
    difference: Difference
    interval: Pair | None
    p_value: Share | None
    p_holm: Share | None = None
    seeds: Count = 0
    by_seed: list[Difference] = []
    detectable: Annotated[float, pydantic.Field(ge=0)] | None = None


class _Metrics(_Form):
    classes: Annotated[list[Name], pydantic.Field(min_length=1)]
    level: Share
    variants: Annotated[dict[Name, _Variant], pydantic.Field(min_length=1)]
    comparisons: list[_Comparison] = []

    @pydantic.model_validator(mode="after")
    def _fits(self) -> "_Metrics":
        if len(set(self.classes)) != len(self.classes) or not set(self.classes) <= {*EXPRESSIONS, NEUTRAL}:
            raise ValueError("classes must be distinct canonical expressions")
        for name, found in self.variants.items():
            if list(found.per_class) != self.classes:
                raise ValueError(f"per_class of {name} is not in the classes")
            if [len(row) for row in found.confusion] != [len(self.classes)] * len(self.classes):
                raise ValueError(f"confusion of {name} is not a square of the classes")
        return self


class _Scored(_Form):
    faces: Count
    of: Count
    split: bool


class _Evaluation(_Metrics):
    dataset: Name
    trained_on: Name
    scored: _Scored | None = None
    crops_as_given: str = ""
    left_out: dict[Name, Count] = {}
    not_in_dataset: list[Name] = []
    answers_outside: dict[Name, Share] = {}


def read_metrics(path: Path) -> dict[str, Any]:
    """Read ``metrics.json`` of a run; the form is checked.

    Raises
    ------
    WorkspaceError
        If it is missing, damaged or something else.
    """
    return _read(path, _Metrics, "train")


def read_evaluation(path: Path) -> dict[str, Any]:
    """Read ``metrics.json`` of an evaluation; the form is checked.

    Raises
    ------
    WorkspaceError
        If it is missing, damaged or something else.
    """
    return _read(path, _Evaluation, "evaluate")


def _read(path: Path, form: type[_Metrics], stage: str) -> dict[str, Any]:
    content = read_record(path)
    try:
        form.model_validate(content)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "it"
        what = first["msg"].removeprefix("Value error, ")
        message = f"{path} does not hold the figures of a run: {where}: {what}; run `facemotion {stage}` again"
        raise WorkspaceError(message) from None
    return content
