"""A whole service for tests: real parts, a real database, the imitation services over real HTTP, a clock that obeys."""

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from flask import Flask

from broadcaster import app, approval
from broadcaster.alarm import Bell
from broadcaster.auth.client import Client, person_client
from broadcaster.auth.keys import add_key
from broadcaster.auth.passwords import Passwords
from broadcaster.auth.people import add_person
from broadcaster.channels.opening import open_channels, open_drill_channels
from broadcaster.clock_steps import Steps
from broadcaster.outbox import Outbox
from broadcaster.playbook import Playbooks
from broadcaster.proof import Proof
from broadcaster.sandbox import Sandbox
from broadcaster.settings import Settings, required_secret
from broadcaster.worker import Ways, Worker

PLAYBOOKS = Path(__file__).parent.parent / "playbooks"
PASSWORD = "fyra ord utan samband"
SECRET_KEY = "tests-only-0123456789-abcdefghijklmnop"
HASHING = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
SECRETS = {
    "BROADCASTER_FACEBOOK_TOKEN": "PAGETOK",
    "BROADCASTER_FACEBOOK_APP_SECRET": "s3cr3t",
    "BROADCASTER_1177_CLIENT_ID": "kris",
    "BROADCASTER_1177_CLIENT_SECRET": "client-secret-for-tests",
    "BROADCASTER_1177_PHONE_TOKEN": "PHONETOK",
    "BROADCASTER_REGION_WEB_PASSWORD": "RESTPASS",
    "BROADCASTER_INTRANET_PASSWORD": "RESTPASS",
}


