"""Videos -> frames, each a uint8 RGB picture or the reason why there is none, decoded by PyAV from start to end.

A frame that cannot be decoded keeps its number: it comes as an `Unreadable`, at the place where it would have been
shown, and those after it come with their own numbers. So does one that the decoder could only patch up, and one whose
data the container marks as damaged. Of a video without a single good frame nothing comes but one `Unreadable`, raised.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from facemotion.media import orientation
from facemotion.media.decoding import decoded, in_order, open_video, told
from facemotion.media.source import MAX_PIXELS, Pixels, Unreadable

__all__ = ["Frame", "count_frames", "declared_frames", "every_frame", "read_frames"]

_MOST_SQUEEZED = 8
"""Sample aspect ratios beyond it, either way, are taken for damage and left out."""


@dataclass(frozen=True, eq=False)
class Frame:
    """A frame of a video, which is converted when it is called for, before the next one is taken.

    Attributes
    ----------
    index : int
        0-based.
    failure : str
        Why it cannot be decoded; empty if it can be.
    """

    index: int
    failure: str
    _decoded: Any
    _ratio: float
    _converter: Any

    def __call__(self) -> Pixels:
        """Return it as uint8 RGB of shape (H, W, 3); raise `Unreadable` if it cannot be had."""
        what = f"frame {self.index} cannot be decoded"
        if self.failure:
            raise Unreadable(f"{what}: {self.failure}")
        with told(what):
            return _shown(self._decoded, self._ratio, self._converter)


def read_frames(path: Path, indices: Iterable[int], *, rotate: int = 0) -> Iterator[tuple[int, Pixels | Unreadable]]:
    """Decode a video once, from its start, and yield the frames asked for.

    Parameters
    ----------
    path : Path
        The video.
    indices : iterable of int
        0-based frame numbers in the order in which frames are shown; repeats count once.
    rotate : int
        As for `facemotion.media.load`.

    Yields
    ------
    index : int
        Ascending. A number past the end is left out.
    image : uint8 array of shape (H, W, 3), or Unreadable
        RGB, or why this frame cannot be had.

    Raises
    ------
    MissingSource, Unreadable, OSError, MemoryError
        As for `facemotion.media.load`; an `Unreadable` is about the whole video.
    """
    wanted = sorted(set(indices), reverse=True)
    if wanted and wanted[-1] < 0:
        raise ValueError(f"frame {wanted[-1]} was asked for; frames count from 0")
    if not wanted:
        return
    for index, frame in every_frame(path):
        if index == wanted[-1]:
            wanted.pop()
            try:
                yield index, orientation.turned(frame(), rotate)
            except Unreadable as error:
                yield index, error
            if not wanted:
                return


def every_frame(path: Path) -> Iterator[tuple[int, Frame]]:
    """Decode a video once, from its start to its end; convert only the frames that are asked for.

    Parameters
    ----------
    path : Path
        The video.

    Yields
    ------
    index : int
        0-based, each once, ascending without gaps.
    frame : Frame
        Its picture when it is called, before the next one is taken.

    Raises
    ------
    MissingSource, Unreadable, OSError, MemoryError
        As for `read_frames`.
    """
    with open_video(path) as (container, stream):
        from av.video.reformatter import VideoReformatter

        ratio, converter = float(stream.sample_aspect_ratio or 1), VideoReformatter()
        for index, frame in enumerate(in_order(decoded(container, stream))):
            yield index, Frame(index, frame if isinstance(frame, str) else "", frame, ratio, converter)


def count_frames(path: Path) -> int:
    """Return how many frames of a video decode, by decoding it: headers are often wrong."""
    with open_video(path) as (container, stream):
        return sum(not isinstance(frame, str) for frame in in_order(decoded(container, stream)))


def declared_frames(path: Path) -> int:
    """Return how many frames a video's header names, which need not be true; 0 if it names none.

    Raises
    ------
    MissingSource, Unreadable
        As for `facemotion.media.load`.
    """
    with open_video(path) as (_, stream):
        return max(0, stream.frames)


def _shown(frame: Any, ratio: float, converter: Any) -> Pixels:
    """Return a decoded frame as a player shows it.

    The converter serves all frames of a video: ``frame.to_ndarray`` would set up its own for each, which takes longer
    than the conversion. ``frame.side_data`` would not do: PyAV keeps it with the frame, as a ring that is never freed.
    """
    from av.sidedata.sidedata import SideDataContainer

    sides = _shown_sides(frame.width, frame.height, ratio)
    if max(frame.width * frame.height, sides[0] * sides[1]) > MAX_PIXELS:
        raise Unreadable(f"the video claims {sides[0]}x{sides[1]} pixels a frame; at most {MAX_PIXELS} are decoded")
    image: Pixels = converter.reformat(frame, format="rgb24").to_ndarray()
    if sides != (frame.width, frame.height):
        image = cv2.resize(image, sides, interpolation=cv2.INTER_LINEAR)  # type: ignore[assignment]
    matrix = SideDataContainer(frame).get("DISPLAYMATRIX")  # type: ignore[call-arg]
    number = 1 if matrix is None else orientation.of_matrix(np.frombuffer(bytes(matrix), np.int32).tolist())
    return orientation.oriented(image, number)


def _shown_sides(width: int, height: int, ratio: float) -> tuple[int, int]:
    """Return the (width, height) with square pixels; a frame is only ever enlarged, so that nothing is lost."""
    if not 1 / _MOST_SQUEEZED <= ratio <= _MOST_SQUEEZED:
        return width, height
    return (round(width * ratio), height) if ratio > 1 else (width, round(height / ratio))
