"""
A folder of playbooks looked through: what each has, how long its texts can become, which rules it holds, and where not.

For whoever writes them. Faults stop the start and are found by `proofreading`; warnings are shown and stop nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from broadcaster.channels import limit_of
from broadcaster.errors import Unsound
from broadcaster.manuscript import Content
from broadcaster.originals import Original
from broadcaster.phrasing import Phrasing, Spot
from broadcaster.playbook import Fill, Snapshot
from broadcaster.proofreading import REGISTER, Proofreader
from broadcaster.remarks import Remark, remarks
from broadcaster.vouching import waiting
from broadcaster.wording import RULES

#: How it is said that a translation which waits for its signature is not ready for it; it stops nothing.
_LATER = "warning, before it can be signed:"


@dataclass(frozen=True)
class Longest:
    """How long the texts of one channel can become, and how much it holds: words where a voice reads them."""

    size: int
    limit: int
    unit: str  #: `words`, or nothing for characters


@dataclass(frozen=True)
class Inspected:
    """One sound playbook. `passed` counts the rules that warn of nothing; `warnings` say the rest, with their lines.

    `pictures` are the hashes of those it shows; `waiting` are languages nobody has signed, which no message says.
    """

    id: str
    phases: tuple[str, ...]
    languages: tuple[str, ...]
    longest: Mapping[str, Longest]
    passed: int
    pictures: tuple[str, ...]
    warnings: tuple[Unsound, ...]
    waiting: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measured:
    """How long one text is when nothing is known, and how long it can become; `unit` as in `Longest`."""

    now: int
    longest: int
    limit: int
    unit: str


def measured(snapshot: Snapshot, phase: str, channel: str, language: str) -> Measured:
    """Return how long the words in one place are. Raises `KeyError` if there are none."""
    limit, spot = limit_of(channel), Spot(phase, channel, language)
    words = snapshot.render(Fill(phase, "live", {}), channel, language, None)
    longest = Phrasing(Content.model_validate_json(snapshot.content)).longest
    if limit.words is not None:
        most = longest(spot, lambda said: len(said.split()))
        return Measured(len(words.split()), len(most.split()), limit.words, "words")
    return Measured(len(words), len(longest(spot, len)), limit.characters, "")


def inspect(folder: Path, organisation: str, timezone: str) -> tuple[list[Inspected], list[Unsound]]:
    """Return the sound playbooks of `folder`, by id, and every fault of the others and of the register."""
    reader = Proofreader(folder, organisation, timezone)
    unsound = {Path(fault.file).name for fault in reader.faults}
    names = [] if REGISTER in unsound else [one for one in reader.contents if f"{one.playbook.id}.toml" not in unsound]
    reviewed = reader.reviewed() if names else ()
    later = [Unsound(one.file, one.line, f"{_LATER} {one.reason}", one.key) for one in reviewed]
    return [_inspected(reader, Phrasing(one), later) for one in names], reader.faults


def _inspected(reader: Proofreader, phrasing: Phrasing, later: Sequence[Unsound]) -> Inspected:
    found, name = remarks(phrasing), phrasing.playbook.id
    originals = reader.originals(name)
    warnings = [_warning(one, originals[one.in_register]) for one in found]
    warnings += _waiting(phrasing, originals[False])
    others = {f"{one.playbook.id}.toml" for one in reader.contents} - {f"{name}.toml"}
    return Inspected(
        id=name,
        phases=tuple(phrasing.texts),
        languages=tuple(phrasing.playbook.languages),
        longest={channel: _longest(phrasing, channel) for channel in phrasing.playbook.channels},
        passed=len(RULES) - len({remark.rule.name for remark in found}),
        pictures=tuple(one.sha256 for one in (phrasing.content.pictures or {}).values()),
        warnings=tuple(sorted([*warnings, *(one for one in later if Path(one.file).name not in others)], key=_place)),
        waiting=reader.waiting(name),
    )


def _warning(remark: Remark, original: Original) -> Unsound:
    reason = f"warning: {remark.text.en} ({remark.rule.name})"
    return original.fault(remark.path, reason, remark.words, remark.spot.language)


def _waiting(phrasing: Phrasing, source: Original) -> Iterator[Unsound]:
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
