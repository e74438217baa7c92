"""The one decoder: a picture's file or a video's frame -> uint8 RGB.

Every stage that looks at pixels reads them here, so that they agree to the bit. `facemotion.media.pictures` decodes
pictures by Pillow, `facemotion.media.videos` videos by PyAV, always from the start and in order, since seeking by index
is wrong in many containers. Both come as a viewer shows them: turned and mirrored as EXIF or the display matrix says,
and with the sides that a video's sample aspect ratio gives.
"""

from pathlib import Path

from facemotion.media.depth import Depth, probe_depth
from facemotion.media.orientation import turned
from facemotion.media.pictures import decode_image, decode_reduced, read_image
from facemotion.media.reduced import Least, Reduced
from facemotion.media.source import (
    MAX_PIXELS,
    MissingSource,
    Pixels,
    Unreadable,
    is_machine_trouble,
    read_source,
)
from facemotion.media.videos import Frame, count_frames, declared_frames, every_frame, read_frames
from facemotion.suffixes import is_video

__all__ = [
    "MAX_PIXELS",
    "Depth",
    "Frame",
    "Least",
    "MissingSource",
    "Pixels",
    "Reduced",
    "Unreadable",
    "count_frames",
    "declared_frames",
    "decode_image",
    "decode_reduced",
    "every_frame",
    "is_machine_trouble",
    "is_video",
    "load",
    "probe_depth",
    "read_frames",
    "read_image",
    "read_source",
    "turned",
]


def load(path: Path, frame: int = 0, *, rotate: int = 0, depth: int = 16) -> Pixels:
    """Read a picture's file, or one frame of a video.

    Parameters
    ----------
    path : Path
        The file; its suffix says whether it is a video.
    frame : int
        0-based frame number in a video; ignored for pictures, whose number is the dataset's own.
    rotate : int
        Clockwise degrees that make the picture upright, on top of what the file itself says: 0, 90, 180 or 270.
    depth : int
        As for `decode_image`.

    Returns
    -------
    uint8 array of shape (H, W, 3)
        RGB.

    Raises
    ------
    MissingSource
        If there is no such file.
    Unreadable
        If it cannot be decoded, or the video has no such frame.
    OSError, MemoryError
        If the machine fails, not the file; see `is_machine_trouble`.
    """
    if not is_video(path):
        return read_image(path, rotate=rotate, depth=depth)
    for _, image in read_frames(path, [frame], rotate=rotate):
        if isinstance(image, Unreadable):
            raise image
        return image
    raise Unreadable(f"{path.name} has only {count_frames(path)} frames; frame {frame} was asked for")
