"""Figures that grow with time, are the same for the same seed, and follow hours behind the night they are about."""

from typing import Any

import httpx
import pytest
from sandbox.asking import FEED, error, post

from broadcaster.sandbox.graph_errors import GraphError
from broadcaster.sandbox.insights import answer, live

PAGE, POST = "100200300", "100200300_122093451000000001"
BEGUN = 1_795_000_000.0
HOUR, DAY = 3600.0, 86_400.0


def asked(object_id: str = POST, *, after: float = 3 * DAY, seed: int = 0, fans: int = 31_000, **given: Any
          ) -> dict[str, Any]:
    """Return the answer by metric."""
    found = answer(object_id, given, now=BEGUN + after, begun_at=BEGUN, seed=seed, fans=fans)["data"]
    return {entry["name"]: entry for entry in found}


def value(metric: str, after: float, seed: int = 0) -> Any:
    return asked(metric=metric, after=after, seed=seed)[metric]["values"][0]["value"]


def refused(object_id: str = POST, **given: Any) -> GraphError:
    with pytest.raises(GraphError) as caught:
        asked(object_id, **given)
    return caught.value


POST_METRICS = ("post_media_view", "post_total_media_view_unique", "post_clicks", "post_clicks_by_type",
                "post_reactions_by_type_total", *(f"post_reactions_{kind}_total" for kind in (
                    "like", "love", "wow", "haha", "sorry", "anger")))
PAGE_METRICS = ("page_media_view", "page_total_media_view_unique", "page_post_engagements", "page_total_actions",
                "page_daily_follows", "page_daily_follows_unique", "page_follows")


def test_every_metric_that_is_alive_is_answered() -> None:
    assert tuple(asked(metric=",".join(POST_METRICS))) == POST_METRICS
    assert tuple(asked(PAGE, metric=list(PAGE_METRICS))) == PAGE_METRICS


@pytest.mark.parametrize("dead", ["post_impressions", "post_impressions_unique", "post_engaged_users", "page_fans",
                                  "page_impressions", "page_fan_adds", "page_engaged_users", "page_media_view", "x"])
def test_one_dead_metric_fails_the_whole_call(dead: str) -> None:
    refusal = refused(metric=f"post_media_view,{dead}")
    assert (refusal.code, refusal.message) == (100, "(#100) The value must be a valid insights metric")


def test_without_a_metric_there_is_nothing_to_fetch() -> None:
    for given in ({}, {"metric": ""}, {"metric": []}):
        refusal = refused(**given)
        assert (refusal.code, refusal.subcode) == (3001, 1504028)


def test_figures_grow_but_hours_behind() -> None:
    """Nothing in the first hours of a crisis: insights cannot tell whether anybody has seen a message."""
    views = [value("post_media_view", after) for after in (0, 5 * HOUR, 7 * HOUR, DAY, 3 * DAY)]
    assert views[:2] == [0, 0]
    assert 0 < views[2] < views[3] < views[4]
    assert value("post_clicks", 23 * HOUR) == 0
    assert 0 < value("post_clicks", 25 * HOUR) == value("post_clicks", 47 * HOUR)


def test_the_post_itself_tells_at_once() -> None:
    before, soon, later = (live(0, POST, after) for after in (0, 600, DAY))
    assert before == {"shares": 0, "reactions": 0}
    assert 0 < soon["reactions"] < later["reactions"]
    assert later["shares"] > 0


def test_the_parts_are_the_whole() -> None:
    found = asked(metric=",".join(POST_METRICS))
    by_type = found["post_reactions_by_type_total"]["values"][0]["value"]
    assert sum(by_type.values()) == live(0, POST, 3 * DAY)["reactions"]
    for kind, count in by_type.items():
        assert found[f"post_reactions_{kind}_total"]["values"] == [{"value": count}]
    clicks = found["post_clicks_by_type"]["values"][0]["value"]
    assert found["post_clicks"]["values"] == [{"value": sum(clicks.values())}]
    unique = found["post_total_media_view_unique"]["values"][0]["value"]
    assert unique < found["post_media_view"]["values"][0]["value"]


def test_the_same_seed_gives_the_same_figures() -> None:
    assert value("post_media_view", DAY, seed=1) == value("post_media_view", DAY, seed=1)
    assert value("post_media_view", DAY, seed=1) != value("post_media_view", DAY, seed=2)
    assert live(1, POST, DAY) != live(1, f"{POST}9", DAY)


def test_an_answer_has_facebooks_shape() -> None:
    entry = asked(metric="post_media_view")["post_media_view"]
    assert (entry["period"], entry["id"]) == ("lifetime", f"{POST}/insights/post_media_view/lifetime")
    assert set(entry) == {"name", "period", "values", "title", "description", "id"}


