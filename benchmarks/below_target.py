"""Says which figures of a benchmark of the training step are below their targets.

Run ``python benchmarks/below_target.py results/train_step-cuda.json``; what was not measured is said too, and which
settings were faster than those that a user gets.
"""

import json
import sys
from pathlib import Path
from typing import Any

__all__ = ["HOURS", "TARGETS", "below"]

TARGETS = {("compact", "joint"): 15_000, ("paper", "joint"): 1_200, ("paper", "generator"): 1_800}
"""Images a second on one H100."""
HOURS = 1.0
"""For the ten folds of CK+ with the preset ``paper``."""
OWN = "facemotion"
"""The loop with the settings that a user gets."""
WORTH = 1.05
"""How many times as fast other settings must be to be named."""


def below(path: Path) -> list[str]:
    """Return a line for each figure that is below its target, or was not measured."""
    try:
        presets = json.loads(path.read_text(encoding="utf-8"))["presets"]
    except (OSError, ValueError, KeyError):
        return [f"nothing was measured ({path.name} is missing or damaged)"]
    lines = []
    for (preset, phase), target in TARGETS.items():
        loops = presets.get(preset, {}).get("loops", {})
        rates = {name: loop[phase]["images_per_second"] for name, loop in loops.items() if phase in loop}
        found = rates.get(OWN)
        if found is None:
            reason = loops.get(OWN, {}).get("failed")
            lines.append(f"{preset} {phase} not measured" + (f" ({reason})" if reason else ""))
        elif found < target:
            lines.append(f"{preset} {phase} {found:.0f} of {target} images a second{_faster(rates)}")
    hours = presets.get("paper", {}).get("hours_for_ten_folds_of_ckplus_by_these_rates")
    if hours is None:
        lines.append("hours of the CK+ protocol not measured")
    elif hours > HOURS:
        lines.append(f"CK+ protocol {hours:.2f} h of at most {HOURS:g}")
    return lines


def _faster(rates: dict[str, Any]) -> str:
    """Name the settings that were fastest, if they were clearly faster than those that a user gets."""
    own = {name: rate for name, rate in rates.items() if name.startswith(OWN)}
    best = max(own, key=lambda name: own[name])
    return f" ({own[best]:.0f} as {best!r})" if own[best] > WORTH * own[OWN] else ""


if __name__ == "__main__":
    missed = below(Path(sys.argv[1]))
    print("below target: " + ("; ".join(missed) if missed else "nothing"))
