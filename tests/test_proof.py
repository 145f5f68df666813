"""The words are proved again from what two people approved: one changed row anywhere, and nothing leaves."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engine import Engine, make_engine
from service import Clock
from sqlalchemy import Table, update

from broadcaster import approval
from broadcaster.errors import Forged
from broadcaster.proof import Proof, load_snapshot
from broadcaster.tables import incident, message, snapshot

PROOF = Proof("http://127.0.0.1:8000")


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """Return an engine whose channels the test answers for."""
    made = make_engine(tmp_path, clock)
    yield made
    made.parts.store.close()


def check(engine: Engine) -> None:
    with engine.parts.store.reading() as transaction:
        PROOF.check(transaction, engine.row())


def alter(engine: Engine, table: Table, **values: Any) -> None:
    with engine.parts.store.transaction() as transaction:
        transaction.execute(update(table).values(**values))


def test_what_was_accepted_proves(engine: Engine) -> None:
    """Every delivery of a message, in every language, says exactly what was approved."""
    sent = engine.send()
    with engine.parts.store.reading() as transaction:
        for one in sent["deliveries"]:
            PROOF.check(transaction, engine.row(one["channel"], one["language"]))


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (message, {"phase": "all_clear"}),
        (message, {"phase": "nonsense"}),
        (message, {"number": 7}),
        (message, {"blanks": {"reservnummer": "0900-123 45 67"}}),
        (message, {"blanks": {"never-declared": "x"}}),
        (message, {"blanks": [1, 2]}),
        (message, {"sentence": "Ring 112 i stället."}),
        (message, {"accepted_at": None}),
        (incident, {"ref": "RE-2026-0666"}),
        (incident, {"mode": "drill"}),
    ],
)
def test_one_changed_row_is_found(engine: Engine, table: Table, values: dict[str, Any]) -> None:
    """The phase, the mark, a blank, the mode: each stands in the words, or makes them impossible."""
    engine.send()
    alter(engine, table, **values)
    with pytest.raises(Forged):
        check(engine)


def test_changed_words_are_found(engine: Engine) -> None:
    """One character is enough."""
    engine.send()
    row = engine.row()
    engine.write(row, words=row["words"] + " ")
    with pytest.raises(Forged, match="differ"):
        check(engine)


def test_a_changed_snapshot_is_found(engine: Engine) -> None:
    """Its bytes no longer have the digest that two people approved."""
    sent = engine.send()
    with engine.parts.store.reading() as transaction:
        content = load_snapshot(transaction, engine.parts.playbooks.get(sent["playbook"]).digest)  # type: ignore[union-attr]
    assert content.id == sent["playbook"]
    alter(engine, snapshot, content=b"{}")
    with pytest.raises(Forged, match="bytes were changed"):
        check(engine)


def test_a_missing_snapshot_is_found(engine: Engine) -> None:
    """What nobody stored, nobody approved."""
    with engine.parts.store.reading() as transaction, pytest.raises(Forged, match="no snapshot"):
        load_snapshot(transaction, "sha256:" + "0" * 64)


def test_revoked_words_may_not_be_said_and_expired_ones_may(engine: Engine, clock: Clock) -> None:
    """An approval that runs out during an incident changes nothing for it; a person's revocation does."""
    sent = engine.send()
    clock.advance(5 * 365 * 86_400)
    check(engine)
    digest = engine.parts.playbooks.get(sent["playbook"]).digest  # type: ignore[union-attr]
    with engine.parts.store.transaction() as transaction:
        approval.revoke(transaction, digest, "approver-1")
    with pytest.raises(Forged, match="revoked"):
        check(engine)


@pytest.mark.parametrize("by", [None, "key:larm", "user:anna"])
def test_a_free_sentence_proves_only_with_a_second_persons_yes(engine: Engine, by: str | None) -> None:
    """Nobody's, a machine's, or its own maker's yes is none, whatever the table says."""
    first = engine.send()
    waiting = engine.send("update", first["incident"], sentence="Felet gäller bara mobiltelefoner.")
    engine.parts.broadcasts.approve(waiting["id"], {"digest": waiting["digest"]}, engine.bo)
    check(engine)
    alter(engine, message, approved_by=by)
    with pytest.raises(Forged, match="second person"):
        check(engine)


def test_the_link_of_a_drill_is_nowhere_public() -> None:
    """Live words lead to the public page, a drill's to one behind the sign-in."""
    assert PROOF.link("RE-2026-0001", "live") == "http://127.0.0.1:8000/m/RE-2026-0001"
    assert PROOF.link("OVN-RE-2026-0001", "drill") == "http://127.0.0.1:8000/desk/drills/OVN-RE-2026-0001"
