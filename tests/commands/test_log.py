"""`audit`: a stranger with a folder can tell whether the log is whole."""

import sqlite3
from typing import Any

Operator = Any


def test_the_log_is_exported_and_verified_with_nothing_but_the_folder(operator: Operator, stranger: Operator) -> None:
    folder = operator.folder / "log"
    exported = operator.type("audit", "export", str(folder))
    assert (exported.exit_code, exported.output) == (0, f"3 entries in {folder}/entries.jsonl\n")
    stranger.environ.clear()
    sound = stranger.run("audit", "verify", str(folder))
    assert (sound.returncode, sound.stdout) == (0, "sound: 3 entries\n")
    file = folder / "entries.jsonl"
    file.write_bytes(file.read_bytes().replace(b"user:added", b"user:disabled"))
    changed = stranger.type("audit", "verify", str(folder))
    assert changed.exit_code == 1
    assert changed.output == "NOT SOUND: entry 2: does not name the entry before it: one of the two was changed\n"
    assert stranger.type("audit", "verify", str(operator.folder / "nowhere")).exit_code == 1


def test_a_log_changed_in_the_database_is_found(operator: Operator) -> None:
    assert operator.type("audit", "verify").output == "sound: 2 entries\n"
    with sqlite3.connect(operator.folder / "broadcaster.db") as connection:
        connection.execute("DROP TRIGGER log_no_delete")
        connection.execute("DELETE FROM audit_entry WHERE seq = 1")
    connection.close()
    found = operator.type("audit", "verify")
    assert found.exit_code == 1 and "cut off" in found.output


def test_a_folder_that_cannot_be_written_is_named(operator: Operator) -> None:
    (operator.folder / "file").write_text("")
    refused = operator.type("audit", "export", str(operator.folder / "file" / "log"))
    assert refused.exit_code == 1 and "choose another folder" in refused.output
