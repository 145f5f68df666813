"""
One letter over SMTP (RFC 5321), command by command, and the one table of what each reply proves.

    what happened                                                            fact       reason
    no connection, no greeting, TLS that fails, a line that breaks before    NOT_SENT   NETWORK
      the letter's last dot has left: no server may deliver what has no end
    421, or any 4xx to the greeting, EHLO, AUTH or MAIL                      REFUSED    RATE, with a wait
    5xx to AUTH                                                              REFUSED    TOKEN
    5xx to the greeting, EHLO or MAIL; encryption that is not offered        REFUSED    PERMISSION
    4xx to RCPT or to the letter                                             REFUSED    SERVER, with a wait
    5xx to RCPT                                                              REFUSED    GONE
    5xx to DATA or to the letter                                             REFUSED    CONTENT
    250 to the letter                                                        DONE
    421 or 451 to the letter, unless it is policy (4.7.x, greylisting):      UNCERTAIN  NETWORK
      so says a filter that has lost sight of whoever it handed it to
    anything else after the last dot: silence, a broken line, no SMTP        UNCERTAIN  NETWORK

Written on the standard library's streams: every write goes through one place that first looks at the time, also at the
clock that counts sleep, so nothing is said after the call's time is over; and cancelling the call closes the line. A
thread with `smtplib` in it can do neither.
"""

import asyncio
import base64
import re
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import cast

from broadcaster.channels import Fact, Outcome, Reason
from broadcaster.channels._http import Until, scrub
from broadcaster.letter_settings import MailServer

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]
#: Opens a connection to a host and a port; in a drill to the imitation and nowhere else.
Dial = Callable[[str, int], Awaitable[Line]]

#: "Not now" names no time in SMTP. Servers that greylist take it after a minute or some.
WAIT_S = 60.0
#: RFC 5321 section 4.5.3.1.5 allows 512; some servers say more. Replies are read so far and no further.
LINE_BYTES_MAX, LINES_MAX = 2048, 64
_REPLY = re.compile(r"[2-5][0-9][0-9](?:[ -]|$)")


async def dial(host: str, port: int) -> Line:
    """Open a real connection."""
    return await asyncio.open_connection(host, port, limit=LINE_BYTES_MAX)


@dataclass(frozen=True)
class Reply:
    """What the server said to one command."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The words of the last line."""
        return self.lines[-1] if self.lines else ""


@dataclass(frozen=True)
class Envelope:
    """One letter to one recipient; `content` is the whole letter with CRLF line ends."""

    sender: str
    recipient: str
    content: bytes


class _Broken(Exception):
    """The line is of no use any more; the words say why and quote nothing."""


class _No(Exception):
    """The server said no, or not now."""

    def __init__(self, reason: Reason, reply: Reply, where: str, wait_s: float | None = None) -> None:
        super().__init__(where)
        self.reason, self.reply, self.where, self.wait_s = reason, reply, where, wait_s


