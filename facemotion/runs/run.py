"""A run's folder: the only place that knows what lies where in it.

``RUN/config.json`` holds the settings and the origin, ``prior.npz`` the bank, ``predictions.parquet`` and
``metrics.json`` what came out of all trainings, ``VARIANT/fold-K/seed-S/`` one training each, see
`facemotion.runs.training`, and ``evaluations/DATASET/`` the scores on other datasets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facemotion.errors import ConfigError, WorkspaceError
from facemotion.names import near
from facemotion.runs.config import RunConfig
from facemotion.runs.metrics import read_evaluation, read_metrics
from facemotion.runs.training import Training
from facemotion.workspace import Workspace, write_json

if TYPE_CHECKING:
    import pandas as pd

    from facemotion.priors.bank import PriorBank

__all__ = ["Run"]

_CONFIG, _TABLE, _METRICS = "config.json", "predictions.parquet", "metrics.json"


@dataclass(frozen=True)
class Run:
    """A run, by its folder; what is asked for is read from there each time.

    Attributes
    ----------
    folder : Path
        Where it lies, or is going to: `open` and `find` give runs that are there.
    """

    folder: Path

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.resolve().name

    @classmethod
    def open(cls, path: Path | str) -> "Run":
        """Return the run that a folder holds.

        Raises
        ------
        ConfigError
            If the folder is none, or does not exist.
        """
        run = cls(Path(path).expanduser())
        if not run.exists:
            what = f"has neither {_CONFIG} nor {_TABLE}" if run.folder.is_dir() else "does not exist"
            raise ConfigError(f"{path} is not a training run: it {what}; give a run's folder, or train first")
        return run

    @classmethod
    def find(cls, workspace: Workspace, run: "Run | Path | str") -> "Run":
        """Return a run that is named, or given as a folder.

        A word without a separator is a run's name in the workspace, or else a folder here; anything with a separator
        is that folder and no other.

        Raises
        ------
        ConfigError
            If there is no such run, or the word means two different ones.
        """
        if isinstance(run, Run):
            return run
        text = str(run)
        here = cls(Path(text).expanduser())
        if any(mark in text for mark in "/\\~") or text in (".", ".."):
            return cls.open(here.folder)
        named = cls(workspace.run(text))
        if named.exists and here.exists and not named.folder.samefile(here.folder):
            message = f"{text} is a run of {workspace.root} and a folder here: write ./{text}, or {named.folder}"
            raise ConfigError(message)
        if not named.exists and not here.exists:
            known = [each.name for each in cls.all(workspace)]
            advice = f"there are {', '.join(known)}" if known else "train one first"
            place = f"in {workspace.root / 'runs'} and not the folder of one{near(text, known)}"
            raise ConfigError(f"{text} is not a training run {place}: {advice}")
        return named if named.exists else here

    @classmethod
    def all(cls, workspace: Workspace) -> "list[Run]":
        """Return the runs of a workspace, by name."""
        return [cls(path.parent) for path in sorted((workspace.root / "runs").glob(f"*/{_CONFIG}"))]

    @property
    def exists(self) -> bool:
        """Whether the folder holds a run, or what is left of one."""
        return any((self.folder / name).is_file() for name in (_CONFIG, _TABLE, _METRICS))

    @property
    def config_path(self) -> Path:
        """``config.json``."""
        return self.folder / _CONFIG

    @property
    def config(self) -> RunConfig:
        """Settings and origin; see `RunConfig.read` for what is raised."""
        return RunConfig.read(self.config_path)

    @property
    def bank_path(self) -> Path:
        """``prior.npz``."""
        return self.folder / "prior.npz"

    @property
    def bank(self) -> "PriorBank":
        """The prior that it was trained with; see `PriorBank.load` for what is raised."""
        from facemotion.priors.bank import PriorBank

        return PriorBank.load(self.bank_path)

    @property
    def predictions_path(self) -> Path:
        """``predictions.parquet``."""
        return self.folder / _TABLE

    @property
    def metrics_path(self) -> Path:
        """``metrics.json``."""
        return self.folder / _METRICS

    @property
    def predictions(self) -> "pd.DataFrame":
        """The predictions of all trainings; see `facemotion.evaluation.predictions.read`."""
        from facemotion.evaluation import predictions

        return predictions.read(self.predictions_path)[0]

    @property
    def metrics(self) -> dict[str, Any]:
        """What follows from the predictions; see `facemotion.evaluation.metrics.summarise`."""
        return read_metrics(self.metrics_path)

    @property
    def begun(self) -> tuple[Training, ...]:
        """All trainings, finished or not, by variant, fold and seed."""
        from facemotion.models.variants import ordered

        found = [training for path in self.folder.glob("*/fold-*/seed-*") if (training := Training.at(path))]
        order = ordered({training.variant for training in found})
        return tuple(sorted(found, key=lambda each: (order.index(each.variant), each.fold, each.seed)))

    @property
    def trainings(self) -> tuple[Training, ...]:
        """The finished trainings, by variant, fold and seed."""
        key = self.config.key
        return tuple(training for training in self.begun if training.is_finished(key))

    def finished(self) -> tuple[Training, ...]:
        """Return `trainings`, of which there must be one.

        Raises
        ------
        WorkspaceError
            If none is finished.
        """
        found = self.trainings
        if not found:
            raise WorkspaceError(f"{self.folder} holds no finished training; run `facemotion train` first")
        return found

    def training(self, *, variant: str | None = None, fold: int | None = None, seed: int | None = None) -> Training:
        """Choose a finished training: the first variant, fold and seed, or those that are named.

        Raises
        ------
        WorkspaceError
            If none is finished.
        ConfigError
            If there is no such training in it.
        """
        found = self.finished()
        wanted = {"variant": variant, "fold": fold, "seed": seed}
        kept = [each for each in found if all(value in (None, getattr(each, name)) for name, value in wanted.items())]
        if not kept:
            asked = ", ".join(f"{name} {value}" for name, value in wanted.items() if value is not None)
            like = near(variant, {each.variant for each in found}) if variant is not None else ""
            raise ConfigError(f"{self.name} has no training with {asked}{like}; it has {_content(found)}")
        return kept[0]

    def evaluation_folder(self, dataset: str) -> Path:
        """Return where the scores on another dataset lie."""
        return self.folder / "evaluations" / dataset

    def evaluation(self, dataset: str) -> dict[str, Any]:
        """Return the figures on another dataset.

        Raises
        ------
        WorkspaceError
            If there are none, or they are damaged or something else.
        """
        place = self.evaluation_folder(dataset)
        if not (place / _TABLE).is_file():
            raise WorkspaceError(f"{place} holds no {_TABLE}; run `facemotion evaluate {self.name}` again")
        return read_evaluation(place / _METRICS)

    @property
    def evaluated(self) -> tuple[str, ...]:
        """The other datasets that its models were scored on, by name."""
        return tuple(sorted(path.parent.name for path in self.folder.glob(f"evaluations/*/{_METRICS}")))

    def write_origin(self, config: Mapping[str, Any], bank: "PriorBank") -> None:
        """Write ``config.json`` and the prior, before the first training."""
        write_json(self.config_path, dict(config))
        bank.save(self.bank_path)

    def write_results(self, table: "pd.DataFrame", metrics: Mapping[str, Any], *, header: Mapping[str, Any]) -> None:
        """Write what came out of all trainings: predictions, then the metrics that follow from them."""
        from facemotion.evaluation import predictions

        predictions.write(self.predictions_path, table, header=header)
        write_json(self.metrics_path, dict(metrics))

    def write_evaluation(self, dataset: str, table: "pd.DataFrame", content: Mapping[str, Any]) -> None:
        """Write the scores on another dataset; `content` has their provenance header."""
        from facemotion.evaluation import predictions

        place = self.evaluation_folder(dataset)
        predictions.write(place / _TABLE, table, header=content["provenance"], every_fold=True)
        write_json(place / _METRICS, dict(content))


def _content(trainings: Sequence[Training]) -> str:
    """Say what a run has, briefly: a whole protocol is dozens of trainings."""
    parts = {
        name: list(dict.fromkeys(str(getattr(each, name)) for each in trainings))
        for name in ("variant", "fold", "seed")
    }
    if len(trainings) == len(parts["variant"]) * len(parts["fold"]) * len(parts["seed"]):
        return "; ".join(f"{name} {' or '.join(values)}" for name, values in parts.items())
    return "; ".join(map(str, trainings))
