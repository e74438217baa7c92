"""What a file is by its suffix; importing this loads no decoder."""

from pathlib import PurePath

__all__ = ["is_image", "is_video"]

_IMAGES = frozenset("png jpg jpeg jpe jfif bmp gif ppm pgm pbm pnm tif tiff webp jp2 j2k".split())
_VIDEOS = frozenset("3gp asf avi flv m4v mkv mov mp4 mpeg mpg mts ogv vob webm wmv".split())


def is_image(name: str | PurePath) -> bool:
    """Tell by its suffix whether a file is a picture that `facemotion.images` can decode."""
    return _suffix(name) in _IMAGES


def is_video(name: str | PurePath) -> bool:
    """Tell by its suffix whether a file is a video."""
    return _suffix(name) in _VIDEOS


def _suffix(name: str | PurePath) -> str:
    stem, _, suffix = str(name).rpartition(".")
    return suffix.lower() if stem else ""
