"""The stage ``explain``: a training -> where its network looks at its test faces, against the prior; table and picture.

What it writes lies beside the training's weights and is of them: a report shows it, and makes it again when the
training was made again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pydantic

from facemotion.config import Settings
from facemotion.errors import FacemotionError, WorkspaceError
from facemotion.pipeline.alignment import Align
from facemotion.pipeline.context import Context
from facemotion.pipeline.fitting import alignment_for
from facemotion.pipeline.ingestion import selection_for
from facemotion.pipeline.stage import Stage, bring
from facemotion.pipeline.training import training_inputs
from facemotion.places import Alignment
from facemotion.runs import Run, Training
from facemotion.runs.synthetic import trained_on_synthetic
from facemotion.synthetic import marked, named
from facemotion.workspace import digest_file, read_json, write_json

__all__ = ["Explain", "ExplainRequest", "ExplainSettings", "explain", "refresh"]


class ExplainSettings(Settings):
    """How a network is looked at; see `facemotion.inference.explain.explain`."""

    stage: int | None = None
    method: Literal["mean", "gradient"] = "mean"
    faces: int = pydantic.Field(default=5, ge=1)
    """Test faces of each class that are looked at, evenly spread."""


@dataclass(frozen=True)
class Explain(Stage):
    """Looking at one training.

    Attributes
    ----------
    run : Run
    training : Training
        Finished, of that run.
    alignment : Alignment
        Where the faces are.
    root : Path or None
        What the user gave with ``--root``.
    device : str
        Where to compute.
    as_it_is : bool
        Take the faces as they are: a report aligns nothing.
    """

    run: Run
    training: Training
    alignment: Alignment
    root: Path | None = None
    device: str = "cpu"
    as_it_is: bool = False

    name = "explain"
    model = ExplainSettings

    @property
    def path(self) -> Path:
        """``explained.json``."""
        return self.training.explained

    @property
    def title(self) -> str:
        """The run and the training."""
        return f"{self.run.name}, {self.training}"

    @property
    def written(self) -> tuple[Path, ...]:
        """The picture."""
        return (self.path.with_suffix(".png"),)

    def needs(self, context: Context) -> Sequence[Stage]:
        """Return the alignment."""
        return [] if self.as_it_is else [Align(self.alignment, self.root)]

    def inputs(self, context: Context) -> Mapping[str, str]:
        """Return the digests of the faces, of the prior and of the weights."""
        paths = {"faces": self.alignment.faces, "model": self.training.weights, "prior": self.run.bank_path}
        try:
            return {name: digest_file(path) for name, path in paths.items()}
        except OSError as error:
            raise WorkspaceError(f"cannot read {error.filename}: {error.strerror}; a run is explained whole") from error

    def make(self, context: Context, settings: ExplainSettings, header: dict[str, Any]) -> None:
        """Look."""
        import numpy as np

        from facemotion.inference import explain as looking
        from facemotion.inference import explain_picture
        from facemotion.models import variants
        from facemotion.priors.controls import apply_control
        from facemotion.runs.trained import load_trained
        from facemotion.training.data import prior_for

        found, training = self.run, self.training
        data, folds, _ = training_inputs(context.needed(), self.alignment, self.root, as_they_are=self.as_it_is)
        trained, scored = load_trained(training), training.predictions()
        tested = np.flatnonzero(np.isin(data.sample_ids, scored["sample_id"].to_numpy(str)))
        if len(tested) != len(scored) or data.classes != trained.classes:
            message = (
                f"{len(scored) - len(tested)} test faces of {found.name} are no longer in {self.alignment}, or its "
                "classes are others: the dataset has changed since; train again"
            )
            raise WorkspaceError(message)
        control = variants.parted(training.variant)[1]
        bank = apply_control(found.bank, control) if control else found.bank
        chosen = np.concatenate(
            [_spread(tested[data.labels[tested] == label], settings.faces) for label in range(len(data.classes))]
        )
        shown = looking.explain(
            trained,
            data.crops[data.rows[chosen]],
            data.labels[chosen],
            prior_for(data, bank, folds, training.fold),
            stage=settings.stage,
            method=settings.method,
            device=self.device,
        )
        own = {"run": found.name, "variant": training.variant, "fold": training.fold, "seed": training.seed}
        samples = data.sample_ids[chosen].tolist()
        synthetic = trained_on_synthetic(found)
        title = named(f"{found.name}, {training}", synthetic)
        explain_picture.draw(shown, self.path.with_suffix(".png"), title=title)
        write_json(
            self.path,
            {
                "provenance": marked(header, synthetic),
                **own,
                "dataset": data.dataset,
                "samples": samples,
                **shown.content,
            },
        )


@dataclass(frozen=True, kw_only=True)
class ExplainRequest:
    """What is to be explained.

    Attributes
    ----------
    run : str
        A run's name, or its folder; its dataset is in the workspace.
    variant, fold, seed : optional
        Which training of the run; the first by default.
    stage, method
        See `facemotion.inference.explain.explain`.
    faces : int
        Test faces of each class that are looked at, evenly spread.
    device : str
        Where to compute.
    root : Path, optional
        What the user gave with ``--root``.
    """

    run: str
    variant: str | None = None
    fold: int | None = None
    seed: int | None = None
    stage: int | None = None
    method: str = "mean"
    faces: int = 5
    device: str = "cpu"
    root: Path | None = None


def explain(context: Context, request: ExplainRequest) -> dict[str, Any]:
    """Write ``explained.json`` and ``explained.png`` beside a training's weights; return the former's content.

    Parameters
    ----------
    context : Context
        The command.
    request : ExplainRequest
        What is to be explained.

    Raises
    ------
    FacemotionError
        If the run or its faces are not there or not usable.
    """
    found = Run.find(context.workspace, request.run)
    training, config = found.training(variant=request.variant, fold=request.fold, seed=request.seed), found.config
    selection = selection_for(context, config.dataset, manifest_digest=config.made_from.get("manifest"))
    settings = config.alignment.settings or {}
    place = alignment_for(context, selection, config.alignment_id, settings=settings, root=request.root)
    stage = Explain(found, training, place, request.root, request.device)
    method = "gradient" if request.method == "gradient" else "mean"
    bring(context, stage, ExplainSettings(stage=request.stage, method=method, faces=request.faces))
    if context.dry:
        return {}
    content = dict(read_json(stage.path))
    looked = f"{content['faces']} test faces, stage {content['stage']}, {content['method']}"
    name = named(found.name, trained_on_synthetic(found))
    context.say(f"{name}: {training}, {looked}")
    for line in _lines(content):
        context.say(f"  {line}")
    context.say(f"{stage.path} and {stage.path.with_suffix('.png').name}")
    return content


def refresh(context: Context, run: Run) -> None:
    """Make again what `explain` wrote in a run, where it is of other weights, faces or priors than are there now.

    Settings stay. What cannot be made again stays too, and is told; nothing is aligned or ingested for it.
    """
    try:
        trainings = [each for each in run.trainings if each.explained.is_file()]
        places = _places(context, run) if trainings else []
    except FacemotionError:  # the report says what is amiss with the run
        return
    for training in trainings:
        for place in places:
            stage = Explain(run, training, place, as_it_is=True)
            try:
                bring(context.needed(), stage)
            except FacemotionError as error:
                context.say(f"  {stage.path} cannot be made again: {error}")


def _places(context: Context, run: Run) -> list[Alignment]:
    """Return the alignment that a run was trained on, if it is there."""
    config = run.config
    selection = selection_for(context, config.dataset, manifest_digest=config.made_from.get("manifest"))
    return [each for each in Alignment(selection).beside() if each.header.get("alignment") == config.alignment_id][:1]


def _spread(positions: Any, number: int) -> Any:
    """Return so many of the positions, evenly spread."""
    most = min(number, len(positions))
    return positions[[place * len(positions) // most for place in range(most)]]


def _lines(content: dict[str, Any]) -> list[str]:
    width = max(map(len, (*content["classes"], "all")))
    rows = {**content["classes"], "all": content}
    lines = [f"{'':{width}}  cosine with its prior  with the others'"]
    for name, row in rows.items():
        own, others = ("-" if value is None else f"{value:.2f}" for value in (row["cosine"], row["cosine_others"]))
        lines.append(f"{name:{width}}  {own:>21}  {others:>16}")
    for name, areas in content["area"].items():
        lines.append(f"{name}: area " + ", ".join(f"{order} {value:.3f}" for order, value in areas.items()))
    return lines
