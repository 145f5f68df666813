"""The imitated Page behaves like the real one where it matters: drafts, duplicates, lists, errors, tokens."""

import hashlib
import hmac
from typing import Any

import httpx
import pytest
from sandbox.asking import FEED, error, listed, post, rule

from broadcaster.sandbox import Sandbox

LISTS = ("/100200300/published_posts", "/100200300/posts", FEED)
WORDS = "Journalsystemet ligger nere.\n\nRing 112 vid fara för liv & hälsa.\nKl. 02.40"


@pytest.mark.parametrize("body", [{"data": {"message": WORDS}}, {"json": {"message": WORDS}},
                                  {"params": {"message": WORDS}}, {"files": {"message": (None, WORDS)}}])
def test_the_words_are_published_exactly_whatever_the_form_of_the_body(
        graph: httpx.Client, sandbox: Sandbox, body: dict[str, Any]) -> None:
    assert graph.post(FEED, **body).status_code == 200
    assert [item["text"] for item in sandbox.state.snapshot("")["facebook"]["published"]] == [WORDS]


def test_a_post_can_be_read_back_in_the_same_call_and_later(graph: httpx.Client) -> None:
    fields = "id,message,created_time,permalink_url,is_published,application{id},from{id,name}"
    made = graph.post(FEED, data={"message": WORDS, "fields": fields}).json()
    assert made["id"].startswith("100200300_")
    assert (made["message"], made["is_published"], made["application"]["id"]) == (WORDS, True, "4711")
    assert made["created_time"] == "2026-11-18T11:06:40+0000"
    assert graph.get(f"/{made['id']}", params={"fields": fields}).json() == made
    assert set(graph.get(f"/{made['id']}/").json()) == {"id", "message", "created_time"}


@pytest.mark.parametrize("prefix", ["v26.0", "v3.1", "v20.0", "v99.0", ""])
def test_any_version_is_served_and_the_header_tells_which_one_answered(sandbox: Sandbox, prefix: str) -> None:
    answer = httpx.get(f"{sandbox.url}/graph/{prefix}/me?access_token=PAGETOK", trust_env=False)
    assert answer.json() == {"id": "100200300", "name": "Övningssidan"}
    assert answer.headers["facebook-api-version"] == ("v26.0" if prefix in ("v26.0", "") else "v21.0")


@pytest.mark.parametrize("call", [
    {"headers": {"Authorization": "Bearer PAGETOK"}}, {"headers": {"Authorization": "OAuth PAGETOK"}},
    {"params": {"access_token": "PAGETOK"}}])
def test_the_token_is_taken_from_header_or_query(http: httpx.Client, call: dict[str, Any]) -> None:
    assert http.get("/graph/100200300", **call).status_code == 200


@pytest.mark.parametrize("body", [{"data": {"message": "Hej", "access_token": "PAGETOK"}},
                                  {"json": {"message": "Hej", "access_token": "PAGETOK"}}])
def test_the_token_is_taken_from_the_body(http: httpx.Client, body: dict[str, Any]) -> None:
    assert http.post(f"/graph{FEED}", **body).status_code == 200


def test_a_wrong_token_and_no_token_are_refused(http: httpx.Client) -> None:
    wrong = http.post(f"/graph{FEED}", data={"message": "Hej", "access_token": "XXX"})
    assert error(wrong) == (400, 190, 467)
    assert wrong.headers["www-authenticate"].startswith('OAuth "Facebook Platform"')
    assert error(http.post(f"/graph{FEED}", data={"message": "Hej"})) == (400, 2500, None)


def test_a_proof_is_checked_when_it_is_given(graph: httpx.Client) -> None:
    proof = hmac.new(b"s3cr3t", b"PAGETOK", hashlib.sha256).hexdigest()
    assert graph.get("/me", params={"appsecret_proof": proof}).status_code == 200
    assert error(graph.get("/me", params={"appsecret_proof": "0" * 64})) == (400, 100, None)


def test_a_draft_is_invisible_until_it_is_published_and_publishing_twice_is_harmless(
        graph: httpx.Client, sandbox: Sandbox, now: list[float]) -> None:
    draft = post(graph, WORDS, published="false", unpublished_content_type="DRAFT")
    assert listed(graph) == []
    assert listed(graph, "/100200300/scheduled_posts") == []
    assert graph.get(f"/{draft}", params={"fields": "is_published"}).json()["is_published"] is False
    snapshot = sandbox.state.snapshot("")["facebook"]
    assert (snapshot["published"], [item["text"] for item in snapshot["drafts"]]) == ([], [WORDS])
    now[0] += 60
    for _ in range(2):
        answer = graph.post(f"/{draft}", data={"is_published": "true", "fields": "is_published,created_time"})
        assert answer.json() == {"success": True, "id": draft, "is_published": True,
                                 "created_time": "2026-11-18T11:07:40+0000"}
        now[0] += 60
    assert listed(graph) == [WORDS]
    assert sandbox.state.snapshot("")["facebook"]["drafts"] == []


