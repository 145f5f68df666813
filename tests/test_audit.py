"""The log: what was entered cannot be changed unseen, by us or by anybody."""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from service import Clock
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from broadcaster import audit
from broadcaster.audit import Event, Fault
from broadcaster.migrations import migrate
from broadcaster.store import Store
from broadcaster.tables import audit_entry, log_head, private


@pytest.fixture
def store(database_url: str, clock: Clock) -> Iterator[Store]:
    store = Store(database_url, clock=clock.now)
    migrate(store)
    yield store
    store.close()


def entered(store: Store) -> list[bytes]:
    with store.reading() as transaction:
        return [entry for _, entry in audit.entries(transaction, limit=10_000)]


def chained(count: int) -> list[bytes]:
    """Return a sound log made without the service, as a stranger would write it from the description alone."""
    lines: list[bytes] = []
    prev = ""
    for seq in range(count):
        entry = {
            "v": 1,
            "seq": seq,
            "prev": prev,
            "ts": "2026-03-14T01:40:00.000000Z",
            "type": "key:added" if seq else "log:opened",
        }
        lines.append(json.dumps(entry, sort_keys=True, separators=(",", ":")).encode())
        prev = hashlib.sha256(b"\x00" + lines[-1]).hexdigest()
    return lines


SOUND = chained(9)


def fault_of(lines: list[bytes]) -> Fault:
    found = audit.verify_entries(lines)
    assert isinstance(found, Fault)
    return found


class TestWhatAStrangerFinds:
    """`audit verify FOLDER` needs nothing but the file, and names the entry where a lie begins."""

    def test_a_log_made_from_the_description_alone_is_sound(self) -> None:
        assert audit.verify_entries(SOUND) == len(SOUND)

    @pytest.mark.parametrize(
        ("change", "seq"),
        [
            (lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]], 3),
            (lambda lines: lines[:3] + lines[4:], 3),
            (lambda lines: lines[1:], 0),
            (lambda lines: [*lines[:3], lines[2], *lines[3:]], 3),
            (lambda lines: [*lines[:4], b"", *lines[4:]], 4),
            (lambda lines: [*lines[:4], lines[4][:-1], *lines[5:]], 4),
            (lambda lines: list(reversed(lines)), 0),
            (lambda lines: [*lines[:5], lines[5].replace(b"key:added", b"key:revoked"), *lines[6:]], 6),
            (lambda lines: [*lines[:5], lines[5].replace(b"key:added", b"key:invented"), *lines[6:]], 5),
            (lambda lines: [*lines[:5], lines[5].replace(b'"v":1', b'"v":2'), *lines[6:]], 5),
            (lambda lines: [lines[0], lines[1].replace(b'"seq":1', b'"seq":true'), *lines[2:]], 1),
            (lambda lines: [lines[0], lines[1].replace(b'"v":1', b'"v":true'), *lines[2:]], 1),
            (lambda lines: [*lines[:5], lines[5].replace(b'"key:added"', b"[]"), *lines[6:]], 5),
            (lambda lines: [*lines[:5], lines[5].replace(b'"v":1', b'"v":1,"v":1'), *lines[6:]], 5),
            (lambda lines: [*lines[:5], lines[5].replace(b":5", b":5.0"), *lines[6:]], 5),
            (lambda lines: [*lines[:5], b" " + lines[5], *lines[6:]], 5),
            (lambda lines: [*lines[:5], b"[" * 100_000, *lines[6:]], 5),
            (lambda lines: [*lines[:5], b'{"v":NaN}', *lines[6:]], 5),
            (lambda lines: [*lines[:5], b'"\\ud800"', *lines[6:]], 5),
            (lambda lines: [*lines[:5], b"\xff\xfe", *lines[6:]], 5),
            (lambda lines: [*lines[:5], b"9" * 5000, *lines[6:]], 5),
            (lambda lines: [], None),
        ],
    )
    def test_every_kind_of_change_is_found_at_its_entry(
        self, change: Callable[[list[bytes]], list[bytes]], seq: int | None
    ) -> None:
        assert fault_of(change(SOUND)).seq == seq

    @given(st.integers(0, len(SOUND) - 2), st.integers(0, 10_000), st.integers(1, 255))
    def test_any_flipped_bit_but_in_the_last_entry_is_found_there_or_right_after(
        self, line: int, place: int, mask: int
    ) -> None:
        changed = bytearray(SOUND[line])
        changed[place % len(changed)] ^= mask
        assert fault_of([*SOUND[:line], bytes(changed), *SOUND[line + 1 :]]).seq in (line, line + 1)

    def test_a_file_that_is_not_there_or_not_whole_is_said_to_be_so(self, tmp_path: Path) -> None:
        missing = audit.verify_folder(tmp_path)
        (tmp_path / "entries.jsonl").write_bytes(b"\n".join(SOUND))
        cut = audit.verify_folder(tmp_path)
        (tmp_path / "entries.jsonl").write_bytes(b"\n".join(SOUND) + b"\n")
        assert isinstance(missing, Fault) and "cannot be read" in missing.reason
        assert isinstance(cut, Fault) and "not whole" in cut.reason
        assert audit.verify_folder(tmp_path) == len(SOUND)

    def test_a_fault_says_its_entry_and_a_fault_of_the_whole_says_none(self) -> None:
        assert str(Fault(7, "is torn")) == "entry 7: is torn"
        assert str(Fault(None, "the log is empty")) == "the log is empty"


