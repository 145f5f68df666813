"""
What an ending does not reach: words of the incident on channels that it is not sent to.

A post of the page is told of every ending by its first line, wherever the ending itself goes. Words that are replaced
in place are not: nothing would ever end them. So an all-clear or a false alarm that leaves out such a channel takes
down what stands there, and whoever sends it, or a correction, is told beforehand.
"""

from collections.abc import Container, Iterable

from sqlalchemy import select

from broadcaster import alarm, stop
from broadcaster.channels.names import channel_name
from broadcaster.errors import Text
from broadcaster.ledger import Row
from broadcaster.order import ENDING
from broadcaster.standing import OPEN, State
from broadcaster.store import Transaction
from broadcaster.tables import delivery as delivery_table
from broadcaster.tables import incident as incident_table

#: Ways on which newer words take the place of older ones, by a machine or by a person.
_IN_PLACE = frozenset({"upsert", "person"})
#: After these, older words may rightly go on standing elsewhere.
_ENDS_NOTHING = frozenset({"first", "update"})


def take_down(transaction: Transaction, newer: Row, covered: Container[tuple[str, str]]) -> None:
    """Take down what the just accepted ending `newer` leaves standing. Any other phase changes nothing.

    `covered` are the (channel, language) pairs it goes to. A correction that is still on its way there is never lost
    to an ending, so a person is told of it instead.
    """
    if newer["phase"] not in ENDING:
        return
    for row in _newest(stop.older_than(transaction, newer), covered):
        if row["receipt"] is not None:
            stop.recall_one(transaction, row)
        else:
            _tell(transaction, row)


def warnings(
    transaction: Transaction, incident_row: Row, phase: str, covered: Container[tuple[str, str]]
) -> list[Text]:
    """Return what somebody should know who is about to send `phase` to `covered` alone."""
    if phase in _ENDS_NOTHING:
        return []
    mine = select(delivery_table).where(delivery_table.c.incident_id == incident_row["id"])
    rows = transaction.execute(mine.order_by(delivery_table.c.number, delivery_table.c.id)).mappings().all()
    left = {row["channel"]: row["way"] for row in _newest([dict(row) for row in rows], covered)}
    return [_warning(channel, way, phase) for channel, way in sorted(left.items())]


def left_behind(transaction: Transaction, incident_row: Row, covered: Container[tuple[str, str]]) -> list[Text]:
    """Return where words of the playbook that is left go on standing when another one's go to `covered` alone."""
    mine = select(delivery_table).where(delivery_table.c.incident_id == incident_row["id"])
    rows = transaction.execute(mine.order_by(delivery_table.c.number, delivery_table.c.id)).mappings().all()
    stands = [row for row in _newest([dict(row) for row in rows], covered) if row["receipt"] is not None]
    names = [channel_name(channel) for channel in sorted({row["channel"] for row in stands})]
    return [
        Text(
            f"{name.sv}: det nya beskedet går inte dit, så det tidigare står kvar tills händelsen är över. Är det fel "
            "där: dra tillbaka det tidigare beskedet efteråt. Då tas det bort där, och dess inlägg på Facebook.",
            f"{name.en}: the new message does not go there, so the earlier one stays until the incident is over. If it "
            "is wrong there: recall the earlier message afterwards. That takes it down there, and its Facebook post.",
        )
        for name in names
    ]


def _newest(rows: Iterable[Row], covered: Container[tuple[str, str]]) -> list[Row]:
    """Return, of each place that is not `covered`, the delivery whose words stand there or soon will."""
    found: dict[tuple[str, str], Row] = {}
    for row in rows:
        pair = (row["channel"], row["language"])
        stands = row["receipt"] is not None or State(row["state"]) in OPEN
        if row["way"] in _IN_PLACE and pair not in covered and (stands or row["intent"] == "withdraw"):
            found[pair] = row
    return [row for row in found.values() if row["intent"] != "withdraw"]


def _tell(transaction: Transaction, row: Row) -> None:
    whose = select(incident_table.c.ref).where(incident_table.c.id == row["incident_id"])
    ref, name = transaction.execute(whose).scalar_one(), channel_name(row["channel"])
    text = Text(
        f"{ref}, {name.sv} ({row['language']}): händelsen är avslutad, men en rättelse är på väg ut där och det sista "
        "beskedet går inte dit. Titta efter där. Står rättelsen kvar: dra tillbaka den.",
        f"{ref}, {name.en} ({row['language']}): the incident has ended, but a correction is on its way there and the "
        "last message does not go there. Look there. If the correction still stands: recall it.",
    )
    alarm.raise_alarm(transaction, "standing", text, incident_id=row["incident_id"], delivery_id=row["id"])


def _warning(channel: str, way: str, phase: str) -> Text:
    name = channel_name(channel)
    if phase not in ENDING:
        return Text(
            f"{name.sv}: rättelsen går inte dit, så det tidigare beskedet står kvar. Ta med kanalen om det är fel där.",
            f"{name.en}: the correction does not go there, so the earlier message stays. Include the channel if it is "
            "wrong there.",
        )
    if way == "person":
        return Text(
            f"{name.sv}: beskedet går inte dit. När du skickar får en person i uppgift att ta bort det som står där.",
            f"{name.en}: the message does not go there. When you send, a person gets the task to take down what stands "
            "there.",
        )
    return Text(
        f"{name.sv}: beskedet går inte dit. När du skickar tas det som står där bort.",
        f"{name.en}: the message does not go there. When you send, what stands there is taken down.",
    )
