"""
E-mail to a list: the press, and the neighbours who pass the message on. One letter for each recipient, so nobody sees
another's address, through the organisation's own mail server.

A letter is a share kit: the heading for a subject, the whole words as plain text with the link in them, and the
approved pictures with what each says in words. It can be neither read back nor taken back. What the server's replies
prove stands in `_smtp`.
"""

import ssl
from dataclasses import replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, Literal

from pydantic import Field, model_validator

from broadcaster.channels import Fact, Letter, Outcome, Post, Preflight, Reason, Step, Way
from broadcaster.channels._http import PREFLIGHT_TIMEOUT_S, Until, deadline
from broadcaster.channels._problems import Problem, amber, red, summed_up
from broadcaster.channels._smtp import Envelope, Smtp
from broadcaster.kinds import Kind, Tools
from broadcaster.letter_settings import RECIPIENTS_MAX, ByMail, MailServer, drill_recipients, each_once
from broadcaster.picture import SUFFIXES

#: A subject is read in a list; longer ones are cut there.
SUBJECT_MAX = 150
#: Ids of letters are written as they are: the standard library would put long ones into code that no program reads.
_POLICY = SMTP.clone(refold_source="none")
_NOBODY = "nobody of that name is in the settings any more"


class EmailSettings(MailServer):
    """A mail server, and whom it takes our letters to."""

    kind: Literal["email"]
    recipients: tuple[ByMail, ...] = Field(min_length=1, max_length=RECIPIENTS_MAX)

    @model_validator(mode="after")
    def _nobody_twice(self) -> "EmailSettings":
        each_once(self.recipients)
        return self


class Email:
    """One list of recipients and the server that takes letters for them."""

    kind = "email"
    way: Way = "letter"

    def __init__(self, key: str, settings: EmailSettings, tools: Tools) -> None:
        self.key = key
        self._settings, self._seconds = settings, tools.seconds
        self._recipients = {one.name: one for one in settings.recipients}
        password = tools.secret("PASSWORD") if settings.user is not None else ""
        assert tools.dial is not None
        self._smtp = Smtp(settings, password, ssl.create_default_context(), tools.dial)

    async def call(self, step: Step, post: Post, timeout_s: float) -> Outcome:
        """Hand the letter over for one recipient. Raises `NotImplementedError` for what cannot be done to letters."""
        if step is not Step.SEND or post.letter is None:
            raise NotImplementedError(f"{step}: a letter is sent, to one recipient, and that is all")
        to = self._recipients.get(post.letter.recipient)
        if to is None:
            return Outcome(Fact.REFUSED, Reason.GONE, detail=_NOBODY)
        until = deadline(timeout_s)
        sent = await self._send(to, post, post.letter, until)
        if post.pictures and sent.fact is Fact.REFUSED and sent.reason is Reason.CONTENT:  # it may be their size
            bare = await self._send(to, replace(post, pictures=()), post.letter, until)
            return replace(bare, reason=Reason.NO_PICTURE, detail=sent.detail) if bare.fact is Fact.DONE else bare
        if post.left_out and sent.fact is Fact.DONE:
            return replace(sent, reason=Reason.NO_PICTURE, detail=f"without {post.left_out} of its pictures")
        return sent

    async def preflight(self) -> Preflight:
        """Connect, encrypt, sign in, and say goodbye: as far as a letter goes without one being written."""
        found = await self._smtp.check(deadline(PREFLIGHT_TIMEOUT_S))
        return summed_up([] if found.fact is Fact.DONE else [_trouble(found, self._settings)])

    async def close(self) -> None:
        """Do nothing: each letter had a connection of its own."""

    async def _send(self, to: ByMail, post: Post, letter: Letter, until: Until) -> Outcome:
        content = written(self._settings, to, post, letter)
        return await self._smtp.send(Envelope(self._settings.sender, to.address, content), until)


