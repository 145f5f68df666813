"""A night on duty: a service with a roster, an imitation 46elks, our own web over HTTP, and a clock that obeys."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from service import HASHING, SECRET_KEY, Clock, Service, ServiceMaker
from sqlalchemy import select
from werkzeug.serving import make_server

from broadcaster import alarm, app, callout
from broadcaster.alarm import Bell
from broadcaster.alarm_tables import alarm_told
from broadcaster.errors import Text
from broadcaster.roster import Roster
from broadcaster.sandbox import Sandbox
from broadcaster.sandbox.elks import PASSWORD, USER
from broadcaster.tables import alarm as alarm_table
from broadcaster.tables import incident as incident_table

ANNA, BO, TIB = "+46700000001", "+46700000002", "+46700000003"
OURS = "+46766861234"
PEOPLE = [
    {"name": "Anna", "phone": "+46 70 000 00 01", "user": "anna"},
    {"name": "Bo", "phone": BO, "user": "bo"},
    {"name": "TiB", "phone": TIB, "user": ""},
]
STEPS = [{"tell": ["Anna"]}, {"tell": ["Bo"]}, {"tell": ["*"]}]
TROUBLE = Text("Facebook svarar inte. Publicera för hand.", "Facebook does not answer. Publish by hand.")
REPLY_SECRET = "reply-secret-for-tests-0123456789abcdef"
ENVIRON = {"BROADCASTER_46ELKS_USER": USER, "BROADCASTER_46ELKS_PASSWORD": PASSWORD}


class FortySixElks:
    """The imitation 46elks of a sandbox, as a test holds it. `delivers`: `deliver` reports what has no report yet."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox, self._elks = sandbox, sandbox.state.elks
        self._elks.put({"reports": False})
        self.url, self.delivers, self._reported = f"{sandbox.url}/elks", False, 0

    @property
    def sent(self) -> list[dict[str, Any]]:
        """Return every SMS that was taken, whatever became of it."""
        every = [one for one in self._elks.all() if one.direction == "outgoing"]
        return [one.shown() | {"whendelivered": one.when_delivered} for one in every]

    def to(self, number: str) -> list[dict[str, Any]]:
        """Return every SMS to one number."""
        return [sms for sms in self.sent if sms["to"] == number]

    def phone(self, number: str) -> list[str]:
        """Return the words that reached a phone."""
        return [one["text"] for one in self._elks.snapshot() if one["to"] == number]

    def fail(self, do: str, times: int = 1) -> None:
        """Let something become of the next SMS, by a word of the script."""
        self._sandbox.state.script.put({"elks": [{"on": "POST /a1/sms", "do": do, "times": times}]})

    def deliver(self) -> None:
        """Report what was sent since the last time as delivered, if telephones are on."""
        while self.delivers and self._reported < len(self.sent):
            sms = self.sent[self._reported]
            self._reported += 1
            if sms["whendelivered"]:
                self.report(sms, "delivered")

    def report(self, sms: dict[str, Any], status: str) -> int | None:
        """Send the delivery report of an SMS as the service does; return what it was answered."""
        answered: int | None = self._elks.report({"id": sms["id"], "status": status})["answered"]
        return answered

    def account(self, **values: Any) -> None:
        """Set credit or numbers."""
        self._elks.put({"reports": False, **values})

    def reply(self, sender: str, message: str) -> int | None:
        """Answer from a phone; return how the service took it."""
        answered: int | None = self._elks.reply({"from": sender, "to": OURS, "message": message})["answered"]
        return answered


