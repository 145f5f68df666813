"""Everything a broken, careless or hostile client sends is refused in a known way, and nothing of it is stored."""

import json
import unicodedata
from typing import Any

import pytest
from machine import Machine, deeds, problem
from service import Service

JSON = {"Content-Type": "application/json"}
FIRST: dict[str, Any] = {"playbook": "telefoni-1177", "phase": "first", "mode": "live"}


def with_(**more: object) -> bytes:
    return json.dumps({**FIRST, **more}).encode()


def blank(value: object) -> bytes:
    return with_(blanks={"reservnummer": value})


#: What it is, the bytes of the body, the status, and which fields are named.
BODIES: list[tuple[str, bytes, int, list[str]]] = [
    ("no body", b"", 400, []),
    ("null", b"null", 422, [""]),
    ("a list", b"[]", 422, [""]),
    ("a text", b'"x"', 422, [""]),
    ("a number", b"42", 422, [""]),
    ("two modes", b'{"playbook": "telefoni-1177", "phase": "first", "mode": "drill", "mode": "live"}', 400, []),
    ("not a number", b'{"again": NaN}', 400, []),
    ("an infinite number", b'{"again": -Infinity}', 400, []),
    ("a number beyond floats", b'{"again": 1e400}', 400, []),
    ("a number beyond exactness", b'{"again": 9007199254740993}', 400, []),
    ("a number of 400 digits", b'{"again": ' + b"9" * 400 + b"}", 400, []),
    ("fifty thousand lists", b"[" * 50_000, 400, []),
    ("ten megabytes of spaces", b" " * 10_000_000, 413, []),
    ("UTF-16", with_().decode().encode("utf-16"), 400, []),
    ("a byte order mark", b"\xef\xbb\xbf" + with_(), 400, []),
    ("broken UTF-8", b'{"playbook": "\xff"}', 400, []),
    ("half a character", b'{"playbook": "\\ud800"}', 400, []),
    ("a NUL in a blank", blank("010\x00"), 422, ["/blanks/reservnummer"]),
    ("a bidirectional override", blank("010-000 \u202e00 00"), 422, ["/blanks/reservnummer"]),
    ("a zero-width joiner", with_(sentence="Vi\u200dvet"), 422, ["/sentence"]),
    ("400 accents on one letter", blank("e" + "\u0301" * 400), 422, ["/blanks/reservnummer"]),
    ("a playbook in look-alike letters", with_(playbook="telef\u043eni-1177"), 422, ["/playbook"]),
    ("a decomposed name of nothing", with_(playbook=unicodedata.normalize("NFD", "översvämning")), 422, ["/playbook"]),
    ("63 207 characters", blank("x" * 63_207), 422, ["/blanks/reservnummer"]),
    ("a template", blank("${reservnummer}"), 422, ["/blanks/reservnummer"]),
    ("another template", blank("{{7*7}}"), 422, ["/blanks/reservnummer"]),
    ("a format string", blank("{0.__class__}"), 422, ["/blanks/reservnummer"]),
    ("a percent sign", blank("%s"), 422, ["/blanks/reservnummer"]),
    ("an unknown blank", with_(blanks={"hittepa": "x"}), 422, ["/blanks/hittepa"]),
    ("a blank that is a list", blank(["010"]), 422, ["/blanks/reservnummer"]),
    ("a line break", blank("010-000\r\n00 00"), 422, ["/blanks/reservnummer"]),
    ("a spreadsheet formula", blank("=cmd|' /C calc'!A0"), 422, ["/blanks/reservnummer"]),
    ("a script", blank("<script>alert(1)</script>"), 422, ["/blanks/reservnummer"]),
    ("a javascript link", blank("javascript:alert(1)"), 422, ["/blanks/reservnummer"]),
    ("a markdown link", blank("[ring](https://evil.example)"), 422, ["/blanks/reservnummer"]),
    ("a number with an extension", blank("010-000 00 00,,#1"), 422, ["/blanks/reservnummer"]),
    ("an unknown field", with_(text="Mina egna ord"), 422, ["/text"]),
    ("an unknown field that is null", with_(text=None), 422, ["/text"]),
    ("an unknown playbook", with_(playbook="finns-inte"), 422, ["/playbook"]),
    ("an unknown phase", with_(phase="second"), 422, ["/phase"]),
    ("an unknown mode", with_(mode="test"), 422, ["/mode"]),
    ("a number for a truth", with_(again=1), 422, ["/again"]),
    ("an unknown channel", with_(channels=["telex"]), 422, ["/channels/0"]),
    ("no channels at all", with_(channels=[]), 422, ["/channels"]),
    ("a channel twice", with_(channels=["facebook", "facebook"]), 422, ["/channels"]),
    ("an unknown thing struck", with_(affected=["allt"]), 422, ["/affected/0"]),
    ("a first message in an incident", with_(incident="RE-2026-0001"), 422, ["/incident"]),
    ("an update of nothing", with_(phase="update"), 422, ["/incident"]),
    ("an update of an unknown incident", with_(phase="update", incident="RE-2026-9999"), 422, ["/incident"]),
    ("a free sentence in a first message", with_(sentence="Vi vet inte mer."), 422, ["/sentence"]),
    ("a nameless decision", with_(decided_by={"role": "TiB"}), 422, ["/decided_by/name"]),
    ("a decision at no time", with_(decided_by={"name": "K", "role": "TiB", "at": "i natt"}), 422, ["/decided_by/at"]),
    ("somebody else's preview", with_(digest="sha256:" + "0" * 64), 409, []),
]  # fmt: skip

