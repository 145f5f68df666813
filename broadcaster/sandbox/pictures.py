"""Telling a picture by its bytes: which kind, how large, whether it is whole. No library: only the heads are read."""

import struct
from dataclasses import dataclass

_SIZES_IN_JPEG = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class Damaged(ValueError):
    """It begins as a picture, and its end or its size is missing."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that arrived whole. Sizes are in pixels."""

    content: bytes
    media_type: str
    width: int
    height: int


def picture(content: bytes) -> Picture | None:
    """Return the picture in these bytes (PNG, JPEG, GIF, WebP), None when it is none of them.

    Raises Damaged when it was cut off or tells no size.
    """
    for begins, media_type, size in _KINDS:
        if content.startswith(begins) and (media_type != "image/webp" or content[8:12] == b"WEBP"):
            try:
                width, height = size(content)
            except (struct.error, IndexError) as short:
                raise Damaged(f"{media_type} without an end") from short
            if not width or not height:
                raise Damaged(f"{media_type} without a size")
            return Picture(content, media_type, width, height)
    return None


def _png(content: bytes) -> tuple[int, int]:
    if not content.rstrip(b"\0")[-12:].startswith(b"\0\0\0\0IEND"):
        raise Damaged("image/png without an end")
    width, height = struct.unpack_from(">II", content, 16)
    return width, height


def _gif(content: bytes) -> tuple[int, int]:
    if not content.endswith(b";"):
        raise Damaged("image/gif without an end")
    width, height = struct.unpack_from("<HH", content, 6)
    return width, height


def _jpeg(content: bytes) -> tuple[int, int]:
    if not content.rstrip(b"\0").endswith(b"\xff\xd9"):
        raise Damaged("image/jpeg without an end")
    at = 2
    while content[at] == 0xFF:
        marker, length = content[at + 1], struct.unpack_from(">H", content, at + 2)[0]
        if marker in _SIZES_IN_JPEG:
            height, width = struct.unpack_from(">HH", content, at + 5)
            return width, height
        at += 2 + max(2, length)
    return 0, 0


def _webp(content: bytes) -> tuple[int, int]:
    if len(content) < 8 + struct.unpack_from("<I", content, 4)[0]:
        raise Damaged("image/webp without an end")
    match content[12:16]:
        case b"VP8X":
            return (1 + int.from_bytes(content[24:27], "little"), 1 + int.from_bytes(content[27:30], "little"))
        case b"VP8L":
            bits = struct.unpack_from("<I", content, 21)[0]
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", content, 26)
            return width & 0x3FFF, height & 0x3FFF
    return 0, 0


_KINDS = ((b"\x89PNG\r\n\x1a\n", "image/png", _png), (b"\xff\xd8\xff", "image/jpeg", _jpeg),
          (b"GIF8", "image/gif", _gif), (b"RIFF", "image/webp", _webp))
