"""
Slowing down whoever guesses, in the database, so that all processes count together.

Nobody is ever locked out: a wait is at most a minute and belongs to where the attempts come from. Against one
name from many places at once there is only a mild limit, because a harder one would let a stranger keep the
duty communicator out.
"""

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Literal

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from broadcaster.store import Transaction
from broadcaster.tables import throttle

Curve = Literal["doubling", "shared", "mild"]

#: Slips everybody makes; none of them is slowed down.
FREE_FAILURES = 3
DELAY_MAX_S = 60.0
#: A whole hospital may share one address: a stranger in it must not keep the duty communicator out for long.
SHARED_DELAY_MAX_S = 5.0
#: One name tried from many addresses: from here on one attempt a second is heard, whoever makes it.
MILD_AFTER = 20
MILD_DELAY_S = 1.0
#: So long after the last wait has ended, earlier failures count no more.
FORGET_S = 3600.0
_SWEEP_ROWS = 100


@dataclass(frozen=True, order=True)
class Subject:
    """One thing that is slowed down. `key` holds no name and no address, only their hash."""

    key: str
    curve: Curve


def subjects(name: str, address: str) -> tuple[Subject, ...]:
    """Return what an attempt to sign in as `name` from `address` counts for, in the order it is locked."""
    place = neighbourhood(address)
    return tuple(
        sorted(
            (
                Subject(_key("sign-in:pair", name, place), "doubling"),
                Subject(_key("sign-in:address", place), "shared"),
                Subject(_key("sign-in:name", name), "mild"),
            )
        )
    )


def stranger(what: str, address: str) -> tuple[Subject, ...]:
    """Return what a wrong `what` from `address` counts for; whoever has the right one is never asked to wait."""
    return (Subject(_key(f"{what}:address", neighbourhood(address)), "shared"),)


def wait_s(transaction: Transaction, of: Iterable[Subject]) -> int:
    """Return after how many whole seconds the next attempt is heard; 0 now."""
    free_at: datetime | None = transaction.execute(
        select(throttle.c.free_at)
        .where(throttle.c.subject.in_([subject.key for subject in of]))
        .order_by(throttle.c.free_at.desc())
        .limit(1)
    ).scalar_one_or_none()
    if free_at is None:
        return 0
    left_s: float = (free_at - transaction.now).total_seconds()
    return max(0, math.ceil(left_s))


def failed(transaction: Transaction, of: Iterable[Subject]) -> None:
    """Count one failure for each of `of` and make the next attempt wait accordingly."""
    stale = transaction.now - timedelta(seconds=FORGET_S)
    for subject in of:
        count = throttle.c.failures
        upsert = _insert(transaction, subject.key, 1, 0.0).on_conflict_do_update(
            index_elements=[throttle.c.subject],
            set_={"failures": case((throttle.c.free_at < stale, 1), else_=count + 1)},
        )
        failures: int = transaction.execute(upsert.returning(count)).scalar_one()
        free_at = transaction.now + timedelta(seconds=delay_s(subject.curve, failures))
        transaction.execute(update(throttle).where(throttle.c.subject == subject.key).values(free_at=free_at))
    _sweep(transaction)


def cleared(transaction: Transaction, of: Iterable[Subject]) -> None:
    """Forget every failure of `of`: the real person has come."""
    transaction.execute(delete(throttle).where(throttle.c.subject.in_([subject.key for subject in of])))


def is_noted(transaction: Transaction, what: str, who: str) -> bool:
    """Tell, without writing, whether the last `what` of `who` is so near that `first_in` would say no."""
    row = select(throttle.c.free_at).where(throttle.c.subject == _key(what, who))
    free_at: datetime | None = transaction.execute(row).scalar_one_or_none()
    return free_at is not None and free_at > transaction.now


def first_in(transaction: Transaction, what: str, who: str, period_s: float) -> bool:
    """Tell whether this is the first `what` of `who` for `period_s`; the period then begins."""
    upsert = _insert(transaction, _key(what, who), 0, period_s)
    upsert = upsert.on_conflict_do_update(
        index_elements=[throttle.c.subject],
        set_={"free_at": upsert.excluded.free_at},
        where=throttle.c.free_at <= transaction.now,
    )
    first = transaction.execute(upsert.returning(throttle.c.subject)).one_or_none() is not None
    _sweep(transaction)
    return first


def delay_s(curve: Curve, failures: int) -> float:
    """Return how long the attempt after `failures` failures in a row waits."""
    if curve == "mild":
        return MILD_DELAY_S if failures >= MILD_AFTER else 0.0
    if failures <= FREE_FAILURES:
        return 0.0
    longest = SHARED_DELAY_MAX_S if curve == "shared" else DELAY_MAX_S
    return min(longest, 2.0 ** min(failures - FREE_FAILURES - 1, 16))


def neighbourhood(address: str) -> str:
    """Return the address that counts for `address`: an IPv6 customer owns a whole /64."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed.packed, 64), strict=False))


def _key(kind: str, *parts: str) -> str:
    joined = "\0".join(parts).encode("utf-8", "backslashreplace")
    return f"{kind}:{hashlib.sha256(joined).hexdigest()}"


def _insert(
    transaction: Transaction, key: str, failures: int, free_in_s: float
) -> postgresql.Insert | sqlite.Insert:
    make = postgresql.insert if transaction.connection.dialect.name == "postgresql" else sqlite.insert
    free_at = transaction.now + timedelta(seconds=free_in_s)
    return make(throttle).values(subject=key, failures=failures, free_at=free_at)


def _sweep(transaction: Transaction) -> None:
    """Delete some forgotten rows, leaving those another transaction holds, so that the table stays small."""
    stale = transaction.now - timedelta(seconds=FORGET_S)
    old = (
        select(throttle.c.subject)
        .where(throttle.c.free_at < stale)
        .order_by(throttle.c.subject)
        .limit(_SWEEP_ROWS)
        .with_for_update(skip_locked=True)
    )
    transaction.execute(delete(throttle).where(throttle.c.subject.in_(old)))
