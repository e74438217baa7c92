"""The blocks that PNG, JPEG and WebP files are made of: damage in the picture's is told, the others' costs nothing."""

import zlib
from collections.abc import Iterator

from facemotion.media.source import Unreadable

__all__ = ["PNG", "checked_png", "without_metadata"]

PNG = b"\x89PNG\r\n\x1a\n"
_PNG_NEEDED = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
_WEBP_NEEDED = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"EXIF"}
_EXIF_ALONE = 0b0000_1000
_ALPHA_AND_ANIMATION = 0b0001_0010


def checked_png(data: bytes) -> bytes:
    """Check the checksums of the blocks that hold the picture; Pillow does not look at those of the pixels.

    Returns
    -------
    bytes
        The same file, without its metadata where the checksum of its EXIF block is wrong.

    Raises
    ------
    Unreadable
        If the checksum of one that holds the picture is wrong.
    """
    good_exif = True
    for start, end, kind in _png_blocks(data):
        if kind in _PNG_NEEDED and not _is_whole(data, start, end):
            name = kind.decode("ascii")
            raise Unreadable(f"the PNG file is damaged: the checksum of its block {name} at byte {start} is wrong")
        if kind == b"eXIf":
            good_exif = good_exif and _is_whole(data, start, end)
    return data if good_exif else without_metadata(data) or data


def without_metadata(data: bytes) -> bytes | None:
    """Return a picture's file without what is not the picture, but for EXIF; None where that changes nothing.

    Of PNG also EXIF goes where its checksum is wrong.
    """
    if data.startswith(PNG):
        kept = [data[start:end] for start, end, kind in _png_blocks(data) if _png_kept(data, start, end, kind)]
        rest = PNG + b"".join(kept)
    elif data.startswith(b"\xff\xd8\xff"):
        rest = b"".join(_jpeg_parts(data))
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        body = b"".join(_webp_parts(data))
        rest = b"RIFF" + (4 + len(body)).to_bytes(4, "little") + b"WEBP" + body
    else:
        return None
    return rest if rest != data else None


def _png_blocks(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield start, end and kind of each whole block."""
    start = len(PNG)
    while start + 12 <= len(data):
        end = start + 12 + int.from_bytes(data[start : start + 4])
        if end > len(data):
            return
        kind = data[start + 4 : start + 8]
        yield start, end, kind
        if kind == b"IEND":
            return
        start = end


def _png_kept(data: bytes, start: int, end: int, kind: bytes) -> bool:
    return kind in _PNG_NEEDED or (kind == b"eXIf" and _is_whole(data, start, end))


def _is_whole(data: bytes, start: int, end: int) -> bool:
    """Tell whether the checksum at the end of a block of PNG is that of its kind and content."""
    return zlib.crc32(memoryview(data)[start + 4 : end - 4]) == int.from_bytes(data[end - 4 : end])


def _jpeg_parts(data: bytes) -> Iterator[bytes]:
    """Yield what makes the picture; of application data EXIF, and Adobe's if it is whole: it tells the colours."""
    yield data[:2]
    start = 2
    while start + 4 <= len(data) and data[start] == 0xFF:
        marker = data[start + 1]
        end = start + 2 + int.from_bytes(data[start + 2 : start + 4])
        content = data[start + 4 : end]
        metadata = 0xE0 <= marker <= 0xEF or marker == 0xFE
        exif = marker == 0xE1 and content.startswith(b"Exif\0")
        adobe = marker == 0xEE and content.startswith(b"Adobe") and len(content) >= 12
        if marker == 0xDA:  # from here on, the pixels
            break
        if not metadata or exif or adobe:
            yield data[start:end]
        start = end
    yield data[start:]


def _webp_parts(data: bytes) -> Iterator[bytes]:
    """Yield the whole chunks that make the picture, and EXIF's; the flags of the first say what follows."""
    chunks = []
    start = 12
    while start + 8 <= len(data):
        end = start + 8 + int.from_bytes(data[start + 4 : start + 8], "little")
        if end > len(data):
            break
        if data[start : start + 4] in _WEBP_NEEDED:
            chunks.append(data[start : end + end % 2].ljust(end + end % 2 - start, b"\0"))
        start = end + end % 2
    exif = any(chunk.startswith(b"EXIF") for chunk in chunks)
    for chunk in chunks:
        if chunk.startswith(b"VP8X"):
            flags = chunk[8] & _ALPHA_AND_ANIMATION | (_EXIF_ALONE if exif else 0)
            chunk = chunk[:8] + bytes([flags]) + chunk[9:]
        yield chunk
