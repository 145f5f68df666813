"""How many people saw and liked what the imitated Page says: made-up figures, the same for the same seed, growing.

`live` is what a post itself tells and grows by the second. `answer` is `/insights`, which follows hours behind, as at
Facebook, and so is no way to know at night whether anybody has seen a message. One metric that does not exist, or no
longer does, fails the whole call.
"""

import math
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from broadcaster.sandbox import graph_errors as errors
from broadcaster.sandbox.exchange import JsonObject
from broadcaster.sandbox.graph_errors import GraphError
from broadcaster.sandbox.graph_parameters import text, unix
from broadcaster.sandbox.script import PAGE_ID

FANS_MIN = 100
"""A Page with fewer likes has no insights."""
SPAN_MAX_S = 90 * 86_400.0
KEPT_S = 2 * 365 * 86_400.0
PERIODS = ("day", "week", "days_28", "month", "lifetime", "total_over_range")

_DAY_S = 86_400.0
_DAY_ENDS_S = 8 * 3600.0  # midnight in California, where Facebook's days end
_FAST_S, _SLOW_S = 6 * 3600.0, 86_400.0
_SETTLES_S = 8 * 3600.0
_SHARES_OF_REACTIONS = {"like": 0.62, "sorry": 0.16, "love": 0.08, "wow": 0.07, "anger": 0.05, "haha": 0.02}
_SHARES_OF_CLICKS = {"other clicks": 0.7, "link clicks": 0.3}

Counted = Callable[[int, str, float], object]
"""Seed, object and age in seconds to a value."""


def live(seed: int, post_id: str, age_s: float) -> dict[str, int]:
    """Return what a post itself tells now: how many shares, and how many reactions."""
    return {"shares": _grown(seed, post_id, "shares", 40, 900, age_s),
            "reactions": _grown(seed, post_id, "reactions", 100, 1500, age_s)}


def answer(object_id: str, given: Mapping[str, object], *, now: float, begun_at: float, seed: int, fans: int
           ) -> JsonObject:
    """Answer `/{post}/insights` or `/{page}/insights` of an object that came into the world at `begun_at`.

    Raises GraphError: 3001/1504028 without a metric, 100 for one that does not exist, and for a wrong span or period.
    """
    parameters = dict(given)
    is_page = object_id == PAGE_ID
    names, period = _metrics(parameters, _OF_PAGE if is_page else _OF_POST), _period(parameters, is_page)
    since, until = _span(parameters, now)
    if fans < FANS_MIN:
        return {"data": []}
    found = [_shown(object_id, name, period, values) for name in names
             if (values := _days(seed, name, period, since, min(until, now)) if is_page else
                 _lifetime(seed, object_id, name, period, now - begun_at))]
    return {"data": found}


def _lifetime(seed: int, post_id: str, name: str, period: str, age_s: float) -> list[JsonObject]:
    if period != "lifetime" or age_s < 0:
        return []
    counted, step_s = _OF_POST[name]
    return [{"value": counted(seed, post_id, math.floor(age_s / step_s) * step_s)}]


