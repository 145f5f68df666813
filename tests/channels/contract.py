"""
What every automatic channel promises, as a suite that any kind can be held against, also one of another package.

The channel is opened as a drill opens it and speaks real HTTP with the imitation that its kind brings, so the suite
needs nothing of a kind but the kind itself. It knows what the imitation did, and asks whether the channel told the
truth about it. `tests/channels/test_kinds.py` runs it; docs/adding-a-channel.md says how to run it for your own.
"""

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest
from channels.stage import (
    ENDLESS,
    FIRST,
    LIVE,
    MISSING,
    PATIENCE_S,
    STEPS,
    TLS,
    UNSURE,
    WORDS,
    Hearing,
    Stage,
    connected,
    first_post,
    live_lines,
)

from broadcaster.channels import Channel, Fact, Limit, Outcome, Reason, Step, limit_of
from broadcaster.channels.names import channel_name
from broadcaster.channels.opening import open_channels, open_drill
from broadcaster.errors import Unfit
from broadcaster.kinds import Tools


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
            for step in MISSING[stage.way]:
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
            assert len(bad.english) in (0, len(bad.problems)), "the same problems in English, or none of them"
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
        good = {**live_lines(stage.kind), **stage.lines}
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

        connected.append([])
        channel = open_channels(stage.settings, safe, connect=TLS)[stage.key]
        asyncio.run(channel.close())
        assert connected.pop() == []
        assert set(asked) == {stage.kind.secret_name(name, stage.key) for name in stage.kind.secrets}
        if stage.kind.secrets:
            published = {stage.kind.secret_name(name, stage.key): value for name, value in stage.kind.secrets.items()}
            with pytest.raises(Unfit, match="published token"):
                open_channels(stage.settings, lambda name, _: published[name], connect=TLS)


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
        connected.append([])
        try:
            stage.run(act, lambda: Hearing(heard))
        finally:
            met = connected.pop()
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
            open_drill(spied, stage.key, stage.settings.channels[stage.key], stage.sandbox.url, connect=TLS)

        async def ask(url: str) -> None:
            await found[0].handle_async_request(httpx.Request("GET", url))

        port = httpx.URL(stage.sandbox.url).port or 0
        for url in (LIVE, "http://127.0.0.1:1/", f"https://127.0.0.1:{port}/", f"http://localhost:{port}/"):
            with pytest.raises(httpx.ConnectError, match="its imitation and nowhere else"):
                asyncio.run(ask(url))
