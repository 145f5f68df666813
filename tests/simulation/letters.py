"""What the board says of each recipient of a letter, against what is in their mailboxes."""

from collections.abc import Callable, Mapping
from typing import Any

from broadcaster.letters import Has
from simulation.promises import Promises

Row = Mapping[str, Any]
#: States of a delivery in which nobody need be told of who is left: a newer message took its place, or a person knows.
_TOLD = frozenset({"superseded", "failed", "withdrawn"})


class Letters:
    """Reckons up letters at the end of a run. `broken` takes the promise, the delivery's row and what was seen."""

    def __init__(self, promises: Promises, broken: Callable[[str, Row, str], None]) -> None:
        self.promises, self.broken = promises, broken

    def reckon(self, row: Row, *, by_hand: bool) -> None:
        """Look at every recipient of one delivery."""
        rows = self.promises.database.ask("SELECT * FROM recipient WHERE delivery_id = ? ORDER BY number", row["id"])
        if not rows and row["state"] not in ("skipped", "affected"):
            self.broken("lost", row, "it is for nobody")
        for one in rows:
            has, found = Has(one["state"]), self._found(row, one["name"])
            self._one(row, one["name"], has, found, by_hand)
        if row["state"] == "published" and not by_hand:
            missing = [one["name"] for one in rows if one["state"] != Has.ACCEPTED]
            if missing:
                self.broken("lost", row, f"published, and {missing} have nothing")

    def _found(self, row: Row, name: str) -> int:
        return len(self.promises.arrived.get((row["channel"], row["mark"], row["language"], name), []))

    def _one(self, row: Row, name: str, has: Has, found: int, by_hand: bool) -> None:
        if has in (Has.OWED, Has.SENDING):
            self.broken("nothing is stuck", row, f"{name} is {has}")
        if has is Has.ACCEPTED and not found:
            self.broken("a receipt is proof", row, f"{name} is said to have it and has nothing")
        if has in (Has.MISSED, Has.DROPPED) and found:
            self.broken("the board is true", row, f"{name} is said to have nothing and has it")
        if has in (Has.MISSED, Has.UNSURE) and not (by_hand or row["alarms"] or row["state"] in _TOLD):
            self.broken("a person is told", row, f"{name} is {has} and nobody was told")
        stopped = row["intent"] == "withdraw" or row["state"] in ("superseded", "skipped", "failed")
        if has is Has.DROPPED and not stopped:
            self.broken("lost", row, f"{name} was left out for no reason")
