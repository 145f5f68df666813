"""A stage for one kind of channel: its imitation, its channel as a drill opens it, and an ear on its way out."""


import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Self

import httpx

from broadcaster.channels import Channel, Fact, Outcome, Post, Step
from broadcaster.channels._http import over_network
from broadcaster.channels.opening import open_drill_channels
from broadcaster.kinds import Kind
from broadcaster.letter_settings import MailServer
from broadcaster.sandbox import Sandbox
from broadcaster.sandbox.script import HTTP_ONLY
from broadcaster.settings import KINDS, Settings

#: A kind that asks nobody is waited for so long, and then it has failed.
PATIENCE_S = 30
LIVE = "https://live.example/elsewhere"
#: What a mail server's settings say of where it is, instead of an address.
LIVE_SERVER = {"host": "mail.live.example", "port": 587, "security": "starttls"}
#: A living recipient for each kind of letter; none of this may be seen in a drill.
LIVE_RECIPIENT = {
    "email": {"name": "P4", "address": "p4@live.example"},
    "sms_46elks": {"name": "P4", "number": "+46701740699"},
}
FIRST = {"upsert": Step.PUT, "draft": Step.DRAFT, "post": Step.POST, "letter": Step.SEND}
STEPS: Mapping[str, tuple[Step, ...]] = {
    "upsert": (Step.PUT, Step.LOOK, Step.WITHDRAW),
    "draft": (Step.DRAFT, Step.PUBLISH, Step.LOOK, Step.SEARCH, Step.EDIT, Step.WITHDRAW, Step.SWEEP),
    "post": (Step.POST, Step.LOOK, Step.SEARCH, Step.EDIT, Step.WITHDRAW, Step.SWEEP),
    "letter": (Step.SEND,),
}
#: Steps that would be a fault in the program. An unpublished post and a draft share a channel, so a post may draft.
MISSING: Mapping[str, set[Step]] = {
    "upsert": {Step.DRAFT, Step.PUBLISH, Step.POST, Step.SEARCH, Step.EDIT, Step.SWEEP, Step.SEND},
    "draft": {Step.PUT, Step.SEND},
    "post": {Step.PUT, Step.SEND},
    "letter": {*Step} - {Step.SEND},
}
#: What the imitation can be told to do to every request, and the only fact that is true of a step that changes things.
UNSURE = ("drop_before", "applied_then_drop", "error_500", "applied_then_500", "html_502", "redirect", "drip", "hang")
#: Answers that never come: the call's own time ends them.
ENDLESS = ("drip", "hang")
WORDS = {
    "a usual message": "Det går inte att ringa 1177\n\nRing 112 vid fara.\nVänta.\n\nRV-2026-0031/1",
    "everything markup trips over": 'A < B & "C" > D\n\n<b>inte fet</b> &amp; &lt;p&gt;\n\n</p><script>x</script>',
    "other alphabets": "حالة طارئة\n\nاتصل بالرقم 112.\n\nXaalad degdeg ah – ”Å Ä Ö é” 🚑 RV-2026-0031/1",
    "many lines": "Rubrik\n\n- ett\n- två\n- tre\n\n" + "\n\n".join(f"Stycke {n}." for n in range(9)),
}
Connect = Callable[[], httpx.AsyncBaseTransport]
TLS: Connect = over_network()


async def _nap(seconds: float) -> None:
    """Take no time: how long a call waits between its own repeats is not what is asked here."""


connected: list[list[Any]] = []


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and connected:
        connected[-1].append(arguments[1])


sys.addaudithook(_hear)  # cannot be taken away again; it hears nothing unless a test listens


def key_of(kind: Kind) -> str:
    """Return a channel key that this kind may have."""
    contract = [key for key, kinds in KINDS.items() if kind.name in kinds]
    return next(iter((*kind.names, *contract, "region_web")))


def live_lines(kind: Kind) -> dict[str, object]:
    """Return what the settings of a live channel of this kind may say."""
    where = LIVE_SERVER if issubclass(kind.settings, MailServer) else {"base_url": LIVE}
    whom = {"recipients": [LIVE_RECIPIENT[kind.name]]} if kind.name in LIVE_RECIPIENT else {}
    return {**kind.drill, **whom, "kind": kind.name, **where}


def live_settings(kind: Kind, **lines: object) -> Settings:
    """Return settings with one channel of this kind at a live address, the rest as in a drill."""
    organisation = {"name": "Region Värmland", "short": "RV", "county": "17", "base_url": "https://kris.example"}
    channel = {**live_lines(kind), **lines}
    channels = {key_of(kind): channel}
    return Settings.model_validate({"folder": Path("/"), "organisation": organisation, "channels": channels})


