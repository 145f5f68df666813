"""Everything the board shows of an incident, and what the public page may show of it."""

from service import Service, ServiceMaker
from sqlalchemy import insert, select, update

from broadcaster import alarm
from broadcaster.errors import Text
from broadcaster.tables import delivery, incident, message

SENTENCE = "Felet gäller bara mobiltelefoner."


def test_the_board_shows_words_attempts_trouble_and_what_may_be_done(make_service: ServiceMaker) -> None:
    """A duty communicator sees at a glance which channel has it, which has not, and what to do."""
    service = make_service()
    service.script(facebook=[{"on": "POST /{page}/feed", "do": "token_dead"}])
    first = service.send(playbook="allman-handelse", decided_by={"name": "Eva", "role": "TiB"})
    service.pay()
    found = service.parts.board.situation(first["incident"])
    assert (found.ref, found.mode, found.state) == (first["incident"], "live", "open")
    assert found.phases == ("update", "correction", "false_alarm", "all_clear")
    (one,) = found.messages
    assert one.can_recall and not one.awaiting and one.open_words == {}
    assert one.decided_by is not None and one.decided_by["name"] == "Eva"
    by_pair = {(d.channel, d.language): d for d in one.deliveries}
    facebook, task, page = by_pair["facebook", "sv"], by_pair["intranet", "sv"], by_pair["own_web", "sv"]
    assert facebook.advice is not None and facebook.can_retry and facebook.can_acknowledge
    assert facebook.attempts and facebook.attempts[-1].fact == "refused"
    assert task.state == "needs_person" and task.can_acknowledge and not task.can_retry
    assert task.json["person"] == "redaktör i beredskap" and task.deadline_at is not None
    assert page.state == "published" and not page.can_retry and not page.can_acknowledge and page.advice is None
    assert one.mark in page.words


def test_a_waiting_message_shows_the_words_it_would_send_and_a_closed_incident_only_a_correction(
    service: Service,
) -> None:
    first = service.send(affected=["facebook"])
    waiting = service.send("update", first["incident"], sentence=SENTENCE)
    found = service.parts.board.situation(first["incident"])
    assert [one.mark for one in found.messages] == [waiting["mark"], first["mark"]]
    newest = found.messages[0]
    assert newest.awaiting and not newest.can_recall and newest.sentence == SENTENCE
    assert SENTENCE in newest.open_words["own_web"]["sv"]
    assert "facebook" not in newest.open_words
    service.send("false_alarm", first["incident"])
    assert service.parts.board.situation(first["incident"]).phases == ("correction",)


def test_alarms_are_shown_until_answered_all_of_them_or_one_incidents(service: Service) -> None:
    first = service.send()
    with service.parts.store.transaction() as transaction:
        row = transaction.execute(select(incident.c.id)).scalar_one()
        alarm.raise_alarm(transaction, "service", Text("Allmänt fel.", "General fault."))
        alarm.raise_alarm(transaction, "incident", Text("Felet.", "The fault."), incident_id=row)
    board = service.parts.board
    assert [one.incident for one in board.alarms()] in ([None, first["incident"]], [first["incident"], None])
    (mine,) = board.situation(first["incident"]).alarms
    assert mine.text.sv == "Felet." and mine.answered_by is None
    assert board.answer_alarm(mine.id, service.anna)
    assert not board.answer_alarm(mine.id, service.bo)
    assert [one.kind for one in board.alarms()] == ["service"]


#: In which our own page speaks.
TONGUES = {"sv", "en", "sv-x-lattlast"}


class TestThePublicPage:
    """Only proved words of live incidents, and of a recalled message only that it was recalled."""

    def test_a_drill_is_nowhere_public_and_is_shown_only_to_those_who_ask_for_it_signed_in(
        self, service: Service
    ) -> None:
        drill = service.send(mode="drill")
        service.send()
        board = service.parts.board
        assert {one.ref for one in board.public_messages()} == {"RE-2026-0001"}
        assert {one.ref for one in board.drill_messages(drill["incident"])} == {drill["incident"]}

    def test_a_recalled_message_says_that_it_was_and_none_of_its_words(self, service: Service) -> None:
        first = service.send()
        service.clock.advance(60)
        service.parts.broadcasts.recall(first["id"], {"reason": "fel"}, service.anna)
        shown = service.parts.board.public_messages(first["incident"])
        assert len(shown) == len(TONGUES)
        assert {(one.words, one.recalled, one.incident_state) for one in shown} == {("", True, "closed")}
        assert {one.updated_at for one in shown} == {service.clock.now()}

    def test_changed_words_are_left_out(self, service: Service) -> None:
        first = service.send()
        with service.parts.store.transaction() as transaction:
            swedish = (delivery.c.channel == "own_web") & (delivery.c.language == "sv")
            transaction.execute(update(delivery).where(swedish).values(words="Region Exempel stänger alla sjukhus."))
        assert {one.language for one in service.parts.board.public_messages(first["incident"])} == TONGUES - {"sv"}

    def test_a_sentence_slipped_past_the_second_person_is_left_out(self, service: Service) -> None:
        first = service.send()
        waiting = service.send("update", first["incident"], sentence=SENTENCE)
        service.parts.broadcasts.approve(waiting["id"], {"digest": waiting["digest"]}, service.bo)
        assert len(service.parts.board.public_messages(first["incident"])) == 2 * len(TONGUES)
        with service.parts.store.transaction() as transaction:
            mine = message.c.id == waiting["id"]
            transaction.execute(update(message).where(mine).values(approved_by="user:anna"))
        assert len(service.parts.board.public_messages(first["incident"])) == len(TONGUES)

    def test_a_drills_words_put_into_a_live_incident_are_left_out(self, service: Service) -> None:
        live = service.send()
        drill = service.send(mode="drill")
        with service.parts.store.transaction() as transaction:
            live_id = transaction.execute(select(incident.c.id).where(incident.c.ref == live["incident"])).scalar_one()
            wanted = (delivery.c.message_id == drill["id"]) & (delivery.c.channel == "own_web")
            row = dict(transaction.execute(select(delivery).where(wanted)).mappings().first() or {})
            transaction.execute(update(delivery).where(delivery.c.id == row["id"]).values(incident_id=live_id))
        shown = service.parts.board.public_messages(live["incident"])
        assert len(shown) == len(TONGUES) and not any("ÖVNING" in one.words for one in shown)

    def test_a_row_nobody_accepted_is_left_out(self, service: Service) -> None:
        first = service.send()
        waiting = service.send("update", first["incident"], sentence=SENTENCE)
        with service.parts.store.transaction() as transaction:
            wanted = (delivery.c.channel == "own_web") & (delivery.c.language == "sv")
            row = dict(transaction.execute(select(delivery).where(wanted)).mappings().one())
            forged = {**row, "id": "forged", "message_id": waiting["id"], "number": 2, "words": SENTENCE}
            transaction.execute(insert(delivery).values(**forged))
        assert len(service.parts.board.public_messages(first["incident"])) == len(TONGUES)
