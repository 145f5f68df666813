"""Keys of machines: shown once, found by their hash, closed at once."""

from collections.abc import Callable
from typing import Any, Protocol

import pytest
from sqlalchemy import select, update

from broadcaster.auth.client import Mode
from broadcaster.auth.keys import NOTE_USE_S, add_key, key_client, list_keys, revoke_key
from broadcaster.errors import Invalid, NotFound, Unidentified
from broadcaster.store import Store
from broadcaster.tables import api_key

Logged = Callable[[], list[dict[str, Any]]]


class Moving(Protocol):
    def move(self, *, seconds: float) -> None: ...


def make(store: Store, name: str = "vaxel", *scopes: str, mode: Mode = "live") -> str:
    with store.transaction() as transaction:
        return add_key(transaction, name, scopes or ("read", "send"), mode, None)


def revoke(store: Store, which: str) -> int:
    with store.transaction() as transaction:
        return revoke_key(transaction, which, "user:root")


@pytest.mark.parametrize("mode", ["live", "drill"])
def test_a_key_opens_for_its_client_with_its_scopes_in_its_mode(store: Store, mode: Mode) -> None:
    presented = make(store, "Vaxel", "read", "send", mode=mode)
    assert presented.startswith(f"cb_{mode}_") and len(presented.removeprefix(f"cb_{mode}_")) >= 43
    client = key_client(store, presented)
    assert (client.id, client.name, client.mode, client.person) == ("key:vaxel", "vaxel", mode, False)
    assert client.scopes == {"read", "send"} and client.roles == frozenset()


def test_the_database_holds_nothing_that_opens(store: Store) -> None:
    presented = make(store)
    with store.reading() as transaction:
        row = transaction.execute(select(api_key)).one()
    assert presented not in str(tuple(row)) and len(row.secret) == 64
    assert presented.startswith(row.hint) and len(row.hint) <= 16
    with pytest.raises(Unidentified):
        key_client(store, row.secret)


def test_no_two_keys_are_alike(store: Store) -> None:
    assert len({make(store) for _ in range(20)}) == 20


@pytest.mark.parametrize(
    "presented",
    [
        "",
        "cb_live_",
        "cb_live_" + "A" * 43,
        "cb_live_" + "å" * 43,
        "cb_live_" + "A" * 42 + "\n",
        "\udcff" * 51,
        "cb_dead_" + "A" * 43,
        "x" * 100_000,
    ],
)
def test_what_is_no_key_of_ours_is_refused_with_the_words_of_an_unknown_key(
    store: Store, presented: str
) -> None:
    make(store)
    with pytest.raises(Unidentified) as refusal:
        key_client(store, presented)
    assert refusal.value.slug == "key-refused" and "Authorization: Bearer" in refusal.value.detail.sv


def test_a_key_fits_only_as_it_was_given(store: Store) -> None:
    presented = make(store, mode="drill")
    for changed in (presented[:-1], presented + "A", presented.replace("drill", "live"), f" {presented}"):
        with pytest.raises(Unidentified):
            key_client(store, changed)


def test_a_revoked_key_opens_nothing_from_then_on(store: Store) -> None:
    presented = make(store)
    with store.reading() as transaction:
        (key,) = list_keys(transaction)
    assert revoke(store, key.id) == 1
    with pytest.raises(Unidentified):
        key_client(store, presented)
    assert revoke(store, key.id) == 0


def test_a_client_changes_its_key_without_a_gap(store: Store) -> None:
    old, new = make(store), make(store)
    with store.reading() as transaction:
        first = next(key for key in list_keys(transaction) if old.startswith(key.hint))
    revoke(store, first.id)
    assert key_client(store, new).id == "key:vaxel"
    with pytest.raises(Unidentified):
        key_client(store, old)


def test_revoking_a_client_closes_all_its_keys_and_no_other(store: Store) -> None:
    mine, other = [make(store), make(store)], make(store, "ovning", mode="drill")
    assert revoke(store, "vaxel") == 2
    for presented in mine:
        with pytest.raises(Unidentified):
            key_client(store, presented)
    assert key_client(store, other).name == "ovning"


def test_revoking_what_is_not_there_says_so(store: Store) -> None:
    with pytest.raises(NotFound):
        revoke(store, "vaxel")


@pytest.mark.parametrize("scopes", [[], ["approve"], ["read", "admin"], ["read", ""]])
def test_a_key_is_never_given_a_right_that_takes_a_person(store: Store, scopes: list[str]) -> None:
    with store.transaction() as transaction, pytest.raises(Invalid) as refusal:
        add_key(transaction, "vaxel", scopes, "live", None)
    assert [fault.pointer for fault in refusal.value.fields] == ["/scopes"]


def test_a_changed_row_cannot_make_a_key_approve(store: Store) -> None:
    presented = make(store)
    with store.transaction() as transaction:
        transaction.execute(update(api_key).values(scopes=["read", "approve", "admin"]))
    assert key_client(store, presented).scopes == {"read"}


def test_a_name_that_cannot_be_a_client_is_refused(store: Store) -> None:
    with store.transaction() as transaction, pytest.raises(Invalid) as refusal:
        add_key(transaction, "växel", ["read"], "live", None)
    assert [fault.pointer for fault in refusal.value.fields] == ["/name"]


def test_the_last_use_is_known_to_the_minute(store: Store, clock: Moving) -> None:
    presented = make(store)

    def used_at() -> object:
        with store.reading() as transaction:
            return list_keys(transaction)[0].used_at

    assert used_at() is None
    key_client(store, presented)
    first = used_at()
    assert first is not None
    clock.move(seconds=NOTE_USE_S - 1)
    key_client(store, presented)
    assert used_at() == first
    clock.move(seconds=1)
    key_client(store, presented)
    assert used_at() != first


def test_the_log_says_which_key_came_and_went_and_never_the_key(store: Store, logged: Logged) -> None:
    presented = make(store)
    revoke(store, "vaxel")
    added, revoked = [entry for entry in logged() if entry["type"].startswith("key:")]
    assert (added["type"], revoked["type"]) == ("key:added", "key:revoked")
    assert added["key"] == revoked["key"] and added["client"] == revoked["client"] == "key:vaxel"
    assert (added["scopes"], added["mode"]) == (["read", "send"], "live")
    assert presented[8:] not in str(logged())
