"""
What people made by hand while the service was away, and what becomes of it when newer words come.

    post_id    the id by which a post on our Page can be changed, read from its address
    taken_by   the mark of the message whose post that is already
    give_way   the task of taking down what a machine's newer words cannot replace

A notice that a person made is another object than the one the service makes in its place, and only a person knows it.
On Facebook every message is a post of its own, so a hand-made one stays and is told of the ending by its first line.
"""

import re
from collections.abc import Container
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select

from broadcaster import stop
from broadcaster.errors import Text
from broadcaster.ledger import Row
from broadcaster.standing import State
from broadcaster.store import Transaction
from broadcaster.tables import delivery, incident

#: The reason of what nobody published by hand and nobody wants sent, as it is kept; the board says it in words.
LEFT = "not done by hand, and left"
_WHOLE_ID = re.compile(r"([0-9]{1,20})_([0-9]{1,20})", re.ASCII)
_NUMBER = re.compile(r"[0-9]{5,20}", re.ASCII)
#: Loopback is where an imitation stands.
_FACEBOOK = re.compile(r"(.+\.)?facebook\.com|fb\.com|127\.0\.0\.1|::1|localhost", re.ASCII)


def post_id(address: str, page_id: str) -> str | None:
    """Return the id of the post of Page `page_id` at `address`, or None if the address does not tell it.

    A post's address carries its number in the path or as `story_fbid`. The newer opaque form (`pfbid…`) tells no id.
    An address of another site, or of another Page, tells nothing of ours: a machine would change the wrong post.
    """
    parts = urlsplit(address)
    host, path, asked = parts.hostname or "", [one for one in parts.path.split("/") if one], parse_qs(parts.query)
    owners = [*asked.get("id", []), *(one for one, after in pairwise(path) if after == "posts" and one.isdigit())]
    if not _FACEBOOK.fullmatch(host) or any(one != page_id for one in owners):
        return None
    named = [*asked.get("story_fbid", []), *path[-1:]]
    for one in named:
        whole = _WHOLE_ID.fullmatch(one)
        if whole:
            return one if whole[1] == page_id else None
        if _NUMBER.fullmatch(one) and (one not in path or "posts" in path[:-1]):
            return f"{page_id}_{one}"
    return None


def taken_by(transaction: Transaction, channel: str, mode: str, remote_id: str) -> str | None:
    """Return the mark of the message whose post this is already, None if it is nobody's: no post belongs to two.

    Each message puts its own words back when it puts a line on top, so one of two would overwrite the other's.
    """
    mine = (delivery.c.channel == channel) & (delivery.c.mode == mode) & (delivery.c.remote_id == remote_id)
    wanted = select(incident.c.ref, delivery.c.number).join(incident, incident.c.id == delivery.c.incident_id)
    found = transaction.execute(wanted.where(mine).limit(1)).one_or_none()
    return f"{found.ref}/{found.number}" if found else None


def is_another_messages(mark: str) -> Text:
    """Return why an address is refused: its post is that of the message `mark`."""
    return Text(
        f"Det inlägget är redan {mark} i tjänsten. Skriv adressen till det inlägg som lades ut för hand. "
        "Om ni i stället ändrade i det inlägget: lämna adressen tom.",
        f"That post is {mark} in the service already. Write the address of the post that was made by hand. "
        "If you changed that post instead: leave the address empty.",
    )


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
