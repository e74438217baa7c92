"""Writes in-the-wild renderings in the layouts of AffectNet's three releases, with their quirks."""

import hashlib
import json
from collections.abc import Callable
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from facemotion.config import DemoSettings
from facemotion.datasets.affectnet.info import CODES
from facemotion.demo.layout import Layout, Part, Whole
from facemotion.demo.pictures import wild

__all__ = ["render_affectnet"]

_NUMBERS = {expression: code for code, expression in CODES.items()}
_FOLDERS = (1, 689, 1381)
_SUFFIXES = ("jpg", "jpg", "jpg", "JPG", "png", "bmp", "tif")
_HEADER = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal"
_VALIDATION_SHARE = 6
_LATER = 5_000
"""Added to the seeds of people, so that nobody of the laboratory renderings appears here."""

Face = tuple[str, NDArray[np.uint8], NDArray[np.float32]]


def render_affectnet(out: Path, settings: DemoSettings, *, release: str = "a", **how: Any) -> None:
    """Render each subject once with every expression of AffectNet, in the wild.

    Parameters
    ----------
    out, settings, **how
        As for `facemotion.demo.layout.Layout`; frames play no part. The quirks of real copies: other suffixes, two
        faces in a picture, boxes that leave it or are none, broken files, codes that are no expression, gaps in the
        numbering, missing annotations.
    release : {"a", "b", "c"}
        csv lists with boxes; npy items; json items.
    """
    writers: dict[str, Callable[[Whole, list[list[Face]]], None]] = {
        "a": _write_csv,
        "b": partial(_write_items, npy=True),
        "c": partial(_write_items, npy=False),
    }
    Layout(f"affectnet-{release}", _person, writers[release])(out, settings, **how)


def _person(part: Part) -> list[Face]:
    frames = {expression: wild(part, expression, later=_LATER) for expression in CODES.values()}
    return [(expression, frame.image, frame.landmarks) for expression, frame in frames.items()]


def _is_validation(position: int) -> bool:
    return position // len(CODES) % _VALIDATION_SHARE == _VALIDATION_SHARE - 1


def _encode(image: NDArray[np.uint8], suffix: str) -> bytes:
    options = [cv2.IMWRITE_JPEG_QUALITY, 90] if suffix.lower() in ("jpg", "jpeg") else []
    good, data = cv2.imencode(f".{suffix.lower()}", image[..., ::-1], options)
    if not good:
        raise OSError(f"OpenCV cannot write .{suffix} files here")
    return data.tobytes()


def _box(landmarks: NDArray[np.float32]) -> list[float]:
    """Return x, y, width, height of a face box round the five points, in whole pixels."""
    eyes, mouth = landmarks[:2].mean(axis=0), landmarks[3:].mean(axis=0)
    reach = 1.6 * float(np.hypot(*(mouth - eyes)))
    x, y = (eyes + mouth) / 2 - reach * 0.95
    return [float(round(value)) for value in (x, y, 1.9 * reach, 1.9 * reach)]


def _contour(landmarks: NDArray[np.float32]) -> str:
    """Return 68 points in the form of the lists; those of the eyes, the nose tip and the mouth corners are true."""
    points = np.repeat(landmarks[2:3], 68, axis=0)
    ring = np.stack([np.cos(np.arange(6) * np.pi / 3), np.sin(np.arange(6) * np.pi / 3)], axis=1)
    size = 0.12 * np.hypot(*(landmarks[1] - landmarks[0]))
    points[36:42], points[42:48] = landmarks[0] + size * ring, landmarks[1] + size * ring
    points[48], points[54] = landmarks[3], landmarks[4]
    return ";".join(f"{value:.2f}" for value in points.ravel())


