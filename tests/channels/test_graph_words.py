"""What a duty communicator reads of an error of Facebook's, and what an administrator reads before the night."""

import re

import pytest

from broadcaster.channels import Reason
from broadcaster.channels._graph_words import TROUBLES, name_of
from broadcaster.channels.words import advice

NAMES = sorted(TROUBLES)


def sentences(said: str) -> list[str]:
    """Return the sentences of a text; an address is no end of one."""
    return re.split(r"(?<=[.:?!])\s+", said)


@pytest.mark.parametrize("name", NAMES)
def test_every_error_says_what_happened_and_what_to_do(name: str) -> None:
    """Two languages, at least two sentences, each ending in a full stop, and beginning small after the channel."""
    whole = TROUBLES[name].whole
    for said in (whole.sv, whole.en):
        assert said.endswith(".")
        assert len(sentences(said)) >= 2
        assert "  " not in said
    assert re.match(r"[a-zåäö]|Facebook", whole.sv)
    assert re.match(r"[a-z]|Facebook", whole.en)


@pytest.mark.parametrize("name", NAMES)
def test_sentences_can_be_read_once_and_understood(name: str) -> None:
    """No sentence of more than eighteen words, no jargon, no capitals that shout."""
    said = TROUBLES[name].whole.sv
    for sentence in sentences(said):
        assert len(sentence.split()) <= 18, sentence
    assert not re.search(r"\b(token|timeout|API|HTTP|deploy|retry)\b", said, re.IGNORECASE)
    assert not re.search(r"\b[A-ZÅÄÖ]{2,}\b", said)


def test_no_two_errors_read_the_same() -> None:
    """The error can be told from the words alone, in both languages."""
    assert len({one.whole.sv for one in TROUBLES.values()}) == len(TROUBLES)
    assert len({one.whole.en for one in TROUBLES.values()}) == len(TROUBLES)


@pytest.mark.parametrize("name", ["facebook:368", "facebook:*/1390008", "facebook:368/1346003"])
def test_a_blocked_account_is_not_used_by_hand(name: str) -> None:
    """Every further attempt may lengthen the block."""
    assert "Försök inte själv med samma konto" in TROUBLES[name].whole.sv


@pytest.mark.parametrize(
    ("code", "subcode", "name"),
    [
        (190, 460, "facebook:190/460"),
        (190, 999, "facebook:190"),
        (190, None, "facebook:190"),
        (459, None, "facebook:190/459"),
        (250, None, "facebook:200"),
        (200, 1404112, "facebook:*/1404112"),
        (80005, None, "facebook:80000"),
        (80001, 2446079, "facebook:80001"),
        (7, 33, None),
        (424242, None, None),
    ],
)
def test_the_subcode_goes_before_the_code(code: int, subcode: int | None, name: str | None) -> None:
    """The most exact words there are; none for what nobody has described."""
    assert name_of(code, subcode) == name


def test_words_are_an_errors_only_where_it_is_why_the_delivery_stands_as_it_does() -> None:
    """A delivery that ran out of time says that, whatever its last answer was."""
    error = {"reason": "token", "trouble": "facebook:190/460", "wait_s": None}
    assert "Lösenordet".lower() in advice(Reason.TOKEN, "facebook", error).sv
    assert advice(Reason.LATE, "facebook", error) == advice(Reason.LATE, "facebook")
    assert advice(Reason.TOKEN, "facebook", {"reason": "token"}) == advice(Reason.TOKEN, "facebook")
    assert advice(Reason.TOKEN, "facebook", {**error, "trouble": "unheard:1"}) == advice(Reason.TOKEN, "facebook")


@pytest.mark.parametrize(
    ("wait_s", "said"), [(None, ""), (0.0, ""), (59.0, ""), (60.0, "Vi väntar 1 minut före"), (3600, "60 minuter före")]
)
def test_a_wait_is_told_in_minutes(wait_s: float | None, said: str) -> None:
    """Seconds are over before anybody has read of them."""
    sv = advice(Reason.RATE, "1177_phone", {"reason": "rate", "wait_s": wait_s}).sv
    assert said in sv
    assert ("Vi väntar" in sv) == bool(said)


def test_a_limit_that_no_machine_waits_for_any_more_is_left_to_hands() -> None:
    """Nobody is told that a message is sent by itself once it is theirs to send."""
    error = {"reason": "rate", "trouble": "facebook:80001", "wait_s": None}
    said = advice(Reason.RATE, "facebook", error)
    assert "skickas av sig självt" not in said.sv and "Publicera för hand" in said.sv
    assert "sent by itself" not in said.en and "Publish by hand" in said.en
    assert "skickas av sig självt" in advice(Reason.RATE, "facebook", {**error, "wait_s": 60.0}).sv
    unnamed = advice(Reason.RATE, "1177_phone", {**error, "trouble": None})
    assert "publicera för hand om det saknas, och kvittera här" in unnamed.sv


def test_what_waits_is_not_pasted_as_well() -> None:
    """It cannot be acknowledged while it waits, so it would come out twice."""
    for error in (None, {"reason": "rate", "trouble": "facebook:80001", "wait_s": 60.0}):
        said = advice(Reason.RATE, "facebook", error)
        assert "Publicera det inte för hand" in said.sv and "kvittera" not in said.sv
        assert "Do not publish it by hand" in said.en and "acknowledge" not in said.en