#: What it is, the headers beside the body of a right message, the status.
HEADERS: list[tuple[str, dict[str, str], int]] = [
    ("no Content-Type", {"Content-Type": ""}, 415),
    ("another Content-Type", {"Content-Type": "text/plain"}, 415),
    ("UTF-7", {"Content-Type": "application/json; charset=utf-7"}, 415),
    ("two Content-Types", {"Content-Type": "application/json, text/plain"}, 415),
    ("a form", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ("a form of parts without boundary", {"Content-Type": "multipart/form-data"}, 415),
    ("a packed body", {**JSON, "Content-Encoding": "gzip"}, 415),
    ("an empty key", {**JSON, "Idempotency-Key": ""}, 400),
    ("an empty key in quotes", {**JSON, "Idempotency-Key": '""'}, 400),
    ("a key of 256 characters", {**JSON, "Idempotency-Key": "k" * 256}, 400),
    ("a key with a space", {**JSON, "Idempotency-Key": "a b"}, 400),
    ("two keys in one", {**JSON, "Idempotency-Key": "a, b"}, 400),
    ("a key with an open quote", {**JSON, "Idempotency-Key": '"a'}, 400),
    ("a key in another script", {**JSON, "Idempotency-Key": "nyckel-å"}, 400),
    ("another host", {**JSON, "Host": "evil.example"}, 400),
    ("an overridden method", {**JSON, "X-HTTP-Method-Override": "DELETE", "Authorization": "Bearer x"}, 401),
]


@pytest.mark.parametrize(
    ("body", "status", "pointers"), [case[1:] for case in BODIES], ids=[case[0] for case in BODIES]
)
def test_a_bad_body_is_refused_and_nothing_is_stored(
    reader: Machine, body: bytes, status: int, pointers: list[str]
) -> None:
    before = deeds(reader.service)
    answer = reader.ask("POST", "/messages", body, **JSON, **{"Idempotency-Key": "nyckel"})
    found = problem(answer)
    assert (found[0], found[2]) == (status, pointers)
    assert deeds(reader.service) == before


@pytest.mark.parametrize(("headers", "status"), [case[1:] for case in HEADERS], ids=[case[0] for case in HEADERS])
def test_a_bad_header_is_refused_and_nothing_is_stored(reader: Machine, headers: dict[str, str], status: int) -> None:
    before = deeds(reader.service)
    answer = reader.ask("POST", "/messages", with_(), **{"Idempotency-Key": "nyckel", **headers})
    assert problem(answer)[0] == status
    assert deeds(reader.service) == before


@pytest.mark.parametrize("body", [case[1] for case in BODIES], ids=[case[0] for case in BODIES])
def test_a_preview_refuses_what_the_message_would_be_refused_for(reader: Machine, body: bytes) -> None:
    before = deeds(reader.service)
    answer = reader.ask("POST", "/previews", body, **JSON)
    assert answer.status_code in (200, 400, 413, 422)
    assert deeds(reader.service) == before


@pytest.mark.parametrize("empty", ["", " ", None], ids=["empty", "space", "null"])
def test_a_blank_that_is_left_empty_says_not_known_yet(reader: Machine, empty: str | None) -> None:
    unknown, given = reader.post("/previews", FIRST), reader.ask("POST", "/previews", blank(empty), **JSON)
    assert (given.status_code, given.json) == (200, unknown.json)


def test_a_forged_forwarding_header_changes_nothing(reader: Machine) -> None:
    forged = {"X-Forwarded-For": ", ".join(["fe80::1%eth0"] * 40), "X-Forwarded-Host": "evil.example"}
    assert reader.get("/channels", **forged).status_code == 200


def test_a_query_beside_a_body_is_refused(reader: Machine) -> None:
    before = deeds(reader.service)
    answer = reader.ask("POST", "/messages?mode=drill", with_(), **JSON, **{"Idempotency-Key": "nyckel"})
    assert problem(answer) == (422, "wrong-query", ["/mode"])
    assert deeds(reader.service) == before


@pytest.mark.parametrize(
    "path",
    [
        "/messages/%00",
        "/messages/%ff",
        "/messages/..%2f",
        "/playbooks/%2e%2e%2f%2e%2e",
        "/playbooks/telefoni-1177%00",
        "/incidents/RE-2026-0001'--",
        "/incidents/" + "A" * 9000,
        "/audit/%F0%9F%9A%91/proof",
        "/playbooks/telefoni-1177;v=1",
    ],
)
def test_an_address_made_to_confuse_names_nothing(reader: Machine, path: str) -> None:
    assert problem(reader.get(path))[0] == 404


def test_hundreds_of_wrong_messages_leave_no_trace(still: Service) -> None:
    machine = Machine(still, "send", name="hoppfull")
    before = deeds(still)
    for number in range(200):
        assert machine.send({**FIRST, "phase": f"fas-{number}"}).status_code == 422
    assert deeds(still) == before
