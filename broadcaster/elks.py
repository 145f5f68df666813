"""
SMS by 46elks: one request, and the one table of what its answer proves.

    what happened                                                       fact
    no connection was made, or no address to ask                        FAILED, nothing left us
    4xx: a wrong number, no credit, wrong credentials                   FAILED, the words in `why`
    2xx with the id of the SMS                                          SENT (accepted; a delivery report follows)
    anything else: a time limit, a broken answer, 3xx, 5xx, no id       UNSURE, it may be on its way

46elks has no idempotency key, so what is UNSURE is never repeated blindly: the same person would be woken twice, and
a sender of messages would double one. `form` and `proof` are for those who send with a client of their own.
Source: 46elks' own documentation of `POST /a1/sms` and of its delivery reports.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import httpx

BASE_URL = "https://api.46elks.com"
TIMEOUT_S = 10
#: An answer of theirs is some hundred bytes.
ANSWER_BYTES_MAX = 64 * 1024
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_SPACING = re.compile(r"\(0\)|[\s()./\u2010-\u2015-]")


class Fact(StrEnum):
    """What an answer proves about one SMS."""

    SENT = "sent"
    UNSURE = "unsure"
    FAILED = "failed"


@dataclass(frozen=True)
class Sms:
    """One SMS. `sender` is a name of at most 11 letters or an E.164 number, `to` an E.164 number.

    `when_delivered` is where the delivery report goes, None for none.
    """

    sender: str
    to: str
    message: str
    when_delivered: str | None = None


@dataclass(frozen=True)
class Sent:
    """What came back. `id` is theirs (None unless sent); `why` says what is wrong and carries no number."""

    fact: Fact
    id: str | None = None
    why: str | None = None


class Elks:
    """An account at 46elks. Blocking, for threads; nothing is kept between two calls."""

    def __init__(self, user: str, password: str, *, base_url: str = BASE_URL, timeout_s: float = TIMEOUT_S) -> None:
        self._auth, self._base_url, self._timeout_s = (user, password), base_url.rstrip("/"), timeout_s

    def send(self, sms: Sms) -> Sent:
        """Ask once for `sms` to be sent and return what the answer proves. Raises nothing."""
        try:
            with httpx.Client(timeout=self._timeout_s, trust_env=False, follow_redirects=False) as client:
                answer = client.post(f"{self._base_url}/a1/sms", data=form(sms), auth=self._auth)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            return Sent(Fact.FAILED, why=type(error).__name__)
        except httpx.HTTPError as error:
            return Sent(Fact.UNSURE, why=type(error).__name__)
        return proof(answer.status_code, answer.content)


def form(sms: Sms) -> dict[str, str]:
    """Return the fields of the request for `sms`."""
    fields = {"from": sms.sender, "to": sms.to, "message": sms.message}
    return fields | ({"whendelivered": sms.when_delivered} if sms.when_delivered else {})


def proof(status: int, body: bytes) -> Sent:
    """Return what an answer of 46elks proves."""
    if 400 <= status < 500 and status not in (408, 409, 499):
        return Sent(Fact.FAILED, why=_REFUSALS.get(status, f"answered {status}"))
    if not 200 <= status < 300 or len(body) > ANSWER_BYTES_MAX:
        return Sent(Fact.UNSURE, why=f"answered {status}")
    try:
        said = json.loads(body)
    except ValueError:
        return Sent(Fact.UNSURE, why="answered nothing readable")
    found = said.get("id") if isinstance(said, dict) else None
    if not isinstance(found, str) or not 1 <= len(found) <= 64:
        return Sent(Fact.UNSURE, why="answered without an id")
    if said.get("status") == "failed":
        return Sent(Fact.FAILED, found, "failed at once")
    return Sent(Fact.SENT, found)


def e164(number: str | None) -> str | None:
    """Return `number` in E.164 (+46701234567), spaces and `(0)` left out; None if it is none."""
    bare = _SPACING.sub("", number or "")
    return bare if _E164.fullmatch(bare) else None


_REFUSALS: Mapping[int, str] = {
    400: "answered 400: the number or the sender is not accepted",
    401: "answered 401: user name or password is wrong",
    402: "answered 402: no credit left at 46elks",
    403: "answered 403: no credit left at 46elks, or not allowed",
}
