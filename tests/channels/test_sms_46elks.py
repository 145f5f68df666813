"""SMS by 46elks: the approved words at their price, what each answer proves, and credit that runs out."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from channels.conftest import answered
from channels.contract_letters import letter
from channels.outcome_table import LETTERS, promised, statuses, table

from broadcaster.channels import Fact, Outcome, Preflight, Reason, Step
from broadcaster.channels.sms_46elks import Sms46elks, SmsSettings, written
from broadcaster.gsm7 import parts
from broadcaster.kinds import Tools

NAME = "Övningsmottagare 1"
LISTED = [{"name": NAME, "number": "+46 70-174 06 11"}]
Handler = Callable[[httpx.Request], httpx.Response]
GOOD = {"id": "s7f", "status": "created"}


def sms(handler: Handler, **lines: Any) -> Sms46elks:
    """Return a channel that `handler` answers."""

    async def nap(seconds: float) -> None:
        """Take no time."""

    given = {"kind": "sms_46elks", "user": "u1", "sender": "RegVarmland", "recipients": LISTED, **lines}
    tools = Tools(lambda name: "hemligt-losen", lambda: httpx.MockTransport(handler), lambda: datetime.now(UTC), nap)
    return Sms46elks("sms", SmsSettings.model_validate(given), tools)


def says(status: int, json: object = None, **headers: str) -> Handler:
    return lambda request: httpx.Response(status, json=json, headers=headers)


def sent(channel: Sms46elks, **changed: Any) -> Outcome:
    return answered(channel, lambda: channel.call(Step.SEND, letter(**changed), 5))


FAILED = {**GOOD, "status": "failed"}
BODIES = {"with an id": GOOD, "without an id": {"status": "created"}, "with an id, failed": FAILED}
ANSWERS = table(LETTERS["sms_46elks"])
CASES = [(row, status) for row in ANSWERS for status in statuses("46elks' answers", row)]


@pytest.mark.parametrize(("row", "status"), CASES)
def test_what_an_answer_proves(row: str, status: int) -> None:
    """docs/outcomes.md, played."""
    _, _, what = row.partition(" ")
    found = sent(sms(says(status, BODIES.get(what))))
    assert (found.fact, found.reason) == promised(ANSWERS[row]["outcome"], Step.SEND)
    assert (found.wait_s is not None) is (status == 429)
    assert "hemligt" not in repr(found)
    assert "4670174" not in repr(found)


@pytest.mark.parametrize("body", [{"id": 7}, {"id": ""}, {"id": "x" * 65}, [], None, "s7f"])
def test_a_friendly_status_without_an_id_of_theirs_proves_nothing(body: object) -> None:
    assert sent(sms(says(200, body))).fact is Fact.UNCERTAIN


def test_it_is_asked_for_once_with_the_number_and_the_words_and_no_key_of_theirs() -> None:
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(500)

    sent(sms(handler), words="Ring 112.")
    (one,) = asked
    form = dict(part.split("=") for part in one.content.decode().split("&"))
    assert form == {"from": "RegVarmland", "to": "%2B46701740611", "message": "Ring+112."}
    assert (one.method, one.url.path) == ("POST", "/a1/sms")


def test_a_long_dash_costs_nothing_and_another_alphabet_stays_itself() -> None:
    """One character outside the alphabet of an SMS more than halves its room; Arabic has no neighbours there."""
    assert written("Läget – “osäkert”…") == 'Läget - "osäkert"...'
    assert parts(written("Läget – " + "a" * 150)) == 1
    assert written("اتصل بالرقم 112 – nu") == "اتصل بالرقم 112 – nu"
    assert written("Varför? Därför – så.") == "Varför? Därför - så."


def test_a_text_that_would_cost_too_much_is_left_to_a_person_unsent() -> None:
    def never(request: httpx.Request) -> httpx.Response:
        raise AssertionError("nobody was to be asked")

    found = sent(sms(never, parts_max=2), words="ord " * 100)
    assert (found.fact, found.reason) == (Fact.REFUSED, Reason.CONTENT)
    assert "3 parts" in found.detail


def preflight(status: int, body: object = None) -> Preflight:
    channel = sms(says(status, body))
    return answered(channel, channel.preflight)


@pytest.mark.parametrize(
    ("status", "body", "state", "words"),
    [
        (200, {"id": "u1", "balance": 10_000_000}, "green", ""),
        (200, {"id": "u1"}, "green", ""),
        (200, {"id": "u1", "balance": 9_000}, "amber", "Saldot hos 46elks är 0,90 kr"),
        (200, {"id": "u1", "balance": 100}, "red", "Fyll på kontot"),
        (200, {"hello": "world"}, "red", "Något annat än 46elks"),
        (401, None, "red", "godtar inte vårt användarnamn"),
        (404, None, "red", "Något annat än 46elks"),
        (429, None, "amber", "tar inte emot något just nu"),
        (500, None, "red", "går inte att nå"),
    ],
)
def test_preflight_reads_the_account_and_its_credit(status: int, body: object, state: str, words: str) -> None:
    found = preflight(status, body)
    assert found.state == state
    assert words in " ".join(found.problems)
    assert len(found.problems) == len(found.english)
