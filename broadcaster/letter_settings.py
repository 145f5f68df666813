"""
What the settings say of a letter: whom it goes to, and the mail server that takes it.

Addresses and telephone numbers stand here and nowhere else; the database, the log and the board know names.
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from broadcaster.address import is_loopback_host
from broadcaster.elks import e164
from broadcaster.settings import ChannelPart

#: Twenty a minute at the pace of a slow server; a longer list is a mailing service's business.
RECIPIENTS_MAX = 200
EVERY_LANGUAGE = ("sv", "en", "sv-x-lattlast", "ar", "so", "fi")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
#: RFC 5321 without quoted strings and address literals, in ASCII: what every mail server takes.
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
#: A name in a header: nothing that ends a line, turns the direction of writing, or (`=?`) is read as code.
_NAME = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069<>\"@=]+$"


def _mail_address(value: str) -> str:
    if len(value) > 254 or "=?" in value or not _ADDRESS.fullmatch(value):  # that is read as code in a header
        raise ValueError("must be one mail address and nothing else: kris@region.example")
    return value


def _telephone(value: str) -> str:
    found = e164(value)
    if found is None:
        raise ValueError("must be a telephone number with its country: +46 70 123 45 67")
    return found


MailAddress = Annotated[str, AfterValidator(_mail_address)]
Telephone = Annotated[str, AfterValidator(_telephone)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[a-z0-9]{1,8})*$")]


class Listed(BaseModel):
    """One recipient. `name` is what the board calls them: the function rather than the person where that will do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=120, pattern=_NAME)
    languages: tuple[Language, ...] = Field(("sv",), min_length=1)


class ByMail(Listed):
    address: MailAddress

    @property
    def where(self) -> str:
        """What no two may share: upper and lower case are the same mailbox nearly everywhere."""
        return self.address.casefold()


class ByTelephone(Listed):
    number: Telephone

    @property
    def where(self) -> str:
        """What no two may share."""
        return self.number


def each_once(recipients: tuple[ByMail, ...] | tuple[ByTelephone, ...]) -> None:
    """Raise `ValueError` where two recipients have the same name or the same address: nobody is written to twice."""
    for what, found in (("name", [one.name for one in recipients]), ("address", [one.where for one in recipients])):
        twice = sorted({one for one in found if found.count(one) > 1})
        if twice:
            names = [one.name for one in recipients if one.name in twice or one.where in twice]
            raise ValueError(f"recipients: the same {what} stands there more than once ({', '.join(names)})")


def drill_recipients(field: str, pattern: str) -> tuple[dict[str, object], ...]:
    """Return whom a drill writes to: three who do not exist, in every language, with `pattern` numbered in `field`."""
    return tuple(
        {"name": f"Övningsmottagare {number}", field: pattern.format(number), "languages": EVERY_LANGUAGE}
        for number in (1, 2, 3)
    )


class MailServer(ChannelPart):
    """A mail server that takes our letters. `security` none is for an imitation on this machine only.

    `base_url` there is none: a mail server is a host and a port.
    """

    host: str = Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.:-]+$")
    port: int = Field(587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = Field(None, min_length=1, max_length=254, pattern=r"^[^\x00-\x1f]+$")
    sender: MailAddress  #: the envelope's and the letter's From; its domain must allow this server to send (SPF)
    sender_name: str | None = Field(None, min_length=1, max_length=80, pattern=_NAME)
    reply_to: MailAddress | None = None

    @model_validator(mode="after")
    def _encrypted(self) -> "MailServer":
        if self.security == "none" and not is_loopback_host(self.host):
            raise ValueError('security "none" is for imitations on loopback only: use "starttls" or "tls"')
        return self
