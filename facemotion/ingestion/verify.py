"""Comparison of an ingested dataset with the published facts, as ``ingest.json`` and as a printed table."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from facemotion.ingestion.dataset import DatasetInfo
from facemotion.ingestion.findings import Check
from facemotion.ingestion.result import Ingest
from facemotion.names import printable
from facemotion.workspace import digest_bytes

if TYPE_CHECKING:
    import pandas as pd

    from facemotion.manifest import Summary

__all__ = ["as_json", "as_text", "count_checks", "list_digest"]


def list_digest(lines: Iterable[str]) -> str:
    """Return the SHA-256 of the sorted lines, each ended by a newline: how published lists are identified."""
    return digest_bytes("".join(f"{line}\n" for line in sorted(lines)).encode("utf-8"))


def count_checks(manifest: "pd.DataFrame", info: DatasetInfo, *, sequences: bool = True) -> list[Check]:
    """Return checks of counts: sequences, unless it has none of its own, and images per class and in all."""
    expressive = manifest[manifest["role"] == "expressive"]
    checks = []
    counted = [("sequences", expressive.drop_duplicates("sequence"), info.sequences)] if sequences else []
    for what, table, expected in (*counted, ("images", expressive, info.images)):
        found = Counter(table["expression"])
        checks += [Check(f"{what}, {name}", found[name], expected.get(name)) for name in info.classes]
        checks.append(Check(f"{what}, all", len(table), sum(expected.values()) if expected else None))
    return checks


def as_json(ingest: Ingest, summary: "Summary", info: DatasetInfo, *, rendered: bool = False) -> dict[str, Any]:
    """Return the content of ``ingest.json`` (without its provenance header).

    Of a tree that the renderer wrote, in whosever layout, nothing published is expected: its checks only count.
    """
    foreign = rendered and info.name != "demo"  # what is expected of the demo is what it was rendered with
    return {
        "dataset": info.name,
        "layout": ingest.layout,
        "classes": list(ingest.classes),
        "rows": summary.rows,
        "subjects": summary.subjects,
        "roles": dict(summary.roles),
        "checks": [
            {
                "name": check.name,
                "found": check.found,
                "expected": None if foreign else check.expected,
                "agrees": None if foreign else check.ok,
            }
            for check in ingest.checks
        ],
        "exclusions": [
            {"item": item.item, "reason": item.reason, "detail": item.detail, "number": item.number}
            for item in sorted(ingest.exclusions)
        ],
        "notes": ingest.notes,
        **({"synthetic": True} if rendered else {}),
        **({} if info.names_people else {"names_people": False}),
    }


def as_text(content: dict[str, Any], *, most: int = 10) -> str:
    """Return ``ingest.json``'s content as lines for a terminal.

    Parameters
    ----------
    content : dict
        From `as_json`.
    most : int
        How many exclusions and notes to print each; the rest is counted.
    """
    roles = content["roles"]
    lines = [
        f"{content['dataset']}: {content['layout']}",
        f"class order: {', '.join(content['classes'])}",
        f"{_people(content)}{roles['expressive']} expressive and {roles['neutral']} neutral frames",
    ]
    if content.get("synthetic") and content["dataset"] != "demo":
        lines.append(f"synthetic faces, rendered in that layout: no count of the real {content['dataset']} is expected")
    width = max((len(check["name"]) for check in content["checks"]), default=0)
    for check in content["checks"]:
        found, expected = (_short(check[key]) for key in ("found", "expected"))
        verdict = {True: "as expected", False: f"expected {expected}", None: ""}[check["agrees"]]
        lines.append(f"  {check['name']:<{width}}  {found:>8}  {verdict}".rstrip())
    exclusions = content["exclusions"]
    reasons: Counter[str] = Counter()
    for item in exclusions:
        reasons[item["reason"]] += item.get("number", 1)
    for reason, number in sorted(reasons.items()):
        lines.append(f"excluded, {reason}: {number}")
    for item in exclusions[:most]:
        lines.append(f"  {printable(item['item'])}{_alike(item)}: {item['detail'] or item['reason']}")
    lines += [f"  and {len(exclusions) - most} more, all in ingest.json"] * (len(exclusions) > most)
    lines += [f"note: {note}" for note in content["notes"][:most]]
    lines += [f"  and {len(content['notes']) - most} more notes, all in ingest.json"] * (len(content["notes"]) > most)
    return "\n".join(lines)


def _alike(item: dict[str, Any]) -> str:
    number = item.get("number", 1)
    return f" and {number - 1} more" if number > 1 else ""


def _people(content: dict[str, Any]) -> str:
    """Return how many subjects; of a dataset that names nobody each picture is counted as one, and not called so."""
    if content["subjects"] == sum(content["roles"].values()) > 1 or not content.get("names_people", True):
        return "pictures whose people are not known: "
    return f"{content['subjects']} subjects, "


def _short(value: object) -> str:
    text = str(value)
    return text[:8] if len(text) == 64 else text
