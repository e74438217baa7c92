"""Writes the figures of ``results/scale.json`` and ``results/alignment.json`` into the marked tables of docs/scale.md.

Run ``python benchmarks/scale_page.py`` after either benchmark; a test sees that the page holds what the files say.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap
from typing import Any

import record

PAGE = Path(__file__).parents[1] / "docs" / "scale.md"
STAGES = ("ingest", "align, killed twice", "align, nothing to do", "train, one epoch")


def scale_table(content: dict[str, Any]) -> Iterator[str]:
    """Yield the lines that tell of many pictures: what each stage took at a tenth of them and at all."""
    numbers = sorted(content["by_pictures"], key=int)
    yield "| stage | " + " | ".join(f"{int(number):,} pictures" for number in numbers) + " |"
    yield "|---|" + "---|" * len(numbers)
    for stage in STAGES:
        cells = (_cell(content["by_pictures"][number][stage]) for number in numbers)
        yield f"| {stage} | " + " | ".join(cells) + " |"
    tenth, whole = (content["by_pictures"][number] for number in numbers)
    yield ""
    kills = sum(each["align, killed twice"]["killed"] for each in (tenth, whole))
    differing, compared = tenth["files that differ from the undisturbed"], tenth["files compared"]
    yield from wrap(
        f"Each cell: seconds by the clock, seconds of the processors, peak memory of the command and of its largest "
        f"worker, without pages of files that are mapped. Kills: {kills}. Files that differ from an alignment that was "
        f"not disturbed: {differing} of {compared}; copies of a picture with another crop: "
        f"{whole['copies with another crop']} of {sum(whole['frames'].values()):,}. {content['workers']} workers on "
        f"{content['machine']['cores']} cores, under a load of {content['load_average'][0]:.1f} at the end.",
        120,
    )
    yield ""
    found = content["arithmetic"]
    cores = list(found["align_minutes_450000"])
    yield from wrap(
        f"By arithmetic from {found['align_cpu_ms_a_picture']} ms of a core for a picture like these, minutes of "
        f"`align`, what two kills cost in it, start and end left out:",
        120,
    )
    yield ""
    yield "| pictures | " + " | ".join(f"{each} cores" for each in cores) + " |"
    yield "|---|" + "---|" * len(cores)
    for number in (450_000, 1_000_000):
        minutes = found[f"align_minutes_{number}"]
        yield f"| {number:,} | " + " | ".join(f"{minutes[each]:,}" for each in cores) + " |"


def _cell(stage: dict[str, Any]) -> str:
    worker = f" + {stage['worker_mb']}" if stage["worker_mb"] else ""
    return f"{stage['seconds']} s, {stage['cpu_seconds']} s, {stage['main_mb']}{worker} MB"


def alignment_table(content: dict[str, Any]) -> Iterator[str]:
    """Yield the lines that tell of one worker and two on laboratory frames, and of large JPEG pictures."""
    parts, ratios = content["parts_ms"], content["ratios"]
    yield "| laboratory frames of 640x490 | |"
    yield "|---|---|"
    yield f"| decoding + detection + warping, one core | {parts['decode']} + {parts['detect']} + {parts['warp']} ms |"
    yield f"| the whole command over their sum | {ratios['command_over_parts']} times |"
    named = {
        "one_worker_over_two": "one worker over two",
        "one_worker_over_two_commands_of_a_half": "one command over two at once that align a half each",
    }
    for name, words in named.items():
        sizes = ", ".join(f"{int(frames):,}" for frames in ratios[name])
        yield f"| {words}, on {sizes} frames | {', '.join(map(str, ratios[name].values()))} times |"
    for source, found in content.get("wild_decoded_in_full_and_reduced", {}).items():
        full, reduced = (f"{found[way]['pictures_a_second']} a second" for way in ("full", "reduced"))
        yield f"| 1000x1000 JPEG, {source}: in full, reduced | {full}, {reduced}: {found['full_over_reduced']} times |"


TABLES = {"scale": scale_table, "alignment": alignment_table}


def filled(text: str) -> str:
    """Return the page with its marked tables as the results say."""
    for name, table in TABLES.items():
        content = json.loads((record.RESULTS / f"{name}.json").read_text(encoding="utf-8"))
        lines = "\n".join(table(content))
        begin, end = f"<!-- {name}.json -->", f"<!-- end of {name}.json -->"
        text = re.sub(f"{begin}.*?{end}", lambda _, new=f"{begin}\n{lines}\n{end}": new, text, flags=re.DOTALL)
    return text


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
