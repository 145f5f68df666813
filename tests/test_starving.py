"""Disks that fill up or break under the running service: what was accepted stays, and the rest is refused aloud."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from kills.load import Load
from kills.nursery import Nursery
from kills.run import finish, unfinished
from kills.stage import RULES, Stage
from kills.starving import FAILURES, Nth, no_room_beyond
from kills.tally import count
from running import eventually
from sqlalchemy import select

from broadcaster.tables import delivery as delivery_table
from broadcaster.tables import idempotency as idempotency_table

FIRST = {"playbook": "telefoni-1177", "phase": "first", "mode": "live", "again": True}
PAGE = 4096


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Return a stage on SQLite, where the service's own disk is the database's."""
    with Stage(tmp_path, f"sqlite:///{tmp_path / 'broadcaster.db'}", rules={**RULES, "grace_s": 2.0}) as made:
        yield made


def check(stage: Stage, load: Load, nursery: Nursery) -> None:
    """Everything accepted arrives, once; nothing that was not accepted is there; nobody ended by itself."""
    finish(stage, load)
    nursery.look()
    tally = count(stage.store, stage.shown(), load.told, load.seed, nursery.kills)
    said = "\n".join([tally.line(), *tally.faults, *load.refused, *map(str, nursery.died)])
    assert tally.clean and load.refused == [] and nursery.died == [], said


def test_a_log_that_cannot_be_written_stops_no_message(stage: Stage) -> None:
    """The disk of the log is full: messages go out as ever, and nobody has to be told."""
    (stage.folder / "output.txt").symlink_to("/dev/full")
    load = Load(stage, seed=1)
    with Nursery(stage, 1, 1) as nursery, load.connect() as http:
        assert load.send(http, "/messages", FIRST, "one") is not None
        eventually("everything to be done", lambda: unfinished(stage, now=True) == 0)
        assert states(stage) == {"published"}
        check(stage, load, nursery)


def test_a_full_disk_refuses_new_messages_aloud_and_keeps_what_was_accepted(stage: Stage) -> None:
    """However little room is left: a refusal says so and leaves nothing behind; with room again everything goes on."""
    load = Load(stage, seed=2)
    with Nursery(stage, 1, 1) as nursery, load.connect() as http:
        assert load.send(http, "/messages", FIRST, "before") is not None
        for pages in (0, 1, 2, 3, 5, 8):
            fill_up(stage, nursery, load, http, pages)
        check(stage, load, nursery)


def fill_up(stage: Stage, nursery: Nursery, load: Load, http: httpx.Client, pages: int) -> None:
    """Send more than fits into so many pages; then, with room again, ask again with the same keys."""
    before, names = keys(stage), [f"full-{pages}-{number}" for number in range(6)]
    size = (stage.folder / "broadcaster.db").stat().st_size
    with no_room_beyond(size + pages * PAGE, [nursery.pid("web-1"), nursery.pid("worker-1")]):
        answers = {name: asked(stage, http, name) for name in names}
        refused = [one for one in answers.values() if one.status_code != 202]
        assert refused, "six messages cannot have fitted"
        for one in refused:
            assert one.status_code in (500, 503), one.text
            assert one.headers["content-type"] == "application/problem+json"
        assert httpx.get(f"{stage.base}/healthz", trust_env=False, timeout=20).status_code == 200
        accepted = {name for name, one in answers.items() if one.status_code == 202}
        assert keys(stage) == before | accepted, "a refused message must leave nothing behind"
    for name in names:
        assert load.send(http, "/messages", FIRST, name) is not None


@pytest.mark.torture
@pytest.mark.parametrize(("calls", "error"), FAILURES)
def test_the_nth_call_that_fails_loses_and_doubles_nothing(stage: Stage, calls: str, error: str) -> None:
    """For n = 1, 2, 3 … until a message passes untouched: what was acknowledged is stored, and arrives once."""
    longest = int(os.environ.get("TORTURE_CALLS", "50"))
    load, failed = Load(stage, seed=3), 0
    with Nursery(stage, 1, 1, one_thread=True) as nursery, load.connect() as http:
        assert load.send(http, "/messages", FIRST, "before") is not None
        for nth in range(1, longest + 1):
            eventually("everything to be done", lambda: unfinished(stage, now=True) == 0)
            whom = [nursery.pid("web-1"), nursery.pid("worker-1")]
            journal = stage.folder / "broadcaster.db-journal"
            with Nth(calls, error, nth, stage.folder / "strace.txt", journal).of(whom) as fault:
                assert load.send(http, "/messages", FIRST, f"{calls[:5]}-{error}-{nth}") is not None, load.refused
                eventually("everything to be done", lambda: unfinished(stage, now=True) == 0)
            failed += fault.failed()
            if not fault.failed():
                break
        check(stage, load, nursery)
    print(f"{calls} {error}: {failed} calls failed, n up to {nth}")  # noqa: T201 - what a torture run is read by
    assert failed > 0


def asked(stage: Stage, http: httpx.Client, key: str) -> httpx.Response:
    """Ask once; an answer is promised also when the disk is full."""
    return http.post(f"{stage.base}/api/v1/messages", json=FIRST, headers={"idempotency-key": key})


def states(stage: Stage) -> set[str]:
    with stage.store.reading() as transaction:
        return set(transaction.execute(select(delivery_table.c.state)).scalars().all())


def keys(stage: Stage) -> set[str]:
    with stage.store.reading() as transaction:
        found: list[Any] = list(transaction.execute(select(idempotency_table.c.key)).scalars().all())
        return set(found)
