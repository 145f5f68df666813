"""What was made once stands only for exactly the same choices: an altered row finds nothing kept for it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from broadcaster.errors import Forged
from broadcaster.filling import exact
from broadcaster.playbook import Fill, Playbooks, Snapshot, message_digest

FOLDER = Path(__file__).parent.parent / "playbooks"
GOOD = Fill("first", "live", {"reservnummer": "010-000 00 00"})


@pytest.fixture(scope="module")
def phone() -> Snapshot:
    """Return a playbook that has already made the words of `GOOD`."""
    made = Playbooks.load(FOLDER, organisation="Region Exempel", timezone="Europe/Stockholm")["telefoni-1177"]
    for _ in range(2):
        made.render(GOOD, "facebook", "sv", None)
        message_digest(made, GOOD, incident=None, channels=made.channels)
    return made


@pytest.mark.parametrize(
    "altered",
    [
        {"blanks": {"reservnummer": "0900-123 45 67"}},
        {"blanks": {"reservnummer": " 010-000 00 00"}},
        {"blanks": {"reservnummer": 1}},
        {"blanks": {"reservnummer": None}},
        {"blanks": {"reservnummer": ["010-000 00 00"]}},
        {"blanks": {"never-declared": "x"}},
        {"mode": "test"},
        {"sentence": "Ring någon annan."},
        {"affected": frozenset({1})},
    ],
)
def test_what_nobody_could_choose_is_refused_also_when_the_right_words_are_kept(
    phone: Snapshot, altered: dict[str, Any]
) -> None:
    """Neither words nor digest are given, and asking twice does not help."""
    for _ in range(2):
        with pytest.raises(Forged):
            phone.render(replace(GOOD, **altered), "facebook", "sv", None)
        with pytest.raises(Forged):
            message_digest(phone, replace(GOOD, **altered), incident=None, channels=phone.channels)


def test_a_number_that_equals_another_kind_of_value_is_no_key() -> None:
    """1, 1.0 and true are equal to a machine that looks things up, and are three things in a row."""
    for odd in (1, 1.0, True, None, b"x"):
        values: Any = {"reservnummer": odd}
        assert exact("first", "live", values, frozenset(), None) is None


def test_the_order_in_which_blanks_stand_decides_nothing() -> None:
    one = exact("first", "live", {"a": "1", "b": "2"}, frozenset({"x", "y"}), None)
    assert one == exact("first", "live", {"b": "2", "a": "1"}, frozenset({"y", "x"}), None)
    assert one is not None
    assert one.blanks == (("a", "1"), ("b", "2"))


def test_kept_words_are_those_a_fresh_reading_makes(phone: Snapshot) -> None:
    """Equal bytes, equal words: the playbook read again from its bytes says and signs the same."""
    fresh = Snapshot.from_content(phone.content)
    for channel in phone.channels:
        for language in phone.languages_of(channel, "first"):
            assert phone.render(GOOD, channel, language, None) == fresh.render(GOOD, channel, language, None)
    kept = message_digest(phone, GOOD, incident=None, channels=phone.channels)
    assert kept == message_digest(fresh, GOOD, incident=None, channels=fresh.channels)


@pytest.fixture(scope="module")
def emergency() -> Snapshot:
    """Return the playbook with two hospitals: the closed one, and the one to go to instead."""
    return Playbooks.load(FOLDER, organisation="Region Exempel", timezone="Europe/Stockholm")["akut-stangd"]


def test_nobody_is_sent_to_the_very_hospital_that_is_closed(emergency: Snapshot) -> None:
    closed = emergency.blanks("first")[0].choices[0]
    same = {"sjukhus": closed[0], "alternativ": closed[1].en}  # the same place, also by its other name
    known, faults = emergency.accept("first", same, None, ())
    assert known["sjukhus"] == known["alternativ"]
    assert [fault.pointer for fault in faults] == ["/blanks/alternativ"]
    assert "samma plats" in faults[0].message.sv
    assert emergency.blanks("first")[0].label.sv in faults[0].message.sv


def test_two_different_hospitals_or_one_alone_are_taken(emergency: Snapshot) -> None:
    one, other = (key for key, _ in emergency.blanks("first")[0].choices[:2])
    for given in ({"sjukhus": one, "alternativ": other}, {"sjukhus": one}, {"alternativ": one}, {}):
        assert emergency.accept("first", given, None, ()) == (given, ())


def test_words_accepted_before_the_rule_are_still_what_was_accepted(emergency: Snapshot) -> None:
    """A message on its way when the service is upgraded is sent, and not taken for a forged one."""
    place = emergency.blanks("first")[0].choices[0][0]
    fill = Fill("first", "live", {"sjukhus": place, "alternativ": place})
    assert place in emergency.render(fill, "facebook", "sv", None)


def test_places_of_other_kinds_may_be_called_the_same() -> None:
    """A municipality and its hospital can share a name and are two places."""
    books = Playbooks.load(FOLDER, organisation="Region Exempel", timezone="Europe/Stockholm")
    for snapshot in books.all():
        given = {one.name: one.examples[0] for one in snapshot.blanks("first") if one.type == "place"}
        assert snapshot.accept("first", given, None, ())[1] == ()
