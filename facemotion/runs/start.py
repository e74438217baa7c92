"""What a training begins with: another run's classifier, and whose faces that has seen."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from facemotion.errors import ConfigError, EnvironmentProblem, LeakageError
from facemotion.models import variants
from facemotion.models.weights import SUFFIXES, last_layer
from facemotion.runs.run import Run
from facemotion.runs.trained import load_trained
from facemotion.runs.training import Training
from facemotion.workspace import Workspace

__all__ = ["Start", "find_start"]


@dataclass(frozen=True)
class Start:
    """A training of another run, whose classifier is gone on with.

    Attributes
    ----------
    training : Training
    datasets : tuple of str
        Datasets whose faces had a part in its weights: its own, those that its prior was built from if that guided it,
        and those of what it began with itself.
    """

    training: Training
    datasets: tuple[str, ...]

    @property
    def weights(self) -> Path:
        """The file of its weights."""
        return self.training.weights

    def check_dataset(self, dataset: str) -> None:
        """Refuse to go on with a dataset whose faces it has seen: its test faces would be among them.

        Raises
        ------
        LeakageError
            If the dataset had a part in it.
        """
        if dataset in self.datasets:
            message = (
                f"{self.training.run.name} ({self.training}) was trained with faces of {dataset}, of which some would "
                "be tested now: begin with a run of other datasets"
            )
            raise LeakageError(message)

    @torch.no_grad()
    def answer_alike(self, classifier: nn.Module, classes: tuple[str, ...]) -> bool:
        """Give a classifier this training's last layer too, if its classes are the same; tell whether they are."""
        trained = load_trained(self.training)
        if trained.classes != classes:
            return False
        own = classifier.state_dict()
        kept = trained.network.classifier.state_dict()
        names = [name for name in own if name.startswith(last_layer(classifier))]
        for name in names:
            own[name].copy_(kept[name])
        return True


def find_start(workspace: Workspace, given: Path | str) -> Start | None:
    """Return the training that weights are of; None for a file of weights that is of none.

    Parameters
    ----------
    workspace : Workspace
        Where runs are looked for by name.
    given : Path or str
        A run's name or folder, of which the first finished training is taken; the folder of one of its trainings, or
        the file of its weights; or another file of weights.

    Raises
    ------
    EnvironmentProblem
        If it is neither.
    WorkspaceError
        If the run has no finished training.
    """
    path = Path(given).expanduser()
    training = Training.at(path.parent.resolve() if path.is_file() else path.resolve())
    if training is not None and training.weights.is_file():
        run = Run.open(training.run)
    elif path.is_file() or path.suffix.lower() in SUFFIXES:
        return None
    else:
        try:
            run = Run.find(workspace, given)
        except ConfigError as error:
            message = f"weights {given} are not a file of weights (.safetensors or .pth), and no run: {error}"
            raise EnvironmentProblem(message) from error
        training = run.finished()[0]
    return Start(training, _seen(run, training))


def _seen(run: Run, training: Training) -> tuple[str, ...]:
    """Return the datasets whose faces had a part in a training."""
    config = run.config
    guided = run.bank.meta.sources if variants.load(training.variant).uses_prior else ()
    return tuple(dict.fromkeys((config.dataset, *guided, *config.began_with.datasets)))
