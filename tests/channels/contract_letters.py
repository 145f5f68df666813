"""
What a channel promises whose letters can be neither read back nor taken back: one call, one recipient, the truth.

Where another way looks, this one has nothing but the answer. So the suite asks the imitation what really arrived.
"""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from channels.contract import Contract
from channels.stage import LIVE, LIVE_RECIPIENT, MISSING, PATIENCE_S, TLS, Hearing, Stage, connected, first_post

from broadcaster.channels import Channel, Fact, Letter, Outcome, Post, Reason, Step
from broadcaster.channels._smtp import dial
from broadcaster.channels.opening import open_drill, open_drill_channels
from broadcaster.errors import Unfit
from broadcaster.kinds import Tools

WORDS = "Det går inte att ringa 1177\n\nRing 112 vid fara.\n\nkris.example/m/rv-2026-0031 RV-2026-0031/1"
#: What takes the letter itself, for the script.
HANDING_OVER = {"smtp": "DATA /", "elks": "POST /a1/sms"}
#: Answers that prove nothing, and how many letters there are behind each.
UNSURE = {"drop_before": 0, "applied_then_drop": 1, "applied_then_500": 1, "drip": 1, "hang": 0}


def letter(number: int = 1, words: str = WORDS, **changed: Any) -> Post:
    """Return the message for one of the imitation's recipients."""
    one = Letter(f"Övningsmottagare {number}", f"7f0b6f0e-6b0a-5d2a-9a39-0f4f6f1f2a1{number}")
    return first_post(words, letter=one, **changed)


def arrived(stage: Stage) -> list[dict[str, Any]]:
    """Return what the imitation has in its mailboxes or on its telephones."""
    shown = stage.sandbox.state.snapshot("")
    found: list[dict[str, Any]] = [*shown.get("mail", ()), *shown.get("sms", ())]
    return found


def break_handing_over(stage: Stage, fault: str, **more: object) -> None:
    """Let only the call that hands the letter over end in `fault`."""
    service = str(stage.kind.mount)
    stage.sandbox.state.script.put({service: [{"on": HANDING_OVER[service], "do": fault, **more}]})


class LetterContract:
    """For the way `letter`."""

    test_when_all_is_well = Contract.test_preflight_is_green_when_all_is_well_and_says_why_when_not
    test_settings = Contract.test_the_settings_refuse_what_could_leak_or_is_misspelt
    test_secrets = Contract.test_opening_asks_for_the_secrets_it_names_and_calls_nobody
    test_name_and_limit = Contract.test_what_it_is_called_and_how_much_it_holds

    def test_the_words_arrive_exactly_as_they_were_approved_at_one_recipient(self, stage: Stage) -> None:
        """And nobody can see who else is on the list."""
        found = stage.run(lambda channel: stage.call(channel, Step.SEND, letter()))
        (one,) = arrived(stage)
        assert (found.fact, one["text"], bool(found.remote_id)) == (Fact.DONE, WORDS, True)
        whom = [one["to"]] if isinstance(one["to"], str) else one["to"]
        field = "number" if "number" in LIVE_RECIPIENT[stage.kind.name] else "address"
        listed: Any = stage.kind.drill["recipients"]
        assert whom == [listed[0][field]]

    def test_other_alphabets_arrive_whole(self, stage: Stage) -> None:
        words = "حالة طارئة\n\nاتصل بالرقم 112."
        stage.run(lambda channel: stage.call(channel, Step.SEND, letter(words=words)))
        assert [one["text"] for one in arrived(stage)] == [words]

    @pytest.mark.parametrize("fault", UNSURE)
    def test_an_answer_that_proves_nothing_is_uncertain(self, stage: Stage, fault: str) -> None:
        """Done or not, the channel says that it does not know; and it asked once, whatever came of it."""

        async def act(channel: Channel) -> Outcome:
            await channel.preflight()
            break_handing_over(stage, fault)
            return await channel.call(Step.SEND, letter(), 0.4 if fault in ("drip", "hang") else 10)

        assert stage.run(act).fact is Fact.UNCERTAIN
        assert len(arrived(stage)) == UNSURE[fault]

    @pytest.mark.parametrize("fault", ["rate_limited", "token_dead"])
    def test_a_no_that_was_said_first_is_a_refusal_with_a_wait_or_without(self, stage: Stage, fault: str) -> None:
        async def act(channel: Channel) -> Outcome:
            stage.break_all(fault)
            return await stage.call(channel, Step.SEND, letter())

        found = stage.run(act)
        assert (found.fact, found.wait_s is not None) == (Fact.REFUSED, fault == "rate_limited")
        assert found.reason in ({Reason.RATE} if fault == "rate_limited" else {Reason.TOKEN, Reason.PERMISSION})
        assert arrived(stage) == []

    def test_when_nobody_is_there_nothing_was_sent(self, stage: Stage) -> None:
        async def act(channel: Channel) -> Outcome:
            stage.sandbox.close()
            return await stage.call(channel, Step.SEND, letter())

        assert stage.run(act).fact is Fact.NOT_SENT

    def test_somebody_who_is_not_on_the_list_any_more_is_never_written_to(self, stage: Stage) -> None:
        """The list is the settings', so a name in the database alone leads nowhere."""
        stranger = replace(letter(), letter=Letter("Någon annan", "x"))
        found = stage.run(lambda channel: stage.call(channel, Step.SEND, stranger))
        assert (found.fact, found.reason, found.wait_s) == (Fact.REFUSED, Reason.GONE, None)
        assert arrived(stage) == []

    def test_no_address_and_no_number_is_in_what_may_be_logged(self, stage: Stage) -> None:
        def said(fault: str) -> str:
            async def act(channel: Channel) -> Outcome:
                break_handing_over(stage, fault)
                return await stage.call(channel, Step.SEND, letter())

            return repr(stage.run(act))

        whole = " ".join(said(fault) for fault in ("applied_then_drop", "rate_limited", "slow:0"))
        for hidden in ("mottagare-1", "4670174"):
            assert hidden not in whole

    def test_a_call_ends_when_its_time_is_over_and_nothing_leaves_after_it(self, stage: Stage) -> None:
        """Whoever takes over may send it again, so a slow server must not get it late from us."""

        async def act(channel: Channel) -> Outcome:
            await channel.preflight()
            stage.break_all("slow:0.6")
            found = await channel.call(Step.SEND, letter(), 0.3)
            await asyncio.sleep(1.0)
            return found

        found = stage.run(act)
        assert found.fact in (Fact.NOT_SENT, Fact.UNCERTAIN)
        assert found.fact is Fact.UNCERTAIN or arrived(stage) == []

    def test_a_call_that_is_stopped_stops(self, stage: Stage) -> None:
        """Cancellation passes through, and the line is closed with it."""

        async def act(channel: Channel) -> None:
            break_handing_over(stage, "hang")
            before = len(stage.sandbox.state.log.items())
            task = asyncio.create_task(channel.call(Step.SEND, letter(), PATIENCE_S))
            verb = HANDING_OVER[str(stage.kind.mount)].split()[0]
            while verb not in [one["method"] for one in stage.sandbox.state.log.items()[before:]]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        stage.run(act)

    def test_a_step_a_letter_does_not_have_is_refused_loudly(self, stage: Stage) -> None:
        async def act(channel: Channel) -> None:
            for step in MISSING["letter"]:
                with pytest.raises(NotImplementedError):
                    await channel.call(step, letter(), 1)
            with pytest.raises(NotImplementedError):
                await channel.call(Step.SEND, first_post(), 1)

        stage.run(act)

    def test_preflight_sends_nothing(self, stage: Stage) -> None:
        stage.run(lambda channel: channel.preflight())
        assert arrived(stage) == []


