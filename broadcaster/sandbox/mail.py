"""An imitation mailbox: what a mail server does with each command of RFC 5321, and the letters it took.

`smtp` carries the commands over a real connection. Here each is a request (`RCPT /anna@region.example`) with a reply
code for a status, so that the script breaks mail with the same words as everything else.
"""

import base64
import binascii
import hmac
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from broadcaster.sandbox.exchange import Answer, JsonObject, Request, iso

USER, PASSWORD = "kris", "MAILPASS"  # published on purpose: they open nothing but this imitation
SIZE_MAX = 10_000_000
RECIPIENTS_MAX = 100
OFFERS = ("PIPELINING", f"SIZE {SIZE_MAX}", "8BITMIME", "SMTPUTF8", "AUTH PLAIN LOGIN")
_PATH = re.compile(r"(?:FROM|TO):\s*<([^<>\s]*)>((?: [^\s=]+(?:=\S+)?)*)", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter as it was taken; `to` is the envelope, whatever the letter itself says."""

    sender: str
    to: tuple[str, ...]
    content: bytes
    received_at: float

    def read(self) -> EmailMessage:
        """Return the letter with its headers."""
        return message_from_bytes(self.content, policy=default)

    def text(self) -> str:
        """Return the words as whoever opens it reads them."""
        body = self.read().get_body(("plain", "html"))
        found = body.get_content() if body is not None else ""
        return found.replace("\r\n", "\n").removesuffix("\n") if isinstance(found, str) else ""

    def shown(self) -> JsonObject:
        """Return it as JSON values; its id is the Message-ID."""
        read = self.read()
        return {"id": str(read["Message-ID"] or ""), "text": self.text(), "to": list(self.to), "from": self.sender,
                "subject": str(read["Subject"] or ""), "received_at": iso(self.received_at)}


class Mailbox:
    """Every letter that was taken, oldest first. Whoever they are to, they are all here."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._letters: list[Letter] = []

    def letters(self) -> list[Letter]:
        """Return every letter."""
        with self._lock:
            return list(self._letters)

    def take(self, sender: str, to: tuple[str, ...], content: bytes) -> None:
        """Keep a letter."""
        with self._lock:
            self._letters.append(Letter(sender, to, content, self._clock()))

    def clear(self) -> None:
        """Forget every letter."""
        with self._lock:
            self._letters.clear()


class Conversation:
    """One connection's side of the protocol: who writes to whom, and the reply to each command."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._greeted = False
        self._sender: str | None = None
        self._unicode = False
        self._to: list[str] = []

    def ready(self) -> Answer:
        """Return the reply to DATA itself: go on, or why not."""
        return reply(354, "Go on, end with a dot on a line of its own") if self._to else _OUT_OF_TURN

    def forget(self) -> None:
        """Forget whose letter this was and to whom: it is over, whatever became of it."""
        self._sender, self._unicode, self._to = None, False, []

    def handle(self, request: Request) -> Answer:
        """Carry a command out and return the reply; the body of DATA is the letter."""
        verb, words = request.method, "/".join(request.segments)
        if request.fate == "refused":
            return reply(550, "5.1.1 No such mailbox" if verb == "RCPT" else "5.7.1 Not accepted here")
        if verb in ("EHLO", "HELO"):
            self.forget()
            self._greeted = bool(words)
            lines = ("imitation", *OFFERS) if verb == "EHLO" else ("imitation",)
            return reply(250, *lines) if words else reply(501, "Say who you are")
        if verb == "CONNECT":
            return reply(220, "imitation ESMTP")
        simple = {"RSET": (250, "Forgotten"), "NOOP": (250, "Yes"), "VRFY": (252, "Try and see"), "QUIT": (221, "Bye")}
        if verb in simple:
            if verb == "RSET":
                self.forget()
            return reply(*simple[verb])
        own = {"AUTH": self._auth, "MAIL": self._mail, "RCPT": self._rcpt, "DATA": self._data}.get(verb)
        if own is None:
            return reply(500, "No such command")
        return own(request) if self._greeted else _OUT_OF_TURN

    def broken(self) -> Answer:
        """Return 451: something is wrong here, try again later."""
        return reply(451, "4.3.0 Trouble here, try again later")

    def limited(self, request: Request) -> Answer:
        """Return 421, after which the connection is closed."""
        return reply(421, "4.7.0 Too many messages, come back later")

    def locked_out(self, request: Request) -> Answer:
        """Return 535."""
        return reply(535, "5.7.8 User name or password is wrong")

    def _auth(self, request: Request) -> Answer:
        try:
            given = base64.b64decode(request.body, validate=True).split(b"\0")[-2:]
        except (binascii.Error, ValueError):
            return reply(501, "5.5.2 Not base64")
        good = hmac.compare_digest(b"\0".join(given), f"{USER}\0{PASSWORD}".encode())
        return reply(235, "2.7.0 Welcome") if good else self.locked_out(request)

    def _mail(self, request: Request) -> Answer:
        path = _PATH.fullmatch(request.body.decode("utf-8", "replace"))
        if path is None or (path[1] and not _ADDRESS.fullmatch(path[1])):
            return reply(501, "5.1.7 Not an address: MAIL FROM:<somebody@somewhere>")
        if self._sender is not None:
            return _OUT_OF_TURN
        given = dict(part.upper().partition("=")[::2] for part in path[2].split())
        if not given.keys() <= {"SIZE", "BODY", "SMTPUTF8", "AUTH"}:
            return reply(555, "5.5.4 No such parameter")
        if given.get("SIZE", "0").isdecimal() and int(given.get("SIZE", "0")) > SIZE_MAX:
            return _TOO_LARGE
        self._unicode = "SMTPUTF8" in given
        if not path[1].isascii() and not self._unicode:
            return _NOT_ASCII
        self._sender = path[1]
        return reply(250, "2.1.0 Good")

    def _rcpt(self, request: Request) -> Answer:
        path = _PATH.fullmatch(request.body.decode("utf-8", "replace"))
        if self._sender is None:
            return _OUT_OF_TURN
        if path is None or not _ADDRESS.fullmatch(path[1]):
            return reply(501, "5.1.3 Not an address: RCPT TO:<somebody@somewhere>")
        if not path[1].isascii() and not self._unicode:
            return _NOT_ASCII
        if len(self._to) >= RECIPIENTS_MAX:
            return reply(452, "4.5.3 Too many recipients")
        self._to.append(path[1])
        return reply(250, "2.1.5 Good")

    def _data(self, request: Request) -> Answer:
        if self._sender is None or not self._to:
            return _OUT_OF_TURN
        sender, to, lost = self._sender, tuple(self._to), request.fate == "lost"
        self.forget()
        if len(request.body) > SIZE_MAX:
            return _TOO_LARGE
        if not lost:
            self._mailbox.take(sender, to, request.body)
        return reply(250, "2.0.0 Taken")


def reply(code: int, *lines: str) -> Answer:
    """Return a reply of one or more lines."""
    return Answer(code, "\n".join(lines).encode(), "text/plain")


def address(words: bytes) -> str:
    """Return the address in the words after MAIL or RCPT, for scripts and the log; empty if there is none."""
    path = _PATH.fullmatch(words.decode("utf-8", "replace"))
    return path[1] if path else ""


_OUT_OF_TURN = reply(503, "5.5.1 Not now")
_TOO_LARGE = reply(552, "5.3.4 Too large")
_NOT_ASCII = reply(553, "5.6.7 Only with SMTPUTF8")
