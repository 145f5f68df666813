"""
What somebody must see before they press: every channel's words, what is new in them, and what was typed tonight.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from broadcaster import moments, pacing
from broadcaster.board import Situation
from broadcaster.desk.exact import becomes, compared, person_of, set_words, shape_of
from broadcaster.desk.form import Filled
from broadcaster.desk.parts import Desk, by_channel
from broadcaster.language import language, say, t
from broadcaster.last_said import last_blanks
from broadcaster.phrasing import SPOKEN, Spot
from broadcaster.playbook import Snapshot

Pair = tuple[str, str]
SENTENCE = "sentence"


@dataclass(frozen=True)
class Earlier:
    """What an incident has said. `words` stand now by channel and language; `count` numbers its messages."""

    mark: str
    at: datetime
    count: int
    blanks: Mapping[str, str]
    words: Mapping[Pair, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Typed:
    """One thing that was typed or changed tonight, as it is said; `was` is what was said before."""

    name: str
    label: str
    said: str
    was: str = ""


def earlier_of(desk: Desk, situation: Situation) -> Earlier | None:
    """Return what an incident has said; None where nothing was let out yet."""
    sent = [one for one in situation.messages if one.accepted_at is not None]
    if not sent:
        return None
    words: dict[Pair, str] = {}
    for message in sent:
        for view in message.deliveries:
            if view.state == "published" and view.intent != "withdraw":
                words.setdefault((view.channel, view.language), view.words)
    with desk.store.reading() as transaction:
        blanks = last_blanks(transaction, situation.ref)
    at = sent[0].accepted_at or sent[0].created_at
    return Earlier(sent[0].mark, at, len(situation.messages), blanks, words)


def spoken_of(snapshot: Snapshot, phase: str, blanks: Mapping[str, str]) -> dict[str, str]:
    """Return values as the words of the page's language say them; those that cannot be taken are left out."""
    known = {
        name: value
        for one in snapshot.blanks(phase)
        if (value := blanks.get(name := one.name)) and not snapshot.accept(phase, {name: value}, None, ())[1]
    }
    return snapshot.said(Spot(phase, "", language()), snapshot.accept(phase, known, None, ())[0])


def typed(snapshot: Snapshot, phase: str, start: Filled, filled: Filled) -> list[Typed]:
    """Return what was typed or changed since the form began: what its words say that nobody has read before."""
    known, before = _written(snapshot, phase, filled.blanks), _written(snapshot, phase, start.blanks)
    said, was = spoken_of(snapshot, phase, known), spoken_of(snapshot, phase, before)
    found = [
        Typed(one.name, say(one.label), said.get(one.name, known[one.name]), was.get(one.name, ""))
        for one in snapshot.blanks(phase)
        if one.name in known and known[one.name] != before.get(one.name)
    ]
    if filled.sentence:
        found.append(Typed(SENTENCE, t("Din egen mening", "Your own sentence"), filled.sentence))
    return found


def passed(snapshot: Snapshot, phase: str, start: Filled, filled: Filled, since: datetime, now: datetime) -> list[str]:
    """Return the labels of kept times that were still to come when they were said, and have passed since."""
    found = []
    for one in snapshot.blanks(phase):
        value = filled.blanks.get(one.name)
        if one.type != "time" or not value or value != start.blanks.get(one.name):
            continue
        if (written := moments.canonical(value, snapshot.zone)) is None:
            continue
        at = datetime.fromisoformat(written)
        at = at if at.tzinfo else at.replace(tzinfo=snapshot.zone)
        if since < at <= now:
            found.append(say(one.label))
    return found


def cards(
    desk: Desk, snapshot: Snapshot, phase: str, filled: Filled, shown: list[dict[str, Any]], against: Mapping[Pair, str]
) -> list[dict[str, Any]]:
    """Return what each channel will show. `against` are other words to set beside them, by channel and language."""
    known = snapshot.accept(phase, filled.blanks, None, filled.affected)[0]
    found = by_channel(shown)
    for channel in found:
        key = channel["key"]
        channel["shape"] = shape_of(key)
        channel["person"] = person_of(key, desk.settings)
        channel["becomes"] = becomes(key, phase, desk.settings)
        for item in channel["words"]:
            pair, text = (key, item["language"]), item["text"]
            said = snapshot.said(Spot(phase, *pair), known).values()
            item["seconds"] = round(pacing.play_seconds(text)) if key in SPOKEN else None
            item["html"] = set_words(text, item["language"], [*said, filled.sentence])
            item["was"] = None
            if pair in against and against[pair] != text:
                item["was"], item["html"] = compared(against[pair], text, item["language"])
    return found


def _written(snapshot: Snapshot, phase: str, blanks: Mapping[str, str]) -> Mapping[str, str]:
    """Return the blanks of a phase as they are written down, so that two spellings of a value are one."""
    asked = {one.name for one in snapshot.blanks(phase)}
    given = {name: value for name, value in blanks.items() if name in asked}
    return {**given, **snapshot.accept(phase, given, None, ())[0]}
