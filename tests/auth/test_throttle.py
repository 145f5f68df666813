"""Guessing gets slow, and nobody is locked out by a stranger."""

from typing import Protocol

import pytest
from sqlalchemy import func, select

from broadcaster.auth import throttle
from broadcaster.store import Store
from broadcaster.tables import throttle as table


class Moving(Protocol):
    def move(self, *, seconds: float) -> None: ...


def fail(store: Store, name: str, address: str, times: int = 1) -> None:
    for _ in range(times):
        with store.transaction() as transaction:
            throttle.failed(transaction, throttle.subjects(name, address))


def wait_s(store: Store, name: str, address: str) -> int:
    with store.reading() as transaction:
        return throttle.wait_s(transaction, throttle.subjects(name, address))


def test_three_slips_cost_nothing_and_then_each_failure_doubles_the_wait_up_to_a_minute(store: Store) -> None:
    waits = []
    for _ in range(12):
        fail(store, "anna", "192.0.2.1")
        waits.append(wait_s(store, "anna", "192.0.2.1"))
    assert waits == [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_wait_ends(store: Store, clock: Moving) -> None:
    fail(store, "anna", "192.0.2.1", 10)
    clock.move(seconds=59.5)
    assert wait_s(store, "anna", "192.0.2.1") == 1
    clock.move(seconds=0.5)
    assert wait_s(store, "anna", "192.0.2.1") == 0


def test_trying_many_names_from_one_place_is_slowed_down_too(store: Store) -> None:
    for number in range(6):
        fail(store, f"person{number}", "192.0.2.1")
    assert wait_s(store, "another", "192.0.2.1") == 4


def test_a_stranger_cannot_lock_the_duty_communicator_out(store: Store, clock: Moving) -> None:
    """However long somebody guesses her name elsewhere, she waits a second at most."""
    for number in range(60):
        fail(store, "anna", f"198.51.100.{number}", 3)
    assert wait_s(store, "anna", "192.0.2.1") == 1
    clock.move(seconds=1)
    assert wait_s(store, "anna", "192.0.2.1") == 0


def test_nineteen_failures_of_a_name_elsewhere_are_not_noticed(store: Store) -> None:
    for number in range(19):
        fail(store, "anna", f"198.51.100.{number}")
    assert wait_s(store, "anna", "192.0.2.1") == 0


def test_one_person_waiting_does_not_make_others_elsewhere_wait(store: Store) -> None:
    fail(store, "anna", "192.0.2.1", 10)
    assert wait_s(store, "bo", "192.0.2.2") == 0
    assert wait_s(store, "anna", "192.0.2.2") == 0


def test_a_strangers_guesses_never_keep_the_others_at_the_same_address_out_for_long() -> None:
    """A whole hospital may share one address; the longest wait a stranger can give it is five seconds."""
    assert [throttle.delay_s("shared", failures) for failures in (3, 4, 6, 7, 50)] == [0, 1, 4, 5, 5]


def test_signing_in_clears_the_slate(store: Store) -> None:
    fail(store, "anna", "192.0.2.1", 10)
    with store.transaction() as transaction:
        throttle.cleared(transaction, throttle.subjects("anna", "192.0.2.1"))
    assert wait_s(store, "anna", "192.0.2.1") == 0
    fail(store, "anna", "192.0.2.1", 3)
    assert wait_s(store, "anna", "192.0.2.1") == 0


def test_old_failures_are_forgotten_and_leave_nothing_behind(store: Store, clock: Moving) -> None:
    fail(store, "anna", "192.0.2.1", 9)
    clock.move(seconds=throttle.FORGET_S + 61)
    fail(store, "anna", "192.0.2.1")
    assert wait_s(store, "anna", "192.0.2.1") == 0
    clock.move(seconds=throttle.FORGET_S + 61)
    fail(store, "bo", "192.0.2.2")
    with store.reading() as transaction:
        assert transaction.execute(select(func.count()).select_from(table)).scalar_one() == 3


def test_the_table_holds_no_names_and_no_addresses(store: Store) -> None:
    fail(store, "my password typed into the wrong field" + "x" * 500, "192.0.2.77")
    with store.reading() as transaction:
        kept = " ".join(transaction.execute(select(table.c.subject)).scalars())
    assert "password" not in kept and "192.0.2" not in kept


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:DB8:1:2::1", "2001:db8:1:2::1"),
    ],
)
def test_addresses_one_customer_owns_count_together(one: str, other: str) -> None:
    assert throttle.neighbourhood(one) == throttle.neighbourhood(other)


def test_other_addresses_count_apart() -> None:
    places = ["192.0.2.1", "192.0.2.2", "2001:db8:1:2::1", "2001:db8:1:3::1", "terminal", "unknown"]
    assert len({throttle.neighbourhood(place) for place in places}) == len(places)


def test_a_repeated_refusal_is_noted_once_a_minute(store: Store, clock: Moving) -> None:
    def first(who: str) -> bool:
        with store.transaction() as transaction:
            return throttle.first_in(transaction, "refusal", who, 60)

    def noted(who: str) -> bool:
        with store.reading() as transaction:
            return throttle.is_noted(transaction, "refusal", who)

    assert not noted("192.0.2.1")
    assert [first("192.0.2.1"), first("192.0.2.1"), first("192.0.2.2")] == [True, False, True]
    assert noted("192.0.2.1") and not noted("192.0.2.3")
    clock.move(seconds=60)
    assert not noted("192.0.2.1")
    assert [first("192.0.2.1"), first("192.0.2.1")] == [True, False]
