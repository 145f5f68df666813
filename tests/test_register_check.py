"""The register out in the world: the county, the numbers, and the sites that messages may lead to."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from broadcaster.channels import Preflight
from broadcaster.channels.own_web import OwnWeb
from broadcaster.outside import Viewer, over_network
from broadcaster.playbook import Playbooks
from broadcaster.register_check import AT_ONCE, DAY_S, Links, WithRegister, problems, sites

SOUND = Path(__file__).parent / "sound"
SHIPPED = Path(__file__).parent.parent / "playbooks"


class Names:
    """A name service that knows every site but those that are gone, and leads into no network but this machine's."""

    def __init__(self, *gone: str) -> None:
        self.gone, self.asked = set(gone), list[str]()

    async def resolve(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return [] if host in self.gone else ["127.0.0.1"]

    def links(self, seconds: Callable[[], float] = lambda: 0.0) -> Links:
        return Links(Viewer(self.resolve, over_network().connect), seconds)


def loaded(folder: Path) -> Playbooks:
    return Playbooks.load(folder, organisation="Region Ek", timezone="Europe/Stockholm")


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str], Playbooks]:
    """Return the small folder with one edit of its register."""

    def edit(old: str, new: str) -> Playbooks:
        for file in SOUND.glob("*.toml"):
            shutil.copy(file, tmp_path)
        register = tmp_path / "register.toml"
        assert old in register.read_text("utf-8")
        register.write_text(register.read_text("utf-8").replace(old, new), "utf-8")
        return loaded(tmp_path)

    return edit


def test_a_register_that_is_for_the_settings_county_and_has_real_numbers_is_well() -> None:
    assert problems(loaded(SOUND), "17") == [] == problems(loaded(SHIPPED), "17")


def test_a_register_of_another_county_is_told_in_both_languages() -> None:
    (told,) = problems(loaded(SHIPPED), "23")
    assert "Värmlands län (17)" in told.sv and "Jämtlands län (23)" in told.sv
    assert "Correct [county] in register.toml" in told.en


@pytest.mark.parametrize("value", ["010-111 11 1X", "växeln", "12", "0101111111111111"])
def test_a_contact_that_is_neither_a_number_nor_a_site_is_told(
    edited: Callable[[str, str], Playbooks], value: str
) -> None:
    (told,) = problems(edited("010-111 11 11", value), "17")
    assert "vaxel" in told.sv and value in told.sv and "Rätta value" in told.sv


def test_the_sites_messages_may_lead_to_are_those_of_links_and_contacts() -> None:
    found = sites(loaded(SHIPPED))
    assert {"1177.se", "krisinformation.se", "torsby.se"} <= set(found) and "112" not in found


def test_a_site_that_is_gone_is_amber_and_says_what_to_do() -> None:
    """Never red: the page itself is as well as before."""
    channel = WithRegister(OwnWeb("own_web"), loaded(SHIPPED), "17", Names("1177.se").links())
    found = asyncio.run(channel.preflight())
    assert (found.state, len(found.problems)) == ("amber", 1)
    assert found.problems[0].startswith("1177.se visade ingen sida")
    assert "Open https://1177.se yourself" in found.english[0]
    assert (channel.key, channel.kind, channel.way) == ("own_web", "own_web", "row")


def test_without_anything_wrong_the_row_is_as_it_was() -> None:
    channel = WithRegister(OwnWeb("own_web"), loaded(SHIPPED), "17", Names().links())
    assert asyncio.run(channel.preflight()) == Preflight("green")
    assert asyncio.run(WithRegister(OwnWeb("own_web"), loaded(SHIPPED), "17", None).preflight()) == Preflight("green")


def test_each_site_is_looked_at_once_a_day_a_few_at_a_time() -> None:
    """However often the preflight asks, nobody's site is burdened, and a site that came back is well the next day."""
    now, names = [0.0], Names("site00.example")
    links = names.links(lambda: now[0])
    wanted = [f"site{number:02}.example" for number in range(2 * AT_ONCE)]
    said = [asyncio.run(links.problems(wanted)) for _ in range(4)]
    assert [len(one) for one in said] == [1, 1, 1, 1]
    assert sorted(names.asked) == wanted
    names.gone.clear()
    now[0] = DAY_S - 1
    assert len(asyncio.run(links.problems(wanted))) == 1 and sorted(names.asked) == wanted
    now[0] = DAY_S
    assert asyncio.run(links.problems(wanted)) == []
    assert len(names.asked) == 3 * AT_ONCE
