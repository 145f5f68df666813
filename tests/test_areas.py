"""Where a message is for, by the codes of Statistics Sweden."""

import pytest

from broadcaster.areas import COUNTIES, MUNICIPALITIES, areas


def test_the_county_is_always_there() -> None:
    assert [(one.name, one.scheme, one.code) for one in areas("17", ())] == [("Värmlands län", "Län", "17")]


@pytest.mark.parametrize("place", ["Karlstad", "karlstads kommun", " Karlstad kommun "])
def test_a_municipality_is_added_where_a_place_names_one(place: str) -> None:
    found = areas("17", [place])
    assert [(one.name, one.scheme, one.code) for one in found[1:]] == [(place.strip(), "Kommun", "1780")]


@pytest.mark.parametrize("place", ["Centralsjukhuset i Karlstad", "alla vårdcentraler i Värmland", "Sun", "", "s"])
def test_a_place_that_is_no_municipality_narrows_nothing(place: str) -> None:
    assert len(areas("17", [place])) == 1


def test_another_countys_municipality_is_not_ours() -> None:
    assert len(areas("18", ["Karlstad"])) == 1


def test_a_number_that_is_no_county_is_said_as_it_is() -> None:
    assert [(one.name, one.code) for one in areas("99", ())] == [("Län 99", "99")]


def test_codes_have_the_lengths_they_must_have() -> None:
    assert len(COUNTIES) == 21 and all(len(code) == 2 and code.isdigit() for code in COUNTIES)
    codes = MUNICIPALITIES.values()
    assert len(codes) == 16 and all(len(code) == 4 and code.startswith("17") for code in codes)
