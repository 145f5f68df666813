"""
What can go wrong, drawn once. Each error knows its HTTP status and its words for the person who meets it.

BroadcasterError
├── Unfit                     the service refuses to start: settings, secrets, a playbook that is not sound
│   └── Unsound               a playbook or the register, with file, line and reason
├── Refusal                   a request that was not carried out; nothing of it is half done
│   ├── Malformed       400   the body is not JSON, or `Idempotency-Key` is missing
│   ├── Unidentified    401   nobody, or not who they say
│   ├── Forbidden       403   known, but may not
│   ├── NotFound        404   no such address
│   ├── Conflict        409   right request, wrong moment: unapproved, already running, closed, digest, state
│   ├── TooLarge        413
│   ├── WrongType       415
│   ├── Invalid         422   fields, all of them at once
│   ├── TooMany         429
│   └── Unavailable     503   the database is busy or its disk is full; certainly nothing was stored
├── Forged                    words that are not what two people approved: never sent, always alarmed
└── LostLease                 another worker owns the delivery now; stop at once
"""

from dataclasses import dataclass
from typing import Literal

Language = Literal["sv", "en"]


@dataclass(frozen=True)
class Text:
    """One sentence for people, in the two languages of the interface."""

    sv: str
    en: str

    def in_(self, language: str) -> str:
        """Return the sentence in `language`; Swedish for anything but English."""
        return self.en if language == "en" else self.sv


@dataclass(frozen=True)
class FieldError:
    """One wrong field: where (a JSON pointer into the body) and what is wrong with it."""

    pointer: str
    message: Text


class BroadcasterError(Exception):
    """The root of everything this package raises on purpose."""


class Unfit(BroadcasterError):
    """The service cannot start as it is set up; the message says what to change."""


class Unsound(Unfit):
    """A playbook or the register is not sound.

    `line` counts from 1 and is 0 where the fault is in no single line; `key` leads to it, and is empty where it is in
    no single key. `reason` says what is wrong and, after a semicolon, what to do; `said` is the same in the languages
    of the interface, in English alone where whoever writes in the desk cannot meet it.
    """

    def __init__(self, file: str, line: int, reason: str | Text, key: str = "") -> None:
        self.said = reason if isinstance(reason, Text) else Text(reason, reason)
        super().__init__(_in_sight(f"{file}:{line}: {f'{key}: ' if key else ''}{self.said.en}"))
        self.file, self.line, self.reason, self.key = file, line, self.said.en, key


def _in_sight(said: str) -> str:
    """Return `said` with what a terminal would obey, or nobody would see, as its code: a file may say anything."""
    return "".join(mark if mark.isprintable() or mark in "\n\u00a0" else ascii(mark)[1:-1] for mark in said)


class Refusal(BroadcasterError):
    """A request that was not carried out.

    `detail` says what happened, what it means and what to do. `slug` is the last part of the problem's `type`, and
    `incident` the number of the incident that stands in the way, where one does.
    """

    status = 500
    title = Text("Något gick fel", "Something went wrong")

    def __init__(
        self,
        slug: str,
        detail: Text,
        *,
        fields: tuple[FieldError, ...] = (),
        retry_after_s: int | None = None,
        incident: str | None = None,
    ) -> None:
        super().__init__(detail.en)
        self.slug, self.detail, self.fields, self.retry_after_s = slug, detail, fields, retry_after_s
        self.incident = incident


class Malformed(Refusal):
    """The request could not be read at all."""

    status = 400
    title = Text("Begäran går inte att läsa", "The request cannot be read")


class Unidentified(Refusal):
    """Nobody is signed in, or the key or password is wrong."""

    status = 401
    title = Text("Inte inloggad", "Not signed in")


class Forbidden(Refusal):
    """Known, but not allowed to do this."""

    status = 403
    title = Text("Det får du inte göra", "You may not do this")


class NotFound(Refusal):
    """There is nothing at this address."""

    status = 404
    title = Text("Finns inte", "Not found")


class Conflict(Refusal):
    """A right request at the wrong moment; nothing was changed."""

    status = 409
    title = Text("Det går inte just nu", "Not possible right now")


class TooLarge(Refusal):
    """The body is larger than any request of ours has to be."""

    status = 413
    title = Text("För stort", "Too large")


class WrongType(Refusal):
    """The body is of a kind this address does not take."""

    status = 415
    title = Text("Fel sorts innehåll", "Wrong kind of content")


class Invalid(Refusal):
    """One or more fields are wrong; `fields` names all of them."""

    status = 422
    title = Text("Uppgifter är fel", "Some fields are wrong")


class TooMany(Refusal):
    """Too many attempts; `retry_after_s` says when the next one is heard."""

    status = 429
    title = Text("För många försök", "Too many attempts")


class Unavailable(Refusal):
    """Certainly nothing was stored, because the database cannot take anything just now."""

    status = 503
    title = Text("Det gick inte att spara", "It could not be stored")


class Forged(BroadcasterError):
    """The stored words are not those two people approved with their declared blanks filled."""


class LostLease(BroadcasterError):
    """The delivery was claimed by another worker or superseded; nothing more may be written for it."""
