"""What may be done when: each refusal says what happened, what it means and what to do."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from service import Service
from sqlalchemy import update

from broadcaster import verdicts
from broadcaster.auth.client import Client, person_client
from broadcaster.errors import Conflict, Forbidden, Refusal, Text
from broadcaster.tables import message

NOW = datetime(2026, 3, 14, 1, 40, tzinfo=UTC)
MACHINE = Client("key:vaxel", "vaxel", frozenset({"send"}), "live", person=False, roles=frozenset())


def waiting(**values: Any) -> dict[str, Any]:
    return {
        "accepted_at": None,
        "rejected_at": None,
        "recalled_at": None,
        "not_after": NOW + timedelta(hours=1),
        "created_by": "user:anna",
        "sentence": None,
        **values,
    }


class TestEachVerdict:
    @pytest.mark.parametrize("state", ["pending", "expired", "revoked"])
    def test_words_nobody_stands_behind(self, state: str) -> None:
        refusal = verdicts.unapproved(state)
        assert refusal.slug == f"playbook-{state}"
        assert "Inget har skickats" in refusal.detail.sv and "two people" in refusal.detail.en.lower()

    def test_a_closed_incident_takes_a_correction_and_an_open_one_everything(self) -> None:
        closed = {"state": "closed", "ref": "RE-2026-0001"}
        for phase in ("update", "all_clear", "false_alarm", "first"):
            verdicts.check_open({"state": "open"}, phase)
            with pytest.raises(Conflict, match="RE-2026-0001"):
                verdicts.check_open(closed, phase)
        verdicts.check_open(closed, "correction")

    def test_only_what_waits_can_be_decided(self) -> None:
        verdicts.check_waiting(waiting(), NOW)
        for values in ({"accepted_at": NOW}, {"rejected_at": NOW}, {"recalled_at": NOW}, {"not_after": NOW}):
            with pytest.raises(Conflict):
                verdicts.check_waiting(waiting(**values), NOW)

    def test_the_maker_is_refused_and_a_machine_for_a_sentence(self) -> None:
        bo, anna = person_client("bo", ("approver",)), person_client("anna", ("approver",))
        verdicts.check_approver(waiting(sentence="Hej."), bo)
        verdicts.check_approver(waiting(), MACHINE)
        for row, client in ((waiting(), anna), (waiting(sentence="Hej."), MACHINE)):
            with pytest.raises(Forbidden):
                verdicts.check_approver(row, client)
        same_name = Client("key:anna", "anna", frozenset({"send"}), "live", person=False, roles=frozenset())
        with pytest.raises(Forbidden):  # anna's sentence does not become two people's by a key called anna
            verdicts.check_approver(waiting(), same_name)

    def test_only_what_was_sent_can_be_recalled_and_only_once(self) -> None:
        verdicts.check_recallable(waiting(accepted_at=NOW))
        for values, slug in (({}, "not-sent"), ({"accepted_at": NOW, "recalled_at": NOW}, "recalled")):
            with pytest.raises(Conflict) as refusal:
                verdicts.check_recallable(waiting(**values))
            assert refusal.value.slug == slug

    def test_the_words_are_those_that_were_shown(self) -> None:
        verdicts.check_digest("sha256:a", "sha256:a")
        with pytest.raises(Conflict, match="no longer those you saw"):
            verdicts.check_digest("sha256:a", "sha256:A")


def test_every_sentence_is_whole_in_both_languages() -> None:
    """What happened, what it means, what to do: at least two sentences, never the other language's words."""
    refusals: list[Text] = [one for one in vars(verdicts).values() if isinstance(one, Text)]
    refusals += [verdicts.unapproved(state).detail for state in ("pending", "expired", "revoked")]
    refusals.append(verdicts.already_running("RE-2026-0001").detail)
    assert len(refusals) >= 10
    for one in refusals:
        for words in (one.sv, one.en):
            assert words.endswith(".") and words.count(". ") >= 1, words
        assert not any(letter in one.en for letter in "åäöÅÄÖ"), one.en


def test_an_incident_closes_when_nothing_of_it_stands(service: Service) -> None:
    first = service.send()
    second = service.send("update", first["incident"])
    store, broadcasts = service.parts.store, service.parts.broadcasts
    broadcasts.recall(first["id"], {"reason": "fel"}, service.anna)
    assert service.parts.board.incident(first["incident"])["state"] == "open"
    waits = service.send("update", first["incident"], sentence="Felet gäller bara mobiltelefoner.")
    broadcasts.recall(second["id"], {"reason": "fel"}, service.anna)
    assert service.parts.board.incident(first["incident"])["state"] == "open", "a proposal still waits for its yes"
    service.clock.advance(service.parts.settings.delivery.not_after_minutes * 60)
    with store.transaction() as transaction:
        row = transaction.execute(message.select().where(message.c.id == waits["id"])).mappings().one()
        verdicts.close_if_over(transaction, row["incident_id"])
        verdicts.close_if_over(transaction, row["incident_id"])
    found = service.parts.board.incident(first["incident"])
    assert found["state"] == "closed" and found["closed_at"] is not None
    assert [entry["type"] for entry in service.entries()].count("incident:closed") == 1


def test_a_newer_accepted_message_is_noticed_and_a_newer_waiting_one_is_not(service: Service) -> None:
    first = service.send()
    service.send("update", first["incident"], sentence="Felet gäller bara mobiltelefoner.")
    with service.parts.store.transaction() as transaction:
        row = dict(transaction.execute(message.select().where(message.c.id == first["id"])).mappings().one())
        verdicts.check_nothing_newer(transaction, row)
        transaction.execute(update(message).where(message.c.number == 2).values(accepted_at=transaction.now))
        with pytest.raises(Refusal, match="newer message"):
            verdicts.check_nothing_newer(transaction, row)


def test_an_incident_nobody_said_yes_to_in_time_is_closed_by_itself(service: Service) -> None:
    """A proposal that ran out of time leaves no incident behind that looks as if it were going on."""
    author = person_client("eva", ("author",))
    proposed = service.parts.broadcasts.send(service.body(), author, "proposal").json
    standing = service.send(again=True)
    service.clock.advance(service.parts.settings.delivery.not_after_minutes * 60 - 1)
    verdicts.close_expired(service.parts.store)
    assert service.parts.board.incident(proposed["incident"])["state"] == "open"
    service.clock.advance(1)
    verdicts.close_expired(service.parts.store)
    assert service.message(proposed["id"])["state"] == "expired"
    assert service.parts.board.incident(proposed["incident"])["state"] == "closed"
    assert service.parts.board.incident(standing["incident"])["state"] == "open"
