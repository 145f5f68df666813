"""Who may sign in, and that the sign-in tells a stranger nothing."""

import threading
from collections.abc import Callable
from typing import Any, Protocol

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from broadcaster.auth.passwords import Passwords
from broadcaster.auth.people import (
    Person,
    add_person,
    check_password,
    disable_person,
    find_person,
    list_people,
)
from broadcaster.auth.sessions import begin_session, find_session
from broadcaster.errors import Conflict, Invalid, NotFound, Refusal, TooMany, Unidentified
from broadcaster.store import Store
from broadcaster.tables import private, user

GOOD_PASSWORD = "fyra ord utan samband"
HOME = "192.0.2.1"

Add = Callable[..., Person]
Logged = Callable[[], list[dict[str, Any]]]


class Moving(Protocol):
    def move(self, *, seconds: float) -> None: ...


def disable(store: Store, name: str) -> None:
    with store.transaction() as transaction:
        disable_person(transaction, name, "user:root")


def test_there_are_no_default_accounts(store: Store) -> None:
    with store.reading() as transaction:
        assert list_people(transaction) == []


def test_a_person_signs_in_with_what_they_were_given(store: Store, add: Add, hashing: Passwords) -> None:
    add("anna", "sender", "approver")
    person = check_password(store, "anna", GOOD_PASSWORD, HOME, hashing=hashing)
    assert person.name == "anna" and person.roles == {"sender", "approver"}
    assert person.client.id == "user:anna"


def test_a_capital_letter_and_a_space_from_the_phone_do_not_matter(
    store: Store, add: Add, hashing: Passwords
) -> None:
    add("Anna ")
    assert check_password(store, " ANNA", GOOD_PASSWORD, HOME, hashing=hashing).name == "anna"


def test_everything_wrong_with_a_new_person_is_said_at_once(store: Store) -> None:
    with store.transaction() as transaction, pytest.raises(Invalid) as refusal:
        add_person(transaction, "å", ["emperor"], "kort", None)
    assert [fault.pointer for fault in refusal.value.fields] == ["/name", "/roles", "/password"]
    assert all(fault.message.sv in refusal.value.detail.sv for fault in refusal.value.fields)


def test_a_person_needs_a_role(store: Store) -> None:
    with store.transaction() as transaction, pytest.raises(Invalid):
        add_person(transaction, "anna", [], GOOD_PASSWORD, None)


def test_a_name_is_never_given_twice_not_even_after_somebody_has_left(store: Store, add: Add) -> None:
    add("anna")
    with pytest.raises(Conflict):
        add("ANNA")
    disable(store, "anna")
    with pytest.raises(Conflict):
        add("anna")


def test_unknown_wrong_and_disabled_are_answered_with_the_same_words(
    store: Store, add: Add, hashing: Passwords
) -> None:
    for name in ("anna", "bo"):
        add(name)
    add("nils", password=None)
    disable(store, "bo")
    answers = set()
    tries = [
        ("anna", "fel lösenord helt"),
        ("bo", GOOD_PASSWORD),
        ("cecilia", GOOD_PASSWORD),
        ("", ""),
        ("\udcff\0", "\udcff"),
        ("nils", ""),
        ("nils", "the password of nobody"),
    ]
    for number, (name, password) in enumerate(tries):
        with pytest.raises(Unidentified) as refusal:
            check_password(store, name, password, f"192.0.2.{number}", hashing=hashing)
        answers.add((refusal.value.slug, refusal.value.detail, refusal.value.status))
    assert len(answers) == 1


def test_an_unknown_name_costs_one_hashing_like_a_known_one(store: Store, add: Add) -> None:
    """The time is that of the hashing, so the number of hashings must not depend on the name."""

    class Counting(PasswordHasher):
        verified = 0

        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]
            self.verified += 1
            return super().verify(hash, password)

    add("anna")
    add("bo")
    disable(store, "bo")
    for name in ("anna", "bo", "cecilia", "!"):
        hasher = Counting(time_cost=1, memory_cost=8, parallelism=1)
        with pytest.raises(Unidentified):
            check_password(store, name, "fel lösenord helt", f"host of {name}", hashing=Passwords(hasher))
        assert hasher.verified == 1


def test_the_log_says_who_was_refused_but_never_what_a_stranger_typed_as_a_name(
    store: Store, add: Add, hashing: Passwords, logged: Logged
) -> None:
    add("anna")
    for name in ("anna", "my-password-in-the-wrong-field"):
        with pytest.raises(Unidentified):
            check_password(store, name, "fel lösenord helt", HOME, hashing=hashing)
    refused = [entry for entry in logged() if entry["type"] == "user:refused"]
    assert [entry["reason"] for entry in refused] == ["wrong_password", "unknown_name"]
    assert [sorted(entry["private"]) for entry in refused] == [["address", "person"], ["address"]]
    with store.reading() as transaction:
        values = set(transaction.execute(select(private.c.value)).scalars())
    assert "my-password-in-the-wrong-field" not in values and {"anna", HOME} <= values


