"""Imitation of the SMS service 46elks: takes SMS, counts their parts, sends delivery reports and hands replies on.

Whatever was taken is on the phone at once; the reports follow some seconds later, as they do from a real carrier.
Of the real service's errors only the status is documented; their words here are our own.
Source: 46elks' own documentation (send SMS, SMS history, delivery reports, receive SMS).
"""

import base64
import binascii
import hmac
import math
import random
import re
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from broadcaster.sandbox.callbacks import Callbacks, Heard, is_loopback, post
from broadcaster.sandbox.exchange import Answer, JsonObject, Request, iso, moment

USER, PASSWORD = "elksuser", "elkspass"  # published on purpose: they open nothing but this imitation
SENT_AFTER_S, DELIVERED_AFTER_S = 0.5, 1.5
PART_COST = 3500
"""In ten-thousandths of a krona."""
PAGE = 100
REPORTED = ("sent", "delivered", "failed")
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà")
_ESCAPED = frozenset("\f^{}\\[~]|€")
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9 ]{0,10}")


@dataclass(slots=True)
class Sms:
    """One SMS, in either direction. `fate` is what the script does to it: lost, undelivered, or nothing."""

    id: str
    direction: str
    sender: str
    to: str
    message: str
    created_at: float
    when_delivered: str | None = None
    kept: bool = True
    fate: str = ""
    status: str = "created"
    delivered_at: float | None = None
    reports: list[JsonObject] = field(default_factory=list)

    def arrived(self) -> bool:
        """Tell whether it is on the phone."""
        return self.direction != "incoming" and not self.fate

    def shown(self) -> JsonObject:
        """Return it as the service shows it."""
        parts = parts_of(self.message)
        said: JsonObject = {"id": self.id, "direction": self.direction, "from": self.sender, "to": self.to,
                            "created": _utc(self.created_at), "parts": parts, "cost": parts * PART_COST}
        said |= {"message": self.message} if self.kept else {}
        said |= {"status": self.status} if self.direction != "incoming" else {}
        return said | ({"delivered": _utc(self.delivered_at)} if self.delivered_at is not None else {})


@dataclass(frozen=True, slots=True)
class Account:
    """What somebody set. `credit` None: without end; `numbers`: where SMS to each number of ours are handed on to;
    `reports` False: no delivery report leaves by itself, as with carriers that know of none.
    """

    credit: int | None = None
    numbers: dict[str, str] = field(default_factory=dict)
    reports: bool = True


