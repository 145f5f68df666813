"""`playbooks`: reading, approving and revoking words, with a password and without settings."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

from drawn import ALT, hang, png, sha256
from service import PASSWORD, PLAYBOOKS

from broadcaster import amendment
from broadcaster.commands.wiring import Wiring
from broadcaster.rewriting import rewritten, values
from broadcaster.schema import schemas
from broadcaster.wording import RULES

Operator = Any


def approve(operator: Operator, person: str, playbook: str = "telefoni-1177", password: str = PASSWORD) -> Any:
    return operator.type("playbooks", "approve", playbook, "--as", person, "--password-stdin", given=password + "\n")


def amend(operator: Operator, version: int, said: str) -> bytes:
    """Keep a change of dan's, as the desk does, and return its file."""
    parts = Wiring(operator.environ).parts
    before = (PLAYBOOKS / "telefoni-1177.toml").read_bytes()
    path = ("texts", "first", "facebook", "sv")
    words = str(values(before)[path]).replace("Vi arbetar med att lösa felet.", said)
    text = rewritten(before, {path: words, ("version",): version, ("editor",): "dan"})
    snapshot, faults = parts.playbooks.prove("telefoni-1177", text)
    assert snapshot is not None, faults
    with parts.store.transaction() as transaction:
        amendment.propose(transaction, snapshot, text, parts.playbooks.files["telefoni-1177"].digest)
    parts.store.close()
    return text


