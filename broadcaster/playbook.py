"""
Pre-approved words: read once, proved sound, pinned by a digest, and rendered the same for ever after.

A `Snapshot` is one playbook with every register value it uses, the system lines and the organisation's name: what two
people approve. It is rebuilt from its bytes alone, so an incident keeps the words it began with. Nothing here has a
clock or does any I/O after `Playbooks.load`; a broken or unapproved word can therefore not come in later.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path

import rfc8785
from pydantic import ValidationError

from broadcaster import blanks, holes, moments, pictures
from broadcaster.areas import Area, municipalities
from broadcaster.blanks import Blank
from broadcaster.dependence import Struck
from broadcaster.errors import FieldError, Forged, Text, Unsound
from broadcaster.fill import Fill, Mode, Stamp
from broadcaster.filling import Exact, Filling, exact
from broadcaster.manuscript import UNSORTED, Content
from broadcaster.outline import Outline, outline
from broadcaster.phrasing import KEPT, STRUCK_PHASES, Phrasing, Spot, open_values
from broadcaster.picture import Picture
from broadcaster.prepared import Answer, prepared
from broadcaster.proofreading import Proofreader, proofread
from broadcaster.remarks import Remark, remarks
from broadcaster.vouching import waiting

__all__ = ["PHASES", "Answer", "Fill", "Mode", "Playbooks", "Snapshot", "Stamp"]
__all__ += ["check", "message_digest", "snapshot_of"]

PHASES: tuple[str, ...] = ("first", "update", "correction", "false_alarm", "all_clear")


class Snapshot:
    """One playbook as two people approve it. Equal bytes, equal words."""

    def __init__(self, content: bytes, files: Mapping[str, bytes] | None = None) -> None:
        """Read `content`. `files` are its pictures by hash, where they are at hand: only their hashes are in `content`.

        Raises `Forged` when it is nothing that this service ever wrote.
        """
        try:
            self._phrasing = Phrasing(Content.model_validate_json(content))
        except (ValidationError, ValueError, KeyError) as error:
            raise Forged("a stored playbook cannot be read") from error
        self.content, self.files = content, dict(files or {})
        self.digest = _digest(content)
        playbook = self._phrasing.playbook
        self.id, self.version = playbook.id, playbook.version
        self.editor, self.owner = playbook.editor, playbook.owner
        self.if_unsure, self.stop_seconds = playbook.if_unsure, playbook.stop_seconds or 0
        self.update_minutes, self.zone = playbook.update_minutes, self._phrasing.zone
        self.title, self.use = playbook.title.text, playbook.use.text
        self.channels, self.languages = tuple(playbook.channels), tuple(playbook.languages)
        self.phases = tuple(phase for phase in PHASES if phase in self._phrasing.texts)
        self.answers = prepared(playbook)
        self.checklist = tuple(both.text for both in playbook.checklist)
        self.sources, self.waiting = tuple(playbook.sources or ()), waiting(playbook)
        self.cap, self.seen = playbook.cap or UNSORTED, tuple(playbook.seen or ())
        self.works = tuple(playbook.works or ())
        self.organisation, self.register = self._phrasing.content.organisation, self._phrasing.register
        self._filling = Filling(self._phrasing)
        self._languages: dict[tuple[str, str], tuple[str, ...]] = {}
        for spot in self._phrasing.spots():
            here = spot.channel, spot.phase
            self._languages[here] = (*self._languages.get(here, ()), spot.language)
        # What is made from these bytes is kept under all else that decides it, so an altered row is another key: it
        # is made anew, or refused, exactly as if nothing were kept. What raises is never kept.
        self._said = lru_cache(maxsize=KEPT)(self._say)
        self._made = lru_cache(maxsize=KEPT)(self._make)
        self._digested = lru_cache(maxsize=KEPT)(self._digest_words)

    @classmethod
    def from_content(cls, content: bytes) -> "Snapshot":
        """Return the snapshot with these bytes; no file and no register is needed. Raises `Forged`."""
        return cls(content)

    def __repr__(self) -> str:
        return f"<Snapshot {self.id} {self.version} {self.digest[:14]}>"

    def blanks(self, phase: str) -> tuple[Blank, ...]:
        """Return the blanks that the words of `phase` use, in the order to ask for them."""
        return tuple(self._blank(name, phase) for name in self._filling.asked(phase))

    def schema(self, phase: str) -> dict[str, object]:
        """Return the JSON schema of `blanks` in a request. No blank is required."""
        return {
            "type": "object",
            "properties": {blank.name: blank.schema() for blank in self.blanks(phase)},
            "required": [],
            "additionalProperties": False,
        }

    def languages_of(self, channel: str, phase: str) -> tuple[str, ...]:
        """Return the languages this channel has words in."""
        return self._languages.get((channel, phase), ())

    def register_numbers(self) -> tuple[tuple[str, Text], ...]:
        """Return the numbers and sites that may be marked as affected: key and name."""
        return tuple((key, contact.name.text) for key, contact in self.register.contacts.items())

    def systems(self) -> tuple[Struck, ...]:
        """Return the systems that may be marked as affected, each with what goes down with it here."""
        return self._phrasing.dependence.systems(self.channels)

    def silent(self, phase: str, affected: Iterable[str]) -> frozenset[str]:
        """Return the channels that say nothing: marked as affected, or taken along by something that is."""
        return self._phrasing.down(phase, affected) & {*self.channels}

    def struck(self, phase: str, affected: Iterable[str]) -> frozenset[str]:
        """Return everything that is down: what is marked, what the playbook is about, and what follows from both."""
        return self._phrasing.down(phase, affected)

    @cached_property
    def remarks(self) -> tuple[Remark, ...]:
        """What the rules of a good text warn of, for those who approve; it blocks nothing."""
        return remarks(self._phrasing)

    def accept(
        self, phase: str, raw: Mapping[str, str | None], sentence: str | None, affected: Iterable[str]
    ) -> tuple[Mapping[str, str], tuple[FieldError, ...]]:
        """Return the known blanks as they are written down, and everything that is wrong, at once.

        Null, empty and blank values are unknown, which is never wrong.
        """
        if phase not in self.phases:
            return {}, (FieldError("/phase", _no_phase(phase, self.phases)),)
        known, faults = self._filling.accept(phase, raw, sentence, tuple(affected))
        return known, tuple(faults)

    def render(self, fill: Fill, channel: str, language: str, stamp: Stamp | None) -> str:
        """Return the exact words; without a stamp the mark, times and link stay open as their holes.

        Raises `Forged` if `fill` is nothing that `accept` lets through, `KeyError` if there are no words there.
        """
        return self._said(self._filling.prove(_exact(fill)), Spot(fill.phase, channel, language), stamp)

    def outline(self, phase: str, channel: str, language: str) -> Outline:
        """Return the text with every blank open, as it stands on paper. Raises `KeyError` if there are no words."""
        return outline(self._phrasing, Spot(phase, channel, language))

    def said(self, spot: Spot, known: Mapping[str, str]) -> dict[str, str]:
        """Return the known blanks, as `accept` writes them down, as they are said there."""
        return {name: value for name, value in self._phrasing.values(spot, known).items() if name in known}

    def digest_of(self, fill: Fill, incident: str | None, channels: Sequence[str]) -> str:
        """Return the digest of a message on these of its channels. Raises as `render` does."""
        chosen = tuple(channel for channel in self.channels if channel in channels)
        return self._digested(self._filling.prove(_exact(fill)), incident, chosen)

    def top_line(self, phase: str, language: str, mode: str, stamp: Stamp) -> str:
        """Return the approved line for the top of the incident's earlier posts.

        Raises `KeyError` for a phase that puts nothing there.
        """
        spot = Spot(phase, "facebook", language)
        line = self._phrasing.top_lines[phase][language]
        if mode == "drill":
            line = f"{self._phrasing.sentence('drill_before', '', spot)} {line}"
        return holes.fill(line, self._phrasing.values(spot, {}) | self._stamped(stamp, spot))

    def pictures(self, phase: str, channel: str, language: str, mode: str) -> tuple[Picture, ...]:
        """Return the pictures that go with these words, without their bytes; of a drill they say so too."""
        before = self._phrasing.sentence("drill_before", "", Spot(phase, channel, language)) if mode == "drill" else ""
        found = pictures.shown(self._phrasing.content, phase, channel, language)
        return tuple(pictures.as_picture(spec, file, language, before or "") for spec, file in found)

    def places(self, blanks: Mapping[str, str]) -> list[str]:
        """Return the known places, sorted: two incidents are the same one only at the same places."""
        specs = self._phrasing.playbook.blanks
        return sorted(value for name, value in blanks.items() if name in specs and specs[name].type == "place")

    def areas(self, blanks: Mapping[str, str]) -> tuple[Area, ...]:
        """Return the municipalities that the known places name, with their codes."""
        return municipalities(self.register.places, self.places(blanks))

    def next_due(self, phase: str, at: datetime, chosen: datetime | None = None) -> datetime | None:
        """Return when words of `phase` accepted at `at` promise the next message; None when they promise none."""
        return moments.promised(at, self.update_minutes, chosen) if phase in STRUCK_PHASES else None

    def _say(self, chosen: Exact, spot: Spot, stamp: Stamp | None) -> str:
        words, values = self._made(chosen, spot)
        return holes.fill(words, {**values, **self._stamped(stamp, spot)})

    def _make(self, chosen: Exact, spot: Spot) -> tuple[str, Mapping[str, str]]:
        """Return the words with their holes, and every value but the stamp's."""
        if spot.language not in self.languages_of(spot.channel, spot.phase):
            raise KeyError(f"{self.id} has no words for {spot.channel} in {spot.language}")
        known, sentence = dict(chosen.blanks), _sentence(chosen) or ""
        words = self._phrasing.chosen(spot, known, chosen.affected, bool(sentence))
        if chosen.mode == "drill":
            words = self._phrasing.drilled(words, spot)
        return words, self._phrasing.values(spot, known) | {"sentence": sentence}

    def _digest_words(self, chosen: Exact, incident: str | None, channels: tuple[str, ...]) -> str:
        words = {
            channel: {
                language: self._said(chosen, Spot(chosen.phase, channel, language), None)
                for language in self.languages_of(channel, chosen.phase)
            }
            for channel in channels
        }
        decided = {
            "playbook": self.digest,
            "phase": chosen.phase,
            "mode": chosen.mode,
            "incident": incident,
            "channels": list(channels),
            "languages": {channel: list(languages) for channel, languages in words.items()},
            "blanks": dict(chosen.blanks),
            "affected": sorted(chosen.affected),
            "sentence": _sentence(chosen),
            "words": words,
        }
        return _digest(rfc8785.dumps(decided))

    def _blank(self, name: str, phase: str) -> Blank:
        spec = self._phrasing.playbook.blanks[name]
        spots = [Spot(phase, "", language) for language in self.languages]
        choices = tuple((choice.key, choice.text) for choice in spec.choices)
        if spec.type == "place" and not spec.open:
            choices = tuple((place.sv, place.text) for place in blanks.offered(spec, self.register.places))
        return Blank(
            name=name,
            type=spec.type,
            label=spec.label.text,
            help=spec.help.text,
            examples=self._phrasing.examples(name),
            choices=choices,
            max_length=blanks.length_of(spec),
            unknown={
                spot.language: holes.fill(
                    self._phrasing.sentence(name, "unknown", spot) or "",
                    self._phrasing.values(spot, {}) | open_values(),
                )
                for spot in spots
            },
            open=spec.open,
        )

    def _stamped(self, stamp: Stamp | None, spot: Spot) -> dict[str, str]:
        if stamp is None:
            return open_values()
        due = moments.promised(stamp.at, self.update_minutes, stamp.next_update)
        zone, language, spoken = self._phrasing.zone, spot.language, spot.spoken
        return {
            "mark": stamp.mark,
            "published": moments.said(stamp.at, zone, language, spoken=spoken, year=True),
            "next_update": moments.said(due, zone, language, spoken=spoken),
            "link": stamp.link.removeprefix("https://").removeprefix("http://"),
        }


