"""Cutting a list into parts by cursors that still fit when the list has grown or shrunk in the meantime."""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar


class Placed(Protocol):
    """What has a place in a list: a time in unix seconds, and a number that breaks ties between equal times."""

    created_at: float
    order: int


_T = TypeVar("_T", bound=Placed)


@dataclass(frozen=True, slots=True)
class Part(Generic[_T]):
    """One part of a list, the cursors of its ends, and whether there is more on either side."""

    items: list[_T] = field(default_factory=list)
    before: str = ""
    after: str = ""
    has_previous: bool = False
    has_next: bool = False


def place(item: Placed) -> tuple[float, int]:
    """Return what lists are sorted by."""
    return item.created_at, item.order


def part(items: list[_T], limit: int, after: str | None, before: str | None, *, oldest_first: bool = False) -> Part[_T]:
    """Return at most `limit` items after one cursor or before another; raise ValueError for a foreign cursor.

    `items` are sorted by `place`, newest first unless said otherwise.
    """
    sign = 1 if oldest_first else -1
    places = [(sign * at, sign * order) for at, order in map(place, items)]
    begin, end = 0, limit
    if after is not None:
        mark = _uncursor(after, sign)
        begin = sum(1 for one in places if one <= mark)
        end = begin + limit
    elif before is not None:
        mark = _uncursor(before, sign)
        end = sum(1 for one in places if one < mark)
        begin = max(0, end - limit)
    found = items[begin:end]
    if not found:
        return Part()
    return Part(found, cursor(found[0]), cursor(found[-1]), begin > 0, end < len(items))


def cursor(item: Placed) -> str:
    """Return the cursor of an item: opaque to the caller."""
    return base64.urlsafe_b64encode(f"{item.created_at!r}:{item.order}".encode()).decode().rstrip("=")


def _uncursor(cursor: str, sign: int) -> tuple[float, int]:
    try:
        at, order = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split(":")
        return sign * float(at), sign * int(order)
    except (binascii.Error, UnicodeDecodeError) as broken:
        raise ValueError("not a cursor of this list") from broken