class Elks:
    """The service under `/elks`."""

    def __init__(self, clock: Callable[[], float], seed: int, callbacks: Callbacks | None = None) -> None:
        self.lock = threading.RLock()
        self._clock = clock
        self._chance = random.Random(f"elks {seed}")
        self._callbacks = callbacks or Callbacks()
        self._all: list[Sms] = []
        self._account = Account()

    def clear(self) -> None:
        """Forget SMS, reports under way, and what the account was set to."""
        self._callbacks.end()
        with self.lock:
            self._all, self._account = [], Account()

    def close(self) -> None:
        """End the reports that are under way."""
        self._callbacks.end()

    def all(self) -> list[Sms]:
        """Return every SMS in either direction, oldest first."""
        with self.lock:
            return list(self._all)

    def snapshot(self) -> list[JsonObject]:
        """Return what is on the phones, oldest first, and what became of the reports."""
        return [{"id": one.id, "text": one.message, "to": one.to, "from": one.sender, "status": one.status,
                 "created_at": iso(one.created_at), "reports": list(one.reports)}
                for one in self.all() if one.arrived()]

    # What the service answers

    def handle(self, request: Request) -> Answer:
        """Answer one call as the service would."""
        if not hmac.compare_digest(_login(request), f"{USER}:{PASSWORD}".encode()):
            return self.locked_out(request)
        where = tuple(part.lower() for part in request.segments[:2]) + request.segments[2:]
        if where == ("a1", "sms") and request.method == "POST":
            return self._send(request)
        if where == ("a1", "sms") and request.method == "GET":
            return self._history(request)
        if where == ("a1", "me") and request.method == "GET":
            credit = self._account.credit
            return Answer.of(200, {"id": "uimitation", "displayname": "Imitation", "currency": "SEK",
                                   "balance": credit if credit is not None else 1_000_000})
        if len(where) == 3 and where[:2] == ("a1", "sms") and request.method == "GET":
            found = self._find(where[2])
            return Answer.of(200, found.shown()) if found else _plain(404, "There is no such SMS")
        return _plain(404, "There is nothing at this address")

    def broken(self) -> Answer:
        """Return a 500 that says nothing about what happened."""
        return _plain(500, "Internal Server Error")

    def limited(self, request: Request) -> Answer:
        """Return 429 with one second to wait."""
        return _plain(429, "Too many requests", Retry_After="1")

    def locked_out(self, request: Request) -> Answer:
        """Return 401."""
        return _plain(401, "User name and password are needed, by HTTP Basic", WWW_Authenticate='Basic realm="46elks"')

    def _send(self, request: Request) -> Answer:
        try:
            given = {name: str(value) for name, value in request.parameters().items()}
        except ValueError:
            return _plain(400, "The form cannot be read")
        wrong = _wrong(given)
        if wrong:
            return _plain(400, wrong)
        with self.lock:
            cost = parts_of(given["message"]) * PART_COST
            if self._account.credit is not None and cost > self._account.credit:
                return _plain(403, "There is not enough credit for this SMS")
            if given.get("dryrun") == "yes":
                shown = self._new("outgoing", given).shown()
                return Answer.of(200, {k: v for k, v in shown.items() if k not in ("id", "cost")}
                                 | {"estimated_cost": cost})
            sms = self._new("outgoing", given, request.fate)
            self._all.append(sms)
            if self._account.credit is not None:
                self._account = replace(self._account, credit=self._account.credit - cost)
        self._report_later(sms)
        return Answer.of(200, sms.shown())

    def _history(self, request: Request) -> Answer:
        asked = request.query
        try:
            before, after = moment(asked.get("start")), moment(asked.get("end"))
            limit = min(PAGE, int(asked.get("limit", PAGE)))
        except ValueError:
            return _plain(400, "start and end are times, limit is a number")
        found = [one for one in reversed(self.all()) if asked.get("to") in (None, one.to)
                 and (before is None or one.created_at < before) and (after is None or one.created_at > after)]
        more = {"next": _utc(found[limit - 1].created_at)} if 0 < limit < len(found) else {}
        return Answer.of(200, {"data": [one.shown() for one in found[:limit]], **more})

    def _new(self, direction: str, given: JsonObject, fate: str = "") -> Sms:
        return Sms(f"s{self._chance.getrandbits(128):032x}", direction, given["from"], given["to"], given["message"],
                   self._clock(), given.get("whendelivered"), given.get("dontlog") != "message", fate)

    def _find(self, sms_id: str) -> Sms | None:
        return next((one for one in self.all() if one.id == sms_id), None)

    # What the service does of its own accord

    def _report_later(self, sms: Sms) -> None:
        if sms.fate == "lost" or not self._account.reports:
            return
        end = "failed" if sms.fate == "undelivered" else "delivered"
        for seconds, status in ((SENT_AFTER_S, "sent"), (DELIVERED_AFTER_S, end)):
            self._callbacks.later(seconds, partial(self._report, sms, status))

    def _report(self, sms: Sms, status: str) -> Heard:
        with self.lock:
            if REPORTED.index(status) > (REPORTED.index(sms.status) if sms.status in REPORTED else -1):
                sms.status = status
            if status == "delivered" and sms.delivered_at is None:
                sms.delivered_at = self._clock()
        if sms.when_delivered is None:
            return Heard(204)
        form = {"id": sms.id, "status": status}
        heard = post(sms.when_delivered, form | ({"delivered": _utc(self._clock())} if status == "delivered" else {}))
        with self.lock:
            sms.reports.append({"status": status, "answered": heard.status} | ({"why": heard.why} if heard.why else {}))
        # Where nothing was called there is nothing to repeat.
        return heard if is_loopback(sms.when_delivered) else Heard(204)

    # What a test or an administrator does to it, at the control addresses

    def account(self) -> JsonObject:
        """Return what the account is set to."""
        return asdict(self._account)

    def put(self, document: JsonObject) -> JsonObject:
        """Set the account, what is left out as it was at first.

        Raises ValueError, with nothing changed, for what cannot be used.
        """
        credit, numbers, reports = document.get("credit"), document.get("numbers", {}), document.get("reports", True)
        if not document.keys() <= {"credit", "numbers", "reports"} or not isinstance(reports, bool):
            raise ValueError('an account has "credit", "numbers" and "reports", which is true or false')
        if credit is not None and (not isinstance(credit, int) or isinstance(credit, bool) or credit < 0):
            raise ValueError('"credit" is a whole number of ten-thousandths of a krona, or null for no end')
        if not isinstance(numbers, dict) or not all(
                _NUMBER.fullmatch(number) and isinstance(url, str) and is_loopback(url)
                for number, url in numbers.items()):
            raise ValueError('"numbers" has numbers like +46766861234, each with an http address on loopback')
        with self.lock:
            self._account = Account(credit, numbers, reports)
        return self.account()

    def reply(self, document: JsonObject) -> JsonObject:
        """Let a phone send an SMS to a number of ours; return its id and how the one it is handed on to answered.

        Raises ValueError for a message that cannot be sent. One that was not taken is handed on again for hours.
        """
        wrong = _wrong(document | {"message": document.get("message") or "an SMS may be empty"})
        url = self._account.numbers.get(str(document.get("to")))
        if wrong or url is None:
            raise ValueError(wrong or 'no such number here: PUT {"numbers": {"+46…": "http://127.0.0.1:…"}} to /_elks')
        with self.lock:
            sms = self._new("incoming", document)
            self._all.append(sms)
        heard = self._hand_on(sms, url)
        if not heard.taken():
            self._callbacks.later(DELIVERED_AFTER_S, partial(self._hand_on, sms, url))
        return {"id": sms.id, "answered": heard.status} | ({"why": heard.why} if heard.why else {})

    def _hand_on(self, sms: Sms, url: str) -> Heard:
        form = {"id": sms.id, "direction": "incoming", "from": sms.sender, "to": sms.to, "message": sms.message,
                "created": _utc(sms.created_at)}
        heard = post(url, form)
        if heard.taken() and heard.body.strip():  # words in the answer go back as an SMS
            with self.lock:
                answer = {"from": sms.to, "to": sms.sender, "message": heard.body.strip()}
                self._all.append(self._new("outgoing-reply", answer))
        return heard

    def report(self, document: JsonObject) -> JsonObject:
        """Send a delivery report now, once; return how it was answered. Raises ValueError for what is none."""
        sms, status = self._find(str(document.get("id"))), document.get("status")
        if sms is None or status not in REPORTED:
            raise ValueError(f'a report has the "id" of an SMS and a "status" of {", ".join(REPORTED)}')
        self._report(sms, status)
        unasked = {"status": status, "answered": None, "why": "no report was asked for"}
        return sms.reports[-1] if sms.reports else unasked