class TestWhatIsEntered:
    """An entry is final from the commit: exact canonical bytes behind the one before."""

    def test_the_log_opens_with_its_own_entry_and_names_each_entry_before(self, store: Store) -> None:
        with store.transaction() as transaction:
            audit.record(transaction, Event.KEY_ADDED, by="key:a", scopes=["read"], nothing=None)
        first, second = entered(store)
        assert json.loads(first) == {
            "v": 1,
            "seq": 0,
            "prev": "",
            "ts": "2026-03-14T01:40:00.000000Z",
            "type": "log:opened",
        }
        assert json.loads(second)["prev"] == hashlib.sha256(b"\x00" + first).hexdigest()
        assert "nothing" not in json.loads(second)
        assert [rfc8785.dumps(json.loads(entry)) for entry in (first, second)] == [first, second]
        assert audit.verify(store) == 2

    def test_several_entries_stand_in_the_order_of_the_calls(self, store: Store) -> None:
        with store.transaction() as transaction:
            for number in range(5):
                audit.record(transaction, Event.KEY_ADDED, number=number)
        assert [json.loads(entry).get("number") for entry in entered(store)] == [None, 0, 1, 2, 3, 4]

    def test_nothing_is_entered_when_the_act_did_not_happen(self, store: Store) -> None:
        def fail() -> None:
            with store.transaction() as transaction:
                audit.record(transaction, Event.KEY_ADDED)
                raise RuntimeError("the act failed")

        with pytest.raises(RuntimeError):
            fail()
        assert entered(store) == []
        found = audit.verify(store)
        assert isinstance(found, Fault) and "empty" in found.reason

    def test_a_persons_name_stands_there_only_as_a_salted_hmac(self, store: Store) -> None:
        with store.transaction() as transaction:
            audit.record(transaction, Event.KEY_ADDED, by="user:anna", private={"sentence": "Åke är sjuk."})
            audit.record(transaction, Event.KEY_ADDED, by="user:anna")
        one, two = entered(store)[1:]
        assert b"anna" not in one + two and "Åke".encode() not in one
        hidden = json.loads(one)["private"]
        assert hidden["by"] != json.loads(two)["private"]["by"], "the same person twice is not two equal marks"
        with store.reading() as transaction:
            row = transaction.execute(select(private).where(private.c.hmac == hidden["by"])).one()
            shown = audit.revealed(transaction, hidden.values())
        assert hmac.new(row.salt, b"user:anna", hashlib.sha256).hexdigest() == hidden["by"]
        assert sorted(shown.values()) == ["user:anna", "Åke är sjuk."]

    def test_a_person_can_be_erased_and_the_chain_stays_whole(self, store: Store) -> None:
        with store.transaction() as transaction:
            audit.record(transaction, Event.KEY_ADDED, by="user:anna")
        mark = json.loads(entered(store)[1])["private"]["by"]
        with store.transaction() as transaction:
            transaction.execute(update(private).values(salt=None, value=None))
        assert audit.verify(store) == 2
        with store.reading() as transaction:
            assert audit.revealed(transaction, [mark]) == {}

    def test_a_machine_is_named(self, store: Store) -> None:
        with store.transaction() as transaction:
            audit.record(transaction, Event.KEY_ADDED, by="key:vaxel")
        assert json.loads(entered(store)[1])["by"] == "key:vaxel"

    @pytest.mark.parametrize("name", ["v", "seq", "prev", "ts", "type"])
    def test_a_fact_cannot_take_the_place_of_what_every_entry_says(self, store: Store, name: str) -> None:
        with store.transaction() as transaction, pytest.raises(AssertionError):
            audit.record(transaction, Event.KEY_ADDED, **{name: "forged"})  # type: ignore[arg-type]

    def test_an_entry_too_large_for_the_signed_tree_stops_the_act(self, store: Store) -> None:
        def enter() -> None:
            with store.transaction() as transaction:
                audit.record(transaction, Event.KEY_ADDED, words="x" * 70_000)

        with pytest.raises(ValueError, match="bytes"):
            enter()
        assert entered(store) == []

    def test_two_writers_at_once_make_one_chain(self, store: Store) -> None:
        def write(name: str) -> None:
            for number in range(12):
                with store.transaction() as transaction:
                    audit.record(transaction, Event.KEY_ADDED, by=f"key:{name}", number=number)
                    audit.record(transaction, Event.KEY_REVOKED, by=f"key:{name}", number=number)

        writers = [threading.Thread(target=write, args=(name,)) for name in ("a", "b")]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert audit.verify(store) == 2 * 2 * 12 + 1
        found = [json.loads(entry) for entry in entered(store)][1:]
        for name in ("a", "b"):
            own = [(one["number"], one["type"]) for one in found if one["by"] == f"key:{name}"]
            assert own == sorted(own), "what one writer did stands in the order it was done"
        pairs = list(zip(found[::2], found[1::2], strict=True))
        assert all(one["by"] == two["by"] for one, two in pairs), "nothing comes between what one transaction did"


