"""The guides for administrators: every setting, secret, command and light they name is one the service has."""

import re
import tomllib
from pathlib import Path

import click
import pytest

from broadcaster.__main__ import COMMANDS, cli
from broadcaster.channels import _content_errors, content_management, phone_gateway
from broadcaster.outside import Sight
from broadcaster.rehearsal import content, gateway, page
from broadcaster.settings import Settings
from broadcaster.sightings import words_of

ROOT = Path(__file__).parent.parent
PAGES = {name: (ROOT / "docs" / f"{name}.md").read_text("utf-8") for name in ("connecting-facebook", "connecting-1177")}
GATEWAY = (ROOT / "docs" / "phone-gateway.md").read_text("utf-8")
CODE = "\n".join(file.read_text("utf-8") for file in (ROOT / "broadcaster").rglob("*.py"))
TEMPLATES = "\n".join(file.read_text("utf-8") for file in (ROOT / "templates").glob("*.html"))
ORGANISATION = {"name": "Region Exempel", "short": "RE", "county": "17", "base_url": "https://kris.region.example"}


@pytest.mark.parametrize("text", [*PAGES.values(), GATEWAY], ids=[*PAGES, "phone-gateway"])
def test_every_example_of_settings_is_accepted_as_it_stands(text: str) -> None:
    """Pasted below an organisation, the service starts with it: no setting is misspelled or left behind."""
    examples = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert examples
    for example in examples:
        given = tomllib.loads(example)
        settings = Settings.model_validate(
            {"folder": Path("/"), "organisation": ORGANISATION, "channels": {"own_web": {"kind": "own_web"}}, **given}
        )
        assert set(settings.rehearsal.channels) or set(settings.channels)


@pytest.mark.parametrize("text", [*PAGES.values(), GATEWAY], ids=[*PAGES, "phone-gateway"])
def test_every_secret_named_is_one_the_service_asks_for(text: str) -> None:
    names = set(re.findall(r"BROADCASTER_[A-Z0-9_]*[A-Z0-9]", text))
    assert [name for name in sorted(names) if f'"{name}"' not in CODE] == []


@pytest.mark.parametrize(
    ("name", "secrets"),
    [
        ("connecting-facebook", ("FACEBOOK_TOKEN", "FACEBOOK_APP_SECRET")),
        ("connecting-1177", ("1177_CLIENT_ID", "1177_CLIENT_SECRET", "1177_PHONE_TOKEN")),
    ],
)
def test_no_secret_a_channel_needs_is_left_out(name: str, secrets: tuple[str, ...]) -> None:
    """The live one and the one of the test place."""
    for secret in secrets:
        assert f"`BROADCASTER_{secret}`" in PAGES[name]
        assert f"`BROADCASTER_REHEARSAL_{secret}`" in PAGES[name]


@pytest.mark.parametrize("text", [*PAGES.values(), GATEWAY], ids=[*PAGES, "phone-gateway"])
def test_every_command_named_exists(text: str) -> None:
    for line in re.findall(r"^broadcaster .*$|`broadcaster [^`]*`", text, re.MULTILINE):
        words = line.strip("`").split()[1:]
        assert words[0] in COMMANDS, line
        command = cli.get_command(click.Context(cli), words[0])
        assert not isinstance(command, click.Group) or words[1] in command.commands, line


def test_every_light_of_the_1177_channels_stands_there_with_what_to_do() -> None:
    """Each red and amber light, word for word, in a row of its own."""
    lights = [*content_management._TROUBLES.values(), content_management._UNREACHABLE]
    lights += [phone_gateway._NO_KEY, phone_gateway._BUSY, phone_gateway._UNREACHABLE]
    for light in lights:
        said = light.text
        assert f"| {light.state} | {said.sv} |" in PAGES["connecting-1177"], said
        for problem in (said.sv, said.en):
            assert len(re.findall(r"[.](?:\s|$)", problem)) >= 2, "what happened, what it means, what to do"


def test_every_code_of_a_refused_page_stands_there() -> None:
    table = PAGES["connecting-1177"]
    assert [code for code in _content_errors.WORDS if f"`{code}`" not in table] == []


def test_what_the_board_says_of_a_look_from_outside_is_what_the_guide_explains() -> None:
    for sight in Sight:
        beginning = re.split(r"[.,]", words_of(str(sight)).sv)[0]
        assert beginning in PAGES["connecting-1177"], sight


def test_the_questions_of_rehearse_in_the_guide_are_those_it_asks() -> None:
    source = "".join(Path(str(one.__file__)).read_text("utf-8") for one in (page, content, gateway))
    table = PAGES["connecting-facebook"].split("| it asks |")[1].split("\n\n")[0]
    asked = re.findall(r"((?:may|does|is) [^|?]*\?)", table)
    assert len(asked) == 11
    assert [question for question in asked if question not in source] == []


@pytest.mark.parametrize("words", ["Den ligger ute", "Kanalerna"])
def test_the_words_of_the_interface_are_the_interfaces(words: str) -> None:
    assert words in TEMPLATES and f"**{words}**" in "".join(PAGES.values())


@pytest.mark.parametrize("text", [*PAGES.values(), GATEWAY], ids=[*PAGES, "phone-gateway"])
def test_each_guide_ends_in_a_checklist_and_points_only_to_what_is_there(text: str) -> None:
    assert len(re.findall(r"^- \[ \] ", text, re.MULTILINE)) >= 6
    assert text.rstrip().splitlines()[-1].startswith("- [ ] ")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / "docs" / target).exists(), target
