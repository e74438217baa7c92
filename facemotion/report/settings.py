"""The settings of a run: those that differ from its preset first, and those in which several runs differ."""

from collections.abc import Mapping, Sequence
from typing import Any

from facemotion.alignment.settings import AlignSettings
from facemotion.errors import FacemotionError
from facemotion.report.artefacts import RunContents
from facemotion.report.text import flatten

__all__ = ["changed_fields", "content_of", "differing", "preset_of", "settings_section"]

_ABSENT, _EMPTY = "not set", "–"


def content_of(run: RunContents) -> dict[str, Any]:
    """Return the whole of a run's ``config.json``; nothing if it cannot be read."""
    return dict(run.config.content) if run.config else {}


def settings_section(run: RunContents) -> dict[str, Any]:
    """Return a run's settings and origin as rows of (name, text), and what differs from preset and defaults.

    Returns
    -------
    dict
        ``changed``, (name, preset's value, this run's) of each field that differs; ``preset``, its name, and
        ``known``, whether it is one that is shipped; ``settings`` and ``provenance``, everything.
    """
    whole = content_of(run)
    settings = {name: value for name, value in whole.items() if name != "provenance"}
    provenance = dict(run.config.provenance) if run.config else {}
    if provenance.get("settings") == settings.get("settings"):
        provenance.pop("settings", None)
    if run.bank is not None:
        provenance["prior_versions"] = run.bank.meta.versions
    preset = preset_of(run)
    return {
        "preset": _chosen(run).get("preset"),
        "known": preset is not None,
        "changed": [(name, *values) for name, values in changed_fields(run)],
        "settings": flatten(settings),
        "provenance": flatten(provenance),
    }


def preset_of(run: RunContents) -> dict[str, Any] | None:
    """Return the settings of the preset that a run began with; None if it is none that is shipped."""
    from facemotion.training.settings import load_preset, presets

    name = _chosen(run).get("preset")
    if name not in presets():
        return None
    try:
        return load_preset(name).as_json()
    except FacemotionError:
        return None


def changed_fields(run: RunContents) -> list[tuple[str, list[str]]]:
    """Return the fields in which a run differs from its preset, and its alignment from the defaults.

    Returns
    -------
    list of (str, list of str)
        The field's name, dotted; the preset's value and the run's as text. A field that the run does not keep, because
        its version had none, was not changed by anybody.
    """
    preset = preset_of(run)
    changed = differing([preset, _chosen(run)]) if preset is not None else []
    kept = run.config.alignment.settings if run.config else {}
    if kept:
        changed += [(f"alignment.{name}", values) for name, values in differing([AlignSettings().as_json(), kept])]
    return [(name, values) for name, values in changed if values[1] not in (_ABSENT, _EMPTY)]


def differing(values: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    """Return the fields in which nested settings differ: (dotted name, text in each), in the order of the first."""
    flat = [dict(flatten(value)) for value in values]
    names = dict.fromkeys(name for rows in flat for name in rows)
    rows = [(name, [part.get(name, _ABSENT) for part in flat]) for name in names]
    return [(name, texts) for name, texts in rows if len(set(texts)) > 1]


def _chosen(run: RunContents) -> dict[str, Any]:
    return dict(run.config.settings) if run.config else {}
