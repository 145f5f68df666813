"""
A page on 1177.se through the content management API: put whole under our own id, read back, and put again if needed.

The last writer wins there: nothing compares revisions. So the protocol reads back after the grace and puts the newest
words once more; here every put carries everything. Taking down sets the end of publication and keeps the history.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from broadcaster import settings as configuration
from broadcaster.channels import Fact, Outcome, Post, Preflight, Reason, Step, Way
from broadcaster.channels._compare import compared, same
from broadcaster.channels._content_errors import refusal_code
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
from broadcaster.channels._markup import to_html, to_words
from broadcaster.channels._problems import Problem, amber, red, summed_up
from broadcaster.clocks import utc_now

_TOKEN = "/api/episerver/connect/token"  # noqa: S105 - an address
_CONTENT = "/api/episerver/v3.0/contentmanagement"
_NAME_MAX = 255
#: Said with every write, though it is the default: a page that skips its type's rules may not show at all.
_COMPLETE = {"x-epi-validation-mode": "complete"}
_TOKEN_MARGIN_S = 30.0
_TOKEN_LIFE_MAX_S = 86_400.0


def _value(given: object) -> object:
    """Unwrap a property, which some versions write as `{"value": …}` and some plainly."""
    return given.get("value") if isinstance(given, dict) else given


_Text = Annotated[str | None, BeforeValidator(_value)]


class _Token(BaseModel):
    access_token: str = Field(min_length=1)
    expires_in: float = Field(0, ge=0, allow_inf_nan=False)


class _Link(BaseModel):
    guidValue: str


class _Good(BaseModel):
    error: None = None  #: whatever else stands beside an error proves nothing


class _TakenDown(_Good):
    contentLink: _Link | None = None


class _Content(_Good):
    contentLink: _Link
    url: str | None = None
    routeSegment: str | None = None
    status: str | None = None
    startPublish: datetime | None = None
    stopPublish: datetime | None = None
    heading: _Text = None
    mainBody: _Text = None


class ContentManagement:
    """One place on 1177.se. Each message, channel and language is one object under `Post.object_uuid`."""

    kind = "content_management"
    way: Way = "upsert"

    def __init__(
        self,
        key: str,
        settings: configuration.ContentManagement,
        client_id: str,
        client_secret: str,
        *,
        connect: Connect | None = None,
        sleep: Sleep = asyncio.sleep,
        clock: Clock = utc_now,
    ) -> None:
        self.key = key
        self._settings = settings
        self._client_id, self._client_secret = client_id, client_secret
        self._clock = clock
        self._token, self._token_ends = "", datetime.min.replace(tzinfo=UTC)
        self._http = Http(settings.base_url, connect=connect, sleep=sleep, clock=clock, secrets=(client_secret,))

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
        """Get a token and look at the pages' parent."""
        until = deadline(PREFLIGHT_TIMEOUT_S)
        token = await self._access_token(until, fresh=False)
        if isinstance(token, Outcome):
            return _trouble(token.reason)
        parent = await self._authorised(Ask("GET", f"{_CONTENT}/{self._settings.parent}", reads=True), until)
        if isinstance(parent, Answer) or parent.reason in (Reason.GONE, Reason.CONTENT):
            return Preflight("green")  # whether the parent can be read back is its owner's choice
        return _trouble(parent.reason)

    async def validate(self, post: Post, timeout_s: float) -> Outcome:
        """Save the page as a draft under full validation: says whether it would be taken. Nothing becomes public.

        There is no dry run in this API; this is the nearest to one.
        """
        body = {**self._body(post), "status": "CheckedOut"}
        answer = await self._authorised(Ask("PUT", self._path(post), json=body, headers=_COMPLETE), deadline(timeout_s))
        return answer if isinstance(answer, Outcome) else answer.outcome(Fact.DONE, Reason.NONE)

    async def remove(self, post: Post, timeout_s: float) -> Outcome:
        """Put the page in the wastebasket, where an editor can fetch it back. For tests; a crisis page is kept."""
        answer = await self._authorised(Ask("DELETE", self._path(post)), deadline(timeout_s))
        if isinstance(answer, Outcome):
            return replace(answer, fact=Fact.DONE) if answer.reason is Reason.GONE else answer
        return answer.outcome(Fact.DONE, Reason.NONE)

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()

    async def _put(self, post: Post, until: Until) -> Outcome:
        answer = await self._authorised(Ask("PUT", self._path(post), json=self._body(post), headers=_COMPLETE), until)
        if isinstance(answer, Outcome):
            # What a put cannot find is the place it was to go, so the words are not taken.
            return replace(answer, reason=Reason.CONTENT) if answer.reason is Reason.GONE else answer
        content = answer.read(_Content)
        if content is None or not _is_ours(content.contentLink, post):
            return answer.unproven("without our id")
        return answer.outcome(Fact.DONE, Reason.NONE, remote_id=post.object_uuid, url=self._address(content, post))

    async def _look(self, post: Post, until: Until) -> Outcome:
        ask = Ask("GET", self._path(post), headers={"Accept-Language": post.language}, reads=True)
        answer = await self._authorised(ask, until)
        if isinstance(answer, Outcome):
            return replace(answer, fact=Fact.ABSENT) if answer.reason is Reason.GONE else answer
        content = answer.read(_Content)
        if content is None or not _is_ours(content.contentLink, post):
            return answer.unproven("without our id")
        seen = answer.outcome(
            Fact.DONE, Reason.NONE, remote_id=post.object_uuid, url=self._address(content, post),
            public=_is_public(content, self._clock()))  # fmt: skip
        shown = to_words(content.heading or "", content.mainBody or "")
        as_put = to_words(*to_html(post.words))  # so that even words with odd line breaks equal themselves
        return compared(seen, post.words, post.words if same(as_put, shown) else shown)

    async def _withdraw(self, post: Post, until: Until) -> Outcome:
        ask = Ask("PATCH", self._path(post), json={"stopPublish": _iso(self._clock())})
        answer = await self._authorised(ask, until)
        if isinstance(answer, Outcome):
            return replace(answer, fact=Fact.DONE) if answer.reason is Reason.GONE else answer
        said = answer.read(_TakenDown) if answer.body else _TakenDown()
        if said is None or not (said.contentLink is None or _is_ours(said.contentLink, post)):
            return answer.unproven("that is about something else")
        return answer.outcome(Fact.DONE, Reason.NONE, remote_id=post.object_uuid)

    async def _authorised(self, ask: Ask, until: Until) -> Answer | Outcome:
        """Ask with a token; on 401 with a new one, once. Return an answer only for what is done.

        `GONE` is a 404 or 410 about the content itself; a token address that answers so says nothing about it.
        """
        answer = await self._with_token(ask, until, fresh=False)
        if isinstance(answer, Answer) and answer.status == 401:
            answer = await self._with_token(ask, until, fresh=True)
        if isinstance(answer, Outcome):
            return answer
        failed = answer.outcome(Fact.REFUSED, Reason.GONE) if answer.status in (404, 410) else judge(answer)
        if failed is None:
            return answer
        code = refusal_code(answer) if failed.fact is Fact.REFUSED else ""
        return replace(failed, detail=f"{failed.detail} {code}".rstrip())

    async def _with_token(self, ask: Ask, until: Until, *, fresh: bool) -> Answer | Outcome:
        token = await self._access_token(until, fresh=fresh)
        if isinstance(token, Outcome):
            return token
        headers = {**ask.headers, "Authorization": f"Bearer {token}"}
        return await self._http.ask(replace(ask, headers=headers), until)

    async def _access_token(self, until: Until, *, fresh: bool) -> str | Outcome:
        now = self._clock()
        if not fresh and self._token and now < self._token_ends:
            return self._token
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret,
            "scope": "epi_content_management",
        }
        answer = await self._http.ask(Ask("POST", _TOKEN, form=form, reads=True), until)
        failed = answer if isinstance(answer, Outcome) else judge(answer)
        read = answer.read(_Token) if isinstance(answer, Answer) else None
        if failed is not None or read is None:
            return _without_token(failed)
        self._token = read.access_token
        life_s = min(read.expires_in, _TOKEN_LIFE_MAX_S) - _TOKEN_MARGIN_S
        self._token_ends = now + timedelta(seconds=max(life_s, 0))
        return self._token

    def _body(self, post: Post) -> Mapping[str, object]:
        heading, html = to_html(post.words)
        return {
            "contentLink": {"guidValue": post.object_uuid},
            "name": heading[:_NAME_MAX] or post.mark,
            "language": {"name": post.language},
            "contentType": list(self._settings.content_type),
            "parentLink": {"id": int(self._settings.parent)},
            "routeSegment": _segment(post),
            "startPublish": _iso(post.starts_at),
            "stopPublish": _iso(post.expires_at) if post.expires_at else None,
            "status": "Published",
            "heading": {"value": heading},
            "mainBody": {"value": html},
            "isCrisis": {"value": True},
            **{name: {"value": value} for name, value in self._settings.properties.items()},
        }

    def _path(self, post: Post) -> str:
        return f"{_CONTENT}/{post.object_uuid}"

    def _address(self, content: _Content, post: Post) -> str | None:
        base = self._settings.base_url
        return public_address(base, content.url) or public_address(base, content.routeSegment or _segment(post))