def test_a_published_post_cannot_be_taken_back_into_a_draft(graph: httpx.Client) -> None:
    made = post(graph, "Hej")
    assert error(graph.post(f"/{made}", data={"is_published": "false"})) == (400, 100, None)
    assert listed(graph) == ["Hej"]


def test_the_feed_also_lists_drafts_so_a_reader_must_look_at_is_published(graph: httpx.Client) -> None:
    post(graph, "Utkast", published="false")
    assert listed(graph, FEED) == ["Utkast"]
    assert graph.get(FEED, params={"fields": "is_published"}).json()["data"][0]["is_published"] is False


def test_the_same_words_twice_in_a_row_are_refused_but_not_a_b_a(graph: httpx.Client) -> None:
    post(graph, "A")
    refused = graph.post(FEED, data={"message": "A"})
    assert error(refused) == (400, 506, 1455006)
    assert refused.json()["error"]["error_user_title"]
    post(graph, "B")
    post(graph, "A")
    assert listed(graph) == ["A", "B", "A"]


def test_two_drafts_with_the_same_words_can_both_be_published(graph: httpx.Client) -> None:
    for draft in [post(graph, "A", published="false") for _ in range(2)]:
        assert graph.post(f"/{draft}", data={"is_published": "true"}).status_code == 200
    assert listed(graph) == ["A", "A"], "nothing but the caller's own care prevents a doubled draft"


def test_words_can_be_edited_and_the_post_keeps_its_place(graph: httpx.Client, now: list[float]) -> None:
    first = post(graph, "Strömavbrott")
    now[0] += 60
    post(graph, "Annat")
    assert graph.post(f"/{first}", json={"message": "Löst kl. 04.10"}).json() == {"success": True}
    assert listed(graph) == ["Annat", "Löst kl. 04.10"]
    assert error(graph.post(f"/{first}", json={"message": " "})) == (400, 100, None)


def test_a_hidden_post_is_there_for_those_who_ask_for_it_and_for_nobody_else(
        graph: httpx.Client, http: httpx.Client) -> None:
    made = post(graph, "Hej")
    assert graph.post(f"/{made}", data={"is_hidden": "true"}).json() == {"success": True}
    assert graph.get(f"/{made}", params={"fields": "is_hidden,is_published"}).json() == {
        "id": made, "is_hidden": True, "is_published": True}
    assert (listed(graph), listed(graph, include_hidden="true")) == ([], ["Hej"])
    assert http.get(f"/facebook/posts/{made}").status_code == 404
    graph.post(f"/{made}", data={"is_hidden": "false"})
    assert (listed(graph), http.get(f"/facebook/posts/{made}").status_code) == (["Hej"], 200)


def test_a_deleted_post_is_gone_and_so_is_a_post_that_never_was(graph: httpx.Client) -> None:
    made = post(graph, "Hej")
    assert graph.delete(f"/{made}").json() == {"success": True}
    assert listed(graph) == []
    for answer in (graph.delete(f"/{made}"), graph.get(f"/{made}"), graph.post(f"/{made}", data={"message": "x"}),
                   graph.get("/100200300_1"), graph.get("/999/feed"), graph.post("/999/feed", data={"message": "x"})):
        assert error(answer) == (400, 100, 33)


@pytest.mark.parametrize("body", [
    {}, {"message": ""}, {"message": " \n"}, {"message": "x" * 63_207}, {"message": "Hej", "published": "perhaps"},
    {"message": "Hej", "fields": "id,nonsense"}, {"message": "Hej", "scheduled_publish_time": "1795001000"},
    {"message": "Hej", "published": "false", "scheduled_publish_time": "1795000060"}])
def test_a_wrong_parameter_is_refused_and_publishes_nothing(graph: httpx.Client, body: dict[str, str]) -> None:
    assert error(graph.post(FEED, data=body)) == (400, 100, None)
    assert listed(graph, FEED) == []


def test_a_link_alone_is_enough(graph: httpx.Client) -> None:
    assert graph.post(FEED, data={"link": "https://example.org/"}).status_code == 200


def test_a_scheduled_post_goes_out_when_its_time_comes(graph: httpx.Client, now: list[float]) -> None:
    post(graph, "Senare", published="false", scheduled_publish_time=str(int(now[0]) + 900))
    assert (listed(graph), listed(graph, "/100200300/scheduled_posts")) == ([], ["Senare"])
    now[0] += 900
    assert (listed(graph), listed(graph, "/100200300/scheduled_posts")) == (["Senare"], [])


