"""What may be a picture: still, of a size that phones show and networks carry, and nothing in it but the picture."""

import struct
import zlib

import pytest
from drawn import JPEG, part, png
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.picture import BYTES_MAX, Picture, Shape, Unusable, examine, hash_in

EXIF = b"\xff\xe1" + struct.pack(">H", 2 + 10) + b"Exif\0\0GPS!"


def why(data: bytes) -> str:
    with pytest.raises(Unusable) as unusable:
        examine(data)
    return str(unusable.value)


def test_plain_png_and_jpeg_are_taken() -> None:
    assert examine(png(1200, 630)) == Shape("image/png", 1200, 630)
    assert examine(JPEG) == Shape("image/jpeg", 400, 300)


@pytest.mark.parametrize(
    "data",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a" + bytes(99), b"RIFF\0\0\0\0WEBPVP8 ", b"%PDF-1.7"],
)
def test_nothing_else_is_whatever_it_is_called(data: bytes) -> None:
    """A drawing that is a program, a picture that moves, a document: none of them is shown in our name."""
    assert "neither PNG nor JPEG" in why(data)


def test_a_picture_that_moves_is_refused() -> None:
    assert "moves" in why(png(more=part(b"acTL", struct.pack(">II", 2, 0))))


@pytest.mark.parametrize("name", [b"tEXt", b"iTXt", b"zTXt", b"eXIf", b"tIME", b"prIv"])
def test_a_png_that_tells_more_than_it_shows_is_refused(name: bytes) -> None:
    """Who made it, where and when is not for the public, and nobody approved it."""
    assert "carries more than the picture" in why(png(more=part(name, b"hemligt")))


@pytest.mark.parametrize("name", [b"gAMA", b"pHYs", b"sRGB", b"PLTE"])
def test_nor_does_it_tell_more_in_a_part_that_says_how_to_show_it(name: bytes) -> None:
    """What is longer than the part can be has something else in it."""
    assert "carries more than the picture" in why(png(more=part(name, b"59.38 N 13.50 E " * 99)))


def test_nor_in_its_end() -> None:
    whole, end = png(), part(b"IEND", b"")
    assert "carries more than the picture" in why(whole.removesuffix(end) + part(b"IEND", b"hemligt"))


def test_a_part_that_comes_twice_is_refused() -> None:
    """One program would read the first, another the second."""
    assert "twice" in why(png(more=part(b"gAMA", bytes(4)) * 2))


def test_a_colour_profile_is_one_and_no_bomb() -> None:
    def profile(data: bytes) -> bytes:
        return png(more=part(b"iCCP", b"sRGB\0\0" + data))

    assert examine(profile(zlib.compress(bytes(3000)))) == Shape("image/png", 400, 300)
    for data in (zlib.compress(bytes(50_000_000)), zlib.compress(bytes(3000))[:-4], b"", b"hemligt"):
        assert "colour profile that cannot be read" in why(profile(data))


def test_a_jpeg_that_tells_where_it_was_taken_is_refused() -> None:
    assert "carries more than the picture" in why(JPEG[:2] + EXIF + JPEG[2:])
    comment = b"\xff\xfe" + struct.pack(">H", 9) + b"hemligt"
    assert "carries more than the picture" in why(JPEG[:2] + comment + JPEG[2:])
    thumbnail = b"\xff\xe0" + struct.pack(">H", 19) + b"JFIF\0\1\2\0\0\1\0\1\1\1rgb"
    assert "carries more than the picture" in why(JPEG[:2] + thumbnail + JPEG[2:])


@pytest.mark.parametrize("data", [png(), JPEG])
def test_nothing_stands_behind_the_picture(data: bytes) -> None:
    assert "behind its end" in why(data + b"PK\x03\x04")


@pytest.mark.parametrize(("width", "height"), [(299, 400), (400, 299), (2049, 600), (600, 2049)])
def test_a_picture_too_small_or_too_large_for_a_phone_is_refused(width: int, height: int) -> None:
    assert "each side" in why(png(width, height))


def test_a_picture_that_feeds_would_cut_is_refused() -> None:
    assert "4 times as long" in why(png(1300, 300))


def test_a_file_too_heavy_for_a_slow_network_is_refused_unread() -> None:
    assert "larger than" in why(png() + bytes(BYTES_MAX))


@pytest.mark.parametrize("depth_colours", [(16, 0), (8, 7), (3, 0), (16, 6)])
def test_rare_kinds_of_png_are_refused(depth_colours: tuple[int, int]) -> None:
    head = struct.pack(">IIBBBBB", 400, 300, *depth_colours, 0, 0, 0)
    assert "rare kind" in why(png(head=head))
    assert "rare kind" in why(png(head=struct.pack(">IIBBBBB", 400, 300, 8, 0, 0, 0, 1)))


def test_a_bomb_is_not_unpacked() -> None:
    """A head that promises little and pixels that unpack to much are damaged, and cost no more than they promised."""
    bomb = zlib.compress(bytes(50_000_000))
    head = struct.pack(">IIBBBBB", 400, 300, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", bomb) + part(b"IEND", b"")
    assert "pixels cannot be read" in why(data)
    assert "each side" in why(png(head=struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 0, 0, 0, 0)))


def test_print_colours_are_refused() -> None:
    at = JPEG.index(b"\xff\xc0") if b"\xff\xc0" in JPEG else JPEG.index(b"\xff\xc2")
    assert "CMYK" in why(JPEG[: at + 9] + b"\x04" + JPEG[at + 10 :])


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([png(), JPEG]), st.data())
def test_a_picture_cut_off_anywhere_is_refused(whole: bytes, data: st.DataObject) -> None:
    """A copy that stopped halfway never goes out."""
    assert why(whole[: data.draw(st.integers(0, len(whole) - 1))])


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_png_changed_anywhere_is_refused(data: st.DataObject) -> None:
    whole = bytearray(png())
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    assert why(bytes(whole))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_at_all_make_it_fall_over(tail: bytes) -> None:
    """Whatever follows the first bytes of a picture, the answer is a reason."""
    for head in (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"\xff\xd8\xff\xe0", JPEG[:300]):
        assert why(head + tail)


def test_a_picture_is_named_by_its_bytes() -> None:
    one = Picture("ab" * 32, "image/jpeg", 400, 300, "En karta över området.")
    assert one.name == "ab" * 32 + ".jpg" and hash_in(one.name) == "ab" * 32
    for name in ("ab.jpg", "AB" * 32 + ".jpg", "ab" * 32 + ".svg", "ab" * 32, "../" + "ab" * 32 + ".png"):
        assert hash_in(name) is None
