"""The stage ``evaluate``: a run's models -> their scores on another dataset."""

from collections import Counter
from pathlib import Path
from typing import Any

from facemotion import datasets
from facemotion.errors import FacemotionError
from facemotion.pipeline.alignment import align
from facemotion.pipeline.context import Context, current, header_of
from facemotion.runs import Run, RunConfig
from facemotion.workspace import digest_file, digest_json, provenance, read_json

__all__ = ["evaluate", "picture_digests"]


def evaluate(context: Context, run: str, dataset: str, *, root: Path | None = None, device: str | None = None) -> Path:
    """Score a run's models on another dataset; say the table; return the folder of the results.

    ``RUN/evaluations/DATASET/`` gets ``predictions.parquet`` and ``metrics.json``; the policy is that of
    `facemotion.runs.cross_dataset`.

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
    from facemotion.evaluation.metrics import summarise
    from facemotion.evaluation.table import results_table
    from facemotion.runs import cross_dataset
    from facemotion.training.data import load_training_data
    from facemotion.training.device import choose_device

    datasets.load(dataset)
    found = Run.find(context.workspace, run)
    config, bank, trainings = found.config, found.bank, found.finished()
    cross_dataset.check_unseen(dataset, config, bank, trainings)
    chosen = choose_device(device)
    _aligned(context, dataset, root, config)
    place = context.workspace.dataset(dataset)
    seen = {name: picture_digests(context, name) for name in {config.dataset, *bank.meta.sources}}
    cross_dataset.check_unseen(dataset, config, bank, trainings, digests=picture_digests(context, dataset), known=seen)
    own = read_json(place / "ingest.json")["classes"]
    common = cross_dataset.common_classes(config.classes, own)
    whole = load_training_data(place, own)
    left_out = Counter(own[whole.labels[row]] for row in cross_dataset.tested(whole))
    models = {str(training): digest_file(training.weights) for training in trainings}
    header = provenance(
        "evaluate",
        settings=cross_dataset.POLICY,
        inputs={"faces": digest_file(place / "faces.parquet"), "models": digest_json(models)},
    )
    out = found.evaluation_folder(dataset)
    try:
        content = found.evaluation(dataset)
    except FacemotionError:  # there is none, or it is damaged: it is made again
        content = {}
    if not context.force and current(content.get("provenance", {}), header, named=True):
        context.say(f"{found.name}: evaluation on {dataset} is up to date ({out})")
    else:
        data = load_training_data(place, common)
        table, outside = cross_dataset.score_run(config, trainings, data, chosen, progress=context.progress)
        content = {
            "provenance": header,
            "dataset": dataset,
            "trained_on": config.dataset,
            "models": len(trainings),
            "policy": cross_dataset.POLICY,
            "left_out": {name: left_out[name] for name in own if name not in common and left_out[name]},
            "not_in_dataset": [name for name in config.classes if name not in common],
            "answers_outside": outside,
            **summarise(table, common, every_fold=True),
        }
        found.write_evaluation(dataset, table, content)
        context.say(f"{found.name}: {len(trainings)} models trained on {config.dataset}, scored on {dataset} ({out})")
    context.say(results_table(content, dataset, every_fold=True))
    for line in _remarks(content):
        context.say(line)
    return out


def _aligned(context: Context, dataset: str, root: Path | None, config: RunConfig) -> None:
    """Bring a dataset's crops up to date, made as the run's were where there are none yet."""
    done = header_of(context.workspace.dataset(dataset) / "faces.parquet")
    if done or not config.alignment.settings:
        align(context.needed(), dataset, root=root, named=False)
        return
    settings = config.align_settings()
    lists = settings.landmarks.model_copy(update={"table": None})  # a table is of one dataset
    align(context.needed(), dataset, root=root, settings=settings.model_copy(update={"landmarks": lists}))


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
