"""One letter over SMTP: what each reply proves, encryption that is not talked away, nothing after its time."""

import asyncio
import base64
import os
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from channels.outcome_table import LETTERS, promised, table

from broadcaster.channels import Fact, Outcome, Reason, Step
from broadcaster.channels._http import Until, deadline
from broadcaster.channels._smtp import Dial, Envelope, Line, Smtp, dial
from broadcaster.letter_settings import MailServer

LETTER = Envelope("kris@region.example", "p4@elsewhere.example", b"Subject: x\r\n\r\nhej\r\n.punkt\r\n")
PASSWORD = "hemligt-losen-ord"
GOOD = {"EHLO": "250-here\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN", "AUTH": "235 2.7.0 in", "MAIL": "250 ok",
        "RCPT": "250 ok", "DATA": "354 go", ".": "250 2.0.0 queued as 7F", "NOOP": "250 ok", "QUIT": "221 bye",
        "STARTTLS": "220 go"}  # fmt: skip


@dataclass
class Server:
    """A mail server on loopback that says what it is told. `says` None for a command: it hangs up instead."""

    says: dict[str, str | None] = field(default_factory=dict)
    greeting: str | None = "220 here"
    tls: ssl.SSLContext | None = None
    injected: bytes = b""  #: what somebody in between adds to the reply to STARTTLS
    heard: list[str] = field(default_factory=list)
    letters: list[bytes] = field(default_factory=list)
    socket: int = -1  #: of the connection under way

    def push(self, said: bytes) -> None:
        """Say something at once, past whatever this side is doing."""
        os.write(self.socket, said)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.socket = writer.get_extra_info("socket").fileno()
        try:
            if self.greeting is None:
                return
            writer.write(self.greeting.encode() + b"\r\n")
            while line := await reader.readline():
                verb = line.split()[0].decode().upper() if line.split() else ""
                self.heard.append(line.decode().strip())
                said = {**GOOD, **self.says}.get(verb, "500 what")
                if said is None:
                    return
                writer.write(said.encode() + b"\r\n" + (self.injected if verb == "STARTTLS" else b""))
                await writer.drain()
                if verb == "STARTTLS" and self.tls is not None:
                    await writer.start_tls(self.tls)
                if verb == "DATA" and said.startswith("354"):
                    self.letters.append(await reader.readuntil(b"\r\n.\r\n"))
                    end = {**GOOD, **self.says}["."]
                    if end is None:
                        return
                    writer.write(end.encode() + b"\r\n")
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            return
        finally:
            writer.close()


@pytest.fixture
def papers() -> Path:
    """A certificate for 127.0.0.1 that only a test trusts, with its key, in one file."""
    return Path(__file__).with_name("loopback.pem")


