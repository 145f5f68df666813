"""What a person chose for a message, and what it is stamped with: with a snapshot they decide every word."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Mode = Literal["live", "drill"]


@dataclass(frozen=True)
class Fill:
    """Everything a person chose; with the snapshot it decides the words. `blanks` holds the known ones only."""

    phase: str
    mode: Mode
    blanks: Mapping[str, str]
    affected: frozenset[str] = frozenset()
    sentence: str | None = None
    next_update: datetime | None = None  #: when the next message is promised; None: as the playbook says


@dataclass(frozen=True)
class Stamp:
    """What digests leave open: the mark, when the message was accepted (aware), and where it can be checked."""

    mark: str
    at: datetime
    link: str
    next_update: datetime | None = None  #: when somebody chose to promise the next message
