"""The real processes, on a database and a port of their own, and what their database says happened."""

import contextlib
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from bench.words import CHANNELS, PLAYBOOK, folder_for
from broadcaster import approval
from broadcaster.auth.keys import add_key
from broadcaster.migrations import migrate
from broadcaster.playbook import Playbooks
from broadcaster.store import Store, Transaction
from broadcaster.tables import attempt, audit_entry, delivery, idempotency, incident, message

READY_S = 60
ASK_AGAIN_S = 30
_SECRETS = {
    "BROADCASTER_FACEBOOK_TOKEN": "PAGETOK",
    "BROADCASTER_FACEBOOK_APP_SECRET": "s3cr3t",
    "BROADCASTER_1177_CLIENT_ID": "kris",
    "BROADCASTER_1177_CLIENT_SECRET": "client-secret-of-a-measurement",
    "BROADCASTER_1177_PHONE_TOKEN": "PHONETOK",
}


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def post(port: int, path: str, body: object, headers: Mapping[str, str]) -> tuple[float, int, bytes]:
    """Post `body` on a new connection; return when it began, the status and the answer."""
    content = json.dumps(body).encode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    began = time.monotonic()
    connection.request("POST", path, content, {"Content-Type": "application/json", **headers})
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    return began, response.status, answer


class NotAccepted(Exception):
    """A message was refused, or answered with a fault however often it was asked again."""


