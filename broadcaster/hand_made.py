"""
What people made by hand while the service was away, and what becomes of it when newer words come.

    post_id    the id by which a post on our Page can be changed, read from its address
    give_way   the task of taking down what a machine's newer words cannot replace

A notice that a person made is another object than the one the service makes in its place, and only a person knows it.
On Facebook every message is a post of its own, so a hand-made one stays and is told of the ending by its first line.
"""

import re
from collections.abc import Container
from urllib.parse import parse_qs, urlsplit

from broadcaster import stop
from broadcaster.ledger import Row
from broadcaster.standing import State
from broadcaster.store import Transaction

#: The reason of what nobody published by hand and nobody wants sent, as it is kept; the board says it in words.
LEFT = "not done by hand, and left"
_WHOLE_ID = re.compile(r"([0-9]{1,20})_([0-9]{1,20})", re.ASCII)
_NUMBER = re.compile(r"[0-9]{5,20}", re.ASCII)


def post_id(address: str, page_id: str) -> str | None:
    """Return the id of the post of Page `page_id` at `address`, or None if the address does not tell it.

    A post's address carries its number in the path or as `story_fbid`. The newer opaque form (`pfbid…`) tells no id.
    """
    parts = urlsplit(address)
    path = [one for one in parts.path.split("/") if one]
    named = [*parse_qs(parts.query).get("story_fbid", []), *path[-1:]]
    for one in named:
        whole = _WHOLE_ID.fullmatch(one)
        if whole:
            return one if whole[1] == page_id else None
        if _NUMBER.fullmatch(one) and (one not in path or "posts" in path[:-1]):
            return f"{page_id}_{one}"
    return None


def is_hand_made(row: Row) -> bool:
    """Tell whether people made what stands there, and no machine ever tried to."""
    receipt = row["receipt"]
    return receipt is not None and receipt["by"] is not None and row["attempts"] == 0 and row["remote_id"] is None


def give_way(transaction: Transaction, newer: Row, covered: Container[tuple[str, str]]) -> None:
    """Make it a person's task to take down the hand-made words that a machine now says anew in the same place."""
    for row in stop.older_than(transaction, newer):
        stands = State(row["state"]) is State.PUBLISHED and row["intent"] == "publish"
        if row["way"] == "upsert" and stands and is_hand_made(row) and (row["channel"], row["language"]) in covered:
            stop.withdraw_task(transaction, row)