class Playbooks:
    """Every playbook of a folder, each proved sound."""

    def __init__(self, snapshots: Iterable[Snapshot], reader: Proofreader | None = None) -> None:
        self._snapshots = {snapshot.id: snapshot for snapshot in snapshots}
        #: what proves other texts of the same playbooks; None where they came from no folder
        self.reader = reader

    @classmethod
    def load(cls, folder: Path, *, organisation: str, timezone: str) -> "Playbooks":
        """Return the playbooks of `folder`. Raises `Unsound` with the first fault of any file."""
        reader = Proofreader(folder, organisation, timezone)
        if reader.faults:
            raise reader.faults[0]
        return cls((snapshot_of(content) for content in reader.contents), reader)

    @property
    def files(self) -> "Playbooks":
        """The playbooks as their files say them, whatever was changed in the desk since."""
        return self

    def within(self, _transaction: object) -> "Playbooks":
        """Return the playbooks that new incidents begin with, as one transaction sees them."""
        return self

    def trouble(self, _id: str) -> Text | None:
        """Return why nothing may begin from a playbook, whoever approved it; None where nothing is in the way."""
        return None

    def get(self, id: str) -> Snapshot | None:
        """Return the playbook with this id, or None."""
        return self._snapshots.get(id)

    def __iter__(self) -> Iterator[str]:
        return iter(self._snapshots)

    def __getitem__(self, id: str) -> Snapshot:
        return self._snapshots[id]

    def all(self) -> tuple[Snapshot, ...]:
        """Return every playbook, by id."""
        return tuple(self._snapshots.values())


