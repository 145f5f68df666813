"""
A picture that goes with words: what an approved one is, and whether a file may become one.

Only still PNG and JPEG pictures, of bounded size, with nothing in them but the picture: no notes, no place, no camera,
no second picture behind the first. What is not known to be harmless is refused, with what to do about it. All of PNG
is decoded here; of JPEG every marker is read, and its shape.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

#: An upload takes from the time of the call that carries the words, and mobile networks are slow in a crisis.
BYTES_MAX = 1_000_000
#: Smaller is a blur on a phone; no channel shows more than this.
SIDE_MIN, SIDE_MAX = 300, 2048
#: Nothing wider than this is shown whole in a feed.
LONGER_MAX = 4.0
PNG, JPEG = "image/png", "image/jpeg"
SUFFIXES = {PNG: "png", JPEG: "jpg"}

_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
#: Colours of a picture, and how its colours are meant (PNG, third edition, section 11). Everything else is refused.
#: With how long each may be: what is longer has something else in it.
_PNG_PARTS = {
    b"IHDR": 13, b"PLTE": 768, b"IDAT": BYTES_MAX, b"IEND": 0, b"tRNS": 256, b"gAMA": 4, b"cHRM": 32, b"sRGB": 1,
    b"iCCP": BYTES_MAX, b"cICP": 4, b"sBIT": 4, b"pHYs": 9,
}  # fmt: skip
#: No colour profile in use is longer, unpacked; a packed one of half a megabyte can be made to fill a reader's memory.
_PROFILE_BYTES_MAX = 4 << 20
_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  #: colour type → values a pixel
_PNG_DEPTHS = {0: (1, 2, 4, 8), 2: (8,), 3: (1, 2, 4, 8), 4: (8,), 6: (8,)}
#: Markers of a JPEG (ITU-T T.81, table B.1) that are the picture itself, with the segments a colour profile needs.
_JPEG_PARTS = frozenset({0xC0, 0xC1, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD, 0xE0, 0xE2, 0xEE})
#: How those of an application's own begin when they say how to show the picture; others tell where, when and by whom.
_JPEG_NOTES = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_JFIF_LENGTH = 14  #: longer has a small copy of a picture in it, maybe of another one
_JPEG_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_RESTARTS = range(0xD0, 0xD8)


class Unusable(Exception):
    """The file cannot be a picture of ours; the text says why and what to do, in English."""


@dataclass(frozen=True)
class Picture:
    """One approved picture. `alt` says it to those who do not see it; `data` is empty where no bytes are at hand."""

    sha256: str  #: of its bytes, in hex: what two people approved
    type: str  #: image/png or image/jpeg
    width: int
    height: int
    alt: str
    data: bytes = field(default=b"", repr=False)

    @classmethod
    def read(cls, sha256: str, data: bytes) -> "Picture":
        """Return approved bytes as a picture without words. Raises `Unusable` for what never was one."""
        shape = examine(data)
        return cls(sha256, shape.type, shape.width, shape.height, "", data)

    @property
    def name(self) -> str:
        """Return what it is called in addresses: its bytes decide its name, so a copy never grows old."""
        return f"{self.sha256}.{SUFFIXES[self.type]}"


@dataclass(frozen=True)
class Shape:
    """What a file is: its media type, and its sides in pixels."""

    type: str
    width: int
    height: int


def hash_in(name: str) -> str | None:
    """Return the SHA-256 that a picture's name in an address carries, or None if it is no such name."""
    found = re.fullmatch(r"([0-9a-f]{64})\.(png|jpg)", name)
    return found[1] if found else None


def examine(data: bytes) -> Shape:
    """Return what the picture is. Raises `Unusable`, saying why."""
    if len(data) > BYTES_MAX:
        raise Unusable(f"is larger than {BYTES_MAX} bytes; save it smaller or with fewer colours")
    if data.startswith(_PNG_HEAD):
        shape = _png(data)
    elif data.startswith(b"\xff\xd8\xff"):
        shape = _jpeg(data)
    else:
        raise Unusable("is neither PNG nor JPEG inside; save it as one of them, whatever it is called")
    short, long = sorted((shape.width, shape.height))
    if short < SIDE_MIN or long > SIDE_MAX:
        size = f"{shape.width} × {shape.height}"
        raise Unusable(f"is {size} pixels; each side must be {SIDE_MIN} to {SIDE_MAX}. 1200 × 630 suits most places")
    if long > LONGER_MAX * short:
        raise Unusable(f"is more than {LONGER_MAX:.0f} times as long as it is wide; feeds would cut it")
    return shape


