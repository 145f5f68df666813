"""What the real processes survive: `kill -9` of either, at the worst moment."""

import os
import random
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from running import Running, eventually
from sqlalchemy import func, select

from broadcaster import audit
from broadcaster.sandbox import Sandbox
from broadcaster.tables import message as message_table

BODY = {"playbook": "telefoni-1177", "phase": "first", "mode": "live", "again": True}


@pytest.fixture
def imitation() -> Iterator[str]:
    """Return the address of running imitation services that live by the real clock."""
    services = Sandbox(port=0)
    yield services.start()
    services.close()


@pytest.fixture
def running(imitation: str, database_url: str, tmp_path: Path) -> Iterator[Running]:
    """Return the real processes, ready."""
    service = Running(tmp_path, imitation, database_url)
    try:
        service.wait_ready()
        yield service
    finally:
        service.close()


def all_published(service: Running, message_id: str) -> bool:
    states = service.states(message_id)
    return bool(states) and set(states.values()) == {"published"}


def test_a_worker_killed_in_the_middle_of_a_send_comes_back_and_everything_arrives_once(running: Running) -> None:
    """`kill -9` while Facebook is thinking: the next worker finds out what happened and the page shows it once."""
    running.script(facebook=[{"on": "POST /{post}", "do": "slow:1.2", "times": 1}])
    message = running.call("POST", "/messages", key="one", body=BODY).json()
    sending = {"facebook.sv": "sending"}.items()
    eventually("the publish call to be under way", lambda: sending <= running.states(message["id"]).items())
    killed = running.pid("worker")
    os.kill(killed, signal.SIGKILL)
    eventually("every channel to be published", lambda: all_published(running, message["id"]))
    assert running.pid("worker") != killed
    assert len(running.posts()) == 1
    assert isinstance(audit.verify(running.store), int)


def test_a_web_process_killed_between_commit_and_answer_gives_the_first_answer_when_asked_again(
    running: Running,
) -> None:
    """The client never saw its 202; with the same key it gets that 202, and nothing is sent twice."""
    web = running.pid("web")
    request = (
        f"POST /api/v1/messages HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\nAuthorization: Bearer {running.key}\r\n"
        'Idempotency-Key: lost-answer\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}'
    )
    text = '{"playbook":"telefoni-1177","phase":"first","mode":"live"}'
    with socket.create_connection(("127.0.0.1", running.port)) as client:
        client.sendall(request.format(len(text), text).encode())
        eventually("the message to be committed", lambda: count_messages(running) == 1)
        os.kill(web, signal.SIGKILL)
    again = eventually("an answer to the same key", lambda: answer(running, "lost-answer", {**BODY, "again": None}))
    assert again.status_code == 202
    assert again.headers["idempotency-replayed"] == "true"
    assert count_messages(running) == 1
    eventually("every channel to be published", lambda: all_published(running, again.json()["id"]))
    assert len(running.posts()) == 1


def test_ctrl_c_ends_everything_in_order(imitation: str, tmp_path: Path) -> None:
    """One Ctrl-C reaches every process at once; all end by themselves and none has to be killed."""
    service = Running(tmp_path, imitation, f"sqlite:///{tmp_path / 'b.db'}")
    try:
        service.wait_ready()
        pids = [service.pid("web"), service.pid("worker")]
        os.killpg(service.process.pid, signal.SIGINT)
        assert service.process.wait(120) == 0
        assert "SIGKILL" not in service.said()
        assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []
    finally:
        service.close()


def count_messages(service: Running) -> int:
    with service.store.reading() as transaction:
        return int(transaction.execute(select(func.count()).select_from(message_table)).scalar_one())


@pytest.mark.torture
def test_killing_web_and_worker_at_random_loses_and_doubles_nothing(imitation: str, tmp_path: Path) -> None:
    """For as long as TORTURE_SECONDS says: send, kill one of the two at random, and count what the page shows."""
    seconds = float(os.environ.get("TORTURE_SECONDS", "120"))
    seed = int(os.environ.get("TORTURE_SEED", str(random.SystemRandom().randrange(10**6))))
    chance, sent = random.Random(seed), list[dict[str, Any]]()
    deaths: dict[str, list[float]] = {"worker": [], "web": []}
    service = Running(tmp_path, imitation, f"sqlite:///{tmp_path / 'b.db'}", lease_s=3)
    try:
        service.wait_ready()
        service.script(facebook=[{"on": "POST /{post}", "do": "applied_then_500", "after": 3, "times": 10**6}])
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            key = f"torture-{len(sent)}"
            sent.append(eventually(f"an answer (seed {seed})", lambda key=key: send(service, key)))
            time.sleep(chance.uniform(0.0, 0.4))
            os.kill(service.pid(victim(chance, deaths)), signal.SIGKILL)
            time.sleep(chance.uniform(8.0, 13.0))
        service.script(facebook=[])
        for message in sent:
            what = f"{message['mark']} to be published everywhere (seed {seed})"
            eventually(what, lambda one=message: all_published(service, one["id"]))
        posts = service.posts()
        marks = [sum(f"nummer {one['mark']}." in text for text in posts) for one in sent]
        lost, doubled = marks.count(0), sum(count > 1 for count in marks)
        print(  # noqa: T201 - the one line a torture run is read by
            f"\naccepted {len(sent)} confirmed {sum(c == 1 for c in marks)} unknown 0 lost {lost} doubled {doubled} "
            f"unexpected {len(posts) - sum(marks)} recovered {len(sent)} seed {seed}"
        )
        assert (lost, doubled, len(posts)) == (0, 0, len(sent))
        assert isinstance(audit.verify(service.store), int)
    finally:
        service.close()


def victim(chance: random.Random, deaths: dict[str, list[float]]) -> str:
    """Choose whom to kill: never the same one a fifth time in a minute, for then `serve` gives up, as it should."""
    now = time.monotonic()
    alive = [name for name, at in deaths.items() if sum(now - one < 70 for one in at) < 4]
    chosen = chance.choice(alive)
    deaths[chosen].append(now)
    return chosen


def answer(service: Running, key: str, body: dict[str, Any]) -> httpx.Response | None:
    """Return what the web answers, or None while nobody listens."""
    try:
        return service.call("POST", "/messages", key=key, body=body)
    except httpx.HTTPError:
        return None


def send(service: Running, key: str) -> dict[str, Any] | None:
    found = answer(service, key, BODY)
    return dict(found.json()) if found is not None and found.status_code == 202 else None
