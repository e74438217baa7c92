"""The settings of a run: those that differ from its preset first, and those in which several runs differ."""

from collections.abc import Mapping, Sequence
from typing import Any

from facemotion.config import AlignSettings
from facemotion.errors import FacemotionError
from facemotion.report.artefacts import Run
from facemotion.report.text import flatten

__all__ = ["changed_fields", "differing", "preset_of", "settings_section"]

_ABSENT = "not set"


def settings_section(run: Run) -> dict[str, Any]:
    """Return a run's settings and origin as rows of (name, text), and what differs from preset and defaults.

    Returns
    -------
    dict
        ``changed``, (name, preset's value, this run's) of each field that differs; ``preset``, its name, and
        ``known``, whether it is one that is shipped; ``settings`` and ``provenance``, everything.
    """
    settings = {name: value for name, value in run.config.items() if name != "provenance"}
    provenance = dict(run.config.get("provenance", {}))
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


def preset_of(run: Run) -> dict[str, Any] | None:
    """Return the settings of the preset that a run began with; None if it is none that is shipped."""
    from facemotion.training.settings import load_preset, presets

    name = _chosen(run).get("preset")
    if name not in presets():
        return None
    try:
        return load_preset(name).as_json()
    except FacemotionError:
        return None


def changed_fields(run: Run) -> list[tuple[str, list[str]]]:
    """Return the fields in which a run differs from its preset, and its alignment from the defaults.

    Returns
    -------
    list of (str, list of str)
        The field's name, dotted; the preset's value and the run's as text.
    """
    preset, aligned = preset_of(run), run.config.get("alignment", {})
    changed = differing([preset, _chosen(run)]) if preset is not None else []
    kept = aligned.get("settings") if isinstance(aligned, Mapping) else None
    if isinstance(kept, Mapping) and kept:
        changed += [(f"alignment.{name}", values) for name, values in differing([AlignSettings().as_json(), kept])]
    return changed


def differing(values: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    """Return the fields in which nested settings differ: (dotted name, text in each), in the order of the first."""
    flat = [dict(flatten(value)) for value in values]
    names = dict.fromkeys(name for rows in flat for name in rows)
    rows = [(name, [part.get(name, _ABSENT) for part in flat]) for name in names]
    return [(name, texts) for name, texts in rows if len(set(texts)) > 1]


def _chosen(run: Run) -> dict[str, Any]:
    found = run.config.get("settings", {})
    return dict(found) if isinstance(found, Mapping) else {}
