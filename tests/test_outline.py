"""A text with its blanks open says exactly what the service would say, whichever facts are known."""

import pytest
from service import PLAYBOOKS

from broadcaster.outline import Outline, Piece
from broadcaster.playbook import Fill, Playbooks, Snapshot

LOADED = Playbooks.load(PLAYBOOKS, organisation="Region Värmland", timezone="Europe/Stockholm")


def said(pieces: tuple[Piece, ...]) -> str:
    return "".join(one.words or f"${{{one.hole}}}" for one in pieces)


def spots(one: Snapshot) -> list[tuple[str, str, str]]:
    return [
        (phase, channel, language)
        for phase in one.phases
        for channel in one.channels
        for language in one.languages_of(channel, phase)
    ]


def squeezed(text: str) -> str:
    """Return the text without the spaces, bullets and lines that an empty sentence leaves behind."""
    return "".join(text.replace("–", "").split())


def unknown(found: Outline) -> str:
    """Return what a person writes who knows nothing: grey sentences about blanks give way to their alternatives."""
    instead = {one.number: said(one.pieces) for one in found.alternatives if one.kind != "contact"}
    return "".join(instead.get(run.number, said(run.pieces)) for run in found.runs)


@pytest.mark.parametrize("one", LOADED.all(), ids=lambda one: one.id)
class TestEveryPlaybook:
    def test_with_nothing_known_paper_says_what_the_service_says(self, one: Snapshot) -> None:
        for phase, channel, language in spots(one):
            told = one.render(Fill(phase, "live", {}), channel, language, None)
            assert squeezed(unknown(one.outline(phase, channel, language))) == squeezed(told)

    def test_with_everything_known_paper_says_what_the_service_says(self, one: Snapshot) -> None:
        for phase, channel, language in spots(one):
            blanks = {blank.name: blank.examples[0] for blank in one.blanks(phase)}
            known, faults = one.accept(phase, blanks, None, ())
            assert faults == ()
            found = one.outline(phase, channel, language)
            own = {other.number for other in found.alternatives if other.kind == "sentence"}
            told = squeezed(one.render(Fill(phase, "live", known), channel, language, None))
            words = [piece.words for run in found.runs if run.number not in own for piece in run.pieces]
            begin = 0
            for part in map(squeezed, words):
                begin = told.index(part, begin) + len(part)


def test_a_number_that_is_down_has_its_approved_alternative_beside_it() -> None:
    found = LOADED["telefoni-1177"].outline("first", "own_web", "sv")
    other = next(one for one in found.alternatives if one.name == "n112")
    run = next(one for one in found.runs if one.number == other.number)
    assert (other.kind, said(run.pieces).startswith("Är någon i livsfara? Ring 112.")) == ("contact", True)
    assert "försök med en annan telefon" in said(other.pieces)


def test_a_number_the_playbook_says_is_struck_is_not_offered_at_all() -> None:
    for phase in ("first", "update", "correction"):
        found = LOADED["telefoni-1177"].outline(phase, "own_web", "sv")
        assert "n1177" not in {one.name for one in found.alternatives}


def test_only_an_update_leaves_room_for_a_sentence_of_ones_own() -> None:
    one = LOADED["telefoni-1177"]
    roomy = {
        phase
        for phase, channel, language in spots(one)
        for other in one.outline(phase, channel, language).alternatives
        if other.kind == "sentence"
    }
    assert roomy == {"update"}


def test_where_there_are_no_words_there_is_no_sheet() -> None:
    with pytest.raises(KeyError):
        LOADED["telefoni-1177"].outline("first", "facebook", "fi")
