"""
How fast an exercise went, or a real incident: from what is known of it to times, targets met, and slips.

Pure: no clock, no database. `chronology` gathers the facts. Nothing is guessed: what is not known has no time, and
the score says from which moment it counts.

    score_of    facts and targets to marks and slips
    in_words    a number of seconds as people say it
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from broadcaster.errors import Text

#: What the times count from, best first: see `chronology`.
Beginning = Literal["begun", "signed_in", "form", "press"]
DAY = 86_400


class Drill(BaseModel):
    """What the region aims at, in seconds from the beginning, and its own scenarios.

    The defaults are starting values of ours, to be set by the region: nobody has laid down such times.
    There is none for the end: how long a crisis lasts is not the sender's doing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    decided_s: float = Field(180, gt=0, le=DAY)  #: somebody has pressed the button for the first message
    published_s: float = Field(300, gt=0, le=DAY)  #: the first message is let out, with a second person's yes if needed
    reached_s: float = Field(600, gt=0, le=DAY)  #: each channel has given its receipt, or a person has acknowledged
    scenarios: str | None = None  #: TOML file with scenarios of the region's own; counts from the settings file


@dataclass(frozen=True)
class Said:
    """One message. `made_at` is the press; `accepted_at` when it was let out (None: it never was)."""

    mark: str
    phase: str
    made_at: datetime
    accepted_at: datetime | None
    recalled_at: datetime | None = None
    rejected_at: datetime | None = None


@dataclass(frozen=True)
class Reached:
    """The first message in one channel and language. `at` is its receipt's time; None: it has none."""

    channel: str
    language: str
    at: datetime | None
    by_hand: bool
    state: str


@dataclass(frozen=True)
class Facts:
    """What the store and the log know of one incident. `by` is who made the first message, a client."""

    ref: str
    mode: str
    playbook: str
    title: Text
    by: str
    opened_at: datetime
    closed_at: datetime | None
    beginning: Beginning
    began_at: datetime
    scenario: str | None
    said: tuple[Said, ...]
    reached: tuple[Reached, ...]
    refused: int = 0  #: acts that the service refused this person while it ran
    wrong_codes: int = 0  #: codes read aloud by telephone that did not fit


@dataclass(frozen=True)
class Mark:
    """One moment. `seconds` count from the beginning, None where it never came; `target` None where none is set."""

    key: str
    at: datetime | None
    seconds: float | None
    target: float | None
    channel: str = ""
    language: str = ""
    state: str = ""
    by_hand: bool = False

    @property
    def met(self) -> bool | None:
        """Tell whether the target was met; None: there is none, or the moment has not come."""
        return None if self.target is None or self.seconds is None else self.seconds <= self.target


@dataclass(frozen=True)
class Slip:
    """Something that went wrong on the way, and how often."""

    key: str
    count: int


@dataclass(frozen=True)
class Score:
    """One exercise or incident as times. `marks` stand in the order they are hoped for."""

    facts: Facts
    marks: tuple[Mark, ...]
    slips: tuple[Slip, ...]

    def mark(self, key: str) -> Mark:
        """Return the mark of that key: `decided`, `published`, `everywhere` or `over`."""
        return next(one for one in self.marks if one.key == key)

    @property
    def slipped(self) -> int:
        """How many slips there were altogether."""
        return sum(one.count for one in self.slips)


def score_of(facts: Facts, targets: Drill, asked: Sequence[str] = ()) -> Score:
    """Return the score of an incident; `asked` are the later phases its scenario asks for, which are no slips."""

    def mark(key: str, at: datetime | None, target: float | None, one: Reached | None = None) -> Mark:
        seconds = None if at is None else max(0.0, (at - facts.began_at).total_seconds())
        if one is None:
            return Mark(key, at, seconds, target)
        return Mark(key, at, seconds, target, one.channel, one.language, one.state, one.by_hand)

    first = facts.said[0]
    arrived = [one.at for one in facts.reached if one.at is not None]
    wanted = [one for one in facts.reached if one.state not in ("affected", "skipped")]
    everywhere = max(arrived) if arrived and all(one.at is not None for one in wanted) else None
    over = next((one.accepted_at for one in facts.said if one.phase == "all_clear" and one.accepted_at), None)
    pressed = facts.beginning != "press"  # counted from the press itself, how long the press took is not known
    marks = [
        mark("decided", first.made_at if pressed else None, targets.decided_s),
        mark("published", first.accepted_at, targets.published_s),
        *(mark("reached", one.at, targets.reached_s, one) for one in facts.reached),
        mark("everywhere", everywhere, targets.reached_s),
        mark("over", over, None),
    ]
    return Score(facts, tuple(marks), _slips(facts, asked))


def _slips(facts: Facts, asked: Sequence[str]) -> tuple[Slip, ...]:
    corrections = sum(one.phase == "correction" and one.accepted_at is not None for one in facts.said)
    false_alarms = sum(one.phase == "false_alarm" and one.accepted_at is not None for one in facts.said)
    return (
        Slip("refused", facts.refused),
        Slip("rejected", sum(one.rejected_at is not None for one in facts.said)),
        Slip("wrong_codes", facts.wrong_codes),
        Slip("corrections", max(0, corrections - list(asked).count("correction"))),
        Slip("false_alarms", max(0, false_alarms - list(asked).count("false_alarm"))),
        Slip("recalls", sum(one.recalled_at is not None for one in facts.said)),
    )


def in_words(seconds: float) -> Text:
    """Return a number of seconds as people say it: `2 min 14 s`, `3 tim 5 min`; days where there are many hours."""
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, left = divmod(minutes, 60)
    if whole >= 2 * DAY:
        days, hours = divmod(hours, 24)
        return Text(f"{days} dygn {hours} tim", f"{days} days {hours} h")
    if hours:
        return Text(f"{hours} tim {left} min", f"{hours} h {left} min") if left else Text(f"{hours} tim", f"{hours} h")
    if minutes:
        said = f"{minutes} min {rest} s" if rest else f"{minutes} min"
        return Text(said, said)
    return Text(f"{rest} s", f"{rest} s")