class Smtp:
    """A mail server and who we are there. One connection for each letter: a kept one may be stale when it matters."""

    def __init__(self, settings: MailServer, password: str, context: ssl.SSLContext, dial: Dial) -> None:
        self._settings, self._password, self._tls, self._dial = settings, password, context, dial

    async def send(self, letter: Envelope, until: Until) -> Outcome:
        """Hand one letter over and return what is now certain. Raises nothing but cancellation."""
        talk = _Talk(until)
        try:
            async with asyncio.timeout_at(until.at):
                await self._begin(talk)
                await talk.command("MAIL", f"MAIL FROM:<{letter.sender}>")
                await talk.command("RCPT", f"RCPT TO:<{letter.recipient}>")
                await talk.command("DATA", "DATA", wanted=354)
                taken = await talk.letter(letter.content)
                return replace(taken, remote_id=self._quoted(taken.detail, letter) or None, detail="")
        except _No as no:
            return self._refused(no, letter)
        except Exception as error:  # noqa: BLE001 - whatever breaks, the caller gets a fact; unknown is uncertain
            fact = Fact.UNCERTAIN if talk.handed_over else Fact.NOT_SENT
            return Outcome(fact, Reason.NETWORK, detail=f"SMTP {talk.where}: {_why(error)}")
        finally:
            talk.hang_up()

    async def check(self, until: Until) -> Outcome:
        """Go as far as a letter would without writing one: connect, encrypt, sign in."""
        talk = _Talk(until)
        try:
            async with asyncio.timeout_at(until.at):
                await self._begin(talk)
                await talk.command("NOOP", "NOOP")
                return Outcome(Fact.DONE)
        except _No as no:
            return self._refused(no, None)
        except Exception as error:  # noqa: BLE001 - as above
            return Outcome(Fact.NOT_SENT, Reason.NETWORK, detail=f"SMTP {talk.where}: {_why(error)}")
        finally:
            talk.hang_up()

    async def _begin(self, talk: "_Talk") -> None:
        """Connect, encrypt as the settings say, and sign in where there is a user."""
        settings = self._settings
        talk.line = await self._dial(settings.host, settings.port)
        if settings.security == "tls":
            await talk.encrypt(self._tls, settings.host)
        await talk.greeted()
        offers = await talk.hello()
        if settings.security == "starttls":
            if "STARTTLS" not in offers:
                raise _No(Reason.PERMISSION, Reply(0, ("the server offers no encryption",)), "EHLO")
            await talk.command("STARTTLS", "STARTTLS")
            await talk.encrypt(self._tls, settings.host)
            offers = await talk.hello()
        if settings.user is not None:
            await self._sign_in(talk, settings.user, offers)

    async def _sign_in(self, talk: "_Talk", user: str, offers: dict[str, str]) -> None:
        ways = offers.get("AUTH", "").upper().split()
        if "PLAIN" in ways:
            await talk.command("AUTH", "AUTH PLAIN " + _base64(_plain(user, self._password)), wanted=235)
        elif "LOGIN" in ways:
            await talk.command("AUTH", "AUTH LOGIN", wanted=334)
            await talk.command("AUTH", _base64(user), wanted=334)
            await talk.command("AUTH", _base64(self._password), wanted=235)
        else:
            raise _No(Reason.PERMISSION, Reply(0, ("the server offers no way to sign in that we know",)), "EHLO")

    def _refused(self, no: _No, letter: Envelope | None) -> Outcome:
        said = self._quoted(f"SMTP {no.where}: {no.reply.code or ''} {no.reply.text}", letter)
        status = no.reply.code or None
        return Outcome(Fact.REFUSED, no.reason, wait_s=no.wait_s, status=status, detail=said)

    def _quoted(self, said: str, letter: Envelope | None) -> str:
        """Return a server's words without what it may repeat of ours: the sign-in, and whom the letter is to."""
        if letter is not None:
            mailbox, _, domain = letter.recipient.partition("@")
            whole = rf"(?<![\w.+-]){re.escape(mailbox)}(@{re.escape(domain)})?(?![\w+-])"
            said = re.sub(whole, "…", said, flags=re.IGNORECASE)
        plain = _base64(_plain(self._settings.user, self._password))
        return scrub(said, [one for one in (plain, self._password, _base64(self._password)) if one])


