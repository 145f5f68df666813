"""What is being written: which phase, in which words, of which incident, and what the form began with."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from werkzeug.datastructures import MultiDict

from broadcaster.desk.form import Filled, read_form
from broadcaster.desk.reading import Earlier
from broadcaster.desk.vocabulary import Phase
from broadcaster.language import say
from broadcaster.playbook import Snapshot


@dataclass(frozen=True)
class Errand:
    """What is being written: which phase, in which words, of which incident (None: a new one)."""

    snapshot: Snapshot
    phase: Phase
    incident: str | None
    start: Filled
    earlier: Earlier | None = None

    @property
    def action(self) -> str:
        """The address of the form; its words are sent to `{action}/send`."""
        if self.incident is None:
            return f"/desk/new/{self.snapshot.id}"
        return f"/desk/incidents/{self.incident}/{self.phase.key}"

    @property
    def back(self) -> str:
        """Where somebody who changes their mind goes."""
        return "/desk" if self.incident is None else f"/desk/incidents/{self.incident}"

    def body(self, filled: Filled) -> dict[str, Any]:
        """Return the request that `filled` makes."""
        return filled.body(self.snapshot.id, self.phase.key, self.incident)

    def submission(self, client: str, digest: str) -> str:
        """Return the key of one send.

        The same later words after the same message are one message, from however many pages of one person.
        """
        if self.incident is None or self.earlier is None:
            return str(uuid4())
        same = (client, self.incident, self.earlier.count, self.phase.key, digest)
        return str(uuid5(NAMESPACE_URL, "/".join(map(str, same))))

    def unknown_again(self, filled: Filled) -> list[str]:
        """Return the labels of what the last message knew and this one does not say."""
        blanks = self.snapshot.blanks(self.phase.key)
        return [say(one.label) for one in blanks if one.name in self.start.blanks and one.name not in filled.blanks]


def begun(start: Filled, given: MultiDict[str, str]) -> Filled:
    """Return `start` with what the address already says: somebody signed in again halfway, or followed a link."""
    asked = read_form(given)
    return replace(
        start,
        blanks=asked.blanks or start.blanks,
        channels=tuple(key for key in asked.channels if key in start.channels) or start.channels,
        affected=asked.affected or start.affected,
        sentence=asked.sentence,
        next_update=asked.next_update if "next_update" in given else start.next_update,
    )