class Product:
    """`broadcaster serve` whose channels are the stub, and with which a message has `deliveries` automatic ones.

    `proxy_port` is where readers and senders come in when a proxy stands in front.
    """

    def __init__(self, folder: Path, stub: str, deliveries: int, *, proxy_port: int | None = None) -> None:
        folder.mkdir(parents=True)
        self.deliveries, self.port = deliveries, free_port()
        self.front = proxy_port or self.port
        self.store = Store(f"sqlite:///{folder / 'broadcaster.db'}")
        self._count = 0
        self.faults = 0  #: answers of 500 and more to a message, each asked again at once
        playbooks = folder_for(deliveries, folder / "playbooks")
        settings = folder / "settings.toml"
        settings.write_text(_settings(self.front, stub, playbooks), "utf-8")
        self._key = self._prepare(playbooks)
        self.environ = {
            **os.environ,
            **_SECRETS,
            "BROADCASTER_CONFIG": str(settings),
            "BROADCASTER_SECRET_KEY": secrets.token_urlsafe(32),
            "PROXY_HOPS": "1" if proxy_port else "0",
            "PYTHONPATH": os.getcwd(),
        }
        self._output = (folder / "output.txt").open("wb")
        self.process = self.start("serve", self.port)

    def start(self, command: str, port: int) -> "subprocess.Popen[bytes]":
        """Start one more of our commands on the same database."""
        return subprocess.Popen(
            [sys.executable, "-m", "broadcaster", command],
            env={**self.environ, "PORT": str(port)},
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def send(self) -> tuple[float, str]:
        """Send a first message with a number nobody filled in before; return when the POST began, and its id."""
        self._count += 1
        body = {
            "playbook": PLAYBOOK,
            "phase": "first",
            "mode": "live",
            "again": True,
            "blanks": {"reservnummer": f"010-{100 + self._count // 100} {self._count % 100:02d} 00"},
            "channels": CHANNELS[self.deliveries],
        }
        headers = {"Authorization": f"Bearer {self._key}", "Idempotency-Key": secrets.token_hex(16)}
        began, status, answer = post(self.front, "/api/v1/messages", body, headers)
        ends = began + ASK_AGAIN_S
        while status >= 500 and time.monotonic() < ends:  # as the answer itself says: the same key does nothing twice
            self.faults += 1
            _, status, answer = post(self.front, "/api/v1/messages", body, headers)
        if status != 202:
            raise NotAccepted(f"HTTP {status}: {answer.decode()}")
        return began, str(json.loads(answer)["id"])

    def receipts(self, message_id: str) -> list[float]:
        """Return when each automatic delivery got its receipt, on the monotonic clock."""
        offset = time.monotonic() - time.time()
        with self.store.reading() as transaction:
            rows = transaction.execute(select(delivery).where(delivery.c.message_id == message_id)).mappings().all()
        sent = [row for row in rows if row["way"] not in ("row", "person")]
        return [datetime.fromisoformat(row["receipt"]["at"]).timestamp() + offset for row in sent if row["receipt"]]

    def rows_of(self, message_id: str) -> dict[str, list[int]]:
        """Return how many bytes each row of acceptance, and of opening the first attempts, has."""
        with self.store.reading() as transaction:
            deliveries = _rows(transaction, delivery, message_id=message_id)
            ids = [one["id"] for one in deliveries]
            attempts = [row for row in _rows(transaction, attempt) if row["delivery_id"] in ids and row["number"] == 1]
            entries = [bytes(row["entry"]) for row in _rows(transaction, audit_entry)]
            others = [
                _rows(transaction, message, id=message_id)[0],
                _rows(transaction, incident)[-1],
                _rows(transaction, idempotency)[-1],
            ]
        opened = [one for one in entries if b'"attempt:opened"' in one and any(i.encode() in one for i in ids)]
        first = [one for one in opened if b'"attempt":1,' in one]
        owed = [e for e in entries if message_id.encode() in e and b'"attempt:' not in e and b"remote_id" not in e]
        changed = [200] * len(attempts)  # an update writes its page again: the columns that changed, roughly
        return {
            "accepted": [*map(_size, deliveries), *map(_size, others), *map(len, owed)],
            "attempted": [*map(_size, attempts), *map(len, first), *changed],
        }

    def close(self) -> None:
        """End the processes and wait for them."""
        self.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(60)
        self._output.close()
        self.store.close()

    def _prepare(self, playbooks: Path) -> str:
        migrate(self.store)
        known = Playbooks.load(playbooks, organisation="Region Exempel", timezone="Europe/Stockholm")
        with self.store.transaction() as transaction:
            for one in known.all():
                for name in ("approver-1", "approver-2"):
                    approval.approve(transaction, one, name)
            return add_key(transaction, "bench", ("read", "send"), "live", None)

    def wait_ready(self) -> None:
        """Return when the service says that it can accept and deliver."""
        ends = time.monotonic() + READY_S
        while time.monotonic() < ends:
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    return
            time.sleep(0.1)
        raise RuntimeError("the service did not get ready: see output.txt in its folder")


def _rows(transaction: Transaction, table: Table, **where: str) -> list[Mapping[str, Any]]:
    wanted = select(table)
    for name, value in where.items():
        wanted = wanted.where(table.c[name] == value)
    return [dict(row) for row in transaction.execute(wanted).mappings()]


def _size(row: Mapping[str, Any]) -> int:
    return sum(len(str(value).encode()) for value in row.values() if value is not None)


def _settings(port: int, stub: str, playbooks: Path) -> str:
    # The second look comes after the grace. A day keeps the looks of earlier messages out of later measurements.
    return f"""
[organisation]
name = "Region Exempel"
short = "RE"
county = "17"
base_url = "http://127.0.0.1:{port}"
[playbooks]
folder = {json.dumps(str(playbooks))}
[delivery]
grace_s = 86400
[channels.own_web]
kind = "own_web"
[channels.facebook]
kind = "facebook"
base_url = "{stub}/graph"
page_id = "100200300"
app_id = "4711"
[channels.1177_notice]
kind = "content_management"
base_url = "{stub}/cms"
parent = "4711"
[channels.1177_article]
kind = "content_management"
base_url = "{stub}/cms"
parent = "4712"
[channels.1177_phone]
kind = "phone_gateway"
base_url = "{stub}/phone"
"""