def serving(papers: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(papers)
    return context


def talk(
    server: Server,
    act: Callable[[Smtp], Awaitable[Outcome]] | None = None,
    *,
    trusts: Path | None = None,
    at_once_tls: bool = False,
    dialling: Dial = dial,
    **lines: Any,
) -> Outcome:
    """Hand a letter over to `server`, or do `act`, and return what came back."""

    async def whole() -> Outcome:
        tls = server.tls if at_once_tls else None
        listening = await asyncio.start_server(server.handle, "127.0.0.1", 0, ssl=tls)
        port = listening.sockets[0].getsockname()[1]
        usual: dict[str, Any] = {"kind": "email", "host": "127.0.0.1", "port": port, "security": "none",
                                 "sender": LETTER.sender}  # fmt: skip
        smtp = Smtp(MailServer(**{**usual, **lines}), PASSWORD, ssl.create_default_context(cafile=trusts), dialling)
        try:
            return await (act(smtp) if act else smtp.send(LETTER, deadline(5)))
        finally:
            listening.close()
            await asyncio.sleep(0.05)  # the goodbyes

    return asyncio.run(whole())


REPLIES = table(LETTERS["email"])


def reply_of(row: str) -> tuple[str, str | None]:
    """Return the command a row speaks of, `.` for the letter's end, and what the server says; None: it hangs up."""
    command, _, said = row.partition(" ")
    reply = said.strip("`")
    return "." if command == "letter" else command, None if reply == "–" else reply


@pytest.mark.parametrize("row", REPLIES)
def test_what_a_reply_proves(row: str) -> None:
    """docs/outcomes.md, played. After the last dot only the server's own word counts."""
    (command, said), (fact, reason) = reply_of(row), promised(REPLIES[row]["outcome"], Step.SEND)
    server = Server(says={command: said})
    found = talk(server, user="kris")
    assert (found.fact, found.reason) == (fact, reason)
    waits = fact is Fact.REFUSED and (said or "").startswith("4")
    assert (found.wait_s is not None) is waits
    assert "p4@elsewhere.example" not in repr(found)
    assert PASSWORD not in repr(found)


def test_the_letter_arrives_with_its_dots_and_one_end() -> None:
    """A line that begins with a dot is no end (RFC 5321 section 4.5.2)."""
    server = Server()
    assert talk(server).remote_id == "2.0.0 queued as 7F"
    assert server.letters == [LETTER.content.replace(b"\r\n.punkt", b"\r\n..punkt") + b".\r\n"]
    assert [line.split()[0] for line in server.heard] == ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (".", "250 2.0.0 queued for <P4@Elsewhere.Example> as 7F"),
        (".", "550 5.7.1 P4@ELSEWHERE.EXAMPLE has too much mail"),
        ("RCPT", "550 5.1.1 <p4>: no such user here"),
        ("RCPT", "450 4.2.0 p4@elsewhere.example: greylisted"),
    ],
)
def test_a_server_that_repeats_the_address_puts_it_into_no_log(command: str, said: str) -> None:
    """However it spells it: ids and details are kept for years, addresses stand in the settings alone."""
    found = talk(Server(says={command: said}))
    assert "p4" not in repr(found).lower()
    assert "elsewhere" not in repr(found).lower()


@pytest.mark.parametrize("repeats", [PASSWORD, base64.b64encode(f"\0krisen\0{PASSWORD}".encode()).decode()])
def test_a_server_that_repeats_the_sign_in_puts_it_into_no_log(repeats: str) -> None:
    found = talk(Server(says={"AUTH": f"501 5.5.4 what is {repeats}"}), user="krisen")
    assert repeats not in repr(found)
    assert "what is" in found.detail


@pytest.mark.parametrize("greeting", [None, "554 go away", "421 later", "hello", "220-" + "x" * 5000])
def test_a_server_that_does_not_greet_gets_nothing(greeting: str | None) -> None:
    found = talk(Server(greeting=greeting))
    assert found.fact in (Fact.NOT_SENT, Fact.REFUSED)


def test_a_reply_without_end_is_not_read_for_ever() -> None:
    found = talk(Server(says={"EHLO": "\r\n".join(["250-more"] * 200)}))
    assert (found.fact, found.detail) == (Fact.NOT_SENT, "SMTP EHLO: a reply without end")


