"""
What may be done when, and in what words it is refused.

Every refusal says what happened, what it means and what to do, and leaves everything as it was.
"""

from datetime import datetime

from sqlalchemy import select, update

from broadcaster import audit, authority
from broadcaster.audit import Event
from broadcaster.auth.client import Client, require
from broadcaster.errors import Conflict, Forbidden, Text
from broadcaster.ledger import Row
from broadcaster.store import Store, Transaction
from broadcaster.tables import incident as incident_table
from broadcaster.tables import message as message_table

FIRST_HAS_NO_INCIDENT = Text(
    "Ett första besked börjar en ny händelse och kan inte höra till en som finns. "
    "Ta bort incident, eller välj ett annat skede.",
    "A first message begins a new incident and cannot belong to one that exists. "
    "Leave incident out, or choose another phase.",
)
LATER_NEEDS_INCIDENT = Text(
    "Skedet hör till en händelse som redan pågår. Ange händelsens nummer i incident.",
    "This phase belongs to an incident that is under way. Give its reference in incident.",
)
NO_SUCH_INCIDENT = Text(
    "Det finns ingen händelse med det numret. Kontrollera numret på tavlan.",
    "There is no incident with that reference. Check the reference on the board.",
)
OTHER_MODE = Text(
    "Händelsen är av annan sort: övning och skarpt läge blandas aldrig. Ange samma mode som händelsen har.",
    "The incident is of the other kind: drill and live are never mixed. Give the mode the incident has.",
)
OTHER_PLAYBOOK = Text(
    "Händelsen går vidare med en annan krismall. Ange den krismallen, eller byt krismall på händelsens sida.",
    "The incident goes on with another playbook. Give that one, or change the playbook on the incident's page.",
)
NO_SUCH_PLAYBOOK = Text(
    "Det finns ingen krismall med det namnet. Välj en ur listan över krismallar.",
    "There is no playbook with that name. Choose one from the list of playbooks.",
)
NO_SUCH_MESSAGE = Text(
    "Det finns inget besked med den beteckningen. Öppna händelsen på tavlan och välj beskedet där.",
    "There is no message with that id. Open the incident on the board and choose the message there.",
)
_UNAPPROVED = {
    "pending": Text(
        "Krismallen är inte godkänd: två personer måste ha godkänt precis de här orden. Inget har skickats. "
        "Låt två andra än den som ändrade den senast godkänna den, eller välj en godkänd mall.",
        "The playbook is not approved: two people must have approved exactly these words. Nothing has been sent. "
        "Have two people other than its last editor approve it, or choose an approved one.",
    ),
    "expired": Text(
        "Krismallens godkännande har gått ut, så den kan inte börja en ny händelse. Inget har skickats. "
        "Låt två personer läsa och godkänna den igen, eller välj en godkänd mall.",
        "The playbook's approval has run out, so it cannot begin a new incident. Nothing has been sent. "
        "Have two people read and approve it again, or choose an approved one.",
    ),
    "revoked": Text(
        "Krismallens godkännande är återkallat, så inget mer skickas med de orden. Inget har skickats. "
        "Låt två personer godkänna en ny version och försök igen.",
        "The playbook's approval was revoked, so nothing more is sent in those words. Nothing has been sent. "
        "Have two people approve a new version and try again.",
    ),
    "forged": Text(
        "Krismallens godkända ord har ändrats i databasen efter godkännandet, så inget mer skickas med dem. Inget har "
        "skickats. Larma it-säkerhet. Låt två personer godkänna en ny version av mallen, eller publicera från papper.",
        "The playbook's approved words were changed in the database after their approval, so nothing more is sent in "
        "them. Nothing has been sent. Tell IT security. Have two people approve a new version of the playbook, or "
        "publish from paper.",
    ),
}


def unapproved(state: str) -> Conflict:
    """Return the refusal for words that nobody stands behind right now."""
    return Conflict(f"playbook-{state}", _UNAPPROVED[state])


def disagreeing(trouble: Text) -> Conflict:
    """Return the refusal to begin from a playbook of which nobody can say which words are the right ones."""
    return Conflict("playbook-disagrees", trouble)


def already_running(ref: str) -> Conflict:
    """Return the question whether the same crisis should really be started twice."""
    return Conflict(
        "already-running",
        Text(
            f"Samma krismall är redan i gång som {ref}. Inget har skickats. Fortsätt på {ref} med en uppdatering, "
            "eller välj att skicka ändå (again) om det är en annan händelse.",
            f"The same playbook is already running as {ref}. Nothing has been sent. Go on with an update of {ref}, "
            "or choose to send anyway (again) if it is another incident.",
        ),
        incident=ref,
    )


def check_digest(ours: str, theirs: str) -> None:
    """Raise `Conflict` unless the words are those that were shown."""
    if ours != theirs:
        raise Conflict(
            "digest",
            Text(
                "Orden är inte längre de du såg. Inget har skickats. Förhandsgranska igen och läs orden innan "
                "du skickar.",
                "The words are no longer those you saw. Nothing has been sent. Preview again and read before you send.",
            ),
        )


def check_open(incident_row: Row, phase: str) -> None:
    """Raise `Conflict` when the incident is over and `phase` is not a correction."""
    if incident_row["state"] == "closed" and phase != "correction":
        ref = incident_row["ref"]
        raise Conflict(
            "incident-closed",
            Text(
                f"Händelsen {ref} är avslutad. Inget har skickats. Skicka en rättelse, eller börja en ny händelse.",
                f"The incident {ref} is closed. Nothing has been sent. Send a correction, or begin a new incident.",
            ),
        )


