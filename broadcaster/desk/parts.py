"""What the desk is made of: given to every page of it, looked up by none."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from broadcaster.auth.passwords import Passwords
from broadcaster.auth.people import PASSWORDS
from broadcaster.board import Board, channel_name
from broadcaster.broadcast import Broadcasts
from broadcaster.errors import Forged, NotFound, Text
from broadcaster.language import say
from broadcaster.playbook import Snapshot
from broadcaster.settings import Settings
from broadcaster.shelf import Shelf
from broadcaster.store import Store

#: Where the public asks first and shares from; its words are read first.
FIRST_CHANNEL = "facebook"


class Parts(Protocol):
    """What the composition root has put together; the desk takes only these."""

    @property
    def store(self) -> Store: ...
    @property
    def playbooks(self) -> Shelf: ...
    @property
    def broadcasts(self) -> Broadcasts: ...
    @property
    def board(self) -> Board: ...
    @property
    def settings(self) -> Settings: ...


@dataclass(frozen=True)
class Desk:
    """The parts. `hashing` is how passwords are checked; tests bring a cheaper one."""

    store: Store
    books: Shelf
    broadcasts: Broadcasts
    board: Board
    settings: Settings
    hashing: Passwords = PASSWORDS

    def channels_of(self, snapshot: Snapshot) -> list[str]:
        """Return the playbook's channels that are set up here, Facebook first."""
        return sorted((key for key in snapshot.channels if key in self.settings.channels), key=_facebook_first)

    def pinned(self, ref: str, playbook: str) -> Snapshot:
        """Return the words an incident goes on with; today's file where those are not what they were.

        Raises `NotFound` when there is neither.
        """
        try:
            return self.board.pinned(ref)
        except Forged:  # the preview and the send say so; the form must still open
            return self.board.snapshot(playbook)

    def title_of(self, playbook: str) -> Text:
        """Return what a playbook is called; its id when there is no such file any more."""
        try:
            return self.board.snapshot(playbook).title
        except NotFound:
            return Text(playbook, playbook)


def by_channel(words: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return words, each with its `channel` and `language`, as one entry per channel, Facebook first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in words:
        found.setdefault(one["channel"], []).append(one)
    return [
        {"key": key, "name": say(channel_name(key)), "words": found[key]} for key in sorted(found, key=_facebook_first)
    ]


def _facebook_first(key: str) -> bool:
    return key != FIRST_CHANNEL
