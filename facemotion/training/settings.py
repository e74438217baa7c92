"""Settings of training as frozen models, and the presets that fill them."""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import pydantic

from facemotion import toml_files
from facemotion.config import FileSetting, Settings, make
from facemotion.errors import ConfigError
from facemotion.models.settings import ModelSettings
from facemotion.names import near
from facemotion.training.schedule import Decay, Schedule

__all__ = ["DataSettings", "ModelSettings", "TrainSettings", "TrainingSettings", "load_preset", "presets"]


class DataSettings(Settings):
    """What becomes of a crop on the way into the networks."""

    resize: int = pydantic.Field(ge=8, le=2048)
    """Side to which crops are enlarged, bilinearly."""
    crop: int = pydantic.Field(ge=8, le=2048)
    """Side of the window that is cut out: at a corner or the centre in training, at the centre in tests."""
    flip: bool = True
    """Mirror half of the training faces."""
    jitter: float = pydantic.Field(default=0.0, ge=0, lt=1)
    """Change brightness, contrast and saturation of training faces by factors of up to this more or less than 1."""
    erasing: float = pydantic.Field(default=0.0, ge=0, le=1)
    """Share of the training faces in which a rectangle is erased, in colour, gray and prior."""
    mixing: float = pydantic.Field(default=0.0, ge=0, le=0.5)
    """Mix another face into each training face, with a share that is drawn evenly up to this; priors and answers are
    mixed alike."""

    @pydantic.model_validator(mode="after")
    def _fits(self) -> "DataSettings":
        if self.crop > self.resize:
            raise ValueError(f"crop ({self.crop}) must not be larger than resize ({self.resize})")
        return self


class TrainingSettings(Settings):
    """The two phases and their optimiser, Adam."""

    generator_epochs: int = pydantic.Field(ge=0)
    """Epochs of the first phase: the mask generator alone (Eq. 2)."""
    generator_constant: int = pydantic.Field(ge=0)
    """Epochs of it at the full rate, which then falls linearly; if there are no more epochs, it does not fall."""
    generator_rate: float = pydantic.Field(gt=0)
    generator_batch: int = pydantic.Field(ge=1)
    joint_epochs: int = pydantic.Field(ge=1)
    """Epochs of the second phase: everything together (Eq. 5)."""
    joint_constant: int = pydantic.Field(ge=0)
    joint_rate: float = pydantic.Field(gt=0)
    """Of the classifier and the fusion net."""
    joint_generator_rate: float = pydantic.Field(gt=0)
    """Of the mask generator, in the second phase."""
    joint_batch: int = pydantic.Field(ge=1)
    lambda_mask: float = pydantic.Field(ge=0)
    """Weight of the mask loss (lambda 1 of Eq. 5)."""
    lambda_class: float = pydantic.Field(gt=0)
    """Weight of the cross entropy (lambda 2)."""
    guided_weight: float = pydantic.Field(default=1.0, ge=0)
    """For ``guided``: weight of its loss."""
    guided_schedule: Schedule = "constant"
    """For ``guided``: whether that weight stays, falls to 0 over the epochs by equal steps, or rises so."""
    least_steps: int = pydantic.Field(default=1, ge=1)
    """Steps that an epoch has at least: of few faces, batches are smaller, but not for that smaller than 8."""
    corrected_statistics: bool = False
    """At the end, bring batch norm's running statistics in order; see `facemotion.training.batch_norm`. It matters
    after some dozens of steps, and changes nothing after hundreds."""
    beta1: float = pydantic.Field(ge=0, lt=1)
    weight_decay: float = pydantic.Field(default=0.0, ge=0)
    decay: Decay = "linear"
    """How the rates fall; see `facemotion.training.schedule.rate_factor`."""
    precision: Literal["bf16", "float32"] = "bf16"
    """Of the networks' arithmetic on CUDA; weights, losses and batch norm's statistics are float32 in any case."""
    cpu_precision: Literal["bf16", "float32"] = "float32"
    """The same for training on a CPU; bf16 is for processors that have it."""
    compile: bool = False
    """Compile the networks with torch.compile, which fuses normalisation and activation; where it finds no compiler,
    that is said and they are computed as they are."""
    row_convolutions: bool = True
    """In training, compute the 7x7 convolutions from and to one channel row by row; see `facemotion.models.narrow`."""
    cuda_graph: bool = True
    """On CUDA, launch the kernels of a step at once, as a graph; see `facemotion.training.step`."""
    deterministic: bool = True
    """On CUDA, let cuDNN take only kernels that give the same bits each time; else the fastest, found by trial."""


