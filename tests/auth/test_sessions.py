"""A session lasts as long as somebody is there, and no longer."""

from collections.abc import Callable
from typing import Any, Protocol

import pytest
from sqlalchemy import func, select, update

from broadcaster.auth import sessions
from broadcaster.auth.passwords import Passwords
from broadcaster.auth.people import Person, disable_person
from broadcaster.auth.sessions import ABSOLUTE_S, IDLE_S, begin_session, find_session, sign_in, sign_out
from broadcaster.errors import Unidentified
from broadcaster.store import Store
from broadcaster.tables import session, user

GOOD_PASSWORD = "fyra ord utan samband"
HOME = "192.0.2.1"

Add = Callable[..., Person]
Logged = Callable[[], list[dict[str, Any]]]


class Moving(Protocol):
    def move(self, *, seconds: float) -> None: ...


def test_signing_in_gives_a_token_that_knows_its_person(store: Store, add: Add, hashing: Passwords) -> None:
    add("anna", "sender")
    token = sign_in(store, "anna", GOOD_PASSWORD, HOME, hashing=hashing)
    found = find_session(store, token)
    assert found is not None and found.client.id == "user:anna" and "send" in found.client.scopes
    assert len(token) >= 43


def test_a_wrong_password_gives_no_session(store: Store, add: Add, hashing: Passwords) -> None:
    add("anna")
    with pytest.raises(Unidentified):
        sign_in(store, "anna", "fel lösenord helt", HOME, hashing=hashing)
    with store.reading() as transaction:
        assert transaction.execute(select(func.count()).select_from(session)).scalar_one() == 0


def test_each_sign_in_has_a_token_and_a_form_token_of_its_own(store: Store, add: Add) -> None:
    anna = add("anna")
    tokens = [begin_session(store, anna, HOME) for _ in range(3)]
    forms = {found.csrf for token in tokens if (found := find_session(store, token)) is not None}
    assert len(set(tokens)) == len(forms) == 3 and not set(tokens) & forms


def test_whoever_reads_the_database_cannot_use_a_session(store: Store, add: Add) -> None:
    token = begin_session(store, add("anna"), HOME)
    with store.reading() as transaction:
        kept = transaction.execute(select(session.c.token)).scalar_one()
    assert kept != token and len(kept) == 64
    assert find_session(store, kept) is None


@pytest.mark.parametrize("token", ["", "x", "å", "\udcff", "0" * 64, "a" * 10_000])
def test_a_made_up_token_opens_nothing(store: Store, token: str) -> None:
    assert find_session(store, token) is None


def test_a_live_board_that_refreshes_itself_never_throws_its_reader_out(
    store: Store, add: Add, clock: Moving
) -> None:
    token = begin_session(store, add("anna"), HOME)
    for _ in range(11 * 60 // 10):
        clock.move(seconds=600)
        assert find_session(store, token) is not None


def test_a_phone_left_on_a_table_is_signed_out(store: Store, add: Add, clock: Moving) -> None:
    token = begin_session(store, add("anna"), HOME)
    clock.move(seconds=IDLE_S - 1)
    assert find_session(store, token) is not None
    clock.move(seconds=IDLE_S)
    assert find_session(store, token) is None


def test_after_a_whole_watch_even_a_board_in_use_asks_again(store: Store, add: Add, clock: Moving) -> None:
    token = begin_session(store, add("anna"), HOME)
    for _ in range(ABSOLUTE_S // 600 - 1):
        clock.move(seconds=600)
        assert find_session(store, token) is not None
    clock.move(seconds=600)
    assert find_session(store, token) is None


def test_looking_often_does_not_write_often(store: Store, add: Add, clock: Moving) -> None:
    token = begin_session(store, add("anna"), HOME)

    def used_at() -> object:
        with store.reading() as transaction:
            return transaction.execute(select(session.c.used_at)).scalar_one()

    before = used_at()
    clock.move(seconds=sessions.NOTE_USE_S - 1)
    assert find_session(store, token) is not None and used_at() == before
    clock.move(seconds=1)
    assert find_session(store, token) is not None and used_at() != before


def test_signing_out_ends_this_session_and_no_other(store: Store, add: Add, logged: Logged) -> None:
    anna = add("anna")
    here, there = begin_session(store, anna, HOME), begin_session(store, anna, HOME)
    sign_out(store, here, HOME)
    sign_out(store, here, HOME)
    assert find_session(store, here) is None and find_session(store, there) is not None
    types = [entry["type"] for entry in logged()]
    assert types == ["user:added", "user:signed_in", "user:signed_in", "user:signed_out"]


def test_signing_in_anew_ends_what_the_browser_had(store: Store, add: Add) -> None:
    anna = add("anna")
    before = begin_session(store, anna, HOME)
    after = begin_session(store, anna, HOME, instead_of=before)
    assert find_session(store, before) is None and find_session(store, after) is not None


def test_ended_sessions_leave_nothing_behind(store: Store, add: Add, clock: Moving) -> None:
    anna = add("anna")
    for _ in range(3):
        begin_session(store, anna, HOME)
    clock.move(seconds=IDLE_S)
    begin_session(store, anna, HOME)
    with store.reading() as transaction:
        assert transaction.execute(select(func.count()).select_from(session)).scalar_one() == 1


def test_a_role_taken_away_is_gone_with_the_next_request(store: Store, add: Add) -> None:
    token = begin_session(store, add("anna", "sender", "auditor"), HOME)
    with store.transaction() as transaction:
        transaction.execute(update(user).values(roles=["auditor"]))
    found = find_session(store, token)
    assert found is not None and found.client.scopes == {"read", "audit"}


def test_somebody_shut_out_while_signing_in_stays_out(store: Store, add: Add) -> None:
    anna = add("anna")
    with store.transaction() as transaction:
        disable_person(transaction, "anna", None)
    with pytest.raises(Unidentified):
        begin_session(store, anna, HOME)