def parts_of(message: str) -> int:
    """Return as how many SMS a text is sent: 160 or 153 septets of GSM 03.38 each, or 70 or 67 of UCS-2."""
    if all(one in _BASIC or one in _ESCAPED for one in message):
        length, alone, part = len(message) + sum(one in _ESCAPED for one in message), 160, 153
    else:
        length, alone, part = len(message.encode("utf-16-be", "surrogatepass")) // 2, 70, 67
    return 1 if length <= alone else math.ceil(length / part)


def _wrong(given: JsonObject) -> str | None:
    missing = [name for name in ("from", "to", "message") if not isinstance(given.get(name), str) or not given[name]]
    if missing:
        return f"Missing: {', '.join(missing)}"
    if not _NUMBER.fullmatch(given["to"]):
        return f"Not a number in E.164: to={given['to']}"
    if not (_NUMBER.fullmatch(given["from"]) or _NAME.fullmatch(given["from"])):
        return f"Neither a number nor a name of at most 11 characters: from={given['from']}"
    return None


def _plain(status: int, words: str, **headers: str) -> Answer:
    return Answer(status, words.encode(), "text/plain; charset=utf-8",
                  {name.replace("_", "-"): value for name, value in headers.items()})


def _login(request: Request) -> bytes:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        return base64.b64decode(given, validate=True) if kind.lower() == "basic" else b""
    except (binascii.Error, ValueError):
        return b""


def _utc(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
