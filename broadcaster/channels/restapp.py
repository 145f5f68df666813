"""
A news page of the region's own website or intranet, through a small app that its web team installs there (RESTApp).

The contract is ours and stands in docs/restapp.md: a message is put whole under our own id with a revision that only
grows, an older one is refused (409), and a tombstone stays of what was taken down. It is told apart from a page of the
site itself by what it answers, so a wrong address is never green.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

import httpx
from pydantic import BaseModel, Field, StrictBool, StrictInt

from broadcaster.channels import Fact, Outcome, Post, Preflight, Reason, Step, Way
from broadcaster.channels._compare import compared
from broadcaster.channels._http import PREFLIGHT_TIMEOUT_S, Answer, Ask, Http, Until, deadline, judge, public_address
from broadcaster.channels._markup import to_html, to_words
from broadcaster.channels._problems import Problem, amber, red, summed_up
from broadcaster.kinds import Kind, Tools
from broadcaster.settings import Outside

CONTRACT = 1
_LEAD_ENDS = "</p>"


class RestAppSettings(Outside):
    """Where the app is (`https://www.region.example/rest-api/kris`), and who we are there."""

    kind: Literal["restapp"]
    user: str = Field(min_length=1, max_length=120, pattern=r"^[^:\x00-\x1f]+$")  # RFC 7617: a colon would end it


class _Good(BaseModel):
    error: None = None  #: whatever else stands beside an error proves nothing


class _TakenDown(_Good):
    object: str | None = None


class _Stored(_Good):
    object: str
    revision: StrictInt
    url: str | None = None


class _Page(_Stored):
    title: str
    leadHtml: str
    bodyHtml: str
    published: StrictBool


class _App(_Good):
    contract: StrictInt


class RestApp:
    """One place where the app publishes: a page per incident and language, replaced in place."""

    kind = "restapp"
    way: Way = "upsert"

    def __init__(self, key: str, settings: RestAppSettings, tools: Tools) -> None:
        self.key = key
        self._base_url = settings.base_url
        password = tools.secret("PASSWORD")
        basic = httpx.BasicAuth(settings.user, password)
        self._authorization = next(basic.auth_flow(httpx.Request("GET", settings.base_url))).headers["authorization"]
        secrets = (password, self._authorization.removeprefix("Basic "))
        connect, sleep, clock = tools.connect, tools.sleep, tools.clock
        self._http = Http(settings.base_url, connect=connect, sleep=sleep, clock=clock, secrets=secrets)

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
        """Ask the app which contract it keeps: only the app itself knows the answer."""
        answer = await self._ask(Ask("GET", "/messages", reads=True), deadline(PREFLIGHT_TIMEOUT_S))
        if isinstance(answer, Outcome):
            return summed_up([_trouble(answer)])
        app = answer.read(_App)
        if app is None:
            return summed_up([_NO_APP])
        return summed_up([] if app.contract == CONTRACT else [_other_contract(app)])

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()

    async def _put(self, post: Post, until: Until) -> Outcome:
        headers = {"Idempotency-Key": f"{post.mark}:{self.key}:{post.language}:{post.revision}"}
        answer = await self._ask(Ask("POST", "/messages", json=_body(post), headers=headers), until)
        if isinstance(answer, Outcome):
            # What a put cannot find is the app itself, so the words are not taken.
            return replace(answer, reason=Reason.CONTENT) if answer.reason is Reason.GONE else answer
        stored = answer.read(_Stored)
        if stored is None or (stored.object, stored.revision) != (post.object_uuid, post.revision):
            return answer.unproven("without our id and revision")
        return answer.outcome(Fact.DONE, Reason.NONE, remote_id=stored.object, url=self._address(stored))

    async def _look(self, post: Post, until: Until) -> Outcome:
        answer = await self._ask(Ask("GET", _path(post), reads=True), until)
        if isinstance(answer, Outcome):
            return replace(answer, fact=Fact.ABSENT) if answer.reason is Reason.GONE else answer
        page = answer.read(_Page)
        if page is None or page.object != post.object_uuid:
            return answer.unproven("without our id")
        seen = answer.outcome(
            Fact.DONE, Reason.NONE, remote_id=page.object, url=self._address(page), public=page.published
        )
        found = compared(seen, post.words, to_words(page.title, page.leadHtml + page.bodyHtml))
        # A newer revision is somebody's later decision, even where its words happen to be the same.
        return replace(found, reason=Reason.STALE) if page.revision > post.revision else found

    async def _withdraw(self, post: Post, until: Until) -> Outcome:
        answer = await self._ask(Ask("DELETE", _path(post), query={"revision": str(post.revision)}), until)
        if isinstance(answer, Outcome):
            return replace(answer, fact=Fact.DONE) if answer.reason is Reason.GONE else answer
        said = answer.read(_TakenDown) if answer.body else _TakenDown()
        if said is None or said.object not in (None, post.object_uuid):
            return answer.unproven("that is about something else")
        return answer.outcome(Fact.DONE, Reason.NONE, remote_id=post.object_uuid)

    async def _ask(self, ask: Ask, until: Until) -> Answer | Outcome:
        """Return an answer only for what is done; 409 is the app's word for an older revision, its 404 for none."""
        headers = {**ask.headers, "Authorization": self._authorization}
        answer = await self._http.ask(replace(ask, headers=headers), until)
        if isinstance(answer, Outcome):
            return answer
        if answer.status in (404, 410):
            return _missing(answer)
        if answer.status == 409 and not ask.reads:
            return answer.outcome(Fact.REFUSED, Reason.STALE)
        return judge(answer) or answer

    def _address(self, stored: _Stored) -> str | None:
        return public_address(self._base_url, stored.url)


