"""What may be asked: every field that is wrong is named, at once, in words its sender can act on."""

import json
import re
import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from broadcaster.errors import Invalid
from broadcaster.request import (
    FAULTS_MAX,
    AcknowledgeRequest,
    ApproveRequest,
    DecidedBy,
    RecallRequest,
    RejectRequest,
    RetryRequest,
    SendRequest,
    fingerprint,
    read,
)

SMALLEST = {"playbook": "telefoni-1177", "phase": "first", "mode": "live"}
MODELS = (SendRequest, DecidedBy, ApproveRequest, RejectRequest, RecallRequest, AcknowledgeRequest, RetryRequest)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)


def faults(model: type[BaseModel], body: object) -> dict[str, str]:
    """Return the Swedish words for every wrong field, by pointer."""
    with pytest.raises(Invalid) as refused:
        read(model, body)
    assert refused.value.status == 422
    return {fault.pointer: fault.message.sv for fault in refused.value.fields}


def outcome(model: type[BaseModel], body: object) -> BaseModel | Invalid:
    try:
        return read(model, body)
    except Invalid as refused:
        return refused


def sent(**more: object) -> dict[str, object]:
    return {**SMALLEST, **more}


def test_a_first_message_needs_only_playbook_phase_and_mode() -> None:
    request = read(SendRequest, SMALLEST)
    assert (request.blanks, request.channels, request.affected, request.again) == ({}, None, None, False)
    assert (request.incident, request.sentence, request.digest, request.decided_by) == (None, None, None, None)


def test_the_contracts_own_example_is_taken_whole() -> None:
    decided = {"name": "Karin", "role": "TiB", "at": "2026-03-14T02:38:00+01:00", "how": "telefon"}
    request = read(
        SendRequest,
        sent(incident=None, blanks={"reservnummer": "010-000 00 00"}, affected=[], again=False, decided_by=decided),
    )
    assert request.affected == [] and request.blanks == {"reservnummer": "010-000 00 00"}
    assert request.decided_by is not None
    assert request.decided_by.at == datetime(2026, 3, 14, 1, 38, tzinfo=UTC)


def test_null_is_the_same_as_absent_for_every_field_that_may_be_left_out() -> None:
    nulls = {name: None for name, field in SendRequest.model_fields.items() if not field.is_required()}
    assert read(SendRequest, sent(**nulls)) == read(SendRequest, SMALLEST)


def test_a_required_field_that_is_null_is_missing() -> None:
    assert faults(SendRequest, sent(mode=None)) == {"/mode": "Saknas. Fyll i uppgiften."}


def test_all_wrong_fields_are_named_at_once() -> None:
    found = faults(
        SendRequest,
        {
            "phase": "andra", "mode": 1, "blanks": {"plats": 5}, "channels": [], "affected": ["x", "x"],
            "sentence": "å" * 281, "again": "ja", "decided_by": {"name": "", "at": "i natt"}, "hittepå": None,
        },
    )  # fmt: skip
    assert set(found) == {
        "/playbook", "/phase", "/mode", "/blanks/plats", "/channels", "/affected", "/sentence", "/again",
        "/decided_by/name", "/decided_by/role", "/decided_by/at", "/hittepå",
    }  # fmt: skip
    assert "first, update, correction, false_alarm, all_clear" in found["/phase"]
    assert "280 tecken" in found["/sentence"]


def test_every_fault_is_told_in_both_languages_and_never_in_a_librarys_words() -> None:
    bodies: list[Any] = [None, 5, [], {}, sent(blanks=[]), sent(channels="x"), sent(channels=[1]), sent(decided_by=3)]
    bodies += [sent(blanks={str(n): "" for n in range(101)}), sent(playbook=""), sent(incident=3.5), sent(digest={})]
    for body in bodies:
        with pytest.raises(Invalid) as refused:
            read(SendRequest, body)
        for fault in refused.value.fields:
            assert fault.message.sv != fault.message.en
            assert not re.search(r"Input|valid|pydantic|[{}]max_length", fault.message.sv + fault.message.en)


@pytest.mark.parametrize("body", [None, [], "x", 42, True, 1.5])
def test_what_is_no_object_is_refused_as_a_whole(body: object) -> None:
    for model in MODELS:
        assert set(faults(model, body)) == {""}


