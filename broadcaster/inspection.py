"""
A folder of playbooks looked through: what each has, how long its texts can become, which rules it holds, and where not.

For whoever writes them. Faults stop the start and are found by `proofreading`; warnings are shown and stop nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from broadcaster.channels import limit_of
from broadcaster.errors import Unsound
from broadcaster.manuscript import Source
from broadcaster.phrasing import Phrasing
from broadcaster.proofreading import REGISTER, proofread
from broadcaster.remarks import Remark, remarks
from broadcaster.vouching import waiting
from broadcaster.wording import RULES


@dataclass(frozen=True)
class Longest:
    """How long the texts of one channel can become, and how much it holds: words where a voice reads them."""

    size: int
    limit: int
    unit: str  #: `words`, or nothing for characters


@dataclass(frozen=True)
class Inspected:
    """One sound playbook. `passed` counts the rules that warn of nothing; `warnings` say the rest, with their lines.

    `pictures` are the hashes of those it shows.
    """

    id: str
    phases: tuple[str, ...]
    languages: tuple[str, ...]
    longest: Mapping[str, Longest]
    passed: int
    pictures: tuple[str, ...]
    warnings: tuple[Unsound, ...]


def inspect(folder: Path, organisation: str, timezone: str) -> tuple[list[Inspected], list[Unsound]]:
    """Return the sound playbooks of `folder`, by id, and every fault of the others and of the register."""
    contents, faults = proofread(folder, organisation, timezone)
    unsound = {fault.file for fault in faults}
    sound = [] if REGISTER in unsound else [one for one in contents if f"{one.playbook.id}.toml" not in unsound]
    return [_inspected(folder, Phrasing(one)) for one in sound], faults


def _inspected(folder: Path, phrasing: Phrasing) -> Inspected:
    found = remarks(phrasing)
    sources = Source(folder / f"{phrasing.playbook.id}.toml"), Source(folder / REGISTER)
    warnings = (_warning(one, sources[one.in_register]) for one in found)
    return Inspected(
        id=phrasing.playbook.id,
        phases=tuple(phrasing.texts),
        languages=tuple(phrasing.playbook.languages),
        longest={channel: _longest(phrasing, channel) for channel in phrasing.playbook.channels},
        passed=len(RULES) - len({remark.rule.name for remark in found}),
        pictures=tuple(one.sha256 for one in (phrasing.content.pictures or {}).values()),
        warnings=tuple(sorted((*warnings, *_waiting(phrasing, sources[False])), key=_place)),
    )


def _warning(remark: Remark, source: Source) -> Unsound:
    return source.fault(remark.path, f"warning: {remark.text.en} ({remark.rule.name})", remark.words)


def _waiting(phrasing: Phrasing, source: Source) -> Iterator[Unsound]:
    for line in waiting(phrasing.playbook):
        reason = f"warning: cannot be approved before this has a yes: {line.needs_signoff} (needs_signoff)"
        yield source.fault(("sources",), reason, line.says)


def _place(warning: Unsound) -> tuple[str, int]:
    return warning.file, warning.line


def _longest(phrasing: Phrasing, channel: str) -> Longest:
    limit = limit_of(channel)
    spots = [spot for spot in phrasing.spots() if spot.channel == channel]
    if limit.words is not None:
        wordy = (phrasing.longest(spot, lambda words: len(words.split())) for spot in spots)
        return Longest(max((len(words.split()) for words in wordy), default=0), limit.words, "words")
    return Longest(max((len(phrasing.longest(spot, len)) for spot in spots), default=0), limit.characters, "")
