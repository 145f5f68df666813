"""From what was written in a form to a version that can be kept, with two who write at once."""

import pytest
from service import Service

from broadcaster import drafting
from broadcaster.drafting import Draft, mark_of
from broadcaster.errors import Conflict
from broadcaster.rewriting import Path, values

BOOK = "telefoni-1177"
OWNER, TITLE = ("owner",), ("title", "sv")


def draft(service: Service, posted: dict[Path, str], begun: str | None = None, editor: str = "anna") -> Draft:
    with service.parts.store.reading() as transaction:
        standing = service.parts.playbooks.within(transaction)
        base = standing.newest(BOOK)
        assert base is not None
        return drafting.draft(transaction, standing, base, begun or mark_of(base.text), posted, editor)


def keep(service: Service, made: Draft) -> None:
    with service.parts.store.transaction() as transaction:
        drafting.keep(transaction, made)


def test_a_draft_is_the_whole_file_with_the_next_number_and_its_editor(service: Service) -> None:
    made = draft(service, {OWNER: "  Ledningen för 1177\r\n"})
    assert made.changed and made.snapshot is not None and not made.faults
    now = values(made.text)
    assert (now[OWNER], now["version",], now["editor",]) == ("Ledningen för 1177", 2, "anna")
    assert (made.snapshot.owner, made.snapshot.version, made.snapshot.editor) == ("Ledningen för 1177", 2, "anna")


def test_what_changes_nothing_or_cannot_be_used_is_not_kept(service: Service) -> None:
    same = draft(service, {OWNER: str(values(draft(service, {}).base.text)[OWNER])})
    assert not same.changed
    for made in (same, draft(service, {OWNER: "x"})):
        with pytest.raises(Conflict, match="nothing new to save"):
            keep(service, made)


@pytest.mark.parametrize("hostile", ["a\x00b", "a\u202eb", "a\u200bb", "{{7*7}} ${x", "ab ${0.__class__}"])
def test_what_nobody_sees_or_would_obey_never_gets_in(service: Service, hostile: str) -> None:
    path = ("texts", "first", "facebook", "sv")
    text = str(values(draft(service, {}).base.text)[path])
    made = draft(service, {path: f"{text.strip()}\n\n{hostile}"})
    assert made.snapshot is None and made.faults


def test_fields_that_only_one_changed_are_taken_from_that_one(service: Service) -> None:
    begun = draft(service, {}).mark
    before = values(draft(service, {}).base.text)
    keep(service, draft(service, {OWNER: "Annas ägare"}))
    later = draft(service, {OWNER: str(before[OWNER]), TITLE: "Dans namn på mallen"}, begun, "dan")
    assert later.theirs == {}
    assert (later.written[OWNER], later.written[TITLE]) == ("Annas ägare", "Dans namn på mallen")
    assert values(later.text)["version",] == 3


def test_what_both_changed_is_asked_about_and_nothing_is_lost(service: Service) -> None:
    begun = draft(service, {}).mark
    keep(service, draft(service, {OWNER: "Annas ägare"}))
    later = draft(service, {OWNER: "Dans ägare"}, begun, "dan")
    assert (later.written[OWNER], later.theirs[OWNER]) == ("Dans ägare", "Annas ägare")
    with pytest.raises(Conflict):
        drafting.check_nobody_came_between(later)
    agreed = draft(service, {OWNER: "Annas ägare"}, begun, "dan")
    assert agreed.theirs == {}


def test_a_beginning_that_nobody_knows_any_more_is_asked_about_too(service: Service) -> None:
    keep(service, draft(service, {OWNER: "Annas ägare"}))
    assert draft(service, {OWNER: "Dans ägare"}, "0" * 64, "dan").theirs == {OWNER: "Annas ägare"}
