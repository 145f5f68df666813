"""The imitated content system publishes exactly our words, and trusts whoever writes last."""

import uuid
from typing import Any

import httpx
import pytest

from broadcaster.sandbox import Sandbox
from broadcaster.sandbox.content import paragraphs

GUID = "7f0b6f0e-6b0a-5d2a-9a39-0f4f6f1f2a11"
TOKEN = "/cms/api/episerver/connect/token"
CONTENT = "/cms/api/episerver/v3.0/contentmanagement"
TEXT = "Avbrott i journalsystem\n\nAkut vård fungerar.\nRing 112 vid fara.\n\nTemp < 38 & \"lugn\" hemma? Vänta."


def item(**more: Any) -> dict[str, Any]:
    return {
        "contentLink": {"guidValue": GUID}, "name": "Avbrott", "language": {"name": "sv"},
        "contentType": ["Page", "RegionalNoticePage"], "parentLink": {"id": 4711}, "status": "Published",
        "heading": {"value": "Avbrott i journalsystem"},
        "mainBody": {"value": "<p>Akut vård fungerar.<br>Ring 112 vid fara.</p>\n"
                              "<p>Temp &lt; 38 &amp; &quot;lugn&quot; hemma? Vänta.</p>"}, **more}


def shown(sandbox: Sandbox) -> list[str]:
    return [entry["text"] for entry in sandbox.state.snapshot("")["cms"]]


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"].startswith("application/problem+json")
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["title"]
    assert body["detail"]
    return answer.status_code, body["code"]


def put(cms: httpx.Client, **more: Any) -> httpx.Response:
    return cms.put(f"/{GUID}", json=item(**more))


def test_an_item_is_created_then_updated_and_its_words_are_exact(cms: httpx.Client, sandbox: Sandbox) -> None:
    made = put(cms)
    address = f"{sandbox.url}/1177/{GUID}/sv"
    assert made.status_code == 201
    assert made.headers["location"] == f"{sandbox.url}{CONTENT}/{GUID}"
    assert (made.json()["contentLink"]["guidValue"], made.json()["url"], made.json()["status"]) == (
        GUID, address, "Published")
    assert put(cms).status_code == 200
    assert sandbox.state.snapshot(sandbox.url)["cms"] == [
        {"id": GUID, "text": TEXT, "language": "sv", "url": address, "content_type": ["Page", "RegionalNoticePage"]}]


@pytest.mark.parametrize(("html", "text"), [
    ("<p>Ett</p><p>Två</p>", ["Ett", "Två"]), ("<p>Ett<br/>två<br />tre</p>", ["Ett\ntvå\ntre"]),
    ("Bara text", ["Bara text"]), ("", []), ("<p>&#229; &amp;amp;</p>\n\n", ["å &amp;"]),
    ("<ul><li>Ett</li><li>Två <b>fet</b></li></ul>", ["Ett", "Två fet"])])
def test_simple_html_becomes_plain_paragraphs(html: str, text: list[str]) -> None:
    assert paragraphs(html) == text


def test_an_item_can_be_read_back_by_guid_and_by_number(cms: httpx.Client) -> None:
    made = put(cms).json()
    found = cms.get(f"/{GUID.upper()}")
    assert found.json() == made
    assert found.json()["heading"] == {"value": "Avbrott i journalsystem"}
    assert cms.get(f"/{made['contentLink']['id']}").json() == made
    assert problem(cms.get("/5_5")) == (400, "ForceVersion")
    assert problem(cms.get(f"/{uuid.uuid4()}")) == (404, "NotFound")


def test_without_a_good_token_nothing_can_be_read_or_written(http: httpx.Client, sandbox: Sandbox) -> None:
    for headers in ({}, {"Authorization": "Bearer guessed"}):
        assert problem(http.put(f"{CONTENT}/{GUID}", json=item(), headers=headers)) == (401, "Unauthorized")
    assert shown(sandbox) == []


def test_a_token_ends_after_an_hour(cms: httpx.Client, now: list[float]) -> None:
    assert put(cms).status_code == 201
    now[0] += 3600
    assert problem(cms.get(f"/{GUID}"))[0] == 401


