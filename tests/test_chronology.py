"""From which moment the times count: only from one that is really known, and the best of them."""

import pytest
from service import Clock, Service
from sqlalchemy import update

from broadcaster import chronology
from broadcaster.auth.client import person_client
from broadcaster.auth.people import find_person
from broadcaster.auth.sessions import begin_session
from broadcaster.errors import Forbidden, NotFound
from broadcaster.score import Facts
from broadcaster.tables import private

PLAYBOOK = "telefoni-1177"


def sign_in(service: Service, name: str = "anna") -> None:
    with service.parts.store.reading() as transaction:
        person = find_person(transaction, name)
    assert person is not None
    begin_session(service.parts.store, person, "192.0.2.1")


def begin(service: Service, playbook: str = PLAYBOOK) -> None:
    chronology.begin(service.parts.store, service.anna, "en-egen", playbook)


def facts(service: Service, mode: str = "drill", **more: object) -> Facts:
    return chronology.facts_of(service.parts.store, service.send(mode=mode, again=True, **more)["incident"])


@pytest.fixture
def people(service: Service) -> Service:
    """Return a service that knows its people."""
    service.add_person("anna", "sender")
    service.add_person("bo", "sender", "approver")
    return service


def seconds(found: Facts) -> float:
    return (found.said[0].made_at - found.began_at).total_seconds()


def test_a_prepared_exercise_counts_from_the_press_that_began_it(people: Service, clock: Clock) -> None:
    sign_in(people)
    clock.advance(10)
    begin(people)
    clock.advance(75)
    found = facts(people)
    assert (found.beginning, seconds(found), found.scenario) == ("begun", 75, "en-egen")


def test_one_beginning_is_one_exercise(people: Service, clock: Clock) -> None:
    begin(people)
    clock.advance(5)
    assert facts(people).beginning == "begun"
    clock.advance(5)
    second = facts(people)
    assert (second.beginning, second.scenario) == ("press", None)


def test_a_beginning_that_was_left_or_was_about_something_else_is_none(people: Service, clock: Clock) -> None:
    begin(people, "dricksvatten")
    assert facts(people).beginning == "press"
    begin(people)
    clock.advance(3601)
    assert facts(people).beginning == "press"


def test_a_live_incident_never_counts_from_an_exercise(people: Service, clock: Clock) -> None:
    begin(people)
    clock.advance(5)
    assert facts(people, mode="live").beginning == "press"


def test_without_one_it_counts_from_the_last_sign_in_of_who_made_the_first_message(
    people: Service, clock: Clock
) -> None:
    sign_in(people)
    clock.advance(100)
    sign_in(people, "bo")
    clock.advance(42)
    found = facts(people, mode="live")
    assert (found.beginning, seconds(found)) == ("signed_in", 142)


def test_a_sign_in_of_hours_ago_says_nothing_but_the_form_may(people: Service, clock: Clock) -> None:
    sign_in(people)
    clock.advance(4000)
    opened = clock.now().isoformat()
    clock.advance(33)
    assert facts(people).beginning == "press"
    decided = {"name": "Tina", "role": "TiB", "at": opened, "how": "telefon"}
    found = facts(people, decided_by=decided)
    assert (found.beginning, seconds(found)) == ("form", 33)


def test_a_name_that_was_erased_leaves_no_beginning(people: Service, clock: Clock) -> None:
    sign_in(people)
    clock.advance(20)
    with people.parts.store.transaction() as transaction:
        transaction.execute(update(private).values(value=None, salt=None))
    assert facts(people).beginning == "press"


def test_receipts_come_with_their_times_and_who_gave_them(people: Service, clock: Clock) -> None:
    message = people.send(playbook="allman-handelse")
    clock.advance(30)
    people.pay()
    url = {"url": "https://intranet.region.example/1"}
    clock.advance(30)
    people.parts.broadcasts.acknowledge(message["id"], "intranet", "sv", url, people.anna)
    found = chronology.facts_of(people.parts.store, message["incident"])
    by_channel = {one.channel: one for one in found.reached}
    first = found.said[0].made_at
    assert by_channel["facebook"].at is not None and by_channel["intranet"].at is not None
    assert (by_channel["facebook"].at - first).total_seconds() == 30
    assert (by_channel["intranet"].at - first).total_seconds() == 60
    assert (by_channel["facebook"].by_hand, by_channel["intranet"].by_hand) == (False, True)


def test_earlier_exercises_are_the_same_persons_of_the_same_playbook(people: Service, clock: Clock) -> None:
    refs = []
    for more in ({}, {"playbook": "dricksvatten"}, {"mode": "live"}, {}):
        refs.append(facts(people, **{"mode": "drill", **more}).ref)
        clock.advance(60)
    people.parts.broadcasts.send(people.body(mode="drill", again=True), people.bo, "bo-1")
    clock.advance(60)
    last = facts(people)
    found = chronology.earlier(people.parts.store, last, 5)
    assert [one.ref for one in found] == [refs[3], refs[0]]
    assert [one.ref for one in chronology.newest(people.parts.store, "live", 5)] == [refs[2]]


def test_who_may_send_nothing_begins_nothing(people: Service) -> None:
    with pytest.raises(Forbidden):
        chronology.begin(people.parts.store, person_client("dag", ("auditor",)), "en-egen", PLAYBOOK)


def test_an_incident_there_is_not_has_no_times(people: Service) -> None:
    with pytest.raises(NotFound):
        chronology.facts_of(people.parts.store, "RE-2026-0404")
