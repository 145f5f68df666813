"""The tables of docs/outcomes.md as a test reads them: rows by heading, and the outcome a cell promises for a step."""

import re
from pathlib import Path

from broadcaster.channels import Fact, Reason, Step

PAGE = (Path(__file__).parents[2] / "docs" / "outcomes.md").read_text("utf-8")
#: Which column speaks of which adapter.
COLUMNS = {"draft": "Facebook", "post": "Facebook", "cms": "content API", "phone": "phone gateway",
           "site": "the website's app"}  # fmt: skip

#: Letters are only sent, so each kind has a table of its own.
LETTERS = {"email": "A mail server's replies", "sms_46elks": "46elks' answers"}

Row = dict[str, str]


def table(heading: str) -> dict[str, Row]:
    """Return the rows under `heading` by their first cell, each cell by the name of its column."""
    part = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line[:1] == "|"]
    names, rows = cells[0], cells[2:]
    found = {row[0]: dict(zip(names, row, strict=True)) for row in rows}
    assert len(found) == len(rows), f"{heading}: a row stands there twice"
    return found


def promised(cell: str, step: Step) -> tuple[Fact, Reason]:
    """Return what `cell` says of `step`."""
    usual, *others = cell.split(";")
    for other in others:
        steps, said = other.split(":")
        if step in [Step(name.strip()) for name in steps.split(",")]:
            return _outcome(said)
    return _outcome(usual)


def statuses(heading: str, first: str) -> list[int]:
    """Return the statuses a first cell names; "any other 4xx" is what no row of the table names."""
    if first == "any other 4xx":
        named = {status for row in table(heading) if row != first for status in statuses(heading, row)}
        return [status for status in range(400, 500) if status not in named]
    found: list[int] = []
    for begin, end in re.findall(r"(\d{3})(?:–(\d{3}))?", first):
        found += range(int(begin), int(end or begin) + 1)
    return found


def codes(first: str) -> list[tuple[int, int | None]]:
    """Return the codes, or codes with subcodes, that a first cell names."""
    found: list[tuple[int, int | None]] = []
    for begin, end, subcode in re.findall(r"`(\d+)(?:–(\d+))?(?:/(\d+))?`", first):
        found += [(code, int(subcode) if subcode else None) for code in range(int(begin), int(end or begin) + 1)]
    return found


def _outcome(said: str) -> tuple[Fact, Reason]:
    fact, _, reason = said.strip().rpartition(" ")
    return Fact(fact.replace(" ", "_")), Reason(reason)
