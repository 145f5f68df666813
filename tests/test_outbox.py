"""What is still owed: leases, fences, deaths, order, and the minute after which a person is told."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine import ABSENT, DONE, NOT_SENT, RATE, REFUSED, UNSURE, Engine, make_engine, shows
from service import Clock, Service
from sqlalchemy import update

from broadcaster import approval
from broadcaster.channels import Fact, Outcome, Step
from broadcaster.outbox import Claim
from broadcaster.tables import message as message_table

FACEBOOK = ["facebook"]
NOTICE = ["1177_notice"]


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """Return an engine whose channels the test answers for."""
    made = make_engine(tmp_path, clock)
    yield made
    made.parts.store.close()


def die(engine: Engine, worker: str) -> None:
    """Take the notice's next call and never be heard of again; a minute passes."""
    take(engine, worker)
    engine.clock.advance(60)


def take(engine: Engine, worker: str) -> Claim:
    """Claim the notice's next call; when a dead worker's had to be taken over first, a minute later."""
    found = engine.claim("1177_notice", worker=worker)
    if found is None:
        engine.clock.advance(60)
    return found or engine.taken("1177_notice", worker=worker)


class TestLeases:
    """A claim is a right that ends by itself, and a fence that tells a zombie so."""

    def test_what_one_worker_holds_no_other_takes(self, engine: Engine) -> None:
        """Two workers at the same time never make the same call."""
        engine.send(channels=FACEBOOK)
        assert engine.claim("facebook", worker="a") is not None
        assert engine.claim("facebook", worker="b") is None

    def test_the_call_is_recorded_before_it_begins(self, engine: Engine) -> None:
        """If the process dies now, the attempt is there and open, and the log says what was intended."""
        engine.send(channels=FACEBOOK)
        engine.taken("facebook")
        assert engine.attempts() == [("draft", None)]
        assert engine.row()["state"] == "sending" and engine.row()["attempts"] == 1
        assert [e["type"] for e in engine.entries()][-1] == "attempt:opened"

    def test_the_claim_of_a_dead_worker_is_taken_over_when_its_lease_ends(self, engine: Engine) -> None:
        """Not a second before; and then its call counts as unexplained if the public could have seen it."""
        engine.send(channels=NOTICE)
        engine.taken("1177_notice", worker="dead")
        engine.clock.advance(5.9)
        assert engine.claim("1177_notice", worker="b") is None
        engine.clock.advance(0.2)
        claim = engine.taken("1177_notice", worker="b")
        assert claim.step is Step.PUT
        row = engine.row("1177_notice")
        assert row["ever_unsure"] and row["deaths"] == 1
        assert engine.attempts() == [("put", "uncertain"), ("put", None)]
        assert "delivery:taken_over" in [e["type"] for e in engine.entries()]

    def test_a_zombies_answer_changes_nothing_but_its_own_attempt(self, engine: Engine) -> None:
        """It wakes up after its lease has ended and another has gone on: its id is kept, its opinion is not."""
        engine.send(channels=FACEBOOK)
        zombie = engine.taken("facebook", worker="zombie")
        engine.clock.advance(7)
        publish = engine.settle(engine.taken("facebook", worker="b"), Outcome(Fact.DONE, remote_id="100200300_2"), "b")
        assert publish is not None
        before = engine.row()
        assert engine.settle(zombie, Outcome(Fact.DONE, remote_id="100200300_1"), "zombie") is None
        assert engine.row() == before
        assert engine.row()["remote_id"] == "100200300_2"

    def test_a_late_answer_is_recorded_when_nobody_has_taken_over_yet(self, engine: Engine) -> None:
        """The lease has ended but the row is still ours by its fence: what came back counts."""
        engine.send(channels=NOTICE)
        claim = engine.taken("1177_notice")
        engine.clock.advance(60)
        look = engine.settle(claim, DONE)
        assert look is not None and look.step is Step.LOOK

    def test_many_answers_are_written_down_in_one_transaction(self, engine: Engine) -> None:
        """Each gets what follows for it, in its own place; one that lost its lease gets nothing."""
        engine.send(channels=["facebook", "1177_notice"])
        claims = list(engine.claims().values())
        engine.write(engine.row("1177_notice"), fence=99)
        before = len(engine.entries())
        found = engine.outbox().settle_all([(claim, DONE) for claim in claims], "w1")
        by_pair = {(c.channel, c.post.language): f for c, f in zip(claims, found, strict=True)}
        publish = by_pair["facebook", "sv"]
        assert publish is not None and publish.step is Step.PUBLISH
        assert by_pair["1177_notice", "sv"] is None
        assert {entry["ts"] for entry in engine.entries()[before:]} == {engine.entries()[-1]["ts"]}

    def test_the_same_answer_twice_counts_once(self, engine: Engine) -> None:
        """A commit whose answer was lost is repeated by the worker; the second finds its attempt closed."""
        engine.send(channels=FACEBOOK)
        claim = engine.taken("facebook")
        assert engine.settle(claim, RATE) is None
        before = engine.row()
        assert engine.settle(claim, DONE) is None
        assert engine.row() == before

    def test_three_deaths_leave_it_to_a_person(self, engine: Engine) -> None:
        """Perhaps this delivery is what kills them; it must not kill a fourth."""
        engine.send(channels=NOTICE)
        for worker in "abc":
            die(engine, worker)
        assert engine.claim("1177_notice") is None
        row = engine.row("1177_notice")
        assert (row["state"], row["deaths"], row["unsure_since"] is not None) == ("needs_person", 3, True)
        assert row["error"]["reason"] == "workers_died"
        assert len(engine.parts.board.alarms()) == 1

    @pytest.mark.parametrize("channel", ["facebook", "1177_notice"])
    def test_a_task_whose_place_a_newer_message_has_taken_is_nobodys(self, engine: Engine, channel: str) -> None:
        """The first was being sent when the update was accepted; what nobody must do any more wakes nobody."""
        first = engine.send(channels=[channel])
        claim = engine.taken(channel)
        engine.send("update", first["incident"], channels=[channel])
        engine.settle(claim, REFUSED)
        assert engine.row(channel, number=1)["state"] == "superseded"
        engine.play()
        assert engine.row(channel, number=2)["state"] == "published"
        assert engine.parts.board.alarms() == []

    def test_a_post_that_may_be_public_is_taken_back_when_its_place_is_taken(self, engine: Engine) -> None:
        """Three workers died publishing the first while the update waited: the post is looked up and goes."""
        first = engine.send(channels=FACEBOOK)
        engine.settle(engine.taken("facebook"), DONE)
        engine.send("update", first["incident"], channels=FACEBOOK)
        for worker in "abcd":
            engine.clock.advance(60)
            engine.claim("facebook", worker=worker)
        row = engine.row(number=1)
        assert (row["intent"], row["step"], row["remote_id"]) == ("withdraw", "withdraw", DONE.remote_id)
        engine.clock.advance(60)
        engine.play()
        assert engine.row(number=1)["state"] == "withdrawn"
        assert engine.row(number=2)["state"] == "published"

    def test_deaths_apart_from_each_other_do_not_add_up(self, engine: Engine) -> None:
        """One worker that lives to tell starts the count over."""
        engine.send(channels=NOTICE)
        for _ in range(4):
            die(engine, "dead")
            engine.settle(take(engine, "alive"), RATE, "alive")
            engine.clock.advance(601)
        assert engine.row("1177_notice")["deaths"] == 0
        assert engine.claim("1177_notice") is not None

    def test_deaths_during_a_last_look_do_not_undo_what_is_published(self, engine: Engine) -> None:
        """The public has the words; a person is told, and the receipt stays."""
        first = engine.send(channels=NOTICE)
        engine.play()
        engine.clock.advance(331)
        for worker in "abc":
            die(engine, worker)
        assert engine.claim("1177_notice") is None
        assert engine.row("1177_notice")["state"] == "published"
        assert engine.message(first["id"])["state"] == "published"


