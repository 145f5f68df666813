"""`init`, `migrate`, `check`, `backup`, `healthcheck`: setting up, and looking after it."""

import re
import sqlite3
import stat
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from service import PLAYBOOKS

from broadcaster.sandbox import Sandbox

#: Playbooks that nobody has approved yet: all but the register.
PENDING = len(list(PLAYBOOKS.glob("*.toml"))) - 1
INIT = ("--name", "Region Värmland", "--short", "RV", "--county", "17", "--base-url", "https://kris.region.example")
Operator = Any


class TestInit:
    def test_it_makes_settings_a_secret_a_database_and_the_first_administrator(self, operator: Operator) -> None:
        key = operator.folder / "secrets" / "secret_key"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
        assert len(key.read_text().strip()) >= 32
        settings = tomllib.loads((operator.folder / "settings.toml").read_text("utf-8"))
        assert settings["organisation"]["name"] == "Region Värmland"
        assert operator.type("users", "list").output == "admin\tadministrator\tactive\n"
        assert operator.type("audit", "verify").exit_code == 0

    def test_it_never_writes_over_what_is_there(self, operator: Operator) -> None:
        before = (operator.folder / "settings.toml").read_bytes()
        again = operator.type("init", str(operator.folder), *INIT, "--admin", "x2", "--password-stdin", given="y" * 20)
        assert again.exit_code == 1 and "exists already" in again.output
        assert (operator.folder / "settings.toml").read_bytes() == before

    @pytest.mark.parametrize(
        ("change", "password"),
        [
            (("17", "seventeen"), "fyra ord utan samband"),
            (("https://kris.region.example", "http://kris.region.example"), "fyra ord utan samband"),
            ((), "kort"),
        ],
    )
    def test_an_answer_that_does_not_fit_leaves_nothing_so_that_it_can_be_done_again(
        self, stranger: Operator, change: tuple[str, str] | tuple[()], password: str
    ) -> None:
        words = [change[1] if change and word == change[0] else word for word in INIT]
        words += ["--admin", "admin", "--password-stdin"]
        made = stranger.type("init", str(stranger.folder), *words, given=password)
        assert made.exit_code == 1
        assert [file for file in stranger.folder.rglob("*") if file.is_file()] == []
        stranger.set_up()

    @pytest.mark.parametrize("name", ['Region "Citat"', "Region\\Bak", 'R"\n[alarm]\nwebhook = "https://x.example'])
    def test_no_name_can_write_settings_of_its_own(self, stranger: Operator, name: str) -> None:
        words = ["--name", name, *INIT[2:], "--admin", "admin", "--password-stdin"]
        made = stranger.type("init", str(stranger.folder), *words, given="fyra ord utan samband")
        assert made.exit_code == 0, made.output
        settings = tomllib.loads((stranger.folder / "settings.toml").read_text("utf-8"))
        assert settings["organisation"]["name"] == name
        assert "webhook" not in settings["alarm"]

    def test_what_it_tells_to_export_can_be_pasted_whatever_the_folder_is_called(self, stranger: Operator) -> None:
        folder = stranger.folder / "min mapp"
        words = [str(folder), *INIT, "--admin", "admin", "--password-stdin"]
        made = stranger.type("init", *words, given="fyra ord utan samband")
        assert f"export BROADCASTER_CONFIG='{folder}/settings.toml'" in made.output


class TestMigrate:
    def test_it_makes_the_database_and_can_be_repeated(self, operator: Operator) -> None:
        (operator.folder / "broadcaster.db").unlink()
        assert "broadcaster migrate" in str(operator.type("users", "list").exception)
        assert not (operator.folder / "broadcaster.db").exists(), "only migrate makes a database"
        for _ in range(2):
            made = operator.type("migrate")
            assert (made.exit_code, made.output) == (0, "the database is up to date\n")
        assert operator.type("users", "list").output == ""

    def test_a_database_that_cannot_be_made_is_said_to_be_so(self, operator: Operator) -> None:
        operator.environ["BROADCASTER_DATABASE_URL"] = "postgresql+psycopg://kris:hemligt@127.0.0.1:1/kris"
        made = operator.type("migrate")
        assert made.exit_code == 1
        assert "cannot be made or changed" in made.output
        assert "hemligt" not in made.output and "Traceback" not in made.output