def _days(seed: int, name: str, period: str, since: float, until: float) -> list[JsonObject]:
    days = {"day": 1, "week": 7, "days_28": 28}.get(period)
    if days is None or (name in _DAILY_ONLY and days > 1):
        return []
    first, last = (math.ceil((at - _DAY_ENDS_S) / _DAY_S) for at in (since, until + 1))
    return [{"value": _OF_PAGE[name](seed, day, days),
             "end_time": datetime.fromtimestamp(day * _DAY_S + _DAY_ENDS_S, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")}
            for day in range(first, last)]


def _shown(object_id: str, name: str, period: str, values: list[JsonObject]) -> JsonObject:
    return {"name": name, "period": period, "values": values, "title": name.replace("_", " ").capitalize(),
            "description": "Påhittade tal för övning.", "id": f"{object_id}/insights/{name}/{period}"}


def _metrics(given: JsonObject, known: Mapping[str, object]) -> list[str]:
    asked = given.get("metric")
    listed = asked if isinstance(asked, list) else str(asked or "").split(",")
    names = [name for name in (str(one).strip() for one in listed) if name]
    if not names:
        raise GraphError(3001, "(#3001) Invalid query: no metric was specified to be fetched", subcode=1504028)
    if any(name not in known for name in names):
        raise errors.invalid("The value must be a valid insights metric")
    return names


def _period(given: JsonObject, is_page: bool) -> str:
    period = text(given, "period") or ("day" if is_page else "lifetime")
    if period not in PERIODS:
        raise errors.invalid(f"Param period must be one of {{{', '.join(PERIODS)}}}")
    return period


def _span(given: JsonObject, now: float) -> tuple[float, float]:
    until = unix(given.get("until", now))
    since = None if until is None else unix(given.get("since", until - 2 * _DAY_S))
    if since is None or until is None or since > until:
        raise errors.invalid("Param since must be a time before until")
    if until - since > SPAN_MAX_S:
        raise errors.invalid("There cannot be more than 90 days (7776000 s) between since and until")
    return max(since, now - KEPT_S), until


def _grown(seed: int, object_id: str, what: str, least: int, most: int, age_s: float) -> int:
    """Return a number that begins at 0 and nears one between `least` and `most`, most of it on the first day."""
    end = _chosen(seed, object_id, what, least, most)
    return math.floor(end * -math.expm1(-max(age_s, 0.0) / _SETTLES_S))


def _chosen(seed: int, object_id: str, what: str, least: int, most: int) -> int:
    return random.Random(f"{seed} {object_id} {what}").randint(least, most)


def _views(seed: int, post_id: str, age_s: float) -> int:
    return _grown(seed, post_id, "views", 4_000, 60_000, age_s)


def _reactions(seed: int, post_id: str, age_s: float) -> JsonObject:
    total = live(seed, post_id, age_s)["reactions"]
    found = {kind: math.floor(total * share) for kind, share in _SHARES_OF_REACTIONS.items()}
    found["like"] += total - sum(found.values())
    return {kind: count for kind, count in found.items() if count}


def _clicks(seed: int, post_id: str, age_s: float) -> JsonObject:
    total = _views(seed, post_id, age_s) // 25
    return {kind: count for kind, share in _SHARES_OF_CLICKS.items() if (count := math.floor(total * share))}


def _reaction(kind: str) -> Counted:
    return lambda seed, post_id, age_s: _reactions(seed, post_id, age_s).get(kind, 0)


def _daily(what: str, least: int, most: int) -> Callable[[int, int, int], int]:
    return lambda seed, day, days: sum(_chosen(seed, f"{PAGE_ID} {day - back}", what, least, most)
                                       for back in range(days))


def _follows(seed: int, day: int, days: int) -> int:
    return 31_000 + _chosen(seed, PAGE_ID, "follows", 0, 500) + 3 * (day - 20_700)


_OF_POST: Mapping[str, tuple[Counted, float]] = {
    "post_media_view": (_views, _FAST_S),
    "post_total_media_view_unique": (lambda *of: math.floor(_views(*of) * 0.7), _SLOW_S),
    "post_clicks": (lambda *of: sum(_clicks(*of).values()), _SLOW_S),
    "post_clicks_by_type": (_clicks, _SLOW_S),
    "post_reactions_by_type_total": (_reactions, _FAST_S),
    **{f"post_reactions_{kind}_total": (_reaction(kind), _FAST_S) for kind in _SHARES_OF_REACTIONS}}
_OF_PAGE: Mapping[str, Callable[[int, int, int], int]] = {
    "page_media_view": _daily("views", 9_000, 40_000),
    "page_total_media_view_unique": _daily("people", 5_000, 9_000),
    "page_post_engagements": _daily("engagements", 300, 4_000),
    "page_total_actions": _daily("actions", 5, 200),
    "page_daily_follows": _daily("new", 3, 60),
    "page_daily_follows_unique": _daily("new", 3, 60),
    "page_follows": _follows}
_DAILY_ONLY = frozenset({"page_follows"})