def test_a_list_is_read_to_its_end_by_following_next(graph: httpx.Client, now: list[float]) -> None:
    for number in range(7):
        post(graph, f"Nummer {number}")
    seen: list[str] = []
    page = graph.get(LISTS[0], params={"limit": 3, "fields": "message"}).json()
    pages = 1
    while True:
        seen += [item["message"] for item in page["data"]]
        if "next" not in page["paging"]:
            break
        assert "access_token=PAGETOK" in page["paging"]["next"], "the real one leaks it here too"
        page, pages = httpx.get(page["paging"]["next"], trust_env=False).json(), pages + 1
    assert seen == [f"Nummer {number}" for number in reversed(range(7))]
    assert pages == 3
    back = httpx.get(page["paging"]["previous"], trust_env=False).json()
    assert [item["message"] for item in back["data"]] == seen[3:6]


def test_a_list_can_be_cut_by_time_and_an_absurd_question_is_refused(graph: httpx.Client, now: list[float]) -> None:
    post(graph, "Före")
    now[0] += 100
    post(graph, "Efter")
    assert listed(graph, since=str(int(now[0]) - 50)) == ["Efter"]
    assert listed(graph, until="2026-11-18T11:06:41Z") == ["Före"]
    assert graph.get(LISTS[0], params={"summary": "true", "limit": 1}).json()["summary"] == {"total_count": 2}
    for query in ({"limit": "101"}, {"limit": "-1"}, {"limit": "x"}, {"after": "x"}, {"since": "i går"},
                  {"fields": "caption"}):
        assert error(graph.get(LISTS[0], params=query)) == (400, 100, None)
    odd = graph.request("GET", LISTS[0], content='{"limit": 1e999}', headers={"Content-Type": "application/json"})
    assert error(odd) == (400, 100, None)
    assert error(graph.request("GET", LISTS[0], json={"after": 5})) == (400, 100, None)


def test_an_empty_list_has_no_paging(graph: httpx.Client) -> None:
    for path in LISTS:
        assert graph.get(path).json() == {"data": []}


@pytest.mark.parametrize("on", ["GET /{page}/published_posts", "POST /{page}/feed"])
def test_lists_can_lag_behind_while_the_post_itself_can_be_read(
        http: httpx.Client, graph: httpx.Client, now: list[float], on: str) -> None:
    rule(http, on, "list_lag:20")
    made = post(graph, "Hej")
    assert graph.get(f"/{made}").status_code == 200
    assert listed(graph) == []
    now[0] += 20
    assert listed(graph) == ["Hej"]


def test_a_page_that_refuses_drafts_still_takes_posts(http: httpx.Client, graph: httpx.Client) -> None:
    rule(http, "POST /{page}/feed", "refuse_drafts")
    assert error(graph.post(FEED, data={"message": "Hej", "published": "false"})) == (400, 100, None)
    assert error(graph.post(FEED, json={"message": "Hej", "published": False})) == (400, 100, None)
    assert listed(graph, FEED) == []
    assert graph.post(FEED, data={"message": "Hej", "published": "true"}).status_code == 200


def test_too_many_calls_tell_when_to_come_back(http: httpx.Client, graph: httpx.Client) -> None:
    rule(http, "GET /{page}/feed", "rate_limited")
    refused = graph.get(FEED)
    assert error(refused) == (400, 80001, None)
    assert '"estimated_time_to_regain_access": 1' in refused.headers["x-business-use-case-usage"]
    rule(http, "GET /debug_token", "rate_limited")
    assert error(graph.get("/debug_token")) == (403, 4, None)


def test_an_outage_of_posts_spares_the_page(http: httpx.Client, graph: httpx.Client) -> None:
    rule(http, "POST /{post}", "error_500")
    made = post(graph, "Hej")
    assert error(graph.post(f"/{made}", data={"message": "x"})) == (500, 2, None)
    assert graph.get(f"/{made}").json()["message"] == "Hej"


def test_a_readiness_check_finds_everything_it_needs(http: httpx.Client) -> None:
    asked = {"input_token": "PAGETOK", "access_token": "4711|s3cr3t"}
    found = http.get("/graph/v26.0/debug_token", params=asked).json()["data"]
    assert (found["is_valid"], found["profile_id"], found["app_id"], found["expires_at"]) == (
        True, "100200300", "4711", 0)
    assert {"pages_manage_posts", "pages_read_engagement", "pages_show_list"} <= set(found["scopes"])
    assert all(entry["target_ids"] == ["100200300"] for entry in found["granular_scopes"])
    dead = http.get("/graph/v26.0/debug_token", params={**asked, "input_token": "OLD"})
    assert (dead.status_code, dead.json()["data"]["is_valid"]) == (200, False)
    assert error(http.post(f"/graph{FEED}", data={"message": "x", "access_token": "4711|s3cr3t"})) == (400, 190, 467)


def test_an_unknown_address_or_method_is_refused(graph: httpx.Client) -> None:
    assert error(graph.get("/100200300/nonsense")) == (400, 2500, None)
    assert error(graph.put(f"/{post(graph, 'Hej')}")) == (400, 100, None)
    assert error(graph.post("/100200300/posts", data={"message": "x"})) == (400, 100, None)
