"""
What is still owed: who may work on it now, and what it becomes.

    claim     take what is due: raise the fence, start the lease, prove the words, open the attempt
    settle    close the attempt, ask the protocol, write what comes next, and go straight on if that is now
    overdue   tell a person about what has no receipt after a minute
    tidy      make due what ended deliveries may have left lying about

A claim is one transaction, and so is each settling. Between them, and only there, the outside is called.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import Row as SqlRow
from sqlalchemy import bindparam, select

from broadcaster import audit, gallery, ledger, leftovers, letterbox, overdue, stop
from broadcaster.audit import Event
from broadcaster.beginning import release, too_late
from broadcaster.channels import Outcome, Post, Reason, Step
from broadcaster.clock_steps import Number, Steps
from broadcaster.errors import Forged, LostLease
from broadcaster.ledger import Row
from broadcaster.letters import Has
from broadcaster.order import ENDING_LIFE, Turn
from broadcaster.picture import Picture
from broadcaster.proof import Proof, load_snapshot
from broadcaster.protocol import before_call, looking_step, next_step
from broadcaster.settings import Delivery
from broadcaster.standing import ENDED, Next, Policy, State
from broadcaster.store import Store, Transaction
from broadcaster.tables import delivery as delivery_table
from broadcaster.tables import incident as incident_table
from broadcaster.tables import message as message_table
from broadcaster.turns import has_successor, turn_of

#: A delivery that so many workers died holding is left to a person: it may be what kills them.
DEATHS_MAX = 3
#: Due rows looked at in one claim.
SCAN_MAX = 1000
#: Steps that carry words, or make recorded words public; nothing else can say anything new.
SPEAKING = frozenset({Step.PUT, Step.DRAFT, Step.PUBLISH, Step.POST, Step.EDIT, Step.SEND})
_DUE = (
    select(delivery_table)
    .where(delivery_table.c.next_attempt_at <= bindparam("by_now"))
    .order_by(delivery_table.c.next_attempt_at, delivery_table.c.id)
    .limit(SCAN_MAX)  # more than are claimed: those that wait for their turn must not hide those they wait for
    .with_for_update(skip_locked=True)  # nothing on SQLite, where BEGIN IMMEDIATE does it
)
_LOCKED = select(delivery_table).where(delivery_table.c.id == bindparam("its_id")).with_for_update()
_SAID = (
    select(message_table.c.accepted_at, message_table.c.playbook_digest)
    .add_columns(incident_table.c.ref, incident_table.c.closed_at)
    .join_from(message_table, incident_table)
    .where(message_table.c.id == bindparam("its_id"))
)


@dataclass(frozen=True)
class Claim:
    """The right to make one call. `fence` is what every later write has to name; `until` ends the right."""

    delivery_id: str
    fence: int
    attempt_id: str
    step: Step
    channel: str
    mode: str
    post: Post
    lease_s: float


class _Unworkable(Exception):
    """A due row breaks the rules themselves; nothing of the transaction that met it is kept."""

    def __init__(self, delivery_id: str, why: str) -> None:
        super().__init__(why)
        self.delivery_id, self.why = delivery_id, why


class Outbox:
    """What is owed in `store`. `luck` returns numbers in [0, 1) that spread repeats, `steps` follows the clock."""

    def __init__(self, store: Store, rules: Delivery, proof: Proof, *, luck: Number, steps: Steps) -> None:
        self.store, self.rules, self.proof, self.luck, self.steps = store, rules, proof, luck, steps
        self._choices: dict[str, Literal["silence", "duplicate"]] = {}  # by playbook digest, so never stale

    def claim(self, worker: str, limit: int = 32) -> list[Claim]:
        """Take at most `limit` deliveries that are due and whose turn it is.

        A row that cannot be worked on at all is set aside for a person, so that it never holds up the others.
        """
        while True:
            try:
                with self.store.transaction() as transaction:
                    return self._claim_due(transaction, worker, limit)
            except _Unworkable as broken:
                self._set_aside(broken)

    def settle(self, claim: Claim, got: Outcome, worker: str) -> Claim | None:
        """Settle one answer, as `settle_all` does."""
        return self.settle_all([(claim, got)], worker)[0]

    def settle_all(self, answers: Sequence[tuple[Claim, Outcome]], worker: str) -> tuple[Claim | None, ...]:
        """Record what calls brought back and what comes next; return the next calls that are due at once.

        All in one transaction: one commit where twenty channels answer at once. When a delivery has been superseded or
        taken over meanwhile, only the call's own result is recorded.
        """
        wanted = select(delivery_table).where(delivery_table.c.id.in_([claim.delivery_id for claim, _ in answers]))
        # Deliveries first and in this order, as a claim and a superseding message take them: no deadlock.
        locked = wanted.order_by(delivery_table.c.number, delivery_table.c.id).with_for_update()
        with self.store.transaction() as transaction:
            self.steps.follow(transaction)
            rows = {row["id"]: dict(row) for row in transaction.execute(locked).mappings().all()}
            return tuple(
                self._settle(transaction, rows[claim.delivery_id], claim, got, worker) for claim, got in answers
            )

    def overdue(self) -> int:
        """Tell of what has waited too long, and of a task before its deadline; return how many waited too long."""
        with self.store.transaction() as transaction:
            overdue.remind(transaction)
            return overdue.tell(transaction, self.rules.alarm_after_s)

    def tidy(self) -> int:
        """Make due what has to be looked for behind ended deliveries; return how many need it."""
        with self.store.transaction() as transaction:
            quiet_s = self.steps.quiet_s(transaction)
            return leftovers.owe(transaction, quiet_s) if quiet_s else 0

    def _settle(self, transaction: Transaction, row: Row, claim: Claim, got: Outcome, worker: str) -> Claim | None:
        if not ledger.close_attempt(transaction, claim.attempt_id, got):
            return None
        if row["way"] == "letter":
            letterbox.close(transaction, row, claim.attempt_id, got, self._policy(transaction, row), self.luck())
        if row["fence"] != claim.fence:
            return None
        after = self._advance(transaction, {**row, "deaths": 0}, got)
        due = after["next_attempt_at"]
        if due is None or due > transaction.now:
            return None
        return self._claim(transaction, after, worker)

    def _claim_due(self, transaction: Transaction, worker: str, limit: int) -> list[Claim]:
        self.steps.follow(transaction)
        claims: list[Claim] = []
        for row in transaction.execute(_DUE, {"by_now": transaction.now}).mappings().all():
            if len(claims) >= limit:
                break
            try:
                claim = self._claim(transaction, dict(row), worker)
            except (LookupError, TypeError, ValueError, AttributeError, LostLease) as error:
                raise _Unworkable(row["id"], f"{type(error).__name__}: {error}") from error
            if claim is not None:
                claims.append(claim)
        return claims

    def _set_aside(self, broken: "_Unworkable") -> None:
        """Give a row that no rule can read, because somebody altered it, to a person."""
        with self.store.transaction() as transaction:
            row = dict(transaction.execute(_LOCKED, {"its_id": broken.delivery_id}).mappings().one())
            self._stop_forged(transaction, row, broken.why[:200])

    def _claim(self, transaction: Transaction, row: Row, worker: str) -> Claim | None:
        """Make `row` ours and open its next call, unless something has to be settled or waited for first."""
        last = ledger.last_attempt(transaction, row["id"]) if row["lease_by"] is not None else None
        if ledger.is_running(row, last, transaction.now):
            return None
        if row["lease_by"] is not None:
            row = self._take_over(transaction, row, last)
        if row["next_attempt_at"] is None or row["next_attempt_at"] > transaction.now:
            return None
        changed = self._overruled(transaction, row)
        if changed is not None:
            row = _apply(transaction, row, changed)
            if row["next_attempt_at"] is None or row["next_attempt_at"] > transaction.now:
                return None
        if State(row["state"]) in ENDED:
            if row["way"] == "upsert" and has_successor(transaction, row):
                ledger.change(transaction, row, step=None, next_attempt_at=None)  # a last look would bring it back
                return None
        else:
            match turn_of(transaction, row):
                case Turn.WAIT:
                    return None
                case Turn.SKIP if not row["ever_unsure"]:  # else it may stand there: it went while that seemed right
                    letterbox.end(transaction, row["id"], Has.DROPPED)
                    ledger.apply(transaction, row, Next(State.SKIPPED, remote_id=row["remote_id"]))
                    return None
        return self._open(transaction, row, worker)

    def _open(self, transaction: Transaction, row: Row, worker: str) -> Claim | None:
        held = row["step"] is None  # by its message, and it takes no call: our own page, a person's task
        prove = self.proof.check_whole if held or Step(row["step"]) in SPEAKING else self.proof.check_place
        try:
            prove(transaction, row)
        except Forged as error:
            self._stop_forged(transaction, row, str(error))
            return None
        if held:
            release(transaction, row, _said(transaction, row).ref, self.proof)
            return None
        whom = letterbox.open_next(transaction, row) if row["way"] == "letter" else None
        if row["way"] == "letter" and whom is None:
            return None
        whose, lease_s = whom[0].number if whom else None, self.rules.lease_s
        row, attempt_id = ledger.open_attempt(transaction, row, worker, lease_s, whose)
        if whom:
            letterbox.begin(transaction, row, whom[0], attempt_id)
        return Claim(
            delivery_id=row["id"],
            fence=row["fence"],
            attempt_id=attempt_id,
            step=Step(row["step"]),
            channel=row["channel"],
            mode=row["mode"],
            post=replace(self._post(transaction, row), letter=whom[1] if whom else None),
            lease_s=lease_s,
        )

    def _advance(self, transaction: Transaction, row: Row, got: Outcome) -> Row:
        """Apply an answer to the row under its own fence."""
        if row["way"] == "letter":  # what the answer means for its recipient is written down already
            found = letterbox.stand(transaction, row)
            return _apply(transaction, row, found, got if got.reason is found.reason else None)
        policy = self._policy(transaction, row)
        found = next_step(ledger.standing_of(row), got, transaction.now, policy, self.luck())
        return _apply(transaction, row, found, got)

    def _take_over(self, transaction: Transaction, row: Row, last: ledger.Attempt | None) -> Row:
        """Settle what the last holder left: its worker died, or it was superseded while its call ran."""
        if last is None:
            raise LostLease(f"Bug! {row['id']} has a lease and no attempt")
        row, got = ledger.change(transaction, row, fence=row["fence"] + 1), last.outcome()
        if last.fact is None:
            ledger.close_attempt(transaction, last.id, got)
            row = ledger.change(transaction, row, deaths=row["deaths"] + 1)
            audit.record(transaction, Event.DELIVERY_TAKEN_OVER, delivery=row["id"], deaths=row["deaths"])
        row = {**row, "state": ledger.state_before(row)}
        if row["way"] == "letter":
            letterbox.close(transaction, row, last.id, got, self._policy(transaction, row), self.luck())
            if row["deaths"] >= DEATHS_MAX:
                letterbox.give_up(transaction, row["id"], Reason.WORKERS_DIED)
            return self._advance(transaction, row, got)
        if row["intent"] == "withdraw" and last.intent != "withdraw" and State(row["state"]) not in ENDED:
            return self._pursue(transaction, row, last, got)
        if row["deaths"] >= DEATHS_MAX:
            if last.fact is None and last.can_publish:
                row = {**row, "unsure_since": row["unsure_since"] or transaction.now, "unsure_last": transaction.now}
            return _apply(transaction, row, ledger.for_a_person(row, Reason.WORKERS_DIED), got)
        if State(row["state"]) in ENDED and row["step"] != str(last.step):  # ended since; that work is not resumed
            return ledger.change(transaction, row, lease_until=None, lease_by=None)
        return self._advance(transaction, {**row, "step": str(last.step)}, got)

    def _pursue(self, transaction: Transaction, row: Row, last: ledger.Attempt, got: Outcome) -> Row:
        """Begin to withdraw what was superseded while its call ran, now that the call has ended."""
        remote_id = last.remote_id or row["remote_id"]
        unsure = row["unsure_since"] is not None or (last.can_publish and got.fact.value in ("done", "uncertain"))
        now = transaction.now
        shown = unsure or row["receipt"] is not None
        if not shown and (remote_id is None or row["way"] == "upsert"):
            return ledger.apply(transaction, row, Next(State.SUPERSEDED))
        step = Step.WITHDRAW if remote_id or row["way"] == "upsert" else looking_step(row["way"], None)
        since = (row["unsure_since"] or now) if unsure else None
        state = State.UNCERTAIN if shown else State.SUPERSEDED
        found = Next(
            state, step, now, remote_id, unsure_since=since, unsure_last=now if unsure else None, progress=True
        )
        return ledger.apply(transaction, row, found)

    def _stop_forged(self, transaction: Transaction, row: Row, why: str) -> None:
        letterbox.give_up(transaction, row["id"], Reason.FORGED)
        audit.record(transaction, Event.DELIVERY_FORGED, delivery=row["id"], channel=row["channel"], why=why)
        ledger.apply(transaction, row, ledger.for_a_person(row, Reason.FORGED))

    def _overruled(self, transaction: Transaction, row: Row) -> Next | None:
        """Return what overrules the call that is due because its time has passed, or None if it may be made."""
        if row["way"] == "letter":
            return letterbox.too_late(transaction, row)
        if row["step"] is None:
            return too_late(row, transaction.now)
        return before_call(ledger.standing_of(row), transaction.now, self._policy(transaction, row))

    def _policy(self, transaction: Transaction, row: Row) -> Policy:
        digest = _said(transaction, row).playbook_digest
        if digest not in self._choices:
            self._choices[digest] = "silence"
            with suppress(Forged):
                chosen = load_snapshot(transaction, digest).if_unsure
                self._choices[digest] = "duplicate" if chosen == "duplicate" else "silence"
        return Policy(self.rules.grace_s, self.rules.decide_after_s, self._choices[digest])

    def _post(self, transaction: Transaction, row: Row) -> Post:
        one = _said(transaction, row)
        pictures, left_out = self._pictures(transaction, row)
        return Post(
            object_uuid=row["object_id"],
            incident=one.ref,
            mark=f"{one.ref}/{row['number']}",
            language=row["language"],
            revision=row["revision"],
            words=row["words"],
            mode=row["mode"],
            starts_at=one.accepted_at,
            expires_at=max(one.accepted_at, one.closed_at) + ENDING_LIFE if one.closed_at else None,
            remote_id=row["remote_id"],
            slug=one.ref.lower(),
            link=self.proof.link(one.ref, row["mode"]),
            pictures=pictures,
            left_out=left_out,
        )

    def _pictures(self, transaction: Transaction, row: Row) -> tuple[tuple[Picture, ...], int]:
        """Return the pictures for a call that makes a new object, and how many of those approved it goes without.

        Where such a call ended in doubt, or workers died in it, the pictures may be why: then the words go alone.
        """
        if Step(row["step"]) not in ledger.MAKING:
            return (), 0
        approved = self.proof.pictures(transaction, row)
        suspect = approved and (row["deaths"] >= DEATHS_MAX - 1 or ledger.was_doubted(transaction, row["id"]))
        found = () if suspect else gallery.with_bytes(transaction, approved)
        return found, len(approved) - len(found)


def _said(transaction: Transaction, row: Row) -> SqlRow[Any]:
    """Return what a call has to know of the delivery's message; read once, it does not change in a transaction."""
    known: dict[str, SqlRow[Any]] = transaction.notes.setdefault("outbox", {})
    found = known.get(row["message_id"])
    if found is None:
        found = known[row["message_id"]] = transaction.execute(_SAID, {"its_id": row["message_id"]}).one()
    return found


def _apply(transaction: Transaction, row: Row, found: Next, got: Outcome | None = None) -> Row:
    """Write what it became. A task whose place a newer message has taken is nobody's, but for a post that corrects."""
    stays = row["phase"] == "correction" and row["way"] != "upsert"
    task = found.state is State.NEEDS_PERSON and row["intent"] == "publish" and not stays
    if not task or not has_successor(transaction, row):
        after = ledger.apply(transaction, row, found, got)
        if found.state is State.EXPIRED and row["way"] == "upsert":
            stop.uncover(transaction, after)
        return after
    after = ledger.apply(transaction, row, replace(found, state=State.SUPERSEDED, tell=False), got)
    stop.take_back(transaction, after)
    return ledger.read(transaction, row["id"])
