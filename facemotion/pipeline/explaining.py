"""``explain``: where a run's network looks at its test faces, against the prior; a table and a picture."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facemotion.errors import WorkspaceError
from facemotion.pipeline.context import Context
from facemotion.pipeline.fitting import alignment_for
from facemotion.pipeline.ingestion import selection_for
from facemotion.pipeline.training import training_inputs
from facemotion.runs import Run
from facemotion.workspace import write_json

__all__ = ["ExplainRequest", "explain"]


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
    import numpy as np

    from facemotion.inference import explain as looking
    from facemotion.inference import explain_picture
    from facemotion.models import variants
    from facemotion.priors.controls import apply_control
    from facemotion.runs.trained import load_trained
    from facemotion.training.data import prior_for

    found = Run.find(context.workspace, request.run)
    training, config = found.training(variant=request.variant, fold=request.fold, seed=request.seed), found.config
    if context.dry:
        context.plan(f"{found.name}, {training}", "explain", "it is always done anew", training.explained)
        return {}
    selection = selection_for(context, config.dataset, manifest_digest=config.made_from.get("manifest"))
    settings = config.alignment.settings or {}
    place = alignment_for(context, selection, config.alignment_id, settings=settings, root=request.root)
    data, folds, _ = training_inputs(context.needed(), place, request.root)
    trained, scored = load_trained(training), training.predictions()
    tested = np.flatnonzero(np.isin(data.sample_ids, scored["sample_id"].to_numpy(str)))
    if len(tested) != len(scored) or data.classes != trained.classes:
        message = (
            f"{len(scored) - len(tested)} test faces of {found.name} are no longer in {place}, or its classes are "
            "others: the dataset has changed since; train again"
        )
        raise WorkspaceError(message)
    control = variants.parted(training.variant)[1]
    bank = apply_control(found.bank, control) if control else found.bank
    chosen = np.concatenate(
        [_spread(tested[data.labels[tested] == label], request.faces) for label in range(len(data.classes))]
    )
    shown = looking.explain(
        trained,
        data.crops[data.rows[chosen]],
        data.labels[chosen],
        prior_for(data, bank, folds, training.fold),
        stage=request.stage,
        method="gradient" if request.method == "gradient" else "mean",
        device=request.device,
    )
    own = {"run": found.name, "variant": training.variant, "fold": training.fold, "seed": training.seed}
    content = {**own, "dataset": config.dataset, **shown.content}
    write_json(training.explained, content)
    explain_picture.draw(shown, training.explained.with_suffix(".png"))
    context.say(f"{found.name}: {training}, {len(chosen)} test faces, stage {content['stage']}, {request.method}")
    for line in _lines(content):
        context.say(f"  {line}")
    context.say(f"{training.explained} and {training.explained.with_suffix('.png').name}")
    return content


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
