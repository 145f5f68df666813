"""Whether a channel shows our words: trimming and spelling do not count, everything else does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.channels import Fact, Outcome, Reason
from broadcaster.channels._compare import bears, compared, same

READ = Outcome(Fact.DONE, remote_id="1")


@pytest.mark.parametrize(
    "shown",
    ["Rad ett\n\nRad två", "Rad ett\r\n\r\nRad två\r\n", "Rad ett  \n \nRad två", " Rad ett\n\nRad tva\u030a "],
)
def test_what_channels_trim_is_still_ours(shown: str) -> None:
    """Line ends, spaces before them and the two ways to write å are no difference."""
    assert same("Rad ett\n\nRad två", shown)


@pytest.mark.parametrize(
    "shown", ["Rad ett\nRad två", "Rad ett\n\nRad tva", "rad ett\n\nRad två", "Rad  ett\n\nRad två", ""]
)
def test_anything_else_is_another_text(shown: str) -> None:
    """A lost blank line, a lost dot over a letter, a capital: somebody changed it."""
    assert not same("Rad ett\n\nRad två", shown)


@pytest.mark.parametrize(
    "text",
    [
        "RV-2026-0031/1",
        "nummer RV-2026-0031/1.",
        "(RV-2026-0031/1)",
        "a\nRV-2026-0031/1\nb",
        "RV-2026-0031/12 RV-2026-0031/1",
    ],
)
def test_a_mark_is_found_as_a_word(text: str) -> None:
    """The mark counts wherever it stands by itself."""
    assert bears(text, "RV-2026-0031/1")


@pytest.mark.parametrize(
    "text",
    [
        "RV-2026-0031/12",
        "OVN-RV-2026-0031/1",
        "RV-2026-0031/1-a",
        "RV-2026-00310/1",
        "/RV-2026-0031/1",
        "RV-2026-0031/1/2",
        "",
    ],
)
def test_another_message_is_not_taken_for_ours(text: str) -> None:
    """Not message 12, not a drill's, not an address that happens to contain it."""
    assert not bears(text, "RV-2026-0031/1")


def test_a_read_back_gives_our_words_exactly_or_says_other_words() -> None:
    """Equal words come back as we wrote them, so that whoever compares them later can compare bytes."""
    assert compared(READ, "Hej ", "Hej").words == "Hej "
    other = compared(READ, "Hej", "Hejdå")
    assert (other.words, other.reason, other.fact) == ("Hejdå", Reason.OTHER_WORDS, Fact.DONE)


@settings(deadline=None)
@given(st.text())
def test_every_text_is_the_same_as_itself(text: str) -> None:
    """No text is unequal to itself."""
    assert same(text, text)
