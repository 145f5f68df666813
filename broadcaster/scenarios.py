"""
Prepared exercises: text around a drill, that says what has happened, what is known, and later how it turns.

They need no approval: nothing of them is ever published. Ours are in `scenarios.toml` beside this file; a region adds
its own with `[drill] scenarios` in the settings, in the same form, and takes the place of one of ours by its id.
"""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from broadcaster.errors import Text, Unfit
from broadcaster.settings import Settings

OURS = Path(__file__).with_name("scenarios.toml")
#: A sentence somebody reads in an exercise.
_Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]
Later = Literal["update", "correction", "false_alarm", "all_clear"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Words(_Part):
    """The same in both languages of the desk."""

    sv: _Line
    en: _Line

    @property
    def text(self) -> Text:
        """The words as the desk says them."""
        return Text(self.sv, self.en)


class Turn(_Part):
    """What happens next, and the phase that answers it."""

    said: Words
    do: Later


class Scenario(_Part):
    """One prepared exercise. `turns` come one after the other, each when the one before has been answered."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)
    playbook: str = Field(min_length=1, max_length=64)
    title: Words
    alarm: Words
    known: tuple[Words, ...] = Field(min_length=1)
    unknown: tuple[Words, ...] = Field(min_length=1)
    turns: tuple[Turn, ...] = Field(min_length=1)

    @field_validator("turns")
    @classmethod
    def _ends(cls, turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
        endings = [turn.do in ("all_clear", "false_alarm") for turn in turns]
        if endings.index(True) != len(turns) - 1 if True in endings else True:
            raise ValueError("the last turn, and only that, must be all_clear or false_alarm: an exercise ends")
        return turns

    @property
    def asks(self) -> tuple[str, ...]:
        """The later phases it asks for, in order."""
        return tuple(turn.do for turn in self.turns)

    def turn_after(self, phases: Sequence[str]) -> Turn | None:
        """Return what happens now, when these `phases` have been let out in order; None: it is over."""
        if "all_clear" in phases or "false_alarm" in phases:
            return None
        answered = 0
        for phase in phases:
            if phase == self.turns[answered].do:
                answered += 1
        return self.turns[answered]


class _File(_Part):
    scenario: tuple[Scenario, ...]


def ours() -> Mapping[str, Scenario]:
    """Return the scenarios that come with the service, by id."""
    return _read(OURS)


def load(settings: Settings) -> Mapping[str, Scenario]:
    """Return every scenario by its id, ours and the region's. Raises `Unfit` with file, place and reason."""
    found = dict(ours())
    if settings.drill.scenarios:
        found |= _read(settings.folder / settings.drill.scenarios)
    return found


def misfits(prepared: Mapping[str, Scenario], phases: Mapping[str, Collection[str]]) -> list[str]:
    """Return one sentence for each scenario whose playbook is not here (`phases` by id) or lacks a phase it asks for.

    One of ours about a playbook the region does not have is no trouble: it is shown as not to be had.
    """
    found = []
    for one in prepared.values():
        if one.playbook not in phases:
            if ours().get(one.id) != one:
                found.append(f"scenario {one.id}: there is no playbook {one.playbook}")
        elif lacking := [phase for phase in one.asks if phase not in phases[one.playbook]]:
            found.append(f"scenario {one.id}: playbook {one.playbook} has no words for {', '.join(lacking)}")
    return found


def _read(file: Path) -> dict[str, Scenario]:
    try:
        read = _File.model_validate(tomllib.loads(file.read_text("utf-8")))
    except OSError as error:
        raise Unfit(f"{file}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Unfit(f"{file}: not TOML: {error}") from error
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        said = "; ".join(f"[{'.'.join(str(part) for part in fault['loc'])}] {fault['msg']}" for fault in faults[:5])
        raise Unfit(f"{file}: {said}") from error
    ids = [one.id for one in read.scenario]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise Unfit(f"{file}: two scenarios have the id {', '.join(twice)}")
    return {one.id: one for one in read.scenario}
