"""Prediction and export: what a trained model says of new pictures, and carrying it to other software."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facemotion.errors import ConfigError
from facemotion.names import printable
from facemotion.pipeline.context import Context
from facemotion.runs import Run
from facemotion.synthetic import Amount

if TYPE_CHECKING:
    from facemotion.inference.model import Card, Model

__all__ = ["PredictRequest", "Predicted", "export", "predict"]

_TOLD = 20
"""Rows that are said each."""


@dataclass(frozen=True, kw_only=True)
class PredictRequest:
    """What is to be looked at, with which model, and what is written.

    Attributes
    ----------
    run : str
        A training run, by its name in the workspace or its folder, or a file that `export` wrote; torch is not
        imported for such a file.
    path : Path
        A picture, a video or a folder.
    output : Path
        The folder to write, ``predictions.json`` and ``predictions.png``; or a ``.json`` file, with the others beside.
    every : int
        Of videos, take one frame in so many.
    csv : bool
        Write the rows as ``predictions.csv`` too.
    masks : bool
        Write ``masks.npz`` too: the masks of all faces, uint8, in the order of the rows with status ``ok``.
    ensemble : bool
        Take the mean of the run's folds, and of its seeds, instead of one training.
    variant, fold, seed : optional
        Which training of the run; the first by default.
    model_pack : Path, optional
        For models whose faces were located with insightface.
    device : str
        Where the network computes: ``cpu`` or ``cuda``. Faces are located on the CPU.
    """

    run: str
    path: Path
    output: Path = Path("predictions")
    every: int = 1
    csv: bool = False
    masks: bool = False
    ensemble: bool = False
    variant: str | None = None
    fold: int | None = None
    seed: int | None = None
    model_pack: Path | None = None
    device: str = "cpu"


@dataclass(frozen=True)
class Predicted:
    """What came out of a prediction.

    Attributes
    ----------
    table : Path
        The JSON file.
    frames, faces : int
        Its rows, and those of them with status ``ok``.
    shown : int
        Faces in the picture.
    written : dict of str to Path
        All files, by what they are: ``predictions``, ``picture``, ``csv``, ``masks``.
    synthetic : Amount
        How much of what was looked at was rendered.
    """

    table: Path
    frames: int
    faces: int
    shown: int
    written: dict[str, Path]
    synthetic: Amount = Amount.NONE


def predict(context: Context, request: PredictRequest) -> Predicted:
    """Say which expressions a picture, a video or a folder shows; write and tell them.

    Parameters
    ----------
    context : Context
        The command.
    request : PredictRequest
        What is to be looked at.

    Raises
    ------
    ConfigError, WorkspaceError
        If the run, the path or the output is not what it should be; nothing is written then.
    """
    from facemotion.inference import output, predictor, sources

    places = output.Places.of(request.output)
    follow = bool(context.follow_links)
    wanted = sources.find_sources(request.path, workspace=context.workspace.root, follow_links=follow)
    model, described = _model(context, request)
    card = model.card
    if request.masks and not card.has_mask:
        raise ConfigError(f"the variant {card.variant} makes no masks: leave out --masks")
    kept = card.alignment.landmarks
    if (used := kept.for_new_pictures().source) != kept.source:
        context.say(f"  its faces were located by {kept.source} landmarks; these are located by {used}")
    source = predictor.landmark_source(card.alignment, model_pack=request.model_pack)
    if context.dry:
        context.plan(str(request.path), "predict", "it is always done anew", places.table)
        return Predicted(places.table, 0, 0, 0, {})
    found = predictor.predict(model, wanted, source, every=request.every, progress=context.progress)
    rows: list[dict[str, Any]] = []
    counted: Counter[str] = Counter()
    kinds: dict[str, Any] = {"sheet": request.csv, "masks": request.masks, "synthetic": wanted.synthetic}
    with output.written(places, described, card.classes, **kinds) as writing:
        for each in found:
            writing.add(each)
            rows += [each.row] * (len(rows) <= _TOLD)
            counted["lying"] += bool(each.crop is not None and each.row["turned"])
    shown = 0
    if writing.kept:
        from facemotion.inference import picture

        title = {"faces": writing.faces, "note": _notice(card, wanted.synthetic)}
        shown = picture.draw(writing.kept, places.picture, window=card.window, **title)
    all_files = {
        "predictions": (places.table, True),
        "picture": (places.picture, bool(shown)),
        "csv": (places.csv, request.csv),
        "masks": (places.masks, bool(request.masks and writing.faces)),
    }
    files = {name: path for name, (path, made) in all_files.items() if made}
    result = Predicted(places.table, writing.frames, writing.faces, shown, files, wanted.synthetic)
    _tell(context, result, rows, lying=counted["lying"])
    *before, last = (path.name for path in files.values())
    named = f"{', '.join(before)} and {last}" if before else last
    context.say(f"{named} in {places.table.parent}")
    for note in wanted.notes:
        context.say(f"  {note}")
    return result


def _model(context: Context, request: PredictRequest) -> "tuple[Model, dict[str, Any]]":
    """Return the model, and what ``predictions.json`` says of it; say which it is."""
    from facemotion.inference.opening import open_ensemble, open_model

    common = {"variant": request.variant, "seed": request.seed, "device": request.device}
    if request.ensemble:
        if request.fold is not None:
            raise ConfigError(f"an ensemble is of all folds: leave out --fold {request.fold}, or --ensemble")
        model, name = open_ensemble(context.workspace, request.run, **common)
        card, members = model.card, list(model.members)
        number = "1 model" if len(members) == 1 else f"the mean of {len(members)} models"
        context.say(f"{name}: {card.variant}, {number}, trained on {card.trained_on}")
        return model, {"name": name, **card.as_json(), "fold": None, "seed": None, "ensemble": members}
    model, name = open_model(context.workspace, request.run, fold=request.fold, **common)
    card = model.card
    context.say(f"{name}: {card.variant}, fold {card.fold}, seed {card.seed}, trained on {card.trained_on}")
    return model, {"name": name, **card.as_json()}


def _notice(card: "Card", looked_at: Amount) -> str:
    """Return what a picture says of rendered faces: of those looked at, and of those that the model learned from."""
    said = [looked_at.words] if looked_at else []
    return "; ".join([*said, *([f"model trained on {card.trained_on}"] if card.knows_synthetic else [])])


def _tell(context: Context, result: Predicted, rows: list[dict[str, Any]], *, lying: int) -> None:
    """Say what was found, in a line a row while they are few."""
    for row in rows if len(rows) <= _TOLD else ():
        name = printable(row["source"])
        where = f"{name}, frame {row['frame']}" if row["frame"] else name
        if row["status"] == "ok":
            more = f"; {row['message']}" if row["message"] else ""
            context.say(f"  {where}: {row['expression']} ({row['probabilities'][row['expression']]:.0%}){more}")
        else:
            context.say(f"  {where}: {row['status']}, {row['message']}")
    picture = f"; the picture shows {result.shown} of them" if result.shown < result.faces else ""
    context.say(f"{result.faces} of {result.frames} frames have a face{picture}")
    if result.synthetic:
        context.say(f"  {result.synthetic.words}: the pictures were rendered")
    if lying:
        context.say(f"  {lying} of the faces lie; their rows say by how much the frame must be turned")


def export(
    context: Context,
    run: str,
    output: Path,
    *,
    variant: str | None = None,
    fold: int | None = None,
    seed: int | None = None,
) -> Path:
    """Write a training as one ONNX file, checked against torch; return its path.

    Parameters
    ----------
    context : Context
        The command.
    run : str
        A run, by its name in the workspace or its folder.
    variant, fold, seed : optional
        Which of its trainings; the first by default.
    output : Path
        The file.

    Raises
    ------
    ConfigError, WorkspaceError, EnvironmentProblem
        If the run is none, or it cannot be exported.
    """
    from facemotion.inference import onnx
    from facemotion.inference.torch_model import TorchModel

    if output.suffix != ".onnx":
        raise ConfigError(f"an exported model is a .onnx file, not {output.name!r}: give -o {output.stem}.onnx")
    found = Run.find(context.workspace, run)
    training = found.training(variant=variant, fold=fold, seed=seed)
    if context.dry:
        context.plan(f"{found.name}, {training}", "export", "it is always written anew", output)
        return output
    model = TorchModel.load(found, training)
    worst = onnx.export(model, output)
    size = output.stat().st_size / 1e6
    context.say(f"{found.name}: {training} in {output} ({size:.1f} MB); differs from torch by at most {worst:.1g}")
    context.say(f"  trained on {model.card.trained_on}")
    return output
