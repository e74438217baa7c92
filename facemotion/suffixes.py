"""What a file is by its suffix: the one list; importing this loads no decoder.

AVIF needs a Pillow that has it, HEIC and HEIF the extra ``heif``: where that is not installed, such a file is not a
picture to us, and `lacking` says what to install.
"""

from importlib.util import find_spec
from pathlib import PurePath

__all__ = ["is_image", "is_video", "lacking", "suffix"]

_PICTURES = frozenset("png jpg jpeg jpe jfif bmp gif ppm pgm pbm pnm tif tiff webp jp2 j2k avif heic heif".split())
_VIDEOS = frozenset(
    "3gp asf avi f4v flv m2ts m2v m4v mkv mov mp4 mpe mpeg mpg mts ogv ts vob webm wmv".split(),
)
_NEEDS = {
    "avif": ("PIL._avif", "AVIF pictures need a Pillow that has AVIF: pip install --upgrade pillow"),
    "heic": ("pillow_heif", 'HEIC pictures need the extra heif: pip install "facemotion[heif]"'),
    "heif": ("pillow_heif", 'HEIF pictures need the extra heif: pip install "facemotion[heif]"'),
}
_OTHERS = {
    **dict.fromkeys("3fr arw cr2 cr3 dng nef orf raf raw rw2".split(), "raw camera files are not read"),
    **dict.fromkeys("hdr exr pfm".split(), "floating-point pictures are not read"),
    **dict.fromkeys("heics hif avifs jxl jxr psd xcf tga dds ico icns pcx sgi".split(), "this format is not read"),
    **dict.fromkeys("mxf rm rmvb swf divx dv".split(), "this format is not read"),
}
"""Formats of pictures and videos that are left out, with the reason."""


def is_image(name: str | PurePath) -> bool:
    """Tell by its suffix whether a file is a picture that `facemotion.media` can decode here."""
    ending = suffix(name)
    return ending in _PICTURES and not _missing(ending)


def is_video(name: str | PurePath) -> bool:
    """Tell by its suffix whether a file is a video."""
    return suffix(name) in _VIDEOS


def lacking(name: str | PurePath) -> str:
    """Say why a file that is a picture or a video by its suffix is not read; empty if it is read, or is neither."""
    ending = suffix(name)
    return _missing(ending) or _OTHERS.get(ending, "")


def suffix(name: str | PurePath) -> str:
    """Return what follows the last point of a name in lower case; empty if there is none, or nothing before it."""
    stem, _, ending = str(name).rpartition(".")
    return ending.lower() if stem and not stem.endswith("/") else ""


def _missing(ending: str) -> str:
    """Return what to install for a suffix; empty if nothing is missing."""
    module, advice = _NEEDS.get(ending, ("", ""))
    return advice if module and not _installed(module) else ""


def _installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False
