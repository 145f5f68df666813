"""What README says of commands, settings, secrets and verbs is what the code has, all of it and nothing else."""

import re
from pathlib import Path
from typing import get_args

import click
import pytest
from pydantic import BaseModel

from broadcaster import settings
from broadcaster.__main__ import COMMANDS, cli
from broadcaster.auth.client import KEY_SCOPES, ROLES
from broadcaster.settings import Alarm, ContentManagement, Delivery, Facebook, Manual, Organisation, PhoneGateway

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
CODE = "\n".join(file.read_text("utf-8") for file in (ROOT / "broadcaster").rglob("*.py"))
MAKE = (ROOT / "Makefile").read_text("utf-8")


def table_after(heading: str) -> str:
    """Return what stands under a heading, up to the next one."""
    return README.split(f"\n{heading}\n", 1)[1].split("\n## ")[0].split("\n### ")[0]


def commands_of(name: str) -> list[str]:
    command = cli.get_command(click.Context(cli), name)
    return list(command.commands) if isinstance(command, click.Group) else []


def test_every_command_and_every_verb_under_it_is_in_the_table_and_no_other() -> None:
    table = table_after("### Commands")
    for name in COMMANDS:
        assert f"`{name}`" in table or f"`broadcaster {name}`" in table, name
    for group in ("playbooks", "audit"):
        for verb in commands_of(group):
            assert re.search(rf"`{verb}( \[?[A-Z]+\]?)?`", table), f"{group} {verb}"
    first_column = "".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE))
    said = set(re.findall(r"`([a-z ]+)`", first_column))
    assert {name.removeprefix("broadcaster ") for name in said} == set(COMMANDS)


def test_every_command_line_in_the_text_exists() -> None:
    for line in re.findall(r"^broadcaster .*$|`broadcaster [^`]*`", README, re.MULTILINE):
        words = line.strip("`").split()[1:]
        assert words[0] in COMMANDS, line
        verbs = commands_of(words[0])
        assert not verbs or len(words) == 1 or words[1] in verbs, line


@pytest.mark.parametrize(
    ("section", "part"),
    [
        ("[organisation]", Organisation),
        ("[delivery]", Delivery),
        ("[alarm]", Alarm),
        ("[channels.facebook]", Facebook),
        ("[channels.1177_notice]", ContentManagement),
        ("[channels.1177_phone]", PhoneGateway),
        ("[channels.<your own>]", Manual),
    ],
)
def test_every_setting_is_in_the_table_under_its_section(section: str, part: type[BaseModel]) -> None:
    row = next(line for line in table_after("### Settings").split("\n") if f"`{section}`" in line)
    missing = [name for name in part.model_fields if f"`{name}`" not in row and f"{name} =" not in row]
    assert missing == []


def test_every_section_of_the_settings_is_there() -> None:
    table = table_after("### Settings")
    for name in settings.Settings.model_fields:
        if name not in ("folder", "channels"):
            assert f"`[{name}]`" in table, name
    parts: tuple[type[BaseModel], ...] = (Facebook, ContentManagement, PhoneGateway, Manual)
    kinds = {get_args(one.model_fields["kind"].annotation)[0] for one in parts}
    assert [kind for kind in kinds if kind not in table] == []


def test_every_secret_the_code_asks_for_is_named_and_no_other() -> None:
    asked = set(re.findall(r"BROADCASTER_[A-Z0-9_]*[A-Z0-9]", CODE)) - {"BROADCASTER_CONFIG", "BROADCASTER_PARENT"}
    asked = {name.removesuffix("_FILE") for name in asked}
    named = set(re.findall(r"BROADCASTER_[A-Z0-9_]*[A-Z0-9]", README)) - {"BROADCASTER_CONFIG"}
    # The key of the signed tree and what only tests and checks set may be named in the code before they are used.
    assert named <= asked
    assert {name for name in asked if name.endswith(("TOKEN", "SECRET", "PASSWORD", "KEY", "ID", "URL"))} <= named


def test_roles_and_scopes_are_the_codes() -> None:
    table = table_after("### Commands")
    assert [role for role in ROLES if role not in table] == []
    assert [scope for scope in KEY_SCOPES if f"`{scope}`" not in table] == []


def test_every_make_verb_in_the_text_exists_and_explains_itself() -> None:
    verbs = dict(re.findall(r"^([a-z]+):[^\n]*?## (.+)$", MAKE, re.MULTILINE))
    said = set(re.findall(r"`make ([a-z]+)`|^make ([a-z]+)", README, re.MULTILINE))
    named = {one or other for one, other in said}
    assert named >= {"demo", "test"}
    assert named <= set(verbs)


def test_every_file_it_points_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if "://" not in target:
            assert (ROOT / target).exists(), target