_TROUBLES: Mapping[Reason, Problem] = {
    Reason.TOKEN: red(
        "1177.se godtar inte vår nyckel, så inget kan publiceras där. Kontrollera nyckelns id och hemlighet.",
        "1177.se does not accept our key, so nothing can be published there. Check the key's id and secret.",
    ),
    Reason.PERMISSION: red(
        "Vår nyckel får inte publicera på sin plats på 1177.se. Be förvaltningen om rätt att publicera där.",
        "Our key may not publish in its place on 1177.se. Ask those who look after 1177.se for that right.",
    ),
    Reason.CONTENT: red(
        "Adressen till publiceringen på 1177.se svarar fel. Kontrollera base_url i inställningarna.",
        "The address for publishing on 1177.se answers wrongly. Check base_url in the settings.",
    ),
    Reason.RATE: amber(
        "1177.se ber oss fråga mer sällan. Publicering kan bli fördröjd. Varar det: fråga förvaltningen.",
        "1177.se asks us to call less often. Publishing may be late. If it lasts: ask those who look after 1177.se.",
    ),
}
_UNREACHABLE = red(
    "1177.se går inte att nå härifrån. Besked skickas när det går igen. Kontrollera nätet och base_url.",
    "1177.se cannot be reached from here. Messages are sent when it can. Check the network and base_url.",
)


