"""What a duty communicator reads when a channel is in trouble at 02.40."""

import re
from pathlib import Path

import pytest

from broadcaster.channels import Reason, Step
from broadcaster.channels.words import advice
from broadcaster.desk.vocabulary import STEPS
from broadcaster.standing import OPEN, State
from broadcaster.task import ACKNOWLEDGEABLE

ROW = (Path(__file__).parents[2] / "templates" / "_delivery.html").read_text("utf-8")


@pytest.mark.parametrize("reason", list(Reason))
def test_every_trouble_says_what_happened_what_it_means_and_what_to_do(reason: Reason) -> None:
    """Two languages, at least two sentences, beginning with the channel, ending with a full stop."""
    text = advice(reason, "1177_phone")
    assert text.sv.startswith("Talsvar före 1177-kön: ")
    assert text.en.startswith("Voice message before the 1177 queue: ")
    for said in (text.sv, text.en):
        assert said.endswith(".")
        assert len(re.findall(r"[.?!](?:\s|$)", said)) >= 2
        assert "  " not in said


def test_no_two_troubles_read_the_same() -> None:
    """The reason can be told from the words alone."""
    assert len({advice(reason, "facebook").sv for reason in Reason}) == len(Reason)


@pytest.mark.parametrize("reason", list(Reason))
def test_sentences_can_be_read_once_and_understood(reason: Reason) -> None:
    """No sentence of more than eighteen words, no jargon, no capitals that shout."""
    said = advice(reason, "facebook").sv
    for sentence in re.split(r"(?<=[.:?!])\s+", said):
        assert len(sentence.split()) <= 18, sentence
    assert not re.search(r"\b(token|timeout|API|HTTP|deploy|retry)\b", said, re.IGNORECASE)
    assert not re.search(r"\b[A-ZÅÄÖ]{2,}\b", said)


@pytest.mark.parametrize("reason", [Reason.FORGED, Reason.BLOCKED])
def test_where_hands_would_make_it_worse_nobody_is_told_to_paste(reason: Reason) -> None:
    """Forged words and a blocked account are the two cases where a person must not post by hand."""
    said = advice(reason, "facebook")
    assert "inte" in said.sv
    assert "blicera för hand nu" not in said.sv
    assert "by hand now" not in said.en


def test_what_still_waits_cannot_be_acknowledged() -> None:
    """Why the words below must not ask for it."""
    assert {State.OWED, State.SENDING, State.RETRYING} == OPEN - ACKNOWLEDGEABLE


@pytest.mark.parametrize("reason", [Reason.NONE, Reason.NETWORK, Reason.SERVER, Reason.RATE])
def test_nobody_is_told_to_paste_what_a_machine_still_sends(reason: Reason) -> None:
    """It would come out twice; and where it cannot be acknowledged nobody is asked to, but with the board's choice."""
    said = advice(reason, "facebook")
    assert "inte för hand" in said.sv and "Brådskar det: använd de andra kanalerna." in said.sv
    assert "not publish it by hand" in said.en and "If it is urgent: use the other channels." in said.en
    for words, asks, choice in ((said.sv, "kvittera", "Avgör för hand"), (said.en, "acknowledge", "Settle by hand")):
        assert (asks in words) == (choice in words)
    assert 't("Avgör för hand", "Settle by hand")' in ROW, "the words name the choice as the board does"


def test_a_regions_own_channel_is_called_by_its_key() -> None:
    """A channel we have no name for still has words."""
    assert advice(Reason.PERSON, "lokal_radio").sv.startswith("lokal radio: här publicerar en person.")


def test_every_call_has_a_name_on_the_board() -> None:
    """Whoever reads the attempts sees what was tried, in both languages, and never a word of the program."""
    assert set(STEPS) == {str(step) for step in Step}
    assert all(words.sv[0].isupper() and words.en[0].isupper() for words in STEPS.values())
