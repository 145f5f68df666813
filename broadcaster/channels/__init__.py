"""
What every channel must do, and what it may answer.

A channel is told exact words and calls the outside; it decides nothing about what comes next.
Its answer is a fact (`Outcome`), read in one table per provider. `broadcaster.protocol` decides the next step.

    upsert   put → look                     repeating is safe, order is not: every put carries a growing revision
    draft    draft → publish → look         a doubled draft is invisible, publishing the same id twice is harmless
    post     post → look                    one shot: when unsure, look before asking again
    letter   send, once for each recipient  neither read back nor taken back: the server took it, or a person is told
    row      nothing to call                our own page: public when the row says so
    person   nothing to call                somebody pastes, and acknowledges with the address
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from broadcaster.kinds import INSTALLED
from broadcaster.picture import Picture

Way = Literal["upsert", "draft", "post", "letter", "row", "person"]


class Fact(StrEnum):
    """What an answer proves about the world, never what to do about it."""

    DONE = "done"  #: the channel did it and proved it with an id or a read-back
    ABSENT = "absent"  #: a read that worked, and our object is certainly not in what it showed
    NOT_SENT = "not_sent"  #: the request never left, so nothing can have happened
    REFUSED = "refused"  #: the channel said no before acting; `wait_s` is set where it named a time
    UNCERTAIN = "uncertain"  #: it may have happened


class Reason(StrEnum):
    """Why, in a closed vocabulary that the protocol, the board and the alarm share."""

    NONE = "none"
    NETWORK = "network"  #: no connection, a timeout, a broken answer
    SERVER = "server"  #: 5xx, or a body that cannot be read
    RATE = "rate"  #: too many calls; waits
    TOKEN = "token"  #: our token or secret is dead or wrong  # noqa: S105 - a word, not a secret
    PERMISSION = "permission"  #: the token may not do this
    CONTENT = "content"  #: the channel will not take these words
    IDENTICAL = "identical"  #: refused as already posted: evidence, not success; look
    BLOCKED = "blocked"  #: the account is blocked for a time
    NO_PICTURE = "no_picture"  #: done, and the words went without a picture they should have
    GONE = "gone"  #: the object we named does not exist (any more, or yet)
    STALE = "stale"  #: the channel already has a newer revision
    NO_DRAFTS = "no_drafts"  #: a certain refusal of the draft itself; the post may still be taken
    OTHER_WORDS = "other_words"  #: read back, and it shows something else than what we sent
    FORGED = "forged"  #: stopped here: the stored words are not the approved ones
    LATE = "late"  #: `not_after` has passed
    WORKERS_DIED = "workers_died"  #: three workers died holding it
    PERSON = "person"  #: a person has to do it, or closed it


class Step(StrEnum):
    """One call for a delivery. `POST` must never be repeated without looking first, nor `SEND` as there is no look."""

    PUT = "put"
    DRAFT = "draft"
    PUBLISH = "publish"
    POST = "post"
    LOOK = "look"  #: read back by the recorded id (upsert: by our own id)
    SEARCH = "search"  #: read back by the mark, when no id is known; `others` tells of doubles
    EDIT = "edit"
    WITHDRAW = "withdraw"
    SEND = "send"  #: hand a letter over for one recipient
    SWEEP = "sweep"  #: take away what else bears our mark: drafts nobody recorded, and a second public copy


#: Steps after which the public may see something new even if no answer came.
CAN_PUBLISH = frozenset({Step.PUT, Step.PUBLISH, Step.POST, Step.EDIT, Step.SEND})


@dataclass(frozen=True)
class Letter:
    """Whom one call of a letter is for. The name is the settings'; only the adapter knows the address behind it."""

    recipient: str
    id: str  #: the same in every attempt for this recipient, so that a mail program can fold a second copy
    refers_to: tuple[str, ...] = ()  #: ids of the incident's earlier letters to them, oldest first