class TestCheck:
    def test_it_names_everything_that_is_not_as_it_should_be(self, operator: Operator) -> None:
        found = operator.type("check")
        assert found.exit_code == 1
        assert "log: sound, entries: 2" in found.output
        assert "playbook telefoni-1177: pending" in found.output
        assert "alarm: warning: no way" in found.output
        assert "channel own_web: green" in found.output
        assert f"{PENDING} things need attention" in found.output

    def test_all_is_well_once_the_words_are_approved_and_a_short_secret_is_trouble(
        self, operator: Operator, approve_all: Callable[[Operator], None]
    ) -> None:
        approve_all(operator)
        found = operator.type("check")
        assert (found.exit_code, found.output.splitlines()[-1]) == (0, "everything is in order")
        operator.environ["BROADCASTER_SECRET_KEY"] = "alldeles for kort"
        short = operator.type("check")
        assert short.exit_code == 1 and "BROADCASTER_SECRET_KEY is shorter than 32" in short.output
        operator.environ["BROADCASTER_SECRET_KEY"] = "changeme"
        assert "placeholder" in operator.type("check").output

    def test_a_register_of_another_county_is_told_beside_our_own_page(self, operator: Operator) -> None:
        """The settings and the register must agree, or other warning systems get the wrong area."""
        file = operator.folder / "settings.toml"
        file.write_text(file.read_text("utf-8").replace('county = "17"', 'county = "23"'), "utf-8")
        found = operator.type("check").output
        assert "channel own_web: amber: The register is for Värmlands län (17), but the settings say" in found

    def test_the_sites_that_messages_may_lead_to_are_looked_at_when_asked(
        self, operator: Operator, tmp_path: Path
    ) -> None:
        """A number in place of a name asks nobody, and what is no public address is not asked."""
        small = tmp_path / "small"
        small.mkdir()
        for file in (PLAYBOOKS.parent / "tests" / "sound").glob("*.toml"):
            words = file.read_text("utf-8").replace('value = "010-111 11 11"', 'value = "127.0.0.1"')
            (small / file.name).write_text(words, "utf-8")
        settings = operator.folder / "settings.toml"
        named = re.sub(r'(?m)^folder = .*$', f'folder = "{small}"', settings.read_text("utf-8"))
        settings.write_text(named, "utf-8")
        assert "links" not in operator.type("check").output
        assert "links: sites looked at: 1, without a page: 0" in operator.type("check", "--links").output

    def test_what_no_program_can_find_out_is_said_and_counts_as_no_trouble(
        self, operator: Operator, approve_all: Callable[[Operator], None]
    ) -> None:
        """An app in development mode looks the same from here, while nobody sees its posts."""
        approve_all(operator)
        with Sandbox() as imitations:
            with (operator.folder / "settings.toml").open("a", encoding="utf-8") as settings:
                settings.write(
                    f'\n[channels.facebook]\nkind = "facebook"\nbase_url = "{imitations.url}/graph"\n'
                    'page_id = "100200300"\napp_id = "4711"\n'
                )
            operator.environ["BROADCASTER_FACEBOOK_TOKEN"] = "PAGETOK"
            operator.environ["BROADCASTER_FACEBOOK_APP_SECRET"] = "s3cr3t"
            found = operator.type("check")
        assert found.exit_code == 0, found.output
        assert "channel facebook: green" in found.output
        assert "channel facebook: cannot be checked from here: Facebook does not tell whether the app is live." in (
            found.output
        )

    def test_half_an_alarm_is_warned_of_and_a_test_alarm_that_fails_is_trouble(self, operator: Operator) -> None:
        settings = operator.folder / "settings.toml"
        text = settings.read_text("utf-8")
        settings.write_text(text.replace("repeat_s = 300", 'smtp = "smtp://127.0.0.1:1"'), "utf-8")
        assert "[alarm] needs sender" in operator.type("check").output
        settings.write_text(
            text.replace("repeat_s = 300", 'smtp = "smtp://127.0.0.1:1"\nsender = "kris@region.example"'), "utf-8"
        )
        assert "try it with --test-alarm" in operator.type("check").output
        tried = operator.type("check", "--test-alarm")
        assert "alarm: FAILED: email: ConnectionRefusedError" in tried.output
        assert f"{PENDING + 1} things need attention" in tried.output


class TestBackup:
    def test_the_copy_is_whole_and_for_its_owner_alone(self, operator: Operator) -> None:
        copy = operator.folder / "copy.db"
        assert operator.type("backup", str(copy)).exit_code == 0
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        with sqlite3.connect(copy) as connection:
            assert connection.execute("SELECT name FROM user_account").fetchall() == [("admin",)]
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()
        again = operator.type("backup", str(copy))
        assert again.exit_code == 1 and "exists already" in again.output
        nowhere = operator.type("backup", str(operator.folder / "none" / "copy.db"))
        assert nowhere.exit_code == 1 and "cannot be written" in nowhere.output


def test_a_container_is_told_that_nothing_answers(operator: Operator) -> None:
    operator.environ["PORT"] = "1"
    assert operator.type("healthcheck").exit_code == 1
