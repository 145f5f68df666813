"""`demo`: the whole service on this machine against the imitation services, and proof that it works."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

import click
import httpx

from broadcaster import app, approval
from broadcaster.auth.keys import add_key
from broadcaster.auth.people import add_person
from broadcaster.commands.wiring import Wiring
from broadcaster.migrations import migrate
from broadcaster.store import Store
from broadcaster.supervisor import PARENT

PLAYBOOK = "telefoni-1177"
START_S = 60
#: Long enough for the longest honest delivery: a grace of 330 s after an uncertain one-shot post, and then some.
RECEIPTS_S = 900
#: From the numbers the Swedish authority keeps for films and books: nobody's.
ANNA, BO, SENDER = "+46701740605", "+46701740606", "+46701740699"
ALL_ROLES = ("author", "approver", "sender", "auditor", "administrator")

_SETTINGS = Template(
    """\
[organisation]
name = "Region Exempel"
short = "RE"
county = "17"
base_url = "http://127.0.0.1:$port"
[playbooks]
folder = "$playbooks"
[delivery]
guard_minutes = 0
[alarm]
people = [{name = "Anna", phone = "$anna", user = "anna"}, {name = "Bo", phone = "$bo", user = "bo"}]
sms = "$sender"
sms_url = "$imitation/elks"
sms_report_s = 10
[[alarm.steps]]
tell = ["Anna"]
[[alarm.steps]]
tell = ["Bo"]
[[alarm.steps]]
tell = ["*"]
[channels.own_web]
kind = "own_web"
[channels.facebook]
kind = "facebook"
base_url = "$imitation/graph"
page_id = "100200300"
app_id = "4711"
[channels.1177_notice]
kind = "content_management"
base_url = "$imitation/cms"
parent = "4711"
[channels.1177_article]
kind = "content_management"
base_url = "$imitation/cms"
parent = "4712"
[channels.1177_phone]
kind = "phone_gateway"
base_url = "$imitation/phone"
[channels.intranet]
kind = "manual"
assignee = "redaktör i beredskap"
deadline_minutes = 30
"""
)


@click.command()
def demo() -> None:
    """Run everything here against imitations, publish one playbook, show the receipts and verify the log.

    PORT and SANDBOX_PORT choose the ports (8000, 8001). DEMO_ONCE=1 exits afterwards: 0 only if every channel has a
    receipt and the log verifies. SANDBOX_SCRIPT=FILE gives the imitations faults from the start.
    """
    folder = Path(tempfile.mkdtemp(prefix="broadcaster-demo-"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell started us with it ignored
    stage = _Stage(folder, os.environ)
    try:
        good = stage.play()
        if os.environ.get("DEMO_ONCE") == "1":
            sys.exit(0 if good else 1)
        click.echo("Press Ctrl-C to stop.")
        threading.Event().wait()
    except KeyboardInterrupt:
        click.echo("stopping")
    finally:
        stage.strike()
        shutil.rmtree(folder, ignore_errors=True)


class _Stage:
    """One run of the demonstration: its folder, its processes and the way to talk to them."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.port = int(environ.get("PORT", "8000"))
        self.imitation_port = int(environ.get("SANDBOX_PORT", "8001"))
        self.script = environ.get("SANDBOX_SCRIPT")
        self.base = f"http://127.0.0.1:{self.port}"
        self.imitation = f"http://127.0.0.1:{self.imitation_port}"
        self.reply_secret = secrets.token_urlsafe(32)
        self.password, self.second = secrets.token_urlsafe(12), secrets.token_urlsafe(12)
        self.key = ""
        self.processes: list[subprocess.Popen[bytes]] = []
        self.environ = {
            **environ,
            "BROADCASTER_CONFIG": str(folder / "settings.toml"),
            "BROADCASTER_SECRET_KEY": secrets.token_urlsafe(48),
            "BROADCASTER_FACEBOOK_TOKEN": "PAGETOK",
            "BROADCASTER_FACEBOOK_APP_SECRET": "s3cr3t",
            "BROADCASTER_1177_CLIENT_ID": "kris",
            "BROADCASTER_1177_CLIENT_SECRET": secrets.token_urlsafe(24),
            "BROADCASTER_1177_PHONE_TOKEN": "PHONETOK",
            "BROADCASTER_46ELKS_USER": "elksuser",
            "BROADCASTER_46ELKS_PASSWORD": "elkspass",
            "BROADCASTER_ALARM_REPLY_SECRET": self.reply_secret,
            "PORT": str(self.port),
            "BIND": "127.0.0.1",
            PARENT: str(os.getpid()),
        }

    def play(self) -> bool:
        """Set up, publish, print and verify; return whether every channel has a receipt and the log is sound."""
        self._set_up()
        self._start("serve")
        self._wait_for(f"{self.base}/readyz")
        # The imitations come last: a script's seconds are counted from their start.
        script = ["--script", self.script] if self.script else []
        self._start("sandbox", "--port", str(self.imitation_port), *script)
        self._wait_for(f"{self.imitation}/_state")
        numbers = {SENDER: f"{self.base}/alarm/reply/{self.reply_secret}"}
        httpx.put(f"{self.imitation}/_elks", json={"numbers": numbers}, trust_env=False).raise_for_status()
        click.echo(f"The service:        {self.base}/desk")
        click.echo(f"What the public sees: {self.imitation}/ (imitations) and {self.base}/")
        click.echo(f"The phones of Anna and Bo, who are woken: {self.imitation}/phones")
        good = self._publish()
        verified = subprocess.run(
            [sys.executable, "-m", "broadcaster", "audit", "verify"], env=self.environ, check=False
        )
        click.echo(f"api-key {self.key}")
        click.echo(f"sign-in {self.base}/login demo {self.password}")
        click.echo(f"a second person, to approve what you propose: second {self.second}")
        return good and verified.returncode == 0

    def strike(self) -> None:
        """End every process this run started."""
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(45)
            except subprocess.TimeoutExpired:
                process.kill()

    def _set_up(self) -> None:
        values = {"port": self.port, "playbooks": app.resource("playbooks"), "imitation": self.imitation}
        people = {"anna": ANNA, "bo": BO, "sender": SENDER}
        (self.folder / "settings.toml").write_text(_SETTINGS.substitute(values, **people), "utf-8")
        parts = Wiring(self.environ).parts
        store: Store = parts.store
        migrate(store)
        with store.transaction() as transaction:
            add_person(transaction, "demo", ALL_ROLES, self.password, None)
            add_person(transaction, "second", ("approver", "sender"), self.second, None)
            for name in ("approver-1", "approver-2"):
                add_person(transaction, name, ("approver",), secrets.token_urlsafe(24), None)
            for snapshot in parts.playbooks.within(transaction).all():
                for name in ("approver-1", "approver-2"):
                    approval.approve(transaction, snapshot, name)
            self.key = add_key(transaction, "demo-key", ("read", "send", "audit"), "live", None)
        store.close()

    def _start(self, *command: str) -> None:
        self.processes.append(
            subprocess.Popen([sys.executable, "-m", "broadcaster", *command], env=self.environ)
        )

    def _wait_for(self, url: str) -> None:
        ends = time.monotonic() + START_S
        while time.monotonic() < ends:
            dead = next((p for p in self.processes if p.poll() is not None), None)
            if dead is not None:
                raise click.ClickException(
                    f"a process ended with {dead.returncode} while starting (see above). "
                    "Are the ports taken? PORT and SANDBOX_PORT choose others."
                )
            try:
                if httpx.get(url, timeout=2, trust_env=False).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.2)
        raise click.ClickException(f"{url} did not answer within {START_S} seconds")

    def _publish(self) -> bool:
        """Send one playbook to every channel and wait for the receipts; print a line for each."""
        headers = {"authorization": f"Bearer {self.key}"}
        with httpx.Client(base_url=f"{self.base}/api/v1", headers=headers, timeout=30, trust_env=False) as client:
            body = {"playbook": PLAYBOOK, "phase": "first", "mode": "live"}
            answer = client.post("/messages", json=body, headers={"idempotency-key": secrets.token_hex(16)})
            answer.raise_for_status()
            message: dict[str, Any] = answer.json()
            click.echo(f"sent {message['mark']}; waiting for every channel's receipt")
            ends, told = time.monotonic() + RECEIPTS_S, set[tuple[str, str]]()
            while True:
                message = client.get(f"/messages/{message['id']}").raise_for_status().json()
                for one in message["deliveries"]:
                    self._tell(client, message, one, told)
                missing = [d for d in message["deliveries"] if d["receipt"] is None]
                if not missing or time.monotonic() > ends:
                    return self._say_missing(missing)
                time.sleep(0.3)

    def _tell(
        self, client: httpx.Client, message: dict[str, Any], one: dict[str, Any], told: set[tuple[str, str]]
    ) -> None:
        pair = (one["channel"], one["language"])
        if one["state"] == "needs_person" and one["person"] and one["receipt"] is None:
            where = f"/messages/{message['id']}/deliveries/{pair[0]}/{pair[1]}/acknowledge"
            client.post(where, json={"url": message["url"]}).raise_for_status()
        elif one["receipt"] is not None and pair not in told:
            told.add(pair)
            click.echo(f"receipt {pair[0]} {pair[1]} {one['url']}")

    def _say_missing(self, missing: list[dict[str, Any]]) -> bool:
        for one in missing:
            click.echo(f"no receipt: {one['channel']} {one['language']} is {one['state']}: {one['error']}", err=True)
        return not missing
