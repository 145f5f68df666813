"""What an administrator changes holds at once, is in the log, and never leaves nobody to administer."""

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner

from broadcaster.auth.commands import users
from broadcaster.auth.passwords import Passwords
from broadcaster.auth.people import (
    Person,
    change_roles,
    check_password,
    disable_person,
    find_person,
    list_people,
    set_password,
)
from broadcaster.auth.sessions import begin_session, find_session
from broadcaster.errors import Conflict, Invalid, NotFound, Unidentified
from broadcaster.store import Store

HOME = "192.0.2.1"
OLD, NEW = "fyra ord utan samband", "helt andra ord utan samband"

Add = Callable[..., Person]
Logged = Callable[[], list[dict[str, Any]]]


def roles_of(store: Store, name: str) -> frozenset[str] | None:
    with store.reading() as transaction:
        found = find_person(transaction, name)
    return found.roles if found else None


def test_other_roles_hold_from_the_next_request_and_are_logged_once(store: Store, add: Add, logged: Logged) -> None:
    token = begin_session(store, add("anna", "sender"), HOME)
    for _ in range(2):
        with store.transaction() as transaction:
            change_roles(transaction, "Anna", ("auditor", "author"), "user:kim")
    session = find_session(store, token)
    assert session is not None
    assert session.client.scopes == {"read", "audit", "propose", "edit"}
    changed = [entry for entry in logged() if entry["type"] == "user:roles"]
    assert [entry["roles"] for entry in changed] == [["auditor", "author"]]
    assert changed[0]["private"].keys() == {"by", "person"}


def test_roles_that_are_none_and_nobody_of_that_name_change_nothing(store: Store, add: Add) -> None:
    add("anna", "sender")
    for roles in ((), ("boss",)):
        with pytest.raises(Invalid) as refused, store.transaction() as transaction:
            change_roles(transaction, "anna", roles, "user:kim")
        assert refused.value.detail.sv.startswith("Rollerna är som förut.")
    with pytest.raises(NotFound), store.transaction() as transaction:
        change_roles(transaction, "bo", ("sender",), "user:kim")
    assert roles_of(store, "anna") == {"sender"}


@pytest.mark.parametrize("by", ["user:kim", "user:lo"])
def test_the_last_administrator_stays_whoever_asks(store: Store, add: Add, by: str) -> None:
    add("kim", "administrator")
    add("lo", "administrator")
    with store.transaction() as transaction:
        disable_person(transaction, "lo", "user:kim")
    for act in (
        lambda transaction: change_roles(transaction, "kim", ("sender",), by),
        lambda transaction: disable_person(transaction, "kim", by),
    ):
        with pytest.raises(Conflict), store.transaction() as transaction:
            act(transaction)
    assert roles_of(store, "kim") == {"administrator"}


def test_nobody_takes_their_own_administration_even_with_others_left(store: Store, add: Add) -> None:
    add("kim", "administrator")
    add("lo", "administrator")
    with pytest.raises(Conflict), store.transaction() as transaction:
        change_roles(transaction, "kim", ("sender",), "user:kim")
    with store.transaction() as transaction:
        change_roles(transaction, "kim", ("sender",), "user:lo")
    assert roles_of(store, "kim") == {"sender"}


def test_the_command_line_may_shut_out_the_last_one_since_it_can_add_another(store: Store, add: Add) -> None:
    add("kim", "administrator")
    with store.transaction() as transaction:
        disable_person(transaction, "kim", None)
    assert roles_of(store, "kim") is None


def test_a_new_password_ends_the_sessions_and_the_old_one(
    store: Store, add: Add, hashing: Passwords, logged: Logged
) -> None:
    token = begin_session(store, add("anna", "sender"), HOME)
    with store.transaction() as transaction:
        set_password(transaction, "anna", NEW, "user:kim", hashing=hashing)
    assert find_session(store, token) is None
    assert check_password(store, "anna", NEW, HOME, hashing=hashing).name == "anna"
    with pytest.raises(Unidentified):
        check_password(store, "anna", OLD, HOME, hashing=hashing)
    assert "user:reset" in [entry["type"] for entry in logged()]


def test_a_weak_password_and_somebody_shut_out_are_refused(store: Store, add: Add, hashing: Passwords) -> None:
    token = begin_session(store, add("anna", "sender"), HOME)
    with pytest.raises(Invalid) as refused, store.transaction() as transaction:
        set_password(transaction, "anna", "kort", "user:kim", hashing=hashing)
    assert refused.value.detail.sv.startswith("Lösenordet är som förut.")
    assert find_session(store, token) is not None
    with store.transaction() as transaction:
        disable_person(transaction, "anna", "user:kim")
    with pytest.raises(NotFound), store.transaction() as transaction:
        set_password(transaction, "anna", NEW, "user:kim", hashing=hashing)


class Wiring:
    """What the root command hands to its groups."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def store(self) -> Store:
        return self._store


def test_the_command_line_does_the_same(store: Store, add: Add) -> None:
    add("anna", "sender")
    run = CliRunner().invoke
    roles = run(users, ["roles", "anna", "--role", "auditor", "--role", "sender"], obj=Wiring(store))
    assert (roles.exit_code, roles.output) == (0, "anna is now auditor, sender\n")
    password = run(users, ["password", "anna", "--password-stdin"], obj=Wiring(store), input=f"{NEW}\n")
    assert (password.exit_code, password.output) == (0, "anna has a new password\n")
    assert check_password(store, "anna", NEW, HOME).roles == {"auditor", "sender"}
    assert run(users, ["roles", "bo", "--role", "sender"], obj=Wiring(store)).exit_code == 1
    with store.reading() as transaction:
        assert [one.has_password for one in list_people(transaction)] == [True]
