"""A list is read to its end in parts, in either direction, also while it changes."""

from dataclasses import dataclass

import pytest

from broadcaster.sandbox.parting import cursor, part


@dataclass
class Item:
    created_at: float
    order: int


def newest_first(count: int) -> list[Item]:
    return [Item(100.0, order) for order in range(count, 0, -1)]


@pytest.mark.parametrize("oldest_first", [False, True])
def test_following_the_cursors_shows_every_item_once_and_leads_back(oldest_first: bool) -> None:
    items = newest_first(5)
    if oldest_first:
        items.reverse()
    first = part(items, 2, None, None, oldest_first=oldest_first)
    second = part(items, 2, first.after, None, oldest_first=oldest_first)
    third = part(items, 2, second.after, None, oldest_first=oldest_first)
    assert [*first.items, *second.items, *third.items] == items
    assert [(one.has_previous, one.has_next) for one in (first, second, third)] == [
        (False, True), (True, True), (True, False)]
    assert part(items, 2, None, third.before, oldest_first=oldest_first).items == second.items


def test_a_cursor_still_fits_when_its_item_is_gone_and_new_ones_have_come() -> None:
    items = newest_first(4)
    after = cursor(items[1])
    assert part([Item(101.0, 9), items[0], *items[2:]], 5, after, None).items == items[2:]


def test_nothing_asked_or_nothing_left_is_an_empty_part_without_cursors() -> None:
    items = newest_first(2)
    for empty in (part(items, 0, None, None), part(items, 5, cursor(items[-1]), None)):
        assert (empty.items, empty.after, empty.has_next) == ([], "", False)


@pytest.mark.parametrize("foreign", ["x", "åäö", "MTIz", ""])
def test_a_foreign_cursor_is_refused(foreign: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        part(newest_first(2), 1, foreign, None)
