"""What a prior bank is, in words: ``facemotion priors show``."""

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

from facemotion.priors.bank import PriorBank
from facemotion.priors.meta import shown
from facemotion.synthetic import named

__all__ = ["describe", "rules", "steps"]

MOST_LETTERS = 2000
"""A longer line is cut: no bank of ours has one."""
_RULES = {
    "subject": "one neutral face per subject (the paper)",
    "sequence": "the first neutral face of each sequence",
    "mixed": "differs between the merged banks",
    "unknown": "not known",
}
_DIFFERENCES = {
    "absolute": "absolute, of luma (the paper)",
    "relative": "relative to the local contrast",
}
_AVERAGES = {"mean": "mean of the pairs (the paper)", "median": "median of the pairs, pixel by pixel"}
_PHIS = {
    "ranks": "ranks of the averages",
    "histogram": "histogram of 256 levels (the authors' code)",
    "none": "none, scaled to a maximum of 1",
}


def describe(bank: PriorBank) -> str:
    """Return what a bank is as lines of text: source, rules, classes, counts, alignment, folds, digests and origins."""
    meta = bank.meta
    facts = [
        ("dataset", named(meta.dataset, meta.synthetic)),
        ("classes", ", ".join(bank.classes)),
        ("missing", ", ".join(bank.missing()) or "none"),
        ("size", f"{bank.size[0]} x {bank.size[1]} pixels (height x width)"),
        ("content", "masks only, without means and counts" if meta.masks_only else "means, masks and counts"),
        *rules(bank),
        ("alignment", meta.alignment),
        ("folds", f"{bank.folds} ({meta.fold_scheme})" if bank.folds else "none, masks of all subjects only"),
        ("folds digest", meta.folds_digest),
        ("manifest digest", meta.manifest_digest or "none"),
        ("content digest", bank.digest()),
        ("made with", ", ".join(f"{name} {number}" for name, number in sorted(meta.versions.items()))),
    ]
    for name, lost in (("without a crop", meta.unaligned), ("without neutral", meta.unpaired)):
        if lost:
            facts.append((name, ", ".join(f"{kind} {number}" for kind, number in lost.items())))
    width = max(len(name) for name, _ in facts)
    lines = [line for name, value in facts for line in _fact(f"{name:<{width}} ", value)]
    if not meta.masks_only:
        lines += ["", *_counts(bank)]
    lines += ["", "origins:", *(f"  {line}" for line in steps(meta.origins))]
    return "\n".join(shown(line, most=MOST_LETTERS) for line in lines)  # what a file says may hold control characters


def _fact(name: str, value: str) -> list[str]:
    """Return a fact as lines of at most 80 letters: a digest just fits, other words go on below."""
    value = shown(value, most=MOST_LETTERS)  # what a file says may hold control characters
    if len(value) >= 60 and " " not in value:
        return [name + value]
    below = " " * (len(name) + 1)
    return wrap(value, 80, initial_indent=f"{name} ", subsequent_indent=below, break_long_words=False) or [name]


