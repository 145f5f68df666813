"""
Clients that live through one incident after another: first message, updates, corrections, recalls, all-clears.

A client that gets no answer, or one that says it is not known what happened, asks again with the same key until it
has its 202. What it was told is kept, to be held against the database and the public afterwards.
"""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle
from random import Random
from typing import Any

import httpx
from running import PATIENCE_S

from kills.stage import Stage

ACTS = {"update": 8, "correction": 4, "recall": 3, "all_clear": 2, "false_alarm": 1, "over": 2}
ENDS = frozenset({"all_clear", "false_alarm", "over"})


@dataclass(frozen=True)
class Told:
    """A 202 that a client got: what it asked for, and the exact bytes of the answer."""

    path: str
    body: dict[str, Any]
    key: str
    answer: bytes
    message_id: str


@dataclass
class Load:
    """Clients at work on a stage; `pace_s` is the mean time between two acts of one client."""

    stage: Stage
    seed: int
    clients: int = 3
    pace_s: float = 0.35
    told: list[Told] = field(default_factory=list)
    #: answers that came from the key, because the first one was lost on its way
    replayed: int = 0
    #: requests that ended without an answer, or with one that says it is not known what happened
    unanswered: int = 0
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(self.clients, thread_name_prefix="client")
        self._running: list[Future[None]] = []

    def start(self) -> None:
        """Let every client begin."""
        self._running = [self._pool.submit(self._live, number) for number in range(self.clients)]

    def check(self) -> None:
        """Raise what a client met and could not understand."""
        for one in self._running:
            if one.done():
                one.result()

    def stop(self) -> None:
        """Let every client finish what it asked, and no more."""
        self._over.set()
        self._pool.shutdown(wait=True)
        for one in self._running:
            one.result()

    def connect(self) -> httpx.Client:
        """Return a client of the API, with its key."""
        # Plain http on loopback; without this every client would read the world's certificates first.
        return httpx.Client(
            headers={"authorization": f"Bearer {self.stage.key}"},
            trust_env=False,
            verify=False,  # noqa: S501 - there is no TLS here
            timeout=20,
        )

    def ask(self, http: httpx.Client, path: str, body: dict[str, Any], key: str) -> httpx.Response:
        """Ask until there is an answer that says what happened."""
        ends = time.monotonic() + PATIENCE_S
        for base in cycle(self.stage.bases):
            try:
                answer = http.post(f"{base}/api/v1{path}", json=body, headers={"idempotency-key": key})
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code < 500:
                return answer
            with self._lock:
                self.unanswered += 1
            last = "no answer" if answer is None else answer.text
            assert time.monotonic() < ends, f"{PATIENCE_S} s without a word about {path}: {last}"
            time.sleep(0.03)
        raise AssertionError("a stage without an address")

    def send(self, http: httpx.Client, path: str, body: dict[str, Any], key: str) -> dict[str, Any] | None:
        """Return the message of a 202, or None when there was a reason to refuse."""
        answer = self.ask(http, path, body, key)
        with self._lock:
            if answer.status_code != 202:
                self.refused.append(f"{path} {body.get('phase')} {answer.status_code} {answer.text}")
                return None
            self.replayed += answer.headers.get("idempotency-replayed") == "true"
            message: dict[str, Any] = answer.json()
            self.told.append(Told(path, body, key, answer.content, message["id"]))
            return message

    def _live(self, number: int) -> None:
        chance = Random(f"{self.seed}/{number}")
        acts = 0
        with self.connect() as http:
            while not self._over.is_set():
                acts = self._incident(http, chance, f"{self.seed}-{number}", acts)

    def _incident(self, http: httpx.Client, chance: Random, prefix: str, acts: int) -> int:
        """Live through one incident; return how many acts this client has done by then."""
        standing: list[str] = []
        ref, act = None, "first"
        while True:
            acts += 1
            path, body = "", dict[str, Any]()
            if act == "recall":
                path, body = f"/messages/{standing.pop()}/recall", {"reason": "fel"}
            else:
                path = "/messages"
                body = {"playbook": "telefoni-1177", "phase": act, "mode": "live", "incident": ref, "again": True}
            message = self.send(http, path, body, f"{prefix}-{acts}")
            if message is None or act in ENDS:
                return acts
            ref = message["incident"]
            if act != "recall":
                standing.append(message["id"])
            if self._over.wait(chance.expovariate(1 / self.pace_s)) or not standing:
                return acts  # when all its messages are recalled, an incident is over
            act = chance.choices(list(ACTS), list(ACTS.values()))[0]
            if act == "over":
                return acts
