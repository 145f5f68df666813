"""A folder of playbooks that is not sound stops the start, and says in which line to look and what to do."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from broken_playbooks import BROKEN, PLAYBOOK, REGISTER, SOUND, Broken

from broadcaster.errors import Unsound
from broadcaster.playbook import Playbooks, check

SHIPPED = Path(__file__).parent.parent / "playbooks"

Edit = Callable[..., list[Unsound]]


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """Return a function that changes one file of the small sound folder and says what is then wrong."""
    for file in SOUND.glob("*.toml"):
        shutil.copy(file, tmp_path)

    def edit(old: str, new: str, name: str = PLAYBOOK, times: int = 1) -> list[Unsound]:
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert old in text
        (tmp_path / name).write_text(text.replace(old, new, times), encoding="utf-8")
        return check(tmp_path)

    return edit


def test_the_shipped_playbooks_are_sound() -> None:
    """The least a customer may expect."""
    assert check(SHIPPED) == []


def test_the_small_folder_that_the_tests_break_is_sound() -> None:
    """So that each of them breaks it in one place only."""
    assert check(SOUND) == []


def test_a_region_with_a_long_name_can_use_them_too() -> None:
    """The name stands in every text, so it must not be what makes one too long."""
    assert check(SHIPPED, organisation="Region Hälsingland och norra Gästrikland") == []


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: f"{broken.key}-{broken.new[:24]!r}")
def test_a_fault_is_told_with_its_line_its_key_and_what_to_do(edited: Edit, tmp_path: Path, broken: Broken) -> None:
    """Whoever wrote the file finds the place and knows what to write instead."""
    found = edited(broken.old, broken.new, broken.file, broken.times)
    lines = (tmp_path / broken.file).read_text("utf-8").splitlines()
    at = 0
    if broken.at:
        at = next(number for number, line in enumerate(lines, 1) if broken.at in line) + broken.below
    told = [(fault.file, fault.line, fault.key, fault.reason) for fault in found]
    assert (broken.file, at, broken.key, broken.reason) in told, "\n".join(map(str, found))


def test_every_fault_says_what_to_do(edited: Edit) -> None:
    """At least forty ways to break a playbook, and each answer has its advice after a semicolon."""
    assert len(BROKEN) >= 40
    assert [broken.reason for broken in BROKEN if "; " not in broken.reason] == []


def test_a_fault_is_one_line_that_an_editor_can_jump_to(edited: Edit) -> None:
    """File, line, key, reason, parted by colons as compilers do."""
    (fault,) = edited('owner = "Driften"', 'owner = "D"')
    assert str(fault) == "strommen.toml:7: owner: is too short; write at least 2 characters"


def test_a_text_that_could_become_too_long_is_told_once(edited: Edit) -> None:
    """Measured with the longest values, in a drill, with the top line on Facebook: the longest of them is told."""
    longer = "Tack för att du läser hela det här inlägget.\n\n" * 40
    (fault,) = edited("Dela gärna. Vi läser kommentarerna.", f"{longer}Dela gärna. Vi läser kommentarerna.")
    assert "facebook holds 2000" in fault.reason and fault.key == "texts.first.facebook.sv"


def test_every_fault_of_every_file_is_told_at_once(edited: Edit) -> None:
    """Nobody corrects one line, starts again and meets the next."""
    edited("${fragor} Vi arbetar", "${a} Vi arbetar")
    faults = edited("${fragor} We are", "${b} We are")
    assert sum("is not declared" in fault.reason for fault in faults) == 2


def test_one_fault_of_the_register_does_not_hide_those_of_a_playbook(edited: Edit) -> None:
    """Both files are read to their end."""
    edited("${fragor} Vi arbetar", "${a} Vi arbetar")
    assert {fault.file for fault in edited('sv = "ÖVNING:"', 'sv = "Test:"', REGISTER)} == {PLAYBOOK, REGISTER}


def test_nothing_starts_from_an_unsound_folder(edited: Edit, tmp_path: Path) -> None:
    """The first fault is raised, with file and line."""
    (fault,) = edited("${fragor} Vi arbetar", "${a} Vi arbetar")
    with pytest.raises(Unsound, match=rf"{PLAYBOOK}:{fault.line}: texts\.first\.own_web\.sv: "):
        Playbooks.load(tmp_path, organisation="Region Exempel", timezone="Europe/Stockholm")


def test_an_empty_or_missing_folder_is_a_fault(tmp_path: Path) -> None:
    """A service without words is not started by mistake."""
    assert check(tmp_path / "nowhere")
    assert check(tmp_path)
    shutil.copy(SOUND / REGISTER, tmp_path)
    assert [fault.reason for fault in check(tmp_path)] == ["has no playbooks; put some there, one file each"]


def test_a_file_that_is_no_text_says_how_to_save_it(tmp_path: Path) -> None:
    """A word processor's file is no playbook."""
    shutil.copytree(SOUND, tmp_path, dirs_exist_ok=True)
    (tmp_path / PLAYBOOK).write_bytes(b"\xff\xfe\x00")
    assert [fault.reason.partition("; ")[2] for fault in check(tmp_path) if fault.file == PLAYBOOK] == [
        "save it as UTF-8, where the service may read it"
    ]