def steps(origins: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a bank's way as numbered lines, the oldest first; the ways of merged banks follow, indented.

    Parameters
    ----------
    origins : sequence of mapping
        `facemotion.priors.meta.PriorMeta.origins`.
    """
    lines = []
    for number, origin in enumerate(origins, start=1):
        lines.append(f"{number}. {_step(origin)}")
        for member in _mappings(origin.get("banks")):
            behind = steps(_mappings(member.get("origins")))
            lines += [f"   {member.get('dataset')}:", *(f"     {line}" for line in behind)]
    return lines


def _mappings(values: Any) -> list[Mapping[str, Any]]:
    """Return what there is to read of something that should be a list of records: files come from other people."""
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, list | tuple) else []


def rules(bank: PriorBank) -> list[tuple[str, str]]:
    """Return what shaped a bank's masks, in words: (what, how)."""
    meta = bank.meta
    return [
        ("neutral face", _RULES.get(meta.neutral, meta.neutral)),
        ("difference", "not known" if meta.masks_only else _DIFFERENCES[meta.difference]),
        ("average", "not known" if meta.masks_only else _AVERAGES[meta.average]),
        ("phi", "not known" if meta.masks_only else _PHIS[meta.phi]),
        ("aligned by", _alignment(meta.alignment_settings)),
    ]


def _alignment(settings: Mapping[str, Any]) -> str:
    """Return alignment settings in words, as far as a bank knows them."""
    try:
        sizes = [" x ".join(str(side) for side in settings[name]) for name in ("face_size", "crop_size")]
        centre = {"nose": "the nose", "template": "the template's nose"}[settings["crop_centre"]]
        source = settings["landmarks"]["source"]
        return f"{source} landmarks, {settings['fit']} fit; face {sizes[0]}, crop {sizes[1]} about {centre}"
    except (KeyError, TypeError):
        return "not known; such a bank cannot be carried to another alignment"


def _counts(bank: PriorBank) -> list[str]:
    """Return the pairs behind each mask as a table of at most 80 letters, also for eight classes."""
    widths = [max(len(name), 6) + 1 for name in bank.classes]
    subjects = [str(len(left_out)) for left_out in bank.meta.left_out] + [""]
    names = [*(f"fold {fold}" for fold in range(bank.folds)), "all"]
    lines = ["pairs    " + _cells(bank.classes, widths) + "  left out"]
    for name, row, text in zip(names, bank.count, subjects, strict=True):
        lines.append(f"  {name:<7}{_cells(row, widths)}  {text:>8}".rstrip())
    return lines


def _cells(values: Sequence[Any], widths: Sequence[int]) -> str:
    return "".join(f"{value:>{width}}" for value, width in zip(values, widths, strict=True))


def _step(origin: Mapping[str, Any]) -> str:
    """Return one step in words; of a step that this version does not know, what it says itself."""
    try:
        return _words(origin)
    except (KeyError, TypeError, AttributeError):
        return ", ".join(f"{name} {value}" for name, value in origin.items())


def _words(origin: Mapping[str, Any]) -> str:
    kind = origin["operation"]
    if kind == "build":
        source = named(origin["dataset"], origin.get("synthetic", False) is True)
        return f"built from {source}, alignment {origin['alignment']}"
    if kind == "import":
        return f"imported from {origin['source']} ({origin['dataset']}); the alignment is taken to be the paper's"
    if kind == "merge":
        medians = "; medians do not add up, these are weighted means of them" if "average" in origin else ""
        return f"merged from {', '.join(bank['dataset'] for bank in origin['banks'])}, weighted by counts{medians}"
    if kind == "transfer" and "classes" in origin:
        lost = f"; dropped {', '.join(origin['dropped'])}" if origin["dropped"] else ""
        lacking = f"; missing {', '.join(origin['missing'])} ({origin['policy']})" if origin["missing"] else ""
        return f"transferred to {', '.join(origin['classes'])}{lost}{lacking}"
    if kind == "transfer":
        size = " x ".join(str(side) for side in origin["size"]["to"])
        changed = [
            f"{name} {_value(both['from'])} to {_value(both['to'])}" for name, both in origin.get("changed", {}).items()
        ]
        how = f" ({', '.join(changed)})" if changed else ""
        return f"transferred to alignment {origin['alignment']['to']}, {size} pixels{how}"
    if kind == "control":
        return f"made into the control {origin['control']}{_facts(origin)}"
    raise KeyError(kind)


def _facts(origin: Mapping[str, Any]) -> str:
    """Return what a control says of itself: whose masks a class takes, its action units, the seed."""
    if "masks_of" in origin:
        return f": {', '.join(f'{name} has that of {other}' for name, other in origin['masks_of'].items())}"
    if "action_units" in origin:
        units = {name: "+".join(map(str, numbers)) for name, numbers in origin["action_units"].items()}
        return f": {', '.join(f'{name} {numbers}' for name, numbers in units.items())}"
    return f", seed {origin['seed']}" if "seed" in origin else ""


def _value(value: Any) -> str:
    """Return a setting in words: sizes as 70 x 70, landmarks by their source."""
    if isinstance(value, Mapping):
        return str(value.get("source"))
    return " x ".join(str(side) for side in value) if isinstance(value, list | tuple) else str(value)