def _png(data: bytes) -> Shape:
    parts = list(_png_parts(data))
    names = [name for name, _ in parts]
    if names[:1] != [b"IHDR"] or len(parts[0][1]) != 13 or names.count(b"IHDR") != 1:
        raise Unusable("is a damaged PNG: its head is wrong; save it again")
    if b"acTL" in names:
        raise Unusable("moves; only still pictures are shown, so save one frame of it")
    strange = next((name for name, body in parts if len(body) > _PNG_PARTS.get(name, -1)), None)
    if strange is not None:
        said = strange.decode("ascii", "replace")
        raise Unusable(f"carries more than the picture ({said}: notes, times or the like); save it without metadata")
    if any(names.count(name) > 1 for name in _PNG_PARTS if name != b"IDAT"):
        raise Unusable("is a damaged PNG: it says the same thing twice; save it again")
    profile = next((body for name, body in parts if name == b"iCCP"), None)
    if profile is not None and not _inflated(profile.partition(b"\0")[2][1:], _PROFILE_BYTES_MAX):
        raise Unusable("has a colour profile that cannot be read; save it without one, as sRGB")
    width, height, depth, colours, packing, filters, laced = struct.unpack(">IIBBBBB", parts[0][1])
    if depth not in _PNG_DEPTHS.get(colours, ()) or packing or filters or laced:
        raise Unusable("is a PNG of a rare kind; save it with 8 bits a colour and without interlacing")
    if not (0 < width <= SIDE_MAX and 0 < height <= SIDE_MAX):
        raise Unusable(f"is {width} × {height} pixels; each side may be at most {SIDE_MAX}")
    row = 1 + (width * _PNG_CHANNELS[colours] * depth + 7) // 8
    pixels = _inflated(b"".join(body for name, body in parts if name == b"IDAT"), height * row)
    if len(pixels) != height * row or max(pixels[::row]) > 4 or (colours == 3 and b"PLTE" not in names):
        raise Unusable("is a damaged PNG: its pixels cannot be read; save it again")
    return Shape(PNG, width, height)


def _png_parts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG_HEAD)
    while True:
        head = data[at : at + 8]
        length = int.from_bytes(head[:4])
        body, check = data[at + 8 : at + 8 + length], data[at + 8 + length : at + 12 + length]
        if len(head) < 8 or len(check) < 4 or zlib.crc32(head[4:] + body) != int.from_bytes(check):
            raise Unusable("is a damaged PNG: cut off or changed on its way; copy or save it again")
        yield head[4:], body
        at += 12 + length
        if head[4:] == b"IEND":
            break
    if at != len(data):
        raise Unusable("has something behind its end; save it again")


def _inflated(packed: bytes, most: int) -> bytes:
    """Return what comes out, if that is whole and no more than `most`; else nothing."""
    unpacking = zlib.decompressobj()
    try:
        found = unpacking.decompress(packed, most + 1)
    except zlib.error:
        return b""
    return found if unpacking.eof and not unpacking.unused_data and len(found) <= most else b""


def _jpeg(data: bytes) -> Shape:
    shape: Shape | None = None
    scans = 0
    for marker, body in _jpeg_parts(data):
        if marker in _JPEG_FRAMES:
            if shape is not None or len(body) < 6:
                raise Unusable("is a damaged JPEG: its head is wrong; save it again")
            depth, height, width, colours = struct.unpack(">BHHB", body[:6])
            if depth != 8 or colours not in (1, 3):
                raise Unusable("has colours for print (CMYK or the like); save it as RGB")
            shape = Shape(JPEG, width, height)
        scans += marker == 0xDA
    if shape is None or not scans:
        raise Unusable("is a damaged JPEG: it has no picture; save it again")
    return shape


def _jpeg_parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield every segment; what stands between them, the packed pixels, is passed over."""
    at = 2
    while True:
        at = _next_marker(data, at)
        marker = data[at + 1]
        if marker == 0xD9:
            break
        body = data[at + 4 : at + 2 + int.from_bytes(data[at + 2 : at + 4])]
        if len(body) != int.from_bytes(data[at + 2 : at + 4]) - 2:
            raise Unusable("is a damaged JPEG: cut off; copy or save it again")
        plain = body.startswith(_JPEG_NOTES.get(marker, b"")) and (marker != 0xE0 or len(body) == _JFIF_LENGTH)
        if marker not in _JPEG_PARTS or not plain:
            raise Unusable(
                f"carries more than the picture (JPEG segment {marker:02X}: place, camera, notes or the like), "
                "or is of a rare kind; save it as a plain JPEG without metadata"
            )
        yield marker, body
        at += 2 + 2 + len(body)
    if at + 2 != len(data):
        raise Unusable("has something behind its end, perhaps a second picture; save it again")


def _next_marker(data: bytes, at: int) -> int:
    """Return where the next marker begins, passing over packed pixels, stuffed zeros and restarts."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise Unusable("is a damaged JPEG: it has no end; copy or save it again")
        follows = data[at + 1]
        if follows == 0xFF:
            at += 1
        elif follows == 0 or follows in _RESTARTS:
            at += 2
        else:
            return at
