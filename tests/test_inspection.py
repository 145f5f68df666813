"""A folder looked through: what is sound, how long its texts can become, and what is wrong with the rest."""

import shutil
from pathlib import Path

import pytest
from broken_playbooks import SOUND

from broadcaster.inspection import Inspected, inspect
from broadcaster.wording import RULES

WHO = {"organisation": "Region Exempel", "timezone": "Europe/Stockholm"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(SOUND, tmp_path, dirs_exist_ok=True)
    return tmp_path


def only(folder: Path) -> Inspected:
    (one,), faults = inspect(folder, **WHO)
    assert faults == []
    return one


def test_a_sound_playbook_shows_what_it_has_and_holds_every_rule(folder: Path) -> None:
    one = only(folder)
    assert (one.id, one.languages, one.passed, one.warnings) == ("strommen", ("sv", "en"), len(RULES), ())
    assert set(one.phases) == {"first", "update", "correction", "all_clear"}
    assert set(one.longest) == {"own_web", "facebook", "1177_phone"}


@pytest.mark.parametrize("mark", ["\x1b[2J", "\x07", "\u202e", "\u200b", "\x9b"])
def test_a_file_cannot_play_with_the_terminal_of_whoever_checks_it(folder: Path, mark: str) -> None:
    """Its keys are shown as they stand, and a terminal obeys some of them: they are shown by their codes."""
    file = folder / "strommen.toml"
    code = "".join(f"\\u{ord(one):04x}" for one in mark)
    file.write_text(f'"nyckel{code}" = 1\n' + file.read_text("utf-8"), "utf-8")
    _, (fault,) = inspect(folder, **WHO)
    assert str(fault).isprintable()
    assert f"nyckel{ascii(mark)[1:-1]}: there is no such key here" in str(fault)


def test_a_voice_is_measured_in_words_and_the_rest_in_characters(folder: Path) -> None:
    """As each channel's limit is; the longest of all phases and languages counts."""
    longest = only(folder).longest
    assert (longest["1177_phone"].unit, longest["1177_phone"].limit) == ("words", 75)
    assert (longest["facebook"].unit, longest["facebook"].limit) == ("", 2000)
    before = longest["own_web"].size
    file = folder / "strommen.toml"
    file.write_text(file.read_text("utf-8").replace("Det gäller dig som är inlagd.", "Det gäller. " * 40), "utf-8")
    assert only(folder).longest["own_web"].size > before + 200


def test_a_warning_has_the_line_of_the_words_and_the_name_of_its_rule(folder: Path) -> None:
    file = folder / "strommen.toml"
    text = file.read_text("utf-8").replace("Vi arbetar med reservkraft.", "Vi arbetar med reservkraft!")
    file.write_text(text, "utf-8")
    one = only(folder)
    (warning,) = one.warnings
    assert warning.line == text[: text.index("reservkraft!")].count("\n") + 1
    assert str(warning).endswith("warning: has an exclamation mark; write a full stop (exclaims)")
    assert one.passed == len(RULES) - 1


def test_a_playbook_with_a_fault_is_not_shown_as_sound_and_the_others_are(folder: Path) -> None:
    """One unfinished file hides nothing of the rest."""
    other = (folder / "strommen.toml").read_text("utf-8").replace('id = "strommen"', 'id = "vattnet"')
    (folder / "vattnet.toml").write_text(other.replace("${fragor} Vi arbetar", "${frogor} Vi arbetar"), "utf-8")
    sound, faults = inspect(folder, **WHO)
    assert [one.id for one in sound] == ["strommen"] and {fault.file for fault in faults} == {"vattnet.toml"}


def test_no_playbook_is_sound_on_an_unsound_register(folder: Path) -> None:
    """Its words stand in all of them."""
    file = folder / "register.toml"
    file.write_text(file.read_text("utf-8").replace('sv = "ÖVNING:"', 'sv = "Test:"'), "utf-8")
    sound, faults = inspect(folder, **WHO)
    assert sound == [] and len(faults) == 1
