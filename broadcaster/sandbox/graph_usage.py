"""The imitated Facebook's budgets of calls: for the Page over 24 hours, for the app and for a person over one hour.

Nothing is counted, and no answer carries a figure, until somebody says how many people engage with the Page. Then:

    Page     4800 calls for each of them in rolling 24 hours     80001, and the minutes until access is back
    app      200 in a rolling hour, for it has one daily user    4
    person   as many, for Meta publishes no number               32

Figures are whole percent, and below one per cent there is no header at all. While the Page is refused every call
counts, and each makes it a minute longer: whoever knocks all the time is never let in again.
"""

import json
import math
from collections import deque
from collections.abc import Callable
from typing import Literal

from broadcaster.sandbox import graph_errors as errors
from broadcaster.sandbox.script import PAGE_ID

CALLS_PER_ENGAGED_USER = 4800
CALLS_PER_DAILY_USER = 200
DAY_S, HOUR_S = 86_400.0, 3_600.0
PUSHED_S = 60.0
"""How much longer the Page stays refused for each call it gets meanwhile."""
_WRITE_COST = 4
"""Working time of a write, where a read takes 1; the budgets of time are as many times the budget of calls."""

Whose = Literal["page", "app", "person"]


class Usage:
    """Who has used how much. Not locked: `Graph` holds the lock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._page_calls: int | None = None
        self._spent = {"page": _Spent(DAY_S), "app": _Spent(HOUR_S), "person": _Spent(HOUR_S)}
        self._refused_until = -math.inf

    def allow(self, engaged_users: int | None, calls_used: int = 0) -> None:
        """Give the Page a new budget of which so many calls are used just now; None ends all counting.

        Of a Page nobody engages with Meta says nothing; here it has what one person would give it.
        """
        self.clear()
        self._page_calls = None if engaged_users is None else CALLS_PER_ENGAGED_USER * max(engaged_users, 1)
        self._spent["page"].add(self._clock(), calls_used, calls_used)

    def clear(self) -> None:
        """Forget what was spent, every block, and the budget."""
        self._page_calls = None
        for spent in self._spent.values():
            spent.clear()
        self._refused_until = -math.inf

    def spend(self, whose: Whose, calls: int, *, writes: bool) -> None:
        """Count calls; raise GraphError (80001, 4 or 32) when the budget was used up before them."""
        now, spent, limit = self._clock(), self._spent[whose], self._limit(whose)
        if limit is None:
            return
        is_refused, was_refused = spent.calls(now) >= limit, now < self._refused_until
        spent.add(now, calls, calls * _WRITE_COST if writes else calls)
        if whose != "page":
            if is_refused:
                raise errors.app_limit() if whose == "app" else errors.person_limit()
        elif is_refused or was_refused:
            pushed = self._refused_until + PUSHED_S * calls if was_refused else now
            self._refused_until = max(pushed, now + spent.wait_s(now, limit))
            raise errors.page_limit(self._minutes(now), *self._percent("page", now))

    def headers(self, whose: Whose) -> dict[str, str]:
        """Return the figures as the headers of an answer; none where next to nothing is used."""
        now = self._clock()
        calls, seconds = self._percent(whose, now)
        if self._page_calls is None or not (calls or seconds):
            return {}
        if whose == "page":
            return errors.usage_header(PAGE_ID, "pages", calls, seconds, self._minutes(now))
        return {"X-App-Usage": json.dumps({"call_count": calls, "total_time": seconds, "total_cputime": seconds})}

    def _limit(self, whose: Whose) -> int | None:
        return self._page_calls if whose == "page" or self._page_calls is None else CALLS_PER_DAILY_USER

    def _percent(self, whose: Whose, now: float) -> tuple[int, int]:
        spent, limit = self._spent[whose], self._limit(whose) or 1
        return 100 * spent.calls(now) // limit, 100 * spent.cost(now) // (limit * _WRITE_COST)

    def _minutes(self, now: float) -> int:
        wait_s = max(self._refused_until - now, self._spent["page"].wait_s(now, self._page_calls or 1))
        return math.ceil(wait_s / 60) if wait_s > 0 else 0


class _Spent:
    """Calls and their working time within a rolling time; those of one second are one entry."""

    def __init__(self, within_s: float) -> None:
        self._within_s = within_s
        self._entries: deque[tuple[float, int, int]] = deque()
        self._calls = self._cost = 0

    def clear(self) -> None:
        self._entries.clear()
        self._calls = self._cost = 0

    def add(self, now: float, calls: int, cost: int) -> None:
        at = math.floor(now)
        if self._entries and self._entries[-1][0] == at:
            _, earlier, before = self._entries.pop()
            self._entries.append((at, earlier + calls, before + cost))
        else:
            self._entries.append((at, calls, cost))
        self._calls, self._cost = self._calls + calls, self._cost + cost

    def calls(self, now: float) -> int:
        self._forget(now)
        return self._calls

    def cost(self, now: float) -> int:
        self._forget(now)
        return self._cost

    def wait_s(self, now: float, limit: int) -> float:
        """Return the seconds until fewer than `limit` calls are left within the time; 0 if that is so now."""
        left = self.calls(now)
        for at, calls, _ in self._entries:
            if left < limit:
                break
            left -= calls
            if left < limit:
                return at + self._within_s - now
        return 0.0

    def _forget(self, now: float) -> None:
        while self._entries and self._entries[0][0] + self._within_s <= now:
            _, calls, cost = self._entries.popleft()
            self._calls, self._cost = self._calls - calls, self._cost - cost
