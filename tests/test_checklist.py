"""What is ticked on the checklist of an incident is seen by everybody, stays, and can be proved."""

from collections.abc import Sequence

import pytest
from service import Service, ServiceMaker

from broadcaster import audit, checklist
from broadcaster.audit import digest_of
from broadcaster.auth.client import person_client
from broadcaster.checklist import Point
from broadcaster.errors import Conflict, Forbidden, NotFound, Text
from broadcaster.watching import pulse

LINES = (Text("Ring TiB.", "Call the officer."), Text("Stäng av inlägg.", "Pause posts."), Text("Säg till.", "Tell."))
FIRST, SECOND, _ = (digest_of(line.sv) for line in LINES)
WEB = ["own_web"]


@pytest.fixture
def service(make_service: ServiceMaker) -> Service:
    return make_service()


@pytest.fixture
def ref(service: Service) -> str:
    return str(service.send(channels=WEB)["incident"])


def points(service: Service, ref: str, lines: Sequence[Text] = LINES) -> tuple[Point, ...]:
    with service.parts.store.reading() as transaction:
        return checklist.points(transaction, ref, lines)


def noted(service: Service) -> list[tuple[str, object]]:
    return [(one["type"], one["number"]) for one in service.entries() if one["type"].startswith("checklist:")]


def test_whoever_ticked_it_and_when_stands_there(service: Service, ref: str) -> None:
    assert [one.by for one in points(service, ref)] == [None, None, None]
    checklist.tick(service.parts.store, ref, LINES, SECOND, service.anna, done=True)
    found = points(service, ref)
    assert [(one.text, one.by, one.at) for one in found] == [
        (LINES[0], None, None), (LINES[1], "anna", service.clock.now()), (LINES[2], None, None)
    ]  # fmt: skip


def test_two_presses_and_two_people_are_one_tick_of_the_first(service: Service, ref: str) -> None:
    checklist.tick(service.parts.store, ref, LINES, FIRST, service.anna, done=True)
    service.clock.advance(60)
    for client in (service.anna, service.bo):
        checklist.tick(service.parts.store, ref, LINES, FIRST, client, done=True)
    assert points(service, ref)[0].by == "anna" and points(service, ref)[0].at != service.clock.now()
    assert noted(service) == [("checklist:ticked", 1)]


def test_a_tick_can_be_taken_away_and_both_acts_stay_in_the_log(service: Service, ref: str) -> None:
    checklist.tick(service.parts.store, ref, LINES, FIRST, service.anna, done=True)
    for _ in range(2):
        checklist.tick(service.parts.store, ref, LINES, FIRST, service.bo, done=False)
    assert points(service, ref)[0].at is None
    assert noted(service) == [("checklist:ticked", 1), ("checklist:unticked", 1)]
    assert isinstance(audit.verify(service.parts.store), int)


def test_the_log_has_the_words_as_a_digest_and_no_name(service: Service, ref: str) -> None:
    checklist.tick(service.parts.store, ref, LINES, FIRST, service.anna, done=True)
    entry = service.entries()[-1]
    assert entry["line"] == FIRST and "by" in entry["private"] and "by" not in entry
    assert "anna" not in str(entry) and LINES[0].sv not in str(entry)


def test_new_words_of_a_line_do_not_inherit_its_tick(service: Service, ref: str) -> None:
    """Also when the other lines move; a better translation changes nothing of what was done."""
    checklist.tick(service.parts.store, ref, LINES, FIRST, service.anna, done=True)
    checklist.tick(service.parts.store, ref, LINES, SECOND, service.anna, done=True)
    newer = (Text("Säg till.", "Tell."), Text(LINES[1].sv, "Pause the posts."), Text("Ring TiB nu.", "Call."))
    assert [one.by for one in points(service, ref, newer)] == [None, "anna", None]
    with pytest.raises(NotFound, match="not on the checklist any more"):
        checklist.tick(service.parts.store, ref, newer, FIRST, service.anna, done=True)


def test_each_incident_has_its_own(service: Service, ref: str) -> None:
    other = service.send(channels=WEB, mode="drill")["incident"]
    checklist.tick(service.parts.store, other, LINES, FIRST, service.anna, done=True)
    assert points(service, ref)[0].by is None and points(service, other)[0].by == "anna"
    with pytest.raises(NotFound):
        checklist.tick(service.parts.store, "RE-2026-0404", LINES, FIRST, service.anna, done=True)


def test_a_closed_incident_keeps_its_ticks_and_takes_no_more(service: Service, ref: str) -> None:
    checklist.tick(service.parts.store, ref, LINES, FIRST, service.anna, done=True)
    service.send("all_clear", ref)
    checklist.tick(service.parts.store, ref, LINES, FIRST, service.bo, done=True)  # a press again: nothing
    for digest, done in ((FIRST, False), (SECOND, True)):
        with pytest.raises(Conflict, match="is closed"):
            checklist.tick(service.parts.store, ref, LINES, digest, service.anna, done=done)
    assert [one.by for one in points(service, ref)] == ["anna", None, None]


@pytest.mark.parametrize(("role", "may"), [("sender", True), ("approver", True), ("author", True), ("auditor", False)])
def test_whoever_may_act_may_tick(service: Service, ref: str, role: str, may: bool) -> None:
    client = person_client("cia", (role,))
    if may:
        checklist.tick(service.parts.store, ref, LINES, FIRST, client, done=True)
    else:
        with pytest.raises(Forbidden):
            checklist.tick(service.parts.store, ref, LINES, FIRST, client, done=True)
    assert (points(service, ref)[0].by == "cia") is may


def test_colleagues_boards_hear_of_it(service: Service, ref: str) -> None:
    def beat() -> str:
        with service.parts.store.reading() as transaction:
            return pulse(transaction, ref)

    before = beat()
    checklist.tick(service.parts.store, ref, LINES, FIRST, service.anna, done=True)
    assert beat() != before