def test_a_pointer_escapes_what_json_pointers_escape() -> None:
    assert set(faults(SendRequest, sent(blanks={"a/b~c": 1}))) == {"/blanks/a~1b~0c"}


def test_a_body_of_thousands_of_unknown_fields_gets_a_short_answer() -> None:
    assert len(faults(SendRequest, {f"x{n}": 1 for n in range(5000)})) == FAULTS_MAX


@pytest.mark.parametrize("name", ["value", "1", "true", "0", "nej"])
def test_nothing_is_guessed_from_another_type(name: str) -> None:
    assert set(faults(SendRequest, sent(again=name))) == {"/again"}
    assert set(faults(SendRequest, sent(again=1))) == {"/again"}
    assert set(faults(SendRequest, sent(playbook=17))) == {"/playbook"}


# -- texts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "letter",
    [
        "\x00",
        "\n",
        "\r",
        "\t",
        "\x1b",
        "\x7f",
        "\u202e",
        "\u2066",
        "\u200b",
        "\u200d",
        "\ufeff",
        "\u00ad",
        "\u2028",
        "\ue000",
        "\U000e0041",
        "\u3164",
        "\ud800",
    ],
)
def test_characters_nobody_can_see_are_refused_in_every_text(letter: str) -> None:
    text = f"Vi vet{letter} mer"
    for body, place in [
        (sent(sentence=text), "/sentence"),
        (sent(blanks={"plats": text}), "/blanks/plats"),
        (sent(playbook=text), "/playbook"),
        (sent(decided_by={"name": text, "role": "TiB"}), "/decided_by/name"),
    ]:
        assert f"U+{ord(letter):04X}" in faults(SendRequest, body)[place]
    assert set(faults(RecallRequest, {"reason": text})) == {"/reason"}


def test_hundreds_of_accents_on_one_letter_are_refused_and_ordinary_ones_are_not() -> None:
    assert set(faults(RejectRequest, {"reason": "e" + "\u0301" * 400})) == {"/reason"}
    assert read(RejectRequest, {"reason": "Việt Nam, Zürich, Łódź, العَرَبِيَّة"}).reason.startswith("Việt")


def test_two_spellings_of_one_word_are_one_word() -> None:
    apart = unicodedata.normalize("NFD", "Åmåls sjukhus")
    assert read(RejectRequest, {"reason": apart}).reason == "Åmåls sjukhus"
    assert read(SendRequest, sent(blanks={"plats": apart})).blanks == {"plats": "Åmåls sjukhus"}
    assert read(RejectRequest, {"reason": "\u212bmål"}).reason == "Åmål"


def test_a_reason_of_spaces_is_no_reason() -> None:
    assert faults(RecallRequest, {"reason": " \u00a0 "}) == {"/reason": "Får inte vara tom."}
    assert read(RecallRequest, {"reason": " Fel nummer. "}).reason == "Fel nummer."


@pytest.mark.parametrize(
    ("model", "field", "longest"),
    [(RejectRequest, "reason", 500), (RecallRequest, "reason", 500), (AcknowledgeRequest, "reason", 500)],
)
def test_a_reason_may_be_just_so_long(model: type[BaseModel], field: str, longest: int) -> None:
    read(model, {field: "å" * longest})
    assert set(faults(model, {field: "å" * (longest + 1)})) == {f"/{field}"}
    assert set(faults(model, {field: "å" * 60_000})) == {f"/{field}"}


@pytest.mark.parametrize("text", ["${reservnummer}", "{{7*7}}", "{0.__class__}", "%s", "$$", "<script>", "=cmd|x"])
def test_what_looks_like_code_is_kept_as_the_words_it_is(text: str) -> None:
    assert read(SendRequest, sent(blanks={"plats": text})).blanks == {"plats": text}


# -- times, lists, addresses -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", ["2026-03-14T02:40:00Z", "2026-03-14t02:40:00.5z", "2026-03-14T02:40:00+01:00"])
def test_a_decision_is_timed_with_its_zone(at: str) -> None:
    found = read(DecidedBy, {"name": "Karin", "role": "TiB", "at": at}).at
    assert found is not None and found.tzinfo is not None


