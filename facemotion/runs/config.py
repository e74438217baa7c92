"""``config.json`` of a run: what was trained, how, and from which artefacts."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pydantic

from facemotion.alignment.settings import AlignSettings
from facemotion.errors import WorkspaceError
from facemotion.expressions import EXPRESSIONS, NEUTRAL
from facemotion.runs.records import read_record
from facemotion.synthetic import Amount, is_synthetic

if TYPE_CHECKING:
    from facemotion.training.settings import TrainSettings

__all__ = ["RunAlignment", "RunConfig", "RunPrior", "RunStart"]


class _Part(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class RunAlignment(_Part):
    """How the faces were aligned."""

    id: str = ""
    """The id that crops and priors carry; empty in runs of early versions."""
    settings: dict[str, Any] = {}
    """The `facemotion.alignment.settings.AlignSettings` that it stands for."""
    selection: str = "first"
    """Which of the dataset's selections, see `facemotion.places`."""
    name: str = "first"
    """Which of its alignments."""


class RunPrior(_Part):
    """What guided the trainings."""

    dataset: str = ""
    alignment: str = ""
    digest: str = ""
    synthetic: Amount | None = None
    """How much of its faces was rendered; None in runs of early versions."""


class RunStart(_Part):
    """The run whose classifier its trainings began with; see `facemotion.runs.start`."""

    run: str = ""
    training: str = ""
    datasets: tuple[str, ...] = ()
    """Whose faces that classifier has seen."""


class RunConfig(_Part):
    """The settings and the origin of a run.

    Fields that other versions write are kept in `content` and left alone.
    """

    dataset: str = pydantic.Field(pattern=r"^[A-Za-z0-9_+-][A-Za-z0-9._+-]{0,99}$")
    classes: tuple[str, ...]
    """In the order of the probabilities."""
    key: str = ""
    """Stands for settings and inputs; a training that has it belongs to this run."""
    settings: dict[str, Any]
    """The preset's, see `train_settings`."""
    alignment: RunAlignment = RunAlignment()
    prior: RunPrior = RunPrior()
    controls: dict[str, str] = {}
    """Digests of the banks whose masks guide its controls, by control."""
    began_with: RunStart = RunStart()
    made_from: dict[str, str] = {}
    """Digests of ``manifest``, ``faces`` and ``folds``: what the dataset was when it was trained on."""
    provenance: dict[str, Any] = {}
    content: dict[str, Any] = pydantic.Field(default={}, repr=False)
    """The whole file, as it is."""
    path: Path = pydantic.Field(default=Path("config.json"), repr=False)

    @property
    def alignment_id(self) -> str:
        """The id of the alignment of its faces, which is that of its prior; empty in runs of early versions."""
        return self.alignment.id or self.prior.alignment

    @property
    def synthetic(self) -> bool | None:
        """Whether its faces were rendered; None in runs of early versions, which do not say."""
        kept = self.provenance.get("synthetic")
        return kept if isinstance(kept, bool) else None

    def is_of_rendered(self, ask: Callable[[str], bool]) -> bool:
        """Tell whether its faces were rendered: as it says itself; of early versions, as `ask` says of its dataset."""
        return ask(self.dataset) if self.synthetic is None else is_synthetic(self.dataset, self.provenance)

    def origin_digests(self) -> dict[str, str]:
        """Return `made_from`; of runs of versions that did not keep it, what their header says."""
        inputs = self.provenance.get("inputs")
        faces = inputs.get("faces") if isinstance(inputs, dict) else None
        return {**({"faces": faces} if isinstance(faces, str) else {}), **self.made_from}

    @pydantic.field_validator("classes")
    @classmethod
    def _classes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [name for name in value if name not in (*EXPRESSIONS, NEUTRAL)]
        if wrong or not value or len(set(value)) != len(value):
            raise ValueError("classes must be distinct canonical expressions")
        return value

    @classmethod
    def read(cls, path: Path) -> "RunConfig":
        """Read and check a run's ``config.json``.

        Raises
        ------
        WorkspaceError
            If it is missing, damaged, or not that of a run.
        """
        content = read_record(path)
        try:
            return cls.model_validate({**content, "content": content, "path": path})
        except pydantic.ValidationError as error:
            raise WorkspaceError(f"{path} is not the config of a run: {_first(error)}; train again") from None

    def train_settings(self) -> "TrainSettings":
        """Return the settings of the trainings.

        Raises
        ------
        WorkspaceError
            If this version cannot read them.
        """
        from facemotion.training.settings import TrainSettings

        try:
            return TrainSettings.model_validate(self.settings)
        except pydantic.ValidationError as error:
            raise WorkspaceError(f"{self.path} has settings that cannot be read: {_first(error)}") from None

    def align_settings(self) -> AlignSettings:
        """Return how the faces were aligned.

        Raises
        ------
        WorkspaceError
            If the file does not say, or not in this version's words.
        """
        try:
            if not self.alignment.settings:
                raise ValueError
            return AlignSettings.model_validate(self.alignment.settings)
        except ValueError:
            message = f"{self.path} does not say how its faces were aligned; run `facemotion train` again"
            raise WorkspaceError(message) from None


def _first(error: pydantic.ValidationError) -> str:
    """Return the first thing that is wrong, briefly."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"]) or "it"
    return f"{where}: {first['msg'].removeprefix('Value error, ')}"
