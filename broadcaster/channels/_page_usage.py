"""
How much of its budget of calls a Page has used, as Facebook's headers tell it, and the pause when it is used up.

    a figure at 80 %                           what can wait is not read: a preflight's look at the Page
    a figure at 100 %, and no time told        lists are not read for a minute (then two, four … an hour);
                                               whatever is said, changed, taken down or read back by its id still goes
    a time told, or refused for the Page       nothing at all is asked until that time is over

A message in a crisis is held back only where Facebook itself has said no, or when it will say yes again: a figure
alone is our arithmetic, and the call that carries the message costs least of all. After a no, every further call makes
the block longer, so a call meanwhile is answered here, as what it would be: refused, with the time that is left.

It lives in one process and is forgotten with it. Facebook counts for each Page and app, so this does too.
Sources: Meta's page on rate limits. The times are minutes there. No header at all means next to nothing used.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from broadcaster.channels import Fact, Outcome, Reason
from broadcaster.channels._http import Seconds
from broadcaster.clocks import boot_clock

RATE_WAIT_S = 60.0  #: where no header names a time; doubled each time in a row
RATE_WAIT_MAX_S = 3600.0  #: then one call asks whether it is over: nobody is told that a block lasts for days
SPARING_PERCENT = 80.0
FULL_PERCENT = 100.0
#: A figure older than this says nothing about now; somebody has to ask again.
FIGURE_OLD_S = 3600.0
#: What is about the Page as a whole. 341 is about posts alone, and everything else is somebody else's limit.
_ABOUT_EVERYTHING = frozenset({4, 17, 32, 613, 80001})
_FIGURES = ("call_count", "total_time", "total_cputime")


@dataclass(frozen=True)
class Usage:
    """What one answer tells: the highest figure, in percent, and the seconds until access comes back, if any."""

    percent: float
    wait_s: float


class Budget:
    """The budget of one Page in this process. `clock` counts seconds, also those the machine slept."""

    def __init__(self, page_id: str, clock: Seconds = boot_clock) -> None:
        self._page_id, self._clock = page_id, clock
        self._percent, self._seen_at = 0.0, -math.inf
        self._until, self._lists_until = -math.inf, -math.inf
        self._in_row = 0
        self._because: Outcome | None = None

    @property
    def percent(self) -> float:
        """The highest figure Facebook told of late; 0 where it told none."""
        return self._percent if self._clock() < self._seen_at + FIGURE_OLD_S else 0.0

    @property
    def is_sparing(self) -> bool:
        """Tell whether what can wait must not be read."""
        return self.percent >= SPARING_PERCENT or self.left_s > 0

    @property
    def left_s(self) -> float:
        """Seconds during which nothing is asked; 0 when there is no pause."""
        return max(0.0, self._until - self._clock())

    def held(self, where: str, *, is_list: bool) -> Outcome | None:
        """Return the answer to a call that is not made now, or None if it may be made."""
        left_s = max(self.left_s, self._lists_until - self._clock() if is_list else 0.0)
        if left_s <= 0:
            return None
        code = self._because.code if self._because and self.left_s > 0 else None
        trouble = self._because.trouble if self._because and self.left_s > 0 else None
        return Outcome(
            Fact.REFUSED, Reason.RATE, wait_s=left_s, code=code, trouble=trouble or "facebook:paused",
            detail=f"{where}: not asked, Facebook's limit stands for {left_s:.0f} s more")  # fmt: skip

    def learn(self, headers: Mapping[str, str], refused: Outcome | None) -> Outcome | None:
        """Take in what an answer about the Page tells; return `refused`, with the wait that is right for it."""
        now, told = self._clock(), usage(headers, self._page_id)
        if told.percent or refused is None:  # a failure without headers is no news; a good answer without is
            self._percent, self._seen_at = told.percent, now
        if refused is not None and refused.reason is Reason.RATE and refused.code is not None:
            return self._refused(now, refused, told_wait_s(headers))
        if told.wait_s > 0:
            self._until, self._because = now + told.wait_s, None
        elif told.percent < FULL_PERCENT:
            self._in_row = self._in_row if refused else 0
        elif now >= self._lists_until:
            self._lists_until = now + self._grown_s()
        return refused

    def _refused(self, now: float, refused: Outcome, told_s: float | None) -> Outcome:
        running_s = max(0.0, self._until - now)  # several calls that were under way at once are one refusal
        wait_s = told_s or running_s or self._grown_s()
        found = replace(refused, wait_s=wait_s)
        if refused.code in _ABOUT_EVERYTHING:
            self._until, self._because = max(self._until, now + wait_s), found
        return found

    def _grown_s(self) -> float:
        wait_s: float = min(RATE_WAIT_S * 2.0 ** min(self._in_row, 10), RATE_WAIT_MAX_S)
        self._in_row += 1
        return wait_s


def usage(headers: Mapping[str, str], page_id: str) -> Usage:
    """Return what the three headers tell of this Page. What cannot be read is as if it were not there."""
    pages = [(key, entry) for key, entry in _by_business(headers) if entry.get("type", "pages") == "pages"]
    named = [entry for key, entry in pages if key == page_id]  # in practice; Meta calls the key a business object's
    ours = named or [entry for _, entry in pages]
    plain = [_object(headers, name) for name in ("x-app-usage", "x-page-usage")]
    figures = [_number(entry.get(name)) for entry in (*ours, *plain) for name in _FIGURES]
    minutes = [_number(entry.get("estimated_time_to_regain_access")) for entry in ours]
    return Usage(max(figures, default=0.0), min(max(minutes, default=0.0) * 60, RATE_WAIT_MAX_S))


def told_wait_s(headers: Mapping[str, str]) -> float | None:
    """Return the longest time until access comes back that a refusal tells, in seconds, an hour at most."""
    minutes = [_number(entry.get("estimated_time_to_regain_access")) for _, entry in _by_business(headers)]
    longest = max(minutes, default=0.0)
    return min(longest * 60, RATE_WAIT_MAX_S) if longest > 0 else None


def _by_business(headers: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key, entries in _object(headers, "x-business-use-case-usage").items():
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict):
                yield key, entry


def _object(headers: Mapping[str, str], name: str) -> Mapping[str, Any]:
    try:
        found = json.loads(headers.get(name, "{}"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    try:
        number = float(value)
    except OverflowError:
        return 0.0
    return number if math.isfinite(number) and number > 0 else 0.0
