"""Checks of files and folders: weights, the workspace, the datasets' roots."""

import os
from collections.abc import Iterable, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from facemotion.doctor.finding import Finding, first_line
from facemotion.errors import FacemotionError
from facemotion.roots import configured_root
from facemotion.workspace import Workspace, digest_bytes

__all__ = ["landmark_weights", "roots", "writable"]


def landmark_weights(
    folder: Path | Traversable | None = None, digests: Mapping[str, str] | None = None
) -> list[Finding]:
    """Check the digests of the weight files of the landmark sources.

    Parameters
    ----------
    folder : Path or Traversable, optional
        Where they lie; the package's own by default.
    digests : mapping of str to str, optional
        SHA-256 by name without suffix; the ones that the sources insist on by default.
    """
    repair = "install facemotion again, pip install --force-reinstall --no-deps facemotion"
    if digests is None:
        try:
            from facemotion.landmarks._runtime import DIGESTS as digests
        except Exception as error:  # `execution_providers` tells what is wrong with onnxruntime
            return [Finding("landmark weights", f"not checked ({first_line(error)})")]
    folder = folder or resources.files("facemotion.landmarks").joinpath("weights")
    for name, digest in digests.items():
        try:
            whole = digest_bytes(folder.joinpath(f"{name}.onnx").read_bytes()) == digest
        except OSError:
            return [Finding("landmark weights", "missing", f"the weight file {name}.onnx is missing: {repair}")]
        if not whole:
            problem = f"the weight file {name}.onnx is damaged, its SHA-256 is wrong: {repair}"
            return [Finding("landmark weights", "damaged", problem)]
    return [Finding("landmark weights", f"{len(digests)} files, digests right")]


def writable(workspace: Workspace) -> list[Finding]:
    """Check that the workspace can be written, without leaving a trace where there is none yet."""
    missing = [folder for folder in (workspace.root, *workspace.root.parents) if not folder.exists()]
    try:
        workspace.check_writable()
    except FacemotionError as error:
        return [Finding("workspace", str(workspace.root), str(error))]
    finally:
        for folder in missing:
            if folder.is_dir():
                folder.rmdir()
    return [Finding("workspace", f"{workspace.root} {'can be made' if missing else 'is writable'}")]


def roots(names: Iterable[str]) -> list[Finding]:
    """Look for the configured root of each dataset; one that is configured and missing is a problem."""
    findings = []
    for name in names:
        if name == "demo":  # facemotion renders it
            continue
        subject = f"dataset {name}"
        try:
            root, where = configured_root(name)
        except FacemotionError as error:
            return [Finding("datasets", "facemotion.toml", str(error))]
        if root is None:
            findings.append(Finding(subject, "not configured"))
        elif os.path.isdir(root):
            findings.append(Finding(subject, f"{root} ({where})"))
        else:
            problem = f"the root of {name}, {root}, is not a folder: correct {where}, or unset it"
            findings.append(Finding(subject, f"{root} ({where})", problem))
    return findings
