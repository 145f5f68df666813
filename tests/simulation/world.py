"""
What is out there: a page with drafts, a content place where the last writer wins, a phone queue that compares.

Nothing here answers a caller or loses a request; these things only change and are looked at. Every state an object
ever had is kept with its time, so that a reader may be shown an old one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from broadcaster.channels._compare import bears
from simulation.time import BEGINNING, Time

#: How much older than the message a post may seem in a list; the adapter asks no further back.
REACH_BACK_S = 6 * 3600.0


@dataclass(frozen=True)
class State:
    """An object as it was from `at` on. `words` None: there is no such object (any more)."""

    at: float
    words: str | None
    public: bool


@dataclass
class Thing:
    """One object out there, and everything it ever was."""

    id: str
    mark: str
    made_at: float
    states: list[State] = field(default_factory=list)
    revision: int = 0

    def seen(self, at: float) -> State:
        """Return what a reader is shown who sees the world as it was at `at`."""
        return next((state for state in reversed(self.states) if state.at <= at), State(0.0, None, False))

    @property
    def now(self) -> State:
        """Return what it is."""
        return self.states[-1]


#: (channel, object, mark, the words the public now sees or None)
Witness = Callable[[str, str, str, str | None], None]
#: (channel, mark, language, recipient, id of the letter)
Arrives = Callable[[str, str, str, str, str], None]


class Place:
    """The objects of one channel. `witness` hears of every change of what the public sees."""

    def __init__(self, key: str, time: Time, witness: Witness) -> None:
        self.key, self.time, self.witness = key, time, witness
        self.things: dict[str, Thing] = {}

    def become(self, thing: Thing, words: str | None, public: bool, mark: str | None = None) -> None:
        """Change `thing` now; `mark` says whose words they are."""
        before = thing.states[-1] if thing.states else State(0.0, None, False)
        thing.mark = mark or thing.mark
        thing.states.append(State(self.time.now, words, public))
        shown = words if public else None
        if shown != (before.words if before.public else None):
            self.witness(self.key, thing.id, thing.mark, shown)

    def public(self) -> Iterator[Thing]:
        """Yield what the public sees, in the order it was made."""
        return (thing for thing in self.things.values() if thing.now.public and thing.now.words is not None)


class Page(Place):
    """A Facebook page: it gives its own ids, keeps drafts, and may refuse two equal posts in a row."""

    def __init__(self, key: str, time: Time, witness: Witness, *, refuses_twins: bool) -> None:
        super().__init__(key, time, witness)
        self.refuses_twins = refuses_twins
        self._last_words: str | None = None

    def make(self, words: str, mark: str, *, public: bool) -> str | None:
        """Make a post or a draft and return its id, or None where it is refused as a twin of the last one."""
        if public and self.refuses_twins and words == self._last_words:
            return None
        number = 1 + sum(1 for one in self.things.values() if one.mark == mark)
        thing = Thing(f"100200300_{mark.replace('/', '')}x{number}", mark, self.time.now)
        self.things[thing.id] = thing
        self.become(thing, words, public)
        if public:
            self._last_words = words
        return thing.id

    def publish(self, post_id: str) -> bool:
        """Make a draft public; doing it twice is harmless. Return False when there is no such post."""
        thing = self._there(post_id)
        if thing is None:
            return False
        self.become(thing, thing.now.words, True)
        self._last_words = thing.now.words
        return True

    def edit(self, post_id: str, words: str) -> bool:
        """Give a post other words."""
        thing = self._there(post_id)
        if thing is None:
            return False
        self.become(thing, words, thing.now.public)
        return True

    def delete(self, post_id: str) -> bool:
        """Take a post or a draft away for good."""
        thing = self._there(post_id)
        if thing is None:
            return False
        self.become(thing, None, False)
        return True

    def bearing(self, mark: str, at: float, starts_at: datetime, *, drafts: bool) -> list[tuple[Thing, State]]:
        """Return what a list of the page as it was at `at` holds with `mark`, oldest first."""
        earliest = (starts_at - BEGINNING).total_seconds() - REACH_BACK_S  # the page's own clock is never set
        found = [(thing, thing.seen(at)) for thing in self.things.values() if thing.made_at >= earliest]
        return [(thing, was) for thing, was in found
                if was.words is not None and (was.public or drafts) and bears(was.words, mark)]  # fmt: skip

    def _there(self, post_id: str) -> Thing | None:
        thing = self.things.get(post_id)
        return None if thing is None or thing.now.words is None else thing


class Content(Place):
    """A content place: whoever writes last wins, whatever the revision, and taking down keeps the words."""

    def put(self, object_id: str, words: str, mark: str) -> None:
        thing = self.things.setdefault(object_id, Thing(object_id, mark, self.time.now))
        self.become(thing, words, True, mark)

    def end(self, object_id: str) -> bool:
        """End its publication. Return False when there is no such object."""
        thing = self.things.get(object_id)
        if thing is None or thing.now.words is None:
            return False
        self.become(thing, thing.now.words, False)
        return True


class Mailboxes(Place):
    """Many people's mailboxes: whatever the server took is there, as often as it took it, and stays."""

    def __init__(self, key: str, time: Time, witness: Witness, arrives: "Arrives") -> None:
        super().__init__(key, time, witness)
        self.arrives = arrives

    def take(self, words: str, mark: str, language: str, recipient: str, letter_id: str) -> str:
        """Put a letter into somebody's mailbox and return the server's own name for it."""
        thing = Thing(f"{mark}.{language} to {recipient} #{len(self.things) + 1}", mark, self.time.now)
        self.things[thing.id] = thing
        self.become(thing, words, True)
        self.arrives(self.key, mark, language, recipient, letter_id)
        return thing.id


class Phone(Place):
    """A phone queue: an older revision is refused, also after the announcement was taken down."""

    def put(self, object_id: str, words: str, revision: int, mark: str) -> bool:
        """Return False where a newer revision, or other words under this one, are there already."""
        thing = self.things.get(object_id)
        if thing is not None:
            same = thing.revision == revision and thing.now.words == words
            if not same and revision <= thing.revision:
                return False
        else:
            thing = self.things[object_id] = Thing(object_id, mark, self.time.now)
        thing.revision = revision
        self.become(thing, words, True, mark)
        return True

    def delete(self, object_id: str, revision: int) -> str:
        """Return `gone`, `stale` or `missing`; a tombstone stays in every case but `stale`."""
        thing = self.things.get(object_id)
        if thing is not None and revision < thing.revision:
            return "stale"
        existed = thing is not None and thing.now.words is not None
        if thing is None:
            thing = self.things[object_id] = Thing(object_id, "", self.time.now)
        thing.revision = revision
        self.become(thing, None, False)
        return "gone" if existed else "missing"
