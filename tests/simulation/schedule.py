"""
What one seed decides: which channels, how many workers, how rough the weather, and what people do when.
"""

from dataclasses import dataclass
from random import Random

from simulation.chance import Weather
from simulation.database import DOUBLING

#: What prefers a duplicate to silence, and what does not.
PLAYBOOKS = ("telefoni-1177", "allman-handelse")
ALL = ("facebook", "1177_notice", "1177_phone")
#: One seed in so many is about letters; the others are what they were before there were any.
LETTERS_EVERY, LETTERS_AT = 9, 5
#: Below this, one seed in seven has a wall clock that is set while all else happens; from here on most have.
STEPS_ALWAYS_FROM, STEPS_EVERY, STEPS_AT = 2000, 14, (11, 13)
#: Seeds whose people send from the page, where a playbook may hold it back; the others are what they were before.
WATCHED, WATCHED_FROM = range(450, 640), 2100
LETTERS = (("allman-handelse", DOUBLING), ("intranet",))


@dataclass(frozen=True)
class Errand:
    """Something a person or a mishap does at a second. `seed` decides the details when it is known what is there."""

    at: float
    kind: str
    seed: str


@dataclass(frozen=True)
class Schedule:
    """One run, but for what the engine makes of it."""

    seed: int
    playbook: str
    protocol: str
    channels: tuple[str, ...]
    mode: str
    workers: int
    weather: Weather
    refuses_drafts: bool
    refuses_twins: bool
    token_dead: tuple[float, float]
    chaos_s: float
    not_after_minutes: float
    sweep_s: float
    errands: tuple[Errand, ...]
    watched: bool = False
    fresh: int = 2
    clock_steps: tuple[tuple[float, float], ...] = ()  #: (true second, by how much the wall clock is set)
    steps_in_calls: tuple[tuple[int, float, float], ...] = ()  #: (the how-manieth call, seconds into it, by how much)


def schedule_of(seed: int) -> Schedule:
    """Return what `seed` decides."""
    draw = Random(f"schedule/{seed}")
    chaos_s = draw.choice((draw.uniform(20, 60), draw.uniform(60, 300), draw.uniform(300, 1000)))
    ways = (("draft", ("facebook",)), ("post", ("facebook",)), ("draft", ("1177_notice",)), ("draft", ("1177_phone",)),
            ("draft", ALL), ("post", ALL))  # fmt: skip
    protocol, channels = draw.choices(ways, (5, 5, 4, 3, 1, 1))[0]
    rough = draw.choice((0.05, 0.2, 0.45))
    weather = Weather(
        faults=rough,
        refusals=draw.choice((0.0, 0.15)),
        deaths=draw.choice((0.0, 0.02, 0.1)),
        pauses=draw.choice((0.0, 0.05, 0.15)),
        clock=draw.choice((0.0, 0.0, 0.5)),
        database=draw.choice((0.0, 0.0, 0.05)),
    )
    dead_from = draw.uniform(0, chaos_s)
    dead_s = draw.choice((0.0, 0.0, 0.0, draw.uniform(10, 600)))
    letters = seed % LETTERS_EVERY == LETTERS_AT
    playbooks, channels = LETTERS if letters else (PLAYBOOKS, channels)
    return Schedule(
        seed=seed,
        playbook=draw.choice(playbooks),
        protocol=protocol,
        channels=channels,
        mode="drill" if draw.random() < 0.1 else "live",
        workers=draw.choice((1, 2, 2, 3)),
        weather=weather,
        refuses_drafts=draw.random() < 0.2,
        refuses_twins=draw.random() < 0.4,
        token_dead=(dead_from, dead_from + dead_s),
        chaos_s=chaos_s,
        not_after_minutes=draw.choice((360.0, 360.0, 15.0)),
        sweep_s=draw.choice((30.0, 300.0, 600.0, 600.0)),
        errands=_errands(draw, seed, chaos_s),
        clock_steps=_clock_steps(seed, chaos_s),
        steps_in_calls=_steps_in_calls(seed),
        watched=seed in WATCHED or seed >= WATCHED_FROM,
    )


def _clock_steps(seed: int, chaos_s: float) -> tuple[tuple[float, float], ...]:
    """Return when the wall clock is set, and by how much: by seconds to ten minutes, in either direction."""
    if not _has_steps(seed):
        return ()
    draw = Random(f"clock/{seed}")
    many = draw.choice((0, 1, 1, 2, 3))
    times = sorted(draw.choice((draw.uniform(0, min(chaos_s, 60)), draw.uniform(0, chaos_s))) for _ in range(many))
    return tuple((at, _size(draw)) for at in times)


def _steps_in_calls(seed: int) -> tuple[tuple[int, float, float], ...]:
    """Return in which calls the wall clock is set: most calls are over in a second, and some never end."""
    if not _has_steps(seed):
        return ()
    draw = Random(f"clock in calls/{seed}")
    numbers = sorted(draw.sample(range(1, 9), draw.choice((0, 1, 1, 2))))
    return tuple((number, draw.choice((draw.uniform(0, 1), draw.uniform(0, 14))), _size(draw)) for number in numbers)


def _has_steps(seed: int) -> bool:
    return seed >= STEPS_ALWAYS_FROM or seed % STEPS_EVERY in STEPS_AT


def _size(draw: Random) -> float:
    return draw.choice((1, 1, -1)) * draw.choice((draw.uniform(2, 60), draw.uniform(30, 600)))


_KINDS = {
    "update": 5,
    "correction": 4,
    "all_clear": 3,
    "false_alarm": 2,
    "sentence": 2,
    "recall": 5,
    "retry": 3,
    "acknowledge": 2,
    "kill": 3,
    "sleep": 2,
    "stop": 1,
    "first": 1,
    "alter": 0.4,
    "revoke": 0.1,
}


def _errands(draw: Random, seed: int, chaos_s: float) -> tuple[Errand, ...]:
    many = draw.choice((0, 1, 2, 4, 7))
    kinds = draw.choices(list(_KINDS), list(_KINDS.values()), k=many)
    times = sorted(draw.choice((draw.uniform(0, min(chaos_s, 40)), draw.uniform(0, chaos_s))) for _ in kinds)
    both = enumerate(zip(times, kinds, strict=True))
    return tuple(Errand(at, kind, f"{seed}/{number}") for number, (at, kind) in both)
