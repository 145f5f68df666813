"""
What a good crisis text must have: one rule a function, each with its reason, its source and the examples that prove it.

    opening     what and where; what to do; for whom            1–3
    times       when; what is known; the next word              4–6
    numbers     where people are sent, and who says so          7–8
    plain       plain words in a calm voice                     9–10
    channel     made for the place                              11
    spreading   survives being shared, read out, translated     12
    compared    the same facts everywhere, not the same words

An `error` stops the start and every approval. A `warning` is shown and blocks nothing: what needs judgement is left to
the two people who approve. `docs/wording-rules.md` is made from these declarations: `python -m broadcaster.wording`.
"""

from broadcaster.wording import channel, compared, numbers, opening, plain, spreading, times
from broadcaster.wording.rule import Passage, Rule
from broadcaster.wording.sentences import words_per_sentence

__all__ = ["AS_COMPARED", "AS_SAID", "AS_WRITTEN", "RULES", "Passage", "Rule", "warnings", "words_per_sentence"]

#: Every rule, by criterion and then as they are declared.
RULES: tuple[Rule, ...] = tuple(
    sorted(
        (
            found
            for module in (opening, times, numbers, plain, channel, spreading, compared)
            for found in vars(module).values()
            if isinstance(found, Rule)
        ),
        key=lambda one: one.criterion,
    )
)
#: What is certain about one approved sentence or line, and about whole words: a fault.
AS_WRITTEN: tuple[Rule, ...] = tuple(one for one in RULES if (one.stage, one.severity) == ("written", "error"))
AS_SAID: tuple[Rule, ...] = tuple(one for one in RULES if (one.stage, one.severity) == ("said", "error"))
AS_COMPARED: tuple[Rule, ...] = tuple(one for one in RULES if one.stage == "compared")


def warnings(stage: str) -> tuple[Rule, ...]:
    """Return the rules of a stage that warn and never block."""
    return tuple(one for one in RULES if one.stage == stage and one.severity == "warning")
