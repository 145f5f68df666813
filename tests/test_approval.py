"""Who approved which exact words: two people, not the last editor, until they expire or are taken back."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from service import PLAYBOOKS, Clock
from sqlalchemy import func, select

from broadcaster import approval
from broadcaster.errors import Conflict, Forbidden
from broadcaster.migrations import migrate
from broadcaster.playbook import Playbooks, Snapshot
from broadcaster.store import Store
from broadcaster.tables import audit_entry, snapshot

LOADED = Playbooks.load(PLAYBOOKS, organisation="Region Exempel", timezone="Europe/Stockholm")
WORDS = LOADED["telefoni-1177"]


@dataclass
class Office:
    """The database with the one table of approvals, and the people who come by."""

    store: Store

    def approve(self, person: str, words: Snapshot = WORDS) -> approval.Approval:
        with self.store.transaction() as transaction:
            return approval.approve(transaction, words, person)

    def revoke(self, person: str, words: Snapshot = WORDS) -> None:
        with self.store.transaction() as transaction:
            approval.revoke(transaction, words.digest, person)

    def status(self, words: Snapshot = WORDS) -> approval.Approval:
        with self.store.reading() as transaction:
            return approval.status(transaction, words.digest)

    def last(self, words: Snapshot = WORDS) -> approval.Earlier | None:
        with self.store.reading() as transaction:
            return approval.last_approved(transaction, words.id, but=words.digest)

    def logged(self, type_: str) -> int:
        with self.store.reading() as transaction:
            wanted = select(func.count()).select_from(audit_entry).where(audit_entry.c.type == type_)
            return int(transaction.execute(wanted).scalar_one())


@pytest.fixture
def office(database_url: str, clock: Clock) -> Iterator[Office]:
    store = Store(database_url, clock=clock.now)
    migrate(store)
    yield Office(store)
    store.close()


def changed(words: Snapshot, old: str, new: str) -> Snapshot:
    assert old.encode() in words.content
    return Snapshot(words.content.replace(old.encode(), new.encode()))


def test_words_nobody_has_read_are_pending(office: Office) -> None:
    assert office.status() == approval.Approval("pending")


def test_two_different_people_make_it_approved_and_a_year_later_it_has_run_out(office: Office, clock: Clock) -> None:
    assert office.approve("anna").state == "pending"
    clock.advance(60)
    found = office.approve("bo")
    assert (found.state, found.by) == ("approved", ("anna", "bo"))
    assert found.expires_at == clock.now() + approval.VALID - timedelta(seconds=60), "the first yes ends first"
    clock.advance(approval.VALID.total_seconds() - 61)
    assert office.status().state == "approved"
    clock.advance(1)
    assert office.status().state == "expired"


def test_the_words_approved_last_before_these_are_known_with_when_and_by_whom(office: Office, clock: Clock) -> None:
    """Whoever reads the next version compares with what two people last read, even if it was revoked since."""
    older, newer, half = (changed(WORDS, "Räkna med kö.", f"Räkna med {word}.") for word in ("a", "b", "c"))
    for words in (newer, older):  # which was stored first does not matter
        office.approve("anna", words)
    clock.advance(60)
    office.approve("bo", older)
    clock.advance(60)
    office.approve("cilla", newer)
    at = clock.now()
    clock.advance(60)
    office.approve("anna", half)
    for other in ("anna", "bo"):
        office.approve(other, LOADED["allman-handelse"])
    assert office.last() == approval.Earlier(WORDS.id, newer.digest, WORDS.version, ("anna", "cilla"), at, False)
    office.revoke("bo", newer)
    found = office.last()
    assert found is not None and (found.digest, found.revoked) == (newer.digest, True)
    again = office.last(newer)
    assert again is not None and again.digest == older.digest, "words are never compared with themselves"


def test_before_the_second_yes_there_is_nothing_to_compare_with(office: Office) -> None:
    office.approve("anna")
    assert office.last(changed(WORDS, "Räkna med kö.", "Vänta.")) is None


def test_the_same_person_twice_is_one_person(office: Office) -> None:
    office.approve("anna")
    found = office.approve("anna")
    assert (found.state, found.by) == ("pending", ("anna",))


def test_approving_again_renews_and_the_two_that_last_longest_count(office: Office, clock: Clock) -> None:
    office.approve("anna")
    office.approve("bo")
    clock.advance(approval.VALID.total_seconds())
    assert office.status().state == "expired"
    assert office.approve("cilla").state == "expired", "one fresh yes is not two"
    found = office.approve("bo")
    assert found.state == "approved"
    assert found.expires_at == clock.now() + approval.VALID


@pytest.mark.parametrize("person", ["webbredaktionen", "Webbredaktionen ", "WEBBREDAKTIONEN"])
def test_the_last_editor_does_not_approve_their_own_words_however_the_name_is_written(
    office: Office, person: str
) -> None:
    assert WORDS.editor == "webbredaktionen"
    with pytest.raises(Forbidden) as refusal:
        office.approve(person)
    assert "kollegor" in refusal.value.detail.sv
    assert office.status().by == ()
    assert office.logged("playbook:approved") == 0


def test_one_changed_character_is_other_words_that_nobody_approved(office: Office) -> None:
    office.approve("anna")
    office.approve("bo")
    other = changed(WORDS, "Räkna med kö.", "Räkna med köer.")
    assert office.status(other).state == "pending"
    assert office.status().state == "approved"


def test_how_many_stand_is_told_at_once_as_one_by_one(office: Office, clock: Clock) -> None:
    """Pending, approved, revoked and never seen; and a year later, run out."""
    books = LOADED.all()
    for one, people in zip(books, [("anna",), ("anna", "bo"), ("anna", "bo", "cia"), ("bo", "cia")], strict=False):
        for person in people:
            office.approve(person, one)
    office.revoke("anna", books[3])
    for wanted in ({"pending", "approved", "revoked"}, {"pending", "expired", "revoked"}):
        with office.store.reading() as transaction:
            at_once = approval.statuses(transaction, (one.digest for one in books))
        assert at_once == {one.digest: office.status(one) for one in books}
        assert {one.state for one in at_once.values()} == wanted
        clock.advance(timedelta(days=366).total_seconds())


def test_a_changed_number_in_the_register_is_other_words_too(office: Office) -> None:
    office.approve("anna")
    office.approve("bo")
    assert office.status(changed(WORDS, '"value":"112"', '"value":"113"')).state == "pending"


def test_what_is_taken_back_stays_taken_back(office: Office) -> None:
    office.approve("anna")
    office.approve("bo")
    office.revoke("cilla")
    assert office.status().state == "revoked"
    with pytest.raises(Conflict):
        office.approve("david")
    with pytest.raises(Conflict):
        office.revoke("cilla")
    assert office.logged("playbook:revoked") == 1


def test_there_is_nothing_to_take_back_of_words_nobody_knows(office: Office) -> None:
    with pytest.raises(Conflict):
        office.revoke("cilla")


def test_the_exact_bytes_are_kept_once(office: Office) -> None:
    office.approve("anna")
    office.approve("bo")
    with office.store.reading() as transaction:
        rows = transaction.execute(select(snapshot)).all()
    assert [bytes(row.content) for row in rows] == [WORDS.content]
    assert office.logged("snapshot:stored") == 1
    assert office.logged("playbook:approved") == 2


def test_two_people_who_press_at_the_same_moment_both_count(office: Office) -> None:
    at_once = threading.Barrier(2)
    failures: list[Exception] = []

    def press(person: str) -> None:
        at_once.wait()
        try:
            office.approve(person)
        except Exception as error:  # noqa: BLE001 - it is shown below
            failures.append(error)

    people = [threading.Thread(target=press, args=(name,)) for name in ("anna", "bo")]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert failures == []
    assert office.status().state == "approved"
