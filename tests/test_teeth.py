"""The simulation bites: every engine with a rule taken out is caught by the promise it breaks, the sound one is not."""

from pathlib import Path

import pytest
from teeth import catches
from teeth.bite import bite, broken_copy
from teeth.variants import VARIANTS, Edit, Variant

DOCUMENT = Path(__file__).parent.parent / "docs" / "broken-engines.md"


@pytest.mark.torture  # it tries the simulation, not the product: minutes that a commit need not wait for
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_an_engine_with_a_rule_missing_is_caught(variant: Variant) -> None:
    """The stored seed shows the promise broken; if it does not any more, the harness has lost a tooth."""
    stored = catches.load()[variant.name]
    found = bite(variant, f"{stored.seed}:{stored.seed + 1}")
    assert found.code == 1, found.said[-2000:]
    assert (stored.seed, stored.promise) in found.found


@pytest.mark.torture
def test_the_sound_engine_passes_every_seed_that_catches_a_broken_one() -> None:
    """In a copy of the same kind, so that it is the missing rule that is caught and not the copying."""
    for seed in sorted({stored.seed for stored in catches.load().values()}):
        found = bite(None, f"{seed}:{seed + 1}")
        assert (found.code, found.found) == (0, ()), found.said[-2000:]


def test_there_are_many_and_no_two_are_the_same() -> None:
    assert len({variant.edits for variant in VARIANTS}) == len(VARIANTS) >= 20
    assert {variant.name for variant in VARIANTS} == set(catches.load())


def test_a_rule_that_moved_is_noticed() -> None:
    """A variant that no longer changes anything would be a tooth of paper."""
    with pytest.raises(LookupError, match="not once"), broken_copy(Variant("x", "y", (Edit("order.py", "#", "!"),))):
        pass


def test_the_document_names_every_broken_engine_and_what_it_does_to_people() -> None:
    """What the harness is known to catch is for everybody to read."""
    text = DOCUMENT.read_text("utf-8")
    for variant in VARIANTS:
        stored = catches.load()[variant.name]
        assert f"| {variant.name} | {variant.breaks} | {stored.promise} | {stored.seed} |" in text
