"""What a training is asked for, and the settings that its preset stands for."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from facemotion.errors import ConfigError
from facemotion.gpu import may_have_gpu

__all__ = ["TrainRequest", "default_preset", "describe_preset"]


@dataclass(frozen=True, kw_only=True)
class TrainRequest:
    """What is to be trained.

    Attributes
    ----------
    priors : Path
        The prior bank.
    dataset : str, optional
        The dataset to train on; the prior's own source by default.
    root : Path, optional
        What the user gave with ``--root``.
    selection, alignment : str, optional
        Which of the dataset's; by default the selection that the prior was built from, or the first one, and of it the
        alignment that fits the prior.
    preset : str, optional
        A preset's name or a TOML file; ``paper`` on a CUDA device and ``compact`` on a CPU by default.
    overrides : sequence of str
        ``section.field=value``.
    pretrained : bool, Path or str, optional
        Weights that the classifier begins with: true, ImageNet's, of an installed package or of timm's hub; a local
        file of them; or a run, by name or folder, or one of its trainings. As the preset says by default.
    protocol : {"paper"}, optional
        The published variants in all folds.
    name : str, optional
        The run's name; ``DATASET-PRESET`` by default, ``DATASET-from-SOURCE-PRESET`` with another dataset's prior.
    only : sequence of int, optional
        The folds to train; all by default.
    seeds, variants : sequence
        Seeds, and variants of the model; by default the preset's, or ``fmpn``.
    controls : sequence of str
        Controls whose masks guide each variant too, beside the right ones; see `facemotion.priors.controls`.
    device : str, optional
        A torch device.
    jobs : int, optional
        Trainings at a time; by default as many as device and cores allow, see `facemotion.runs.jobs.Jobs`.
    """

    priors: Path
    dataset: str | None = None
    root: Path | None = None
    selection: str | None = None
    alignment: str | None = None
    preset: str | None = None
    overrides: Sequence[str] = ()
    pretrained: bool | Path | str | None = None
    protocol: str | None = None
    name: str | None = None
    only: Sequence[int] | None = None
    seeds: Sequence[int] = (0,)
    variants: Sequence[str] = ()
    controls: Sequence[str] = ()
    device: str | None = None
    jobs: int | None = None

    def chosen_variants(self, preset: str | None = None) -> Sequence[str]:
        """Return the variants to train, `preset` being the preset's own.

        Raises
        ------
        ConfigError
            If a variant or the protocol is unknown, or the protocol contradicts other choices.
        """
        from facemotion.models import variants

        for name in self.variants:
            variants.load(name)
        if self.protocol is None:
            return tuple(self.variants) or (preset or variants.DEFAULT,)
        if self.protocol != "paper":
            message = f"unknown protocol {self.protocol!r}: expected paper, the published variants in all folds"
            raise ConfigError(message)
        if self.only is not None or self.variants:
            message = "--protocol paper trains the published variants in every fold"
            raise ConfigError(f"{message}: leave out --fold and --variant")
        return variants.PUBLISHED


def describe_preset(
    preset: str | None,
    overrides: Sequence[str] = (),
    *,
    pretrained: bool | Path | str | None = None,
    device: str | None = None,
) -> str:
    """Return the resolved settings of a preset as JSON text; see `TrainRequest` for the default."""
    from facemotion.training.settings import load_preset

    if preset is None:
        preset = default_preset("cpu" if device is None and not may_have_gpu() else _device_type(device))
    settings = load_preset(preset, overrides, pretrained=pretrained)
    chosen = {"variant": settings.variant} if settings.variant else {}
    return json.dumps({**chosen, **settings.as_json()}, indent=1)


def _device_type(device: str | None) -> str:
    from facemotion.training.device import choose_device

    return choose_device(device).type


def default_preset(device: str) -> str:
    """Return the preset where none is named."""
    return "paper" if device == "cuda" else "compact"