class TrainSettings(Settings):
    """Everything that a run is set by, but for the data."""

    preset: str
    """Name of the preset that these settings began with."""
    variant: str | None = pydantic.Field(default=None, exclude=True)
    """The variant that is trained where none is named. A run can hold several, so that it is not among the settings
    that tell runs apart."""
    model: ModelSettings
    data: DataSettings
    training: TrainingSettings

    def as_json(self) -> dict[str, Any]:
        """Return the settings as JSON values; weights of an installed package are named as a file's are."""
        values = super().as_json()
        if self.model.pretrained is True:
            from facemotion.models.imagenet import installed_weights  # with torch, which the other settings do without

            found = installed_weights(self.model.classifier)
            if found is not None:
                values["model"]["pretrained"] = FileSetting.model_validate(found).as_json()
        return values

    def given(self) -> list[str]:
        """Return the settings that are not at their default, as ``section.field``; those that have one, that is."""
        sections = ((name, getattr(self, name)) for name in ("model", "data", "training"))
        return [
            f"{section}.{name}"
            for section, values in sections
            for name, field in type(values).model_fields.items()
            if not field.is_required() and getattr(values, name) != field.default
        ]

    def summary(self, *, generator_first: bool = True) -> str:
        """Return the choices that a reader should know of, in one line; without the first phase if there is none."""
        own = self.training
        first = f"{own.generator_epochs} + " if generator_first else ""
        return (
            f"{self.model.classifier} on {self.data.crop} px, {first}{own.joint_epochs} epochs, "
            f"mask loss x {own.lambda_mask:g}, class loss x {own.lambda_class:g}"
        )


def presets() -> list[str]:
    """Return the names of the presets that are shipped."""
    return sorted(
        Path(file.name).stem for file in resources.files("facemotion.presets").iterdir() if file.name.endswith(".toml")
    )


def load_preset(
    name: str | Path, overrides: Sequence[str] = (), *, pretrained: bool | str | Path | None = None
) -> TrainSettings:
    """Read a preset and replace single fields.

    Parameters
    ----------
    name : str or Path
        A preset's name, or a TOML file.
    overrides : sequence of str
        ``section.field=value``, the value as in TOML; a bare word is a string.
    pretrained : bool, str or Path, optional
        ImageNet weights of the classifier: from timm's hub, or from a local file. As the preset says by default.

    Raises
    ------
    ConfigError
        If the preset is unknown or cannot be parsed, or a field or value is wrong.

    Examples
    --------
    >>> load_preset("compact", ["training.joint_epochs=3"]).training.joint_epochs
    3
    """
    name = str(name)
    if name in presets():
        values = toml_files.parse(
            resources.files("facemotion.presets").joinpath(f"{name}.toml").read_text(encoding="utf-8")
        )
    else:
        path = Path(name)
        if not path.is_file():
            known = ", ".join(presets())
            raise ConfigError(
                f"unknown preset {name!r}{near(name, presets())}: expected one of {known}, or a TOML file"
            )
        try:
            _, values = toml_files.read(path)
        except ValueError as error:
            raise ConfigError(f"preset {name} cannot be read: {error}") from error
        for section in ("model", "data", "training"):
            if not isinstance(values.get(section, {}), dict):
                raise ConfigError(f"preset {name}: {section} is not a table; write a line [{section}] above its fields")
    for override in overrides:
        _replace(values, override)
    if pretrained is not None:
        weights = pretrained if isinstance(pretrained, bool) else str(pretrained)
        values["model"] = {**values.get("model", {}), "pretrained": weights}
    return make(TrainSettings, {"preset": Path(name).stem, **values}, where=f"preset {Path(name).stem}")


def _replace(values: dict[str, Any], override: str) -> None:
    path, equals, text = override.partition("=")
    section, dot, field = path.strip().partition(".")
    sections = {name: TrainSettings.model_fields[name].annotation for name in ("model", "data", "training")}
    if not equals or not dot or section not in sections:
        raise ConfigError(f"--set {override}: expected section.field=value, with section {', '.join(sections)}")
    model = sections[section]
    fields = model.model_fields if model is not None else {}  # type: ignore[union-attr]
    if field not in fields:
        raise ConfigError(
            f"--set {override}: {section} has no field {field!r}; it has {', '.join(fields)}{near(field, fields)}"
        )
    try:
        found = toml_files.parse(f"value = {text.strip()}")
    except ValueError:
        found = {}
    value = found["value"] if set(found) == {"value"} else text.strip()
    values.setdefault(section, {})[field] = value