class LetterDrillContract:
    """A drill writes to nobody, however somebody tries."""

    def test_every_connection_of_a_drill_goes_to_the_imitation(self, stage: Stage) -> None:
        """Not one connection to anywhere else, and nothing of the live list in what was said."""
        heard: list[str] = []
        connected.append([])
        try:
            stage.run(lambda channel: stage.call(channel, Step.SEND, letter()), lambda: Hearing(heard))
        finally:
            met = connected.pop()
        box = stage.sandbox
        assert {address[:2] for address in met} <= {("127.0.0.1", int(box.url.rpartition(":")[2])),
                                                    ("127.0.0.1", box.smtp_port)}  # fmt: skip
        assert met
        said = " ".join(heard) + str(arrived(stage))
        assert not [one for one in ("live.example", "46701740699") if one in said]

    def test_the_name_of_a_living_recipient_leads_nowhere_in_a_drill(self, stage: Stage) -> None:
        """Somebody altered a row: the drill's list does not know them."""
        name = str(LIVE_RECIPIENT[stage.kind.name]["name"])
        altered = replace(letter(), letter=Letter(name, "x"))
        found = stage.run(lambda channel: stage.call(channel, Step.SEND, altered))
        assert (found.fact, arrived(stage)) == (Fact.REFUSED, [])

    def test_a_live_letter_does_not_leave_by_a_drills_channel(self, stage: Stage) -> None:
        found = stage.run(lambda channel: stage.call(channel, Step.SEND, letter(mode="live")))
        assert (found.reason, arrived(stage)) == (Reason.FORGED, [])

    def test_its_ways_out_lead_nowhere_else(self, stage: Stage) -> None:
        """Were a kind to dial elsewhere, there would be nobody there; nor by another name for the same machine."""
        kept: list[Tools] = []

        def take(key: str, part: Any, tools: Tools) -> Channel:
            kept.append(tools)
            raise LookupError("only the ways out were wanted")

        spied = replace(stage.kind, open=take)
        part, port = stage.settings.channels[stage.key], stage.sandbox.smtp_port or 0
        with pytest.raises(Unfit, match="cannot be opened"):
            open_drill(spied, stage.key, part, stage.sandbox.url, mail_port=port, connect=TLS)
        asked = [("mail.live.example", 587), ("127.0.0.1", 25), ("localhost", port), ("127.0.0.2", port), ("::1", port)]

        async def each() -> None:
            for host, number in asked:
                assert kept[0].dial is not None
                with pytest.raises(ConnectionRefusedError, match="its imitation and nowhere else"):
                    await kept[0].dial(host, number)

        asyncio.run(each())

    def test_without_a_mailbox_no_letter_of_a_drill_leaves(self, stage: Stage) -> None:
        """An imitation that takes no mail is no reason to look for another server."""
        if stage.kind.mount != "smtp":
            return

        async def act() -> Outcome:
            channel = open_drill_channels(stage.settings, stage.sandbox.url, connect=TLS, dialling=dial)[stage.key]
            return await stage.call(channel, Step.SEND, letter())

        assert asyncio.run(act()).fact is Fact.NOT_SENT

    def test_an_imitation_that_is_not_on_this_machine_is_refused(self, stage: Stage) -> None:
        with pytest.raises(Unfit, match="a drill reaches only an imitation on this machine"):
            open_drill_channels(stage.settings, LIVE, mail_port=25)
