"""
Every single crash point with every single answer of a channel, for every flow: nothing is drawn, nothing left out.

A flow is run once untouched. Then each call it made is given each fault there is for that step; and in each of those
runs, and in the untouched one, the process dies once at each point that run passes, or is told a lie about a commit.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

from broadcaster.channels import Post, Step
from simulation.chance import ActLuck, CallLuck, Death, Fault, Trouble, Weather, faults_of, timed
from simulation.city import City, Result
from simulation.database import DOUBLING, Ground
from simulation.schedule import Errand, Schedule

#: A worker dies in these transactions each time they give it something to do; in the others the first time.
GIVING = frozenset({"claim", "settle"})
TROUBLES = (Trouble.BEFORE, Trouble.COMMITTED, Trouble.UNKNOWN)
_CHANNELS = {"draft": "facebook", "post": "facebook", "content": "1177_notice", "phone": "1177_phone",
             "letter": "intranet", "letter-again": "intranet"}  # fmt: skip
#: What people do beside the first message: (phase or act, second at which)
_STORIES: dict[str, tuple[tuple[str, float], ...]] = {
    "publish": (),
    "update": (("correction", 8.0),),
    "withdraw": (("recall", 8.0),),
    "superseded": (("correction", 0.05),),
    "stopped": (("recall", 0.05),),
}


@dataclass(frozen=True)
class Once:
    """The one fault and the one death of a run: at which call, at which point. None: no such thing."""

    call: int | None = None
    fault: Fault = Fault.NONE
    point: tuple[str, int, str] | None = None


@dataclass
class Scripted:
    """Chance that leaves nothing to chance, and remembers which calls were made and which points were passed."""

    once: Once
    calls: list[tuple[str, Step]] = field(default_factory=list)
    points: list[tuple[str, int, str]] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)
    _calm: bool = False

    def call(self, kind: str, key: str, step: Step, post: Post) -> CallLuck:
        number = len(self.calls)
        self.calls.append((kind, step))
        luck = CallLuck(answered_s=0.3)
        if self._calm:
            return luck
        self.points += [("call", number, death) for death in Death]
        name, at, how = self.once.point or ("", -1, "")
        death = Death(how) if (name, at) == ("call", number) else None
        if number == self.once.call:
            return timed(Random(f"{kind}/{step}/{self.once.fault}"), self.once.fault, death, luck)
        return replace(luck, death=death)

    def act(self, who: str, name: str, about: str) -> ActLuck:
        number = self._numbers[name] = self._numbers.get(name, -1) + 1
        if not self._calm and name not in GIVING and number == 0:
            self.points += [(name, number, trouble) for trouble in TROUBLES]
        wanted, at, how = self.once.point or ("", -1, "")
        trouble = Trouble(how) if (name, number) == (wanted, at) and not self._calm else Trouble.NONE
        return ActLuck(trouble)

    def heard(self, name: str, gave: bool) -> None:
        if not self._calm and (name == "settle" or (name == "claim" and gave)):
            self.points += [(name, self._numbers[name], trouble) for trouble in TROUBLES]

    def heal(self) -> None:
        self._calm = True


def flows() -> list[str]:
    """Return the names of every flow: way and story."""
    every_one = [f"{way} {story}" for way in _CHANNELS for story in _STORIES]
    return [flow for flow in every_one if flow != "letter-again publish"]  # the start of its other stories


def every(ground: Ground, flow: str, *, pairs: bool = True) -> Iterator[tuple[Once, Result]]:
    """Yield every run of a flow with what was done to it; without `pairs` a fault and a death never in one run."""
    _, chance = _run(ground, flow, Once())
    faults = [Once()] + [
        Once(number, fault) for number, (kind, step) in enumerate(chance.calls) for fault in faults_of(kind, step)
    ]
    for once in faults:
        result, met = _run(ground, flow, once)
        yield once, result
        if once.call is not None and not pairs:
            continue
        for point in met.points:
            both = replace(once, point=point)
            yield both, _run(ground, flow, both)[0]


def _run(ground: Ground, flow: str, once: Once) -> tuple[Result, Scripted]:
    chance = Scripted(once)
    return City(ground, _schedule(flow), chance).run(), chance


def _schedule(flow: str) -> Schedule:
    way, _, story = flow.partition(" ")
    acts = _STORIES[story]
    return Schedule(
        seed=0,
        playbook=DOUBLING if way == "letter-again" else "allman-handelse",
        protocol="post" if way == "post" else "draft",
        channels=(_CHANNELS[way],),
        mode="live",
        workers=1,
        weather=Weather(),
        refuses_drafts=False,
        refuses_twins=False,
        token_dead=(0.0, 0.0),
        chaos_s=90.0,
        not_after_minutes=360.0,
        sweep_s=600.0,
        errands=tuple(Errand(at, kind, f"{flow}/{kind}") for kind, at in acts),
        fresh=1,
    )
