"""One administrator never becomes two people, and the others are told of every change of who may do what."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from service import HASHING, PASSWORD, PLAYBOOKS, Clock
from sqlalchemy import select

from broadcaster import approval, audit, authority
from broadcaster.alarm import AUTHORITY
from broadcaster.audit import Event
from broadcaster.auth.client import Client, person_client
from broadcaster.auth.keys import add_key, revoke_key
from broadcaster.auth.people import add_person, change_roles, disable_person, set_password
from broadcaster.authority import ONE_PERSON_FOR, Change
from broadcaster.errors import Conflict, Forbidden, Refusal
from broadcaster.migrations import migrate
from broadcaster.playbook import Playbooks
from broadcaster.store import Store
from broadcaster.tables import alarm as alarm_table

WORDS = Playbooks.load(PLAYBOOKS, organisation="Region Exempel", timezone="Europe/Stockholm")["telefoni-1177"]
KIM, LEO = "user:kim", "user:leo"


@dataclass
class Office:
    """The database, and what an administrator does at the desk (`by` somebody) or in the shell (by nobody)."""

    store: Store
    clock: Clock

    def add(self, name: str, by: str | None, *roles: str) -> None:
        with self.store.transaction() as transaction:
            add_person(transaction, name, roles or ("approver",), PASSWORD, by, hashing=HASHING)

    def reset(self, name: str, by: str | None) -> None:
        self.clock.advance(1)
        with self.store.transaction() as transaction:
            set_password(transaction, name, PASSWORD, by, hashing=HASHING)

    def approve(self, person: str) -> str:
        with self.store.transaction() as transaction:
            return approval.approve(transaction, WORDS, person).state

    def unread(self) -> list[Change]:
        with self.store.reading() as transaction:
            return authority.unread(transaction)

    def read(self, who: Client) -> None:
        with self.store.transaction() as transaction:
            authority.read(transaction, [one.id for one in authority.unread(transaction)], who)

    def ringing(self) -> list[str]:
        """Return what the alarms about it say in Swedish that nobody has answered."""
        mine = (alarm_table.c.kind == AUTHORITY) & alarm_table.c.answered_at.is_(None)
        with self.store.reading() as transaction:
            return [text["sv"] for text in transaction.execute(select(alarm_table.c.text).where(mine)).scalars()]


@contextmanager
def refused(kind: type[Refusal], words: str) -> Iterator[None]:
    """Expect a refusal that says these words to whoever asked."""
    with pytest.raises(kind) as caught:
        yield
    assert words in caught.value.detail.sv


@pytest.fixture
def office(database_url: str, clock: Clock) -> Iterator[Office]:
    """Return an installation that is in use: its people were made in the shell, and one of them has signed in."""
    store = Store(database_url, clock=clock.now)
    migrate(store)
    made = Office(store, clock)
    made.add("kim", None, "administrator", "approver")
    made.add("leo", None, "administrator", "approver")
    made.add("bo", None)
    made.add("cia", None)
    with store.transaction() as transaction:
        audit.record(transaction, Event.USER_SIGNED_IN, by=KIM)
    clock.advance(60)
    yield made
    store.close()


class TestOnePersonIsNotTwo:
    def test_who_was_installed_minutes_ago_may_approve_at_once(self, office: Office) -> None:
        """Whoever has the shell installed it all; without this nobody could start a new service the same day."""
        assert office.approve("kim") == "pending"
        assert office.approve("bo") == "approved"

    def test_an_administrator_and_the_one_they_added_are_not_two(self, office: Office) -> None:
        office.add("ny", KIM)
        assert office.approve("ny") == "pending"
        with refused(Forbidden, "kim har lagt till eller bytt lösenord åt ny"):
            office.approve("kim")
        assert office.approve("bo") == "approved"

    def test_nor_are_two_that_one_administrator_added(self, office: Office) -> None:
        office.add("ny", KIM)
        office.add("nyare", KIM)
        assert office.approve("ny") == "pending"
        with refused(Forbidden, "räknas här som en person"):
            office.approve("nyare")

    def test_nor_two_whose_passwords_one_administrator_reset(self, office: Office) -> None:
        office.reset("bo", KIM)
        office.reset("cia", KIM)
        office.approve("bo")
        with pytest.raises(Forbidden):
            office.approve("cia")

    def test_nor_one_whom_somebody_added_who_was_added_themselves(self, office: Office) -> None:
        office.add("ny", KIM, "administrator")
        office.add("nyare", "user:ny")
        office.approve("kim")
        with pytest.raises(Forbidden):
            office.approve("nyare")

    def test_two_cannot_free_each_other_by_changing_passwords(self, office: Office) -> None:
        office.add("ny", KIM, "administrator", "approver")
        office.add("nyare", KIM, "administrator", "approver")
        office.reset("ny", "user:nyare")
        office.reset("nyare", "user:ny")
        office.reset("ny", "user:ny")
        office.approve("kim")
        with pytest.raises(Forbidden):
            office.approve("ny")

    def test_two_whom_two_administrators_added_are_two(self, office: Office) -> None:
        office.add("ny", KIM)
        office.add("nyare", LEO)
        office.approve("ny")
        assert office.approve("nyare") == "approved"

    def test_a_day_later_they_are_two(self, office: Office, clock: Clock) -> None:
        office.add("ny", KIM)
        clock.advance(ONE_PERSON_FOR.total_seconds())
        office.approve("ny")
        assert office.approve("kim") == "approved"

    def test_a_yes_given_before_the_password_was_reset_still_counts(self, office: Office, clock: Clock) -> None:
        office.approve("bo")
        clock.advance(60)
        office.reset("bo", KIM)
        assert office.approve("kim") == "approved"

    def test_a_yes_given_by_one_hand_stays_that_hands_when_the_day_has_passed(
        self, office: Office, clock: Clock
    ) -> None:
        office.add("ny", KIM)
        office.approve("ny")
        clock.advance(2 * ONE_PERSON_FOR.total_seconds())
        with pytest.raises(Forbidden):
            office.approve("kim")

    def test_a_password_given_in_the_shell_makes_them_two_at_once(self, office: Office) -> None:
        office.add("ny", KIM)
        office.reset("ny", None)
        office.approve("ny")
        assert office.approve("kim") == "approved"

    def test_one_whom_the_last_editor_added_may_not_approve_for_them(self, office: Office) -> None:
        office.add("ny", f"user:{WORDS.editor.lower()}")
        with pytest.raises(Forbidden):
            office.approve("ny")

    def test_a_key_is_its_makers_hand(self, office: Office) -> None:
        with office.store.transaction() as transaction:
            add_key(transaction, "vaxel", ["propose"], "live", KIM)
            now = transaction.now
            with refused(Forbidden, "gjort en nyckel åt vaxel"):
                authority.check_other(transaction, KIM, "key:vaxel", now)
            authority.check_other(transaction, "user:bo", "key:vaxel", now)


class TestTheOthersAreTold:
    def test_every_change_is_told_with_who_did_what(self, office: Office) -> None:
        office.add("ny", KIM, "sender", "approver")
        office.reset("bo", KIM)
        with office.store.transaction() as transaction:
            change_roles(transaction, "cia", ["sender"], KIM)
            disable_person(transaction, "cia", KIM)
            add_key(transaction, "vaxel", ["send", "read"], "live", KIM)
            revoke_key(transaction, "vaxel", KIM)
        told = [one.text.sv for one in office.unread()]
        assert sorted(told) == sorted(
            [
                "kim lade till ny (godkännare, avsändare)",
                "kim gav bo ett nytt lösenord",
                "kim gav cia rollerna avsändare",
                "kim stängde av cia",
                "kim gjorde en nyckel åt vaxel (läsa, skicka)",
                "kim återkallade en nyckel för vaxel",
            ]
        )
        (rings,) = office.ringing()
        assert all(one in rings for one in told)

    def test_what_is_done_in_the_shell_stands_on_the_first_page_and_wakes_nobody(self, office: Office) -> None:
        office.add("ny", None)
        assert [one.text.sv for one in office.unread()] == ["någon med tillgång till servern lade till ny (godkännare)"]
        assert not office.ringing()

    def test_ones_own_new_password_and_a_key_that_only_reads_are_nobodys_business(self, office: Office) -> None:
        office.reset("kim", KIM)
        with office.store.transaction() as transaction:
            add_key(transaction, "tavla", ["read"], "live", KIM)
        assert not office.unread()
        assert not office.ringing()

    def test_while_the_service_is_installed_nobody_is_told(self, database_url: str, clock: Clock) -> None:
        store = Store(database_url, clock=clock.now)
        migrate(store)
        office = Office(store, clock)
        office.add("kim", None, "administrator")
        assert not office.unread()
        assert not office.ringing()
        store.close()

    def test_it_stands_until_another_has_read_it_and_the_log_says_who(self, office: Office) -> None:
        office.add("ny", KIM)
        for himself in (person_client("kim", ["administrator", "approver"]), person_client("ny", ["approver"])):
            with refused(Forbidden, "Någon annan"):
                office.read(himself)
        with pytest.raises(Forbidden):
            office.read(person_client("anna", ["sender"]))
        office.read(person_client("bo", ["approver"]))
        assert not office.unread()
        assert not office.ringing()
        with office.store.reading() as transaction:
            read = [entry for _, entry in audit.entries(transaction, limit=1000) if b'"authority:read"' in entry]
        assert len(read) == 1
        with refused(Conflict, "redan läst"):
            office.read(person_client("bo", ["approver"]))

    def test_its_alarm_is_not_silenced_at_the_desk_without_reading(self, office: Office) -> None:
        office.add("ny", KIM)
        with office.store.reading() as transaction:
            (alarm_id,) = transaction.execute(select(alarm_table.c.id)).scalars()
            with refused(Conflict, "kvittera där"):
                authority.check_may_answer(transaction, alarm_id)

    def test_an_alarm_names_what_still_waits_beside_what_is_new(self, office: Office) -> None:
        office.add("ny", KIM)
        office.reset("bo", KIM)
        (rings,) = office.ringing()
        assert "lade till ny" in rings
        assert "gav bo ett nytt lösenord" in rings

    def test_of_many_the_newest_are_named_and_the_rest_counted(self, office: Office) -> None:
        for number in range(9):
            office.clock.advance(1)
            office.add(f"ny{number}", KIM)
        (rings,) = office.ringing()
        assert "lade till ny8" in rings
        assert "(och 3 till)" in rings
