"""
What may never happen, whatever dies, is late, or lies: looked for at every call and every change out there.

The checks know what people asked for and what the public saw; of the engine they read its rows and its log only.
What can be judged only when all is quiet stands in `reckoning`.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from broadcaster.auth.client import Mode
from broadcaster.channels import CAN_PUBLISH, Post, Step
from broadcaster.order import STOPPING
from broadcaster.playbook import Snapshot, Stamp
from simulation.database import Database
from simulation.time import BEGINNING, Time

#: The wall clock may jump forward by less than this while a lease runs; the worker keeps two seconds of it back.
CLOCK_SLACK_S = 1.0
SPEAKING = frozenset({Step.PUT, Step.DRAFT, Step.PUBLISH, Step.POST, Step.EDIT, Step.SEND})
_OPEN_CALL = """
    SELECT a.id, a.step, a.worker, a.closed_at, a.intent, d.id AS delivery, d.receipt, d.fence, a.fence AS claimed,
           m.id AS message, m.phase, m.number, i.id AS incident, i.mode
    FROM incident i JOIN message m ON m.incident_id = i.id JOIN delivery d ON d.message_id = m.id
    JOIN attempt a ON a.delivery_id = d.id
    WHERE i.ref = ? AND m.number = ? AND d.channel = ? AND d.language = ? AND a.closed_at IS NULL"""


@dataclass(frozen=True)
class Violation:
    """One broken promise: which, when (virtual seconds), and what was seen."""

    promise: str
    at: float
    what: str

    def __str__(self) -> str:
        return f"{self.promise} at {self.at:.3f} s: {self.what}"


@dataclass
class Said:
    """A message that was accepted, as those who sent it know it."""

    id: str
    ref: str
    number: int
    phase: str
    mode: Mode
    accepted_commit: int
    words: dict[tuple[str, str], str] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)
    recalled_commit: int | None = None
    prefers_duplicate: bool = False

    @property
    def mark(self) -> str:
        return f"{self.ref}/{self.number}"


@dataclass(frozen=True)
class Right:
    """When a worker was given an attempt, and until when (true seconds) it may call for it."""

    commit: int
    ends: float


class Promises:
    """Everything seen of one run, and what of it should not have been."""

    def __init__(self, time: Time, database: Database, find: Callable[[str], Snapshot]) -> None:
        self.time, self.database, self._snapshot = time, database, find
        self.violations: list[Violation] = []
        self.said: dict[str, Said] = {}
        self.by_mark: dict[str, Said] = {}
        self.rights: dict[str, Right] = {}
        self.under_way: dict[tuple[str, str, str, str], tuple[str, Step, float]] = {}
        self.shown: set[tuple[str, str, str]] = set()
        self.ever_public: dict[tuple[str, str], list[str]] = {}
        self.arrived: dict[tuple[str, str, str, str], list[str]] = {}
        self.tampered: dict[str, str] = {}
        self.by_hand: set[tuple[str, str, str]] = set()

    def broken(self, promise: str, what: str) -> None:
        """Keep a violation; the same one is kept once."""
        if not any((one.promise, one.what) == (promise, what) for one in self.violations):
            self.violations.append(Violation(promise, self.time.now, what))

    # -- what people did --------------------------------------------------------------------------------------------

    def look_at_messages(self) -> None:
        """Learn of messages that were accepted or recalled by the last commit of the web."""
        rows = self.database.ask(
            """SELECT m.id, m.number, m.phase, m.accepted_at, m.recalled_at, m.playbook_digest, i.ref, i.mode
               FROM message m JOIN incident i ON i.id = m.incident_id WHERE m.accepted_at IS NOT NULL"""
        )
        for row in rows:
            if row["id"] not in self.said:
                self._accepted(row)
            said = self.said[row["id"]]
            if row["recalled_at"] is not None and said.recalled_commit is None:
                said.recalled_commit = self.database.commits

    def _accepted(self, row: Any) -> None:
        said = Said(row["id"], row["ref"], row["number"], row["phase"], row["mode"], self.database.commits)
        self.said[said.id] = self.by_mark[said.mark] = said
        snapshot = self._snapshot(row["playbook_digest"])
        said.prefers_duplicate = snapshot.if_unsure == "duplicate"
        owed = self.database.ask("SELECT channel, language, words FROM delivery WHERE message_id = ?", said.id)
        said.words = {(one["channel"], one["language"]): one["words"] for one in owed}
        if said.phase in STOPPING:
            at = self.time.wall()
            drill = said.mode == "drill"
            link = f"http://127.0.0.1:8000/{'desk/drills' if drill else 'm'}/{said.ref}"
            stamp = Stamp(mark=said.mark, at=at, link=link)
            for language in snapshot.languages:
                with suppress(KeyError):  # the line stands on the page only, in the languages the page has
                    said.lines[language] = snapshot.top_line(said.phase, language, said.mode, stamp)

    def may_say(self, mark: str, channel: str, language: str) -> list[str]:
        """Return every text that may stand under `mark`: its own, and its own below the line of a later ending."""
        said = self.by_mark.get(mark)
        own = said.words.get((channel, language)) if said else None
        if said is None or own is None:
            return []
        later = [one for one in self.said.values() if one.ref == said.ref and one.number > said.number]
        return [own, *(f"{one.lines[language]}\n\n{own}" for one in later if language in one.lines)]

    def language_of(self, mark: str, channel: str, words: str) -> str | None:
        """Return the language in which `words` were said under `mark`."""
        said = self.by_mark.get(mark)
        own = said.words if said else {}
        return next((pair[1] for pair, text in own.items() if pair[0] == channel and words.endswith(text)), None)

    # -- what the engine did ----------------------------------------------------------------------------------------

    def given(self, attempt_id: str, began: float, lease_s: float) -> None:
        """A worker was given the right to make one call."""
        self.rights[attempt_id] = Right(self.database.commits, began + lease_s)

    def call_begins(self, worker: str, channel: str, step: Step, post: Post, mode: str) -> None:
        """Check everything a call has to have before it leaves."""
        number = int(post.mark.rpartition("/")[2])
        rows = self.database.ask(_OPEN_CALL, post.incident, number, channel, post.language)
        mine = [row for row in rows if row["worker"] == worker and row["step"] == str(step)]
        name = f"{step} of {post.mark} on {channel} ({post.language}) by {worker}"
        if not mine:
            self.broken("recorded before it is done", f"{name}: no open attempt stands in the database")
        for row in mine:
            right = self.rights.get(row["id"])
            if right is not None and self.time.now > right.ends + CLOCK_SLACK_S:
                self.broken("no call after the lease", f"{name}: {self.time.now - right.ends:.1f} s too late")
            self._not_stale(row, right, step, post, channel, name)
        for row in rows:
            right = self.rights.get(row["id"])
            if row not in mine and right is not None and self.time.now < right.ends - CLOCK_SLACK_S:
                self.broken("one call at a time", f"{name}: {row['worker']} still holds {row['step']}")
        if len(mine) > 1:
            self.broken("one call at a time", f"{name}: twice by the same worker")
        self._alone(worker, (channel, post.mark, post.language, mode), step, mine, name)
        self._approved(step, post, channel, mode, name)

    def _alone(self, worker: str, what: tuple[str, str, str, str], step: Step, mine: list[Any], name: str) -> None:
        """No other worker's call is out there, whatever the database says of it, while that worker may be at it."""
        other = self.under_way.get(what)
        if other is not None and other[0] != worker and self.time.now < other[2] - CLOCK_SLACK_S:
            self.broken("one call at a time", f"{name}: the {other[1]} of {other[0]} is still out there")
        rights = [self.rights[row["id"]].ends for row in mine if row["id"] in self.rights]
        if rights:
            self.under_way[what] = (worker, step, max(rights))

    def call_ends(self, worker: str, channel: str, post: Post, mode: str) -> None:
        """A worker does not wait for its call any more."""
        what = (channel, post.mark, post.language, mode)
        if self.under_way.get(what, ("",))[0] == worker:
            del self.under_way[what]

    def dies(self, worker: str) -> None:
        """What a dead worker had under way nobody goes on with."""
        self.under_way = {what: one for what, one in self.under_way.items() if one[0] != worker}

    def _approved(self, step: Step, post: Post, channel: str, mode: str, name: str) -> None:
        said = self.by_mark.get(post.mark)
        if said is None:
            self.broken("unexpected", f"{name}: nobody accepted such a message")
        elif said.mode != mode or post.mode != mode:
            self.broken("unexpected", f"{name}: a {said.mode} message on a {mode} channel")
        elif step in SPEAKING and post.words not in self.may_say(post.mark, channel, post.language):
            self.broken("unexpected", f"{name}: the words are not the approved ones")

    def _not_stale(self, row: Any, right: Right | None, step: Step, post: Post, channel: str, name: str) -> None:
        said = self.said.get(row["message"])
        if said is None or right is None or step not in SPEAKING or step is Step.EDIT:
            return
        if said.recalled_commit is not None and said.recalled_commit < right.commit:
            self.broken("stale", f"{name}: begun after its recall")
        for newer in self.said.values():
            covered = (channel, post.language) in newer.words
            # Whoever has not got an older letter gets only the newer one, so an update stops letters too.
            replaces = newer.phase in STOPPING or (step is Step.SEND and covered)
            stops = newer.ref == said.ref and newer.number > said.number and replaces
            if not stops or newer.accepted_commit >= right.commit:
                continue
            if newer.phase != "correction" and said.phase == "correction":
                continue  # a queued correction is never lost to what ends the incident
            if row["receipt"] is None or covered:
                self.broken("stale", f"{name}: begun after {newer.mark} took its place")

    # -- what the public saw ----------------------------------------------------------------------------------------

    def sees(self, channel: str, kind: str, thing: str, mark: str, words: str | None) -> None:
        """The public now sees `words` at `thing`, or nothing any more."""
        if words is None:
            return
        self.shown |= {(channel, mark, words), (channel, thing, words)}
        if kind != "facebook":
            return
        ever = self.ever_public.setdefault((channel, mark), [])
        if thing not in ever:
            ever.append(thing)
        said = self.by_mark.get(mark)
        most = 2 if said is not None and said.prefers_duplicate else 1
        if len(ever) > most:
            self.broken("doubled", f"{mark} became public on {channel} {len(ever)} times")


    def arrives(self, channel: str, mark: str, language: str, recipient: str, letter_id: str) -> None:
        """Somebody finds a letter. A second one only where a duplicate is preferred, and only as the same letter."""
        ever = self.arrived.setdefault((channel, mark, language, recipient), [])
        ever.append(letter_id)
        said = self.by_mark.get(mark)
        most = 2 if said is not None and said.prefers_duplicate else 1
        if len(ever) > most:
            self.broken("doubled", f"{mark} reached {recipient} on {channel} {len(ever)} times")
        if len(set(ever)) > 1:
            self.broken("doubled", f"{mark} reached {recipient} on {channel} as two different letters")


def wall_seconds(stored: str) -> float:
    """Return seconds since the beginning of a time as SQLite keeps it."""
    return (datetime.fromisoformat(stored).replace(tzinfo=BEGINNING.tzinfo) - BEGINNING).total_seconds()


PROMISES: Sequence[str] = (
    "lost",
    "doubled",
    "stale",
    "unexpected",
    "recorded before it is done",
    "no call after the lease",
    "one call at a time",
    "a receipt is proof",
    "the board is true",
    "a person is told",
    "everything is logged",
    "no draft is left",
    "nothing is stuck",
    "asking twice is asking once",
    "the engine holds",
)
assert CAN_PUBLISH <= SPEAKING