def fill(store: Store, count: int) -> None:
    with store.transaction() as transaction:
        for number in range(count):
            audit.record(transaction, Event.KEY_ADDED, number=number)


class TestTheDatabaseItself:
    """The log in the database refuses changes, and changes made around that are found."""

    def test_a_mistaken_hand_is_stopped(self, store: Store) -> None:
        other = (
            "TRUNCATE audit_entry"
            if store.is_postgresql
            else "INSERT OR REPLACE INTO audit_entry (seq, type, entry) VALUES (1, 'key:added', x'7b7d')"
        )
        fill(store, 3)

        def change(statement: str) -> None:
            with store.transaction() as transaction:
                transaction.execute(text(statement))

        for statement in ("UPDATE audit_entry SET type = 'key:revoked'", "DELETE FROM audit_entry", other):
            with pytest.raises(DBAPIError, match="append-only"):
                change(statement)
        assert audit.verify(store) == 4

    @pytest.mark.parametrize(
        ("harm", "seq"),
        [
            (lambda t: t.execute(delete(audit_entry).where(audit_entry.c.seq == 3)), None),
            (lambda t: t.execute(delete(audit_entry).where(audit_entry.c.seq == 2)), 2),
            (lambda t: t.execute(delete(audit_entry)), None),
            (lambda t: t.execute(update(audit_entry).where(audit_entry.c.seq == 2).values(entry=b"{}")), 2),
            (lambda t: t.execute(update(log_head).values(last="0" * 64)), 3),
            (lambda t: t.execute(update(log_head).values(size=9)), None),
            (lambda t: t.execute(delete(log_head)), None),
        ],
    )
    def test_a_hand_that_knows_how_is_found(
        self, store: Store, harm: Callable[[object], object], seq: int | None
    ) -> None:
        """Cutting the end off leaves a chain that is whole: only the head tells."""
        fill(store, 3)
        with store.transaction() as transaction:
            if store.is_postgresql:
                transaction.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
            else:
                for name in ("log_no_update", "log_no_delete"):
                    transaction.execute(text(f"DROP TRIGGER {name}"))
            harm(transaction)
        found = audit.verify(store)
        assert isinstance(found, Fault)
        assert found.seq == seq

    def test_a_log_that_grows_while_it_is_verified_is_not_called_false(self, store: Store) -> None:
        """A message that is sent meanwhile is no fault, and never has to wait until the whole log is read."""
        fill(store, 2)
        stop = threading.Event()

        def write() -> None:
            while not stop.is_set():
                fill(store, 1)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            found = [audit.verify(store) for _ in range(15)]
        finally:
            stop.set()
            writer.join()
        assert all(isinstance(one, int) for one in found), found

    def test_a_long_log_is_read_and_exported_page_by_page(self, store: Store, tmp_path: Path) -> None:
        fill(store, audit.PAGE)
        fill(store, audit.PAGE + 1)
        count = 2 * audit.PAGE + 2
        assert audit.verify(store) == count
        assert audit.export(store, tmp_path / "new" / "folder") == count
        assert audit.verify_folder(tmp_path / "new" / "folder") == count
        assert (tmp_path / "new" / "folder" / "entries.jsonl").read_bytes().split(b"\n")[:-1] == entered(store)
        assert [file.name for file in (tmp_path / "new" / "folder").iterdir()] == ["entries.jsonl"]
