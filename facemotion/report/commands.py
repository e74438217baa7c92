"""The commands that make a run again, from what its artefacts keep of their settings."""

import shlex
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from facemotion import datasets, landmarks, options
from facemotion.alignment.settings import AlignSettings
from facemotion.config import DemoSettings, FoldSettings, PriorSettings, Settings
from facemotion.errors import FacemotionError
from facemotion.landmarks.settings import DEFAULT
from facemotion.models import variants as registry
from facemotion.priors.describe import steps
from facemotion.report.artefacts import DatasetFolder, RunContents
from facemotion.report.data import fold_parts, fold_settings
from facemotion.report.settings import content_of, differing, preset_of
from facemotion.workspace import read_json

__all__ = ["commands", "train_line", "trained_on"]

_RENDERED = "demo-frames"
_ALIGN = {"fit": "--fit", "crop_centre": "--crop-centre"}
"""Fields of `AlignSettings` that ``facemotion align`` has options for, besides the landmark source."""


def commands(run: RunContents, dataset: DatasetFolder | None) -> list[str]:
    """Return the command lines that make a run again, in order, with comments where something is not kept.

    Where the dataset lies is not in any artefact; ``DIR`` stands for it.

    Parameters
    ----------
    run : RunContents
        The run.
    dataset : DatasetFolder or None
        What the workspace holds of its dataset; without it the lines begin with the prior.
    """
    name = run.dataset
    if name is None:
        return []
    lines: list[str] = []
    root: list[str] = []
    if dataset is not None:
        opening, root = _opening(dataset)
        lines += opening
        lines.append(_line("ingest", "--dataset", name, *root, *_options(dataset)))
        lines += _align(run, name, root)
        if not dataset.split:
            lines.append(_line("folds", "--dataset", name, *root, *_given(fold_settings(dataset), FoldSettings())))
    lines += _priors(run, root if run.bank is not None and run.bank.meta.dataset == name else [])
    lines += _train(run, dataset, root)
    return [*lines, _line("report", run.name)]


def trained_on(run: RunContents) -> str | None:
    """Return the day on which a run's last training ended, as its files say: 2026-11-28, in UTC; None if none did."""
    places = [training.curves for training in run.histories]
    times = [path.stat().st_mtime for path in places if path.is_file()]
    return datetime.fromtimestamp(max(times), UTC).date().isoformat() if times else None


def _line(*words: object) -> str:
    return shlex.join(["facemotion", *map(str, words)])


def _opening(dataset: DatasetFolder) -> tuple[list[str], list[str]]:
    """Return how the dataset gets to its place, and the words that name the place in later commands."""
    if dataset.name != "demo":
        return [f"facemotion datasets set {dataset.name} DIR"], []
    try:
        made = read_json(dataset.folder / "frames" / "demo.json")
        settings = DemoSettings.model_validate(made["settings"])
    except (FacemotionError, KeyError, TypeError, ValueError):
        return ["# the settings of the rendered faces are not at hand"], []
    height, width = settings.size
    words: list[object] = ["--subjects", settings.subjects, "--frames", settings.frames, "--size", f"{width}x{height}"]
    words += ["--intensity", settings.intensity, "--glasses", settings.glasses, "--seed", settings.seed]
    clean = ["--clean"] if made.get("clean") else []
    return [_line("demo", "render", _RENDERED, *clean, *words)], ["--root", _RENDERED]


def _options(dataset: DatasetFolder) -> list[str]:
    """Return the options by which the frames were selected; a file is named, its place is not known."""
    found = (dataset.ingest or {}).get("provenance", {}).get("settings", {})
    try:
        model = datasets.load(dataset.name).options
    except FacemotionError:
        return []
    return _flags(model, found) if isinstance(found, Mapping) else []


def _flags(model: type[Settings], kept: Mapping[str, Any], *, leave_out: Sequence[str] = ()) -> list[str]:
    """Return the options of the fields in which kept settings differ from a model's defaults."""
    words: list[str] = []
    defaults = {name: field.get_default(call_default_factory=True) for name, field in model.model_fields.items()}
    for field, value in kept.items():
        if field not in defaults or field in leave_out or value in (None, {}, [], defaults[field]):
            continue
        option = options.flag(model, field)
        if isinstance(value, Mapping) and "sha256" in value:
            words += [option, str(value.get("name", "FILE"))]
        elif isinstance(value, Mapping):
            words += [word for key, part in value.items() for word in (option, f"{key}={part}")]
        elif isinstance(value, Sequence) and not isinstance(value, str):
            words += [option, *(str(part.get("name")) if isinstance(part, Mapping) else "FILE" for part in value)]
        else:
            words += [option, str(value)]
    return words


def _align(run: RunContents, name: str, root: list[str]) -> list[str]:
    kept = run.config.alignment.settings if run.config else {}
    words, rest = _source(kept.get("landmarks")), []
    for field, (_, value) in differing([AlignSettings().as_json(), kept]) if kept else ():
        if field in _ALIGN:
            words += [_ALIGN[field], value]
        elif not field.startswith("landmarks."):
            rest.append(f"{field} = {value}")
    note = [f"# set besides, in Python or by a file: {'; '.join(rest)}"] if rest else []
    return [_line("align", "--dataset", name, *root, *words), *note]


