"""Pictures are written beside the words they go with, checked like them, and part of what two people approve."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from drawn import ALT, ALT_EN, EVERYWHERE, JPEG, SHIPPED, hang, png, sha256

from broadcaster.errors import Unsound
from broadcaster.playbook import Playbooks, Snapshot, check

NAME = "telefoni-1177.toml"


def load(folder: Path) -> Snapshot:
    return Playbooks.load(folder, organisation="Region Exempel", timezone="Europe/Stockholm")["telefoni-1177"]


def faults(folder: Path, toml: str = EVERYWHERE, **files: bytes) -> list[Unsound]:
    return check(hang(folder, toml, **files))


def test_a_playbook_may_have_pictures(tmp_path: Path) -> None:
    snapshot = load(hang(tmp_path))
    (shown,) = snapshot.pictures("first", "facebook", "sv", "live")
    assert (shown.sha256, shown.type, shown.width, shown.height, shown.alt) == (
        sha256(png()), "image/png", 400, 300, ALT)  # fmt: skip
    assert snapshot.pictures("first", "own_web", "en", "live")[0].alt == ALT_EN
    assert snapshot.pictures("first", "1177_article", "sv", "live") == ()
    assert snapshot.files == {sha256(png()): png()}


def test_a_drill_says_so_also_in_the_words_of_a_picture(tmp_path: Path) -> None:
    """Whoever hears the picture instead of seeing it must know that it is an exercise."""
    snapshot = load(hang(tmp_path))
    (drilled,) = snapshot.pictures("first", "own_web", "sv", "drill")
    (live,) = snapshot.pictures("first", "own_web", "sv", "live")
    assert drilled.alt.startswith("ÖVNING") and drilled.alt.endswith(ALT)
    assert replace(drilled, alt=ALT) == live


def test_one_changed_byte_of_a_picture_needs_a_new_approval(tmp_path: Path) -> None:
    """Two people said yes to what they saw."""
    before = load(hang(tmp_path / "a"))
    after = load(hang(tmp_path / "b", karta_png=png(shade=81)))
    assert before.digest != after.digest
    assert json.loads(before.content)["pictures"]["karta.png"]["sha256"] == sha256(png())


def test_changed_alt_text_or_place_needs_a_new_approval(tmp_path: Path) -> None:
    before = load(hang(tmp_path / "a")).digest
    assert load(hang(tmp_path / "b", EVERYWHERE.replace("norr om", "söder om"))).digest != before
    assert load(hang(tmp_path / "c", EVERYWHERE.replace(', "all_clear"', ""))).digest != before


def test_a_playbook_without_pictures_has_the_digest_it_always_had() -> None:
    """Nobody has to approve anew because others may have pictures."""
    content = json.loads(load(SHIPPED).content)
    assert "pictures" not in content and "pictures" not in content["playbook"]


def test_the_stored_playbook_knows_its_pictures_without_any_file(tmp_path: Path) -> None:
    snapshot = load(hang(tmp_path))
    again = Snapshot.from_content(snapshot.content)
    assert again.pictures("first", "facebook", "sv", "live") == snapshot.pictures("first", "facebook", "sv", "live")
    assert again.files == {} and again.digest == snapshot.digest


def test_a_picture_can_be_for_one_language_only(tmp_path: Path) -> None:
    """Text in a picture is in one language."""
    toml = EVERYWHERE.replace(f', en = "{ALT_EN}"', "") + 'languages = ["sv"]\n'
    snapshot = load(hang(tmp_path, toml))
    assert snapshot.pictures("first", "own_web", "en", "live") == ()
    assert snapshot.pictures("first", "own_web", "sv", "live") != ()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("karta.png", "saknas.png", "there is no file pictures/saknas.png that can be read"),
        (f', en = "{ALT_EN}"', "", "has no alt text in en; say in words what it shows"),
        (f'en = "{ALT_EN}"', f'en = "{ALT_EN}", fi = "Kartta koko alueesta."', "has an alt text in fi, where it is"),
        (ALT, "Karta.", "has 6 characters; 10 to 200 are heard"),
        (ALT, "x" * 201, "has 201 characters"),
        (ALT, "Läs mer på kris.region.example om det.", "has the address kris.region.example"),
        (ALT, "Läs mer på https://127.0.0.1 om det.", "has the address ://"),
        (ALT, "Bild på området norr om älven.", "begins with 'Bild på', which screen readers say"),
        (ALT, "Karta över ${omrade} i Värmland.", "has a hole"),
        (ALT, "Viktigt VMA för hela Karlstad.", "says VMA"),
        (ALT, "Ring 010-831 50 00 om du undrar.", "has the number 010-831 50 00"),
        (ALT, "Karta över läget just nu i stan.", "says 'just nu', which goes stale"),
        ('["own_web", "facebook"]', '["own_web", "1177_notice"]', "the channel 1177_notice holds words alone"),
        ('"all_clear"]', '"all_clear"]\nlanguages = ["sv", "fi"]', "the language fi is not one of the playbook's"),
    ],
)
def test_what_is_wrong_with_a_picture_is_said_with_its_line(tmp_path: Path, old: str, new: str, reason: str) -> None:
    found = faults(tmp_path, EVERYWHERE.replace(old, new))
    (fault,) = [one for one in found if reason in one.reason]
    assert fault.file == NAME
    lines = (tmp_path / NAME).read_text("utf-8").splitlines()
    assert lines[fault.line - 1].startswith("file = ") and "picture " in fault.reason


@pytest.mark.parametrize("name", ["../register.toml", "karta.svg", "karta.gif", "Karta.png", "/etc/passwd.png", ".png"])
def test_a_picture_lies_in_its_folder_and_is_called_plainly(tmp_path: Path, name: str) -> None:
    (fault,) = faults(tmp_path, EVERYWHERE.replace("karta.png", name))
    assert fault.key == "pictures.0.file" and fault.line > 0


def test_a_picture_that_is_something_else_inside_is_refused(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, karta_png=JPEG)
    assert "is image/jpeg inside; call it .jpg" in fault.reason


def test_an_unusable_file_is_refused_with_advice(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, karta_png=png(200, 200))
    assert "the file pictures/karta.png is 200 × 200 pixels" in fault.reason and "1200 × 630" in fault.reason


def test_at_most_four_pictures_stand_beside_the_same_words(tmp_path: Path) -> None:
    files = {f"k{number}_png": png(shade=number) for number in range(5)}
    four = "".join(EVERYWHERE.replace("karta.png", f"k{number}.png") for number in range(4))
    assert faults(tmp_path / "four", four, **files) == []
    five = faults(tmp_path / "five", four + EVERYWHERE.replace("karta.png", "k4.png"), **files)
    assert any("first, facebook, sv would show 5 pictures; 4 at the most" in fault.reason for fault in five)


def test_a_picture_is_named_once(tmp_path: Path) -> None:
    """With two alt texts nobody would know which is heard."""
    found = faults(tmp_path, EVERYWHERE + EVERYWHERE)
    assert any("stands in the playbook twice" in fault.reason for fault in found)
