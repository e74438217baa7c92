"""The stage ``evaluate``: a run's models -> their scores on another dataset."""

from collections import Counter
from pathlib import Path
from typing import Any

from facemotion import datasets
from facemotion.alignment.settings import AlignSettings
from facemotion.errors import ConfigError, FacemotionError
from facemotion.pipeline.alignment import align
from facemotion.pipeline.context import Context, current, header_of
from facemotion.workspace import digest_file, digest_json, provenance, read_json, write_json

__all__ = ["evaluate", "picture_digests", "run_folder"]


def run_folder(context: Context, run: str) -> Path:
    """Return the folder of a training run: a name in the workspace, or a folder.

    Raises
    ------
    ConfigError
        If there is no such run.
    """
    folder = Path(run) if (Path(run) / "config.json").is_file() else context.workspace.run(Path(run).name)
    if not (folder / "config.json").is_file():
        found = sorted(path.parent.name for path in (context.workspace.root / "runs").glob("*/config.json"))
        advice = f"there are {', '.join(found)}" if found else "train one first"
        raise ConfigError(
            f"{run} is not a training run in {context.workspace.root / 'runs'} and not a folder: {advice}"
        )
    return folder


def evaluate(context: Context, run: str, dataset: str, *, root: Path | None = None, device: str | None = None) -> Path:
    """Score a run's models on another dataset; say the table; return the folder of the results.

    ``RUN/evaluations/DATASET/`` gets ``predictions.parquet`` and ``metrics.json``; the policy is that of
    `facemotion.training.cross_dataset`.

    Parameters
    ----------
    context, root
        As for `facemotion.pipeline.ingest`.
    run : str
        A run's name, or its folder.
    dataset : str
        The dataset; it is aligned as the run's was, if it is not aligned yet.
    device : str, optional
        A torch device.

    Raises
    ------
    LeakageError
        If the models or their prior have seen the dataset.
    AlignmentError
        If the dataset is aligned in another way.
    FacemotionError
        If the run or the dataset is not there or not usable.
    """
    from facemotion.evaluation import predictions as tables
    from facemotion.evaluation.metrics import summarise
    from facemotion.evaluation.remarks import remarks
    from facemotion.evaluation.synthetic import is_synthetic
    from facemotion.evaluation.table import results_table
    from facemotion.priors.bank import PriorBank
    from facemotion.training import cross_dataset
    from facemotion.training.data import load_training_data
    from facemotion.training.device import choose_device
    from facemotion.training.finished import finished_cells

    datasets.load(dataset)
    folder = run_folder(context, run)
    config = read_json(folder / "config.json")
    bank = PriorBank.load(folder / "prior.npz")
    cells = finished_cells(folder, config)
    cross_dataset.check_unseen(dataset, config, bank, cells)
    chosen = choose_device(device)
    _aligned(context, dataset, root, config)
    place = context.workspace.dataset(dataset)
    seen = {name: picture_digests(context, name) for name in {config["dataset"], *bank.meta.sources}}
    cross_dataset.check_unseen(dataset, config, bank, cells, digests=picture_digests(context, dataset), known=seen)
    ingest = read_json(place / "ingest.json")
    own = ingest["classes"]
    common = cross_dataset.common_classes(config["classes"], own)
    whole = load_training_data(place, own)
    left_out = Counter(own[whole.labels[row]] for row in cross_dataset.tested(whole))
    models = {str(cell): digest_file(cell.folder(folder) / "model.safetensors") for cell in cells}
    header = provenance(
        "evaluate",
        settings=cross_dataset.POLICY,
        inputs={"faces": digest_file(place / "faces.parquet"), "models": digest_json(models)},
    )
    out = folder / "evaluations" / dataset
    content: dict[str, Any] = {}
    if not context.force and current(header_of(out / "metrics.json"), header, named=True):
        content = read_json(out / "metrics.json") if (out / "predictions.parquet").is_file() else {}
    if content:
        context.say(f"{folder.name}: evaluation on {dataset} is up to date ({out})")
    else:
        data = load_training_data(place, common)
        table, outside = cross_dataset.score_run(folder, config, cells, data, chosen, progress=context.progress)
        content = {
            "provenance": header,
            "dataset": dataset,
            "trained_on": config["dataset"],
            "models": len(cells),
            "policy": cross_dataset.POLICY,
            "left_out": {name: left_out[name] for name in own if name not in common and left_out[name]},
            "not_in_dataset": [name for name in config["classes"] if name not in common],
            "answers_outside": outside,
            **summarise(table, common, every_fold=True),
        }
        tables.write(out / "predictions.parquet", table, header=header, every_fold=True)
        write_json(out / "metrics.json", content)
        context.say(f"{folder.name}: {len(cells)} models trained on {config['dataset']}, scored on {dataset} ({out})")
    context.say(results_table(content, dataset, every_fold=True, synthetic=is_synthetic(dataset, ingest)))
    scored, _ = tables.read(out / "predictions.parquet", every_fold=True)
    for line in [*remarks(content, scored), *_remarks(content)]:
        context.say(line)
    return out


def _aligned(context: Context, dataset: str, root: Path | None, config: dict[str, Any]) -> None:
    """Bring a dataset's crops up to date, made as the run's were where there are none yet."""
    kept = config.get("alignment", {}).get("settings")
    done = header_of(context.workspace.dataset(dataset) / "faces.parquet")
    if done or not kept:
        align(context.needed(), dataset, root=root, named=False)
        return
    settings = AlignSettings.model_validate(kept)
    chosen = settings.landmarks.for_another_dataset()
    align(context.needed(), dataset, root=root, settings=settings.model_copy(update={"landmarks": chosen}))


def picture_digests(context: Context, dataset: str) -> list[str]:
    """Return the SHA-256 of a dataset's pictures, as far as it is at hand."""
    from facemotion.alignment.store import read_faces

    try:
        return read_faces(context.workspace.dataset(dataset))[0]["sha256"].tolist()
    except FacemotionError:
        return []


def _remarks(content: dict[str, Any]) -> list[str]:
    lines = [f"classes in common: {', '.join(content['classes'])}"]
    if content["left_out"]:
        lost = ", ".join(f"{name} {number}" for name, number in content["left_out"].items())
        lines.append(f"left out, as the models do not know them: {lost}")
    if content["not_in_dataset"]:
        shares = ", ".join(f"{name} {100 * share:.1f} %" for name, share in content["answers_outside"].items())
        lost = ", ".join(content["not_in_dataset"])
        lines.append(f"not in {content['dataset']}: {lost}; such an answer was the most probable for {shares} of faces")
    return lines