def test_a_token_is_given_only_for_the_right_question(http: httpx.Client) -> None:
    good = {"grant_type": "client_credentials", "client_id": "a", "client_secret": "b",
            "scope": "epi_content_management"}
    answer = http.post(TOKEN, data=good).json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3600)
    assert http.post(TOKEN, data={**good, "client_id": "", "client_secret": ""}, auth=("a", "b")).status_code == 200
    for change, status, why in (({"grant_type": "password"}, 400, "unsupported_grant_type"),
                                ({"client_id": ""}, 401, "invalid_client"), ({"scope": "x"}, 400, "invalid_scope")):
        refused = http.post(TOKEN, data={**good, **change})
        assert (refused.status_code, refused.json()["error"]) == (status, why)


@pytest.mark.parametrize(("change", "code"), [
    ({"name": None}, "InvalidModel"), ({"name": "x" * 256}, "InvalidModel"), ({"contentType": None}, "InvalidModel"),
    ({"contentType": "Page"}, "InvalidModel"), ({"parentLink": None}, "InvalidModel"),
    ({"parentLink": {"id": 0}}, "InvalidParent"), ({"language": None}, "InvalidModel"),
    ({"language": {"name": "xx"}}, "InvalidModel"), ({"contentLink": {"guidValue": str(uuid.uuid4())}}, "InvalidModel"),
    ({"contentLink": None}, "InvalidModel"), ({"startPublish": "snart"}, "InvalidModel"),
    ({"routeSegment": "å/b c"}, "InvalidModel"), ({"status": "PreviouslyPublished"}, "StatusTransition"),
    ({"status": "AwaitingApproval"}, "InvalidAction"), ({"status": "DelayedPublish"}, "DelayedPulish")])
def test_what_the_server_does_not_accept_is_refused_with_its_code(
        cms: httpx.Client, sandbox: Sandbox, change: dict[str, Any], code: str) -> None:
    assert problem(put(cms, **change)) == (400, code)
    assert shown(sandbox) == []
    assert cms.get(f"/{GUID}").status_code == 404


def test_an_unreadable_body_is_refused(cms: httpx.Client) -> None:
    json_type = {"Content-Type": "application/json"}
    assert problem(cms.put(f"/{GUID}", content=b"{", headers=json_type)) == (400, "InvalidModel")
    assert problem(cms.put(f"/{GUID}", content=b"name=x")) == (400, "InvalidModel")


def test_a_put_clears_what_it_leaves_out_and_a_patch_does_not(cms: httpx.Client) -> None:
    put(cms, region={"value": "Varmland"})
    changed = cms.patch(f"/{GUID}", json={"heading": {"value": "Löst"}})
    assert (changed.status_code, changed.content) == (204, b"")
    found = cms.get(f"/{GUID}").json()
    assert (found["heading"]["value"], found["region"]["value"]) == ("Löst", "Varmland")
    put(cms)
    assert "region" not in cms.get(f"/{GUID}").json()


def test_the_last_writer_wins_even_with_older_words(cms: httpx.Client, sandbox: Sandbox) -> None:
    put(cms, heading={"value": "Nyast"})
    put(cms, heading={"value": "Äldre, men sent framme"})
    assert shown(sandbox)[0].startswith("Äldre, men sent framme")


def test_a_draft_is_not_public_and_does_not_take_down_what_is(cms: httpx.Client, sandbox: Sandbox) -> None:
    put(cms, status="CheckedOut")
    assert shown(sandbox) == []
    put(cms)
    put(cms, status="CheckedOut", heading={"value": "Nästa version"})
    assert shown(sandbox) == [TEXT]
    assert cms.get(f"/{GUID}").json()["heading"]["value"] == "Nästa version"
    cms.patch(f"/{GUID}", json={"status": "Published"})
    assert shown(sandbox)[0].startswith("Nästa version")


def test_stopping_takes_it_away_from_the_public_but_not_from_the_system(
        cms: httpx.Client, sandbox: Sandbox, now: list[float]) -> None:
    put(cms, stopPublish="2026-11-18T11:07:40Z")
    assert shown(sandbox) == [TEXT]
    now[0] += 60
    assert shown(sandbox) == []
    assert cms.get(f"/{GUID}").status_code == 200
    cms.patch(f"/{GUID}", json={"stopPublish": None})
    assert shown(sandbox) == [TEXT]
    cms.patch(f"/{GUID}", json={"stopPublish": "2026-11-18T11:07:00Z"})
    assert shown(sandbox) == []