class TestTime:
    """Nothing waits for ever, and nothing is said too late."""

    def test_what_was_never_said_in_time_expires_and_a_person_is_told(self, engine: Engine) -> None:
        """Six hours later no call is made any more."""
        engine.send(channels=FACEBOOK)
        engine.settle(engine.taken("facebook"), RATE)
        engine.clock.advance(6 * 3600)
        assert engine.claim("facebook") is None
        assert engine.row()["state"] == "expired" and engine.row()["next_attempt_at"] is None
        assert len(engine.parts.board.alarms()) == 1

    def test_what_may_be_public_by_then_is_only_looked_for(self, engine: Engine) -> None:
        """And becomes published, or expired."""
        engine.send(channels=NOTICE)
        again = engine.settle(engine.taken("1177_notice"), UNSURE)
        assert again is not None and again.step is Step.PUT
        engine.settle(again, RATE)
        engine.clock.advance(6 * 3600)
        assert engine.claim("1177_notice") is None
        engine.clock.advance(6)
        claim = engine.taken("1177_notice")
        assert claim.step is Step.LOOK
        engine.settle(claim, ABSENT)
        assert engine.row("1177_notice")["state"] == "expired"


class TestTurns:
    """The order of an incident's messages on one channel."""

    def test_the_all_clear_is_skipped_where_nobody_ever_read_the_first(self, engine: Engine) -> None:
        """It would only frighten; the log says that it was skipped."""
        first = engine.send(channels=FACEBOOK)
        engine.settle(engine.taken("facebook"), REFUSED)
        engine.send("all_clear", first["incident"], channels=FACEBOOK)
        assert engine.claim("facebook") is None
        assert engine.row()["state"] == "skipped"
        assert "delivery:skipped" in [e["type"] for e in engine.entries()]

    def test_an_all_clear_that_may_stand_there_is_never_called_skipped(self, engine: Engine) -> None:
        """The worker with the first sleeps; the all-clear goes, and only then the first turns out never sent."""
        first = engine.send(channels=["1177_phone"])
        asleep = engine.taken("1177_phone")
        engine.send("all_clear", first["incident"], channels=["1177_phone"])
        engine.clock.advance(31)
        engine.settle(engine.taken("1177_phone"), DONE)  # its read-back is never heard of
        engine.settle(asleep, NOT_SENT)
        for _ in range(3):
            engine.clock.advance(61)
            engine.play()
        assert engine.row("1177_phone")["state"] == "published"

    def test_many_that_wait_never_hide_those_they_wait_for(self, engine: Engine) -> None:
        """A network that is down fills the outbox with waiting updates; the first messages are still tried."""
        for _ in range(5):
            first = engine.send(again=True)
            engine.settle_all(RATE)
            engine.send("update", first["incident"])
        engine.clock.advance(601)
        marks = {claim.post.mark[-1] for claim in engine.outbox().claim("w", limit=4)}
        assert marks == {"1"}

    def test_other_channels_do_not_wait(self, engine: Engine) -> None:
        """Facebook hangs; the notice's update goes."""
        first = engine.send(channels=["facebook", "1177_notice"])
        claims = engine.claims()
        look = engine.settle(claims["1177_notice", "sv"], DONE)
        assert look is not None
        engine.settle(look, shows(look))
        engine.send("update", first["incident"], channels=["facebook", "1177_notice"])
        assert [claim.channel for claim in engine.outbox().claim("w")] == ["1177_notice"]


