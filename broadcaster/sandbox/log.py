"""What was asked of the imitated services, in order of arrival, with every secret struck out."""

import re
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from broadcaster.sandbox import elks, mail, phone, restapp
from broadcaster.sandbox.exchange import JsonObject, iso
from broadcaster.sandbox.graph_tokens import APP_SECRET, PAGE_TOKEN, SYSTEM_USER_TOKEN, USER_TOKEN

LONGEST = 50_000
"""Entries kept; the oldest go first."""

# A secret is known by the name of its parameter, wherever that stands: in an address, a form, JSON, a part of a
# multipart body, and within those again (a batch is JSON in a form, with addresses and forms in it), so every sign
# between name and value may be percent-encoded or escaped, more than once. Every repetition is bounded or linear.
_NAME = r"\w*(?:_token|_secret|_proof|password)"
_PERCENT = r"%(?:25){0,9}"
_QUOTE = rf"(?:\\{{0,15}}[\"']|{_PERCENT}2[27])"
_SPACE = rf"(?:\s|\+|{_PERCENT}20){{0,9}}"
_IN_FORM = re.compile(  # what is encoded ends with what is encoded as often: a secret may have an ampersand in it
    rf"\b(?P<name>{_NAME})(?:(?P<is>=){_QUOTE}?[^&\s\"\\]*"
    rf"|(?P<encoded>%(?P<depth>(?:25){{0,9}})3D){_QUOTE}?"
    r"(?:(?!%(?P=depth)(?:26|22|5C|0A|0D))[^&\s\"\\])*)", re.IGNORECASE)
_IN_JSON = re.compile(
    rf"(?P<q>{_QUOTE})(?P<name>{_NAME})(?P=q)(?P<is>{_SPACE}(?::|{_PERCENT}3A){_SPACE})"
    r"(?:(?P=q)(?:(?!(?P=q))(?:\\.|.))*(?:(?P=q)|\Z)|[-.\w]+)", re.IGNORECASE | re.DOTALL)
_IN_PART = re.compile(
    rf"(?P<head>\bname=\"?{_NAME}\"?[^\r\n]*\r?\n(?:[^\r\n]+\r?\n){{0,9}}\r?\n).*?(?=\r?\n--|\Z)",
    re.IGNORECASE | re.DOTALL)
_KNOWN = re.compile("|".join(re.escape(secret) for secret in (
    PAGE_TOKEN, USER_TOKEN, SYSTEM_USER_TOKEN, APP_SECRET, phone.PHONE_TOKEN, restapp.PASSWORD, elks.PASSWORD,
    mail.PASSWORD)))


@dataclass(slots=True)
class Entry:
    """One request. `status` stays 0 until an answer leaves, and for good when none does."""

    at: float
    service: str
    method: str
    path: str
    body: str
    status: int = 0

    def shown(self) -> JsonObject:
        """Return the entry as JSON values."""
        return {"at": iso(self.at), "service": self.service, "method": self.method, "path": self.path,
                "status": self.status, "body": self.body}


class Log:
    """The latest requests, oldest first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=LONGEST)

    def open(self, service: str, method: str, path: str, body: bytes) -> Entry:
        """Record a request on arrival and return its entry, to be given a status when the answer leaves."""
        with self._lock:
            entry = Entry(self._clock(), service, method, masked(path), masked(body.decode("utf-8", "replace")))
            self._entries.append(entry)
            return entry

    def items(self) -> list[JsonObject]:
        """Return every entry kept."""
        with self._lock:
            return [entry.shown() for entry in self._entries]

    def clear(self) -> None:
        """Forget every entry."""
        with self._lock:
            self._entries.clear()


def masked(text: str) -> str:
    """Return the text with tokens, secrets and proofs replaced by three asterisks."""
    text = _IN_PART.sub(r"\g<head>***", text)
    text = _IN_JSON.sub(r"\g<q>\g<name>\g<q>\g<is>\g<q>***\g<q>", text)
    text = _IN_FORM.sub(r"\g<name>\g<is>\g<encoded>***", text)
    return _KNOWN.sub("***", text)
