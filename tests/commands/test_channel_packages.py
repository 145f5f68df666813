"""A package that brings a kind of channel, as its administrator meets it: in `check`, and when the service starts."""

from pathlib import Path
from typing import Any

import pytest
from channels.installing import PAGE, files_of, install, run_with

FILES = files_of(PAGE)
BROKEN = {**FILES, "noticeboard.py": "import something_that_is_not_installed"}
CHANNEL = '\n[channels.waiting_rooms]\nkind = "noticeboard"\nbase_url = "https://127.0.0.1:1/screens"\n'


@pytest.fixture
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty folder for packages, beside the operator's."""
    return tmp_path_factory.mktemp("packages")


def add_channel(operator: Any) -> None:
    """Write a channel of the example's kind into the settings."""
    file = operator.folder / "settings.toml"
    file.write_text(file.read_text("utf-8") + CHANNEL, "utf-8")


def test_check_shows_a_broken_package_that_no_channel_needs(operator: Any, packages: Path) -> None:
    """It is trouble, and everything else is looked at all the same."""
    ran = run_with(install(packages, BROKEN), "-m", "broadcaster", "check", environ=operator.environ)
    assert ran.returncode == 1
    assert "channels: kind 'noticeboard' of the package broadcaster-noticeboard 1.0 cannot be used" in ran.stdout
    assert "No module named 'something_that_is_not_installed'" in ran.stdout
    assert "channel own_web: green" in ran.stdout


@pytest.mark.parametrize("command", ["check", "serve", "work", "web"])
def test_nothing_starts_with_a_channel_whose_kind_is_broken(operator: Any, packages: Path, command: str) -> None:
    """And whoever starts it reads which package, why, and how to go on in the meantime."""
    add_channel(operator)
    ran = run_with(install(packages, BROKEN), "-m", "broadcaster", command, environ=operator.environ)
    assert ran.returncode == 1
    said = ran.stdout + ran.stderr
    assert "[channels.waiting_rooms]" in said
    assert "broadcaster-noticeboard 1.0 cannot be used: ModuleNotFoundError" in said
    assert 'set the channel to kind = "manual"' in said
    assert "Traceback" not in said


def test_a_secret_that_is_missing_is_named_after_the_channel(operator: Any, packages: Path) -> None:
    add_channel(operator)
    ran = run_with(install(packages, FILES), "-m", "broadcaster", "check", environ=operator.environ)
    assert "BROADCASTER_WAITING_ROOMS_TOKEN is missing" in ran.stdout


def test_check_asks_a_channel_of_another_package_too(operator: Any, packages: Path) -> None:
    """Its own words, beside those of every other channel."""
    add_channel(operator)
    environ = {**operator.environ, "BROADCASTER_WAITING_ROOMS_TOKEN": "x" * 40}
    ran = run_with(install(packages, FILES), "-m", "broadcaster", "check", environ=environ)
    assert "channel waiting_rooms: red: Skärmarnas server går inte att nå." in ran.stdout


def test_a_check_that_breaks_does_not_hide_the_other_channels(operator: Any, packages: Path) -> None:
    """Somebody else's fault is red, and the next channel is asked."""
    add_channel(operator)
    asks = 'found = await self._ask(Ask("GET", "/notices/preflight", reads=True), deadline(PREFLIGHT_TIMEOUT_S))'
    assert FILES["noticeboard.py"].count(asks) == 1
    broken = FILES["noticeboard.py"].replace(asks, "raise LookupError(post)")
    environ = {**operator.environ, "BROADCASTER_WAITING_ROOMS_TOKEN": "x" * 40}
    folder = install(packages, {**FILES, "noticeboard.py": broken})
    ran = run_with(folder, "-m", "broadcaster", "check", environ=environ)
    assert "channel waiting_rooms: red: the check of this kind (noticeboard) broke: NameError" in ran.stdout
    assert "channel own_web: green" in ran.stdout
