"""
What every automatic channel promises, as a suite that any kind can be held against, also one of another package.

The channel is opened as a drill opens it and speaks real HTTP with the imitation that its kind brings, so the suite
needs nothing of a kind but the kind itself. It knows what the imitation did, and asks whether the channel told the
truth about it. `tests/channels/test_kinds.py` runs it; docs/adding-a-channel.md says how to run it for your own.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from broadcaster.channels import Channel, Fact, Limit, Outcome, Post, Reason, Step, limit_of
from broadcaster.channels._http import over_network
from broadcaster.channels.names import channel_name
from broadcaster.channels.opening import open_channels, open_drill, open_drill_channels
from broadcaster.errors import Unfit
from broadcaster.kinds import Kind, Tools
from broadcaster.sandbox import Sandbox
from broadcaster.settings import KINDS, Settings

#: A kind that asks nobody is waited for so long, and then it has failed.
PATIENCE_S = 30
LIVE = "https://live.example/elsewhere"
FIRST = {"upsert": Step.PUT, "draft": Step.DRAFT, "post": Step.POST}
STEPS: Mapping[str, tuple[Step, ...]] = {
    "upsert": (Step.PUT, Step.LOOK, Step.WITHDRAW),
    "draft": (Step.DRAFT, Step.PUBLISH, Step.LOOK, Step.SEARCH, Step.EDIT, Step.WITHDRAW, Step.SWEEP),
    "post": (Step.POST, Step.LOOK, Step.SEARCH, Step.EDIT, Step.WITHDRAW, Step.SWEEP),
}
#: Steps that would be a fault in the program. An unpublished post and a draft share a channel, so a post may draft.
_MISSING: Mapping[str, set[Step]] = {
    "upsert": {Step.DRAFT, Step.PUBLISH, Step.POST, Step.SEARCH, Step.EDIT, Step.SWEEP},
    "draft": {Step.PUT},
    "post": {Step.PUT},
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
_TLS: Connect = over_network()


async def _nap(seconds: float) -> None:
    """Take no time: how long a call waits between its own repeats is not what is asked here."""


_connected: list[list[Any]] = []


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _connected:
        _connected[-1].append(arguments[1])


sys.addaudithook(_hear)  # cannot be taken away again; it hears nothing unless a test listens


def key_of(kind: Kind) -> str:
    """Return a channel key that this kind may have."""
    contract = [key for key, kinds in KINDS.items() if kind.name in kinds]
    return next(iter((*kind.names, *contract, "region_web")))


def live_settings(kind: Kind, **lines: object) -> Settings:
    """Return settings with one channel of this kind at a live address, the rest as in a drill."""
    organisation = {"name": "Region Värmland", "short": "RV", "county": "17", "base_url": "https://kris.example"}
    channel = {**kind.drill, **lines, "kind": kind.name, "base_url": LIVE}
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
        self.sandbox = Sandbox(services=more)
        self.sandbox.start()
        self.key = key_of(self.kind)
        self.settings = live_settings(self.kind, **self.lines)
        self.way = self.kind.way_of(self.settings.channels[self.key])
        return self

    def __exit__(self, *_: object) -> None:
        self.sandbox.close()

    def run(self, act: Callable[[Channel], Awaitable[Any]], connect: Connect = _TLS) -> Any:
        """Give `act` the channel as a drill opens it, on a loop of its own, close it, and return what came back."""

        async def whole() -> Any:
            channel = open_drill_channels(self.settings, self.sandbox.url, connect=connect, sleep=_nap)[self.key]
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
        self._within, self._heard, self._reached = _TLS(), heard, reached

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Remember the request, and let it go."""
        self._heard.append(f"{request.method} {request.url} {request.headers.raw!r} {request.content!r}")
        if self._reached is not None:
            self._reached.set()
        return await self._within.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the way."""
        await self._within.aclose()


class Contract:
    """For every way."""

    @pytest.mark.parametrize("words", WORDS.values(), ids=WORDS.keys())
    def test_the_words_come_back_exactly_as_they_were_sent(self, stage: Stage, words: str) -> None:
        """Published is what was read back, letter by letter, and the public can see it."""

        async def act(channel: Channel) -> Outcome:
            return await stage.call(channel, Step.LOOK, await stage.said(channel, first_post(words)))

        found = stage.run(act)
        assert (found.fact, found.words, found.public is not False) == (Fact.DONE, words, True)
        assert found.reason is Reason.NONE

    def test_what_was_never_said_is_absent_and_never_uncertain(self, stage: Stage) -> None:
        """A read that worked and shows nothing of ours says so."""
        step = Step.LOOK if stage.way == "upsert" else Step.SEARCH
        found = stage.run(lambda channel: stage.call(channel, step, first_post()))
        assert found.fact is Fact.ABSENT

    def test_what_was_taken_down_is_gone_and_taking_it_down_again_is_harmless(self, stage: Stage) -> None:
        async def act(channel: Channel) -> list[Outcome]:
            post = await stage.said(channel, first_post())
            post = replace(post, revision=2)
            return [await stage.call(channel, step, post) for step in (Step.WITHDRAW, Step.LOOK, Step.WITHDRAW)]

        first, look, again = stage.run(act)
        assert first.fact is Fact.DONE
        assert look.fact is Fact.ABSENT or look.public is False
        assert again.fact is Fact.DONE or again.reason is Reason.GONE

    @pytest.mark.parametrize("fault", UNSURE)
    def test_an_answer_that_proves_nothing_leaves_every_step_uncertain(self, stage: Stage, fault: str) -> None:
        """Neither done nor refused: the imitation may have carried it out, and in half of these cases it has."""

        async def act(channel: Channel) -> dict[Step, Outcome]:
            found = {}
            for step in STEPS[stage.way]:
                stage.sandbox.state.reset()
                await channel.preflight()  # so that what is fetched once, such as a token, is there
                post = await stage.prepared(channel, step)
                stage.break_all(fault)
                found[step] = await stage.call(channel, step, post, 0.3 if fault in ENDLESS else 10)
                stage.mend()
            return found

        found = stage.run(act)
        assert {step: outcome.fact for step, outcome in found.items()} == dict.fromkeys(found, Fact.UNCERTAIN)

    def test_done_needs_the_channels_own_proof(self, stage: Stage) -> None:
        """A friendly status with an empty object behind it is no proof. Taking down may answer without a word."""

        async def act(channel: Channel) -> list[Outcome]:
            found = []
            for step in STEPS[stage.way]:
                if step in (Step.WITHDRAW, Step.SWEEP):
                    continue
                stage.sandbox.state.reset()
                await channel.preflight()
                post = await stage.prepared(channel, step)
                stage.break_all("no_id")
                found.append(await stage.call(channel, step, post))
                stage.mend()
            return found

        assert {outcome.fact for outcome in stage.run(act)} == {Fact.UNCERTAIN}

    @pytest.mark.parametrize("fault", ["rate_limited", "token_dead"])
    def test_a_no_that_was_said_first_is_a_refusal_with_a_wait_or_without(self, stage: Stage, fault: str) -> None:
        """Too many calls: later, at the time that was named. A dead key: a person, now."""

        async def act(channel: Channel) -> dict[Step, Outcome]:
            found = {}
            for step in STEPS[stage.way]:
                stage.sandbox.state.reset()
                await channel.preflight()
                post = await stage.prepared(channel, step)
                stage.break_all(fault)
                found[step] = await stage.call(channel, step, post)
                stage.mend()
            return found

        found = stage.run(act)
        assert {outcome.fact for outcome in found.values()} == {Fact.REFUSED}
        assert {outcome.wait_s is not None for outcome in found.values()} == {fault == "rate_limited"}
        expected = {Reason.RATE} if fault == "rate_limited" else {Reason.TOKEN, Reason.PERMISSION}
        assert {outcome.reason for outcome in found.values()} <= expected

    @pytest.mark.parametrize("fault", ["applied_then_drop", "applied_then_500"])
    def test_what_was_done_behind_a_broken_answer_is_found(self, stage: Stage, fault: str) -> None:
        """The look after an uncertain call tells the truth, so nothing is said twice and nothing is called lost."""

        async def act(channel: Channel) -> Outcome:
            step = Step.PUBLISH if stage.way == "draft" else FIRST[stage.way]
            await channel.preflight()
            post = await stage.prepared(channel, step)
            stage.break_all(fault)
            await stage.call(channel, step, post)
            stage.mend()
            return await stage.call(channel, Step.SEARCH if stage.way == "post" else Step.LOOK, post)

        found = stage.run(act)
        assert (found.fact, found.words) == (Fact.DONE, first_post().words)

    def test_when_nobody_is_there_nothing_was_sent(self, stage: Stage) -> None:
        """No connection is the one failure after which everything may safely be tried again."""

        async def act(channel: Channel) -> set[Fact]:
            stage.sandbox.close()
            post = first_post(remote_id="100200300_1")
            return {(await stage.call(channel, step, post)).fact for step in STEPS[stage.way]}

        assert stage.run(act) == {Fact.NOT_SENT}

    def test_a_call_that_is_stopped_stops(self, stage: Stage) -> None:
        """Cancellation passes through; a worker is not answered with an outcome that it would have to explain."""

        heard, reached = list[str](), asyncio.Event()

        async def act(channel: Channel) -> None:
            await channel.preflight()
            stage.break_all("hang")
            reached.clear()
            task = asyncio.create_task(channel.call(FIRST[stage.way], first_post(), 30))
            await asyncio.wait_for(reached.wait(), PATIENCE_S)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        stage.run(act, lambda: Hearing(heard, reached))

    def test_a_step_the_way_does_not_have_is_refused_loudly(self, stage: Stage) -> None:
        """A wrong step is a fault in the program, and says so at once instead of publishing something."""

        async def act(channel: Channel) -> None:
            for step in _MISSING[stage.way]:
                with pytest.raises(NotImplementedError):
                    await channel.call(step, first_post(), 1)

        stage.run(act)

    def test_preflight_is_green_when_all_is_well_and_says_why_when_not(self, stage: Stage) -> None:
        """Green means that a send would work. Whatever else it meets, it answers, and never with green."""
        good = stage.run(lambda channel: channel.preflight())
        assert (good.state, good.problems) == ("green", ())
        for fault in ("drop_before", "error_500", "html_502", "redirect", "token_dead"):
            stage.break_all(fault)
            bad = stage.run(lambda channel: channel.preflight())
            assert bad.state in ("amber", "red"), fault
            assert all(problem.strip() for problem in bad.problems), fault
            assert bad.problems, fault
            stage.mend()

    def test_preflight_publishes_nothing(self, stage: Stage) -> None:
        stage.run(lambda channel: channel.preflight())
        step = Step.LOOK if stage.way == "upsert" else Step.SEARCH
        assert stage.run(lambda channel: stage.call(channel, step, first_post())).fact is Fact.ABSENT
        shown = stage.sandbox.state.snapshot("")
        assert shown.pop("facebook") == {"published": [], "drafts": []}
        assert not any(shown.values())

    def test_what_it_is_called_and_how_much_it_holds(self, stage: Stage) -> None:
        """People read a name in their language, and every text is proved to fit before anything is promised."""
        name, limit = channel_name(stage.key), limit_of(stage.key)
        assert name.sv.strip()
        assert name.en.strip()
        assert isinstance(limit, Limit)
        assert stage.kind.limit in (None, limit)

    def test_the_settings_refuse_what_could_leak_or_is_misspelt(self, stage: Stage) -> None:
        """Words and keys travel by https; a line nobody knows is a slip of the pen, not a wish."""
        good = {**stage.kind.drill, **stage.lines, "kind": stage.kind.name, "base_url": LIVE}
        stage.kind.settings.model_validate(good)
        for wrong in ({"base_url": "http://live.example"}, {"base_url": "ftp://live.example"}, {"mispelt": 1}):
            with pytest.raises(ValueError, match=r"base_url|mispelt"):
                stage.kind.settings.model_validate({**good, **wrong})

    def test_opening_asks_for_the_secrets_it_names_and_calls_nobody(self, stage: Stage) -> None:
        """Whoever starts the service hears of a missing secret at once, and an imitation's token is none."""
        asked: list[str] = []

        def safe(name: str, imitation: bool) -> str:
            asked.append(name)
            assert not imitation
            return f"live-{name}"

        _connected.append([])
        channel = open_channels(stage.settings, safe, connect=_TLS)[stage.key]
        asyncio.run(channel.close())
        assert _connected.pop() == []
        assert set(asked) == {stage.kind.secret_name(name, stage.key) for name in stage.kind.secrets}
        if stage.kind.secrets:
            published = {stage.kind.secret_name(name, stage.key): value for name, value in stage.kind.secrets.items()}
            with pytest.raises(Unfit, match="published token"):
                open_channels(stage.settings, lambda name, _: published[name], connect=_TLS)