def test_days_of_the_page_end_at_midnight_in_california() -> None:
    found = asked(PAGE, metric="page_media_view", period="day", since=BEGUN, until=BEGUN + 3 * DAY)
    ends = [one["end_time"] for one in found["page_media_view"]["values"]]
    assert ends == ["2026-11-19T08:00:00+0000", "2026-11-20T08:00:00+0000", "2026-11-21T08:00:00+0000"]
    week = asked(PAGE, metric="page_media_view", period="week", since=BEGUN + 2 * DAY, until=BEGUN + 3 * DAY)
    day = found["page_media_view"]["values"]
    assert week["page_media_view"]["values"][0]["value"] > sum(one["value"] for one in day)


def test_a_day_that_has_not_ended_has_no_figure() -> None:
    found = asked(PAGE, metric="page_media_view", after=0, since=BEGUN - DAY, until=BEGUN + 5 * DAY)
    assert [one["end_time"] for one in found["page_media_view"]["values"]] == ["2026-11-18T08:00:00+0000"]


@pytest.mark.parametrize(("given", "words"), [
    ({"since": BEGUN - 91 * DAY, "until": BEGUN}, "more than 90 days"),
    ({"since": BEGUN, "until": BEGUN - DAY}, "before until"),
    ({"since": "soon", "until": BEGUN}, "before until"),
    ({"until": "då"}, "before until"),
    ({"period": "year"}, "Param period must be one of {day, week"),
])
def test_a_span_that_cannot_be_is_refused(given: dict[str, Any], words: str) -> None:
    refusal = refused(PAGE, metric="page_media_view", **given)
    assert refusal.code == 100
    assert words in refusal.message


def test_ninety_days_are_allowed_and_two_years_are_kept() -> None:
    found = asked(PAGE, metric="page_media_view", since=BEGUN - 90 * DAY, until=BEGUN)
    assert len(found["page_media_view"]["values"]) == 90
    assert asked(PAGE, metric="page_media_view", since=BEGUN - 900 * DAY, until=BEGUN - 830 * DAY) == {}


def test_a_period_a_metric_does_not_have_gives_nothing() -> None:
    assert asked(metric="post_media_view", period="day") == {}
    assert asked(PAGE, metric="page_follows", period="week") == {}
    assert asked(PAGE, metric="page_media_view", period="lifetime") == {}


def test_a_page_with_few_likes_has_no_insights() -> None:
    assert asked(metric="post_media_view", fans=99) == {}
    assert "post_media_view" in asked(metric="post_media_view", fans=100)


def test_over_http_the_page_and_its_posts_have_insights(graph: httpx.Client, now: list[float]) -> None:
    made = post(graph, "Hej")
    now[0] += DAY
    found = graph.get(f"/{made}/insights", params={"metric": "post_media_view,post_clicks"}).json()["data"]
    assert [entry["name"] for entry in found] == ["post_media_view", "post_clicks"]
    assert found[0]["values"][0]["value"] > 0
    days = graph.get(f"/{PAGE}/insights", params={
        "metric": "page_media_view", "since": now[0] - 7 * DAY, "until": now[0]}).json()["data"][0]["values"]
    assert len(days) == 7
    assert error(graph.get(f"/{made}/insights", params={"metric": "post_impressions"})) == (400, 100, None)
    assert error(graph.get(f"/{made}/insights")) == (400, 3001, 1504028)
    assert error(graph.get("/100200300_1/insights", params={"metric": "post_clicks"})) == (400, 100, 33)


def test_over_http_a_draft_has_no_insights_and_no_shares(graph: httpx.Client, now: list[float]) -> None:
    draft = post(graph, "Utkast", published="false")
    now[0] += DAY
    assert graph.get(f"/{draft}/insights", params={"metric": "post_media_view"}).json() == {"data": []}
    assert graph.get(f"/{draft}", params={"fields": "shares"}).json() == {"id": draft}


def test_over_http_a_post_tells_its_shares_and_reactions_at_once(graph: httpx.Client, now: list[float]) -> None:
    fields = {"fields": "shares,reactions.summary(total_count).limit(0)"}
    made = post(graph, "Hej")
    fresh = graph.get(f"/{made}", params=fields).json()
    assert fresh == {"id": made, "reactions": {"data": [], "summary": {"total_count": 0, "viewer_reaction": "NONE"}}}
    now[0] += DAY
    (later,) = graph.get(FEED, params=fields).json()["data"]
    assert later["shares"]["count"] > 0
    assert later["reactions"]["summary"]["total_count"] > 0