class TestEncryption:
    def test_the_letter_and_the_password_travel_encrypted(self, papers: Path) -> None:
        server = Server(tls=serving(papers))
        found = talk(server, trusts=papers, security="starttls", user="kris")
        assert found.fact is Fact.DONE
        assert [line.split()[0] for line in server.heard][:4] == ["EHLO", "STARTTLS", "EHLO", "AUTH"]

    def test_encrypted_from_the_first_byte(self, papers: Path) -> None:
        server = Server(tls=serving(papers))
        assert talk(server, trusts=papers, security="tls", user="kris", at_once_tls=True).fact is Fact.DONE

    def test_a_server_that_offers_none_hears_neither_password_nor_letter(self) -> None:
        """Also when somebody in between took the offer away."""
        server = Server(says={"EHLO": "250-here\r\n250 AUTH PLAIN"})
        found = talk(server, security="starttls", user="kris")
        assert (found.fact, found.reason) == (Fact.REFUSED, Reason.PERMISSION)
        assert [line.split()[0] for line in server.heard] == ["EHLO"]

    def test_a_certificate_nobody_vouches_for_ends_it(self, papers: Path) -> None:
        server = Server(tls=serving(papers))
        found = talk(server, security="starttls", user="kris")
        assert found.fact is Fact.NOT_SENT
        assert "certificate" in found.detail
        assert not [line for line in server.heard if line.startswith(("AUTH", "MAIL"))]

    def test_what_was_said_before_the_encryption_is_not_taken_for_what_is_said_in_it(self, papers: Path) -> None:
        """Somebody in between answers in the clear for the EHLO to come (CVE-2011-0411): it is thrown away."""
        server = Server(tls=serving(papers), injected=b"250-evil\r\n250 AUTH LOGIN\r\n")
        found = talk(server, trusts=papers, security="starttls", user="kris")
        assert not [line for line in server.heard if line.startswith("AUTH LOGIN")]
        assert found.fact in (Fact.DONE, Fact.NOT_SENT)

    def test_nor_is_what_comes_while_the_encryption_begins(self, papers: Path) -> None:
        """However well somebody in between times it: what arrives after the look and before TLS is not read as SMTP."""
        server = Server(tls=serving(papers))

        class Watched(asyncio.StreamReader):
            """Lets the other side speak in the moment after the look found nothing."""

            async def read(self, n: int = -1) -> bytes:
                try:
                    return await super().read(n)
                except asyncio.CancelledError:
                    server.push(b"250-evil\r\n250 AUTH LOGIN\r\n")
                    raise

        async def watched(host: str, port: int) -> Line:
            loop = asyncio.get_running_loop()
            reader = Watched(limit=2048, loop=loop)
            protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
            transport, _ = await loop.create_connection(lambda: protocol, host, port)
            return reader, asyncio.StreamWriter(transport, protocol, reader, loop)

        found = talk(server, trusts=papers, security="starttls", user="kris", dialling=watched)
        assert not [line for line in server.heard if line.startswith("AUTH LOGIN")]
        assert found.fact is Fact.NOT_SENT

    def test_signing_in_the_older_way(self) -> None:
        name, password = (base64.b64encode(one.encode()).decode().upper() for one in ("kris", PASSWORD))
        asks = {"EHLO": "250-here\r\n250 AUTH LOGIN", "AUTH": "334 VXNlcm5hbWU6", name: "334 UGFzc3dvcmQ6"}
        server = Server(says={**asks, password: "235 in"})
        assert talk(server, user="kris").fact is Fact.DONE

    def test_a_server_that_knows_no_way_of_ours_is_refused(self) -> None:
        found = talk(Server(says={"EHLO": "250-here\r\n250 AUTH XOAUTH2"}), user="kris")
        assert (found.fact, found.reason) == (Fact.REFUSED, Reason.PERMISSION)


class TestTime:
    def test_a_machine_that_slept_sends_nothing_when_it_wakes(self) -> None:
        """The clock that counts sleep says that the time is over, though no timer has rung yet."""
        server = Server()
        slept = [0.0]

        async def act(smtp: Smtp) -> Outcome:
            now = asyncio.get_running_loop().time()
            return await smtp.send(LETTER, Until(now + 60, 10.0, lambda: slept[0]))

        slept[0] = 11.0
        found = talk(server, act)
        assert (found.fact, server.letters) == (Fact.NOT_SENT, [])
        assert server.heard == []

    def test_a_call_that_is_cancelled_hangs_up(self) -> None:
        """Nobody goes on talking for a call that is over."""
        async def act(smtp: Smtp) -> Outcome:
            task = asyncio.create_task(smtp.send(LETTER, deadline(30)))
            await asyncio.sleep(0.2)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return Outcome(Fact.DONE)

        server = Server(greeting="220-waits")
        assert talk(server, act).fact is Fact.DONE
        assert server.letters == []

    def test_nobody_there(self) -> None:
        async def whole() -> Outcome:
            settings = MailServer(kind="email", host="127.0.0.1", port=1, security="none", sender=LETTER.sender)
            return await Smtp(settings, "", ssl.create_default_context(), dial).send(LETTER, deadline(5))

        found = asyncio.run(whole())
        assert (found.fact, found.detail) == (Fact.NOT_SENT, "SMTP CONNECT: ConnectionRefusedError")
