"""What was asked of the imitated services, in order of arrival, with every secret struck out."""

import re
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from broadcaster.sandbox.exchange import JsonObject, iso
from broadcaster.sandbox.graph_tokens import APP_SECRET, PAGE_TOKEN
from broadcaster.sandbox.phone import PHONE_TOKEN
from broadcaster.sandbox.restapp import PASSWORD

LONGEST = 50_000
"""Entries kept; the oldest go first."""

_NAMES = "access_token|input_token|client_secret|appsecret_proof|fb_exchange_token"
_IN_FORM = re.compile(rf"\b({_NAMES})=[^&\s]*")
_IN_JSON = re.compile(rf'"({_NAMES})"(\s*:\s*)"(?:[^"\\]|\\.)*"')
_KNOWN = re.compile("|".join(re.escape(secret) for secret in (PAGE_TOKEN, APP_SECRET, PHONE_TOKEN, PASSWORD)))


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
    text = _IN_FORM.sub(r"\1=***", text)
    text = _IN_JSON.sub(r'"\1"\2"***"', text)
    return _KNOWN.sub("***", text)
