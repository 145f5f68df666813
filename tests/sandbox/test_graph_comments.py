"""Comments on the imitated Page: visitors ask, the Page answers, hides and deletes; traps of the real one included."""

from typing import Any

import httpx
import pytest
from sandbox.asking import PAGE, error, post

ALL = {"filter": "stream", "fields": "message,parent{id},is_hidden,can_hide,comment_count,from{name}"}


def put(http: httpx.Client, **document: Any) -> None:
    answer = http.put("/_graph", json=document)
    assert answer.status_code == 200, answer.text


def say(graph: httpx.Client, under: str, message: str) -> str:
    answer = graph.post(f"/{under}/comments", data={"message": message})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def heard(graph: httpx.Client, under: str, **query: str) -> list[str]:
    return [one["message"] for one in graph.get(f"/{under}/comments", params=query).json()["data"]]


def test_the_page_comments_and_replies_and_replies_are_listed_only_when_asked_for(
        graph: httpx.Client, now: list[float]) -> None:
    made = post(graph, "Strömavbrott")
    first = say(graph, made, "Vi återkommer")
    now[0] += 1
    reply = say(graph, first, "Löst")
    now[0] += 1
    say(graph, made, "Tack")
    assert reply not in (first, made), "a reply is a comment of its own"
    assert heard(graph, made) == ["Vi återkommer", "Tack"]
    assert heard(graph, made, filter="stream") == ["Vi återkommer", "Löst", "Tack"]
    assert heard(graph, made, filter="stream", order="reverse_chronological") == ["Tack", "Löst", "Vi återkommer"]
    assert heard(graph, made, since=str(now[0])) == ["Tack"]
    assert heard(graph, first) == ["Löst"]
    found = graph.get(f"/{made}/comments", params=ALL).json()["data"]
    assert [(one.get("parent") or {}).get("id") for one in found] == [None, first, None]
    assert (found[0]["comment_count"], found[0]["from"]["name"]) == (1, "Övningssidan")
    counted = graph.get(f"/{made}/comments", params={"summary": "true", "filter": "stream", "limit": "0"}).json()
    assert counted == {"data": [], "summary": {"order": "chronological", "can_comment": True, "total_count": 3}}


def test_comments_are_read_to_the_end_in_parts(graph: httpx.Client) -> None:
    made = post(graph, "Hej")
    for number in range(5):
        say(graph, made, str(number))
    for order, expected in (("chronological", "01234"), ("reverse_chronological", "43210")):
        page = graph.get(f"/{made}/comments", params={"limit": "2", "order": order}).json()
        seen = [one["message"] for one in page["data"]]
        while "next" in page["paging"]:
            page = httpx.get(page["paging"]["next"], trust_env=False).json()
            seen += [one["message"] for one in page["data"]]
        assert "".join(seen) == expected


def test_visitors_write_under_every_post_that_comes_out(http: httpx.Client, graph: httpx.Client) -> None:
    put(http, visitor_comments=["När är det löst?", "Går telefonen?"])
    made, draft = post(graph, "Hej"), post(graph, "Utkast", published="false")
    assert heard(graph, made) == ["När är det löst?", "Går telefonen?"]
    assert heard(graph, draft) == []
    graph.post(f"/{draft}", data={"is_published": "true"})
    assert len(heard(graph, draft)) == 2
    shown = graph.get(f"/{made}", params={"fields": "comments.summary(true).limit(0)"}).json()
    assert shown["comments"]["summary"]["total_count"] == 2


