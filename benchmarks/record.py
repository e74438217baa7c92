"""What every benchmark writes about itself: question, command, machine and versions, in one JSON file."""

import json
import os
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

__all__ = ["RESULTS", "machine", "write"]

RESULTS = Path(__file__).parent / "results"
ALWAYS = ("numpy", "scipy")


def machine() -> dict[str, Any]:
    """Return processor, cores, memory in GB and system; and the CUDA device, where there is one."""
    found: dict[str, Any] = {"processor": _processor(), "cores": os.cpu_count(), "system": sys.platform}
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        found["memory_gb"] = round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1)
    torch = sys.modules.get("torch")  # a benchmark that does not train does not load it
    if torch is not None and torch.cuda.is_available():
        found["cuda"] = torch.cuda.get_device_name()
    return found


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text(encoding="utf-8").splitlines() if facts.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()} ({platform.machine()})"


def write(path: Path, *, question: str, command: str, packages: tuple[str, ...] = (), **results: Any) -> None:
    """Write a benchmark's results behind what they are about, and print them.

    Parameters
    ----------
    path : Path
        The JSON file.
    question, command : str
        What is asked, and what was typed to ask it.
    packages : tuple of str
        Distributions whose versions matter, besides those of every benchmark.
    **results
        JSON values.
    """
    import facemotion

    versions: Mapping[str, str] = {
        "python": platform.python_version(),
        "facemotion": facemotion.__version__,
        **{name: version(name) for name in (*ALWAYS, *packages)},
    }
    content = {"question": question, "command": command, "machine": machine(), "versions": versions, **results}
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, indent=1) + "\n"
    path.write_text(text, encoding="utf-8")
    print(text, end="")
