"""Who wrote a word does not approve it, not even when somebody else changed a comma after them."""

from collections.abc import Callable

import pytest
from proposed import BOOK, approve, newest
from service import Service

from broadcaster import amendment, audit
from broadcaster.auth.people import change_roles
from broadcaster.editors import Editors, editors_of
from broadcaster.errors import Forbidden
from broadcaster.playbook import Snapshot
from broadcaster.rewriting import rewritten

Save = Callable[[str, str], Snapshot]


@pytest.fixture
def save(service: Service) -> Save:
    """Return what saves a change of the newest version in somebody's name."""

    def change(editor: str, owner: str) -> Snapshot:
        shelf = service.parts.playbooks
        with service.parts.store.transaction() as transaction:
            base = shelf.within(transaction).newest(BOOK)
            assert base is not None
            assert base.snapshot is not None
            number = amendment.next_version(transaction, BOOK, base.number)
            changes = {("version",): number, ("editor",): editor, ("owner",): owner}
            text = rewritten(base.text, changes)
            snapshot, faults = shelf.prove(BOOK, text)
            assert snapshot is not None, faults
            amendment.propose(transaction, snapshot, text, (base.made or base.snapshot).digest)
        return snapshot

    for name in ("anna", "bo", "cia", "dan"):
        service.add_person(name, "approver", "author")
    return change


def who(service: Service, snapshot: Snapshot) -> Editors:
    with service.parts.store.reading() as transaction:
        return editors_of(transaction, snapshot)


def test_who_wrote_a_proposal_does_not_approve_it_when_another_changed_a_comma(service: Service, save: Save) -> None:
    save("anna", "Annas ord")
    words = save("bo", "Annas ord, och ett komma")
    assert who(service, words) == Editors("bo", ("anna",))
    for writer in ("anna", "bo"):
        with pytest.raises(Forbidden) as refused:
            approve(service, words, writer)
        assert refused.value.slug == "editor-may-not-approve"
    assert approve(service, words, "cia") == "pending"
    assert approve(service, words, "dan") == "approved"


def test_a_proposal_that_was_taken_back_still_has_its_words_in_what_was_made_from_it(
    service: Service, save: Save
) -> None:
    save("anna", "Annas ord")
    first = newest(service)
    words = save("bo", "Annas ord, och ett komma")
    with service.parts.store.transaction() as transaction:
        amendment.withdraw(transaction, first, "anna")
    with pytest.raises(Forbidden):
        approve(service, words, "anna")


def test_words_that_two_have_approved_are_nobodys_own_any_more(service: Service, save: Save) -> None:
    words = save("anna", "Annas ord")
    approve(service, words, "cia")
    approve(service, words, "dan")
    newer = save("bo", "Bos ord")
    assert who(service, newer) == Editors("bo")
    assert approve(service, newer, "anna") == "pending"


def test_where_too_few_would_be_left_the_earlier_may_and_the_log_says_it(service: Service, save: Save) -> None:
    with service.parts.store.transaction() as transaction:
        change_roles(transaction, "dan", ["author"], None)
    save("anna", "Annas ord")
    words = save("bo", "Annas ord, och ett komma")
    assert who(service, words) == Editors("bo", ("anna",), excused=True)
    with pytest.raises(Forbidden):
        approve(service, words, "bo")
    assert approve(service, words, "anna") == "pending"
    assert approve(service, words, "cia") == "approved"
    with service.parts.store.reading() as transaction:
        log = b"".join(entry for _, entry in audit.entries(transaction, limit=10_000))
    assert log.count(b'"wrote_before":true') == 1


def test_writing_it_all_oneself_is_one_editor(service: Service, save: Save) -> None:
    save("anna", "Annas ord")
    words = save("anna", "Annas andra ord")
    assert who(service, words) == Editors("anna")
