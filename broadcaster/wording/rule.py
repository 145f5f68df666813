"""
What a rule is: a pure function over words, declared with its reason, its source and the examples that prove it.

An `error` is certain, and words that break it are never approved. A `warning` may be wrong about one text: it is shown
to whoever writes and to the two people who approve, and blocks nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from broadcaster.channels import limit_of
from broadcaster.errors import Text
from broadcaster.phrasing import SPOKEN

#: `written` reads one approved sentence or line with its holes, `said` whole words with their holes filled, and
#: `compared` the same message in two places.
Stage = Literal["written", "said", "compared"]
Severity = Literal["error", "warning"]
#: Channels read by those who work here: they know where they are, and comment nowhere.
STAFF = frozenset({"intranet"})
#: Phases in which something has to be done, and something is not yet known.
ONGOING = frozenset({"first", "update"})
#: Channels with less room than this can say the most important only.
ROOM_FOR_ALL = 1000

#: What the holes of examples stand for.
_KINDS: Mapping[str, str] = MappingProxyType(
    {"start": "time", "klart": "time", "orsak": "choice", "reservnummer": "phone", "n112": "contact"}
)
_NAMES = (("112", False), ("1177", True), ("1177.se", False))
_PLACES = ("Värmland", "Karlstad")


@dataclass(frozen=True)
class Passage:
    """Words in one place, and what a rule must know to judge them.

    `names` are values the register has contacts for, and whether texts may say them as names; `places` are where our
    readers live; `kinds` are the holes of the text and what each takes; `known` is whether every blank is filled.
    """

    channel: str
    language: str
    words: str
    names: tuple[tuple[str, bool], ...] = ()
    phase: str = "first"
    places: tuple[str, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)
    known: bool = False
    beside: "Passage | None" = None

    @property
    def spoken(self) -> bool:
        """Whether a voice reads them."""
        return self.channel in SPOKEN

    @property
    def swedish(self) -> bool:
        """Whether they are in Swedish, easy-to-read Swedish too."""
        return self.language.partition("-")[0] == "sv"

    @property
    def english(self) -> bool:
        """Whether they are in English."""
        return self.language.partition("-")[0] == "en"

    @property
    def public(self) -> bool:
        """Whether the public reads or hears them."""
        return self.channel not in STAFF

    @property
    def roomy(self) -> bool:
        """Whether there is room for all that the public needs."""
        return self.public and limit_of(self.channel).characters >= ROOM_FOR_ALL

    @property
    def ongoing(self) -> bool:
        """Whether something still has to be done about what happened."""
        return self.phase in ONGOING


Judge = Callable[[Passage], Text | None]


@dataclass(frozen=True)
class Rule:
    """One rule. Calling it returns what is wrong and what to write instead, or None."""

    name: str
    judge: Judge
    stage: Stage
    severity: Severity
    criterion: int  #: which of the twelve questions of a good crisis text it answers, 1 to 12
    reason: Text
    source: str
    bad: tuple[Passage, ...]
    good: tuple[Passage, ...]

    def __call__(self, passage: Passage) -> Text | None:
        """Return what is wrong with `passage`, or None."""
        return self.judge(passage)


def rule(
    stage: Stage,
    severity: Severity,
    criterion: int,
    *,
    reason: Text,
    source: str,
    bad: tuple[Passage, ...],
    good: tuple[Passage, ...],
) -> Callable[[Judge], Rule]:
    """Declare the function below as a rule of its name."""

    def declared(judge: Judge) -> Rule:
        return Rule(judge.__name__, judge, stage, severity, criterion, reason, source, bad, good)

    return declared


def example(words: str, channel: str = "facebook", language: str = "sv", **more: str | bool | Passage) -> Passage:
    """Return an example; its holes and places are those of every example."""
    beside = more.get("beside")
    return Passage(
        channel=channel,
        language=language,
        words=words,
        names=_NAMES,
        phase=str(more.get("phase", "first")),
        places=_PLACES,
        kinds=_KINDS,
        known=bool(more.get("known", False)),
        beside=beside if isinstance(beside, Passage) else None,
    )
