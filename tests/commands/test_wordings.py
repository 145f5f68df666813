"""`playbooks`: reading, approving and revoking words, with a password and without settings."""

import json
import shutil
from pathlib import Path
from typing import Any

from drawn import ALT, hang, png, sha256
from service import PASSWORD, PLAYBOOKS

Operator = Any


def approve(operator: Operator, person: str, playbook: str = "telefoni-1177", password: str = PASSWORD) -> Any:
    return operator.type("playbooks", "approve", playbook, "--as", person, "--password-stdin", given=password + "\n")


class TestWithoutSettings:
    """A stranger with a folder of playbooks can prove and print them."""

    def test_sound_playbooks_are_said_to_be_sound_and_printed_whole(self, stranger: Operator) -> None:
        shutil.copytree(PLAYBOOKS, stranger.folder / "playbooks")
        checked = stranger.run("playbooks", "check")
        assert (checked.returncode, checked.stdout) == (0, "3 playbooks are sound\n")
        printed = stranger.run("playbooks", "print", "telefoni-1177")
        assert printed.returncode == 0
        assert "--- CAP 1.2 · category: Infra, Health; severity: Severe;" in printed.stdout
        for phase in ("first", "update", "correction", "false_alarm", "all_clear"):
            assert f"--- {phase} · facebook · sv" in printed.stdout
        unknown = stranger.type("playbooks", "print", "finns-inte")
        assert unknown.exit_code == 1 and "telefoni-1177" in unknown.output

    def test_a_fault_is_named_with_file_line_and_reason(self, stranger: Operator) -> None:
        folder = stranger.folder / "playbooks"
        shutil.copytree(PLAYBOOKS, folder)
        file = folder / "telefoni-1177.toml"
        file.write_text(file.read_text("utf-8").replace('id = "telefoni-1177"', 'id = "Telefoni"'), "utf-8")
        checked = stranger.run("playbooks", "check")
        assert checked.returncode == 1
        assert "telefoni-1177.toml:3:" in checked.stdout

    def test_pictures_are_counted_and_printed_in_words(self, stranger: Operator) -> None:
        """On paper nobody sees them, and whoever approves must know what is shown where."""
        hang(stranger.folder / "playbooks")
        assert stranger.run("playbooks", "check").stdout == "3 playbooks are sound, and so is 1 picture\n"
        printed = stranger.run("playbooks", "print", "telefoni-1177").stdout
        assert printed.count(f"[picture 400 × 300, {sha256(png())}.png: {ALT}]") == 10
        (stranger.folder / "playbooks/pictures/karta.png").write_bytes(b"<svg/>")
        checked = stranger.run("playbooks", "check")
        assert checked.returncode == 1 and "telefoni-1177.toml:" in checked.stdout
        assert "picture karta.png: the file pictures/karta.png is neither PNG nor JPEG inside" in checked.stdout

    def test_texts_that_do_not_fit_with_the_regions_own_name_are_all_found(self, operator: Operator) -> None:
        settings = operator.folder / "settings.toml"
        text = settings.read_text("utf-8").replace("Region Värmland", "Region " + "Långtnamn " * 7)
        settings.write_text(text, "utf-8")
        checked = operator.type("playbooks", "check")
        assert checked.exit_code == 1
        assert len([line for line in checked.output.splitlines() if ".toml:" in line]) > 1


class TestApproving:
    def test_two_people_with_their_own_passwords_make_it_approved(self, operator: Operator) -> None:
        for name in ("anna", "bo"):
            operator.add(name, "approver")
        first = approve(operator, "anna")
        assert first.exit_code == 0 and "pending (by anna; 1 more needed)" in first.output
        assert "1 more needed" in approve(operator, "Anna ").output, "the same person twice is one person"
        assert "approved (by anna, bo)" in approve(operator, "bo").output
        listed = operator.type("playbooks", "list").output
        assert "telefoni-1177\tversion 1\tapproved\tby anna, bo\tuntil 20" in listed
        assert "allman-handelse\tversion 1\tpending\tby -\tuntil -" in listed
        shown = operator.type("playbooks", "show", "telefoni-1177")
        assert " approved\n" in shown.output and "sha256:" in shown.output

    def test_a_wrong_password_a_wrong_role_and_a_wrong_name_are_refused(self, operator: Operator) -> None:
        operator.add("anna", "approver")
        operator.add("sara", "sender")
        for refused in (
            approve(operator, "anna", password="fel"),
            approve(operator, "sara"),
            approve(operator, "ingen"),
            approve(operator, "anna", "finns-inte"),
        ):
            assert refused.exit_code == 1 and refused.output.startswith("Error: "), refused.output
        assert operator.type("playbooks", "approve", "telefoni-1177").exit_code == 2
        assert "pending\tby -" in operator.type("playbooks", "list").output

    def test_revoked_words_are_not_approved_again(self, operator: Operator) -> None:
        for name in ("anna", "bo"):
            operator.add(name, "approver")
            approve(operator, name)
        words = ("playbooks", "revoke", "telefoni-1177", "--as", "bo", "--password-stdin")
        assert operator.type(*words, given=PASSWORD).output == "telefoni-1177 version 1 revoked\n"
        assert operator.type(*words, given=PASSWORD).exit_code == 1
        refused = approve(operator, "anna")
        assert refused.exit_code == 1 and "revoked" in refused.output

    def test_words_that_are_no_longer_in_the_file_can_still_be_revoked(
        self, operator: Operator, tmp_path: Path
    ) -> None:
        """An incident goes on in the words it began with, so those are what must be stopped."""
        for name in ("anna", "bo"):
            operator.add(name, "approver")
            approve(operator, name)
        old = operator.type("playbooks", "show", "telefoni-1177").output.split()[3]
        shutil.copytree(PLAYBOOKS, tmp_path / "edited")
        file = tmp_path / "edited" / "telefoni-1177.toml"
        file.write_text(file.read_text("utf-8").replace("Expect a queue.", "Expect to wait."), "utf-8")
        settings = tmp_path / "settings.toml"
        text = settings.read_text("utf-8").replace(json.dumps(str(PLAYBOOKS)), '"edited"')
        settings.write_text(text, "utf-8")
        words = ("playbooks", "revoke", "telefoni-1177", "--as", "bo", "--password-stdin")
        assert operator.type(*words, given=PASSWORD).exit_code == 1, "the words in the file are other ones"
        wrong = operator.type("playbooks", "revoke", "allman-handelse", *words[3:], "--digest", old, given=PASSWORD)
        assert wrong.exit_code == 1 and "telefoni-1177" in wrong.output
        unknown = operator.type(*words, "--digest", "sha256:" + "0" * 64, given=PASSWORD)
        assert unknown.exit_code == 1 and "nothing was changed" in unknown.output
        assert operator.type(*words, "--digest", old, given=PASSWORD).exit_code == 0
