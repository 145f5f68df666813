"""What a preflight found, gathered: the worst colour, and every problem in both languages."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from broadcaster.channels import Preflight
from broadcaster.errors import Text


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong and what to do about it. Red: a post would fail today. Amber: it soon would."""

    state: Literal["amber", "red"]
    text: Text


def red(sv: str, en: str) -> Problem:
    """Return what would stop a post today."""
    return Problem("red", Text(sv, en))


def amber(sv: str, en: str) -> Problem:
    """Return what soon would stop a post, or what somebody should know before they send."""
    return Problem("amber", Text(sv, en))


def summed_up(problems: Iterable[Problem], notes: tuple[str, ...] = ()) -> Preflight:
    """Return green without problems, else the worst of them with all of them said, red ones first."""
    found = sorted(problems, key=lambda one: one.state == "amber")
    said = {one.text: None for one in found}
    sv, en = tuple(text.sv for text in said), tuple(text.en for text in said)
    return Preflight(found[0].state if found else "green", sv, en, notes)