class Clock:
    """A clock that stands still until a test moves it, and counts seconds for leases from the same time."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 14, 1, 40, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        return self.at.timestamp()

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def settings_for(folder: Path, imitation: str, **changes: Any) -> Settings:
    """Return settings whose channels are the imitations, with one manual channel beside them."""
    values: dict[str, Any] = {
        "folder": folder,
        "organisation": {"name": "Region Exempel", "short": "RE", "county": "17", "base_url": "http://127.0.0.1:8000"},
        "playbooks": {"folder": str(PLAYBOOKS)},
        "delivery": {"call_timeout_s": 1.5, "lease_s": 6},
        "channels": {
            "own_web": {"kind": "own_web"},
            "facebook": {
                "kind": "facebook",
                "base_url": f"{imitation}/graph",
                "page_id": "100200300",
                "app_id": "4711",
            },
            "1177_notice": {"kind": "content_management", "base_url": f"{imitation}/cms", "parent": "4711"},
            "1177_article": {"kind": "content_management", "base_url": f"{imitation}/cms", "parent": "4712"},
            "1177_phone": {"kind": "phone_gateway", "base_url": f"{imitation}/phone"},
            "intranet": {"kind": "manual", "assignee": "redaktör i beredskap"},
        },
    }
    return Settings(**{**values, **changes})


def loaded(settings: Settings) -> Playbooks | None:
    """Return the shipped playbooks, proved once for all tests; None where a test has a folder of its own."""
    organisation = settings.organisation
    if Path(settings.playbook_folder) != PLAYBOOKS:
        return None
    return _shipped(organisation.name, organisation.timezone)


@cache
def _shipped(organisation: str, timezone: str) -> Playbooks:
    return Playbooks.load(PLAYBOOKS, organisation=organisation, timezone=timezone)


@dataclass
class Service:
    """The parts, the imitations and the clock, with the verbs a story needs."""

    parts: app.Parts
    clock: Clock
    sandbox: Sandbox
    workers: int = 0
    _apps: list[Flask] = field(default_factory=list)

    anna: Client = field(default_factory=lambda: person_client("anna", ("sender", "author")))
    bo: Client = field(default_factory=lambda: person_client("bo", ("sender", "approver")))

    # -- words and people ---------------------------------------------------------------------------------------

    def approve_all(self) -> None:
        with self.parts.store.transaction() as transaction:
            for snapshot in self.parts.playbooks.within(transaction).all():
                for name in ("approver-1", "approver-2"):
                    approval.approve(transaction, snapshot, name)

    def add_person(self, name: str, *roles: str) -> None:
        with self.parts.store.transaction() as transaction:
            add_person(transaction, name, roles, PASSWORD, None, hashing=HASHING)

    def key(self, *scopes: str, mode: str = "live", name: str = "vaxel") -> str:
        with self.parts.store.transaction() as transaction:
            return add_key(transaction, name, scopes, "drill" if mode == "drill" else "live", None)

    def flask(self) -> Flask:
        """Return the web application, made once."""
        if not self._apps:
            self._apps.append(app.web(self.parts, SECRET_KEY, hashing=HASHING))
        return self._apps[0]

    # -- sending ------------------------------------------------------------------------------------------------

    def body(self, phase: str = "first", incident: str | None = None, **more: Any) -> dict[str, Any]:
        return {"playbook": "telefoni-1177", "phase": phase, "mode": "live", "incident": incident, **more}

    def send(self, phase: str = "first", incident: str | None = None, **more: Any) -> dict[str, Any]:
        """Send as anna, each with a key of its own, and return the message."""
        key = f"key-{random.getrandbits(64):x}"
        return self.parts.broadcasts.send(self.body(phase, incident, **more), self.anna, key).json

    def message(self, message_id: str) -> dict[str, Any]:
        return self.parts.board.message(message_id)

    def state(self, message_id: str, channel: str, language: str = "sv") -> str:
        return str(self.delivery(message_id, channel, language)["state"])

    def delivery(self, message_id: str, channel: str, language: str = "sv") -> dict[str, Any]:
        found: list[dict[str, Any]] = self.message(message_id)["deliveries"]
        return next(one for one in found if (one["channel"], one["language"]) == (channel, language))

    def states(self, message_id: str) -> dict[tuple[str, str], str]:
        return {(one["channel"], one["language"]): one["state"] for one in self.message(message_id)["deliveries"]}

    # -- the worker ---------------------------------------------------------------------------------------------

    def outbox(self) -> Outbox:
        settings = self.parts.settings
        proof = Proof(settings.organisation.base_url)
        steps = Steps(settings.delivery, self.clock.seconds)
        return Outbox(self.parts.store, settings.delivery, proof, luck=lambda: 0.5, steps=steps)

    async def worker(self) -> Worker:
        """Return a new worker; call it inside a running loop."""
        self.workers += 1
        settings = self.parts.settings

        def secret(name: str, imitation: bool) -> str:
            return required_secret(name, imitation=imitation, environ=SECRETS)

        now, seconds = self.clock.now, self.clock.seconds
        ways = Ways(
            open_channels(settings, secret, clock=now, seconds=seconds),
            open_drill_channels(settings, self.sandbox.url, clock=now, seconds=seconds),
        )
        bell = Bell(settings.alarm, smtp_password=None, webhook_secret=None, board_url="http://127.0.0.1:8000/desk")
        return Worker(
            f"worker-{self.workers}",
            self.parts.store,
            self.outbox(),
            ways,
            settings.delivery,
            bell,
            clock=self.clock.seconds,
        )

    def pay(self, *, seconds: float = 0, steps: int = 1) -> None:
        """Let a worker do everything that is due, `steps` times with the clock moved by `seconds` before each."""

        async def work() -> None:
            worker = await self.worker()
            for _ in range(steps):
                self.clock.advance(seconds)
                for _ in range(60):
                    begun = await worker.run_once()
                    await worker.drain()
                    if not begun:
                        break
                worker.outbox.overdue()
            for channels in (worker.ways.live, worker.ways.drill):
                for channel in channels.values():
                    await channel.close()

        asyncio.run(work())

    # -- the imitations -----------------------------------------------------------------------------------------

    def script(self, **services: list[dict[str, Any]]) -> None:
        httpx.put(f"{self.sandbox.url}/_script", json=services, trust_env=False).raise_for_status()

    def shown(self) -> dict[str, Any]:
        """Return what the public would see in the imitations now."""
        found: dict[str, Any] = httpx.get(f"{self.sandbox.url}/_state", trust_env=False).json()
        return found

    def posts(self) -> list[str]:
        """Return the words of every public post on the imitation page, newest first or last as the page has them."""
        return [one["text"] for one in self.shown()["facebook"]["published"]]

    def log(self) -> list[dict[str, Any]]:
        """Return every request the imitations received."""
        items: list[dict[str, Any]] = httpx.get(f"{self.sandbox.url}/_log", trust_env=False).json()["items"]
        return items

    # -- proof --------------------------------------------------------------------------------------------------

    def entries(self) -> list[dict[str, Any]]:
        """Return every entry of the audit log."""
        return [json.loads(one["entry"]) for one in self.parts.board.audit(-1, 100_000)["items"]]


ServiceMaker = Callable[..., Service]
