"""The Page's budget of calls: it rises, it is used up, it tells the minutes, and knocking makes it worse."""

import json
from typing import Any

import httpx
import pytest
from sandbox.asking import FEED, PAGE, error, rule

from broadcaster.sandbox import Sandbox
from broadcaster.sandbox.graph_errors import GraphError
from broadcaster.sandbox.graph_usage import Usage, Whose

PAGE_ID = "100200300"


@pytest.fixture
def usage(now: list[float]) -> Usage:
    """A Page with which one person engages: 4800 calls in 24 hours."""
    made = Usage(lambda: now[0])
    made.allow(1)
    return made


def told(headers: dict[str, str]) -> dict[str, Any]:
    (entry,) = json.loads(headers["X-Business-Use-Case-Usage"])[PAGE_ID]
    found: dict[str, Any] = entry
    return found


def refused(usage: Usage, whose: Whose = "page") -> GraphError:
    with pytest.raises(GraphError) as caught:
        usage.spend(whose, 1, writes=False)
    return caught.value


def minutes(refusal: GraphError) -> int:
    found: int = told(dict(refusal.headers))["estimated_time_to_regain_access"]
    return found


def test_without_engaged_users_nothing_is_counted(now: list[float]) -> None:
    usage = Usage(lambda: now[0])
    usage.spend("page", 100_000, writes=True)
    assert usage.headers("page") == {}
    usage.allow(1)
    usage.allow(None)
    usage.spend("page", 100_000, writes=True)
    assert usage.headers("page") == {}


def test_below_one_per_cent_there_is_no_header(usage: Usage) -> None:
    usage.spend("page", 47, writes=False)
    assert usage.headers("page") == {}
    usage.spend("page", 1, writes=False)
    assert told(usage.headers("page")) == {"type": "pages", "call_count": 1, "total_cputime": 0, "total_time": 0,
                                     "estimated_time_to_regain_access": 0}


def test_figures_rise_with_calls_and_writes_take_more_time(usage: Usage) -> None:
    usage.spend("page", 2400, writes=False)
    first = told(usage.headers("page"))
    usage.spend("page", 1200, writes=True)
    second = told(usage.headers("page"))
    assert (first["call_count"], first["total_cputime"], first["total_time"]) == (50, 12, 12)
    assert (second["call_count"], second["total_cputime"], second["total_time"]) == (75, 37, 37)


def test_more_engaged_users_give_more_calls(usage: Usage) -> None:
    usage.allow(10, 4800)
    assert told(usage.headers("page"))["call_count"] == 10
    usage.allow(0, 4800)
    assert told(usage.headers("page"))["call_count"] == 100, "a Page nobody engages with has what one person gives"


def test_calls_older_than_a_day_no_longer_count(usage: Usage, now: list[float]) -> None:
    usage.spend("page", 2400, writes=False)
    now[0] += 43_200
    usage.spend("page", 1200, writes=False)
    assert told(usage.headers("page"))["call_count"] == 75
    now[0] += 43_200
    assert told(usage.headers("page"))["call_count"] == 25


def test_a_used_up_budget_refuses_and_tells_the_minutes(usage: Usage, now: list[float]) -> None:
    usage.spend("page", 4700, writes=False)
    now[0] += 86_400 - 12 * 60
    usage.spend("page", 100, writes=False)
    assert told(usage.headers("page"))["estimated_time_to_regain_access"] == 12, "the last call that is taken tells it"
    refusal = refused(usage)
    assert (refusal.code, minutes(refusal)) == (80001, 12)
    assert told(dict(refusal.headers))["call_count"] == 100
    now[0] += 11 * 60 + 1
    assert told(usage.headers("page"))["estimated_time_to_regain_access"] == 1
    now[0] += 59
    usage.spend("page", 1, writes=False)
    assert told(usage.headers("page"))["call_count"] == 2


def test_every_call_meanwhile_makes_it_a_minute_longer(usage: Usage, now: list[float]) -> None:
    usage.spend("page", 4800, writes=False)
    now[0] += 86_400 - 5 * 60
    assert [minutes(refused(usage)) for _ in range(4)] == [5, 6, 7, 8]
    now[0] += 5 * 60
    assert minutes(refused(usage)) == 4, "three minutes were left, and this call adds one"
    now[0] += 4 * 60
    usage.spend("page", 1, writes=False)


def test_a_new_budget_lifts_the_block(usage: Usage) -> None:
    usage.spend("page", 4800, writes=False)
    refused(usage)
    usage.allow(2)
    usage.spend("page", 1, writes=False)
    usage.clear()
    assert usage.headers("page") == {}


