"""Three web and two worker nodes on one PostgreSQL: any one of them may die in the middle of a send."""

import contextlib
import json
import os
import random
import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import dropwhile
from typing import Any

import httpx
import psycopg
import pytest
from kills.load import Load, Told
from kills.nodes import Node, Nodes
from kills.run import finish
from kills.stage import Stage
from kills.tally import count
from kills.weather import weather
from running import PATIENCE_S, eventually
from sqlalchemy import Row, func, select
from sqlalchemy.engine import make_url

from broadcaster import app
from broadcaster import settings as settings_module
from broadcaster.auth.client import person_client
from broadcaster.tables import attempt as attempt_table
from broadcaster.tables import delivery as delivery_table
from broadcaster.tables import message as message_table

FIRST = {"playbook": "telefoni-1177", "phase": "first", "mode": "live", "again": True}
LEASE_S = 3.0
#: Long enough to be caught in the middle, shorter than a call may take.
SLOW = [{"on": "POST /{post}", "do": "slow:1.0", "times": 1}]
EVERYBODY = ("web-1", "web-2", "web-3", "worker-1", "worker-2")


@pytest.fixture(scope="module")
def stage(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Return a stage on a database of its own."""
    with psycopg.connect(postgresql.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS nodes WITH (FORCE)")
        connection.execute("CREATE DATABASE nodes")
    rules = {"lease_s": LEASE_S, "call_timeout_s": 1.8, "grace_s": 3.0, "allow_short_grace": True}
    address = make_url(postgresql).set(database="nodes").render_as_string(hide_password=False)
    with Stage(tmp_path_factory.mktemp("nodes"), address, rules=rules) as made:
        yield made


@pytest.fixture(scope="module")
def nodes(stage: Stage) -> Iterator[Nodes]:
    """Return the five nodes, all up; they live through every test of this file."""
    with Nodes(stage, 3, 2) as made:
        yield made


@pytest.fixture(scope="module")
def load(stage: Stage, nodes: Nodes) -> Load:
    """Return a client of the three webs."""
    return Load(stage, seed=3)


@pytest.fixture
def http(load: Load) -> Iterator[httpx.Client]:
    with load.connect() as made:
        yield made


@pytest.mark.parametrize("name", [one for one in EVERYBODY if one.startswith("worker")])
def test_a_worker_node_that_dies_in_the_middle_of_a_call_is_succeeded_by_the_other(
    name: str, stage: Stage, nodes: Nodes, load: Load, http: httpx.Client
) -> None:
    """Facebook is thinking when the node dies; the other waits out the lease, finds out, and the page shows it once."""
    victim = nodes.named(name)
    dead, following = killed_in_a_call(victim, stage, nodes, load, http)
    waited = following.opened_at - (dead.opened_at + timedelta(seconds=LEASE_S))
    print(f"{name}: taken over {waited.total_seconds():.3f} s after the lease ended")  # noqa: T201 - a measurement
    assert following.worker != dead.worker
    assert waited >= timedelta(0), "nobody may touch it while its call could still be running"
    victim.start()
    nodes.wait()
    check(stage, load)


@pytest.mark.parametrize("name", [one for one in EVERYBODY if one.startswith("web")])
def test_a_web_node_that_dies_after_the_commit_is_answered_for_by_the_others(
    name: str, stage: Stage, nodes: Nodes, load: Load, http: httpx.Client
) -> None:
    """The client asks the next node with the same key, and gets the answer the dead one was about to give."""
    victim, before = nodes.named(name), messages(stage)
    with begun(victim, stage.key, f"lost-{name}"):
        eventually("the message to be committed", lambda: messages(stage) == before + 1)
        victim.kill()
    message = sent(load, http, f"lost-{name}")
    assert messages(stage) == before + 1
    eventually("every channel to be published", lambda: published(stage, message))
    victim.start()
    nodes.wait()
    check(stage, load)


def test_a_ring_from_any_web_node_is_heard_everywhere(
    stage: Stage, nodes: Nodes, load: Load, http: httpx.Client
) -> None:
    """Whoever listens on the database hears of a message the moment it is committed, whichever node took it."""
    for node in nodes.webs:
        with psycopg.connect(stage.database_url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("LISTEN broadcaster_owed")
            asked = {"authorization": f"Bearer {stage.key}", "idempotency-key": f"ring-{node.name}"}
            answer = httpx.post(f"{node.base}/api/v1/messages", json=FIRST, headers=asked, trust_env=False, timeout=60)
            assert answer.status_code == 202
            load.told.append(Told("/messages", FIRST, f"ring-{node.name}", answer.content, answer.json()["id"]))
            heard = list(connection.notifies(timeout=PATIENCE_S, stop_after=1))
            assert [one.channel for one in heard] == ["broadcaster_owed"]
    check(stage, load)


def test_a_message_that_nobody_was_rung_for_is_found_by_the_sweep(stage: Stage, nodes: Nodes, load: Load) -> None:
    """The ring is only a hint: what is committed behind the backs of all nodes goes out all the same."""
    parts = app.build(settings_module.load(stage.environ), ring=lambda: None)
    answer = parts.broadcasts.send(FIRST, person_client("anna", ("sender",)), "nobody-rang")
    parts.store.close()
    load.told.append(Told("/messages", FIRST, "nobody-rang", answer.body, answer.json["id"]))
    eventually("the sweep to find it", lambda: published(stage, answer.json))
    check(stage, load)


@pytest.mark.torture
def test_killing_real_nodes_at_random_under_load_loses_and_doubles_nothing(
    stage: Stage, nodes: Nodes, load: Load
) -> None:
    """For as long as TORTURE_SECONDS says: any of the five dies in whatever it does, and is started again."""
    seconds = float(os.environ.get("TORTURE_SECONDS", "120"))
    seed = int(os.environ.get("TORTURE_SEED", str(random.SystemRandom().randrange(10**6))))
    chance, busy, kills = random.Random(seed), Load(stage, seed, told=load.told), 0
    busy.start()
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        busy.check()
        stage.script(weather(chance))
        time.sleep(chance.uniform(0.2, 1.5))
        node = chance.choice([*nodes.webs, *nodes.workers])
        node.kill()
        node.start()
        kills += 1
    busy.stop()
    stage.script({})
    nodes.wait()
    finish(stage, busy)
    tally = count(stage.store, stage.shown(), busy.told, seed, kills)
    said = "\n".join([tally.line(), *tally.faults, *busy.refused])
    print(said)  # noqa: T201 - the one line a torture run is read by
    assert tally.clean and busy.refused == [], said


def killed_in_a_call(
    victim: Node, stage: Stage, nodes: Nodes, load: Load, http: httpx.Client
) -> tuple[Row[Any], Row[Any]]:
    """Kill a worker node while it publishes a post; return that call, and the next one for the same post."""
    for number in range(40):  # the two race for every message, so each gets its share of them
        stage.script({"facebook": SLOW})
        message = sent(load, http, f"{victim.name}-{number}")
        held = eventually("the publish call to be under way", partial(publishing, stage, message))[0]
        mine = held.worker.endswith(f":{victim.process.pid}")
        if mine:
            victim.kill()
        eventually("everything to be published", partial(published, stage, message))
        dead, following = publishing(stage, message)[:2]
        if mine and dead.fact == "uncertain":
            return dead, following
        if mine:  # on a slow machine the call may have ended before the kill
            victim.start()
            nodes.wait()
    pytest.fail(f"{victim.name} never had a call to be killed in")


def check(stage: Stage, load: Load) -> None:
    """Everything that any client was told so far is in the database and, once, where the public looks."""
    finish(stage, load)
    tally = count(stage.store, stage.shown(), load.told, load.seed, kills=0)
    assert tally.clean and load.refused == [], "\n".join([tally.line(), *tally.faults, *load.refused])


def sent(load: Load, http: httpx.Client, key: str) -> dict[str, Any]:
    message = load.send(http, "/messages", FIRST, key)
    assert message is not None, load.refused
    return message


@contextlib.contextmanager
def begun(node: Node, key: str, idempotency_key: str) -> Iterator[None]:
    """Send a whole request to a node, and read no answer."""
    body = json.dumps(FIRST)
    head = (
        f"POST /api/v1/messages HTTP/1.1\r\nHost: 127.0.0.1:{node.port}\r\nAuthorization: Bearer {key}\r\n"
        f"Idempotency-Key: {idempotency_key}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", node.port)) as client:
        client.sendall((head + body).encode())
        yield


def messages(stage: Stage) -> int:
    with stage.store.reading() as transaction:
        return int(transaction.execute(select(func.count()).select_from(message_table)).scalar_one())


def published(stage: Stage, message: dict[str, Any]) -> bool:
    mine = select(delivery_table.c.state).where(delivery_table.c.message_id == message["id"])
    with stage.store.reading() as transaction:
        return set(transaction.execute(mine).scalars().all()) == {"published"}


def publishing(stage: Stage, message: dict[str, Any]) -> list[Row[Any]]:
    """Return the calls that were made for the message's post, from the one that publishes it on."""
    mine = (
        select(attempt_table)
        .join(delivery_table)
        .where((delivery_table.c.message_id == message["id"]) & (delivery_table.c.channel == "facebook"))
        .order_by(attempt_table.c.number)
    )
    with stage.store.reading() as transaction:
        calls = transaction.execute(mine).all()
    return list(dropwhile(lambda one: one.step != "publish", calls))
