"""The rules of a good crisis text: each catches what it is for, and leaves good texts alone."""

import pytest

from broadcaster import wording
from broadcaster.wording import AS_SAID, AS_WRITTEN, Passage

NAMES = (("112", False), ("1177", True), ("1177.se", False))
GOOD = "Det går inte att ringa 1177 i Värmland\n\nÄr någon i livsfara? Ring 112."


def faults(words: str, channel: str = "facebook", *, written: bool = True) -> list[str]:
    rules = AS_WRITTEN if written else AS_SAID
    return [reason for rule in rules if (reason := rule(Passage(channel, "sv", words, NAMES)))]


@pytest.mark.parametrize(
    ("words", "because"),
    [
        ("Detta är ett VMA.", "VMA"),
        ("**Viktigt**", "markup"),
        ("Läs <b>mer</b>", "markup"),
        ("Vi återkommer inom kort.", "stale"),
        ("Just nu är det fel i natt.", "stale"),
        ("We will be back shortly.", "stale"),
        ("Vi beklagar eventuella olägenheter.", "plainer"),
        ("RINGA INTE hit.", "shouts 'RINGA'"),
        ("Dold\u200btext", "invisible"),
        ("Ring 010-000 00 00.", "number"),
        ("Ring 112.", "running text"),
        ("Ring 1177 i stället.", "running text"),
        ("Please call 1177.", "running text"),
        ("Läs på 1177.se.", "running text"),
    ],
)
def test_what_a_crisis_text_must_not_say_is_found(words: str, because: str) -> None:
    """Each rule has an example that breaks it."""
    found = faults(words)
    assert any(because in reason for reason in found), found


@pytest.mark.parametrize(
    "words",
    [
        "Det går inte att ringa 1177 i Värmland.",
        "It is not possible to call 1177.",
        "People who call 1177 do not get through.",
        "Nästa besked kommer senast ${next_update}.",
        "${organisation}, ${published}: ${link}, nummer ${mark}.",
        "ÖVNING: Detta är en övning.",
    ],
)
def test_good_sentences_are_left_alone(words: str) -> None:
    """A rule that cries wolf is switched off by those it serves."""
    assert faults(words) == []


def test_a_voice_gets_no_digits() -> None:
    """But a hole may be filled with spoken digits."""
    assert faults("Du har ringt 1177.", "1177_phone")
    assert faults("Du har ringt elva sjuttiosju. ${n112}", "1177_phone") == []


def test_a_good_text_fits_its_shape() -> None:
    """A heading, an empty line, paragraphs."""
    assert faults(GOOD, written=False) == []


@pytest.mark.parametrize(
    ("words", "because"),
    [
        ("Ingen rubrik", "heading"),
        ("Rubrik\nText direkt", "heading"),
        ("R" * 81 + "\n\nText", "81"),
        ("Rubrik\n\n\nText", "empty lines"),
        ("Rubrik \n\nText", "stray"),
        ("Rubrik\n\nRing 112.", "danger"),
        ("Rubrik\n\n" + "x" * 2000, "holds 2000"),
    ],
)
def test_what_does_not_fit_is_found(words: str, because: str) -> None:
    """Heading, shape, the emergency number and the length of the channel."""
    assert any(because in reason for reason in faults(words, written=False))


def test_a_voice_has_75_words_in_one_run() -> None:
    """Nobody holds on for longer."""
    assert faults("ord " * 74 + "ord", "1177_phone", written=False) == []
    assert any("76 spoken" in reason for reason in faults("ord " * 75 + "ord", "1177_phone", written=False))
    assert any("line breaks" in reason for reason in faults("En rad.\nEn till.", "1177_phone", written=False))


def test_sentences_are_counted_as_people_read_them() -> None:
    """A clock time does not end a sentence."""
    assert wording.words_per_sentence("Vi öppnar kl. 06.00 på lördag. Välkommen hit.") == pytest.approx(4)