def check(folder: Path, *, organisation: str = "Region Exempel", timezone: str = "Europe/Stockholm") -> list[Unsound]:
    """Return every fault in the playbooks of `folder`; none means that all of them can be used."""
    return proofread(folder, organisation, timezone)[1]


def message_digest(snapshot: Snapshot, fill: Fill, *, incident: str | None, channels: Sequence[str]) -> str:
    """Return what identifies a message before it exists: equal for a preview and the message made from it.

    Times, mark and link are left open, for they are known only when the message is accepted. That somebody chose when
    the next message is promised is part of it.
    """
    found, chosen = snapshot.digest_of(fill, incident, channels), fill.next_update
    return _digest(rfc8785.dumps({"message": found, "next_update": chosen.isoformat()})) if chosen else found


def snapshot_of(content: Content) -> Snapshot:
    """Return `content` as two people approve it."""
    return Snapshot(_canonical(content), _files(content))


def _exact(fill: Fill) -> Exact | None:
    return exact(fill.phase, fill.mode, fill.blanks, fill.affected, fill.sentence)


def _sentence(chosen: Exact) -> str | None:
    return blanks.take_sentence(chosen.sentence) if chosen.sentence and chosen.sentence.strip() else None


def _digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _canonical(content: Content) -> bytes:
    return rfc8785.dumps(content.model_dump(mode="json", by_alias=True, exclude_none=True))


def _files(content: Content) -> dict[str, bytes]:
    return {file.sha256: file.data for file in (content.pictures or {}).values()}


def _no_phase(phase: str, known: Sequence[str]) -> Text:
    return Text(
        f"Krismallen har inget skede som heter {phase}. Välj ett av dessa: {', '.join(known)}.",
        f"The playbook has no phase called {phase}. Choose one of these: {', '.join(known)}.",
    )
