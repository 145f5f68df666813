"""Who vouches for a line: its words stand in a text, and while somebody must still say yes nobody can approve."""

import shutil
from pathlib import Path

import pytest

from broadcaster.errors import Conflict
from broadcaster.inspection import inspect
from broadcaster.playbook import Playbooks, Snapshot, check
from broadcaster.vouching import needed, require_vouched

SOUND = Path(__file__).parent / "sound"
SHIPPED = Playbooks.load(
    Path(__file__).parents[1] / "playbooks", organisation="Region Exempel", timezone="Europe/Stockholm"
)


def with_sources(folder: Path, *entries: str) -> Path:
    """Return a folder with the small sound playbook, and these entries after its answers."""
    for file in SOUND.glob("*.toml"):
        shutil.copy(file, folder)
    file = folder / "strommen.toml"
    file.write_text(file.read_text("utf-8") + "".join(f"\n[[sources]]\n{entry}\n" for entry in entries), "utf-8")
    return folder


def loaded(folder: Path) -> Snapshot:
    return Playbooks.load(folder, organisation="Region Exempel", timezone="Europe/Stockholm")["strommen"]


def entry(says: str, by: str = 'source = "Elverket: Frågor och svar om avbrott, 2025"') -> str:
    return f'says = "{says}"\nkind = "fact"\n{by}'


@pytest.mark.parametrize(
    "says",
    [
        "Det vet vi inte ännu.",  # an answer
        "The power is back in ${omrade}",  # a text, in any language
        "Strömmen är tillbaka. Skrivet ${published}.",  # a top line
        "Något i vårt förra  inlägg var fel.",  # however it is spaced
    ],
)
def test_a_line_may_stand_in_any_text_in_any_language(tmp_path: Path, says: str) -> None:
    """Whoever vouches for it reads it where people read it."""
    assert check(with_sources(tmp_path, entry(says))) == []


@pytest.mark.parametrize("says", ["Säg till personalen först.", "Välj den här när", "När det började"])
def test_what_only_staff_read_counts_as_no_text(tmp_path: Path, says: str) -> None:
    """Checklist, use and labels are said to nobody outside."""
    found = check(with_sources(tmp_path, entry(says)))
    assert [fault.reason for fault in found] == ["these words are in no text; a changed line needs a new source"]


def test_a_line_that_waits_for_a_yes_is_sound_is_warned_of_and_cannot_be_approved(tmp_path: Path) -> None:
    """The playbook can be read and worked on; it cannot be used."""
    folder = with_sources(tmp_path, entry("Det vet vi inte ännu.", 'needs_signoff = "elverkets driftchef"'))
    (one,), faults = inspect(folder, "Region Exempel", "Europe/Stockholm")
    assert not faults
    (warning,) = [found for found in one.warnings if "needs_signoff" in found.reason]
    assert (warning.file, warning.line) == ("strommen.toml", line_of(folder, "says = "))
    assert "cannot be approved before this has a yes: elverkets driftchef" in warning.reason
    with pytest.raises(Conflict) as refused:
        require_vouched(loaded(folder).waiting)
    assert refused.value.slug == "needs-signoff"
    for words in (refused.value.detail.sv, refused.value.detail.en):
        assert "Det vet vi inte ännu." in words and "elverkets driftchef" in words


def test_with_a_source_or_a_yes_nothing_waits(tmp_path: Path) -> None:
    folder = with_sources(tmp_path, entry("Det vet vi inte ännu.", 'signed = "Driftchefen, 2026-12-01"'))
    assert loaded(folder).waiting == () and needed(()).sv == ""
    require_vouched(loaded(folder).waiting)


def test_the_sources_are_part_of_what_is_approved_and_words_without_any_keep_their_fingerprint(tmp_path: Path) -> None:
    """Changing who vouches is a change two people read; the format alone changed nobody's approval."""
    plain = loaded(with_sources(tmp_path))
    assert b"sources" not in plain.content and b'"owner":null' not in plain.content
    first = loaded(with_sources(tmp_path, entry("Det vet vi inte ännu.")))
    second = loaded(with_sources(tmp_path, entry("Det vet vi inte ännu.", 'signed = "Driftchefen, 2026-12-01"')))
    assert len({plain.digest, first.digest, second.digest}) == 3


@pytest.mark.parametrize("snapshot", SHIPPED.all(), ids=lambda snapshot: snapshot.id)
def test_the_shipped_playbooks_wait_for_nobody(snapshot: Snapshot) -> None:
    """A region can approve them in an afternoon."""
    assert snapshot.waiting == ()


@pytest.mark.parametrize(
    "playbook", ["akut-stangd", "besoksforbud", "cyberattack", "dricksvatten", "masskada", "rok-gas"]
)
def test_the_shipped_playbooks_that_give_advice_say_where_they_have_it_from(playbook: str) -> None:
    """By who published it and what it is called; no address that moves."""
    snapshot = SHIPPED[playbook]
    assert len(snapshot.sources) >= 2
    assert all(one.source and "://" not in one.source and len(one.source) > 30 for one in snapshot.sources)


def line_of(folder: Path, needle: str) -> int:
    lines = (folder / "strommen.toml").read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if needle in line)
