"""What a prior bank is, in words: ``facemotion priors show``."""

from collections.abc import Mapping
from typing import Any

from facemotion.priors.bank import PriorBank

__all__ = ["describe"]

_RULES = {
    "subject": "one neutral face per subject (the paper)",
    "sequence": "the first neutral face of each sequence",
    "mixed": "differs between the merged banks",
    "unknown": "not known",
}


def describe(bank: PriorBank) -> str:
    """Return what a bank is as lines of text: source, classes, counts, alignment, folds, digests and origins."""
    meta = bank.meta
    facts = [
        ("dataset", meta.dataset + (" (synthetic faces)" if "demo" in meta.sources else "")),
        ("classes", ", ".join(bank.classes)),
        ("missing", ", ".join(bank.missing()) or "none"),
        ("size", f"{bank.size[0]} x {bank.size[1]} pixels (height x width)"),
        ("content", "masks only, without means and counts" if meta.masks_only else "means, masks and counts"),
        ("neutral face", _RULES.get(meta.neutral, meta.neutral)),
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
    lines = [f"{name:<{width}}  {value}" for name, value in facts]
    if not meta.masks_only:
        lines += ["", *_counts(bank)]
    lines += ["", "origins:", *(f"  {number}. {_step(origin)}" for number, origin in enumerate(meta.origins, start=1))]
    return "\n".join(lines)


def _counts(bank: PriorBank) -> list[str]:
    width = max(len(name) for name in bank.classes) + 2
    subjects = [f"{len(left_out)} left out" for left_out in bank.meta.left_out] + [""]
    names = [*(f"fold {fold}" for fold in range(bank.folds)), "all"]
    lines = ["pairs       " + "".join(f"{name:>{width}}" for name in bank.classes) + "  subjects"]
    for name, row, text in zip(names, bank.count, subjects, strict=True):
        lines.append(f"  {name:<10}" + "".join(f"{number:>{width}}" for number in row) + (f"  {text}" if text else ""))
    return lines


def _step(origin: Mapping[str, Any]) -> str:
    """Return one step of a bank's way in words."""
    kind = origin.get("operation")
    if kind == "build":
        return f"built from {origin['dataset']}, alignment {origin['alignment']}"
    if kind == "import":
        return f"imported from {origin['source']} ({origin['dataset']})"
    if kind == "merge":
        return f"merged from {', '.join(bank['dataset'] for bank in origin['banks'])}, weighted by counts"
    if kind == "transfer" and "classes" in origin:
        dropped, missing = (", ".join(origin[name]) or "nothing" for name in ("dropped", "missing"))
        return (
            f"transferred to {', '.join(origin['classes'])}; dropped {dropped}, missing {missing} ({origin['policy']})"
        )
    if kind == "transfer":
        return (
            f"transferred to alignment {origin['alignment']['to']}, {' x '.join(map(str, origin['size']['to']))} pixels"
        )
    return ", ".join(f"{name} {value}" for name, value in origin.items())
