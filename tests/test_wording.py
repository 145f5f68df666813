"""The rules of a good crisis text: each catches what it is for, and leaves good texts alone."""

from pathlib import Path

import pytest

from broadcaster.wording import AS_SAID, AS_WRITTEN, RULES, Passage, Rule, warnings, words_per_sentence
from broadcaster.wording.page import CRITERIA, page
from broadcaster.wording.plain import REPLACEMENTS, has_jargon
from broadcaster.wording.sentences import sentences, steps, tells

PAGE = Path(__file__).parent.parent / "docs" / "wording-rules.md"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_catches_its_bad_examples_and_leaves_its_good_ones_alone(rule: Rule) -> None:
    """The examples in the declaration are its tests and its documentation: what is shown is what happens."""
    assert rule.bad and rule.good
    for passage in rule.bad:
        said = rule(passage)
        assert said is not None, passage.words
        assert said.sv != said.en and said.sv[0].islower() and said.en[0].islower()
    assert [(passage.words, said.en) for passage in rule.good if (said := rule(passage))] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_what_a_rule_says_tells_what_to_do(rule: Rule) -> None:
    """A fault and its advice are parted by a semicolon, and a warning says the same in both languages."""
    for passage in rule.bad:
        said = rule(passage)
        assert said is not None and ";" in said.sv and ";" in said.en, said
    assert rule.reason.sv.endswith(".") and rule.reason.en.endswith(".") and rule.source
    assert (rule.judge.__doc__ or "").endswith(".")


def test_every_question_a_reader_scores_has_rules() -> None:
    """Twelve of them; names are unique, for they are what a warning is called by."""
    assert {rule.criterion for rule in RULES} == set(range(1, len(CRITERIA) + 1))
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert len(AS_WRITTEN) + len(AS_SAID) == sum(rule.severity == "error" for rule in RULES)
    assert sum(len(warnings(stage)) for stage in ("written", "said", "compared")) + 13 == len(RULES)


def test_the_page_for_writers_is_made_from_the_rules() -> None:
    """Otherwise one of them would be wrong: `python -m broadcaster.wording > docs/wording-rules.md`."""
    assert PAGE.read_text("utf-8") == page(), "run: python -m broadcaster.wording > docs/wording-rules.md"


@pytest.mark.parametrize("language", list(REPLACEMENTS))
def test_every_word_of_jargon_has_a_plain_one_that_is_not_jargon(language: str) -> None:
    for plain in REPLACEMENTS[language].values():
        assert has_jargon(Passage("facebook", language, plain)) is None, plain


def test_a_rule_that_reads_words_says_nothing_of_a_language_it_cannot_read() -> None:
    """A warning about a Somali text that nobody of us understands would be noise."""
    somali = Passage("own_web", "so", "Lambarka 1177 ee Värmland ma shaqaynayo\n\nFadlan sug.", places=("Karlstad",))
    assert [rule.name for rule in RULES if rule.stage == "said" and rule(somali)] == ["asks_for_no_start"]


def test_text_from_right_to_left_is_read_as_it_is() -> None:
    """Letters of another script are no look-alikes, and need no invisible marks."""
    arabic = Passage("own_web", "ar", "لا يمكن الاتصال بالرقم في Värmland")
    assert [rule.name for rule in AS_WRITTEN if rule(arabic)] == []


def test_vowel_marks_of_arabic_are_no_stack_and_a_letter_that_is_drawn_as_nothing_is_none() -> None:
    """Hundreds of accents on one letter cover the lines that an approver should read."""
    spoken = Passage("own_web", "ar", "قُلْ لِلطَّبِيبِ شَيْئًا")
    assert [rule.name for rule in AS_WRITTEN if rule(spoken)] == []
    for hidden in ("Hög" + "\u0301" * 400, "Tom\u3164bokstav", "Tom\u2800ruta", "Ruta\U000f0000"):
        assert "has_invisible" in [rule.name for rule in AS_WRITTEN if rule(Passage("own_web", "sv", hidden))]


def test_sentences_are_counted_as_people_read_them() -> None:
    """A clock time does not end a sentence."""
    assert words_per_sentence("Vi öppnar kl. 06.00 på lördag. Välkommen hit.") == pytest.approx(4)
    assert sentences("Rubrik\n\n– Vi öppnar kl. 06.00. Kom då.") == ["Rubrik", "Vi öppnar kl 06.00.", "Kom då."]


def test_a_question_and_its_answer_are_one_step() -> None:
    """What to do is told to those whom the question fits."""
    assert steps("Är någon i livsfara? Ring 112. Vänta.") == ["Är någon i livsfara? Ring 112.", "Vänta."]


@pytest.mark.parametrize(
    ("step", "language", "told"),
    [
        ("Koka vattnet i två minuter.", "sv", True),
        ("Är någon i livsfara: ring 112.", "sv", True),
        ("Om det är bråttom, åk till akuten.", "sv", True),
        ("Tekniker söker efter felet.", "sv", False),
        ("Var finns vatten?", "sv", False),
        ("Please stay on the line.", "en", True),
        ("If it can wait, read the website.", "en", True),
        ("Calls do not get through.", "en", False),
    ],
)
def test_what_to_do_begins_with_its_verb(step: str, language: str, told: bool) -> None:
    assert bool(tells(step, language)) is told
