"""
The announcement before the 1177 queue, through the region's phone gateway: put under our own address with a revision.

The contract is ours: the gateway refuses an older revision (409) and keeps a tombstone of what was taken down.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote

from pydantic import BaseModel, StrictInt

from broadcaster import settings as configuration
from broadcaster.channels import Fact, Outcome, Post, Preflight, Reason, Step, Way
from broadcaster.channels._compare import compared
from broadcaster.channels._http import (
    PREFLIGHT_TIMEOUT_S,
    Answer,
    Ask,
    Clock,
    Connect,
    Http,
    Sleep,
    Until,
    deadline,
    judge,
    public_address,
)
from broadcaster.channels._markup import to_ssml
from broadcaster.channels._problems import amber, red, summed_up
from broadcaster.clocks import utc_now


class _Good(BaseModel):
    error: None = None  #: whatever else stands beside an error proves nothing


class _TakenDown(_Good):
    id: str | None = None


class _Stored(_Good):
    id: str
    revision: StrictInt
    url: str | None = None


class _Announcement(_Stored):
    text: str
    starts_at: datetime | None = None
    expires_at: datetime | None = None


class PhoneGateway:
    """What callers hear before the queue: one announcement per incident and language."""

    kind = "phone_gateway"
    way: Way = "upsert"

    def __init__(
        self,
        key: str,
        settings: configuration.PhoneGateway,
        token: str,
        *,
        connect: Connect | None = None,
        sleep: Sleep = asyncio.sleep,
        clock: Clock = utc_now,
    ) -> None:
        self.key = key
        self._settings = settings
        self._token = token
        self._clock = clock
        self._http = Http(settings.base_url, connect=connect, sleep=sleep, clock=clock, secrets=(token,))

    async def call(self, step: Step, post: Post, timeout_s: float) -> Outcome:
        """Do one step and say what is now certain. Raises `NotImplementedError` for steps an upsert does not have."""
        until = deadline(timeout_s)
        match step:
            case Step.PUT:
                return await self._put(post, until)
            case Step.LOOK:
                return await self._look(post, until)
            case Step.WITHDRAW:
                return await self._withdraw(post, until)
        raise NotImplementedError(f"{step}: this channel is replaced in place (put, look, withdraw)")

    async def preflight(self) -> Preflight:
        """Ask for an announcement that cannot exist: 404 says the gateway answers and takes our token."""
        answer = await self._ask(Ask("GET", "/announcements/preflight.sv", reads=True), deadline(PREFLIGHT_TIMEOUT_S))
        if isinstance(answer, Answer) or answer.reason is Reason.GONE:
            return Preflight("green")
        if answer.reason in (Reason.TOKEN, Reason.PERMISSION):
            return summed_up([_NO_KEY])
        return summed_up([_BUSY if answer.fact is Fact.REFUSED else _UNREACHABLE])

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()

    async def _put(self, post: Post, until: Until) -> Outcome:
        answer = await self._ask(Ask("PUT", _path(post), json=self._body(post)), until)
        if isinstance(answer, Outcome):
            # What a put cannot find is its own address, so the words are not taken.
            return replace(answer, reason=Reason.CONTENT) if answer.reason is Reason.GONE else answer
        stored = answer.read(_Stored)
        if stored is None or (stored.id, stored.revision) != (_id(post), post.revision):
            return answer.unproven("without our id and revision")
        return answer.outcome(Fact.DONE, Reason.NONE, remote_id=stored.id, url=self._address(stored))

    async def _look(self, post: Post, until: Until) -> Outcome:
        answer = await self._ask(Ask("GET", _path(post), reads=True), until)
        if isinstance(answer, Outcome):
            return replace(answer, fact=Fact.ABSENT) if answer.reason is Reason.GONE else answer
        stored = answer.read(_Announcement)
        if stored is None or stored.id != _id(post):
            return answer.unproven("without our id")
        public = _plays(stored, self._clock())
        seen = answer.outcome(Fact.DONE, Reason.NONE, remote_id=stored.id, url=self._address(stored), public=public)
        found = compared(seen, post.words, stored.text)
        # A newer revision is somebody's later decision, even where its words happen to be the same.
        return replace(found, reason=Reason.STALE) if stored.revision > post.revision else found

    async def _withdraw(self, post: Post, until: Until) -> Outcome:
        answer = await self._ask(Ask("DELETE", _path(post), query={"revision": str(post.revision)}), until)
        if isinstance(answer, Outcome):
            return replace(answer, fact=Fact.DONE) if answer.reason is Reason.GONE else answer
        said = answer.read(_TakenDown) if answer.body else _TakenDown()
        if said is None or said.id not in (None, _id(post)):
            return answer.unproven("that is about something else")
        return answer.outcome(Fact.DONE, Reason.NONE, remote_id=_id(post))

    async def _ask(self, ask: Ask, until: Until) -> Answer | Outcome:
        """Return an answer only for what is done; 409 is the gateway's word for an older revision, 404 for none."""
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = await self._http.ask(replace(ask, headers=headers), until)
        if isinstance(answer, Outcome):
            return answer
        if answer.status in (404, 410):
            return answer.outcome(Fact.REFUSED, Reason.GONE)
        if answer.status == 409 and not ask.reads:
            return answer.outcome(Fact.REFUSED, Reason.STALE)
        return judge(answer) or answer

    def _body(self, post: Post) -> Mapping[str, object]:
        return {
            "id": _id(post),
            "revision": post.revision,
            "language": post.language,
            "ssml": to_ssml(post.words, post.language),
            "text": post.words,
            "max_seconds": self._settings.max_seconds,
            "starts_at": _iso(post.starts_at),
            "expires_at": _iso(post.expires_at) if post.expires_at else None,
        }

    def _address(self, stored: _Stored) -> str | None:
        return public_address(self._settings.base_url, stored.url)


_NO_KEY = red(
    "Telefonväxeln godtar inte vår nyckel, så talsvaret kan inte bytas. Kontrollera den med förvaltningen.",
    "The phone gateway does not accept our key, so the announcement cannot be changed. "
    "Check it with those who look after the gateway.",
)
_BUSY = amber(
    "Telefonväxeln svarar men tar inte emot något just nu. Vi frågar igen. Varar det: ring förvaltningen.",
    "The phone gateway answers but takes nothing right now. We ask again. "
    "If it lasts: call those who look after the gateway.",
)
_UNREACHABLE = red(
    "Telefonväxeln går inte att nå härifrån. Talsvaret byts när den svarar igen. Kontrollera nätet och base_url.",
    "The phone gateway cannot be reached from here. The announcement is changed when it answers again. "
    "Check the network and base_url.",
)


def _id(post: Post) -> str:
    return f"{post.incident}.{post.language}"


def _path(post: Post) -> str:
    return f"/announcements/{quote(_id(post), safe='')}"


def _plays(stored: _Announcement, now: datetime) -> bool:
    begun = stored.starts_at is None or _aware(stored.starts_at) <= now
    return begun and (stored.expires_at is None or now < _aware(stored.expires_at))


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
