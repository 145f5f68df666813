"""Asking twice is asking once, however many ask at the same moment."""

import threading
from collections.abc import Callable

import pytest
from service import Service
from sqlalchemy import func, select

from broadcaster.auth.client import person_client
from broadcaster.errors import Conflict, Invalid
from broadcaster.idempotency import Answer
from broadcaster.tables import idempotency, message

TWINS = 50


def at_once(count: int, act: Callable[[int], Answer]) -> tuple[list[Answer], list[Exception]]:
    """Do `act` `count` times at the same moment; return the answers and the failures."""
    answers: list[Answer] = []
    failures: list[Exception] = []
    start = threading.Barrier(count)

    def one(number: int) -> None:
        start.wait()
        try:
            answers.append(act(number))
        except Exception as error:  # noqa: BLE001 - it is looked at below
            failures.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers, failures


def count_of(service: Service) -> int:
    with service.parts.store.reading() as transaction:
        return int(transaction.execute(select(func.count()).select_from(message)).scalar_one())


def test_fifty_twins_at_once_get_one_message_and_one_answer(service: Service) -> None:
    send = service.parts.broadcasts.send
    answers, failures = at_once(TWINS, lambda _: send(service.body(), service.anna, "the-same"))
    assert failures == []
    assert len(answers) == TWINS
    assert len({one.body for one in answers}) == 1
    assert [one.replayed for one in answers].count(False) == 1
    assert count_of(service) == 1


def test_two_who_press_at_once_with_keys_of_their_own_start_one_incident(service: Service) -> None:
    """The guard holds even when neither could see the other's incident yet."""
    send = service.parts.broadcasts.send
    answers, failures = at_once(6, lambda number: send(service.body(), service.anna, f"key-{number}"))
    assert len(answers) == 1
    assert all(isinstance(one, Conflict) and one.slug == "already-running" for one in failures), failures
    assert len(service.parts.board.incidents()["items"]) == 1


def test_a_key_is_remembered_for_what_was_asked_and_for_who_asked(service: Service) -> None:
    """Another body under the same key is refused and does nothing; another client's key is another key."""
    broadcasts = service.parts.broadcasts
    first = broadcasts.send(service.body(), service.anna, "k")
    same = {name: value for name, value in reversed(service.body(channels=None, sentence=None).items()) if value}
    again = broadcasts.send(same, service.anna, "k")
    assert again.replayed and again.body == first.body, "null is absent, and the order of fields says nothing"
    for body in (service.body(again=True), service.body("update", first.json["incident"])):
        with pytest.raises(Invalid) as refusal:
            broadcasts.send(body, service.anna, "k")
        assert refusal.value.slug == "idempotency-key-reused"
    with pytest.raises(Invalid):
        broadcasts.recall(first.json["id"], {"reason": "fel"}, service.anna, "k")
    other = person_client("cilla", ("sender",))
    theirs = broadcasts.send(service.body(again=True), other, "k")
    assert not theirs.replayed and theirs.json["id"] != first.json["id"]
    assert count_of(service) == 2


def test_a_refusal_is_not_remembered_so_the_same_key_works_when_the_reason_is_gone(service: Service) -> None:
    broadcasts = service.parts.broadcasts
    service.send()
    with pytest.raises(Conflict):
        broadcasts.send(service.body(), service.anna, "later")
    with service.parts.store.reading() as transaction:
        keys = transaction.execute(select(idempotency.c.key)).scalars().all()
    assert "later" not in keys
    service.clock.advance(service.parts.settings.delivery.guard_minutes * 60)
    assert not broadcasts.send(service.body(), service.anna, "later").replayed


def test_the_first_answer_comes_again_whatever_has_happened_since(service: Service) -> None:
    """Looked up before every other check: also when the same request would be refused by now."""
    broadcasts = service.parts.broadcasts
    first = broadcasts.send(service.body(), service.anna, "k")
    recalled = broadcasts.recall(first.json["id"], {"reason": "fel"}, service.anna, "r")
    assert broadcasts.recall(first.json["id"], {"reason": "fel"}, service.anna, "r").body == recalled.body
    with pytest.raises(Conflict):
        broadcasts.recall(first.json["id"], {"reason": "fel"}, service.anna, "another")
    assert broadcasts.send(service.body(), service.anna, "k").body == first.body