class TestWithoutSettings:
    """A stranger with a folder of playbooks can prove and print them."""

    def test_sound_playbooks_are_said_to_be_sound_and_printed_whole(self, stranger: Operator) -> None:
        shutil.copytree(PLAYBOOKS, stranger.folder / "playbooks")
        checked = stranger.run("playbooks", "check")
        count = len(list(PLAYBOOKS.glob("*.toml"))) - 1
        assert (checked.returncode, checked.stdout.splitlines()[-1]) == (0, f"{count} playbooks are sound")
        printed = stranger.run("playbooks", "print", "telefoni-1177")
        assert printed.returncode == 0
        assert "--- CAP 1.2 · category: Infra, Health; severity: Severe;" in printed.stdout
        for phase in ("first", "update", "correction", "false_alarm", "all_clear"):
            assert f"--- {phase} · facebook · sv" in printed.stdout
        unknown = stranger.type("playbooks", "print", "finns-inte")
        assert unknown.exit_code == 1 and "telefoni-1177" in unknown.output

    def test_a_table_says_what_each_playbook_has_and_how_near_its_texts_are_to_the_limit(
        self, stranger: Operator
    ) -> None:
        """Phases, languages, rules held, and for each channel the longest its texts can become, in 100 columns."""
        shutil.copytree(PLAYBOOKS, stranger.folder / "playbooks")
        said = stranger.run("playbooks", "check").stdout
        table = said.partition("Below each playbook")[0].splitlines()
        assert table[0].split() == ["playbook", "phases", "languages", "rules", "warnings"]
        assert max(len(line) for line in table) <= 100
        rows = {line.split()[0]: line for line in table[1:] if not line.startswith(" ")}
        assert set(rows) == {file.stem for file in PLAYBOOKS.glob("*.toml")} - {"register"}
        row = rf"telefoni-1177 +all 5 +sv en sv-x-lattlast \(ar\) \(so\) \(fi\) +\d+/{len(RULES)} +\d+$"
        assert re.match(row, rows["telefoni-1177"])
        cells = dict(re.findall(r"(\w+) (\d+/\d+(?: words)?)", " ".join(table[table.index(rows["telefoni-1177"]) :])))
        assert set(cells) >= {"own_web", "facebook", "1177_notice", "1177_article"} and "words" in cells["1177_phone"]
        for fits in cells.values():
            size, limit = (int(number) for number in fits.removesuffix(" words").split("/"))
            assert 0 < size <= limit

    def test_a_warning_is_shown_with_its_line_and_its_rule_and_blocks_nothing(self, stranger: Operator) -> None:
        folder = stranger.folder / "playbooks"
        shutil.copytree(PLAYBOOKS, folder)
        file = folder / "telefoni-1177.toml"
        text = file.read_text("utf-8").replace("Vi beklagar misstaget.", "Vi beklagar misstaget!", 1)
        file.write_text(text, "utf-8")
        checked = stranger.run("playbooks", "check")
        line = text[: text.index("misstaget!")].count("\n") + 1
        key, words = "texts.correction.own_web.sv", "has an exclamation mark; write a full stop (exclaims)"
        assert f"telefoni-1177.toml:{line}: {key}: warning: {words}" in checked.stdout and checked.returncode == 0

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
        checked = stranger.run("playbooks", "check").stdout
        assert checked.splitlines()[-1] == "10 playbooks are sound, and so is 1 picture"
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

    def test_a_folder_for_paper_is_written_and_named(self, stranger: Operator) -> None:
        """Nothing has to be set up, and what is on the screen without a folder stays what it was."""
        shutil.copytree(PLAYBOOKS, stranger.folder / "playbooks")
        made = stranger.run("playbooks", "print", "telefoni-1177", "--into", "papper")
        names = ["index.html", "krismall-telefoni-1177.html"]
        assert (made.returncode, made.stdout.split()) == (0, [f"papper/{name}" for name in names])
        assert "approvals could not be read" in made.stderr
        assert sorted(file.name for file in (stranger.folder / "papper").iterdir()) == names
        again = stranger.run("playbooks", "print", "dricksvatten", "--into", "papper")
        assert "papper/krismall-telefoni-1177.html is of an earlier printing" in again.stderr
        (stranger.folder / "fil").write_text("", "utf-8")
        refused = stranger.run("playbooks", "print", "--into", "fil")
        assert refused.returncode != 0 and "Traceback" not in refused.stderr

    def test_the_form_of_a_file_is_printed_for_editors_or_written_to_a_folder(self, stranger: Operator) -> None:
        made = schemas()
        assert stranger.type("playbooks", "schema").output == made["playbook.json"]
        assert stranger.type("playbooks", "schema", "register").output == made["register.json"]
        folder = stranger.folder / "schema"
        assert stranger.type("playbooks", "schema", "--into", str(folder)).exit_code == 0
        assert {file.name: file.read_text("utf-8") for file in folder.iterdir()} == made


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

    def test_what_waits_for_somebodys_yes_is_not_approved_and_it_is_said_whom_to_ask(self, operator: Operator) -> None:
        """In the check as a warning that stops nothing, and instead of the approval."""
        folder = operator.folder / "mallar"
        shutil.copytree(PLAYBOOKS, folder)
        settings = operator.folder / "settings.toml"
        settings.write_text(settings.read_text("utf-8").replace(str(PLAYBOOKS), str(folder)), "utf-8")
        file = folder / "telefoni-1177.toml"
        entry = '[[sources]]\nsays = "Ring en annan dag."\nkind = "medical"\nneeds_signoff = "chefläkaren"\n'
        file.write_text(file.read_text("utf-8").replace("[[checklist]]", f"{entry}\n[[checklist]]", 1), "utf-8")
        operator.add("anna", "approver")
        checked = operator.type("playbooks", "check")
        assert "cannot be approved before this has a yes: chefläkaren (needs_signoff)" in checked.output
        assert checked.exit_code == 0
        refused = approve(operator, "anna")
        assert refused.exit_code == 1
        assert "Somebody must say yes to this first: 'Ring en annan dag.' – chefläkaren" in refused.output

    def test_a_change_made_in_the_desk_is_listed_approved_and_taken_out_as_its_file(self, operator: Operator) -> None:
        """To the byte; file and desk agree when it lies in the folder, and `check` says when they do not."""
        for name in ("anna", "bo"):
            operator.add(name, "approver")
            approve(operator, name)
        text = amend(operator, 2, "Vi lagar felet.")
        listed = operator.type("playbooks", "list").output
        assert "telefoni-1177\tversion 2\tproposed\tby dan\tnot in force" in listed
        words = "playbooks", "approve", "telefoni-1177", "--proposed", "--password-stdin", "--as"
        assert "pending" in operator.type(*words, "anna", given=PASSWORD + "\n").output
        assert "telefoni-1177 version 2 approved" in operator.type(*words, "bo", given=PASSWORD + "\n").output
        assert operator.type("playbooks", "export", "telefoni-1177").stdout_bytes == text
        into = operator.folder / "ut"
        assert operator.type("playbooks", "export", "telefoni-1177", "--into", str(into)).exit_code == 0
        assert (into / "telefoni-1177.toml").read_bytes() == text
        none = operator.type("playbooks", "export", "telefoni-1177", "--proposed")
        assert none.exit_code == 1 and "leave out --proposed" in none.output
        assert "Vi lagar felet." in operator.type("playbooks", "print", "telefoni-1177").output

    def test_a_file_that_says_otherwise_under_the_same_number_fails_the_check(self, operator: Operator) -> None:
        for name in ("anna", "bo"):
            operator.add(name, "approver")
        amend(operator, 2, "Vi lagar felet.")
        for name in ("anna", "bo"):
            words = "playbooks", "approve", "telefoni-1177", "--proposed", "--password-stdin", "--as", name
            assert operator.type(*words, given=PASSWORD + "\n").exit_code == 0
        assert operator.type("playbooks", "check").exit_code == 0
        folder = shutil.copytree(PLAYBOOKS, operator.folder / "playbooks")
        file = folder / "telefoni-1177.toml"
        file.write_text(file.read_text("utf-8").replace("version = 1", "version = 2"), "utf-8")
        settings = Path(operator.environ["BROADCASTER_CONFIG"])
        settings.write_text(settings.read_text("utf-8").replace(str(PLAYBOOKS), str(folder)), "utf-8")
        for command in (("playbooks", "check"), ("check",)):
            checked = operator.type(*command)
            assert checked.exit_code == 1 and "have different words" in checked.output, checked.output

    def test_paper_says_whose_words_are_approved_and_where_our_own_page_is(self, operator: Operator) -> None:
        for name in ("anna", "bo"):
            operator.add(name, "approver")
            approve(operator, name)
        folder = operator.folder / "papper"
        made = operator.type("playbooks", "print", "telefoni-1177", "dricksvatten", "--into", str(folder))
        assert made.exit_code == 0 and "dricksvatten is pending" in made.output
        good, bad = ((folder / f"krismall-{one}.html").read_text("utf-8") for one in ("telefoni-1177", "dricksvatten"))
        assert "anna, bo" in good and "EJ GODKÄND" not in good and "EJ GODKÄND" in bad
        assert "<title>https://kris.region.example</title>" in good

    def test_paper_is_printed_also_when_the_database_is_gone(self, operator: Operator) -> None:
        """That is when it is needed most; the sheets say that nobody could look."""
        for file in operator.folder.glob("*.db*"):
            file.unlink()
        folder = operator.folder / "papper"
        made = operator.type("playbooks", "print", "telefoni-1177", "--into", str(folder))
        assert made.exit_code == 0 and "approvals could not be read" in made.output
        assert "kunde inte läsas vid utskriften" in (folder / "krismall-telefoni-1177.html").read_text("utf-8")
        assert not list(operator.folder.glob("*.db")), "and printing makes no database"

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

    def test_what_changed_since_the_last_approved_version_is_shown_word_by_word(
        self, operator: Operator, approve_all: Any, tmp_path: Path
    ) -> None:
        first = operator.type("playbooks", "show", "telefoni-1177", "--changes").output
        assert "No version of this playbook was approved before" in first
        approve_all(operator)
        file = _edited(tmp_path)
        text = re.sub(r"^version = .+$", "version = 99", file.read_text("utf-8"), count=1, flags=re.MULTILINE)
        file.write_text(text.replace("Vi beklagar misstaget.", "Vi beklagar felet.", 1), "utf-8")
        easy = file.parent / "sv-x-lattlast" / file.name  # read again and still true, so that only these words differ
        easy.write_text(re.sub(r"swedish = .*\n", "", easy.read_text("utf-8")), "utf-8")
        shown = operator.type("playbooks", "show", "telefoni-1177", "--changes")
        assert shown.exit_code == 0
        assert re.search(r"^Changed since version \d+, approved \S+ by anna, bo: 1 text$", shown.output, re.MULTILINE)
        assert re.search(r"^--- texts · correction · \w+ · sv \(changed\)$", shown.output, re.MULTILINE)
        assert "Vi beklagar [-misstaget-]{+felet+}." in shown.output
        assert re.search(r"--- edition · version \(changed\)\n\n\[-\d+-\]{\+99\+}", shown.output)

    def test_words_that_are_no_longer_in_the_file_can_still_be_revoked(
        self, operator: Operator, tmp_path: Path
    ) -> None:
        """An incident goes on in the words it began with, so those are what must be stopped."""
        for name in ("anna", "bo"):
            operator.add(name, "approver")
            approve(operator, name)
        old = operator.type("playbooks", "show", "telefoni-1177").output.split()[3]
        file = _edited(tmp_path)
        file.write_text(file.read_text("utf-8").replace("Expect a queue.", "Expect to wait."), "utf-8")
        words = ("playbooks", "revoke", "telefoni-1177", "--as", "bo", "--password-stdin")
        assert operator.type(*words, given=PASSWORD).exit_code == 1, "the words in the file are other ones"
        wrong = operator.type("playbooks", "revoke", "allman-handelse", *words[3:], "--digest", old, given=PASSWORD)
        assert wrong.exit_code == 1 and "telefoni-1177" in wrong.output
        unknown = operator.type(*words, "--digest", "sha256:" + "0" * 64, given=PASSWORD)
        assert unknown.exit_code == 1 and "nothing was changed" in unknown.output
        assert operator.type(*words, "--digest", old, given=PASSWORD).exit_code == 0


def _edited(folder: Path) -> Path:
    """Give the region playbooks of its own, and return the file of one to be edited."""
    shutil.copytree(PLAYBOOKS, folder / "edited")
    settings = folder / "settings.toml"
    text = settings.read_text("utf-8").replace(json.dumps(str(PLAYBOOKS)), '"edited"')
    settings.write_text(text, "utf-8")
    return folder / "edited" / "telefoni-1177.toml"