@dataclass
class Night:
    """What a test does: raise, let time pass, answer in one way or another, and look at the table and the log."""

    service: Service
    elks: FortySixElks
    url: str
    bell: Bell

    @property
    def clock(self) -> Clock:
        return self.service.clock

    @property
    def roster(self) -> Roster:
        return Roster.of(self.service.parts.settings)

    def raise_one(self, kind: str = "service", *, incident: str | None = None) -> None:
        with self.service.parts.store.transaction() as transaction:
            found = select(incident_table.c.id).where(incident_table.c.ref == incident)
            incident_id = transaction.execute(found).scalar_one() if incident else None
            alarm.raise_alarm(transaction, kind, TROUBLE, incident_id=incident_id)

    def pass_time(self, seconds: float, step_s: float = 1) -> None:
        """Let the clock run, and the worker look every `step_s`."""
        for _ in range(int(seconds / step_s)):
            self.clock.advance(step_s)
            self.tell()

    def tell(self) -> int:
        told = callout.tell_due(self.service.parts.store, self.bell)
        self.elks.deliver()
        return told

    def alarms(self) -> list[dict[str, Any]]:
        with self.service.parts.store.reading() as transaction:
            wanted = select(alarm_table).order_by(alarm_table.c.raised_at, alarm_table.c.kind)
            return [dict(row) for row in transaction.execute(wanted).mappings()]

    def told(self) -> list[tuple[str | None, str, str]]:
        """Return person, way and state of every telling, in order."""
        with self.service.parts.store.reading() as transaction:
            wanted = select(alarm_told).order_by(alarm_told.c.told_at, alarm_told.c.person, alarm_told.c.way)
            rows = transaction.execute(wanted).mappings()
            return [(row["person"], row["way"], row["state"]) for row in rows]

    def woken(self) -> list[str]:
        """Return the numbers an SMS went to, in order."""
        return [sms["to"] for sms in self.elks.sent]

    def link(self, number: str) -> str:
        """Return the answer link in the last SMS to a number."""
        found = re.search(r"http://\S+/alarm/\S+", self.elks.to(number)[-1]["message"])
        assert found is not None
        return found[0]

    def open(self, link: str) -> httpx.Response:
        return httpx.get(link, trust_env=False)

    def press(self, link: str) -> httpx.Response:
        """Open the page and press its button, as a phone without JavaScript does."""
        page = self.open(link)
        token = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert token is not None, page.text
        return httpx.post(link, data={"csrf": token[1]}, trust_env=False)

    def hand_on(self, message: str, *, sms_id: str = "s1", secret: str = REPLY_SECRET) -> int:
        """Hand an SMS of Anna's on to us as 46elks would, whether it is right or not; return what it was answered."""
        form = {"from": ANNA, "to": OURS, "message": message, "id": sms_id}
        return httpx.post(f"{self.url}/alarm/reply/{secret}", data=form, trust_env=False).status_code

    def log(self, kind: str) -> list[dict[str, Any]]:
        return [entry for entry in self.service.entries() if entry["type"] == f"alarm:{kind}"]


@dataclass
class _Later:
    """A web application that is named after its port is known."""

    app: Callable[..., Any] | None = None
    refused: list[str] = field(default_factory=list)

    def __call__(self, environ: Any, start: Any) -> Any:
        assert self.app is not None
        return self.app(environ, start)


@contextmanager
def night(make_service: ServiceMaker, elks: FortySixElks, **alarm_settings: Any) -> Iterator[Night]:
    """Run the service's own web on 127.0.0.1 with a roster whose SMS go to `elks`."""
    later = _Later()
    server = make_server("127.0.0.1", 0, later, threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    values = {"people": PEOPLE, "steps": STEPS, "sms": OURS, "sms_url": elks.url, **alarm_settings}
    organisation = {"name": "Region Exempel", "short": "RE", "county": "17", "base_url": url}
    service = make_service(alarm=values, organisation=organisation)
    later.app = app.web(service.parts, SECRET_KEY, hashing=HASHING, reply_secret=REPLY_SECRET)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    elks.account(numbers={OURS: f"{url}/alarm/reply/{REPLY_SECRET}"})
    try:
        yield Night(service, elks, url, app.bell(service.parts.settings, ENVIRON))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
