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