class DrillContract:
    """A drill cannot reach the world, whoever wrote the kind."""

    def test_every_connection_of_a_drill_goes_to_the_imitation(self, stage: Stage) -> None:
        """The whole life of a message, and not one connection to anywhere else; nothing live is in what was asked."""

        async def act(channel: Channel) -> None:
            await channel.preflight()
            post = await stage.said(channel, first_post())
            for step in STEPS[stage.way]:
                if step is not FIRST[stage.way]:
                    await stage.call(channel, step, replace(post, revision=2))

        heard: list[str] = []
        _connected.append([])
        try:
            stage.run(act, lambda: Hearing(heard))
        finally:
            met = _connected.pop()
        where = httpx.URL(stage.sandbox.url)
        assert {address[:2] for address in met} == {(where.host, where.port)}
        assert heard
        assert "live.example" not in " ".join(heard)

    def test_its_way_out_leads_nowhere_else(self, stage: Stage) -> None:
        """Were a kind to ask for another address, there would be nobody there."""
        found: list[httpx.AsyncBaseTransport] = []

        def take(key: str, part: Any, tools: Tools) -> Channel:
            found.append(tools.connect())
            raise LookupError("only the way out was wanted")

        spied = replace(stage.kind, open=take)
        with pytest.raises(Unfit, match="cannot be opened"):
            open_drill(spied, stage.key, stage.settings.channels[stage.key], stage.sandbox.url, connect=_TLS)

        async def ask(url: str) -> None:
            await found[0].handle_async_request(httpx.Request("GET", url))

        port = httpx.URL(stage.sandbox.url).port or 0
        for url in (LIVE, "http://127.0.0.1:1/", f"https://127.0.0.1:{port}/", f"http://localhost:{port}/"):
            with pytest.raises(httpx.ConnectError, match="only the imitation"):
                asyncio.run(ask(url))


