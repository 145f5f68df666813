"""Whoever is woken second sees that the same is already under way, who began it, and when."""

from datetime import timedelta

from service import Service

from broadcaster.auth.client import person_client
from broadcaster.begun import TOLD_FOR, Begun, begun

AUTHOR = person_client("eva", ("author",))


def told(service: Service) -> dict[tuple[str, str], Begun]:
    with service.parts.store.reading() as transaction:
        return dict(begun(transaction))


def test_nothing_has_begun_before_somebody_begins(service: Service) -> None:
    assert told(service) == {}


def test_it_says_who_when_and_which_and_keeps_drills_apart(service: Service) -> None:
    at = service.clock.now()
    live = service.send()["incident"]
    service.clock.advance(60)
    drill = service.send(mode="drill")["incident"]
    assert told(service) == {
        ("telefoni-1177", "live"): Begun(live, "user:anna", at),
        ("telefoni-1177", "drill"): Begun(drill, "user:anna", at + timedelta(seconds=60)),
    }


def test_of_two_the_newest_is_told(service: Service) -> None:
    service.send()
    service.clock.advance(60)
    second = service.send(again=True)["incident"]
    assert told(service)["telefoni-1177", "live"].ref == second


def test_what_waits_for_a_yes_or_was_refused_has_not_begun(service: Service) -> None:
    broadcasts = service.parts.broadcasts
    waiting = broadcasts.send(service.body(), AUTHOR, "k").json
    assert told(service) == {}
    broadcasts.reject(waiting["id"], {"reason": "fel mall"}, service.bo)
    assert told(service) == {}


def test_a_yes_begins_it_at_the_time_of_the_yes(service: Service) -> None:
    broadcasts = service.parts.broadcasts
    waiting = broadcasts.send(service.body(), AUTHOR, "k").json
    service.clock.advance(300)
    broadcasts.approve(waiting["id"], {"digest": waiting["digest"]}, service.bo)
    found = told(service)["telefoni-1177", "live"]
    assert (found.by, found.at) == ("user:eva", service.clock.now())


def test_what_is_over_or_older_than_half_a_day_is_not_told(service: Service) -> None:
    ref = service.send()["incident"]
    service.send(playbook="allman-handelse")
    service.send("all_clear", ref)
    assert [key for key, _ in told(service)] == ["allman-handelse"]
    service.clock.advance(TOLD_FOR.total_seconds() - 1)
    assert [key for key, _ in told(service)] == ["allman-handelse"]
    service.clock.advance(1)
    assert told(service) == {}