@dataclass(frozen=True)
class Post:
    """Exact words for one object out there, and everything an adapter may need to say them."""

    object_uuid: str  #: uuid5(incident, channel, language): our own id where the channel lets us choose
    incident: str  #: reference, `RV-2026-0031`
    mark: str  #: `RV-2026-0031/1`; visible in the words of channels that are searched
    language: str  #: BCP 47
    revision: int  #: only grows, per object
    words: str  #: first line is the heading; then a blank line; paragraphs parted by blank lines
    mode: Literal["live", "drill"]
    starts_at: datetime  #: when the message was accepted; reads look from two minutes before
    expires_at: datetime | None  #: when a notice takes itself down; None while the incident is open
    remote_id: str | None = None  #: the channel's id of the draft or the object, once recorded
    slug: str = ""  #: for readable addresses
    letter: Letter | None = None  #: whom it is for, where each recipient is asked for alone
    link: str = ""  #: where these words can be checked; of a drill nobody outside can open it
    pictures: tuple[Picture, ...] = ()  #: to show beside the words, each with its bytes; the words never wait for them
    left_out: int = 0  #: pictures that were approved with these words and cannot go with them


@dataclass(frozen=True)
class Outcome:
    """A fact about one call. `detail` is one scrubbed line for the log, never a secret, never a body."""

    fact: Fact
    reason: Reason = Reason.NONE
    remote_id: str | None = None
    url: str | None = None  #: the public address, where the answer gave one
    words: str | None = None  #: what a read-back shows; None when nothing was read
    others: int = 0  #: a search: how many more public objects bear our mark; a sweep: how many of them it took away
    public: bool | None = None  #: whether a read-back says the public can see it
    wait_s: float | None = None  #: parsed and clamped; never trusted further
    status: int | None = None
    code: int | None = None  #: the provider's own code
    subcode: int | None = None
    trouble: str | None = None  #: the provider's error by name, `facebook:190/460`, where `words` says more of it
    detail: str = ""


@dataclass(frozen=True)
class Planned:
    """One post that waits in the channel's own scheduler until `at`. `words` are its first, on one line."""

    id: str
    words: str
    at: datetime


@dataclass(frozen=True)
class Plans:
    """What the scheduler held at `read_at`. `is_whole`: there was nothing more in it than this."""

    posts: tuple[Planned, ...]
    read_at: datetime
    is_whole: bool


@dataclass(frozen=True)
class Preflight:
    """How a channel looks from here right now. Warns; never blocks a send.

    `problems` are in Swedish; `english` has the same ones in the same order, or is empty. `notes` are what cannot be
    found out from here and a person has to see to, in English: they change no state and `broadcaster check` says them.
    `plans` None: the channel has no scheduler of its own, or it could not be read.
    """

    state: Literal["green", "amber", "red"]
    problems: tuple[str, ...] = ()
    english: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    plans: Plans | None = None


class Channel(Protocol):
    """One way out. `call` answers every failure with an `Outcome` and raises nothing but cancellation.

    `call(step, post)` makes exactly one attempt of `step`, bounded by `timeout_s` in total; it does not repeat
    anything that may have been executed. Steps a channel's way does not have raise `NotImplementedError`.
    """

    key: str
    kind: str
    way: Way

    async def call(self, step: Step, post: Post, timeout_s: float) -> Outcome:
        """Do one step and say what is now certain."""

    async def preflight(self) -> Preflight:
        """Ask whether a send would work, without publishing anything."""

    async def close(self) -> None:
        """Give the connections back."""


@dataclass(frozen=True)
class Limit:
    """How much a channel holds: characters always, spoken words where a voice reads it."""

    characters: int
    words: int | None = None


#: Facebook takes far more (63 206 in the field); 2 000 is what people read. The notice is a heading of at most
#: about 120 and a body of about 300. A voice says 60 words in 25 seconds, and nobody holds on for longer.
#: An SMS of 459 characters in the alphabet of GSM 03.38 has three parts.
LIMITS: Mapping[str, Limit] = {
    "own_web": Limit(6000),
    "facebook": Limit(2000),
    "1177_notice": Limit(420),
    "1177_article": Limit(6000),
    "1177_phone": Limit(700, words=75),
    "1177_inbox": Limit(2000),
    "sms": Limit(459),
}
OTHER_LIMIT = Limit(3000)


def limit_of(channel: str) -> Limit:
    """Return how much `channel` holds: by its key, as playbooks are proved without anybody's settings."""
    if channel in LIMITS:
        return LIMITS[channel]
    kind = INSTALLED.bringing(channel)
    return (kind and kind.limit) or OTHER_LIMIT
