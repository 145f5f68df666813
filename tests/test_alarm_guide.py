"""The page about alarms: what it tells an administrator to paste is accepted as it stands."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from broadcaster.commands import demo
from broadcaster.roster import Roster
from broadcaster.roster_check import problems
from broadcaster.sandbox import Sandbox
from broadcaster.settings import Alarm, Settings
from broadcaster.store import utc_now

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "alarms.md").read_text("utf-8")
CODE = "\n".join(file.read_text("utf-8") for file in (ROOT / "broadcaster").rglob("*.py"))
ORGANISATION = {"name": "Region Exempel", "short": "RE", "county": "17", "base_url": "https://kris.region.example"}


def test_the_shortest_roster_of_it_has_nothing_wrong() -> None:
    given = tomllib.loads(re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)[0])
    values = {"folder": Path("/"), "organisation": ORGANISATION, "channels": {"own_web": {"kind": "own_web"}}, **given}
    assert problems(Roster.of(Settings.model_validate(values)), utc_now()) == []


def test_every_setting_in_its_table_exists_and_every_secret_is_asked_for() -> None:
    table = GUIDE.split("## Settings under `[alarm]`")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) <= Alarm.model_fields.keys()
    named = set(re.findall(r"BROADCASTER_[A-Z0-9_]*[A-Z0-9]", GUIDE))
    assert {name for name in named if f'"{name}"' not in CODE} == set()


def test_every_script_and_account_in_it_is_taken_by_the_imitations() -> None:
    documents = [json.loads(found) for found in re.findall(r"(?:-d '|`)(\{\s*\"[^'`]*\})['`]", GUIDE)]
    with Sandbox() as sandbox:
        for document in documents:
            if document.keys() & {"facebook", "elks", "smtp"}:
                sandbox.state.script.put(document)
            elif document.keys() & {"credit"}:
                sandbox.state.elks.put(document)
    assert sum(bool(one.keys() & {"facebook", "elks", "smtp"}) for one in documents) == 2


@pytest.mark.parametrize("do", ["undelivered", "applied_then_drop", "token_dead", "lost"])
def test_every_word_it_offers_for_an_sms_is_one_of_the_script(do: str) -> None:
    assert f"`{do}`" in GUIDE or f'"do": "{do}"' in GUIDE
    with Sandbox() as sandbox:
        sandbox.state.script.put({"elks": [{"on": "POST /a1/sms", "do": do}]})


def test_the_numbers_in_its_steps_are_those_of_the_demo() -> None:
    said = GUIDE.split("## Try it")[1].split("**With your own settings**")[0]
    assert set(re.findall(r"\+467\d{8}", said)) == {demo.BO, demo.SENDER}
