"""A signature holds for the Swedish it was given for: when that changes, the translation waits and nothing stops."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from test_translation import WHO, arabic

from broadcaster import faithful
from broadcaster.inspection import inspect
from broadcaster.playbook import Playbooks, check
from broadcaster.proofreading import Proofreader

ROOT = Path(__file__).parent.parent
OLD, NEW = "Vi arbetar med reservkraft.", "Vi arbetar nu med reservkraft."
BOOK = "strommen"
BY = "Amal, översättare, 2026-12-01"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return playbooks whose Arabic somebody has signed, before signatures named their Swedish."""
    return arabic(tmp_path / "playbooks")


def sign(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Sign the Arabic as an operator does, in a folder without settings or database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BROADCASTER_")}
    words = [sys.executable, "-m", "broadcaster", "playbooks", "sign", "ar", BOOK, *more]
    environ = {**kept, "PYTHONPATH": str(ROOT)}
    return subprocess.run(words, cwd=folder.parent, env=environ, capture_output=True, text=True, check=False)


def rewrite(folder: Path, old: str = OLD, new: str = NEW) -> None:
    """Change the Swedish in the playbook's file."""
    file = folder / f"{BOOK}.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def languages(folder: Path) -> tuple[str, ...]:
    return Playbooks.load(folder, **WHO)[BOOK].languages


def warnings(folder: Path) -> str:
    sound, faults = inspect(folder, **WHO)
    assert faults == []
    return "\n".join(str(found) for one in sound for found in one.warnings)


def test_a_signed_translation_is_left_out_when_the_swedish_it_was_signed_for_changes(folder: Path) -> None:
    assert sign(folder).returncode == 0
    assert "ar" in languages(folder)
    rewrite(folder)
    assert "ar" not in languages(folder)
    assert check(folder, **WHO) == []
    assert "is signed for other Swedish words" in warnings(folder)


def test_signed_again_it_is_said_again(folder: Path) -> None:
    sign(folder)
    rewrite(folder)
    done = sign(folder, "--by", BY)
    assert BY in done.stdout
    assert "ar" in languages(folder)
    assert f'signed = "{BY}"' in (folder / "ar" / f"{BOOK}.toml").read_text("utf-8")


def test_signing_changes_nothing_else_in_the_file(folder: Path) -> None:
    file = folder / "ar" / f"{BOOK}.toml"
    before = file.read_text("utf-8")
    sign(folder)
    after = file.read_text("utf-8")
    assert [line for line in after.splitlines() if not line.startswith("swedish = ")] == before.splitlines()


def test_one_that_waits_is_signed_in_the_place_of_its_mark_and_only_by_a_name(tmp_path: Path) -> None:
    folder = arabic(tmp_path / "playbooks", signed=False)
    refused = sign(folder)
    assert refused.returncode == 2
    assert "--by" in refused.stderr
    assert sign(folder, "--by", BY).returncode == 0
    text = (folder / "ar" / f"{BOOK}.toml").read_text("utf-8")
    assert "needs_review" not in text
    assert text.index("signed = ") < text.index("[")


def test_english_and_what_only_other_channels_say_change_no_signature(folder: Path) -> None:
    """Facebook has one language, and this translation says nothing there."""
    sign(folder)
    file = folder / f"{BOOK}.toml"
    text = file.read_text("utf-8")
    place = text.index("[texts.first.facebook]")
    changed = text[:place] + text[place:].replace("Dela gärna.", "Dela gärna det här.", 1)
    assert changed != text
    file.write_text(changed, "utf-8")
    assert "ar" in languages(folder)


def test_a_signature_from_before_holds_for_the_file_and_not_for_what_is_changed_in_the_desk(folder: Path) -> None:
    reader = Proofreader(folder, **WHO)
    text = reader.texts[BOOK]
    changed = text.replace(OLD.encode(), NEW.encode())
    assert reader.outdated(BOOK, text) == ()
    assert reader.outdated(BOOK, changed) == ("ar",)
    content, faults = reader.prove(BOOK, changed)
    assert faults == []
    assert content is not None
    assert "ar" not in content.playbook.languages


def test_a_file_that_cannot_be_followed_is_left_alone() -> None:
    with pytest.raises(ValueError, match="by hand"):
        faithful.signed('"signed" = "Amal, 2026-12-01"\n[texts]\n', BY, f"sha256:{'0' * 64}")


def test_every_signature_that_is_shipped_names_the_swedish_that_is_shipped() -> None:
    shipped = ROOT / "playbooks"
    reader = Proofreader(shipped, "Region Exempel", "Europe/Stockholm")
    signed = [file for file in shipped.glob("*/*.toml") if "\nsigned = " in file.read_text("utf-8")]
    assert signed
    for file in (one for one in signed if one.stem != "register"):
        assert "\nswedish = " in file.read_text("utf-8"), file
        assert file.parent.name not in reader.outdated(file.stem, reader.texts[file.stem]), f"sign {file} again"
