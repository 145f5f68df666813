"""
One telling leaves the house: SMS, mail or webhook, each asked once, and what came back.

Nothing here touches the database, and nothing raises: a way that is broken must not silence the others.
"""

import hashlib
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from broadcaster import alarm_words
from broadcaster.alarm import Bell, why
from broadcaster.alarm_words import Matter
from broadcaster.elks import Sms, e164
from broadcaster.roster import Way
from broadcaster.settings import Person

#: Tellings at once: a mail server that hangs for one must not make the others wait.
THREADS_MAX = 8
#: 128 random bits; in an SMS every character counts.
TOKEN_BYTES = 16


def _token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


@dataclass(frozen=True)
class Call:
    """One telling to one person in one way, or to the webhook (`person` None). `people` are all of the step.

    `link` and `report` are the tokens of the answer page and of the delivery report.
    """

    alarm_id: str
    matter: Matter
    raised_at: datetime
    at: datetime
    times: int
    code: str
    people: tuple[Person, ...]
    person: Person | None
    way: Way
    id: str = field(default_factory=lambda: str(uuid4()))
    link: str = field(default_factory=_token, repr=False)
    report: str = field(default_factory=_token, repr=False)


@dataclass(frozen=True)
class Told:
    """What became of a call: sent, unsure or failed. `error` names no person, no number and no address."""

    state: str
    remote_id: str | None = None
    error: str | None = None


def call_all(bell: Bell, calls: Sequence[Call]) -> list[Told]:
    """Make every call and return what became of each."""
    with ThreadPoolExecutor(min(THREADS_MAX, len(calls)), thread_name_prefix="alarm") as pool:
        return list(pool.map(lambda call: _told(bell, call), calls))


def digest(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "backslashreplace")).hexdigest()


def send_sms(bell: Bell, person: Person, message: str, report: str | None) -> Told:
    """Send one SMS to `person`; `report` is where the delivery report goes. Raises nothing."""
    to, sender = e164(person.phone), bell.settings.sms
    if bell.elks is None or to is None or sender is None:
        return Told("failed", error="no account at 46elks, no sender or no number")
    got = bell.elks.send(Sms(sender, to, message, report))
    return Told(str(got.fact), got.id, got.why)


def _told(bell: Bell, call: Call) -> Told:
    base = bell.board_url.removesuffix("/desk")
    link = f"{base}/alarm/{call.link}"
    try:
        if call.person is None:
            _post(bell, call)
            return Told("sent")
        if call.way == "sms":
            answerable = (bell.settings.sms or "").startswith("+")  # a name as sender cannot be answered
            words = alarm_words.sms(call.matter, link, call.code if answerable else None)
            return send_sms(bell, call.person, words, f"{base}/alarm/delivered/{call.report}")
        subject, words = alarm_words.mail(call.matter, link, call.times)
        bell.send_mail([call.person.email or ""], subject, words, call.id)
        return Told("sent")
    except Exception as error:  # noqa: BLE001 - a way that is broken, however, must not silence the others
        return Told("failed", error=why(error))


def _post(bell: Bell, call: Call) -> None:
    data = {
        "id": call.alarm_id,
        "kind": call.matter.kind,
        "incident": call.matter.ref,
        "times": call.times,
        "text": {"sv": call.matter.text.sv, "en": call.matter.text.en},
        "people": [{"name": p.name, "phone": p.phone} for p in call.people],
        "url": bell.board_url,
    }
    bell.post("alarm.raised", data, call.id, call.raised_at, call.at)
