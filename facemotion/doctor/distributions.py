"""Checks of what is installed, from the metadata of distributions alone."""

import platform
from collections.abc import Iterable, Mapping
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import facemotion
from facemotion.doctor.finding import Finding

__all__ = ["opencv", "packages", "repair", "runtimes"]

SHOWN = (
    *("numpy", "scipy", "pandas", "pyarrow", "scikit-image", "scikit-learn", "torch", "torchvision"),
    *("timm", "onnxruntime-gpu", "onnxruntime", "av", "insightface", "ray"),
)
"""Packages whose versions are shown; of the others, only what is wrong."""
RUNTIMES = ("onnxruntime-gpu", "onnxruntime-directml", "onnxruntime-openvino", "onnxruntime-qnn", "onnxruntime")
"""Distributions that all install the module onnxruntime, the one to keep first."""
OPENCV = (
    *("opencv-contrib-python", "opencv-contrib-python-headless"),
    *("opencv-python", "opencv-python-headless", "opencv-python-rolling", "opencv-contrib-python-rolling"),
)
"""Distributions that all install the module cv2, the one to keep first: the most complete."""


def packages(installed: Iterable[metadata.Distribution]) -> list[Finding]:
    """Compare installed versions with what facemotion's own metadata asks for.

    Parameters
    ----------
    installed : iterable of Distribution
        As ``importlib.metadata.distributions()`` gives them. What has several distributions is left to `runtimes` and
        `opencv`.
    """
    found = _versions(installed)
    findings = [Finding("facemotion", facemotion.__version__)]
    findings += [Finding(name, found[name].version) for name in SHOWN if name in found]
    for text in (found["facemotion"].requires or []) if "facemotion" in found else []:
        wanted = Requirement(text)
        name = canonicalize_name(wanted.name)
        if name in RUNTIMES or (wanted.marker is not None and not wanted.marker.evaluate({"extra": ""})):
            continue
        if name in OPENCV:
            name = next((each for each in OPENCV if each in found), "")
        if not name:
            continue
        asked = f'"{name}{wanted.specifier}"'
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
    problem = "{} are installed together and overwrite each other's files, so that CUDA may be silently gone: {}"
    return [_one_of(installed, RUNTIMES, "onnxruntime", "which runs the face detector", problem, repair(installed))]


def opencv(installed: Iterable[metadata.Distribution]) -> list[Finding]:
    """Tell which distributions of OpenCV are installed; there must be exactly one, as for `runtimes`.

    facemotion asks for ``opencv-python``, other packages for the headless or the contrib one: pip installs them all.

    Parameters
    ----------
    installed : iterable of Distribution
        As ``importlib.metadata.distributions()`` gives them.
    """
    installed = list(installed)
    found = _found(installed, OPENCV)
    problem = "{} are installed together and overwrite each other's files, so that cv2 may be of no version: {}"
    advice = _reinstall(found) if found else "pip install opencv-python"
    return [_one_of(installed, OPENCV, "OpenCV", "which reads and warps pictures", problem, advice)]


def repair(installed: Iterable[metadata.Distribution]) -> str:
    """Return the command that removes every onnxruntime that is there and installs the one to keep."""
    found = _found(installed, RUNTIMES)
    usual = "onnxruntime" if platform.system() == "Darwin" else "onnxruntime-gpu"
    return _reinstall(found) if found else f"pip install {usual}"


def _one_of(
    installed: Iterable[metadata.Distribution],
    names: Iterable[str],
    what: str,
    purpose: str,
    problem: str,
    advice: str,
) -> Finding:
    """Return the finding on distributions of which exactly one must be installed."""
    found = _found(installed, names)
    value = ", ".join(f"{name} {version}" for name, version in found.items()) or "none"
    told = ""
    if not found:
        told = f"{what}, {purpose}, is not installed: {advice}"
    elif len(found) > 1:
        told = problem.format(" and ".join(found), advice)
    return Finding(f"{what} installed as", value, told)


def _reinstall(found: Mapping[str, str]) -> str:
    keep, version = next(iter(found.items()))
    return f"pip uninstall -y {' '.join(sorted(found))} && pip install {keep}=={version}"


def _versions(installed: Iterable[metadata.Distribution]) -> dict[str, metadata.Distribution]:
    """Return distributions by name; as for an import, the first on the path counts."""
    found: dict[str, metadata.Distribution] = {}
    for distribution in installed:
        if "Name" in distribution.metadata:  # a broken installation leaves folders without metadata
            found.setdefault(canonicalize_name(distribution.metadata["Name"]), distribution)
    return found


def _found(installed: Iterable[metadata.Distribution], names: Iterable[str]) -> dict[str, str]:
    """Return the versions of those of some distributions that are installed, in the order of `names`."""
    found = _versions(installed)
    return {name: found[name].version for name in names if name in found}
