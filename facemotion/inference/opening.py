"""A trained model by the name of its run, by the run's folder, or by the file that was exported from it."""

from pathlib import Path

from facemotion.errors import ConfigError
from facemotion.inference.ensemble import Ensemble
from facemotion.inference.model import Model
from facemotion.runs import Run
from facemotion.workspace import Workspace

__all__ = ["open_ensemble", "open_model"]


def open_model(
    workspace: Workspace,
    run: Run | Path | str,
    *,
    variant: str | None = None,
    fold: int | None = None,
    seed: int | None = None,
    device: str = "cpu",
) -> tuple[Model, str]:
    """Load a training of a run, or an exported file; return it and what it is called.

    Parameters
    ----------
    workspace : Workspace
        Where runs are looked for by name.
    run : Run, Path or str
        A run, its name or its folder; or a ``.onnx`` file, for which torch is not imported.
    variant, fold, seed : optional
        Which training of a run; the first by default.
    device : str
        Where to compute.

    Raises
    ------
    ConfigError, WorkspaceError
        If there is no such run or file, or it cannot be used.
    EnvironmentProblem
        If the device cannot be used.
    """
    chosen = {"variant": variant, "fold": fold, "seed": seed}
    if not isinstance(run, Run) and str(run).lower().endswith(".onnx"):
        from facemotion.inference.onnx_model import OnnxModel

        given = [f"--{name}" for name, value in chosen.items() if value is not None]
        if given:
            raise ConfigError(f"{run} holds one training: leave out {' and '.join(given)}")
        return OnnxModel(Path(run), device), Path(run).name
    from facemotion.inference.torch_model import TorchModel
    from facemotion.training.device import choose_device

    choose_device(device)  # one that cannot be used is said before anything is loaded
    found = Run.find(workspace, run)
    return TorchModel.load(found, found.training(variant=variant, fold=fold, seed=seed), device), found.name


def open_ensemble(
    workspace: Workspace,
    run: Run | Path | str,
    *,
    variant: str | None = None,
    seed: int | None = None,
    device: str = "cpu",
) -> tuple[Ensemble, str]:
    """Load the trainings of a run's folds as one model; return it and what it is called.

    Parameters
    ----------
    workspace, run, device
        As for `open_model`; a run.
    variant, seed : optional
        Which trainings: the first variant and all seeds by default.

    Raises
    ------
    ConfigError, WorkspaceError, EnvironmentProblem
        As for `open_model`.
    """
    if not isinstance(run, Run) and str(run).lower().endswith(".onnx"):
        raise ConfigError(f"{run} holds one training: leave out --ensemble")
    from facemotion.inference.torch_model import TorchModel
    from facemotion.training.device import choose_device

    choose_device(device)
    found = Run.find(workspace, run)
    first = found.training(variant=variant, seed=seed)
    chosen = [each for each in found.finished() if each.variant == first.variant and seed in (None, each.seed)]
    return Ensemble([TorchModel.load(found, each, device) for each in chosen], list(map(str, chosen))), found.name