def test_a_delayed_item_appears_when_its_time_comes(
        cms: httpx.Client, sandbox: Sandbox, now: list[float]) -> None:
    put(cms, status="DelayedPublish", startPublish="2026-11-18T11:07:40Z")
    assert shown(sandbox) == []
    now[0] += 60
    assert shown(sandbox) == [TEXT]


def test_a_deleted_item_is_gone_and_anyone_may_write_it_anew(cms: httpx.Client, sandbox: Sandbox) -> None:
    put(cms)
    assert cms.delete(f"/{GUID}").status_code == 204
    assert shown(sandbox) == []
    assert problem(cms.delete(f"/{GUID}")) == (404, "NotFound")
    assert problem(cms.patch(f"/{GUID}", json={"name": "x"})) == (404, "NotFound")
    assert put(cms).status_code == 201, "the real system keeps no tombstone either"


def test_languages_are_branches_of_one_item(cms: httpx.Client, sandbox: Sandbox) -> None:
    put(cms)
    assert put(cms, language={"name": "en"}, heading={"value": "Outage"}).status_code == 200
    assert cms.get(f"/{GUID}", headers={"Accept-Language": "en"}).json()["heading"]["value"] == "Outage"
    assert cms.get(f"/{GUID}").json()["heading"]["value"] == "Avbrott i journalsystem"
    assert cms.get(f"/{GUID}", headers={"Accept-Language": "fi, en;q=0.5"}).json()["language"]["name"] == "en"
    assert problem(cms.get(f"/{GUID}", headers={"Accept-Language": "fi"})) == (404, "NotFound")
    cms.patch(f"/{GUID}", json={"language": {"name": "en"}, "heading": {"value": "Solved"}})
    assert [text.splitlines()[0] for text in shown(sandbox)] == ["Avbrott i journalsystem", "Solved"]
    assert problem(cms.patch(f"/{GUID}", json={"language": {"name": "fi"}})) == (404, "NotFound")


def test_content_is_neither_moved_nor_turned_into_something_else_by_a_write(cms: httpx.Client) -> None:
    put(cms)
    assert problem(put(cms, parentLink={"id": 4712})) == (400, "InvalidParent")
    assert problem(put(cms, contentType=["Page", "NewsPage"])) == (400, "InvalidModel")
    assert put(cms, parentLink={"id": "4711"}).status_code == 200


def test_creating_by_post_refuses_a_guid_that_exists(cms: httpx.Client) -> None:
    assert cms.post("", json=item()).status_code == 201
    assert problem(cms.post("", json=item())) == (409, "Conflict")
    free = cms.post("", json=item(contentLink=None))
    assert uuid.UUID(free.json()["contentLink"]["guidValue"]) != uuid.UUID(GUID)


def test_other_addresses_and_methods_are_refused(cms: httpx.Client, sandbox: Sandbox) -> None:
    assert problem(cms.get(f"/{GUID}/move")) == (404, "NotFound")
    assert problem(cms.get("")) == (405, "MethodNotAllowed")
    assert cms.get(f"{sandbox.url}{TOKEN}").status_code == 405


@pytest.mark.parametrize(("on", "do", "status", "public"), [
    ("PUT /{id}", "error_500", 500, 0), ("PUT /{id}", "applied_then_500", 500, 1),
    ("PUT /api/episerver/v3.0/contentmanagement/{id}", "rate_limited", 429, 0), ("PUT /{id}/", "token_dead", 401, 0),
    ("PUT /{id}", "no_id", 201, 1)])
def test_it_fails_as_scripted(http: httpx.Client, cms: httpx.Client, sandbox: Sandbox, on: str, do: str, status: int,
                              public: int) -> None:
    assert http.put("/_script", json={"cms": [{"on": on, "do": do}]}).status_code == 200
    answer = put(cms)
    assert (answer.status_code, len(shown(sandbox))) == (status, public)
    assert answer.headers.get("retry-after") == ("1" if do == "rate_limited" else None)


def test_the_token_address_fails_as_scripted(http: httpx.Client) -> None:
    http.put("/_script", json={"cms": [{"on": "POST /api/episerver/connect/token", "do": "token_dead"}]})
    assert http.post(TOKEN, data={}).json() == {"error": "invalid_client"}