def test_a_visitors_comment_can_be_hidden_and_deleted_but_not_edited(http: httpx.Client, graph: httpx.Client) -> None:
    put(http, visitor_comments=["Reklam"])
    made = post(graph, "Hej")
    [found] = graph.get(f"/{made}/comments", params=ALL).json()["data"]
    assert (found["can_hide"], found["is_hidden"]) == (True, False)
    assert graph.post(f"/{found['id']}", data={"is_hidden": "true"}).json() == {"success": True}
    assert graph.get(f"/{found['id']}", params={"fields": "is_hidden"}).json()["is_hidden"] is True
    assert error(graph.post(f"/{found['id']}", data={"message": "x"})) == (403, 200, None)
    assert graph.delete(f"/{found['id']}").json() == {"success": True}
    for answer in (graph.get(f"/{found['id']}"), graph.delete(f"/{found['id']}")):
        assert error(answer) == (400, 100, 33)


def test_words_sent_to_a_comment_replace_it_and_are_no_reply(graph: httpx.Client) -> None:
    made = post(graph, "Hej")
    own = say(graph, made, "Vi återkommer")
    assert graph.post(f"/{own}", data={"message": "Löst"}).json() == {"success": True}
    assert heard(graph, made, filter="stream") == ["Löst"]
    assert error(graph.post(f"/{own}", data={"is_hidden": "true"})) == (400, 100, None)


def test_a_deleted_comment_takes_its_replies_and_a_deleted_post_its_comments(graph: httpx.Client) -> None:
    made = post(graph, "Hej")
    top = say(graph, made, "A")
    reply = say(graph, say(graph, top, "B"), "C")
    graph.delete(f"/{top}")
    assert error(graph.get(f"/{reply}")) == (400, 100, 33)
    last = say(graph, made, "D")
    graph.delete(f"/{made}")
    assert error(graph.get(f"/{last}")) == (400, 100, 33)


def test_a_person_sees_no_comments_and_no_refusal_and_cannot_write_any(
        http: httpx.Client, graph: httpx.Client) -> None:
    made = post(graph, "Hej")
    own = say(graph, made, "A")
    put(http, token_kind="user")
    empty = graph.get(f"/{made}/comments")
    assert (empty.status_code, empty.json()) == (200, {"data": []})
    assert error(graph.post(f"/{made}/comments", data={"message": "x"})) == (400, 1705, None)
    assert error(graph.delete(f"/{own}")) == (400, 190, 2069032)


def test_no_comment_on_an_unpublished_page_or_a_draft(http: httpx.Client, graph: httpx.Client) -> None:
    made, draft = post(graph, "Hej"), post(graph, "Utkast", published="false")
    assert error(graph.post(f"/{draft}/comments", data={"message": "x"})) == (400, 100, None)
    put(http, page_published=False)
    assert error(graph.post(f"/{made}/comments", data={"message": "x"})) == (400, 100, None)


def test_each_side_of_it_needs_its_permission(http: httpx.Client, graph: httpx.Client) -> None:
    made = post(graph, "Hej")
    put(http, scopes=["pages_read_engagement", "pages_manage_engagement"])
    assert error(graph.get(f"/{made}/comments")) == (403, 10, None)
    say(graph, made, "A")
    put(http, scopes=["pages_read_engagement", "pages_read_user_content"])
    assert heard(graph, made) == ["A"]
    refused = graph.post(f"/{made}/comments", data={"message": "x"})
    assert error(refused) == (403, 200, None)
    assert "pages_manage_engagement" in refused.json()["error"]["message"]


@pytest.mark.parametrize("given", [{}, {"message": " "}, {"message": "x" * 8_001}, {"attachment_url": "https://x"},
                                   {"message": "x", "fields": "nonsense"}])
def test_a_wrong_comment_is_refused_and_nothing_is_written(graph: httpx.Client, given: dict[str, str]) -> None:
    made = post(graph, "Hej")
    assert error(graph.post(f"/{made}/comments", data=given)) == (400, 100, None)
    assert heard(graph, made) == []
    for query in ({"filter": "all"}, {"order": "newest"}, {"fields": "caption"}):
        assert error(graph.get(f"/{made}/comments", params=query)) == (400, 100, None)
    assert error(graph.post(f"{PAGE}/comments", data={"message": "x"})) == (400, 100, None)
