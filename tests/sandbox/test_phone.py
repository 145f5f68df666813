"""The gateway keeps the newest words: older ones are refused, also after the announcement was taken down."""

from typing import Any

import httpx
import pytest

from broadcaster.sandbox import Sandbox

WHERE = "/announcements/RV-2026-0031.sv"


def words(revision: int, text: str = "Journalsystemet ligger nere.", **more: object) -> dict[str, Any]:
    return {"id": "RV-2026-0031", "revision": revision, "language": "sv", "text": text,
            "ssml": f"<speak>{text}</speak>", "max_seconds": 25, "starts_at": None, "expires_at": None, **more}


def heard(sandbox: Sandbox) -> list[str]:
    return [entry["text"] for entry in sandbox.state.snapshot("")["phone"]]


def test_an_announcement_is_stored_and_read_back(phone: httpx.Client, sandbox: Sandbox) -> None:
    made = phone.put(WHERE, json=words(1))
    address = f"{sandbox.url}/phone-queue/RV-2026-0031.sv"
    assert (made.status_code, made.json()) == (201, {"id": "RV-2026-0031", "revision": 1, "url": address})
    assert phone.get(WHERE).json() == {**words(1), "url": address}
    assert sandbox.state.snapshot(sandbox.url)["phone"] == [
        {"id": "RV-2026-0031.sv", "text": words(1)["text"], "language": "sv", "revision": 1, "url": address}]


def test_nobody_without_the_token_is_heard(http: httpx.Client, sandbox: Sandbox) -> None:
    for headers in ({}, {"Authorization": "Bearer WRONG"}, {"Authorization": "Basic PHONETOK"}):
        assert http.put(f"/phone{WHERE}", json=words(1), headers=headers).status_code == 401
    assert heard(sandbox) == []


def test_newer_words_replace_and_older_words_are_refused(phone: httpx.Client, sandbox: Sandbox) -> None:
    phone.put(WHERE, json=words(2, "Två"))
    assert phone.put(WHERE, json=words(3, "Tre")).status_code == 200
    refused = phone.put(WHERE, json=words(2, "Två"))
    assert (refused.status_code, refused.json()["revision"]) == (409, 3)
    assert heard(sandbox) == ["Tre"]


def test_repeating_the_same_call_is_harmless_but_other_words_under_the_same_revision_are_refused(
        phone: httpx.Client, sandbox: Sandbox) -> None:
    first = phone.put(WHERE, json=words(1))
    again = phone.put(WHERE, json=words(1))
    assert (again.status_code, again.json()) == (200, first.json())
    assert phone.put(WHERE, json=words(1, "Något annat")).status_code == 409
    assert heard(sandbox) == [words(1)["text"]]


def test_what_was_taken_down_does_not_come_back_with_older_words(phone: httpx.Client, sandbox: Sandbox) -> None:
    phone.put(WHERE, json=words(1))
    assert phone.delete(WHERE, params={"revision": 2}).status_code == 204
    assert phone.get(WHERE).status_code == 404
    assert heard(sandbox) == []
    for late in (1, 2):
        assert phone.put(WHERE, json=words(late)).status_code == 409
    assert phone.delete(WHERE, params={"revision": 2}).status_code == 204, "a repeated call is no error"
    assert phone.put(WHERE, json=words(3, "Nytt")).status_code == 201
    assert heard(sandbox) == ["Nytt"]


def test_taking_down_an_older_revision_leaves_newer_words_alone(phone: httpx.Client, sandbox: Sandbox) -> None:
    phone.put(WHERE, json=words(5))
    assert phone.delete(WHERE, params={"revision": 4}).status_code == 409
    assert heard(sandbox) == [words(5)["text"]]


def test_taking_down_what_never_arrived_still_keeps_it_from_arriving_later(phone: httpx.Client) -> None:
    for _ in range(2):
        assert phone.delete(WHERE, params={"revision": 2}).status_code == 404
    assert phone.put(WHERE, json=words(1)).status_code == 409


def test_an_announcement_plays_from_its_start_to_its_end(
        phone: httpx.Client, sandbox: Sandbox, now: list[float]) -> None:
    phone.put(WHERE, json=words(1, starts_at="2026-11-18T11:07:00Z", expires_at="2026-11-18T12:08:00+01:00"))
    seen = []
    for _ in range(3):
        seen.append(len(heard(sandbox)))
        now[0] += 30
    now[0] += 30
    assert [*seen, len(heard(sandbox))] == [0, 1, 1, 0]
    assert phone.get(WHERE).status_code == 200, "the gateway still knows it"


@pytest.mark.parametrize("wrong", [
    {"revision": None}, {"revision": True}, {"revision": -1}, {"text": " "}, {"id": 7}, {"language": "en"},
    {"starts_at": "snart"}, {"expires_at": 17}, {"surprise": 1}])
def test_a_wrong_body_is_refused_and_nothing_is_heard(
        phone: httpx.Client, sandbox: Sandbox, wrong: dict[str, object]) -> None:
    answer = phone.put(WHERE, json={**words(1), **wrong})
    assert answer.status_code == 400
    assert next(iter(wrong)) in answer.json()["error"]
    assert heard(sandbox) == []


def test_a_missing_field_and_an_unreadable_body_are_refused(phone: httpx.Client) -> None:
    body = words(1)
    del body["text"]
    assert "text is missing" in phone.put(WHERE, json=body).json()["error"]
    assert phone.put(WHERE, content=b"{").status_code == 400
    assert phone.delete(WHERE).status_code == 400


def test_other_addresses_and_methods_are_refused(phone: httpx.Client) -> None:
    assert phone.get("/announcements").status_code == 404
    assert phone.get("/announcements/RV-2026-0031").status_code == 404
    assert phone.patch(WHERE, json={}).status_code == 405


@pytest.mark.parametrize(("do", "status", "heard_after"), [
    ("error_500", 500, 0), ("applied_then_500", 500, 1), ("rate_limited", 429, 0), ("token_dead", 401, 0),
    ("no_id", 201, 1)])
def test_it_fails_as_scripted(
        http: httpx.Client, phone: httpx.Client, sandbox: Sandbox, do: str, status: int, heard_after: int) -> None:
    http.put("/_script", json={"phone": [{"on": "PUT /announcements/{id}", "do": do}]})
    answer = phone.put(WHERE, json=words(1))
    assert (answer.status_code, len(heard(sandbox))) == (status, heard_after)
    assert answer.headers.get("retry-after") == ("1" if do == "rate_limited" else None)