class UpsertContract:
    """Where a message is replaced in place: repeating is safe, older words never stay unnoticed."""

    def test_saying_it_again_changes_nothing(self, stage: Stage) -> None:
        post = first_post()

        async def act(channel: Channel) -> list[Outcome]:
            return [await stage.call(channel, step, post) for step in (Step.PUT, Step.PUT, Step.LOOK)]

        first, again, look = stage.run(act)
        assert (first.fact, again.fact, again.remote_id) == (Fact.DONE, Fact.DONE, first.remote_id)
        assert look.words == first_post().words

    def test_a_newer_revision_takes_the_place(self, stage: Stage) -> None:
        async def act(channel: Channel) -> Outcome:
            await stage.call(channel, Step.PUT, first_post())
            newer = first_post("Nytt besked\n\nAllt fungerar igen.", revision=2, mark="RV-2026-0031/2")
            await stage.call(channel, Step.PUT, newer)
            return await stage.call(channel, Step.LOOK, newer)

        assert stage.run(act).words == "Nytt besked\n\nAllt fungerar igen."

    def test_older_words_are_refused_or_the_next_look_sees_them(self, stage: Stage) -> None:
        """A late repeat of what was said before may never pass for the newest."""
        newer = first_post("Nytt besked\n\nAllt fungerar igen.", revision=2, mark="RV-2026-0031/2")

        async def act(channel: Channel) -> tuple[Outcome, Outcome]:
            await stage.call(channel, Step.PUT, newer)
            late = await stage.call(channel, Step.PUT, first_post())
            return late, await stage.call(channel, Step.LOOK, newer)

        late, look = stage.run(act)
        assert (late.reason is Reason.STALE) == (look.words == newer.words)
        assert late.fact is (Fact.REFUSED if late.reason is Reason.STALE else Fact.DONE)

    def test_two_languages_are_two_objects(self, stage: Stage) -> None:
        """What is said in one language leaves the other alone, also when it is taken down."""
        other = first_post("It is not possible to call 1177\n\nCall 112.", language="en",
                           object_uuid="00000000-0000-5000-8000-000000000001")  # fmt: skip

        async def act(channel: Channel) -> Outcome:
            for post in (first_post(), other):
                await stage.call(channel, Step.PUT, post)
            await stage.call(channel, Step.WITHDRAW, replace(other, revision=2))
            return await stage.call(channel, Step.LOOK, first_post())

        assert stage.run(act).words == first_post().words