def first_post(words: str = WORDS["a usual message"], **changed: Any) -> Post:
    """Return the first message of an incident, accepted now."""
    usual = Post(
        object_uuid="7f0b6f0e-6b0a-5d2a-9a39-0f4f6f1f2a11",
        incident="RV-2026-0031",
        mark="RV-2026-0031/1",
        language="sv",
        revision=1,
        words=words,
        mode="drill",
        starts_at=datetime.now(UTC),
        expires_at=None,
        slug="rv-2026-0031",
    )
    return replace(usual, **changed)


@dataclass
class Stage:
    """One kind and its imitation on a free port. `lines` are settings that a drill keeps."""

    kind: Kind
    lines: Mapping[str, object]

    def __enter__(self) -> Self:
        more = {self.kind.name: self.kind.imitation()} if callable(self.kind.imitation) else {}
        self.sandbox = Sandbox(services=more, smtp_port=0)
        self.sandbox.start()
        self.key = key_of(self.kind)
        self.settings = live_settings(self.kind, **self.lines)
        self.way = self.kind.way_of(self.settings.channels[self.key])
        return self

    def __exit__(self, *_: object) -> None:
        self.sandbox.close()

    def run(self, act: Callable[[Channel], Awaitable[Any]], connect: Connect = TLS) -> Any:
        """Give `act` the channel as a drill opens it, on a loop of its own, close it, and return what came back."""

        async def whole() -> Any:
            hours = count(0, 3600)  # each look at the clock is an hour later, so no pause of the channel itself lasts
            channel = open_drill_channels(
                self.settings, self.sandbox.url, mail_port=self.sandbox.smtp_port, connect=connect, sleep=_nap,
                seconds=lambda: float(next(hours)))[self.key]  # fmt: skip
            try:
                return await act(channel)
            finally:
                await channel.close()

        return asyncio.run(whole())

    async def call(self, channel: Channel, step: Step, post: Post, timeout_s: float = 10.0) -> Outcome:
        """Make one call; whatever comes back may be logged: one line, nothing secret."""
        found = await channel.call(step, post, timeout_s)
        said = repr(replace(found, words=None))
        assert not [secret for secret in self.kind.secrets.values() if len(secret) > 5 and secret in said], said
        assert "\n" not in found.detail
        assert "?" not in found.detail.replace("?…", "")
        return found

    async def said(self, channel: Channel, post: Post) -> Post:
        """Make `post` public in the channel's own way, and return it with the id to ask for."""
        found = await self.call(channel, FIRST[self.way], post)
        assert found.fact is Fact.DONE, found
        post = replace(post, remote_id=found.remote_id)
        if self.way == "draft":
            published = await self.call(channel, Step.PUBLISH, post)
            assert published.fact is Fact.DONE, published
        return post

    async def prepared(self, channel: Channel, step: Step) -> Post:
        """Return a post for which `step` is what comes next."""
        if step is FIRST[self.way]:
            return first_post()
        if step is Step.PUBLISH:
            found = await self.call(channel, Step.DRAFT, first_post())
            return first_post(remote_id=found.remote_id)
        return await self.said(channel, first_post())

    def break_all(self, fault: str) -> None:
        """Let every request to the imitation end in `fault` from now on."""
        service = {"graph": "facebook"}.get(str(self.kind.mount), str(self.kind.mount))
        if service == "smtp":
            about = {"EHLO": "/{who}", "MAIL": "/{who}", "RCPT": "/{who}"}
            commands = ("CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA")
            does = "error_500" if fault in HTTP_ONLY else fault
            rules = [{"on": f"{one} {about.get(one, '/')}", "do": does} for one in commands]
            self.sandbox.state.script.put({service: rules})
            return
        holes = ["".join(f"/{{{name}}}" for name in "abcdefg"[:count]) or "/" for count in range(8)]
        rules = [{"on": f"{verb} {path}", "do": fault} for verb in ("GET", "POST", "PUT", "PATCH", "DELETE")
                 for path in holes]  # fmt: skip
        self.sandbox.state.script.put({service: rules})

    def mend(self) -> None:
        """Let everything go well again."""
        self.sandbox.state.script.put({})


class Hearing(httpx.AsyncBaseTransport):
    """The way out, with an ear: keeps every request as it left, in one text each."""

    def __init__(self, heard: list[str], reached: asyncio.Event | None = None) -> None:
        self._within, self._heard, self._reached = TLS(), heard, reached

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Remember the request, and let it go."""
        self._heard.append(f"{request.method} {request.url} {request.headers.raw!r} {request.content!r}")
        if self._reached is not None:
            self._reached.set()
        return await self._within.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the way."""
        await self._within.aclose()
