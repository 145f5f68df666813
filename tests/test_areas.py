"""Where a message is for, by the codes of Statistics Sweden."""

from pathlib import Path

import pytest

from broadcaster.areas import COUNTIES, county, municipalities
from broadcaster.manuscript import Register, Source

REGISTER = Source(Path(__file__).parents[1] / "playbooks" / "register.toml").read(Register)[0]


def codes(place: str) -> list[tuple[str, str, str]]:
    assert REGISTER is not None
    return [(one.name, one.scheme, one.code) for one in municipalities(REGISTER.places, [place])]


def test_a_county_has_its_name_and_two_digits() -> None:
    one = county("17")
    assert (one.name, one.scheme, one.code) == ("Värmlands län", "Län", "17")


@pytest.mark.parametrize("place", ["Karlstad", "karlstads kommun", " Karlstad kommun ", "KARLSTAD"])
def test_a_place_that_names_a_municipality_of_the_register_finds_its_code(place: str) -> None:
    """Also one that was typed, where any place may be."""
    assert codes(place) == [(place.strip(), "Kommun", "1780")]


@pytest.mark.parametrize("place", ["Centralsjukhuset i Karlstad", "all vård i Värmland", "Sun", "", "s", "Oslo"])
def test_a_place_that_is_no_municipality_narrows_nothing(place: str) -> None:
    assert codes(place) == []


def test_a_number_that_is_no_county_is_said_as_it_is() -> None:
    assert (county("99").name, county("99").code) == ("Län 99", "99")


def test_codes_have_the_lengths_they_must_have() -> None:
    """And the register has each municipality of the county once."""
    assert len(COUNTIES) == 21 and all(len(code) == 2 and code.isdigit() for code in COUNTIES)
    assert REGISTER is not None and REGISTER.county is not None
    known = [place.code for place in REGISTER.places if place.kind == "municipality"]
    assert len(set(known)) == len(known) == 16 and all((code or "").startswith("17") for code in known)