def _missing(answer: Answer) -> Outcome:
    """Believe a 404 only from the app: a site without the app says 404 too, and knows nothing of our messages."""
    app = answer.read(_App)
    if app is not None and app.contract == CONTRACT:
        return answer.outcome(Fact.REFUSED, Reason.GONE)
    return answer.outcome(Fact.REFUSED, Reason.CONTENT, "not from the app")


def _body(post: Post) -> Mapping[str, object]:
    title, html = to_html(post.words)
    lead, ends, rest = html.partition(_LEAD_ENDS)
    return {
        "contract": CONTRACT,
        "object": post.object_uuid,
        "id": post.incident,
        "mark": post.mark,
        "revision": post.revision,
        "status": "exercise" if post.mode == "drill" else "actual",
        "language": post.language,
        "title": title,
        "leadHtml": lead + ends,
        "bodyHtml": rest,
        "startsAt": _iso(post.starts_at),
        "expiresAt": _iso(post.expires_at) if post.expires_at else None,
    }


def _trouble(outcome: Outcome) -> Problem:
    if outcome.reason in (Reason.TOKEN, Reason.PERMISSION):
        return _NO_KEY
    if outcome.reason is Reason.RATE:
        return _BUSY
    return _NO_APP if outcome.fact is Fact.REFUSED else _UNREACHABLE


def _other_contract(app: _App) -> Problem:
    return red(
        f"Webbplatsens app har version {app.contract} av gränssnittet, och vi har version {CONTRACT}. "
        "Be webbgruppen installera rätt version.",
        f"The website's app has version {app.contract} of the interface, and we have version {CONTRACT}. "
        "Ask the web team to install the right version.",
    )


_NO_KEY = red(
    "Webbplatsen godtar inte vårt namn och lösenord. Kontrollera dem med webbgruppen.",
    "The website does not accept our name and password. Check them with the web team.",
)
_BUSY = amber(
    "Webbplatsen svarar men tar inte emot något just nu. Vi frågar igen.",
    "The website answers but takes nothing right now. We ask again.",
)
_NO_APP = red(
    "På adressen svarar något annat än vår app. Kontrollera base_url, och be webbgruppen installera appen "
    "(docs/restapp.md).",
    "Something else than our app answers at the address. Check base_url, and ask the web team to install the app "
    "(docs/restapp.md).",
)
_UNREACHABLE = red(
    "Webbplatsen går inte att nå härifrån. Sidan byts när den svarar igen. Kontrollera nätet och base_url.",
    "The website cannot be reached from here. The page is changed when it answers again. "
    "Check the network and base_url.",
)


def _path(post: Post) -> str:
    return f"/messages/{post.object_uuid}"


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


KIND = Kind(
    name="restapp",
    settings=RestAppSettings,
    way="upsert",
    open=RestApp,
    secrets={"PASSWORD": "RESTPASS"},
    imitation="restapp",
    drill={"user": "kris"},
)