def written(settings: MailServer, to: ByMail, post: Post, letter: Letter) -> bytes:
    """Return the letter as it goes over the line: the approved words, and headers made of nothing but them."""
    message = EmailMessage(policy=_POLICY)
    domain = settings.sender.rpartition("@")[2]
    message["Subject"] = _subject(post.words)
    message["From"] = Address(settings.sender_name or "", addr_spec=settings.sender)
    message["To"] = Address(to.name, addr_spec=to.address)
    if settings.reply_to:
        message["Reply-To"] = settings.reply_to
    message["Date"] = _in_utc(post.starts_at)
    message["Message-ID"] = f"<{letter.id}@{domain}>"
    if letter.refers_to:
        earlier = [f"<{one}@{domain}>" for one in letter.refers_to]
        message.set_raw("In-Reply-To", earlier[-1])
        message.set_raw("References", "\r\n ".join(earlier))
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday reply comes back
    message.set_content(post.words, charset="utf-8", cte="quoted-printable")
    message["Content-Language"] = post.language
    if post.pictures:
        _attach(message, post)
        message.set_boundary(f"={letter.id}")  # a made-up one would make the one extra letter another letter
    return bytes(message)


def _attach(message: EmailMessage, post: Post) -> None:
    """Put the pictures behind the words, and behind them what each says to those who do not see it."""
    stem, said = ("bild" if post.language.startswith("sv") else "picture"), list[str]()
    for number, one in enumerate(post.pictures, 1):
        maintype, _, subtype = one.type.partition("/")
        name = f"{stem}-{number}.{SUFFIXES[one.type]}"
        message.add_attachment(one.data, maintype=maintype, subtype=subtype, filename=name)
        said.append(f"{name}: {one.alt}\n")
    message.add_attachment("".join(said), disposition="inline", charset="utf-8", cte="quoted-printable")


def _subject(words: str) -> str:
    """Return the heading, bounded, with nothing in it that could end the header or be read as code for other words.

    The standard library decodes `=?utf-8?q?…?=` in a header it is given, line ends and all, and writes those out.
    """
    heading = " ".join(words.partition("\n")[0].split()).replace("=?", "= ?")
    return heading if len(heading) <= SUBJECT_MAX else heading[: SUBJECT_MAX - 1].rstrip() + "…"


def _in_utc(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _trouble(found: Outcome, settings: MailServer) -> Problem:
    where = f"{settings.host}:{settings.port}"
    if found.reason is Reason.TOKEN:
        return red(
            "E-postservern godtar inte vårt namn och lösenord. Kontrollera dem med e-postgruppen och starta "
            "om tjänsten.",
            "The mail server does not accept our name and password. Check them with the mail team and restart.",
        )
    if found.reason is Reason.PERMISSION:
        return red(
            f"E-postservern {where} tar inte emot oss så här ({found.detail}). Kontrollera security, user och att "
            "servern släpper in den här maskinen.",
            f"The mail server {where} does not take us like this ({found.detail}). Check security and user, and that "
            "the server lets this machine in.",
        )
    if found.reason is Reason.RATE:
        return amber(
            "E-postservern svarar men tar inte emot något just nu. Vi frågar igen.",
            "The mail server answers but takes nothing right now. We ask again.",
        )
    if "certificate" in found.detail:
        return red(
            f"E-postserverns certifikat stämmer inte med {settings.host} ({found.detail}). Inget skickas dit. "
            "Kontrollera host, eller be e-postgruppen byta certifikatet.",
            f"The mail server's certificate does not fit {settings.host} ({found.detail}). Nothing is sent there. "
            "Check host, or ask the mail team to replace the certificate.",
        )
    return red(
        f"E-postservern {where} går inte att nå. Beskeden väntar och skickas när den svarar. "
        "Kontrollera host, port och brandväggen.",
        f"The mail server {where} cannot be reached. Messages wait and are sent when it answers. "
        "Check host, port and the firewall.",
    )


def _open(key: str, settings: Any, tools: Tools) -> Email:
    return Email(key, settings, tools)


KIND = Kind(
    name="email",
    settings=EmailSettings,
    way="letter",
    open=_open,
    secrets={"PASSWORD": "MAILPASS"},
    imitation="smtp",
    drill={
        "user": "kris",
        "sender": "ovning@region.example",
        "sender_name": "Övning",
        "recipients": drill_recipients("address", "mottagare-{}@ovning.example"),
    },
)
