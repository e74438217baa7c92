"""Prediction and export: what a trained model says of new pictures, and carrying it to other software."""

from pathlib import Path
from typing import Any

from facemotion.errors import ConfigError
from facemotion.pipeline.context import Context
from facemotion.runs import Run
from facemotion.workspace import atomic_path, write_json

__all__ = ["export", "predict"]


def predict(
    context: Context,
    run: str,
    path: Path,
    *,
    output: Path = Path("predictions"),
    every: int = 1,
    masks: bool = False,
    variant: str | None = None,
    fold: int | None = None,
    seed: int | None = None,
    model_pack: Path | None = None,
    device: str = "cpu",
) -> dict[str, Any]:
    """Say which expressions a picture, a video or a folder shows; return the content of ``predictions.json``.

    Parameters
    ----------
    context : Context
        The run.
    run : str
        A training run, by its name in the workspace or its folder, or a file that `export` wrote; torch is not
        imported for such a file.
    path : Path
        A picture, a video or a folder.
    output : Path
        The folder to write: ``predictions.json`` and ``predictions.png``.
    every : int
        Of videos, take one frame in so many.
    masks : bool
        Write ``masks.npz`` too: the masks of all faces, uint8, in the order of the rows with status ``ok``.
    variant, fold, seed : optional
        Which training of the run; the first by default.
    model_pack : Path, optional
        For models whose faces were located with insightface.
    device : str
        Where the network computes: ``cpu`` or ``cuda``. Faces are located on the CPU.

    Raises
    ------
    ConfigError, WorkspaceError
        If the run or the path is not what it should be.
    """
    from facemotion.inference import predictor
    from facemotion.inference.opening import open_model

    model, name = open_model(context.workspace, run, variant=variant, fold=fold, seed=seed, device=device)
    card = model.card
    if masks and not card.has_mask:
        raise ConfigError(f"the variant {card.variant} makes no masks: leave out --masks")
    context.say(f"{name}: {card.variant}, fold {card.fold}, seed {card.seed}, trained on {card.dataset}")
    if card.alignment.landmarks.source == "precomputed":
        context.say("  its faces were located by a table of landmarks; these are located by mtcnn")
    source = predictor.landmark_source(card.alignment, model_pack=model_pack)
    chosen = {"every": every, "follow_links": bool(context.follow_links)}
    found = predictor.predict(model, path, source, **chosen, progress=context.progress)
    content = {"model": {"name": name, **card.as_json()}, "rows": found.rows}
    write_json(output / "predictions.json", content)
    for name in ("predictions.png", "masks.npz"):  # of an earlier prediction: they would belong to other rows
        (output / name).unlink(missing_ok=True)
    if found.crops:
        from facemotion.inference import picture

        picture.draw(found, output / "predictions.png", window=card.window)
    if masks and found.masks:
        _write_masks(output / "masks.npz", found.masks)
    _tell(context, found.rows, output, pictured=bool(found.crops))
    for note in found.notes:
        context.say(f"  {note}")
    return content


def _write_masks(path: Path, masks: list) -> None:
    import numpy as np

    values = np.rint(np.clip(np.stack(masks), 0, 1) * 255).astype(np.uint8)
    with atomic_path(path) as temporary:
        np.savez_compressed(temporary, masks=values)


def _tell(context: Context, rows: list[dict[str, Any]], output: Path, *, pictured: bool) -> None:
    """Say what was found, in a line a row while they are few."""
    if len(rows) <= 20:
        for row in rows:
            where = f"{row['source']}, frame {row['frame']}" if row["frame"] else row["source"]
            if row["status"] == "ok":
                context.say(f"  {where}: {row['expression']} ({row['probabilities'][row['expression']]:.0%})")
            else:
                context.say(f"  {where}: {row['status']}, {row['message']}")
    good = sum(row["status"] == "ok" for row in rows)
    files = "predictions.json and predictions.png" if pictured else "predictions.json"
    context.say(f"{good} of {len(rows)} frames have a face; {files} in {output}")


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
    context, run, variant, fold, seed
        As for `predict`; a run.
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
    worst = onnx.export(TorchModel.load(found, training), output)
    size = output.stat().st_size / 1e6
    context.say(f"{found.name}: {training} in {output} ({size:.1f} MB); differs from torch by at most {worst:.1g}")
    return output
