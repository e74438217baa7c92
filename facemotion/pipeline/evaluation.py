"""The stage ``evaluate``: a run's models -> their scores on another dataset."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facemotion import datasets
from facemotion.config import Settings
from facemotion.errors import FacemotionError
from facemotion.pipeline.alignment import Align
from facemotion.pipeline.context import Context
from facemotion.pipeline.fitting import alignment_for
from facemotion.pipeline.ingestion import chosen_selection
from facemotion.pipeline.pictures import picture_digests
from facemotion.pipeline.stage import Stage, bring
from facemotion.places import Alignment
from facemotion.runs import Run
from facemotion.synthetic import is_synthetic, is_synthetic_at, marked, named
from facemotion.workspace import digest_file, digest_json, read_json

if TYPE_CHECKING:
    import torch

    from facemotion.runs.cross_dataset import Part

__all__ = ["Evaluate", "EvaluateSettings", "evaluate"]


class EvaluateSettings(Settings):
    """How a dataset is scored; see `facemotion.runs.cross_dataset`."""

    classes: str
    faces: str


@dataclass(frozen=True)
class Evaluate(Stage):
    """Scoring one dataset with the models of one run."""

    run: Run
    alignment: Alignment
    device: "torch.device"
    root: Path | None = None
    part: "Part" = "test"

    name = "evaluate"
    model = EvaluateSettings

    @property
    def path(self) -> Path:
        """``RUN/evaluations/DATASET/metrics.json``."""
        return self.run.evaluation_folder(self.alignment.selection.dataset) / "metrics.json"

    @property
    def title(self) -> str:
        """The run and the dataset."""
        return f"{self.run.name} on {self.alignment}"

    def header(self) -> dict[str, Any]:
        """Return the header of figures that can be read, with their predictions; else nothing."""
        try:
            return dict(self.run.evaluation(self.alignment.selection.dataset)["provenance"])
        except (FacemotionError, KeyError, TypeError, ValueError):
            return {}

    def needs(self, context: Context) -> Sequence[Stage]:
        """Return the alignment."""
        return [Align(self.alignment, self.root)]

    def inputs(self, context: Context) -> Mapping[str, str]:
        """Return the digests of the faces and of all models."""
        models = {str(training): digest_file(training.weights) for training in self.run.finished()}
        return {"faces": digest_file(self.alignment.faces), "models": digest_json(models)}

    def make(self, context: Context, settings: EvaluateSettings, header: dict[str, Any]) -> None:
        """Score."""
        from facemotion.evaluation.metrics import summarise
        from facemotion.folds import is_split
        from facemotion.runs import alike, cross_dataset, synthetic
        from facemotion.training.data import load_training_data

        dataset, config, trainings = self.alignment.selection.dataset, self.run.config, self.run.finished()
        own = read_json(self.alignment.selection.folder / "ingest.json")["classes"]
        common = cross_dataset.common_classes(config.classes, own)
        folder, place = self.alignment.selection.folder, self.alignment.folder
        whole = load_training_data(folder, own, aligned_in=place)
        as_given = alike.crops_as_given(dataset, self.alignment.header["settings"], config)
        left_out = Counter(own[whole.labels[row]] for row in cross_dataset.scored_rows(whole, self.part))
        data = load_training_data(folder, common, aligned_in=place)
        table, outside = cross_dataset.score_run(
            config, trainings, data, self.device, part=self.part, as_given=as_given, progress=context.progress
        )
        content = {
            "provenance": marked(header, is_synthetic_at(folder, dataset)),
            "dataset": dataset,
            "trained_on": config.dataset,
            "trained_on_synthetic": synthetic.trained_on_synthetic(self.run),
            "models": len(trainings),
            "policy": settings.as_json(),
            "crops_as_given": as_given,
            "left_out": {name: left_out[name] for name in own if name not in common and left_out[name]},
            "not_in_dataset": [name for name in config.classes if name not in common],
            "answers_outside": outside,
            "scored": {
                "faces": int(table["sample_id"].nunique()),
                "of": len(data.rows),
                "split": is_split(data.splits),
            },
            **summarise(table, common, every_fold=True),
        }
        self.run.write_evaluation(dataset, table, content)
        number = len(trainings)
        trained_on = named(config.dataset, content["trained_on_synthetic"])
        context.say(f"{self.title}: {number} models trained on {trained_on} scored it ({self.path.parent})")


def evaluate(
    context: Context,
    run: str,
    dataset: str,
    *,
    root: Path | None = None,
    device: str | None = None,
    selection: str | None = None,
    alignment: str | None = None,
    part: "Part" = "test",
) -> Path:
    """Score a run's models on another dataset; say the table; return the folder of the results.

    ``RUN/evaluations/DATASET/`` gets ``predictions.parquet`` and ``metrics.json``; the policy is that of
    `facemotion.runs.cross_dataset`.

    Parameters
    ----------
    context, root, selection
        As for `facemotion.pipeline.ingest`.
    run : str
        A run's name, or its folder.
    dataset : str
        The dataset. It is aligned as the run's was, if it is not aligned yet.
    device : str, optional
        A torch device.
    alignment : str, optional
        Which of its alignments; by default the one that fits the run.
    part : {"test", "all"}
        Of a dataset with an official split, its test part, or every face: the models were trained on another dataset.

    Raises
    ------
    LeakageError
        If the models or their prior have seen the dataset.
    AlignmentError
        If the dataset is aligned in another way.
    FacemotionError
        If the run or the dataset is not there or not usable.
    """
    from facemotion.evaluation import predictions
    from facemotion.evaluation.elsewhere import scored_elsewhere
    from facemotion.evaluation.remarks import remarks
    from facemotion.evaluation.table import results_table
    from facemotion.runs import alike, cross_dataset
    from facemotion.training.device import choose_device

    datasets.load(dataset)
    found = Run.find(context.workspace, run)
    config, bank, trainings = found.config, found.bank, found.finished()
    cross_dataset.check_unseen(dataset, config, bank, trainings)
    chosen = choose_device(device)
    frames = chosen_selection(context, dataset, name=selection)
    wanted = {"settings": config.alignment.settings or {}, "name": alignment, "root": root}
    place = alignment_for(context, frames, config.alignment.id, **wanted)
    bring(context, Align(place, root))
    stage = Evaluate(found, place, chosen, root, part)
    if context.dry:
        bring(context, stage, EvaluateSettings(**cross_dataset.policy(part)))
        return stage.path.parent
    as_given = alike.crops_as_given(dataset, place.header.get("settings", {}), config)
    alignment_id = str(place.header.get("alignment"))
    alike.check_alignment(dataset, alignment_id, config, as_given=as_given)  # before a folder is made
    seen = {
        name: picture_digests(context, name)
        for name in {config.dataset, *bank.meta.sources, *config.began_with.datasets}
    }
    cross_dataset.check_unseen(dataset, config, bank, trainings, digests=picture_digests(context, dataset), known=seen)
    bring(context, stage, EvaluateSettings(**cross_dataset.policy(part)))
    content = found.evaluation(dataset)
    synthetic = is_synthetic(dataset, content["provenance"]) or is_synthetic_at(place.selection.folder, dataset)
    context.say(results_table(content, dataset, every_fold=True, synthetic=synthetic))
    scored, _ = predictions.read(stage.path.with_name("predictions.parquet"), every_fold=True)
    for line in [*remarks(content, scored), *scored_elsewhere(content)]:
        context.say(line)
    return stage.path.parent
