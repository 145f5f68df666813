"""The Page's budget of calls: it rises, it is used up, it tells the minutes, and knocking makes it worse."""

import json
from typing import Any

import pytest

from broadcaster.sandbox.graph_errors import GraphError
from broadcaster.sandbox.graph_usage import Usage, Whose

PAGE = "100200300"


@pytest.fixture
def usage(now: list[float]) -> Usage:
    """A Page with which one person engages: 4800 calls in 24 hours."""
    made = Usage(lambda: now[0])
    made.allow(1)
    return made


def told(headers: dict[str, str]) -> dict[str, Any]:
    (entry,) = json.loads(headers["X-Business-Use-Case-Usage"])[PAGE]
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
    assert usage.headers() == {}
    usage.allow(1)
    usage.allow(None)
    usage.spend("page", 100_000, writes=True)
    assert usage.headers() == {}


def test_below_one_per_cent_there_is_no_header(usage: Usage) -> None:
    usage.spend("page", 47, writes=False)
    assert usage.headers() == {}
    usage.spend("page", 1, writes=False)
    assert told(usage.headers()) == {"type": "pages", "call_count": 1, "total_cputime": 0, "total_time": 0,
                                     "estimated_time_to_regain_access": 0}


def test_figures_rise_with_calls_and_writes_take_more_time(usage: Usage) -> None:
    usage.spend("page", 2400, writes=False)
    first = told(usage.headers())
    usage.spend("page", 1200, writes=True)
    second = told(usage.headers())
    assert (first["call_count"], first["total_cputime"], first["total_time"]) == (50, 12, 12)
    assert (second["call_count"], second["total_cputime"], second["total_time"]) == (75, 37, 37)


def test_more_engaged_users_give_more_calls(usage: Usage) -> None:
    usage.spend("page", 4800, writes=False)
    usage.allow(10)
    assert told(usage.headers())["call_count"] == 10
    usage.spend("page", 1, writes=False)
    usage.allow(0)
    assert told(usage.headers())["call_count"] == 100, "a Page nobody engages with has what one person gives"


def test_calls_older_than_a_day_no_longer_count(usage: Usage, now: list[float]) -> None:
    usage.spend("page", 2400, writes=False)
    now[0] += 43_200
    usage.spend("page", 1200, writes=False)
    assert told(usage.headers())["call_count"] == 75
    now[0] += 43_200
    assert told(usage.headers())["call_count"] == 25


def test_a_used_up_budget_refuses_and_tells_the_minutes(usage: Usage, now: list[float]) -> None:
    usage.spend("page", 4700, writes=False)
    now[0] += 86_400 - 12 * 60
    usage.spend("page", 100, writes=False)
    assert told(usage.headers())["estimated_time_to_regain_access"] == 12, "the last call that is taken tells it"
    refusal = refused(usage)
    assert (refusal.code, minutes(refusal)) == (80001, 12)
    assert told(dict(refusal.headers))["call_count"] == 100
    now[0] += 11 * 60 + 1
    assert told(usage.headers())["estimated_time_to_regain_access"] == 1
    now[0] += 59
    usage.spend("page", 1, writes=False)
    assert told(usage.headers())["call_count"] == 2


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
    assert usage.headers() == {}


def test_the_app_and_a_person_have_budgets_of_their_own(usage: Usage, now: list[float]) -> None:
    usage.spend("app", 150, writes=False)
    assert json.loads(usage.headers()["X-App-Usage"]) == {"call_count": 75, "total_time": 18, "total_cputime": 18}
    assert "X-Business-Use-Case-Usage" not in usage.headers()
    usage.spend("app", 50, writes=False)
    assert refused(usage, "app").code == 4
    usage.spend("person", 200, writes=False)
    assert refused(usage, "person").code == 32
    usage.spend("page", 1, writes=False)
    now[0] += 3600
    usage.spend("app", 1, writes=False)
