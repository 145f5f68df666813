"""
What people do meanwhile: they send, correct, approve, recall, ask again and acknowledge, through the service's verbs.

A verb may be cut off like any transaction. Who got no answer asks again with the same key, as a browser or a
switchboard would.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sqlalchemy.exc import OperationalError

from broadcaster import approval
from broadcaster.auth.client import person_client
from broadcaster.broadcast import Broadcasts
from broadcaster.errors import Refusal
from broadcaster.idempotency import Answer
from simulation.chance import Chance, Trouble
from simulation.database import Database, Died
from simulation.promises import Promises
from simulation.time import Time

ANNA = person_client("anna", ("sender", "author"))
BO = person_client("bo", ("sender", "approver"))
SENTENCE = "Vi återkommer klockan tio."


@dataclass
class Sent:
    """A message as its answer told of it."""

    id: str
    ref: str
    phase: str
    mode: str
    digest: str
    pairs: list[tuple[str, str]]


@dataclass
class People:
    """Everybody at the desk. `log` hears of every act and what came of it."""

    time: Time
    database: Database
    broadcasts: Broadcasts
    chance: Chance
    promises: Promises
    log: Callable[[str], None]
    rung: Callable[[], None]
    watched: bool  #: they send from the page, where a playbook may hold it back for a moment
    sent: list[Sent] = field(default_factory=list)
    refused: int = 0
    cut_off: int = 0
    keys: int = 0
    done: set[str] = field(default_factory=set)

    def send(self, phase: str, playbook: str, mode: str, channels: list[str], ref: str | None = None,
             sentence: str | None = None) -> None:  # fmt: skip
        """Send, or propose, a message."""
        body = {"playbook": playbook, "phase": phase, "mode": mode, "incident": ref, "channels": channels,
                "sentence": sentence, "again": phase == "first"}  # fmt: skip

        def act(key: str) -> Answer:
            return self.broadcasts.send(body, ANNA, key, watched=self.watched)

        self._ask(f"{phase} {ref or playbook}", act, self._learn)

    def approve(self, one: Sent) -> None:
        def learn(answer: Answer) -> None:
            one.pairs = _pairs(answer)

        self._ask(f"approve {one.ref}", lambda key: self.broadcasts.approve(one.id, {"digest": one.digest}, BO, key),
                  learn)  # fmt: skip

    def reject(self, one: Sent) -> None:
        self._ask(f"reject {one.ref}", lambda key: self.broadcasts.reject(one.id, {"reason": "nej"}, BO, key))

    def recall(self, one: Sent) -> None:
        self._ask(f"recall {one.ref} {one.phase}",
                  lambda key: self.broadcasts.recall(one.id, {"reason": "fel"}, ANNA, key))  # fmt: skip

    def retry(self, one: Sent, channel: str, language: str) -> None:
        self._ask(f"retry {one.ref} {one.phase} {channel}",
                  lambda key: self.broadcasts.retry(one.id, channel, language, ANNA, key))  # fmt: skip

    def acknowledge(self, one: Sent, channel: str, language: str, body: dict[str, str]) -> None:
        """Say what was done by hand; from then on the engine takes a person's word for it."""

        def act(key: str) -> Answer:
            answer = self.broadcasts.acknowledge(one.id, channel, language, body, BO, key)
            self.promises.by_hand.add((one.id, channel, language))
            return answer

        self._ask(f"acknowledge {one.ref} {one.phase} {channel} {sorted(body)}", act)

    def revoke(self, digest: str) -> None:
        """Take the approval of a playbook back."""
        with self.database.transaction() as transaction:
            approval.revoke(transaction, digest, "anna")

    def _ask(self, what: str, act: Callable[[str], Answer], learn: Callable[[Answer], None] | None = None) -> None:
        self.keys += 1
        self._try(f"key-{self.keys}", what, act, learn, 0)

    def _try(
        self, key: str, what: str, act: Callable[[str], Answer], learn: Callable[[Answer], None] | None, tries: int
    ) -> None:
        """Ask once; without an answer, ask again a little later."""
        luck = self.chance.act("web", "web", what)
        self.database.trouble = luck.trouble
        answer: Answer | None = None
        commits = self.database.commits
        try:
            if luck.trouble is not Trouble.BEFORE:
                answer = act(key)
        except Refusal as refusal:
            self.refused += 1
            self.log(f"{what}: refused, {refusal.slug}")
            return
        except (Died, OperationalError):
            pass
        finally:
            self.database.trouble = Trouble.NONE
            self.promises.look_at_messages()
        if answer is None or luck.trouble is Trouble.COMMITTED:
            self.cut_off += 1
            if self.database.commits > commits:
                self.done.add(key)
            self.log(f"{what}: no answer ({luck.trouble})")
            self.time.after(1.0 + tries, lambda: self._try(key, what, act, learn, tries + 1))
            return
        self.log(f"{what}: {answer.json['mark']} {answer.json['state']}{' again' if answer.replayed else ''}")
        if key in self.done and not answer.replayed:
            self.promises.broken("asking twice is asking once", f"{what}: done again for the same key")
        if learn is not None:
            learn(answer)
        self.rung()

    def _learn(self, answer: Answer) -> None:
        view: dict[str, Any] = answer.json
        self.sent.append(Sent(view["id"], view["incident"], view["phase"], view["mode"], view["digest"],
                              _pairs(answer)))  # fmt: skip


def _pairs(answer: Answer) -> list[tuple[str, str]]:
    return sorted((one["channel"], one["language"]) for one in answer.json["deliveries"])


def some_pair(draw: Random, one: Sent) -> tuple[str, str] | None:
    """Return one channel and language a message goes to, or None while it waits for a yes."""
    return draw.choice(one.pairs) if one.pairs else None
