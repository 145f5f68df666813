"""Asking for a second person's yes by telephone, and taking it: what the desk does with `spoken`."""

from broadcaster import spoken, verdicts
from broadcaster.auth.client import Client, require
from broadcaster.broadcast import Broadcasts
from broadcaster.errors import Conflict, Forbidden, Text
from broadcaster.idempotency import Answer
from broadcaster.lookup import message_for
from broadcaster.roster import Roster
from broadcaster.settings import Person


class Telephone:
    """The second person's telephone. Only people use it: a machine has nobody's voice to hear."""

    def __init__(self, broadcasts: Broadcasts) -> None:
        self._broadcasts, self._roster = broadcasts, Roster.of(broadcasts.settings)

    def who(self, maker: str) -> tuple[Person, ...]:
        """Return who can be asked about a message made by `maker`; nobody where no SMS is set up."""
        return spoken.who(self._roster, maker)

    def ask(self, message_id: str, person: str, client: Client) -> None:
        """Have the exact words of a waiting message sent to a telephone.

        Raises `Conflict` when it does not wait, or was asked too often, `Invalid` for somebody who cannot be asked.
        """
        _require(client)
        with self._broadcasts.store.transaction() as transaction:
            row, _ = message_for(transaction, message_id, client)
            verdicts.check_waiting(row, transaction.now)
            spoken.ask(transaction, self._roster, row, person, client)
        self._broadcasts.ring()

    def hear(self, message_id: str, digest: str, code: str, client: Client) -> Answer:
        """Take the digits that were read aloud, and let the message out; what is wrong is counted.

        Raises `Conflict` for wrong digits or a code that is worth nothing, and as `Broadcasts.approve` does.
        """
        _require(client)
        with self._broadcasts.store.transaction() as transaction:  # of its own: a wrong try must not be rolled back
            row, _ = message_for(transaction, message_id, client)
            verdicts.check_waiting(row, transaction.now)
            given = spoken.take(transaction, row, code, client)
        if given is None:
            raise Conflict("wrong-code", _WRONG)
        return self._broadcasts.approve_spoken(message_id, {"digest": digest}, client)


def _require(client: Client) -> None:
    require(client, "send")
    if not client.person:
        raise Forbidden("person-needed", _PERSON)


_WRONG = Text(
    "Koden stämmer inte. Inget har skickats. Be personen läsa upp den igen. Efter tre fel gäller den inte längre.",
    "The code is wrong. Nothing has been sent. Ask the person to read it again. After three mistakes it is worthless.",
)
_PERSON = Text(
    "Ett ja per telefon tas bara emot av en inloggad person. Inget har skickats. Logga in på tavlan.",
    "A yes by telephone is taken by a signed-in person only. Nothing has been sent. Sign in on the board.",
)
