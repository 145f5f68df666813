"""Hostile values at the door: every blank of every playbook refuses them by name, and nothing is stored."""

import pytest
from machine import Machine
from service import PLAYBOOKS, Service

IDS = sorted(file.stem for file in PLAYBOOKS.glob("*.toml") if file.stem != "register")
HOSTILE = {
    "template": "{{7*7}}",
    "format": "{0.__class__}",
    "hole": "${mark}",
    "markup": "<script>alert(1)</script>",
    "right-to-left override": "Karlstad\u202e",
    "look-alike": "K\u0430rlstad",
    "NUL": "Karl\x00stad",
}


@pytest.mark.parametrize("hostile", list(HOSTILE.values()), ids=list(HOSTILE))
def test_every_blank_of_every_playbook_refuses_it(still: Service, reader: Machine, hostile: str) -> None:
    """All at once, each at its own pointer, in words that carry nothing of it."""
    for playbook in IDS:
        blanks = still.parts.playbooks[playbook].blanks("first")
        asked = {blank.name: hostile for blank in blanks}
        body = {"playbook": playbook, "phase": "first", "mode": "live", "incident": None, "blanks": asked}
        for answer in (reader.post("/previews", body), reader.send(body)):
            assert answer.status_code == 422 and answer.json is not None
            assert {one["pointer"] for one in answer.json["errors"]} == {f"/blanks/{name}" for name in asked}
            assert all(one["message"].isprintable() for one in answer.json["errors"])