class _Talk:
    """One connection. Nothing is written but by `_write`, which looks at the time first."""

    def __init__(self, until: Until) -> None:
        self._until = until
        self.line: Line | None = None
        self.where = "CONNECT"  #: the command under way, for the log
        self.handed_over = False  #: the last dot may have left

    async def greeted(self) -> None:
        """Wait for the server's first word."""
        _judge("CONNECT", await self._reply(), 220)

    async def hello(self) -> dict[str, str]:
        """Say who we are, and return what the server offers."""
        reply = await self.command("EHLO", f"EHLO {_address_literal(self.line)}")
        words = (line.partition(" ") for line in reply.lines[1:])
        return {name.upper(): more for name, _, more in words}

    async def command(self, where: str, line: str, wanted: int = 250) -> Reply:
        """Give one command. Raises `_No` for a refusal, `_Broken` for what is no answer to it."""
        self.where = where
        await self._write(line.encode("ascii") + b"\r\n")
        reply = await self._reply()
        _judge(where, reply, 220 if where == "STARTTLS" else wanted)
        return reply

    async def letter(self, content: bytes) -> Outcome:
        """Write the letter and its end in one piece, and return what the server's last word proves."""
        self.where = "letter"
        stuffed = b"\r\n".join(b"." + one if one.startswith(b".") else one for one in content.split(b"\r\n"))
        end = b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n"
        await self._write(stuffed + end, hands_over=True)
        reply = await self._reply()
        _judge("letter", reply, 250)
        return Outcome(Fact.DONE, status=reply.code, detail=reply.text)

    async def encrypt(self, context: ssl.SSLContext, host: str) -> None:
        """Go on in TLS. What was already said in the clear must not be taken for what is said in it (CVE-2011-0411)."""
        assert self.line is not None
        reader, writer = self.line
        # Whatever comes from now on stays in the system until TLS reads it, and breaks it if it is none.
        cast(asyncio.Transport, writer.transport).pause_reading()
        early = asyncio.ensure_future(reader.read(1))  # done at once if there is anything
        await asyncio.sleep(0)
        if early.done():
            raise _Broken("something was said before the encryption began")
        early.cancel()
        await asyncio.wait([early])
        await writer.start_tls(context, server_hostname=host)

    def hang_up(self) -> None:
        """Close the line. After a letter was taken the goodbye is a courtesy, and nobody waits for its answer."""
        if self.line is None:
            return
        writer = self.line[1]
        if self._until.left_s > 0 and not writer.is_closing() and self.where in ("letter", "NOOP"):
            writer.write(b"QUIT\r\n")
            writer.close()
        else:
            writer.transport.abort()

    async def _write(self, data: bytes, *, hands_over: bool = False) -> None:
        if self._until.left_s <= 0 or self.line is None:  # also when this machine slept: another has its lease
            raise _Broken("the time of the call was over")
        self.handed_over |= hands_over
        self.line[1].write(data)
        await self.line[1].drain()

    async def _reply(self) -> Reply:
        assert self.line is not None
        lines: list[str] = []
        while len(lines) < LINES_MAX:
            raw = await self.line[0].readline()
            text = raw.decode("utf-8", "replace").rstrip("\r\n")
            if not raw.endswith(b"\n") or not _REPLY.match(text):
                raise _Broken("no SMTP reply")
            lines.append(text[4:])
            if text[3:4] != "-":
                return Reply(int(text[:3]), tuple(lines))
        raise _Broken("a reply without end")


def _address_literal(line: Line | None) -> str:
    """Return this machine's own address as RFC 5321 section 4.1.3 writes it; no name of it can be looked up wrongly."""
    assert line is not None
    own = str(line[1].get_extra_info("sockname")[0]).partition("%")[0]
    return f"[IPv6:{own}]" if ":" in own else f"[{own}]"


def _judge(where: str, reply: Reply, wanted: int) -> None:
    """Raise `_No` for what is a refusal of this command, `_Broken` for what is neither that nor the wanted code."""
    code = reply.code
    if code == wanted or (where == "RCPT" and code == 251):
        return
    if where == "letter" and code in (421, 451) and not reply.text.startswith("4.7."):
        raise _Broken(f"{code} after the letter")
    if 400 <= code < 500:
        ours = code == 421 or where not in ("RCPT", "DATA", "letter")
        raise _No(Reason.RATE if ours else Reason.SERVER, reply, where, WAIT_S)
    if 500 <= code < 600:
        reason = {"AUTH": Reason.TOKEN, "RCPT": Reason.GONE, "DATA": Reason.CONTENT, "letter": Reason.CONTENT}
        raise _No(reason.get(where, Reason.PERMISSION), reply, where)
    raise _Broken(f"unexpected {code}")


def _why(error: Exception) -> str:
    """Return what broke, without what other people's words may quote."""
    if isinstance(error, _Broken):
        return str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not good: {error.verify_message}"
    return type(error).__name__


def _plain(user: str | None, password: str) -> str:
    """Return what AUTH PLAIN says (RFC 4616)."""
    return f"\0{user or ''}\0{password}"


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")