@pytest.mark.parametrize(
    "at",
    [
        "2026-03-14T02:40:00",
        "2026-03-14",
        "02.40",
        "2026-02-30T02:40:00Z",
        "2026-03-14T25:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "２026-03-14T02:40:00Z",
        1773452400,
        True,
        "2026-03-14T02:40:00Z" * 50,
    ],
)
def test_a_time_without_zone_or_outside_the_calendar_is_refused(at: object) -> None:
    assert set(faults(DecidedBy, {"name": "Karin", "role": "TiB", "at": at})) == {"/at"}


def test_a_channel_named_twice_is_refused() -> None:
    assert set(faults(SendRequest, sent(channels=["facebook", "facebook"]))) == {"/channels"}


@pytest.mark.parametrize(
    "url",
    [
        "https://www.facebook.com/1/posts/2?a=b#c",
        "https://www.1177.se/Värmland/å",
        "https://regionvärmland.se/kris",
        "http://127.0.0.1:8001/x",
        "http://localhost/x",
    ],
)
def test_an_address_where_the_words_can_be_read_is_taken(url: str) -> None:
    assert read(AcknowledgeRequest, {"url": url}).url == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "www.1177.se",
        "http://www.1177.se",
        "javascript:alert(1)",
        "data:text/html,x",
        "//x.se",
        "https://",
        "https://[",
        "https://x:99999/",
        "https://a@b.se/",
        "https://x.se/ y",
        "https://x.se/\r\nSet-Cookie: a",
        "https://fаcebook.com/",
        "https://x.se\\@y.se",
        "https://x.se/\u202e",
        "https://x.se/" + "a" * 2000,
        7,
    ],
)
def test_an_address_that_leads_elsewhere_or_nowhere_is_refused(url: object) -> None:
    assert set(faults(AcknowledgeRequest, {"url": url})) == {"/url"}


def test_an_acknowledgement_says_one_thing_or_nothing() -> None:
    assert set(faults(AcknowledgeRequest, {"url": "https://x.se/", "reason": "Sidan var nere"})) == {""}
    assert read(AcknowledgeRequest, {}).url is None
    assert read(RetryRequest, {}) == RetryRequest()
    assert set(faults(RetryRequest, {"force": True})) == {"/force"}


@given(ANYTHING)
def test_no_body_whatever_breaks_the_reading(body: object) -> None:
    for model in MODELS:
        assert isinstance(outcome(model, body), (model, Invalid))


# -- the same request ------------------------------------------------------------------------------------------------


def test_the_same_request_written_differently_has_one_fingerprint() -> None:
    one = json.loads('{"playbook": "x", "again": false, "blanks": {"a": null, "b": "1"}, "incident": null}')
    two = json.loads('{"blanks":{"b":"1"},"again":false,"playbook":"x"}')
    assert fingerprint(one) == fingerprint(two)
    assert re.fullmatch("[0-9a-f]{64}", fingerprint(one))


@pytest.mark.parametrize(
    "other", [{"again": True}, {"blanks": {"b": "2"}}, {"channels": ["facebook"]}, {"affected": []}]
)
def test_another_request_has_another_fingerprint(other: dict[str, object]) -> None:
    assert fingerprint(SMALLEST) != fingerprint(sent(**other))


def test_odd_bodies_have_fingerprints_too() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    odd: list[object] = [deep, 10**400, 2**53 + 1, float("nan"), float("inf"), "\ud800", {1: 2, "a": 3}, object()]
    assert all(re.fullmatch("[0-9a-f]{64}", fingerprint(body)) for body in odd)
    assert fingerprint({"n": 10**30}) != fingerprint({"n": 10**31})
    assert fingerprint({"at": datetime(2026, 3, 14, tzinfo=UTC)}) != fingerprint(
        {"at": datetime(2026, 3, 15, tzinfo=UTC)}
    )


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers(-(2**53) + 1, 2**53 - 1), max_size=6))
def test_the_order_of_members_never_counts(body: dict[str, object]) -> None:
    assert fingerprint(dict(reversed(body.items()))) == fingerprint(body)