def _trouble(reason: Reason) -> Preflight:
    return summed_up([_TROUBLES.get(reason, _UNREACHABLE)])


def _without_token(failed: Outcome | None) -> Outcome:
    """Say what a missing token means for the words: whatever happened there, they were not sent."""
    if failed is None:
        return Outcome(Fact.NOT_SENT, Reason.SERVER, detail=f"POST {_TOKEN}: 2xx without a token; no words were sent")
    detail = f"{failed.detail}; no words were sent"
    if failed.fact is not Fact.REFUSED:
        return replace(failed, fact=Fact.NOT_SENT, detail=detail)
    bad_client = failed.status in (400, 401)  # RFC 6749 section 5.2
    return replace(failed, reason=Reason.TOKEN if bad_client else failed.reason, detail=detail)


def _is_ours(link: _Link, post: Post) -> bool:
    return link.guidValue.strip("{}").lower() == post.object_uuid.lower()


def _is_public(content: _Content, now: datetime) -> bool:
    def reached(at: datetime | None) -> bool:
        return at is not None and (at if at.tzinfo else at.replace(tzinfo=UTC)) <= now

    started = content.startPublish is None or reached(content.startPublish)
    return content.status == "Published" and started and not reached(content.stopPublish)


def _segment(post: Post) -> str:
    return post.slug or f"{post.incident}-{post.language}".lower()


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
