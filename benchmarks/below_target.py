"""Says which figures of a benchmark of the training step are below their targets.

Run ``python benchmarks/below_target.py results/train_step-cuda.json``; what was not measured is said too.
"""

import json
import sys
from pathlib import Path

TARGETS = {("compact", "joint"): 15_000, ("paper", "joint"): 1_200, ("paper", "generator"): 1_800}
"""Images a second on one H100."""
HOURS = 1.0
"""For the ten folds of CK+ with the preset ``paper``."""


def below(path: Path) -> list[str]:
    """Return a line for each figure that is below its target or was not measured."""
    try:
        presets = json.loads(path.read_text(encoding="utf-8"))["presets"]
    except (OSError, ValueError, KeyError):
        return [f"nothing was measured ({path.name} is missing or damaged)"]
    lines = []
    for (preset, phase), target in TARGETS.items():
        loops = presets.get(preset, {}).get("loops", {})
        found = [loop[phase]["images_per_second"] for name, loop in loops.items() if name != "plain" and phase in loop]
        best = max(found, default=None)
        if best is None:
            lines.append(f"{preset} {phase} not measured")
        elif best < target:
            lines.append(f"{preset} {phase} {best:.0f} of {target} images a second")
    hours = presets.get("paper", {}).get("hours_for_ten_folds_of_ckplus_by_these_rates")
    if hours is None:
        lines.append("hours of the CK+ protocol not measured")
    elif hours > HOURS:
        lines.append(f"CK+ protocol {hours:.2f} h of at most {HOURS:g}")
    return lines


if __name__ == "__main__":
    missed = below(Path(sys.argv[1]))
    print("below target: " + ("; ".join(missed) if missed else "nothing"))
