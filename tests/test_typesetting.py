"""Words on a page: a thought a line where that helps, numbers whole within Arabic, and not one character changed."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.typesetting import is_easy, typeset

EASY = "sv-x-lattlast"


def plain(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", page))


def test_every_sentence_of_easy_swedish_is_a_line_of_its_own() -> None:
    assert typeset("Ring 112. Vänta inte. Klockan är kl. 02.40 nu.", EASY) == (
        "<p><span>Ring 112.</span> <span>Vänta inte.</span> <span>Klockan är kl. 02.40 nu.</span></p>"
    )


def test_what_belongs_to_a_bullet_stays_with_it() -> None:
    assert typeset("– Behöver du råd? Ring 1177.\n– Vänta.", EASY) == (
        '<p><span class="item"><span>– Behöver du råd?</span> <span>Ring 1177.</span></span>\n'
        '<span class="item"><span>– Vänta.</span></span></p>'
    )


@pytest.mark.parametrize(
    "value", ["1177.se", "010-000 00 00", "113 13", "RV-2026-0031/1", "Region Exempel", "ÖVNING", "Årjäng"]
)
def test_an_address_or_number_is_read_from_the_left_within_arabic(value: str) -> None:
    """Without it, 1177.se is shown as se.1177."""
    assert f'<bdi dir="ltr">{value}</bdi>' in typeset(f"اقرأ النصائح على {value}.", "ar")


def test_other_languages_stand_as_they_are() -> None:
    assert typeset("Ring 112. Vänta inte.", "sv") == "Ring 112. Vänta inte."
    assert is_easy(EASY) and not is_easy("sv")


@pytest.mark.parametrize("language", [EASY, "ar", "sv"])
@given(words=st.text(alphabet=st.sampled_from("AaÅé1 .\n–?<&\"اب/-é"), max_size=60))
def test_without_its_tags_it_is_what_was_approved(language: str, words: str) -> None:
    """And whatever the words are, none of them becomes a tag."""
    assert plain(typeset(words, language)) == words


def test_an_item_of_a_list_and_what_leads_to_it_are_told_apart() -> None:
    assert typeset("Gör så här:\n– Ring 1177.", "sv") == (
        '<span class="lead">Gör så här:</span>\n<span class="item">– Ring 1177.</span>'
    )


@pytest.mark.parametrize(
    "number", ["010-123 45 67", "+46 10 123 45 67", "113 13", "RV-2026-0031/1", "OVN-RE-2026-0002"]
)
@pytest.mark.parametrize("language", ["sv", EASY])
def test_a_number_is_never_read_as_two(number: str, language: str) -> None:
    """Halves of it on two lines would be dialled, or looked up, as they stand."""
    assert f'<span class="number">{number}</span>' in typeset(f"Ring {number}. Vänta 30 minuter, kl. 02.40.", language)
    assert typeset(f"Ring {number}. Vänta 30 minuter, kl. 02.40.", language).count("number") == 1
