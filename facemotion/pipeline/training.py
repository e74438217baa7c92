"""The stage ``train``: crops, folds and a prior bank -> a run of trained and scored models."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from facemotion import datasets
from facemotion.pipeline.alignment import Align
from facemotion.pipeline.context import Context
from facemotion.pipeline.fitting import alignment_for
from facemotion.pipeline.folding import Fold
from facemotion.pipeline.ingestion import selection_for
from facemotion.pipeline.pictures import picture_digests
from facemotion.pipeline.request import TrainRequest, default_preset
from facemotion.pipeline.stage import bring
from facemotion.places import Alignment
from facemotion.progress import silent
from facemotion.provenance import provenance
from facemotion.workspace import digest_file, read_json

if TYPE_CHECKING:
    from facemotion.folds import Folds
    from facemotion.priors.bank import PriorBank
    from facemotion.training.data import TrainingData

__all__ = ["train", "training_inputs"]


def train(context: Context, request: TrainRequest) -> Path:
    """Train on a dataset with a prior bank; say the table of results; return the run's folder.

    Processes that torchrun started train together; the first one brings the dataset up to date.

    Parameters
    ----------
    context : Context
        The command.
    request : TrainRequest
        What is to be trained.

    Raises
    ------
    FacemotionError
        If a setting, the prior or the data do not fit together; nothing has been written then.
    """
    from facemotion.evaluation.guidance import guidance_lines, guided_variants
    from facemotion.evaluation.remarks import remarks
    from facemotion.evaluation.table import results_table
    from facemotion.priors.bank import PriorBank
    from facemotion.runs import Run
    from facemotion.runs.jobs import Jobs
    from facemotion.runs.plan import Choice, Plan
    from facemotion.runs.protocol import train_run
    from facemotion.runs.start import find_start
    from facemotion.synthetic import is_synthetic_at, marked, named
    from facemotion.training import effect
    from facemotion.training.device import choose_device
    from facemotion.training.distributed import joined
    from facemotion.training.settings import load_preset

    request.chosen_variants()  # a wrong choice is refused before anything is loaded
    bank = PriorBank.load(request.priors)
    dataset = request.dataset or bank.meta.dataset
    datasets.load(dataset)  # an unknown name is refused before anything is loaded
    chosen = choose_device(request.device)
    preset = request.preset or default_preset(chosen.type)
    given = request.pretrained
    start = find_start(context.workspace, given) if isinstance(given, (str, Path)) else None
    weights = request.pretrained if start is None else start.weights
    settings = load_preset(preset, request.overrides, pretrained=weights)
    only = None if request.only is None else tuple(request.only)
    choice = Choice(
        only, tuple(request.seeds), tuple(request.chosen_variants(settings.variant)), tuple(request.controls)
    )
    place = _place(context, request, bank, dataset)
    run = Run(context.workspace.run(request.name or _run_name(place, bank, preset)))
    if context.dry and _faces_are_planned(context, place, request.root):
        context.plan(str(place), "train", "its faces or folds are made before", run.config_path)
        return run.folder
    with joined(chosen) as (group, _):
        if not group.leads:
            context = replace(context, progress=silent, say=_nothing)
        with group.first():
            samples, parted, inputs = training_inputs(context.needed(), place, request.root)
        seen = {source: picture_digests(context, source) for source in bank.meta.sources if source != dataset}
        begun = {name: picture_digests(context, name) for name in (start.datasets if start else ())}
        synthetic = is_synthetic_at(place.selection.folder, dataset)
        header = provenance("train", settings=settings, inputs={"priors": digest_file(request.priors), **inputs})
        header = marked(header, synthetic)
        plan = Plan(samples, bank, parted, settings, header, seen, start, begun)
        todo = [
            each for each in choice.trainings(run.folder, parted) if context.force or not each.is_finished(plan.key)
        ]
        if context.dry:
            if todo:
                context.plan(str(place), "train", _number(len(todo)), run.config_path)
            else:
                context.say(f"{run.name}: every training is up to date ({run.folder})")
            return run.folder
        summary = settings.summary(generator_first=not parted.is_official)
        context.say(f"{place}: training with preset {preset} on {chosen}, {summary}")
        idle = effect.without_effect(
            effect.names_of(request.overrides),
            settings,
            choice.variants,
            generator_first=not parted.is_official,
            device=chosen.type,
        )
        for line in idle:
            context.say(line)
        metrics = train_run(
            plan,
            run,
            choice,
            device=chosen,
            jobs=Jobs(request.jobs, context.executor),
            progress=context.progress,
            say=context.say,
            force=context.force,
        )
        if group.leads:
            context.say(results_table(metrics, dataset, synthetic=synthetic))
            if bank.meta.synthetic and not synthetic:
                context.say(f"guided by the prior of {named(bank.meta.dataset, bank.meta.synthetic)}")
            for line in guidance_lines(guided_variants(metrics)):
                context.say(line)
            scored = run.predictions
            for line in remarks(metrics, scored, trained=_trained(samples, parted, scored["fold"].unique())):
                context.say(line)
    return run.folder


def _number(todo: int) -> str:
    return "1 training is to be done" if todo == 1 else f"{todo} trainings are to be done"


def _faces_are_planned(context: Context, place: Alignment, root: Path | None) -> bool:
    """Find out what would be made before a training; tell whether that are its faces or folds."""
    from facemotion.folds import is_split

    bring(context.needed(), Align(place, root))
    if not context.memory.planned and not is_split(context.manifest(place.selection.manifest)[0]["split"]):
        bring(context.needed(), Fold(place.selection, root))
    return bool(context.memory.planned)


def _place(context: Context, request: TrainRequest, bank: "PriorBank", dataset: str) -> Alignment:
    """Return which faces of the dataset are meant: those that the prior was built from, or fit it."""
    own = bank.meta.manifest_digest if dataset in bank.meta.sources else None
    selection = selection_for(context, dataset, name=request.selection, manifest_digest=own)
    return alignment_for(
        context,
        selection,
        bank.meta.alignment,
        settings=bank.meta.alignment_settings,
        name=request.alignment,
        root=request.root,
    )


def _run_name(place: Alignment, bank: "PriorBank", preset: str) -> str:
    """Return a run's name by what it is trained on, whose prior guides it, and its preset."""
    dataset = place.selection.dataset
    names = [dataset, *(each.name for each in (place.selection, place) if each.name != "first")]
    origin = [] if dataset == bank.meta.dataset else ["from", bank.meta.dataset]
    return "-".join([*names, *origin, Path(preset).stem])


