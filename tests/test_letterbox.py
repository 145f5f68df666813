"""A letter from the accepting transaction to the last recipient: nobody twice, nobody forgotten, nobody too late."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engine import DONE, NOT_SENT, REFUSED, UNSURE, Engine, make_engine
from service import Clock
from sqlalchemy import select, update

from broadcaster import letterbox
from broadcaster.channels import Fact, Outcome, Reason, Step
from broadcaster.errors import Conflict
from broadcaster.letter_tables import recipient
from broadcaster.outbox import Claim
from broadcaster.tables import private

NAMES = ("P4", "Arvika", "Torsby")
LETTERS = {
    "kind": "email",
    "host": "127.0.0.1",
    "security": "none",
    "sender": "kris@region.example",
    "recipients": [{"name": name, "address": f"{name.lower()}@elsewhere.example"} for name in NAMES],
}
NO_SUCH = Outcome(Fact.REFUSED, Reason.GONE, status=550)


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """Return an engine with one list of three, whose mail server the test answers for."""
    made = make_engine(tmp_path, clock, channels={"own_web": {"kind": "own_web"}, "intranet": LETTERS})
    yield made
    made.parts.store.close()


def send(engine: Engine, phase: str = "first", incident: str | None = None) -> dict[str, Any]:
    return engine.send(phase, incident, playbook="allman-handelse", channels=["intranet"])


def have(engine: Engine, number: int = -1) -> dict[str, str]:
    """Return what each recipient of a message has."""
    delivery = engine.row("intranet", number=number)
    with engine.parts.store.reading() as transaction:
        return {one.name: str(one.has) for one in letterbox.everybody(transaction, delivery["id"])}


def taken(engine: Engine, worker: str = "w1") -> Claim:
    return engine.taken("intranet", worker=worker)


def whom(claim: Claim | None) -> str:
    assert claim is not None and claim.post.letter is not None
    return claim.post.letter.recipient


def answer(engine: Engine, claim: Claim, *answers: Outcome) -> Claim | None:
    """Answer one call after the other; return the one that comes after them."""
    following: Claim | None = claim
    for got in answers:
        assert following is not None
        following = engine.settle(following, got)
    return following


class TestOneAfterTheOther:
    def test_each_recipient_is_one_call_and_all_of_them_make_it_published(self, engine: Engine) -> None:
        first = send(engine)
        claim = taken(engine)
        asked = [whom(claim)]
        for _ in NAMES:
            claim_next = engine.settle(claim, DONE)
            if claim_next is None:
                break
            claim = claim_next
            asked.append(whom(claim))
        assert asked == list(NAMES)
        delivery = engine.delivery(first["id"], "intranet")
        assert (delivery["state"], delivery["receipt"]["id"], delivery["attempts"]) == ("published", "3/3", 3)
        assert delivery["seen_at"] is None  # nobody read it back, and nobody says so

    def test_a_crash_leaves_one_recipient_in_doubt_and_the_others_get_theirs(self, engine: Engine) -> None:
        """The worker dies while it asks for the second one: a person hears of that one, by name."""
        send(engine)
        answer(engine, taken(engine), DONE)
        engine.clock.advance(engine.parts.settings.delivery.lease_s + 1)
        again = taken(engine, "w2")
        assert whom(again) == "Torsby"
        answer(engine, again, DONE)
        assert have(engine) == {"P4": "accepted", "Arvika": "unsure", "Torsby": "accepted"}
        row = engine.row("intranet")
        assert (row["state"], row["error"]["letter"]["unsure"]) == ("needs_person", ["Arvika"])

    def test_a_refusal_stops_nobody_else_and_names_whom_it_concerns(self, engine: Engine) -> None:
        first = send(engine)
        answer(engine, taken(engine), NO_SUCH, DONE, DONE)
        assert have(engine) == {"P4": "missed", "Arvika": "accepted", "Torsby": "accepted"}
        (told,) = engine.parts.board.situation(first["incident"]).alarms
        assert "Har inte fått det: P4." in told.text.sv
        assert "Do not have it: P4." in told.text.en

    def test_what_never_left_is_tried_again_and_nobody_is_asked_twice_at_once(self, engine: Engine) -> None:
        send(engine)
        first = taken(engine)
        second = answer(engine, first, DONE)
        assert second is not None and whom(second) == "Arvika"
        assert engine.claim("intranet", worker="w2") is None
        following = answer(engine, second, NOT_SENT)
        assert following is None or whom(following) in ("Arvika", "Torsby")

    def test_an_answer_that_comes_after_the_lease_changes_nothing_any_more(self, engine: Engine) -> None:
        """Another worker counted that recipient as in doubt; the late word does not bring the letter there again."""
        send(engine)
        slow = taken(engine)
        engine.clock.advance(engine.parts.settings.delivery.lease_s + 1)
        other = taken(engine, "w2")
        assert whom(other) == "Arvika"
        assert engine.settle(slow, NOT_SENT) is None
        answer(engine, other, DONE, DONE)
        assert have(engine)["P4"] == "unsure"

    def test_three_workers_that_die_leave_the_rest_to_a_person(self, engine: Engine) -> None:
        send(engine)
        for number in range(3):
            taken(engine, f"w{number}")
            engine.clock.advance(engine.parts.settings.delivery.lease_s + 1)
        assert engine.claim("intranet", worker="w9") is None
        assert set(have(engine).values()) == {"unsure"}
        assert engine.row("intranet")["state"] == "needs_person"

    def test_past_its_time_it_is_told_and_sent_no_more(self, engine: Engine) -> None:
        send(engine)
        answer(engine, taken(engine), DONE, Outcome(Fact.REFUSED, Reason.RATE, wait_s=300))
        engine.clock.advance(361 * 60)
        assert engine.claim("intranet") is None
        assert have(engine) == {"P4": "accepted", "Arvika": "missed", "Torsby": "missed"}
        assert engine.row("intranet")["error"]["reason"] == "late"

    def test_a_language_nobody_on_the_list_wants_is_not_needed(self, engine: Engine) -> None:
        states = {pair: state for pair, state in engine.states(send(engine)["id"]).items() if pair[1] != "sv"}
        assert set(states.values()) <= {"skipped"}

    def test_a_drill_is_owed_to_the_imitations_people(self, engine: Engine) -> None:
        engine.send(playbook="allman-handelse", channels=["intranet"], mode="drill")
        assert set(have(engine)) == {f"Övningsmottagare {number}" for number in (1, 2, 3)}

    def test_names_are_in_the_log_as_personal_data_and_addresses_nowhere(self, engine: Engine) -> None:
        send(engine)
        answer(engine, taken(engine), DONE, DONE, DONE)
        whole = str(engine.entries())
        assert "Arvika" not in whole
        assert [one["recipient"] for one in engine.entries() if one["type"] == "attempt:opened"] == [1, 2, 3]
        with engine.parts.store.reading() as transaction:
            kept = {row.value for row in transaction.execute(select(private.c.value))}
            stored = str(transaction.execute(select(recipient)).all())
        assert set(NAMES) <= kept
        assert "elsewhere.example" not in whole + stored + str(kept)


class TestTheSameLetter:
    def test_every_attempt_has_the_same_id_and_every_recipient_another(self, engine: Engine) -> None:
        send(engine)
        following: Claim | None = taken(engine)
        seen: list[tuple[str, str]] = []
        for _ in range(9):
            assert following is not None and following.post.letter is not None
            seen.append((following.post.letter.recipient, following.post.letter.id))
            following = engine.settle(following, Outcome(Fact.REFUSED, Reason.SERVER, wait_s=1))
            if following is None:  # nobody else is due now
                engine.clock.advance(1)
                following = engine.claim("intranet")
        assert {name for name, _ in seen} == set(NAMES)
        assert len(set(seen)) == len({letter_id for _, letter_id in seen}) == len(NAMES)

    def test_a_later_letter_refers_to_the_earlier_ones_they_got(self, engine: Engine) -> None:
        """So mail programs show them as one conversation; who got no first letter is referred to none."""
        first = send(engine)
        claim = taken(engine)
        assert claim.post.letter is not None
        first_id = claim.post.letter.id
        answer(engine, claim, DONE, NO_SUCH, DONE)
        send(engine, "update", first["incident"])
        update_claim = taken(engine)
        assert update_claim.post.letter is not None
        assert update_claim.post.letter.refers_to == (first_id,)
        second = answer(engine, update_claim, DONE)
        assert second is not None and second.post.letter is not None
        assert (whom(second), second.post.letter.refers_to) == ("Arvika", ())


class TestANewerLetter:
    @pytest.mark.parametrize("phase", ["update", "correction", "all_clear", "false_alarm"])
    def test_who_has_not_got_the_older_one_gets_only_the_newer(self, engine: Engine, phase: str) -> None:
        first = send(engine)
        running = answer(engine, taken(engine), DONE)
        assert running is not None and whom(running) == "Arvika"
        send(engine, phase, first["incident"])
        assert engine.settle(running, DONE) is None
        engine.play()
        assert have(engine, 1) == {"P4": "accepted", "Arvika": "accepted", "Torsby": "dropped"}
        assert have(engine, 2) == dict.fromkeys(NAMES, "accepted")
        assert [row["state"] for row in engine.rows("intranet")] == ["superseded", "published"]

    def test_a_correction_is_not_lost_to_the_all_clear_and_comes_first(self, engine: Engine) -> None:
        """One mailbox is full: everybody else hears at once that it is over, and that one gets both, in order."""
        first = send(engine)
        engine.play()
        send(engine, "correction", first["incident"])
        answer(engine, taken(engine), Outcome(Fact.REFUSED, Reason.SERVER, wait_s=200), DONE, DONE)
        send(engine, "all_clear", first["incident"])
        engine.play()
        assert have(engine, 3) == {"P4": "owed", "Arvika": "accepted", "Torsby": "accepted"}
        engine.clock.advance(201)
        claims = [claim for claim in engine.outbox().claim("w") if claim.channel == "intranet"]
        assert [claim.post.mark[-2:] for claim in claims] == ["/2"]
        engine.settle(claims[0], DONE)
        engine.play()
        assert have(engine, 3)["P4"] == "accepted"

    def test_an_all_clear_is_not_needed_where_nobody_got_anything(self, engine: Engine) -> None:
        first = send(engine)
        engine.settle_all(REFUSED)
        assert set(have(engine).values()) == {"missed"}  # a dead key is tried once, not three times
        send(engine, "all_clear", first["incident"])
        engine.play()
        assert engine.row("intranet")["state"] == "skipped"


class TestTakenBack:
    def test_nobody_else_gets_it_and_a_person_decides_about_those_who_have_it(self, engine: Engine) -> None:
        first = send(engine)
        running = answer(engine, taken(engine), DONE)
        assert running is not None
        engine.recall(first)
        engine.settle(running, UNSURE)
        engine.play()
        assert have(engine) == {"P4": "accepted", "Arvika": "unsure", "Torsby": "dropped"}
        row = engine.row("intranet")
        assert (row["intent"], row["state"]) == ("withdraw", "needs_person")
        engine.acknowledge(first, "intranet")
        assert engine.row("intranet")["state"] == "withdrawn"

    def test_what_reached_nobody_is_simply_not_sent(self, engine: Engine) -> None:
        first = send(engine)
        engine.recall(first)
        engine.play()
        assert (engine.row("intranet")["state"], engine.attempts()) == ("superseded", [])

    def test_what_all_have_becomes_a_task(self, engine: Engine) -> None:
        first = send(engine)
        engine.play()
        engine.recall(first)
        told = engine.parts.board.situation(first["incident"]).alarms
        assert any("går inte att ta tillbaka" in one.text.sv for one in told)
        with pytest.raises(Conflict):
            engine.retry(first, "intranet")


class TestAPersonsTurn:
    def test_a_retry_goes_only_to_those_who_certainly_do_not_have_it(self, engine: Engine) -> None:
        first = send(engine)
        answer(engine, taken(engine), UNSURE, NO_SUCH, DONE)
        engine.retry(first, "intranet")
        claim = taken(engine)
        assert whom(claim) == "Arvika"
        assert answer(engine, claim, DONE) is None
        assert have(engine) == {"P4": "unsure", "Arvika": "accepted", "Torsby": "accepted"}
        with pytest.raises(Conflict, match="Nobody certainly lacks the message"):
            engine.retry(first, "intranet")

    def test_all_have_been_reached_by_hand(self, engine: Engine) -> None:
        first = send(engine)
        answer(engine, taken(engine), UNSURE, NO_SUCH, DONE)
        engine.acknowledge(first, "intranet")
        assert have(engine) == {"P4": "by_hand", "Arvika": "by_hand", "Torsby": "accepted"}
        assert engine.delivery(first["id"], "intranet")["receipt"]["by"] == "anna"

    def test_it_could_not_be_done(self, engine: Engine) -> None:
        first = send(engine)
        answer(engine, taken(engine), NO_SUCH, NO_SUCH, NO_SUCH)
        engine.acknowledge(first, "intranet", reason="ingen svarar")
        assert engine.row("intranet")["state"] == "failed"

    def test_the_board_shows_each_of_them_and_offers_only_what_helps(self, engine: Engine) -> None:
        first = send(engine)
        answer(engine, taken(engine), UNSURE, DONE, DONE)
        (message,) = engine.parts.board.situation(first["incident"]).messages
        view = next(one for one in message.deliveries if (one.channel, one.language) == ("intranet", "sv"))
        assert [str(one.has) for one in view.recipients] == ["unsure", "accepted", "accepted"]
        assert (view.can_retry, view.can_acknowledge) == (False, True)
        assert view.advice is not None
        assert "Oklart om de har fått det: P4." in view.advice.sv


def test_words_altered_in_the_database_reach_nobody(engine: Engine) -> None:
    """Proved before each call, not only before the first."""
    send(engine)
    second = answer(engine, taken(engine), DONE)
    assert second is not None
    engine.write(engine.row("intranet"), words="Köp biljetter.")
    assert engine.settle(second, DONE) is None
    assert have(engine) == {"P4": "accepted", "Arvika": "accepted", "Torsby": "missed"}
    assert engine.row("intranet")["error"]["reason"] == "forged"


def test_a_name_put_into_the_database_is_asked_for_by_name_only(engine: Engine) -> None:
    """The adapter looks the name up in the settings; what is not there is refused (tests/channels/contract_letters)."""
    send(engine)
    with engine.parts.store.transaction() as transaction:
        transaction.execute(update(recipient).where(recipient.c.number == 1).values(name="evil@elsewhere.example"))
    claim = taken(engine)
    assert (whom(claim), claim.step) == ("evil@elsewhere.example", Step.SEND)
