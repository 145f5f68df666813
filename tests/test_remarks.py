"""What the rules of a good text say of a playbook: every warning once, where it stands, and none without a reason."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from broken_playbooks import SOUND

from broadcaster.phrasing import Phrasing, Spot
from broadcaster.playbook import Playbooks
from broadcaster.proofreading import proofread
from broadcaster.remarks import Remark, remarks

SHIPPED = Path(__file__).parent.parent / "playbooks"
FIRST_THREE = ("allman-handelse", "it-avbrott-journal", "telefoni-1177")

Judged = Callable[..., tuple[Remark, ...]]


@pytest.fixture
def judged(tmp_path: Path) -> Judged:
    """Return what edits a sound playbook and says what the rules then wonder about."""

    def judge(*edits: tuple[str, str], name: str = "strommen.toml") -> tuple[Remark, ...]:
        shutil.copytree(SOUND, tmp_path, dirs_exist_ok=True)
        text = (tmp_path / name).read_text("utf-8")
        for old, new in edits:
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / name).write_text(text, "utf-8")
        (content,), faults = proofread(tmp_path, "Region Exempel", "Europe/Stockholm")
        assert faults == []
        return remarks(Phrasing(content))

    return judge


def test_a_text_that_holds_every_rule_is_left_alone(judged: Judged) -> None:
    """A rule that cries wolf is switched off by those it serves."""
    assert judged() == ()


@pytest.mark.parametrize("playbook", FIRST_THREE)
def test_the_first_playbooks_hold_the_rules(playbook: str) -> None:
    """All that is left is one sentence of the register, which says when and not where."""
    loaded = Playbooks.load(SHIPPED, organisation="Region Exempel", timezone="Europe/Stockholm")
    assert {one.rule.name for one in loaded[playbook].remarks} <= {"promises_nowhere"}


def test_a_sentence_that_stands_in_many_texts_is_told_once(judged: Judged) -> None:
    """Where it is written, which is where it is mended."""
    (found,) = judged(('sv = "Orsaken är ${orsak}."', 'sv = "Orsaken är troligen ${orsak}."'))
    assert (found.rule.name, found.path, found.in_register) == ("guesses", ("blanks", "orsak"), False)
    assert found.words == "Orsaken är troligen ${orsak}."


def test_a_sentence_of_the_register_is_told_to_be_the_registers(judged: Judged) -> None:
    """It is mended once for all playbooks."""
    (found,) = judged(("här senast ${next_update}.", "här senast ${next_update}!"), name="register.toml")
    assert (found.rule.name, found.path, found.in_register) == ("exclaims", ("lines", "promise"), True)


def test_whole_words_are_judged_with_nothing_known_and_with_everything(judged: Judged) -> None:
    """What is hidden when nothing is known is told; known facts need no unknown ones beside them."""
    silent = ('sv = "Vi vet ännu inte var."', 'sv = ""'), ('sv = "Vi vet inte varför."', 'sv = ""')
    assert judged(silent[0]) == (), "the cause is still said to be unknown"
    found = judged(*silent)
    assert {(one.rule.name, one.spot.channel, one.spot.language) for one in found} == {
        ("hides_what_is_unknown", "own_web", "sv"),
        ("hides_what_is_unknown", "facebook", "sv"),
    }
    long = judged(("Har du frågor? Ring ${fragor}.", f"Har du frågor? {'Ring gärna ' * 13}${{fragor}}."))
    assert "has_long_sentence" in {one.rule.name for one in long}, "only where the number is known"


def test_a_fact_in_one_channel_or_language_only_is_told_by_its_hole(judged: Judged) -> None:
    """Nobody who reads elsewhere may know less."""
    (less,) = judged(("${start} ${plats} ${orsak} Personalen", "${start} ${orsak} Personalen"))
    assert less.rule.name == "leaves_out_a_fact" and "${plats}" in less.text.sv
    assert less.spot == Spot("first", "facebook", "sv")
    (other,) = judged(("${orsak} ${fragor} We are working", "${orsak} We are working"))
    assert other.rule.name == "differs_by_language" and "${fragor}" in other.text.en
    more = judged(("${n112} Kan det vänta? Ring igen senare.", "${n112} ${vaxel} Kan det vänta? Ring igen senare."))
    assert {one.rule.name for one in more} == {"knows_more_than_our_page", "differs_by_language"}


def test_warnings_come_from_the_approved_bytes_alone() -> None:
    """So the page of approval shows them without any file."""
    loaded = Playbooks.load(SOUND, organisation="Region Exempel", timezone="Europe/Stockholm")
    snapshot = loaded["strommen"]
    content = json.loads(snapshot.content)
    content["playbook"]["texts"]["first"]["own_web"]["sv"] += "Klicka här."
    again = type(snapshot).from_content(json.dumps(content).encode())
    assert snapshot.remarks == () and [one.rule.name for one in again.remarks] == ["points_at_a_link"]
