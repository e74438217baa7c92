"""What PyAV gives of a video, in the order in which it is shown; a reason is in the place of each frame that fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from facemotion.media.source import MAX_PIXELS, Unreadable, is_machine_trouble, opened

__all__ = ["decoded", "in_order", "open_video", "told"]

_FEW_FRAMES = 1 << 28
"""Bytes."""
_SAME_PLACE = 8
"""Failures to read a packet, one after the other, after which the rest of a video is given up."""


def decoded(container: Any, stream: Any) -> Iterator[tuple[int | None, Any]]:
    """Yield time and frame of what is decoded, the reason in the frame's place where it fails."""
    damaged: set[int | None] = set()
    for packet in _packets(container, stream):
        if isinstance(packet, str):
            yield None, packet
            continue
        if packet.is_corrupt:
            damaged.add(packet.pts)
        try:
            frames = packet.decode()
        except Exception as error:
            if _is_the_machines(error):
                raise
            damaged.discard(packet.pts)
            yield packet.pts, _reason(error)
            continue
        for frame in frames:
            corrupt = frame.is_corrupt or frame.pts in damaged
            damaged.discard(frame.pts)
            yield frame.pts, _Patched() if corrupt else frame
    yield from ((time, "its data are damaged") for time in damaged if time is not None)


class _Patched(str):
    """The reason of a frame that came out of the decoder in its turn, but damaged."""

    def __new__(cls) -> "_Patched":
        return super().__new__(cls, "its data are damaged, and the decoder could only patch it up")


def _packets(container: Any, stream: Any) -> Iterator[Any]:
    """Yield a stream's packets, and a reason where they cannot be read; reading goes on after that if it can."""
    failures = 0
    packets = container.demux(stream)
    while failures < _SAME_PLACE:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except Exception as error:
            if _is_the_machines(error):
                raise
            if not failures:
                yield _reason(error)
            failures += 1
            packets = container.demux(stream)
        else:
            failures = 0
            yield packet


def in_order(found: Iterator[tuple[int | None, Any]]) -> Iterator[Any]:
    """Yield frames, and the reasons of failed ones at the places where they would have been shown.

    Decoders give frames in the order in which they are shown, but fail in that in which they are stored: a failure
    waits for the first frame of a later time. What comes before the first good frame waits for that one.

    Raises
    ------
    Unreadable
        If there is no good frame.
    """
    waiting: list[tuple[int | None, str]] = []
    before: list[Any] | None = []
    reason = "it has no frames"
    for time, frame in found:
        if isinstance(frame, str):
            reason = frame
            if not isinstance(frame, _Patched):
                waiting.append((time, frame))
                continue
        ready = [each for each in waiting if each[0] is None or time is None or each[0] < time]
        waiting = [each for each in waiting if each not in ready]
        ordered = [*(text for _, text in sorted(ready, key=lambda each: each[0] or 0)), frame]
        if before is not None:
            before += ordered
            if isinstance(frame, str):
                continue
            ordered, before = before, None
        yield from ordered
    if before is not None:
        raise Unreadable(f"no frame of the video can be decoded: {reason}")
    yield from (text for _, text in sorted(waiting, key=lambda each: each[0] or 0))


@contextmanager
def open_video(path: Path) -> Iterator[tuple[Any, Any]]:
    """Open a video and give its container and first video stream; what is raised while it opens is an `Unreadable`.

    It is read through a file object: FFmpeg takes a colon or a percent sign in a path for more than a character.
    Nothing but the file itself is opened, whatever a playlist in it says.
    """
    import av

    with opened(path) as file:
        handle = SimpleNamespace(name=f"video{path.suffix}", read=file.read, seek=file.seek, tell=file.tell)
        with told("the video cannot be decoded"):
            container = av.open(handle, metadata_errors="ignore", options={"protocol_whitelist": "none"})
        with container:
            with told("the video cannot be decoded"):
                if not container.streams.video:
                    raise Unreadable("the file has no video stream")
                stream = container.streams.video[0]
                if stream.codec_context is None:
                    raise Unreadable("the video is in a coding that is not known here")
                if stream.width * stream.height > MAX_PIXELS:
                    raise Unreadable(f"the video claims {stream.width}x{stream.height} pixels a frame")
            yield container, stream


@contextmanager
def told(what: str) -> Iterator[None]:
    """Turn whatever a decoder raises into an `Unreadable`, but for what is the machine's."""
    try:
        yield
    except Unreadable:
        raise
    except Exception as error:
        if _is_the_machines(error):
            raise
        raise Unreadable(f"{what}: {_reason(error)}") from error


def _is_the_machines(error: Exception) -> bool:
    """Tell the machine's trouble from FFmpeg's errors, many of which are `OSError` too.

    FFmpeg lacks memory where the machine does, and where a damaged file asks for more than any machine has.
    """
    import av.error

    if isinstance(error, av.error.FFmpegError):
        return isinstance(error, MemoryError) and not _has_memory()
    return is_machine_trouble(error)


def _has_memory() -> bool:
    """Tell whether there is memory for a few frames, so that what FFmpeg asked for was more."""
    try:
        bytearray(_FEW_FRAMES)
    except MemoryError:
        return False
    return True


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).strip().rstrip(".")
