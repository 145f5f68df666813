"""What every command needs, and the exit codes: 0 is good, 1 is trouble found, 2 is wrong usage."""

from pathlib import Path
from typing import Any

import pytest

from broadcaster.__main__ import COMMANDS
from broadcaster.commands.wiring import Wiring
from broadcaster.errors import Unfit

Operator = Any


def test_help_names_every_command_and_needs_nothing(stranger: Operator) -> None:
    shown = stranger.run("--help")
    assert shown.returncode == 0
    assert [name for name in COMMANDS if f"\n  {name} " not in shown.stdout] == []


def test_every_command_explains_itself(stranger: Operator) -> None:
    for name in COMMANDS:
        shown = stranger.type(name, "--help")
        assert shown.exit_code == 0 and len(shown.output.splitlines()) > 3, name


def test_wrong_usage_is_2_and_missing_settings_are_1_in_words(stranger: Operator) -> None:
    assert stranger.type("brevduva").exit_code == 2
    assert stranger.type("users", "add").exit_code == 2
    missing = stranger.run("users", "list")
    assert missing.returncode == 1
    assert missing.stderr.startswith("broadcaster: BROADCASTER_CONFIG is not set")
    assert "Traceback" not in missing.stderr


@pytest.mark.parametrize("command", ["serve", "work"])
def test_a_service_without_its_secret_does_not_start_and_says_which(operator: Operator, command: str) -> None:
    if command == "serve":
        operator.environ.pop("BROADCASTER_SECRET_KEY_FILE")
        wanted = "BROADCASTER_SECRET_KEY is missing"
    else:
        settings = operator.folder / "settings.toml"
        text = settings.read_text("utf-8")
        page = '[channels.facebook]\nkind = "facebook"\npage_id = "1"\napp_id = "1"\n'
        settings.write_text(text + page, "utf-8")
        wanted = "BROADCASTER_FACEBOOK_TOKEN is missing"
    found = operator.run(command)
    assert found.returncode == 1
    assert wanted in found.stderr and "Traceback" not in found.stderr


def test_a_database_that_does_not_answer_is_an_error_in_words(operator: Operator) -> None:
    operator.environ["BROADCASTER_DATABASE_URL"] = "postgresql+psycopg://kris:hemligt@127.0.0.1:1/kris"
    found = operator.run("users", "list")
    assert found.returncode == 1
    assert "cannot be reached" in found.stderr
    assert "hemligt" not in found.stderr and "Traceback" not in found.stderr


def test_where_the_web_listens() -> None:
    assert Wiring({}).address == ("127.0.0.1", 8000)
    assert Wiring({"BIND": "", "PORT": ""}).address == ("127.0.0.1", 8000)
    assert Wiring({"BIND": "0.0.0.0", "PORT": "9000"}).address == ("0.0.0.0", 9000)
    for port in ("http", "-1", "65536", "8000 ", "²"):
        with pytest.raises(Unfit, match="PORT"):
            _ = Wiring({"PORT": port}).address


def test_playbooks_come_from_the_settings_or_from_here(operator: Operator) -> None:
    assert Wiring(operator.environ).playbook_folder == Wiring(operator.environ).settings.playbook_folder
    assert Wiring({}).playbook_folder in (Path("playbooks"), Path(__file__).parents[2] / "playbooks")


def test_a_key_is_printed_once_and_nothing_else(operator: Operator) -> None:
    made = operator.type("keys", "add", "vaxel", "--scopes", "read,send", "--mode", "drill")
    assert made.exit_code == 0
    assert made.output.startswith("cb_drill_") and len(made.output.split()) == 1
    assert made.output.strip() not in operator.type("keys", "list").output
    assert operator.type("keys", "add", "vaxel", "--scopes", "everything", "--mode", "live").exit_code == 2
    assert operator.type("keys", "revoke", "vaxel").output == "revoked 1\n"


@pytest.mark.parametrize("hops", ["one", "-1", "1.5", "99"])
def test_a_number_of_proxies_that_is_none_is_said_in_words(hops: str) -> None:
    """Counting the proxies wrongly would believe a visitor's own word for the address, so it is never guessed."""
    with pytest.raises(Unfit, match="PROXY_HOPS"):
        _ = Wiring({"PROXY_HOPS": hops}).proxy_hops
    assert Wiring({}).proxy_hops == 0
    assert Wiring({"PROXY_HOPS": "1"}).proxy_hops == 1
