"""The settings: nonsense does not start, and every refusal says what to change."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from broadcaster.errors import Unfit
from broadcaster.settings import (
    FRIENDLY,
    IMITATION_TOKENS,
    Delivery,
    Settings,
    is_https_or_loopback,
    is_loopback_http,
    load,
    required_secret,
    secret,
)

GOOD = """
[organisation]
name = "Region Värmland"
short = "RV"
county = "17"
base_url = "https://kris.region.example"
[channels.own_web]
kind = "own_web"
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Return what writes a settings file and gives the environment that names it."""

    def write_(text: str) -> dict[str, str]:
        file = tmp_path / "settings.toml"
        file.write_text(text, "utf-8")
        return {"BROADCASTER_CONFIG": str(file)}

    return write_


Write = Callable[[str], dict[str, str]]


def test_the_least_that_is_needed_is_enough(write: Write, tmp_path: Path) -> None:
    settings = load(write(GOOD))
    assert settings.organisation.base_url == "https://kris.region.example"
    assert settings.delivery.grace_s == 330
    assert settings.zone.key == "Europe/Stockholm"
    assert settings.folder == tmp_path


def test_relative_paths_count_from_the_settings_file_wherever_the_command_is_run(write: Write, tmp_path: Path) -> None:
    settings = load(write(GOOD))
    assert settings.database_url == f"sqlite:///{tmp_path}/broadcaster.db"
    assert settings.playbook_folder == tmp_path / "playbooks"
    other = load(write(GOOD + '[database]\nurl = "sqlite:////var/lib/b.db"\n[playbooks]\nfolder = "../mallar"\n'))
    assert other.database_url == "sqlite:////var/lib/b.db"
    assert other.playbook_folder == tmp_path.parent / "mallar"


def test_the_environment_names_the_database_where_it_holds_a_password(write: Write, tmp_path: Path) -> None:
    url = "postgresql+psycopg://kris:hemligt@db.example/kris"
    assert load({**write(GOOD), "BROADCASTER_DATABASE_URL": url}).database_url == url
    (tmp_path / "url").write_text(url + "\n")
    assert load({**write(GOOD), "BROADCASTER_DATABASE_URL_FILE": str(tmp_path / "url")}).database_url == url


def test_nothing_can_be_changed_afterwards(write: Write) -> None:
    settings = load(write(GOOD))
    with pytest.raises(ValidationError):
        settings.delivery.grace_s = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("https://kris.region.example", "http://kris.region.example"), "organisation.base_url"),
        (("https://kris.region.example", "https://kris.region.example/app?x=1"), "only https:// and a host"),
        (("https://kris.region.example", "https://user:pw@kris.region.example"), "only https:// and a host"),
        (("https://kris.region.example", "https://kris.region.example:99999"), "1-65535"),
        (("https://kris.region.example", "https://[kris"), "organisation.base_url"),
        (('"RV"', '"rv"'), "organisation.short"),
        (('"17"', '"7"'), "organisation.county"),
        (('county = "17"', ""), "organisation.county"),
        (("[channels.own_web]", 'timezone = "Europe/Karlstad"\n[channels.own_web]'), "unknown time zone"),
        (("[channels.own_web]", '[delivery]\nlease_s = 10\n[channels.own_web]'), "lease_s must be longer"),
        (("[channels.own_web]", '[delivery]\ngrace_s = 10\n[channels.own_web]'), "allow_short_grace"),
        (("[channels.own_web]", '[delivery]\ngrace_s = inf\n[channels.own_web]'), "delivery.grace_s"),
        (("[channels.own_web]", '[delivery]\nnot_after_minutes = 1e12\n[channels.own_web]'), "not_after_minutes"),
        (("[channels.own_web]", '[delivery]\nsweep_s = nan\n[channels.own_web]'), "delivery.sweep_s"),
        (("[channels.own_web]", '[delivery]\ngrace = 400\n[channels.own_web]'), "delivery.grace"),
        (("[channels.own_web]", '[alarm]\nsmtp = "mail.example:587"\n[channels.own_web]'), "smtp://host"),
        (("[channels.own_web]", '[alarm]\nsmtp = "smtp://"\n[channels.own_web]'), "smtp://host"),
        (("[channels.own_web]", '[alarm]\nsmtp = "smtp://u:p@h"\n[channels.own_web]'), "BROADCASTER_SMTP_PASSWORD"),
        (("[channels.own_web]", '[alarm]\nsmtp = "smtp://h:0x"\n[channels.own_web]'), "1-65535"),
        (("[channels.own_web]", '[alarm]\nsender = "kris"\n[channels.own_web]'), "alarm.sender"),
        (("[channels.own_web]", '[alarm]\nsender = "a@b.se\\nBcc: c@d.se"\n[channels.own_web]'), "alarm.sender"),
        (("[channels.own_web]", '[alarm]\npeople = [{name="K", email="k@"}]\n[channels.own_web]'), "people.0.email"),
        (("[channels.own_web]", '[alarm]\nwebhook = "http://x.example"\n[channels.own_web]'), "alarm.webhook"),
        (("[channels.own_web]", '[database]\nurl = "postgresql://a@b/c"\n[channels.own_web]'), "postgresql+psycopg"),
        (("[channels.own_web]", '[database]\nurl = "sqlite://"\n[channels.own_web]'), "sqlite:///<file>"),
        (("[channels.own_web]", '[database]\nurl = "sqlite:///"\n[channels.own_web]'), "sqlite:///<file>"),
        (("[channels.own_web]", '[database]\nurl = "sqlite:///:memory:"\n[channels.own_web]'), "sqlite:///<file>"),
        (("[channels.own_web]", '[database]\nurl = "broadcaster.db"\n[channels.own_web]'), "sqlite:///<file>"),
        (("[channels.own_web]", '[channels.P4]\nkind = "manual"\nassignee = "x"\n[channels.own_web]'), "a-z, 0-9"),
        (("[channels.own_web]", f'[channels.{"p" * 33}]\nkind = "own_web"\n[channels.own_web]'), "at most 32"),
        (("[channels.own_web]", '[channels.p4]\nkind = "own_web"\n[channels.own_web]'), "channel p4"),
        (("[channels.own_web]", '[channels.p4]\nkind = "manual"\n[channels.own_web]'), "assignee"),
        (('"own_web"', f'"own_web"\n[channels.p4]\nkind = "manual"\nassignee = "{"x" * 121}"'), "assignee"),
        (('"own_web"', '"own_web"\n[channels.facebook]\nkind = "facebook"\npage_id = "me"\napp_id = "1"'), "page_id"),
        (
            (
                "[channels.own_web]",
                '[channels.1177_phone]\nkind = "phone_gateway"\nbase_url = "http://pbx.example"\n[channels.own_web]',
            ),
            "loopback",
        ),
        (("[channels.own_web]", "folder = 3\n[channels.own_web]"), "organisation.folder"),
        (("[organisation]", 'folder = "/etc"\n[organisation]'), "folder"),
        (("[organisation]", "unknown = 1\n[organisation]"), "unknown"),
        (("[organisation]", "[organisation"), "not TOML"),
        (('kind = "own_web"', 'kind = "carrier_pigeon"'), "channels.own_web"),
        (('kind = "own_web"', ""), "channels.own_web"),
    ],
)  # fmt: skip
def test_nonsense_does_not_start_and_says_where_it_is(write: Write, change: tuple[str, str], said: str) -> None:
    assert change[0] in GOOD
    environ = write(GOOD.replace(*change))
    with pytest.raises(Unfit) as refusal:
        load(environ)
    assert "settings.toml" in str(refusal.value)
    assert said in str(refusal.value)


def test_no_file_named_or_none_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Unfit, match="broadcaster init"):
        load({})
    with pytest.raises(Unfit, match="cannot be read"):
        load({"BROADCASTER_CONFIG": str(tmp_path / "none.toml")})
    (tmp_path / "latin.toml").write_bytes("[organisation]\nname = 'Värmland'".encode("latin-1"))
    with pytest.raises(Unfit, match="not TOML"):
        load({"BROADCASTER_CONFIG": str(tmp_path / "latin.toml")})


def test_a_wrong_database_address_is_refused_without_its_password(write: Write) -> None:
    with pytest.raises(Unfit) as refusal:
        load({**write(GOOD), "BROADCASTER_DATABASE_URL": "postgres://kris:hemligt-losen@db/kris"})
    assert "hemligt-losen" not in str(refusal.value)


class TestSecrets:
    def test_a_secret_comes_from_the_environment_or_from_the_file_it_names(self, tmp_path: Path) -> None:
        (tmp_path / "token").write_text("from-the-file\n")
        assert secret("T", {"T": "from-the-environment", "T_FILE": str(tmp_path / "token")}) == "from-the-environment"
        assert secret("T", {"T_FILE": str(tmp_path / "token")}) == "from-the-file"
        assert secret("T", {"T": "", "T_FILE": str(tmp_path / "token")}) == "from-the-file"
        assert secret("T", {}) is None
        assert secret("T", {"T": ""}) is None

    def test_a_file_that_gives_no_secret_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "empty").write_text("\n")
        (tmp_path / "binary").write_bytes(b"\xff\x00\xfe")
        for name in ("missing", "empty", "binary"):
            with pytest.raises(Unfit, match=f"T_FILE: .*{name}"):
                secret("T", {"T_FILE": str(tmp_path / name)})

    @pytest.mark.parametrize("value", sorted(FRIENDLY))
    def test_what_people_leave_behind_from_examples_is_no_secret(self, value: str) -> None:
        for written in (value, value.upper(), f" {value} "):
            with pytest.raises(Unfit, match=r"BROADCASTER_X.*BROADCASTER_X_FILE"):
                required_secret("BROADCASTER_X", environ={"BROADCASTER_X": written})

    @pytest.mark.parametrize("value", sorted(IMITATION_TOKENS))
    def test_the_imitations_tokens_open_nothing_but_imitations(self, value: str) -> None:
        with pytest.raises(Unfit, match="loopback"):
            required_secret("T", environ={"T": value})
        assert required_secret("T", imitation=True, environ={"T": value}) == value

    def test_a_missing_secret_is_named(self) -> None:
        with pytest.raises(Unfit, match="BROADCASTER_FACEBOOK_TOKEN is missing"):
            required_secret("BROADCASTER_FACEBOOK_TOKEN", environ={})


class TestWhereWordsMayTravel:
    @pytest.mark.parametrize(
        "url",
        ["http://127.0.0.1:8001/graph", "http://localhost", "http://[::1]:80/", "http://127.9.9.9", "http://LOCALHOST"],
    )
    def test_plain_http_stays_on_this_machine(self, url: str) -> None:
        assert is_loopback_http(url) and is_https_or_loopback(url)

    @pytest.mark.parametrize(
        "url",
        [
            "http://example.com",
            "http://127.0.0.1.example.com",
            "http://127.0.0.1@example.com",
            "http://localhost.example",
            "http://0.0.0.0",
            "http://10.0.0.1",
            "http://",
            "https://",
            "ftp://127.0.0.1",
            "file:///etc/passwd",
            "127.0.0.1",
            "",
            "http://2130706433",
            "http://127.1",
        ],
    )
    def test_nothing_that_only_looks_like_this_machine_counts(self, url: str) -> None:
        assert not is_loopback_http(url) and not is_https_or_loopback(url)


@pytest.mark.parametrize("sender", ["kris@region.example", "Region Värmland <kris@region.example>"])
def test_a_sender_may_have_a_name(write: Write, sender: str) -> None:
    assert load(write(GOOD + f'[alarm]\nsender = "{sender}"\n')).alarm.sender == sender


def test_every_number_has_a_bound_so_that_no_time_falls_out_of_the_calendar(tmp_path: Path) -> None:
    values: dict[str, Any] = {
        "organisation": {"name": "Region", "short": "R", "county": "17", "base_url": "https://k.example"},
        "channels": {"own_web": {"kind": "own_web"}},
    }
    fields = [name for name in Delivery.model_fields if name != "allow_short_grace"]
    assert len(fields) == 8
    for name in fields:
        for value in (math.inf, math.nan, 1e15, -1):
            with pytest.raises(ValidationError, match=name):
                Settings(folder=tmp_path, **values, delivery={name: value})


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,hej", "http://plan.example", "//x.example"])
def test_an_address_people_are_led_to_is_one_of_the_web(write: Callable[[str], dict[str, str]], address: str) -> None:
    face = f'[channels.facebook]\nkind = "facebook"\npage_id = "1"\napp_id = "1"\nplanner_url = "{address}"\n'
    with pytest.raises(Unfit, match="planner_url"):
        load(write(GOOD + face))
    with pytest.raises(Unfit, match="contact_url"):
        load(write(GOOD.replace("[channels", f'contact_url = "{address}"\n[channels')))
