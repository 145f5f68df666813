"""The real processes for tests: `serve` with its web and worker, on a database and a port of their own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from service import HASHING, PASSWORD, PLAYBOOKS, SECRET_KEY, SECRETS

from broadcaster import approval
from broadcaster.auth.keys import add_key
from broadcaster.auth.people import add_person
from broadcaster.migrations import migrate
from broadcaster.playbook import Playbooks
from broadcaster.store import Store

#: How long a step may take before a test says what it was waiting for; a bound, never a verdict on speed.
PATIENCE_S = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(what: str, look: Callable[[], Any]) -> Any:
    """Return the first true answer of `look`, or fail saying what was waited for."""
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {PATIENCE_S} s for: {what}")


class Running:
    """A running service. `log` collects what its processes say."""

    def __init__(self, folder: Path, imitation: str, database_url: str, *, lease_s: float = 4) -> None:
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.folder, self.imitation = folder, imitation
        self.store = Store(database_url)
        settings = folder / "settings.toml"
        settings.write_text(settings_text(self.base, imitation, database_url, lease_s=lease_s), "utf-8")
        self.environ = {
            **os.environ,
            **SECRETS,
            "BROADCASTER_CONFIG": str(settings),
            "BROADCASTER_SECRET_KEY": SECRET_KEY,
            "PORT": str(self.port),
            "WEB_CONCURRENCY": "1",
            "PYTHONPATH": str(PLAYBOOKS.parent),
        }
        self._output = (folder / "output.txt").open("wb")
        self.key = prepare(self.store)
        self.process = self._serve()

    def _serve(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "broadcaster", "serve"],
            env=self.environ,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            start_new_session=True,  # a process group of its own, so that a test can press Ctrl-C in it
        )

    def start_again(self) -> None:
        """Start `serve` after it was ended."""
        self.process = self._serve()

    def said(self) -> str:
        return (self.folder / "output.txt").read_text("utf-8", "replace")

    def pid(self, name: str) -> int:
        """Return the newest process id of `web` or `worker`, as `serve` printed it."""
        found = eventually(f"the pid of {name}", lambda: re.findall(rf"^pid {name} (\d+)$", self.said(), re.MULTILINE))
        return int(found[-1])

    def wait_ready(self) -> None:
        def ready() -> bool:
            assert self.process.poll() is None, f"serve ended:\n{self.said()[-2000:]}"
            try:
                return httpx.get(f"{self.base}/readyz", trust_env=False, timeout=5).status_code == 200
            except httpx.HTTPError:
                return False

        eventually("the service to be ready", ready)

    def call(self, method: str, path: str, *, key: str | None = None, body: Any = None) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.key}"}
        if key is not None:
            headers["idempotency-key"] = key
        return httpx.request(
            method, f"{self.base}/api/v1{path}", headers=headers, json=body, trust_env=False, timeout=20
        )

    def posts(self) -> list[str]:
        state = httpx.get(f"{self.imitation}/_state", trust_env=False, timeout=20).json()
        return [one["text"] for one in state["facebook"]["published"]]

    def script(self, **services: Any) -> None:
        httpx.put(f"{self.imitation}/_script", json=services, trust_env=False).raise_for_status()

    def calls(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = httpx.get(f"{self.imitation}/_log", trust_env=False, timeout=20).json()["items"]
        return items

    def states(self, message_id: str) -> dict[str, str]:
        try:
            found = self.call("GET", f"/messages/{message_id}")
        except httpx.HTTPError:
            return {}
        if found.status_code != 200:
            return {}
        return {f"{d['channel']}.{d['language']}": d["state"] for d in found.json()["deliveries"]}

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self._output.close()
        self.store.close()


def prepare(store: Store) -> str:
    """Make the tables, approve every playbook, add a person and return the key of a machine that may send."""
    migrate(store)
    with store.transaction() as transaction:
        for one in Playbooks.load(PLAYBOOKS, organisation="Region Exempel", timezone="Europe/Stockholm").all():
            for name in ("approver-1", "approver-2"):
                approval.approve(transaction, one, name)
        add_person(transaction, "anna", ("sender", "approver"), PASSWORD, None, hashing=HASHING)
        return add_key(transaction, "vaxel", ("read", "send", "audit"), "live", None)


def settings_text(base: str, imitation: str, database_url: str, **delivery: float) -> str:
    """Return a settings file with every kind of channel at the imitations; `delivery` adds to or changes its rules."""
    rules = {"call_timeout_s": 1.5, "guard_minutes": 0, **delivery}
    return f"""
[organisation]
name = "Region Exempel"
short = "RE"
county = "17"
base_url = "{base}"
[database]
url = {json.dumps(database_url)}
[playbooks]
folder = "{PLAYBOOKS}"
[delivery]
{"".join(f"{name} = {json.dumps(value)}{chr(10)}" for name, value in rules.items())}
[channels.own_web]
kind = "own_web"
[channels.facebook]
kind = "facebook"
base_url = "{imitation}/graph"
page_id = "100200300"
app_id = "4711"
[channels.1177_notice]
kind = "content_management"
base_url = "{imitation}/cms"
parent = "4711"
[channels.1177_article]
kind = "content_management"
base_url = "{imitation}/cms"
parent = "4712"
[channels.1177_phone]
kind = "phone_gateway"
base_url = "{imitation}/phone"
"""
