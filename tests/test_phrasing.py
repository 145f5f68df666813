"""Which approved sentence is said where."""

from pathlib import Path

import pytest

from broadcaster.manuscript import Content
from broadcaster.phrasing import Phrasing, Spot
from broadcaster.playbook import Playbooks

SHIPPED = Path(__file__).parent.parent / "playbooks"


@pytest.fixture(scope="module")
def phrasing() -> Phrasing:
    """Return the words of the telephone playbook."""
    loaded = Playbooks.load(SHIPPED, organisation="Region Exempel", timezone="Europe/Stockholm")
    return Phrasing(Content.model_validate_json(loaded["telefoni-1177"].content))


def test_the_nearest_sentence_is_said(phrasing: Phrasing) -> None:
    """Channel and phase before channel before the general one."""
    general = phrasing.sentence("reservnummer", "known", Spot("first", "own_web", "sv"))
    notice = phrasing.sentence("reservnummer", "known", Spot("first", "1177_notice", "sv"))
    corrected = phrasing.sentence("reservnummer", "known", Spot("correction", "1177_notice", "sv"))
    assert general is not None and general.startswith("Behöver du prata med en sjuksköterska?")
    assert notice == "Behöver du råd? Ring ${reservnummer}."
    assert corrected == "Når du inte 1177? Ring ${reservnummer}."


def test_the_playbook_s_own_sentence_is_said_before_the_register_s(phrasing: Phrasing) -> None:
    """But the register's for a channel before the playbook's general one."""
    assert phrasing.sentence("n112", "working", Spot("first", "facebook", "sv")) != phrasing.sentence(
        "n112", "working", Spot("first", "1177_article", "sv")
    )
    spoken = phrasing.sentence("n112", "working", Spot("first", "1177_phone", "sv"))
    assert spoken == "Är någon i livsfara? Lägg på och ring ${n112}."


def test_a_contact_is_struck_by_name_by_number_or_by_its_channel(phrasing: Phrasing) -> None:
    """And what the playbook is about is struck until it is over."""
    assert phrasing.struck("all_clear", []) == frozenset()
    assert phrasing.struck("first", []) == {"n1177"}
    assert phrasing.struck("all_clear", ["n112"]) == {"n112"}
    assert phrasing.struck("all_clear", ["112"]) == {"n112"}
    assert phrasing.struck("all_clear", ["1177_article"]) == {"site1177"}
    assert phrasing.struck("all_clear", ["1177_phone"]) == {"n1177"}


def test_a_voice_gets_values_it_can_say(phrasing: Phrasing) -> None:
    """Digits as words, the site as it is called."""
    values = phrasing.values(Spot("first", "1177_phone", "sv"), {"reservnummer": "010-12"})
    assert values["n112"] == "ett, ett, två"
    assert values["site1177"] == "elva sjuttiosju punkt se"
    assert values["reservnummer"] == "noll, ett, noll, ett, två"


def test_every_text_has_room_left_in_the_worst_case(phrasing: Phrasing) -> None:
    """The longest words contain every approved fixed part."""
    for spot in phrasing.spots():
        longest = phrasing.extreme(spot, len, drill=True)
        shortest = phrasing.extreme(spot, len, drill=False, shortest=True)
        assert len(shortest) < len(longest)
        assert longest.startswith("ÖVNING") and "${" not in longest