def _write_csv(whole: Whole, people: list[list[Face]]) -> None:
    root, clean, faces = whole.root, whole.clean, list(chain.from_iterable(people))
    lists: dict[str, list[str]] = {"training": [], "validation": []}
    images = root / "Manually_Annotated_Images"
    for position, (expression, image, landmarks) in enumerate(faces):
        suffix = "jpg" if clean else _SUFFIXES[position % len(_SUFFIXES)]
        data = _encode(image, "png" if suffix == "JPG" else suffix)  # a PNG file that calls itself .JPG
        name = f"{_FOLDERS[position % 3]}/{hashlib.sha224(data).hexdigest()}.{suffix}"
        (images / name).parent.mkdir(parents=True, exist_ok=True)
        (images / name).write_bytes(data)
        numbers = ",".join(f"{value:.1f}" for value in _box(landmarks))
        line = f"{name},{numbers},{_contour(landmarks)},{_NUMBERS[expression]},0.1,-0.2"
        lists["validation" if _is_validation(position) else "training"].append(line)
    if not clean:
        lists["training"] += _two_in_one(images, faces) + _bad_rows(images, lists["training"][0])
    folder = root / "Manually_Annotated_file_lists"
    folder.mkdir()
    for part, lines in lists.items():
        bare = not clean and part == "validation" and lines  # some copies lack the header in one of the two
        header = [] if bare else [_HEADER]
        (folder / f"{part}.csv").write_text("\n".join([*header, *lines]) + "\n", encoding="ascii", newline="\n")


def _two_in_one(images: Path, faces: list[Face]) -> list[str]:
    """Write a picture of two people; return its two rows, whose boxes leave it on both sides."""
    pair = faces[1], faces[len(CODES) + 2]  # the first person's happiness, the second one's sadness
    data = _encode(np.hstack([image for _, image, _ in pair]), "jpg")
    name = f"{_FOLDERS[1]}/{hashlib.sha224(data).hexdigest()}.jpg"
    (images / name).write_bytes(data)
    rows = []
    for place, (expression, image, landmarks) in enumerate(pair):
        width = image.shape[1]
        points = landmarks + np.array([place * width, 0], np.float32)
        x, y, side, height = _box(points)
        beyond = x + 8.0 if place == 0 else 2 * width - x - side + 8.0  # to eight pixels outside
        numbers = f"{x - beyond * (place == 0):.1f},{y:.1f},{side + beyond:.1f},{height:.1f}"
        rows.append(f"{name},{numbers},{_contour(points)},{_NUMBERS[expression]},0.1,-0.2")
    return rows


def _bad_rows(images: Path, first: str) -> list[str]:
    """Return rows such as real lists have: a bad box, a repeated row, codes that are no expression, broken files."""
    name, _, rest = first.partition(",")
    fields = rest.split(",")
    (images / "1" / f"{'0' * 56}.jpg").write_bytes(b"")
    (images / "1" / f"{'1' * 56}.jpg").write_bytes(b"\xff\xd8\xff\xe0 this is no picture")
    return [
        f"{name},12.0,10.0,-1.0,40.0,{fields[4]},6,0.1,0.1",
        first,
        *(f"{name},{code}.0,1.0,9.0,9.0,,{code},-2,-2" for code in (8, 9, 10)),
        f"1/{'0' * 56}.jpg,1.0,1.0,90.0,90.0,,6,0,0",
        f"1/{'1' * 56}.jpg,1.0,1.0,90.0,90.0,,6,0,0",
        f"1/{'3' * 56}.jpg,1.0,1.0,90.0,90.0,,6,0,0",
    ]


def _write_items(whole: Whole, people: list[list[Face]], *, npy: bool) -> None:
    root, clean, faces = whole.root, whole.clean, list(chain.from_iterable(people))
    top = root if npy else root / "human_annotated"
    for position, (expression, image, landmarks) in enumerate(faces):
        part = ("val_set" if npy else "validation_set") if _is_validation(position) else "train_set"
        number = position if clean else position + position // 5 * 3  # real numbering has gaps
        folders = [top / part / name for name in ("images", "annotations")]
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        (folders[0] / f"{number}.jpg").write_bytes(_encode(image, "jpg"))
        code = _NUMBERS[expression]
        if npy:
            points = [float(value) for value in _contour(landmarks).split(";")]
            values: dict[str, Any] = {"exp": code, "val": 0.1, "aro": -0.2, "lnd": points}
            if not clean:
                values["exp"] = str(code)
                if position == 4:
                    del values["val"]
            for kind, value in values.items():
                np.save(folders[1] / f"{number}_{kind}.npy", np.array(value))
        else:
            label = code if clean or position % 2 else str(code)
            (folders[1] / f"{number}.json").write_text(json.dumps({"human-label": label, "soft-label": []}))
