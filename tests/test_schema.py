"""The form of the files as editors read it: the same as what the service reads, with a word on every key."""

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from broken_playbooks import SOUND

from broadcaster import schema
from broadcaster.keys import KEYS
from broadcaster.manuscript import Playbook
from broadcaster.schema import schemas

FOLDER = Path(__file__).parent.parent / "playbooks"
MADE: dict[str, Any] = {name: json.loads(text) for name, text in schemas().items()}
FILES = sorted([*FOLDER.glob("*.toml"), *SOUND.glob("*.toml")])


def schema_of(file: Path) -> Any:
    return MADE["register.json" if file.name == "register.toml" else "playbook.json"]


def test_the_published_schemas_are_the_ones_made_from_the_code() -> None:
    """Otherwise run: broadcaster playbooks schema --into playbooks/schema."""
    held = {file.name: file.read_text("utf-8") for file in (FOLDER / "schema").glob("*.json")}
    assert held == schemas(), "run: broadcaster playbooks schema --into playbooks/schema"


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_every_sound_file_has_that_form(file: Path) -> None:
    """An editor must not underline what the service takes."""
    jsonschema_rs.validator_for(schema_of(file)).validate(tomllib.loads(file.read_text("utf-8")))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version = 1", 'version = "1"'),
        ("version = 1", "version = 1\nversjon = 2"),
        ('if_unsure = "silence"', 'if_unsure = "both"'),
        ('editor = "eva"\n', ""),
        ("[blanks.start]", "[blanks.Start]"),
        ("[texts.first.facebook]", "[texts.second.facebook]"),
        ("[top_line.all_clear]", "[top_line.ended]"),
        ('severity = "Severe"', 'severity = "Awful"'),
        ('type = "time"', 'type = "clock"'),
    ],
)
def test_what_the_service_refuses_for_its_form_is_underlined_in_the_editor_too(old: str, new: str) -> None:
    text = (SOUND / "strommen.toml").read_text("utf-8")
    assert old in text
    broken = tomllib.loads(text.replace(old, new, 1))
    with pytest.raises(ValueError, match=r".+"):
        Playbook.model_validate(broken)
    assert not jsonschema_rs.validator_for(MADE["playbook.json"]).is_valid(broken)


def test_every_key_says_what_it_is_for_in_both_languages() -> None:
    """And nothing is explained that no file has any more."""
    found = set()
    for kind in schema.FILES.values():
        whole = kind.model_json_schema()
        for name, part in {**whole["$defs"], kind.__name__: whole}.items():
            found |= {f"{name}.{key}" for key in part.get("properties", {}) if key != "also"}  # nobody writes that one
    assert set(KEYS) == found
    assert all(text.sv.endswith((".", "…")) and text.en.endswith((".", "…")) for text in KEYS.values())


def test_the_schemas_name_no_address_that_anybody_would_ask() -> None:
    """A crisis is written in a room without a network; the dialect is a name."""
    for made in MADE.values():
        assert json.dumps({**made, "$schema": ""}).count("://") == 0
