"""The engine without a network: real acceptance, outbox and database; the test itself answers for the channels."""

import atexit
import shutil
import tempfile
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from service import Clock, Service, settings_for
from sqlalchemy import select, update

from broadcaster import app
from broadcaster.board import Board
from broadcaster.broadcast import Broadcasts
from broadcaster.channels import Fact, Outcome, Reason, Step
from broadcaster.migrations import migrate
from broadcaster.outbox import Claim
from broadcaster.playbook import Playbooks
from broadcaster.store import Store
from broadcaster.tables import attempt as attempt_table
from broadcaster.tables import delivery as delivery_table
from broadcaster.tables import incident as incident_table

DONE = Outcome(Fact.DONE, remote_id="100200300_7", url="http://127.0.0.1:1/7")
NOT_SENT = Outcome(Fact.NOT_SENT, Reason.NETWORK)
UNSURE = Outcome(Fact.UNCERTAIN, Reason.SERVER, status=500)
ABSENT = Outcome(Fact.ABSENT)
NO_DRAFTS = Outcome(Fact.REFUSED, Reason.NO_DRAFTS, status=400)
REFUSED = Outcome(Fact.REFUSED, Reason.TOKEN, status=401)
RATE = Outcome(Fact.REFUSED, Reason.RATE, status=429, wait_s=600)
#: A channel that does everything at once and shows what it was given.
GOOD: Mapping[Step, Outcome] = dict.fromkeys(Step, DONE)
NOWHERE = "http://127.0.0.1:9"


def shows(claim: Claim, words: str | None = None, *, public: bool = True) -> Outcome:
    """Return the answer of a read-back that shows `words`, or the claim's own."""
    found = claim.post.words if words is None else words
    return Outcome(Fact.DONE, remote_id="100200300_7", words=found, public=public)


class Engine(Service):
    """A service whose channels are the test: it claims, answers, and looks at the rows."""

    def claim(self, channel: str, language: str = "sv", worker: str = "w1") -> Claim | None:
        """Claim what is due and return the claim for one channel; the others' calls stay under way."""
        return self.claims(worker).get((channel, language))

    def claims(self, worker: str = "w1") -> dict[tuple[str, str], Claim]:
        return {(one.channel, one.post.language): one for one in self.outbox().claim(worker)}

    def taken(self, channel: str, language: str = "sv", worker: str = "w1") -> Claim:
        found = self.claim(channel, language, worker)
        assert found is not None, self.row(channel, language)
        return found

    def settle(self, claim: Claim, got: Outcome, worker: str = "w1") -> Claim | None:
        return self.outbox().settle(claim, got, worker)

    def play(
        self, answers: Mapping[Step, Outcome] | None = None, rounds: int = 40, **by: Mapping[Step, Outcome]
    ) -> None:
        """Answer every due call: as `by[channel]` or `answers` says for its step, else as a good channel would."""
        for _ in range(rounds):
            open_calls = self.outbox().claim("player")
            if not open_calls:
                return
            for first in open_calls:
                following: Claim | None = first
                for _ in range(rounds):
                    if following is None:
                        break
                    scripted = {**(answers or {}), **by.get(following.channel, {})}
                    seen = shows(following) if following.step is Step.LOOK else ABSENT
                    default = seen if following.step in (Step.LOOK, Step.SEARCH) else DONE
                    following = self.settle(following, scripted.get(following.step, default), "player")

    def settle_all(self, got: Outcome) -> None:
        """Give every call that is due the same answer."""
        for claim in self.outbox().claim("w"):
            self.settle(claim, got)

    def rows(self, channel: str = "facebook", language: str = "sv") -> list[dict[str, Any]]:
        """Return the deliveries to one channel, oldest message first."""
        here = (delivery_table.c.channel == channel) & (delivery_table.c.language == language)
        with self.parts.store.reading() as transaction:
            found = transaction.execute(select(delivery_table).where(here).order_by(delivery_table.c.created_at))
            return sorted((dict(row) for row in found.mappings()), key=lambda row: row["number"])

    def row(self, channel: str = "facebook", language: str = "sv", number: int = -1) -> dict[str, Any]:
        """Return one delivery's row: of the newest message, or of message `number`."""
        found = self.rows(channel, language)
        return found[-1] if number < 0 else next(row for row in found if row["number"] == number)

    def write(self, row: Mapping[str, Any], **values: Any) -> None:
        with self.parts.store.transaction() as transaction:
            transaction.execute(update(delivery_table).where(delivery_table.c.id == row["id"]).values(**values))

    def attempts(self) -> list[tuple[str, str | None]]:
        """Return step and fact of every call, in the order they were begun."""
        with self.parts.store.reading() as transaction:
            rows = transaction.execute(
                select(attempt_table).order_by(attempt_table.c.opened_at, attempt_table.c.number)
            )
            return [(row.step, row.fact) for row in rows]

    def recall(self, message: Mapping[str, Any]) -> dict[str, Any]:
        return self.parts.broadcasts.recall(message["id"], {"reason": "fel"}, self.anna).json

    def retry(self, message: Mapping[str, Any], channel: str = "facebook", language: str = "sv") -> None:
        self.parts.broadcasts.retry(message["id"], channel, language, self.anna)

    def acknowledge(self, message: Mapping[str, Any], channel: str = "facebook", **body: str) -> None:
        self.parts.broadcasts.acknowledge(message["id"], channel, "sv", body, self.anna)

    def incident_state(self, ref: str) -> str:
        with self.parts.store.reading() as transaction:
            wanted = select(incident_table.c.state).where(incident_table.c.ref == ref)
            return str(transaction.execute(wanted).scalar_one())

    @property
    def now(self) -> datetime:
        return self.clock.now()


def make_engine(folder: Path, clock: Clock, **changes: Any) -> Engine:
    """Return an engine on a fresh SQLite database in `folder`, with every playbook approved."""
    path = folder / "broadcaster.db"
    shutil.copy(_template(), path)
    return _engine(path, clock, **changes)


@cache
def _template() -> Path:
    """Return a SQLite database with our tables and every playbook approved, made once."""
    path = Path(tempfile.mkdtemp(prefix="engine-")) / "template.db"
    engine = _engine(path, Clock())
    migrate(engine.parts.store)
    engine.approve_all()
    engine.parts.store.close()
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    return path


@cache
def _playbooks() -> Playbooks:
    settings = settings_for(Path(), NOWHERE)
    organisation = settings.organisation
    return Playbooks.load(settings.playbook_folder, organisation=organisation.name, timezone=organisation.timezone)


def _engine(path: Path, clock: Clock, **changes: Any) -> Engine:
    settings = settings_for(path.parent, NOWHERE, database={"url": f"sqlite:///{path}"}, **changes)
    store = Store(settings.database_url, clock=clock.now)
    broadcasts = Broadcasts(store, _playbooks(), settings)
    parts = app.Parts(settings, store, _playbooks(), broadcasts, Board(store, _playbooks(), settings))
    no_imitations: Any = None
    return Engine(parts, clock, no_imitations)