class PostContract:
    """Where the channel gives its own ids: one call, one object, found again by its mark."""

    def test_it_is_found_by_its_mark_and_only_by_its_own(self, stage: Stage) -> None:
        """`RV-2026-0031/1` is not `RV-2026-0031/12`."""

        async def act(channel: Channel) -> tuple[Outcome, Outcome, Post]:
            post = await stage.said(channel, first_post())
            lost = replace(post, remote_id=None)
            other = replace(lost, mark="RV-2026-0031/12")
            found = [await stage.call(channel, Step.SEARCH, one) for one in (lost, other)]
            return found[0], found[1], post

        found, other, post = stage.run(act)
        assert (found.fact, found.remote_id, found.words) == (Fact.DONE, post.remote_id, post.words)
        assert other.fact is Fact.ABSENT

    def test_saying_it_asks_once(self, stage: Stage) -> None:
        """What cannot be taken back is never repeated inside a call, whatever came of it."""

        heard: list[str] = []

        async def act(channel: Channel) -> None:
            await channel.preflight()
            stage.break_all("applied_then_500")
            await stage.call(channel, FIRST[stage.way], first_post())

        stage.run(act, lambda: Hearing(heard))
        assert len([one for one in heard if one.startswith("POST ")]) == 1

    def test_a_changed_first_line_is_read_back(self, stage: Stage) -> None:
        """The line that stops shares from lying is there, and the look sees it."""
        changed = "Löst kl. 06.00\n\n" + first_post().words

        async def act(channel: Channel) -> Outcome:
            post = replace(await stage.said(channel, first_post()), words=changed)
            assert (await stage.call(channel, Step.EDIT, post)).fact is Fact.DONE
            return await stage.call(channel, Step.LOOK, post)

        assert stage.run(act).words == changed


class DraftContract:
    """Where a draft comes first: nobody sees it, and publishing it twice is harmless."""

    def test_a_draft_is_not_public_and_publishing_it_twice_makes_one(self, stage: Stage) -> None:
        async def act(channel: Channel) -> list[Outcome]:
            drafted = await stage.call(channel, Step.DRAFT, first_post())
            post = first_post(remote_id=drafted.remote_id)
            hidden = await stage.call(channel, Step.LOOK, post)
            steps = (Step.PUBLISH, Step.PUBLISH, Step.SEARCH)
            return [hidden, *[await stage.call(channel, step, post) for step in steps]]

        hidden, first, again, search = stage.run(act)
        assert hidden.fact is Fact.ABSENT or hidden.public is False
        assert first.fact is Fact.DONE
        assert again.fact is not Fact.REFUSED
        assert (search.fact, search.others) == (Fact.DONE, 0)
