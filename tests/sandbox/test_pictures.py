"""A picture is known by its bytes, whatever its name says; a damaged one is told from something else."""

import struct

import pytest
from sandbox.asking import png

from broadcaster.sandbox.pictures import Damaged, picture

JPEG = (b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0" + b"\xff\xc2\0\x0b\x08" + struct.pack(">HH", 30, 40)
        + b"\1\1\x11\0" + b"\xff\xda\0\2\x12\x34\xff\xd9")
GIF = b"GIF89a" + struct.pack("<HH", 7, 9) + b"\0\0\0;"


def webp(kind: bytes, data: bytes) -> bytes:
    body = b"WEBP" + kind + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


LOSSY = webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 11, 12))
LOSSLESS = webp(b"VP8L", b"\x2f" + struct.pack("<I", 20 | 9 << 14))
EXTENDED = webp(b"VP8X", b"\0\0\0\0" + (99).to_bytes(3, "little") + (49).to_bytes(3, "little"))


@pytest.mark.parametrize(("content", "media_type", "size"), [
    (png(3, 2), "image/png", (3, 2)), (JPEG, "image/jpeg", (40, 30)), (GIF, "image/gif", (7, 9)),
    (LOSSY, "image/webp", (11, 12)), (LOSSLESS, "image/webp", (21, 10)), (EXTENDED, "image/webp", (100, 50))])
def test_kind_and_size_are_read_from_the_bytes(content: bytes, media_type: str, size: tuple[int, int]) -> None:
    found = picture(content)
    assert found is not None
    assert (found.media_type, (found.width, found.height), found.content) == (media_type, size, content)


@pytest.mark.parametrize("content", [png()[:-6], png()[:12], JPEG[:-2], JPEG[:8] + b"\xff\xd9", GIF[:-1], LOSSY[:-4],
                                     LOSSY[:8] + b"WEBP", webp(b"ABCD", b"1234"), png(0, 2)])
def test_a_picture_that_was_cut_off_or_tells_no_size_is_damaged(content: bytes) -> None:
    with pytest.raises(Damaged):
        picture(content)


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"%PDF-1.7", b"RIFF\0\0\0\0WAVE", b"BM1234"])
def test_anything_else_is_no_picture(content: bytes) -> None:
    assert picture(content) is None
