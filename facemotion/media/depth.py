"""How many bits the samples of 16-bit pictures really have: cameras store 10, 12 or 14 of them in 16.

Such a file does not say so, and one dark picture does not tell. The rule is one for a whole set of files: the samples
have the fewest of 8, 10, 12 and 14 bits that hold the largest sample of the set, provided that this sample lies in the
upper half of their range (for 8 bits, anywhere in it), and that the samples are not multiples of one number, as those
are that were stretched to 16 bits. Otherwise the range is taken to be the container's, 16 bits. Formats that state the
depth themselves (PPM, JPEG 2000, AVIF, HEIC) need none of this.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from facemotion.media.source import MAX_PIXELS, MissingSource, Unreadable, read_source

__all__ = ["DEPTHS", "Depth", "deep_samples", "probe_depth", "to_8_bits"]

DEPTHS = (8, 10, 12, 14, 16)
_STARTS = (b"\x89PNG\r\n\x1a\n", b"II*\x00", b"MM\x00*")
_LOOKED_AT = 48


@dataclass(frozen=True)
class Depth:
    """The depth of the 16-bit pictures of a set.

    Attributes
    ----------
    bits : int
        One of `DEPTHS`.
    known : bool
        Whether the samples show it; if not, `bits` is 16.
    largest : int
        The largest sample seen.
    pictures : int
        The number of 16-bit pictures looked at.
    """

    bits: int
    known: bool
    largest: int
    pictures: int

    @property
    def note(self) -> str:
        """A sentence to tell people; empty where the pictures are what they seem."""
        seen = f"{self.pictures} 16-bit picture{'s' * (self.pictures != 1)} looked at: largest sample {self.largest}"
        if not self.known:
            return f"{seen}; their depth cannot be told from that, so that the full range of 16 bits is assumed"
        return "" if self.bits == 16 else f"{seen}; they are read as of {self.bits} bits"


def probe_depth(paths: Iterable[Path | str]) -> Depth | None:
    """Find the depth of the 16-bit PNG and TIFF files of a set, by the rule above.

    Parameters
    ----------
    paths : iterable of Path or str
        The files of one set, such as a dataset, gone through twice; at most 48 are opened, evenly spread. Others than
        PNG and TIFF, and what cannot be read, say nothing.

    Returns
    -------
    Depth or None
        None if none of them has 16 bits.
    """
    count = sum(map(_may_be_deep, paths))
    looked_at = min(count, _LOOKED_AT)
    places = {place * count // looked_at for place in range(looked_at)}
    chosen = [path for place, path in enumerate(filter(_may_be_deep, paths)) if place in places]
    largest, step, number = 0, 0, 0
    for path in dict.fromkeys(chosen):
        samples = _deep_file(Path(path))
        if samples is not None:
            values = np.flatnonzero(np.bincount(samples.ravel(), minlength=1))
            largest, step = max(largest, int(values[-1])), int(np.gcd(step, np.gcd.reduce(values)))
            number += 1
    return Depth(*_bits(largest, step), largest, number) if number else None


def _bits(largest: int, step: int) -> tuple[int, bool]:
    """Return the depth that the largest sample and the samples' greatest common divisor tell, and whether they do."""
    if step != 1:
        return 16, step != 0
    bits = next(bits for bits in DEPTHS if largest < 1 << bits)
    known = bits == 8 or largest >= 1 << (bits - 1)
    return (bits, True) if known else (16, False)


def _may_be_deep(path: Path | str) -> bool:
    return str(path).lower().endswith((".png", ".tif", ".tiff"))


def _deep_file(path: Path) -> NDArray[np.uint16] | None:
    try:
        return deep_samples(read_source(path))
    except (MissingSource, Unreadable):
        return None


def deep_samples(data: bytes) -> NDArray[np.uint16] | None:
    """Return the samples of a 16-bit PNG or TIFF file, gray (H, W) or RGB (H, W, 3); None if it is none.

    Pillow gives of 16-bit colours the upper halves only; OpenCV gives all.
    """
    if not data.startswith(_STARTS) or (data[:1] == b"\x89" and data[24:25] != b"\x10"):
        return None
    if data[:1] == b"\x89" and int.from_bytes(data[16:20]) * int.from_bytes(data[20:24]) > MAX_PIXELS:
        return None
    try:
        samples = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    if samples is None or samples.dtype != np.uint16:
        return None
    return np.ascontiguousarray(samples[..., 2::-1]) if samples.ndim == 3 else samples  # type: ignore[return-value]


def to_8_bits(samples: NDArray, depth: int) -> NDArray[np.uint8]:
    """Return the upper eight of `depth` bits; a sample beyond them is white."""
    return np.minimum(samples >> (depth - 8), 255).astype(np.uint8)


def checked(depth: int, allowed: Sequence[int] = DEPTHS) -> int:
    """Return `depth`; raise `ValueError` if it is none."""
    if depth not in allowed:
        raise ValueError(f"depth is {depth}; expected one of {', '.join(map(str, allowed))}")
    return depth
