"""
The reckoning when all is quiet: what the board says, what the public sees and what the log holds must be one story.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from broadcaster import audit
from broadcaster.order import ENDING
from broadcaster.standing import ENDED, OPEN, State
from simulation.letters import Letters
from simulation.promises import Promises
from simulation.world import Page, Place, Thing

Row = Mapping[str, Any]
_ROWS = """
    SELECT d.*, m.recalled_at, m.accepted_at, i.ref, m.playbook_digest,
           (SELECT count(*) FROM alarm a WHERE a.delivery_id = d.id) AS alarms,
           (SELECT count(*) FROM attempt a WHERE a.delivery_id = d.id) AS calls
    FROM delivery d JOIN message m ON m.id = d.message_id JOIN incident i ON i.id = d.incident_id
    ORDER BY d.incident_id, d.channel, d.language, d.number"""
_AUTOMATIC = ("upsert", "draft", "post", "letter")
_STATES = {str(state) for state in State}


@dataclass
class Count:
    """How many deliveries a machine was given, and how they ended."""

    accepted: int = 0
    confirmed: int = 0
    unknown: int = 0


class Reckoning:
    """Compares everything once, at the end of a run. `places` are by mode and channel."""

    def __init__(self, promises: Promises, places: Mapping[tuple[str, str], Place]) -> None:
        self.promises, self.places = promises, places
        self.rows: list[dict[str, Any]] = [dict(row) for row in promises.database.ask(_ROWS)]
        for row in self.rows:
            for name in ("receipt", "error"):
                row[name] = json.loads(row[name]) if row[name] else None
            row["mark"] = f"{row['ref']}/{row['number']}"
        self.count = Count()

    def reckon(self) -> Count:
        """Look at everything and report what is not as promised."""
        self._nothing_lost()
        for row in self.rows:
            if row["way"] in _AUTOMATIC:
                self._one(row)
        for objects in self._by_object():
            self._upsert(objects)
        self._unowned()
        self._log()
        return self.count

    def _broken(self, promise: str, row: Row, what: str) -> None:
        where = f"{row['mark']} on {row['channel']} ({row['language']}), {row['intent']} {row['state']}"
        self.promises.broken(promise, f"{where}: {what}")

    # -- each delivery ----------------------------------------------------------------------------------------------

    def _nothing_lost(self) -> None:
        there = {(row["message_id"], row["channel"], row["language"]) for row in self.rows}
        for said in self.promises.said.values():
            for channel, language in said.words:
                if (said.id, channel, language) not in there:
                    self.promises.broken("lost", f"{said.mark} on {channel} ({language}): its delivery is gone")

    def _one(self, row: Row) -> None:
        state = State(row["state"])
        self.count.accepted += 1
        if state in OPEN or row["next_attempt_at"] is not None:
            self.count.unknown += 1
            self._broken("nothing is stuck", row, f"step {row['step']}, due {row['next_attempt_at']}")
            return
        self.count.confirmed += 1
        if row["id"] in self.promises.tampered:
            if row["state"] == "published" and row["receipt"] is None:
                self._broken("a receipt is proof", row, "altered, and shown as sent without a receipt")
            return
        if state is State.NEEDS_PERSON and not row["alarms"]:
            self._broken("a person is told", row, "nobody was told")
        if state is State.EXPIRED and not row["alarms"]:
            self._broken("lost", row, "expired and nobody was told")
        if state is State.SUPERSEDED:
            self._has_cause(row)
        if state is State.SKIPPED and self._ever_public(row):
            self._broken("lost", row, "skipped though something of the incident was public there")
        self._receipt(row)
        place = self.places[(row["mode"], row["channel"])]
        if isinstance(place, Page):
            self._on_page(row, state, place)
        if row["way"] == "letter":
            Letters(self.promises, self._broken).reckon(row, by_hand=self._by_hand(row))

    def _has_cause(self, row: Row) -> None:
        newer = [one for one in self.promises.said.values()
                 if one.ref == row["ref"] and one.number > row["number"]]  # fmt: skip
        if row["recalled_at"] is None and not newer:
            self._broken("lost", row, "superseded by nothing")

    def _ever_public(self, row: Row) -> bool:
        return any(channel == row["channel"] and _is_older(mark, row)
                   and self.promises.language_of(mark, channel, words) == row["language"]
                   for channel, mark, words in self.promises.shown)  # fmt: skip

    def _receipt(self, row: Row) -> None:
        receipt = row["receipt"]
        if row["state"] == "published" and receipt is None:
            self._broken("a receipt is proof", row, "shown as published without a receipt")
        if receipt is None or receipt["by"] is not None or row["state"] != "published":
            return
        # Some texts say no mark, and two updates may have the same words: then it is the place that counts.
        if all((row["channel"], name, row["words"]) not in self.promises.shown for name in (row["mark"], _object(row))):
            self._broken("a receipt is proof", row, "these words were never shown there")

    def _by_hand(self, row: Row) -> bool:
        """Tell whether a person said what they did there themselves; no machine knows better."""
        return (row["message_id"], row["channel"], row["language"]) in self.promises.by_hand

    # -- the page ---------------------------------------------------------------------------------------------------

    def _on_page(self, row: Row, state: State, page: Page) -> None:
        things = [thing for thing in page.things.values() if thing.mark == row["mark"] and thing.now.words is not None]
        public = [thing for thing in things if thing.now.public]
        by_hand = self._by_hand(row)
        if len(public) > 1 and state is not State.NEEDS_PERSON:
            self._broken("doubled", row, f"{[thing.id for thing in public]} are public at the end")
        told = by_hand or state is State.FAILED or _left_by_the_dead(row)
        if state in ENDED and len(things) > len(public) and not told:
            drafts = [thing.id for thing in things if not thing.now.public]
            self._broken("no draft is left", row, f"{drafts}")
        if by_hand or state in (State.NEEDS_PERSON, State.FAILED) or _forged(row):
            return
        if state is State.PUBLISHED:
            self._stands(row, public)
        elif public:
            promise = "stale" if state in (State.SUPERSEDED, State.WITHDRAWN) else "the board is true"
            self._broken(promise, row, f"{public[0].id} is public at the end")

    def _stands(self, row: Row, public: list[Thing]) -> None:
        mine = [thing for thing in public if thing.id == row["remote_id"]]
        if not public:
            self._broken("the board is true", row, "published, and not there at the end")
        elif not mine:
            self._broken("the board is true", row, f"{public[0].id} is there, {row['remote_id']} is recorded")
        elif mine[0].now.words != row["words"]:
            self._broken("stale", row, "other words stand there at the end")

    # -- what is replaced in place ----------------------------------------------------------------------------------

    def _by_object(self) -> Iterator[list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            if row["way"] == "upsert":
                found.setdefault(row["object_id"], []).append(row)
        return iter(found.values())

    def _upsert(self, rows: list[Row]) -> None:
        if any(row["id"] in self.promises.tampered or _forged(row) for row in rows):
            return
        first = rows[0]
        place = self.places[(first["mode"], first["channel"])]
        thing = place.things.get(_object(first))
        shown = thing.now.words if thing and thing.now.public else None
        allowed: list[str | None] = []
        told = False
        for row in reversed(rows):
            if told:  # somebody knows that the newer words are not sure to be there; so these may stand
                allowed.append(row["words"])
            if self._adds(row, allowed):
                if told:  # nobody looks again for a person who may be putting words there; an old call may come late
                    allowed += [one["words"] for one in rows if one["number"] < row["number"] and one["ever_unsure"]]
                break
            told |= State(row["state"]) in (State.NEEDS_PERSON, State.FAILED) or self._by_hand(row)
        else:
            allowed.append(None)
        if shown in allowed:
            self._nothing_for_ever(rows, shown)
        else:
            newest = rows[-1]
            older = any(shown == row["words"] for row in rows)
            promise = "the board is true" if shown is None else "stale" if older else "unexpected"
            who = next((row["mark"] for row in rows if row["words"] == shown), None)
            self._broken(promise, newest, f"{'nothing' if shown is None else who} is shown at the end")

    def _nothing_for_ever(self, rows: list[Row], shown: str | None) -> None:
        """Look for words from before the end of an incident that nothing will ever end. A correction has an end."""
        if any(self._by_hand(row) or row["alarms"] for row in rows):
            return
        for row in [one for one in rows if one["words"] == shown][-1:]:
            over = [one for one in self.promises.said.values() if one.ref == row["ref"] and one.phase in ENDING
                    and one.number > row["number"] and one.recalled_commit is None]  # fmt: skip
            if over and row["phase"] in ("first", "update"):
                self._broken("stale", row, f"stands after {over[0].mark}, and nothing ends it")

    def _adds(self, row: Row, allowed: list[str | None]) -> bool:
        """Add what may stand there because of this delivery; return whether nothing older may."""
        state, by_hand = State(row["state"]), self._by_hand(row)
        if state in (State.NEEDS_PERSON, State.FAILED) or by_hand:
            allowed += [row["words"], None]
            return False
        if state in (State.PUBLISHED, State.WITHDRAWN):
            allowed.append(row["words"] if state is State.PUBLISHED else None)
            return True
        return False

    # -- everything -------------------------------------------------------------------------------------------------

    def _unowned(self) -> None:
        """Look for what is public and belongs to no delivery at all."""
        marks = {(row["channel"], row["mark"]) for row in self.rows}
        for (_, key), place in self.places.items():
            for thing in place.public():
                if (key, thing.mark) not in marks:
                    self.promises.broken("unexpected", f"{thing.id} on {key} is public and nobody owes it")

    def _log(self) -> None:
        found = audit.verify(self.promises.database)
        if isinstance(found, audit.Fault):
            self.promises.broken("everything is logged", f"the log does not verify: {found}")
            return
        last: dict[str, str] = {}
        opened: dict[str, int] = {}
        for (entry,) in self.promises.database.ask("SELECT entry FROM audit_entry ORDER BY seq"):
            one = json.loads(entry)
            noun, _, verb = one["type"].partition(":")
            if noun == "delivery" and (verb in _STATES or verb == "retried"):
                last[one["delivery"]] = verb
            elif one["type"] == "attempt:opened":
                opened[one["delivery"]] = opened.get(one["delivery"], 0) + 1
        for row in self.rows:
            if last.get(row["id"]) != row["state"] and row["id"] not in self.promises.tampered:
                self._broken("everything is logged", row, f"the log says {last.get(row['id'])}")
            if opened.get(row["id"], 0) != row["calls"]:
                self._broken("everything is logged", row, f"{opened.get(row['id'], 0)} of {row['calls']} calls")


def _is_older(mark: str, row: Row) -> bool:
    """Tell whether it is the mark of an older message of the incident; some things have names of their own."""
    ref, _, number = mark.rpartition("/")
    return ref == row["ref"] and number.isdecimal() and int(number) < row["number"]


def _object(row: Row) -> str:
    """Return the name under which the channel keeps what is replaced in place."""
    return row["object_id"] if row["channel"] != "1177_phone" else f"{row['ref']}.{row['language']}"


def _left_by_the_dead(row: Row) -> bool:
    """Tell whether three workers died tidying up behind it: then a person is told, and no machine tries again."""
    return row["error"] is not None and row["error"]["reason"] == "workers_died" and row["alarms"] > 0


def _forged(row: Row) -> bool:
    return row["error"] is not None and row["error"]["reason"] == "forged"