def test_the_app_and_a_person_have_budgets_of_their_own(usage: Usage, now: list[float]) -> None:
    usage.spend("app", 150, writes=False)
    assert json.loads(usage.headers("app")["X-App-Usage"]) == {"call_count": 75, "total_time": 18, "total_cputime": 18}
    assert usage.headers("page") == {}
    usage.spend("app", 50, writes=False)
    assert refused(usage, "app").code == 4
    usage.spend("person", 200, writes=False)
    assert refused(usage, "person").code == 32
    usage.spend("page", 1, writes=False)
    now[0] += 3600
    usage.spend("app", 1, writes=False)


def entry(answer: httpx.Response) -> dict[str, Any]:
    return told({"X-Business-Use-Case-Usage": answer.headers["x-business-use-case-usage"]})


def test_an_answer_carries_no_figure_unless_somebody_asked_for_a_budget(graph: httpx.Client) -> None:
    for _ in range(60):
        answer = graph.get(PAGE)
    assert not [name for name in answer.headers if "usage" in name]


def test_over_http_figures_rise_to_the_block_and_past_it(
        http: httpx.Client, graph: httpx.Client, sandbox: Sandbox, now: list[float]) -> None:
    http.put("/_graph", json={"engaged_users": 1, "calls_used": 4700}).raise_for_status()
    now[0] += 86_400 - 30 * 60
    counts = [entry(graph.get(PAGE))["call_count"] for _ in range(99)]
    assert (counts[0], counts[-1]) == (97, 99)
    last = graph.post(FEED, data={"message": "Hinner ut"})
    assert (last.status_code, entry(last)["call_count"], entry(last)["estimated_time_to_regain_access"]) == (
        200, 100, 30)
    refused = graph.post(FEED, data={"message": "Hinner inte"})
    assert error(refused) == (400, 80001, None)
    assert entry(refused)["estimated_time_to_regain_access"] == 30
    assert entry(graph.get(PAGE))["estimated_time_to_regain_access"] == 31, "asking made it longer"
    assert [one.message for one in sandbox.state.graph.posts.published()] == ["Hinner ut"]


def test_a_scripted_limit_still_means_one_minute(http: httpx.Client, graph: httpx.Client) -> None:
    http.put("/_graph", json={"engaged_users": 1}).raise_for_status()
    rule(http, "POST /{page}/feed", "rate_limited")
    refused = graph.post(FEED, data={"message": "Hej"})
    assert error(refused) == (400, 80001, None)
    assert entry(refused) == {"type": "pages", "call_count": 101, "total_cputime": 23, "total_time": 23,
                              "estimated_time_to_regain_access": 1}
    assert graph.get(PAGE).status_code == 200, "and counts nothing"


def test_the_app_has_a_header_and_a_limit_of_its_own(http: httpx.Client, graph: httpx.Client) -> None:
    http.put("/_graph", json={"engaged_users": 1}).raise_for_status()
    for _ in range(200):
        answer = graph.get("/debug_token", params={"input_token": "PAGETOK", "access_token": "4711|s3cr3t"})
    assert json.loads(answer.headers["x-app-usage"])["call_count"] == 100
    refused = graph.get("/debug_token", params={"input_token": "PAGETOK", "access_token": "4711|s3cr3t"})
    assert error(refused) == (403, 4, None)
    assert graph.get(PAGE).status_code == 200


def test_a_reset_forgets_what_was_spent(http: httpx.Client, graph: httpx.Client) -> None:
    http.put("/_graph", json={"engaged_users": 1, "calls_used": 4800}).raise_for_status()
    assert graph.get(PAGE).status_code == 400
    http.post("/_reset")
    assert graph.get(PAGE).status_code == 200


def test_a_person_has_a_limit_of_its_own(http: httpx.Client, graph: httpx.Client) -> None:
    http.put("/_graph", json={"engaged_users": 1}).raise_for_status()
    person = {"Authorization": "Bearer USERTOK"}
    answers = [graph.get("/me", headers=person) for _ in range(201)]
    assert (answers[199].status_code, error(answers[200])) == (200, (403, 32, None))
    assert graph.get(PAGE).status_code == 200


def test_several_ids_in_one_call_are_several_calls(http: httpx.Client, graph: httpx.Client) -> None:
    http.put("/_graph", json={"engaged_users": 1}).raise_for_status()
    answer = graph.get(PAGE, params={"ids": ",".join(["100200300"] * 96)})
    assert entry(answer)["call_count"] == 2


def test_every_item_of_a_batch_is_a_call(http: httpx.Client, graph: httpx.Client) -> None:
    http.put("/_graph", json={"engaged_users": 1, "calls_used": 4750}).raise_for_status()
    items = [{"method": "GET", "relative_url": "100200300"}] * 50
    whole = graph.post("/", data={"batch": json.dumps(items)})
    assert {item["code"] for item in whole.json()} == {200}
    assert entry(whole)["call_count"] == 100
    late = graph.post("/", data={"batch": json.dumps(items[:2])})
    assert (late.status_code, [item["code"] for item in late.json()]) == (200, [400, 400])
    assert json.loads(late.json()[0]["body"])["error"]["code"] == 80001