def training_inputs(
    context: Context, place: Alignment, root: Path | None, *, as_they_are: bool = False
) -> tuple["TrainingData", "Folds", dict[str, str]]:
    """Bring the faces up to date, unless they are wanted as they are; return them, their folds and the digests."""
    from facemotion.folds import Folds, is_split
    from facemotion.training.data import load_training_data

    if not as_they_are:
        bring(context, Align(place, root))
    folder = place.selection.folder
    samples = load_training_data(folder, read_json(folder / "ingest.json")["classes"], aligned_in=place.folder)
    inputs = {"faces": digest_file(place.faces)}
    if is_split(samples.splits):
        return samples, samples.official(), inputs
    fold = Fold(place.selection, root)
    if not as_they_are:
        bring(context, fold)
    return samples, Folds.read(fold.path), {**inputs, "folds": digest_file(fold.path)}


def _trained(samples: "TrainingData", parted: "Folds", folds: Iterable[int]) -> dict[int, dict[str, int]]:
    """Count the training faces of each class in each of some folds."""
    from facemotion.training.data import fold_part

    names = {int(fold): samples.labels[fold_part(samples, parted, int(fold)).train] for fold in folds}
    return {fold: dict(Counter(samples.classes[label] for label in labels)) for fold, labels in names.items()}


def _nothing(text: str) -> None:
    """Say nothing."""
