"""Changes kept as new versions: who may approve and withdraw them, and what the log says."""

import threading

import pytest
from proposed import BOOK, approve, newest
from service import Service

from broadcaster import amendment
from broadcaster.errors import Conflict, Forbidden
from broadcaster.playbook import Snapshot
from broadcaster.rewriting import rewritten


def propose(service: Service, version: int, editor: str = "anna") -> Snapshot:
    shelf = service.parts.playbooks
    assert shelf.reader is not None
    text = rewritten(shelf.reader.texts[BOOK], {("version",): version, ("editor",): editor, ("owner",): "Någon annan"})
    snapshot, _ = shelf.prove(BOOK, text)
    assert snapshot is not None
    with service.parts.store.transaction() as transaction:
        amendment.propose(transaction, snapshot, text, shelf[BOOK].digest)
    return snapshot


def test_a_number_is_given_once(service: Service) -> None:
    propose(service, 2)
    with pytest.raises(Conflict) as refusal:
        propose(service, 2, "dan")
    assert "Din ändring är inte sparad än" in refusal.value.detail.sv
    with service.parts.store.reading() as transaction:
        assert amendment.next_version(transaction, BOOK, 1) == 3
        assert amendment.next_version(transaction, BOOK, 8) == 9
        assert amendment.next_version(transaction, "cyberattack", 0) == 2  # version 1 was approved


def test_two_who_save_at_the_same_moment_are_told_and_not_thrown_out(service: Service) -> None:
    """Whoever was later keeps what was written: the page is shown again."""
    at_once, refused = threading.Barrier(4), list[Exception]()

    def save(editor: str) -> None:
        at_once.wait()
        try:
            propose(service, 2, editor)
        except Exception as error:  # noqa: BLE001 - it is looked at below
            refused.append(error)

    writers = [threading.Thread(target=save, args=(name,)) for name in ("anna", "bo", "cia", "dan")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [type(error) for error in refused] == [Conflict] * 3


def test_its_editor_never_approves_it_however_the_name_is_typed(service: Service) -> None:
    snapshot = propose(service, 2)
    for name in ("anna", "Anna "):
        with pytest.raises(Forbidden):
            approve(service, snapshot, name)
    assert newest(service).adopted_at is None


def test_one_person_twice_adopts_nothing(service: Service) -> None:
    snapshot = propose(service, 2)
    assert [approve(service, snapshot, "bo") for _ in range(2)] == ["pending", "pending"]
    assert newest(service).adopted_at is None
    assert approve(service, snapshot, "cia") == "approved"
    assert newest(service).adopted_at == service.clock.now()


def test_only_the_editor_withdraws_and_only_a_proposal(service: Service) -> None:
    snapshot, found = propose(service, 2), newest(service)
    with service.parts.store.transaction() as transaction, pytest.raises(Forbidden):
        amendment.withdraw(transaction, found, "bo")
    with service.parts.store.transaction() as transaction:
        amendment.withdraw(transaction, found, "anna")
    with service.parts.store.transaction() as transaction, pytest.raises(Conflict, match="no longer there"):
        amendment.approve(transaction, found, snapshot, "bo")
    again = propose(service, 3)
    for person in ("bo", "cia"):
        approve(service, again, person)
    with service.parts.store.transaction() as transaction, pytest.raises(Conflict):
        amendment.withdraw(transaction, newest(service), "anna")


def test_the_log_says_who_wrote_who_adopted_and_who_withdrew(service: Service) -> None:
    propose(service, 2)
    with service.parts.store.transaction() as transaction:
        amendment.withdraw(transaction, newest(service), "anna")
    snapshot = propose(service, 3)
    for person in ("bo", "cia"):
        approve(service, snapshot, person)
    told = [entry for entry in service.entries() if entry["type"].startswith("playbook:")][-5:]
    assert [(one["type"], one["version"]) for one in told] == [
        ("playbook:withdrawn", 2),
        ("playbook:amended", 3),
        ("playbook:approved", 3),
        ("playbook:approved", 3),
        ("playbook:adopted", 3),
    ]
    assert told[1]["digest"] == snapshot.digest and told[1]["based_on"].startswith("sha256:")