def _source(kept: Any) -> list[str]:
    """Return the options of a landmark source."""
    if not isinstance(kept, Mapping) or kept.get("source") not in landmarks.sources():
        return []
    words = ["--landmarks", kept["source"]] if kept["source"] != DEFAULT else []
    return words + _flags(landmarks.settings_model(kept["source"]), kept, leave_out=("source",))


def _given(kept: Mapping[str, Any], defaults: Any) -> list[str]:
    """Return the options of the fields in which kept settings differ from the defaults."""
    standard = defaults.as_json()
    changed = {field: value for field, value in kept.items() if field in standard and value != standard[field]}
    return [word for field, value in changed.items() for word in (f"--{field.replace('_', '-')}", str(value))]


def _priors(run: RunContents, root: list[str]) -> list[str]:
    """Return the command that builds the prior, or its way in words if it is more than one step."""
    if run.bank is None:
        return ["# the prior of this run is not kept with it"]
    meta = run.bank.meta
    if [origin.get("operation") for origin in meta.origins] != ["build"]:
        return [f"# the prior: {line}" for line in steps(meta.origins)]
    rules = {field: getattr(meta, field) for field in PriorSettings.model_fields}
    words = ["--source", meta.dataset, *root, *_given(rules, PriorSettings()), "-o", f"{meta.dataset}.npz"]
    return [_line("build-priors", *words)]


def train_line(
    run: RunContents, dataset: DatasetFolder | None, *, variants: Sequence[str], controls: Sequence[str] = ()
) -> str:
    """Return the command that trains other variants and controls into a run, beside what is there; empty if not known.

    Parameters
    ----------
    run, dataset
        As for `commands`.
    variants, controls : sequence of str
        Those of the run again, and those that are to be added.
    """
    root = ["--root", _RENDERED] if run.dataset == "demo" else []
    lines = _train(run, dataset, root, (list(variants), list(controls)))
    return next((line for line in lines if not line.startswith("#")), "")


def _train(
    run: RunContents,
    dataset: DatasetFolder | None,
    root: list[str],
    chosen: tuple[list[str], list[str]] | None = None,
) -> list[str]:
    settings = run.config.settings if run.config else {}
    if "preset" not in settings:
        return ["# the settings of the training are not kept with it"]
    source = run.bank.meta.dataset if run.bank is not None else None
    words: list[object] = ["--priors", f"{source}.npz" if source else "PRIOR.npz"]
    words += ["--dataset", run.dataset] if run.dataset != source else []
    words += [*root, "--preset", settings["preset"]]
    preset = preset_of(run)
    note = [] if preset is not None else [f"# {settings['preset']} is a preset of your own: give its file"]
    for section, fields in (preset or {}).items():
        kept = settings.get(section)
        if isinstance(fields, Mapping) and isinstance(kept, Mapping):
            words += _replaced(section, fields, kept)
    words += _arms(run, settings["preset"]) if chosen is None else _named(*chosen)
    words += _parts(run, dataset)
    return [*note, _line("train", *words, "--name", run.name)]


def _replaced(section: str, fields: Mapping[str, Any], kept: Mapping[str, Any]) -> list[str]:
    words: list[str] = []
    for field, value in kept.items():
        if fields.get(field) == value:
            continue
        if (section, field) == ("model", "pretrained") and value:
            words += _pretrained(value)
        else:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            words += ["--set", f"{section}.{field}={text}"]
    return words


def _pretrained(kept: Any) -> list[str]:
    """Return the option of weights to begin with: a file is kept by its name, and in early versions with its digest."""
    if kept is True:
        return ["--pretrained"]
    name = kept.get("name", "FILE") if isinstance(kept, Mapping) else str(kept).split(" sha256:")[0]
    return ["--pretrained", str(name)]


def _arms(run: RunContents, preset: str) -> list[str]:
    """Return the variants and controls that were trained, where they are not the preset's own."""
    arms = list(dict.fromkeys(training.variant for training in run.histories))
    if arms == [_default_variant(preset)]:
        return []
    names = list(dict.fromkeys(registry.parted(arm)[0] for arm in arms))
    controls = list(dict.fromkeys(control for arm in arms if (control := registry.parted(arm)[1])))
    try:
        crossed = registry.crossed(names, controls)
    except FacemotionError:  # a variant of another version
        crossed = []
    return _named(names, controls) if set(crossed) == set(arms) else _named(arms, [])


def _named(variants: Sequence[str], controls: Sequence[str]) -> list[str]:
    return [
        *(word for name in variants for word in ("--variant", name)),
        *(word for name in controls for word in ("--control", name)),
    ]


def _default_variant(preset: str) -> str:
    """Return the variant that a preset trains where none is named."""
    from facemotion.training.settings import load_preset, presets

    own = load_preset(preset).variant if preset in presets() else None
    return own or registry.DEFAULT


def _parts(run: RunContents, dataset: DatasetFolder | None) -> list[str]:
    """Return the folds and seeds that were trained, where they are not the defaults, and the device."""
    folds = sorted({training.fold for training in run.histories})
    seeds = sorted({training.seed for training in run.histories})
    every = [part.fold for part in fold_parts(dataset)] if dataset is not None else []
    words = ["--fold", ",".join(map(str, folds))] if folds and folds != every else []
    words += ["--seeds", ",".join(map(str, seeds))] if seeds not in ([], [0]) else []
    device = content_of(run).get("device")
    return [*words, *(["--device", device.split(":")[0]] if isinstance(device, str) else [])]
