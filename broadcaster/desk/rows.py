"""One delivery as the live board shows it: its state in words with the clock, how long it took, what one may do."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from broadcaster.board import DeliveryView, MessageView, channel_name
from broadcaster.desk import states
from broadcaster.desk.headline import Fact
from broadcaster.desk.vocabulary import Look, fact_words, has_look, step_words
from broadcaster.language import say, t

#: Somebody still waits for these: the clock goes on.
_UNDER_WAY = frozenset({"owed", "sending", "retrying", "uncertain", "needs_person"})

#: Characters of an address that stand on one line of a phone; of a longer one, how many of its last.
_READ_WHOLE, _TAIL = 40, 12


@dataclass(frozen=True)
class Hour:
    """What time it is where the page is made."""

    now: datetime
    zone: ZoneInfo


@dataclass(frozen=True)
class Row:
    """One delivery as the board shows it."""

    view: DeliveryView
    submission: str  #: Idempotency-Key of what a person does next about it; another one once it has moved
    hour: Hour
    phase: str
    recalled: bool
    accepted_at: datetime | None
    typed_url: str = ""
    typed_reason: str = ""

    @property
    def name(self) -> str:
        """What people call the channel."""
        return say(channel_name(self.view.channel))

    @property
    def standing(self) -> states.Standing:
        """All that its words depend on."""
        view = self.view
        return states.Standing(
            view.state, view.intent, self.phase, letter=bool(view.recipients), has_receipt=bool(view.json["receipt"]),
            recalled=self.recalled, by_hand=self.is_by_hand, at=self.at, next_at=self.next_at,
            seen_at=view.json["seen_at"] if view.seen else None,
        )  # fmt: skip

    @property
    def look(self) -> Look:
        """How its state is shown, with its times."""
        return states.timed(self.standing, self.hour.zone)

    @property
    def said(self) -> str:
        """What is told when the state changes: without its times, which are no news."""
        untimed = replace(self.standing, at=None, next_at=None, seen_at=None)
        return say(states.timed(untimed, self.hour.zone).words)

    @property
    def is_by_hand(self) -> bool:
        """Tell whether a person published it."""
        return bool((self.view.json["receipt"] or {}).get("by"))

    @property
    def is_under_way(self) -> bool:
        """Tell whether somebody still waits for it."""
        return self.view.state in _UNDER_WAY

    @property
    def elapsed_s(self) -> int | None:
        """Seconds since the message was accepted: until now while it is under way, until the receipt when it is out."""
        if self.accepted_at is None:
            return None
        receipt = self.view.json["receipt"]
        if self.is_under_way and not (receipt and self.view.intent == "publish"):
            return max(int((self.hour.now - self.accepted_at).total_seconds()), 0)
        if self.view.state == "published" and receipt and self.view.intent == "publish":
            took = int((datetime.fromisoformat(receipt["at"]) - self.accepted_at).total_seconds())
            return took if took >= 0 else None
        return None

    @property
    def elapsed(self) -> str:
        """The same as people say it."""
        return duration(self.elapsed_s) if self.elapsed_s is not None else ""

    @property
    def handed_over(self) -> str:
        """How many of a letter's recipients have it."""
        have = sum(str(one.has) in ("accepted", "by_hand") for one in self.view.recipients)
        return f"{have} {t('av', 'of')} {len(self.view.recipients)}"

    @property
    def is_task(self) -> bool:
        """Tell whether a person has to act."""
        return self.view.state == "needs_person"

    @property
    def at(self) -> Any:
        """When it came to this, as far as the log tells."""
        receipt = self.view.json["receipt"]
        if self.view.state == "published" and receipt:
            return receipt["at"]
        return self.view.ended_at

    @property
    def next_at(self) -> str | None:
        """When a machine tries again."""
        return self.view.json["next_attempt_at"] if self.view.state in ("retrying", "uncertain") else None

    @property
    def url(self) -> str:
        """The public address if it is one a browser may follow."""
        return followable(self.view.json["url"])

    @property
    def short_address(self) -> str:
        """The address as it is read: whole while it fits a line of a phone, else where it begins and how it ends."""
        read = str(self.view.json["url"] or "").removeprefix("https://").removeprefix("http://")
        host, slash, _ = read.partition("/")
        return read if len(read) <= _READ_WHOLE or not slash else f"{host}/…{read[-_TAIL:]}"

    @property
    def place(self) -> str:
        """Where a person pastes it, if that is an address."""
        return followable(self.view.place)

    step = staticmethod(step_words)
    fact = staticmethod(fact_words)
    has = staticmethod(has_look)


def row_of(message: MessageView, view: DeliveryView, hour: Hour, **typed: str) -> Row:
    """Return a delivery of a message as a row."""
    submission = submission_of(message.json["id"], view)
    return Row(view, submission, hour, message.phase, message.state == "recalled", message.accepted_at, **typed)


def fact_of(view: DeliveryView) -> Fact:
    """Return what the sentence on top has to know of a delivery."""
    receipt = view.json["receipt"] or {}
    name = channel_name(view.channel)
    return Fact(view.channel, name, view.state, view.intent, has_receipt=bool(receipt), by_hand=bool(receipt.get("by")))


def place_of(message_id: str, view: DeliveryView) -> str:
    """Return the id of a delivery's row on the page."""
    return f"d-{message_id}-{view.channel}-{view.language}"


def duration(seconds: int) -> str:
    """Return a duration in at most two units, in the language of the page. `board.js` counts on in the same words."""
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if days:
        return f"{days} {t('dygn', 'd')}"
    if hours:
        return f"{hours} {t('tim', 'h')} {minutes % 60} min"
    return f"{minutes} min {seconds % 60} s" if minutes else f"{seconds} s"


def followable(address: str | None) -> str:
    """Return an address a browser may follow; nothing for anything else."""
    return address if address and address.startswith(("https://", "http://")) else ""


def submission_of(message_id: str, view: DeliveryView) -> str:
    """Return a key that is the same until the delivery moves: a double click is one act, a later act another."""
    receipt = view.json["receipt"] or {}
    moved = (view.intent, view.state, view.json["attempts"], receipt.get("at"), len(view.attempts))
    return str(uuid5(NAMESPACE_URL, f"{message_id}/{view.channel}/{view.language}/{moved}"))