class TestProvedAgain:
    """The words are proved right before they leave."""

    def test_words_changed_in_the_table_go_to_a_person(self, engine: Engine) -> None:
        """Not one call is made."""
        engine.send(channels=FACEBOOK)
        engine.write(engine.row(), words="Region Exempel stänger.")
        assert engine.claim("facebook") is None
        assert (engine.row()["state"], engine.row()["error"]["reason"]) == ("needs_person", "forged")
        assert engine.attempts() == []

    def test_words_of_a_revoked_playbook_go_to_a_person(self, engine: Engine) -> None:
        """Between the draft and its publication somebody revoked it: the draft is never made public."""
        engine.send(channels=FACEBOOK)
        publish = engine.settle(engine.taken("facebook"), DONE)
        assert publish is not None
        engine.settle(publish, RATE)
        snapshot = engine.parts.playbooks.get("telefoni-1177")
        assert snapshot is not None
        with engine.parts.store.transaction() as transaction:
            approval.revoke(transaction, snapshot.digest, "approver-1")
        engine.clock.advance(601)
        assert engine.claim("facebook") is None
        assert engine.row()["error"]["reason"] == "forged"

    @pytest.mark.parametrize("broken", [{"language": "xx"}, {"state": "nonsense"}, {"step": "dance"}, {"way": "magic"}])
    def test_a_row_that_breaks_the_rules_holds_up_nobody_else(self, engine: Engine, broken: dict[str, str]) -> None:
        """One altered row goes to a person; everything else is sent as if it were not there."""
        engine.send(channels=["facebook", "1177_notice"])
        engine.write(engine.row("facebook"), **broken)
        if "way" in broken:
            engine.write(engine.row("facebook"), step="look", unsure_since=engine.now, ever_unsure=True)
        claims = {claim.channel: claim for claim in engine.outbox().claim("w")}
        assert "1177_notice" in claims
        assert engine.claim("1177_notice") is None
        if "way" not in broken:
            row = engine.row("facebook", broken.get("language", "sv"))
            assert (row["state"], row["error"]["reason"]) == ("needs_person", "forged")

    def test_a_withdrawal_never_goes_to_the_other_modes_channel(self, engine: Engine) -> None:
        """The imitation would say that it is gone, and the live post would stand for ever."""
        first = engine.send(channels=FACEBOOK)
        engine.play()
        engine.recall(first)
        engine.write(engine.row(), mode="drill")
        assert engine.claim("facebook") is None
        assert (engine.row()["state"], engine.row()["error"]["reason"]) == ("needs_person", "forged")

    def test_blanks_that_no_playbook_accepts_go_to_a_person(self, engine: Engine) -> None:
        """Altered in the message itself: the words cannot be made anew, so nothing leaves."""
        engine.send(channels=FACEBOOK)
        with engine.parts.store.transaction() as transaction:
            transaction.execute(update(message_table).values(blanks={"reservnummer": ["not", "a", "text"]}))
        assert engine.claim("facebook") is None
        assert engine.row()["error"]["reason"] == "forged"


def test_two_workers_at_once_share_the_work_and_double_none_of_it(service: Service) -> None:
    """On either database: every delivery is claimed by exactly one of four workers that ask at the same moment."""
    service.send()
    taken: list[tuple[str, str]] = []
    together = threading.Barrier(4)

    def work(name: str) -> None:
        outbox = service.outbox()
        together.wait()
        for _ in range(3):
            taken.extend((claim.channel, claim.post.language) for claim in outbox.claim(name))

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 6
