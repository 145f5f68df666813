"""`playbooks show --changes`: what changed since the last approved version, as text."""

from collections.abc import Iterator

from broadcaster import approval
from broadcaster.difference import Piece, Thing, since
from broadcaster.errors import Forged
from broadcaster.playbook import Snapshot
from broadcaster.proof import load_earlier
from broadcaster.store import Transaction

#: As `git diff --word-diff` marks them, so that colour says nothing alone.
_MARKS = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}", "cut": " {} "}


def changes(transaction: Transaction, snapshot: Snapshot) -> Iterator[str]:
    """Yield the lines; keys and channels are called as in the file."""
    earlier = approval.last_approved(transaction, snapshot.id, but=snapshot.digest)
    if earlier is None:
        yield "No version of this playbook was approved before: there is nothing to compare with."
        return
    revoked = ", revoked since" if earlier.revoked else ""
    approved = f"approved {earlier.at.isoformat(timespec='seconds')} by {', '.join(earlier.by)}{revoked}"
    try:
        found = since(load_earlier(transaction, earlier).content, snapshot.content)
    except Forged as error:
        yield f"Version {earlier.version}, {approved}, cannot be compared with: {error}. Read all the words, and verify"
        yield "the log: broadcaster audit verify"
        return
    yield f"Changed since version {earlier.version}, {approved}: {found.told().en or 'no words and no values'}"
    for thing in found.things:
        yield from _thing(thing)


def _thing(thing: Thing) -> Iterator[str]:
    yield f"\n--- {' · '.join([thing.section, *thing.key])} ({thing.kind})\n"
    for change in thing.changes:
        words = "".join(_marked(piece) for piece in change.pieces)
        yield f"{' · '.join(change.path)}: {words}" if change.path else words


def _marked(piece: Piece) -> str:
    return _MARKS[piece.kind].format(piece.text)
