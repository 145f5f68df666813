"""
What goes wrong, and where: which fault meets which call, and who dies at which point.

Every draw has a source of its own, named by what it is for (channel, mark, step and the how-manieth), never by an id
or by an order of rows. So the same seed gives the same run, whatever identifiers the engine makes.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random
from typing import Protocol

from broadcaster.channels import Post, Step

#: No request of this world arrives later, and no list lags longer; together they stay below the grace (330 s).
LATE_MAX_S = 300.0
LAG_MAX_S = 25.0


class Fault(StrEnum):
    """What may happen to one call; each is something an adapter can meet and has an outcome for."""

    NONE = "none"
    SLOW = "slow"  #: done at once, answered seconds later
    NOT_SENT = "not_sent"
    DROPPED = "dropped"  #: lost on the way there; the connection broke
    APPLIED_DROPPED = "applied_then_dropped"
    ERROR_500 = "error_500"
    APPLIED_500 = "applied_then_500"
    NO_PROOF = "no_proof"  #: done, but the answer has no id and no success
    LATE = "late"  #: no answer in time; done up to five minutes later
    HANG = "hang"  #: no answer in time; never done
    RATE = "rate"
    TOKEN = "token"
    BLOCKED = "blocked"  #: the account is blocked for an hour
    PERMISSION = "permission"
    CONTENT = "content"
    IDENTICAL = "identical"  #: refused as already posted, rightly or not
    STALE_READ = "stale_read"  #: shown as it was some seconds ago
    UNREAD = "unread"  #: a list that could not be read to its end


#: What hides whether it was done: the reason this service exists.
DOUBTS = (Fault.DROPPED, Fault.APPLIED_DROPPED, Fault.ERROR_500, Fault.APPLIED_500, Fault.NO_PROOF, Fault.LATE,
          Fault.HANG)  # fmt: skip
REFUSALS = (Fault.RATE, Fault.TOKEN, Fault.PERMISSION, Fault.CONTENT)
_READ_FAULTS = (Fault.SLOW, Fault.NOT_SENT, Fault.DROPPED, Fault.ERROR_500, Fault.HANG, Fault.STALE_READ, *REFUSALS)
_WRITE_FAULTS = (Fault.SLOW, Fault.NOT_SENT, *DOUBTS, *REFUSALS)


def faults_of(kind: str, step: Step) -> tuple[Fault, ...]:
    """Return everything but success that can happen to `step` on a channel of `kind`."""
    if step in (Step.LOOK, Step.SEARCH):
        return (*_READ_FAULTS, Fault.UNREAD) if step is Step.SEARCH else _READ_FAULTS
    if kind != "facebook":
        return _WRITE_FAULTS if step is Step.PUT else tuple(one for one in _WRITE_FAULTS if one is not Fault.NO_PROOF)
    return (*_WRITE_FAULTS, Fault.BLOCKED, *((Fault.IDENTICAL,) if step in (Step.POST, Step.DRAFT) else ()))


class Death(StrEnum):
    """Where in a call a process may die."""

    BEFORE = "before"
    APPLIED = "applied"
    ANSWERED = "answered"


class Trouble(StrEnum):
    """What may befall one transaction, and the process in it."""

    NONE = "none"
    BEFORE = "before"  #: dead before it ran
    WITHIN = "within"  #: dead after all its SQL, before the commit
    COMMITTED = "committed"  #: committed, and dead before it hears so
    UNKNOWN = "unknown"  #: committed, but the process is told that the database went away
    AWAY = "away"  #: the database cannot be reached
    PAUSED = "paused"  #: committed; the process sleeps before it hears so, perhaps past its lease


@dataclass(frozen=True)
class CallLuck:
    """How one call goes. Times are seconds from its beginning."""

    fault: Fault = Fault.NONE
    death: Death | None = None
    applied_s: float = 0.0
    answered_s: float = 0.1
    lag_s: float = 0.0
    wait_s: float = 60.0


@dataclass(frozen=True)
class ActLuck:
    """How one transaction goes, and how long until its answer reaches who asked for it."""

    trouble: Trouble = Trouble.NONE
    answered_s: float = 0.0
    paused_s: float = 0.0
    clock_set_s: float = 0.0
    jitter: float = 0.5


class Chance(Protocol):
    """Decides about each call and each transaction."""

    def call(self, kind: str, key: str, step: Step, post: Post) -> CallLuck:
        """Return how the next call of this step for this delivery goes."""

    def act(self, who: str, name: str, about: str) -> ActLuck:
        """Return how the next transaction of this name and subject goes for process `who`."""

    def heard(self, name: str, gave: bool) -> None:
        """The transaction drawn for last was committed; `gave` says whether it gave something to do."""

    def heal(self) -> None:
        """From now on nothing goes wrong any more."""


#: How likely a process dies in a transaction of this name, against one that matters most.
_DEATHS = {"settle": 1.0, "web": 1.0, "claim": 0.2}


@dataclass(frozen=True)
class Weather:
    """How rough one schedule is: probabilities from 0 to 1."""

    faults: float = 0.0
    refusals: float = 0.0
    deaths: float = 0.0
    pauses: float = 0.0
    clock: float = 0.0
    database: float = 0.0


class Seeded:
    """Chance by a seed: `weather` says how likely, the name of each draw decides which."""

    def __init__(self, seed: int, weather: Weather) -> None:
        self.seed, self.weather = seed, weather
        self.calm = False
        self._drawn: dict[str, int] = {}

    def call(self, kind: str, key: str, step: Step, post: Post) -> CallLuck:
        draw = self._draw(f"call/{key}/{post.mark}/{post.language}/{step}")
        base = CallLuck(applied_s=draw.uniform(0.0, 0.05), answered_s=draw.uniform(0.06, 1.0))
        if self.calm:
            return base
        death = draw.choice(tuple(Death)) if draw.random() < self.weather.deaths else None
        fault = self._fault(draw, kind, step)
        return timed(draw, fault, death, base)

    def act(self, who: str, name: str, about: str) -> ActLuck:
        draw = self._draw(f"act/{who}/{name}/{about}")
        answered_s = draw.choice((0.0, 0.0, 0.0, draw.uniform(0.001, 0.05)))
        luck = ActLuck(answered_s=answered_s, jitter=draw.random())
        if self.calm:
            return luck
        roll, weather = draw.random(), self.weather
        about_it = name in ("claim", "settle", "web")
        # Most claims find nothing; to die in one of those is to die while idle.
        deaths = weather.deaths * _DEATHS.get(name, 0.02)
        if roll < deaths:
            return replace(luck, trouble=draw.choice((Trouble.BEFORE, Trouble.WITHIN, Trouble.COMMITTED)))
        if roll < deaths + weather.database:
            return replace(luck, trouble=draw.choice((Trouble.UNKNOWN, Trouble.AWAY)))
        if about_it and roll < deaths + weather.database + weather.pauses:
            set_s = draw.choice((-draw.uniform(60, 3600), draw.uniform(-0.9, 0.9)))
            clock_set_s = set_s if draw.random() < weather.clock else 0.0
            paused_s = draw.choice((draw.uniform(1, 10), draw.uniform(10, 29), draw.uniform(29, 120)))
            return replace(luck, trouble=Trouble.PAUSED, paused_s=paused_s, clock_set_s=clock_set_s)
        return luck

    def heard(self, name: str, gave: bool) -> None:
        """Do nothing: what comes is not decided by what came."""

    def heal(self) -> None:
        """From now on nothing goes wrong any more."""
        self.calm = True

    def _fault(self, draw: Random, kind: str, step: Step) -> Fault:
        if draw.random() >= self.weather.faults:
            return Fault.NONE
        possible = faults_of(kind, step)
        if draw.random() < self.weather.refusals:
            return draw.choice(possible)
        kind_ones = tuple(one for one in possible if one not in REFUSALS or one is Fault.RATE)
        return draw.choice(kind_ones)

    def _draw(self, name: str) -> Random:
        number = self._drawn[name] = self._drawn.get(name, 0) + 1
        return Random(f"{self.seed}/{name}/{number}")


def timed(draw: Random, fault: Fault, death: Death | None, base: CallLuck) -> CallLuck:
    """Say when a fault lets the call be done and answered; `inf` is never."""
    applied_s, answered_s = base.applied_s, base.answered_s
    if fault is Fault.SLOW:
        answered_s = draw.uniform(1.0, 14.0)
        applied_s = draw.uniform(0.0, answered_s)
    elif fault is Fault.LATE:
        applied_s, answered_s = draw.uniform(0.0, LATE_MAX_S), float("inf")
    elif fault is Fault.HANG:
        answered_s = float("inf")
    wait_s = draw.choice((1.0, 15.0, 60.0, 300.0))
    return CallLuck(fault, death, applied_s, answered_s, draw.uniform(0.0, LAG_MAX_S), wait_s)