def check_waiting(row: Row, now: datetime) -> None:
    """Raise `Conflict` unless the message waits for a yes and still may have one."""
    over = row["accepted_at"] or row["rejected_at"] or row["recalled_at"]
    if over or row["not_after"] <= now:
        raise Conflict(
            "not-waiting",
            Text(
                "Beskedet väntar inte på något ja. Inget har ändrats. Se på tavlan vad som redan har hänt med det.",
                "The message is not waiting for a yes. Nothing has been changed. See the board for what became of it.",
            ),
        )


def check_approver(row: Row, client: Client) -> None:
    """Raise `Forbidden` when the maker approves, or a machine says yes to somebody's own sentence."""
    if row["created_by"].partition(":")[2] == client.name:  # anna with a key called anna is still anna
        raise Forbidden(
            "maker-may-not-approve",
            Text(
                "Den som har gjort ett besked får inte godkänna det själv. Inget har skickats. "
                "Be en kollega läsa och godkänna.",
                "Whoever made a message may not approve it. Nothing has been sent. "
                "Ask a colleague to read and approve it.",
            ),
        )
    if row["sentence"] is not None and not client.person:
        raise Forbidden(
            "person-needed",
            Text(
                "En egen mening kräver ett ja från en inloggad person. Inget har skickats. "
                "Be en kollega godkänna på tavlan.",
                "A free sentence takes a signed-in person's yes. Nothing has been sent. Have a colleague approve it.",
            ),
        )


def check_other_person(transaction: Transaction, row: Row, client: Client) -> None:
    """Raise `Forbidden` when one of the two was made by the other lately, or both by the same person (`authority`)."""
    authority.check_other(transaction, client.id, row["created_by"], row["created_at"])


def check_may_decide(client: Client) -> None:
    """Raise `Forbidden` unless it is a person who may approve, or somebody who may send."""
    if not (client.person and "approve" in client.scopes):
        require(client, "send")


def check_person(client: Client) -> None:
    """Raise `Forbidden` unless it is a signed-in person who may send."""
    require(client, "send")
    if not client.person:
        raise Forbidden(
            "person-needed",
            Text(
                "Det som gjorts för hand skrivs in av en inloggad person. Inget har ändrats. "
                "Gör det på desken under Skriv in det som gjorts för hand.",
                "What was done by hand is entered by a signed-in person. Nothing has been changed. "
                "Do it at the desk under Enter what was done by hand.",
            ),
        )


def check_nothing_newer(transaction: Transaction, row: Row) -> None:
    """Raise `Conflict` when a newer message of the incident was accepted meanwhile."""
    newer = select(message_table.c.id).where(
        (message_table.c.incident_id == row["incident_id"])
        & (message_table.c.number > row["number"])
        & message_table.c.accepted_at.is_not(None)
    )
    if transaction.execute(newer.limit(1)).first() is not None:
        raise Conflict(
            "newer-accepted",
            Text(
                "Ett nyare besked har skickats medan det här väntade, så det är för gammalt. Inget har skickats. "
                "Avvisa det och skriv ett nytt om det behövs.",
                "A newer message was sent while this one waited, so it is too old. Nothing has been sent. "
                "Reject it and write a new one if it is needed.",
            ),
        )


def check_recallable(row: Row) -> None:
    """Raise `Conflict` unless the message was accepted and not yet recalled."""
    if row["recalled_at"] is not None:
        raise Conflict(
            "recalled",
            Text(
                "Beskedet är redan tillbakadraget. Inget nytt har gjorts. Se på tavlan hur det går i varje kanal.",
                "The message has already been recalled. Nothing new was done. See the board for each channel.",
            ),
        )
    if row["accepted_at"] is None:
        raise Conflict(
            "not-sent",
            Text(
                "Beskedet har aldrig skickats, så det finns inget att dra tillbaka. Säg nej till det i stället.",
                "The message was never sent, so there is nothing to recall. Reject it instead.",
            ),
        )


def close_if_over(transaction: Transaction, incident_id: str) -> None:
    """Close the incident when nothing of it stands: every message recalled, rejected or not approved in time."""
    rows = transaction.execute(select(message_table).where(message_table.c.incident_id == incident_id)).mappings()
    over = all(
        row["recalled_at"] or row["rejected_at"] or (not row["accepted_at"] and row["not_after"] <= transaction.now)
        for row in rows
    )
    mine = (incident_table.c.id == incident_id) & (incident_table.c.state == "open")
    if not over:
        return
    done = transaction.execute(update(incident_table).where(mine).values(state="closed", closed_at=transaction.now))
    if done.rowcount:
        audit.record(transaction, Event.INCIDENT_CLOSED, incident=incident_id)


def close_expired(store: Store) -> None:
    """Close every open incident of which nothing stands because nobody said yes in time."""
    with store.transaction() as transaction:
        unanswered = (
            (incident_table.c.state == "open")
            & message_table.c.accepted_at.is_(None)
            & message_table.c.rejected_at.is_(None)
            & (message_table.c.not_after <= transaction.now)
        )
        whose = select(incident_table.c.id).join(message_table).where(unanswered).distinct()
        for incident_id in transaction.execute(whose).scalars().all():
            close_if_over(transaction, incident_id)