def test_no_name_of_a_person_stands_in_an_entry(store: Store, add: Add, logged: Logged) -> None:
    add("anna")
    disable(store, "anna")
    assert [entry["type"] for entry in logged()] == ["user:added", "user:disabled", "alarm:raised"]
    assert "anna" not in str(logged())


def test_guessing_is_stopped_and_the_right_password_must_wait_as_well(
    store: Store, add: Add, hashing: Passwords, clock: Moving
) -> None:
    add("anna")
    for _ in range(5):
        clock.move(seconds=2)
        with pytest.raises(Unidentified):
            check_password(store, "anna", "fel lösenord helt", HOME, hashing=hashing)
    with pytest.raises(TooMany) as refusal:
        check_password(store, "anna", GOOD_PASSWORD, HOME, hashing=hashing)
    assert refusal.value.retry_after_s == 2 and "Vänta 2 s" in refusal.value.detail.sv
    clock.move(seconds=2)
    assert check_password(store, "anna", GOOD_PASSWORD, HOME, hashing=hashing).name == "anna"
    with pytest.raises(Unidentified):  # the slate is clean: a slip costs nothing again
        check_password(store, "anna", "fel lösenord helt", HOME, hashing=hashing)
    assert check_password(store, "anna", GOOD_PASSWORD, HOME, hashing=hashing).name == "anna"


def test_being_told_to_wait_does_not_lengthen_the_wait(
    store: Store, add: Add, hashing: Passwords, clock: Moving
) -> None:
    add("anna")
    for _ in range(4):
        with pytest.raises(Unidentified):
            check_password(store, "anna", "fel lösenord helt", HOME, hashing=hashing)
    for _ in range(20):
        with pytest.raises(TooMany):
            check_password(store, "anna", GOOD_PASSWORD, HOME, hashing=hashing)
    clock.move(seconds=1)
    assert check_password(store, "anna", GOOD_PASSWORD, HOME, hashing=hashing).name == "anna"


def test_many_guesses_at_the_same_moment_do_not_slip_past_the_limit(store: Store, add: Add) -> None:
    """Twelve threads at once: only the free slips, and those already inside, are tried."""
    add("anna")
    hashing = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1), wait_s=60)
    answers: list[type[Refusal]] = []

    def guess() -> None:
        try:
            check_password(store, "anna", "fel lösenord helt", HOME, hashing=hashing)
        except Refusal as refusal:
            answers.append(type(refusal))

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == 12
    assert 4 <= answers.count(Unidentified) <= 5


def test_a_weaker_hash_is_replaced_when_its_person_signs_in(store: Store, add: Add) -> None:
    add("anna")
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    check_password(store, "anna", GOOD_PASSWORD, HOME, hashing=stronger)
    with store.reading() as transaction:
        kept = transaction.execute(select(user.c.password)).scalar_one()
    assert "m=16,t=2" in kept
    assert check_password(store, "anna", GOOD_PASSWORD, HOME, hashing=stronger).name == "anna"


def test_shutting_somebody_out_ends_their_sessions_at_once(
    store: Store, add: Add, hashing: Passwords, logged: Logged
) -> None:
    anna, bo = add("anna"), add("bo")
    tokens = [begin_session(store, anna, HOME), begin_session(store, anna, HOME)]
    other = begin_session(store, bo, HOME)
    disable(store, " Anna")
    disable(store, "anna")
    assert [find_session(store, token) for token in tokens] == [None, None]
    assert find_session(store, other) is not None
    with pytest.raises(Unidentified):
        check_password(store, "anna", GOOD_PASSWORD, HOME, hashing=hashing)
    assert [entry["type"] for entry in logged()].count("user:disabled") == 1


def test_shutting_somebody_out_is_undone_with_the_transaction_it_belongs_to(store: Store, add: Add) -> None:
    token = begin_session(store, add("anna"), HOME)

    def break_off() -> None:
        with store.transaction() as transaction:
            disable_person(transaction, "anna", None)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert find_session(store, token) is not None


def test_shutting_out_nobody_says_so(store: Store) -> None:
    with store.transaction() as transaction, pytest.raises(NotFound) as refusal:
        disable_person(transaction, "anna", None)
    assert "users list" in refusal.value.detail.sv


def test_the_list_shows_everybody_and_only_active_people_are_found(store: Store, add: Add) -> None:
    for name in ("bo", "anna"):
        add(name)
    disable(store, "bo")
    with store.reading() as transaction:
        people = {person.name: person.disabled_at is None for person in list_people(transaction)}
        assert people == {"anna": True, "bo": False}
        assert find_person(transaction, "bo") is None
        assert find_person(transaction, "ANNA") is not None
