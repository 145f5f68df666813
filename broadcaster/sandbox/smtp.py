"""SMTP on a real connection (RFC 5321), with faults on it: the same script and the same log as everything else here.

On loopback there is nothing to encrypt, so STARTTLS is not offered; AUTH is, and nobody has to use it.
"""

import base64
import contextlib
import socketserver
import time

from broadcaster.sandbox.connection import LONGEST_HOLD_S, Connection
from broadcaster.sandbox.exchange import Answer, Request
from broadcaster.sandbox.faults import play
from broadcaster.sandbox.mail import SIZE_MAX, Conversation, address, reply
from broadcaster.sandbox.server import DRIP_S, IDLE_S, Server

LONGEST_LINE = 4096


class Session(Connection, socketserver.StreamRequestHandler):
    """One connection; also the `Wire` on which faults are played."""

    timeout = IDLE_S
    disable_nagle_algorithm = True
    server: Server

    def handle(self) -> None:
        """Greet, then read commands and answer each until either side has had enough."""
        self.talk, self.close_connection = Conversation(self.server.state.mailbox), False
        with contextlib.suppress(ConnectionError, TimeoutError):
            self._serve(Request("CONNECT", (), {}, {}, b"", ""))
            while not self.close_connection and (line := self.rfile.readline(LONGEST_LINE)):
                verb, _, words = line.strip().partition(b" ")
                self._command(verb.decode("ascii", "replace").upper(), words.strip(), line)

    def _command(self, verb: str, words: bytes, line: bytes) -> None:
        if not line.endswith(b"\n"):
            self.close_connection = True
            self._write(reply(500, "The line is too long"))
            return
        body, about = words, ""
        if verb in ("MAIL", "RCPT"):
            about = address(words)
        elif verb in ("EHLO", "HELO"):
            about = words.decode("utf-8", "replace")
        elif verb == "AUTH":
            body = self._credentials(words)
        elif verb == "DATA":
            go_on = self.talk.ready()
            self._write(go_on)
            if go_on.status != 354:
                return
            body = self._letter()
        self._serve(Request(verb, (about,) if about else (), {}, {}, body, ""))
        if verb == "DATA" and not self.close_connection:
            self.talk.forget()
        self.close_connection = self.close_connection or verb == "QUIT"

    def _serve(self, request: Request) -> None:
        # Neither credentials nor letters go into the log; the letters are at /_state and /mail.
        self.entry = self.server.state.log.open("smtp", request.method, "/" + "/".join(request.segments), b"")
        action = self.server.state.pick("smtp", request)
        if action is None:
            self.send(self.talk.handle(request))
        else:
            play(action, self.talk, request, self)

    def _credentials(self, words: bytes) -> bytes:
        """Return name and password as AUTH PLAIN has them, asking for what is missing; b"-" for no such way."""
        way, _, given = words.partition(b" ")
        if way.upper() == b"PLAIN":
            return given or self._ask("")
        if way.upper() != b"LOGIN":
            return b"-"
        with contextlib.suppress(ValueError):
            name = base64.b64decode(given or self._ask("VXNlcm5hbWU6"), validate=True)
            password = base64.b64decode(self._ask("UGFzc3dvcmQ6"), validate=True)
            return base64.b64encode(b"\0" + name + b"\0" + password)
        return b"-"

    def _ask(self, words: str) -> bytes:
        self._write(reply(334, words))
        return self.rfile.readline(LONGEST_LINE).strip()

    def _letter(self) -> bytes:
        """Read up to the lone dot, doubled dots made single; what is too long is read and only its size kept."""
        lines: list[bytes] = []
        size = 0
        while (line := self.rfile.readline(65536)) != b".\r\n":
            if not line:
                raise ConnectionResetError("the caller left in the middle of the letter")
            size += len(line)
            if size <= SIZE_MAX + 1:
                lines.append(line.removeprefix(b"."))
        return b"".join(lines) if size <= SIZE_MAX else b"x" * (SIZE_MAX + 1)

    def _write(self, answer: Answer) -> None:
        *first, last = answer.body.decode().split("\n")
        lines = [*(f"{answer.status}-{line}" for line in first), f"{answer.status} {last}", ""]
        self.connection.sendall("\r\n".join(lines).encode())

    # What faults need of a connection

    def send(self, answer: Answer) -> None:
        """Send the reply; 421 ends the connection."""
        self.entry.status = answer.status
        self._write(answer)
        self.close_connection = self.close_connection or answer.status == 421

    def drip(self, answer: Answer) -> None:
        """Send the reply line by line that never ends, as slowly as nothing can wait for."""
        self.entry.status = answer.status
        until = time.monotonic() + LONGEST_HOLD_S
        while time.monotonic() < until and not self.server.closing.wait(DRIP_S):
            self.connection.sendall(f"{answer.status}-\r\n".encode())
        self.drop()
