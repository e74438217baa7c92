"""Checks of what is installed, from the metadata of distributions alone."""

import platform
from collections.abc import Iterable
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import facemotion
from facemotion.doctor.finding import Finding

__all__ = ["packages", "repair", "runtimes"]

SHOWN = (
    *("numpy", "scipy", "pandas", "pyarrow", "opencv-python", "scikit-image", "scikit-learn", "torch", "torchvision"),
    *("timm", "onnxruntime-gpu", "onnxruntime", "av", "insightface", "ray"),
)
"""Packages whose versions are shown; of the others, only what is wrong."""
RUNTIMES = ("onnxruntime-gpu", "onnxruntime-directml", "onnxruntime-openvino", "onnxruntime-qnn", "onnxruntime")
"""Distributions that all install the module onnxruntime, the one to keep first."""


def packages(installed: Iterable[metadata.Distribution]) -> list[Finding]:
    """Compare installed versions with what facemotion's own metadata asks for.

    Parameters
    ----------
    installed : iterable of Distribution
        As ``importlib.metadata.distributions()`` gives them. The runtimes are left to `runtimes`.
    """
    found = _versions(installed)
    findings = [Finding("facemotion", facemotion.__version__)]
    findings += [Finding(name, found[name].version) for name in SHOWN if name in found]
    for text in (found["facemotion"].requires or []) if "facemotion" in found else []:
        wanted = Requirement(text)
        name = canonicalize_name(wanted.name)
        if name in RUNTIMES or (wanted.marker is not None and not wanted.marker.evaluate({"extra": ""})):
            continue
        asked = f'"{wanted.name}{wanted.specifier}"'
        if name not in found:
            findings.append(Finding(name, "missing", f"{name} is not installed: pip install {asked}"))
        elif not wanted.specifier.contains(found[name].version, prereleases=True):
            problem = f"{name} {found[name].version} is not what facemotion needs: pip install {asked}"
            findings = [each for each in findings if each.subject != name]
            findings.append(Finding(name, found[name].version, problem))
    return findings


def runtimes(installed: Iterable[metadata.Distribution]) -> list[Finding]:
    """Tell which distributions of onnxruntime are installed; there must be exactly one.

    They all install the same module: the one that came last overwrites files of the others, and removing it leaves
    a module without content, while pip still lists the rest. insightface brings the one for CPUs.

    Parameters
    ----------
    installed : iterable of Distribution
        As ``importlib.metadata.distributions()`` gives them.
    """
    installed = list(installed)
    found = _runtimes(installed)
    value = ", ".join(f"{name} {version}" for name, version in found.items()) or "none"
    problem = ""
    if not found:
        problem = f"onnxruntime, which runs the face detector, is not installed: {repair(installed)}"
    elif len(found) > 1:
        problem = (
            f"{' and '.join(found)} are installed together and overwrite each other's files, so that CUDA may be "
            f"silently gone: {repair(installed)}"
        )
    return [Finding("onnxruntime installed as", value, problem)]


def repair(installed: Iterable[metadata.Distribution]) -> str:
    """Return the command that removes every onnxruntime that is there and installs the one to keep."""
    found = _runtimes(installed)
    usual = "onnxruntime" if platform.system() == "Darwin" else "onnxruntime-gpu"
    if not found:
        return f"pip install {usual}"
    keep, version = next(iter(found.items()))
    return f"pip uninstall -y {' '.join(sorted(found))} && pip install {keep}=={version}"


def _versions(installed: Iterable[metadata.Distribution]) -> dict[str, metadata.Distribution]:
    """Return distributions by name; as for an import, the first on the path counts."""
    found: dict[str, metadata.Distribution] = {}
    for distribution in installed:
        if "Name" in distribution.metadata:  # a broken installation leaves folders without metadata
            found.setdefault(canonicalize_name(distribution.metadata["Name"]), distribution)
    return found


def _runtimes(installed: Iterable[metadata.Distribution]) -> dict[str, str]:
    found = _versions(installed)
    return {name: found[name].version for name in RUNTIMES if name in found}
