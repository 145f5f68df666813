"""SMS by 46elks: asked once, and every answer taken for what it proves and no more."""

import pytest
from night import FortySixElks

from broadcaster.elks import Elks, Fact, Sms, e164, proof
from broadcaster.sandbox.elks import PASSWORD, USER

SMS = Sms("RVKris", "+46700000001", "KRISLARM åäö", "https://kris.region.example/alarm/delivered/x")


def test_it_is_asked_as_46elks_documents_it(elks: FortySixElks) -> None:
    got = Elks(USER, PASSWORD, base_url=elks.url).send(SMS)
    assert (got.fact, got.why) == (Fact.SENT, None)
    (sms,) = elks.sent
    assert got.id == sms["id"]
    assert (sms["from"], sms["to"], sms["message"]) == ("RVKris", "+46700000001", "KRISLARM åäö")
    assert sms["whendelivered"] == SMS.when_delivered


def test_without_a_report_none_is_asked_for(elks: FortySixElks) -> None:
    Elks(USER, PASSWORD, base_url=elks.url).send(Sms("RVKris", "+46700000001", "x"))
    assert elks.sent[0]["whendelivered"] is None


def test_a_wrong_password_says_so_and_sends_nothing(elks: FortySixElks) -> None:
    got = Elks(USER, "fel", base_url=elks.url).send(SMS)
    assert got.fact is Fact.FAILED and "401" in str(got.why)
    assert elks.sent == []


def test_an_answer_that_is_lost_may_have_been_sent_and_is_not_asked_again(elks: FortySixElks) -> None:
    elks.fail("applied_then_drop")
    got = Elks(USER, PASSWORD, base_url=elks.url).send(SMS)
    assert got.fact is Fact.UNSURE
    assert len(elks.sent) == 1


def test_where_nobody_listens_nothing_was_sent() -> None:
    got = Elks(USER, PASSWORD, base_url="http://127.0.0.1:1").send(SMS)
    assert (got.fact, got.why) == (Fact.FAILED, "ConnectError")


@pytest.mark.parametrize(
    ("status", "body", "fact"),
    [
        (200, b'{"id": "s1", "status": "created"}', Fact.SENT),
        (200, b'{"id": "s1", "status": "failed"}', Fact.FAILED),
        (200, b'{"status": "created"}', Fact.UNSURE),
        (200, b"[]", Fact.UNSURE),
        (200, b"<html>", Fact.UNSURE),
        (200, b"\xff", Fact.UNSURE),
        (200, b'{"id": 7}', Fact.UNSURE),
        (200, b" " * 70_000, Fact.UNSURE),
        (302, b"", Fact.UNSURE),
        (500, b"", Fact.UNSURE),
        (503, b"", Fact.UNSURE),
        (408, b"", Fact.UNSURE),
        (400, b"Invalid to", Fact.FAILED),
        (402, b"", Fact.FAILED),
        (403, b"Not enough credits", Fact.FAILED),
        (429, b"", Fact.FAILED),
    ],
)
def test_every_answer_proves_what_the_table_says(status: int, body: bytes, fact: Fact) -> None:
    assert proof(status, body).fact is fact


def test_a_refusal_never_repeats_what_the_provider_wrote_which_may_hold_a_number() -> None:
    assert "070" not in str(proof(400, b"Invalid to-number: 070-1234567").why)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+46701234567", "+46701234567"),
        ("+46 70 123 45 67", "+46701234567"),
        ("+46 (0)70-123 45 67", "+46701234567"),
        ("+4670\u2013123\u00a045 67", "+46701234567"),
        ("070-123 45 67", None),
        ("0046701234567", None),
        ("+46", None),
        ("+46701234567890123", None),
        ("KiB", None),
        ("", None),
        (None, None),
    ],
)
def test_a_number_is_read_as_people_write_it_or_not_at_all(written: str | None, number: str | None) -> None:
    assert e164(written) == number
