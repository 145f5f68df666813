"""
The picture of every attempt of a message: a lane for each channel and language, a sign for each call.

Time runs on a scale of powers, since the first ten seconds hold as much as the next ten minutes. Positions across are
in percent, so that the picture fits a phone without its letters shrinking; heights are in pixels.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LANE_PX, LABEL_PX, AXIS_PX = 44, 16, 26
#: Signs keep this far from the edges, in percent.
EDGE = 3.0
#: Signs nearer to each other than this, in percent, are moved apart to the right, or the later would hide the earlier.
APART = 6.0
_TICKS_S = (1, 10, 60, 600, 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600)
_SIGNS = {"done": ("good", "✓"), "refused": ("bad", "✕"), "not_sent": ("bad", "✕"), "absent": ("off", "–")}
_UNSURE = ("wait", "?")
_RUNNING = ("busy", "…")


@dataclass(frozen=True)
class Call:
    """One attempt: when it began, and what it showed; `fact` None while it runs."""

    at: datetime
    fact: str | None


@dataclass(frozen=True)
class Mark:
    """A sign in a lane, `x` percent from the left."""

    x: float
    kind: str
    sign: str


@dataclass(frozen=True)
class Lane:
    """One delivery. `top` is where its name stands, `line` where its signs do."""

    name: str
    top: int
    line: int
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Tick:
    """A time after the message was accepted, in the largest whole unit."""

    x: float
    count: int
    unit: str  #: s, min, h, d


@dataclass(frozen=True)
class Picture:
    """Everything the drawing needs, in the order it is drawn."""

    height: int
    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    calls: int


def drawn(since: datetime, lanes: Iterable[tuple[str, Sequence[Call]]]) -> Picture | None:
    """Return the picture of the calls since a message was accepted; None where nothing was called."""
    called = [(name, calls) for name, calls in lanes if calls]
    if not called:
        return None
    longest = max(_seconds(call.at - since) for _, calls in called for call in calls)
    whole = max(longest, 10.0)
    made = []
    for index, (name, calls) in enumerate(called):
        top = index * LANE_PX + LABEL_PX
        made.append(Lane(name, top, top + 16, _marks(since, calls, whole)))
    ticks = tuple(_tick(second, whole) for second in _TICKS_S if second <= whole)
    return Picture(len(called) * LANE_PX + AXIS_PX, tuple(made), ticks, sum(len(calls) for _, calls in called))


def _marks(since: datetime, calls: Sequence[Call], whole: float) -> tuple[Mark, ...]:
    """Return the signs of one lane; those that would cover each other side by side, the rest of a crowd left out.

    The end of the lane is never passed: what does not fit is seen in the list of attempts, and the newest always is.
    """
    found: list[Mark] = []
    for call in sorted(calls, key=lambda one: one.at):
        x = _across(_seconds(call.at - since), whole)
        if found and x < found[-1].x + APART:
            x = found[-1].x + APART
        kind, sign = _RUNNING if call.fact is None else _SIGNS.get(call.fact, _UNSURE)
        found.append(Mark(round(x, 1), kind, sign))
    over = found[-1].x - (100 - EDGE)
    if over > 0:
        found = _pushed_back(found)
    return tuple(found)


def _pushed_back(marks: list[Mark]) -> list[Mark]:
    """Return the marks moved left from the end as far as they must; none passes the left edge."""
    limit, kept = 100 - EDGE, []
    for mark in reversed(marks):
        x = min(mark.x, limit)
        if x < EDGE:
            break
        kept.append(Mark(round(x, 1), mark.kind, mark.sign))
        limit = x - APART
    return kept[::-1]


def _across(second: float, whole: float) -> float:
    return EDGE + (100 - 2 * EDGE) * math.log1p(min(second, whole)) / math.log1p(whole)


def _seconds(since: timedelta) -> float:
    return max(since.total_seconds(), 0.0)


def _tick(second: int, whole: float) -> Tick:
    x = round(_across(second, whole), 1)
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if second >= size:
            return Tick(x, second // size, unit)
    return Tick(x, second, "s")
