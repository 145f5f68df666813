"""Holes are filled once, and nothing a text says can do more than that."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster import holes


def test_a_value_is_never_looked_at_for_holes() -> None:
    """What somebody typed cannot pull in another value."""
    assert holes.fill("Ring ${nummer}.", {"nummer": "${hemligt}", "hemligt": "x"}) == "Ring ${hemligt}."


@settings(deadline=None)
@given(st.text())
def test_any_value_comes_through_unchanged(value: str) -> None:
    """Substitution neither formats nor escapes."""
    assert holes.fill("A ${b} C", {"b": value}) == f"A {value} C"


@pytest.mark.parametrize("text", ["kostar $5", "${Stor}", "$namn", "$$", "${öppet}", "${a", "${a.b}", "${a[0]}", "${}"])
def test_only_one_way_to_write_a_hole(text: str) -> None:
    """Everything else that begins with a dollar sign is a fault, not a guess."""
    assert holes.is_broken(text)


def test_braces_and_percent_signs_are_only_text() -> None:
    """No format string hides in a playbook."""
    assert not holes.is_broken("100 % {0.__class__} %s")
    assert holes.fill("{0.__class__} %s", {}) == "{0.__class__} %s"


def test_holes_come_in_order_each_once() -> None:
    """So that a form can ask in that order."""
    assert holes.names("${b} ${a} ${b}") == ("b", "a")


def test_an_empty_sentence_leaves_nothing_behind() -> None:
    """No double space, no lonely bullet, no empty paragraph."""
    text = "Rubrik\n\n${a} Mitten. ${a}\n\n– ${a}\n– Kvar\n\n${a}\n\nSlut ${b} här."
    assert holes.with_sentences(text, {"a": "", "b": ""}) == "Rubrik\n\nMitten.\n\n– Kvar\n\nSlut här."


def test_sentences_keep_their_own_holes_for_the_values() -> None:
    """A sentence goes in whole, with its value still open."""
    assert holes.with_sentences("– ${a}", {"a": "Ring ${a}."}) == "– Ring ${a}."
