"""Exact words on a page: what is marked, new or gone is set apart, and not one character is another."""

import html
import re
from itertools import product

import pytest

from broadcaster.desk.exact import compared, set_words

OLD = "Vattnet är inte rent\n\nKoka vattnet. Ring 054-61 50 00. Tack.\n– Koka en minut.\n"
NEW = "Vattnet är rent igen\n\nDrick vattnet. Ring 010-000 00 00. Tack.\n– Spola en minut. Sedan är det klart.\n"
LANGUAGES = ("sv", "en", "sv-x-lattlast", "ar", "fi")


def read(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", markup))


def is_nested(markup: str) -> bool:
    """Tell whether every tag is closed inside the tag it was opened in."""
    open_tags: list[str] = []
    for slash, name in re.findall(r"<(/?)([a-z0-9]+)", markup):
        if not slash:
            open_tags.append(name)
        elif not open_tags or open_tags.pop() != name:
            return False
    return not open_tags


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_their_tags_words_are_what_they_were(language: str) -> None:
    was, now = compared(OLD, NEW, language)
    assert (read(was), read(now)) == (OLD, NEW)
    marked = set_words(NEW, language, ["010-000 00 00", "minut. Sedan", "rent igen"])
    assert read(marked) == NEW
    assert all(is_nested(one) for one in (was, now, marked))


@pytest.mark.parametrize(("language", "hostile"), list(product(LANGUAGES, ("<b>x</b>", "a & b", '"><script>'))))
def test_nothing_in_the_words_becomes_a_tag(language: str, hostile: str) -> None:
    text = f"Rubrik {hostile}\n\nText {hostile}. Mer {hostile}.\n"
    for said in (set_words(text, language, [hostile]), *compared("Rubrik\n\nText.\n", text, language)):
        assert "<script>" not in said
        assert "<b>" not in said
    assert read(set_words(text, language, [hostile])) == text


def test_a_value_is_marked_where_it_stands_and_not_within_another_word() -> None:
    said = set_words("Arvika\n\nI Arvika, inte Arvikabygden.", "sv", ["Arvika", ""])
    assert said.count("<mark>Arvika</mark>") == 2
    assert "Arvikabygden" in said


def test_what_goes_and_what_comes_are_set_apart_on_their_own_sides() -> None:
    was, now = compared(OLD, NEW, "sv")
    assert '<del><span class="number">054-61 50 00</span></del>' in was
    assert '<ins><span class="number">010-000 00 00</span></ins>' in now
    assert "<ins>" not in was
    assert "<del>" not in now
