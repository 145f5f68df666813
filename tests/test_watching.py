"""Whether a board has news, who took an alarm, and why somebody said no."""

from datetime import timedelta

from service import Service, ServiceMaker
from sqlalchemy import insert, update

from broadcaster import alarm
from broadcaster.errors import Text
from broadcaster.tables import audit_entry, delivery, incident, log_head
from broadcaster.watching import pulse, refusal, taken


def beat(service: Service, ref: str) -> str:
    with service.parts.store.reading() as transaction:
        return pulse(transaction, ref)


def test_the_pulse_rests_while_nothing_happens_and_beats_when_something_does(make_service: ServiceMaker) -> None:
    service = make_service()
    ref = service.send()["incident"]
    at_rest = beat(service, ref)
    assert beat(service, ref) == at_rest
    service.pay()
    assert beat(service, ref) != at_rest


def test_what_the_log_does_not_tell_makes_it_beat_too(make_service: ServiceMaker) -> None:
    """A next attempt that moved, what a citizen saw, and a minute that went."""
    service = make_service()
    message = service.send()
    ref, beats = message["incident"], []
    for column in ("next_attempt_at", "seen_at"):
        beats.append(beat(service, ref))
        with service.parts.store.transaction() as transaction:
            its, soon = delivery.c.message_id == message["id"], service.clock.now() + timedelta(seconds=30)
            transaction.execute(update(delivery).where(its).values({column: soon}))
    beats.append(beat(service, ref))
    service.clock.advance(60)
    beats.append(beat(service, ref))
    assert len(set(beats)) == 4


def test_whoever_took_an_alarm_is_known_afterwards(make_service: ServiceMaker) -> None:
    service = make_service()
    ref = service.send()["incident"]
    trouble = Text("Facebook svarar inte.", "Facebook does not answer.")
    with service.parts.store.transaction() as transaction:
        its = transaction.execute(incident.select().where(incident.c.ref == ref)).mappings().one()["id"]
        alarm.raise_alarm(transaction, "overdue", Text("Äldre.", "Older."), incident_id=its)
        alarm.raise_alarm(transaction, "overdue", trouble, incident_id=its)  # overtakes it: nobody took that one
    with service.parts.store.reading() as transaction:
        assert taken(transaction, ref) == ()
    raised = service.parts.board.alarms()[0]
    assert service.parts.board.answer_alarm(raised.id, service.bo)
    with service.parts.store.reading() as transaction:
        assert [(one.by, one.text) for one in taken(transaction, ref)] == [("bo", trouble)]


def test_the_reason_of_a_no_is_known_until_it_is_erased(make_service: ServiceMaker) -> None:
    service = make_service()
    ref = service.send()["incident"]
    waiting = service.send("update", ref, sentence="Snart klart.")
    service.parts.broadcasts.reject(waiting["id"], {"reason": "Det vet vi inte."}, service.bo)
    with service.parts.store.reading() as transaction:
        assert refusal(transaction, waiting["id"]) == "Det vet vi inte."
        assert refusal(transaction, "another") == ""


def test_a_damaged_entry_never_closes_the_board(make_service: ServiceMaker) -> None:
    service = make_service()
    last = len(service.entries())
    with service.parts.store.transaction() as transaction:
        for number, entry in enumerate((b"\xff", b"[]", b'{"message": "m"}', b'{"message": "m", "private": 3}')):
            row = {"seq": last + number, "type": "message:rejected", "entry": entry}
            transaction.execute(insert(audit_entry).values(**row))
        transaction.execute(update(log_head).values(size=last + 4))
    with service.parts.store.reading() as transaction:
        assert refusal(transaction, "m") == ""
