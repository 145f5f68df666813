"""How long an SMS is: Swedish costs nothing, a long dash costs a whole SMS."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster import gsm7


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("å" * 160, 1),
        ("å" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("–" + "x" * 69, 1),
        ("–" + "x" * 70, 2),
        ("سلام" * 17, 1),
        ("🚨" * 36, 2),
    ],
)
def test_parts_are_counted_as_the_network_counts_them(text: str, parts: int) -> None:
    assert gsm7.parts(text) == parts


def test_swedish_is_kept_and_dashes_quotes_and_dots_become_their_neighbours() -> None:
    assert gsm7.plain("Ring – ”nu” … på 1177 é") == 'Ring - "nu" ... på 1177 é'
    assert gsm7.plain("Šárka, ł, 漢") == "Sarka, ?, ?"


@given(st.text(max_size=400))
def test_any_text_at_all_can_be_sent_as_an_sms(text: str) -> None:
    assert gsm7.septets(gsm7.plain(text)) >= 0


@given(st.text(max_size=400), st.integers(0, 320))
def test_what_is_shortened_fits_and_begins_as_it_began(text: str, room: int) -> None:
    plain = gsm7.plain(text)
    short = gsm7.shortened(plain, room)
    assert gsm7.septets(short) <= room
    assert short in (plain, "") or plain.startswith(short.removesuffix("..."))


def test_it_is_cut_at_a_word() -> None:
    assert gsm7.shortened("Facebook svarar inte, ring webbredaktören", 32) == "Facebook svarar inte, ring..."
