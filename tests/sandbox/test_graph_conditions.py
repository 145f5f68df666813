"""The imitated Facebook can be put into any condition by one document, and is well again after a reset."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx
import pytest
from sandbox.asking import FEED, PAGE, error, listed, photo, post

from broadcaster.sandbox import Sandbox
from broadcaster.sandbox.graph_conditions import SCOPES, TOKEN_STATES, Conditions, ConditionsError
from broadcaster.sandbox.script import FEW_KNOW, NUMBERED, PLAIN, TIMED

START = 1_795_000_000


def put(http: httpx.Client, **document: Any) -> dict[str, Any]:
    answer = http.put("/_graph", json=document)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_whole_document_can_be_read_changed_and_put_back(http: httpx.Client) -> None:
    before = http.get("/_graph").json()
    assert (before["token"], before["scopes"], before["engaged_users"]) == ("good", list(SCOPES), None)
    assert put(http, **before) == before
    assert put(http, token="expired", empty_pages=2)["empty_pages"] == 2
    assert put(http, token="expired") == {**before, "token": "expired"}, "what is left out is default again"
    assert http.get("/_graph").json()["token"] == "expired"
    http.post("/_reset")
    assert http.get("/_graph").json() == before


@pytest.mark.parametrize(("document", "says"), [
    ([], "an object such as"), ({"tokens": 1}, "unknown key tokens; known are token, token_kind"),
    ({"token": "dead"}, '"token" is one of good, revoked'), ({"token": 7}, '"token" is one of'),
    ({"token_kind": "app"}, '"token_kind" is one of page, user, system_user'),
    ({"scopes": "pages_manage_posts"}, '"scopes" is a list of texts'), ({"scopes": [1]}, '"scopes" is a list'),
    ({"granular": []}, '"granular" is an object of lists'),
    ({"granular": {"x": [1]}}, '"granular.x" is a list of texts'),
    ({"expires_at": -1}, '"expires_at" is a number of seconds'), ({"expires_at": True}, "seconds"),
    ({"expires_at": 1e15}, "seconds"), ({"proof_required": "yes"}, '"proof_required" is true or false'),
    ({"engaged_users": -1}, '"engaged_users" is a whole number'), ({"engaged_users": 1.5}, "whole number"),
    ({"empty_pages": 100}, '"empty_pages" is a whole number from 0 to 99'), ({"foreign_posts": {}}, "list of objects"),
    ({"foreign_posts": [{}]}, 'foreign_posts[0]: "message" is missing'),
    ({"foreign_posts": [{"message": "a"}, {"text": "b"}]}, "foreign_posts[1]: unknown key text"),
    ({"foreign_posts": [{"message": 1}]}, '"message" is a text'),
    ({"foreign_posts": [{"message": "a", "app_id": ""}]}, '"app_id" is a text'),
    ({"foreign_posts": [{"message": "a", "scheduled_publish_time": "soon"}]}, "is a number of seconds")])
def test_a_wrong_document_is_refused_with_the_reason_and_changes_nothing(document: Any, says: str) -> None:
    with pytest.raises(ConditionsError) as wrong:
        Conditions.from_now(START).changed(document)
    assert says in str(wrong.value)


def test_a_refused_document_leaves_the_conditions_in_force(http: httpx.Client) -> None:
    put(http, token="expired")
    for body in (b"{", b"[]", b'{"token": "x"}'):
        answer = http.put("/_graph", content=body)
        assert answer.status_code == 400
        assert "unchanged" in answer.json()["error"]
    assert http.get("/_graph").json()["token"] == "expired"
    assert http.delete("/_graph").headers["allow"] == "GET, PUT"


def test_another_apps_post_can_be_read_and_not_changed(http: httpx.Client, graph: httpx.Client) -> None:
    put(http, foreign_posts=[{"message": "Vaccinera dig", "app_name": "Business Suite"}])
    found = graph.get(FEED, params={"fields": "message,application"}).json()["data"][0]
    assert (found["message"], found["application"]) == ("Vaccinera dig", {"id": "9911", "name": "Business Suite"})
    for answer in (graph.post(f"/{found['id']}", data={"message": "x"}), graph.delete(f"/{found['id']}")):
        assert error(answer) == (403, 200, None)
    put(http, foreign_posts=[{"message": "Vaccinera dig", "app_name": "Business Suite"}], edit_only_by_creator=False)
    assert graph.delete(f"/{found['id']}").json() == {"success": True}


def test_posts_of_other_apps_stay_while_the_document_says_so_and_go_with_it(
        http: httpx.Client, graph: httpx.Client) -> None:
    put(http, foreign_posts=[{"message": "A"}, {"message": "B"}])
    before = graph.get(FEED).json()
    put(http, foreign_posts=[{"message": "A"}, {"message": "B"}], empty_pages=0)
    assert graph.get(FEED).json() == before
    put(http, foreign_posts=[{"message": "C"}])
    assert listed(graph) == ["C"]
    put(http)
    assert listed(graph) == []


def test_a_post_may_wait_in_another_apps_scheduler(http: httpx.Client, graph: httpx.Client, now: list[float]) -> None:
    put(http, foreign_posts=[{"message": "Senare", "scheduled_publish_time": START + 120}])
    assert (listed(graph), listed(graph, f"{PAGE}/scheduled_posts")) == ([], ["Senare"])
    now[0] += 120
    assert listed(graph) == ["Senare"]


@pytest.mark.parametrize("count", [1, 3])
def test_a_part_of_a_list_may_be_empty_and_have_a_next_one(
        http: httpx.Client, graph: httpx.Client, count: int) -> None:
    for words in ("A", "B", "C"):
        post(graph, words)
    put(http, empty_pages=count)
    address, seen, empty = f"{graph.base_url}{PAGE[1:]}/published_posts?limit=2&access_token=PAGETOK", [], 0
    while address:
        page = httpx.get(address, trust_env=False).json()
        seen += [item["message"] for item in page["data"]]
        empty += not page["data"]
        address = page["paging"].get("next")
    assert (seen, empty) == (["C", "B", "A"], count)


def test_a_new_object_cannot_be_read_for_a_while_but_is_there(
        http: httpx.Client, graph: httpx.Client, now: list[float]) -> None:
    put(http, readable_after_s=5)
    made = graph.post(FEED, data={"message": "Hej", "fields": "message"}).json()
    assert made["message"] == "Hej", "reading in the same call works"
    picture = photo(graph)["id"]
    assert listed(graph) == ["Hej"]
    for new in (made["id"], picture):
        assert error(graph.get(f"/{new}")) == (400, 100, 33)
    now[0] += 5
    assert {graph.get(f"/{new}").status_code for new in (made["id"], picture)} == {200}


def test_a_new_draft_cannot_be_published_for_a_while(
        http: httpx.Client, graph: httpx.Client, now: list[float]) -> None:
    put(http, publishable_after_s=5)
    draft = post(graph, "Utkast", published="false")
    assert error(graph.post(f"/{draft}", data={"is_published": "true"})) == (400, 100, 33)
    assert listed(graph) == []
    now[0] += 5
    assert graph.post(f"/{draft}", data={"is_published": "true"}).json() == {"success": True}


def test_an_unpublished_page_says_so(http: httpx.Client, graph: httpx.Client) -> None:
    put(http, page_published=False)
    assert graph.get(PAGE, params={"fields": "is_published"}).json()["is_published"] is False


def test_a_sandbox_can_be_put_into_a_condition_without_http(sandbox: Sandbox) -> None:
    sandbox.state.graph.put({"engaged_users": 3, "development": True})
    assert (sandbox.state.graph.conditions.engaged_users, sandbox.state.graph.conditions.development) == (3, True)


def test_the_manual_has_every_key_and_every_state_and_no_other() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "imitation-facebook.md").read_text("utf-8")
    table = manual.split("| key | meaning | default |")[1].split("\n## ")[0]
    rows = [line.split(" | ")[0] for line in table.splitlines() if line.startswith("| `")]
    assert {key for row in rows for key in re.findall(r"`(\w+)`", row)} == {one.name for one in fields(Conditions)}
    said = {name: int(number) for name, number in re.findall(r"`(\w+)` \((\d{3})\)", table)}
    assert said == {name: subcode for name, subcode in TOKEN_STATES.items() if subcode is not None}


def test_the_manual_has_every_fault_and_no_other() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "imitation-facebook.md").read_text("utf-8")
    table = manual.split("| `do` | what happens to the call |")[1].split("\n\n")[0]
    rows = [line.split(" | ")[0] for line in table.splitlines() if line.startswith("| `")]
    assert {name for row in rows for name in re.findall(r"`(\w+)", row)} == (
        PLAIN - set(FEW_KNOW) | TIMED | {NUMBERED})
