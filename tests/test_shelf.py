"""Which words hold: the file's or the desk's, and that the two never disagree in silence."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from service import PLAYBOOKS, Service, ServiceMaker

from broadcaster import amendment, app, approval
from broadcaster.amendment_table import amendment as amendment_table
from broadcaster.errors import Conflict
from broadcaster.playbook import Snapshot
from broadcaster.rewriting import rewritten
from broadcaster.shelf import Version, troubles

BOOK = "telefoni-1177"
WORDS = ("texts", "first", "facebook", "sv")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PLAYBOOKS, tmp_path / "playbooks"))


@pytest.fixture
def service(make_service: ServiceMaker, folder: Path) -> Service:
    """Return a service with a folder of its own, every file approved."""
    return make_service(playbooks={"folder": str(folder)})


@pytest.fixture
def restarted(service: Service) -> Iterator[Callable[[], Service]]:
    """Return what starts the service again on the same database, as after a change of a file."""
    started: list[Service] = []

    def start() -> Service:
        parts = app.build(service.parts.settings, clock=service.clock.now, ring=lambda: None)
        started.append(Service(parts, service.clock, service.sandbox))
        return started[-1]

    yield start
    for one in started:
        one.parts.store.close()


def changed(text: bytes, version: int, said: str = "Vi lagar felet.", editor: str = "anna") -> bytes:
    old = "Vi arbetar med att lösa felet."
    words = text.decode().partition("[texts.first.facebook]")[2].partition('sv = """\n')[2].partition('"""')[0]
    return rewritten(text, {WORDS: words.replace(old, said), ("version",): version, ("editor",): editor})


def propose(service: Service, text: bytes) -> Snapshot:
    snapshot, faults = service.parts.playbooks.prove(BOOK, text)
    assert snapshot is not None, faults
    with service.parts.store.transaction() as transaction:
        amendment.propose(transaction, snapshot, text, "sha256:before")
    return snapshot


def adopt(service: Service, *people: str) -> None:
    for person in people or ("bo", "cia"):
        with service.parts.store.transaction() as transaction:
            found = proposed(service, transaction)
            assert found.made is not None and found.snapshot is not None
            amendment.approve(transaction, found.made, found.snapshot, person)


def proposed(service: Service, transaction: object) -> Version:
    found = service.parts.playbooks.within(transaction).proposed(BOOK)
    assert found is not None
    return found


def exported(service: Service) -> bytes:
    with service.parts.store.reading() as transaction:
        found = service.parts.playbooks.within(transaction).in_force(BOOK)
    assert found is not None
    return found.text


def refuses(service: Service) -> str:
    with pytest.raises(Conflict) as refusal:
        service.send(again=True)
    assert refusal.value.slug == "playbook-disagrees"
    return refusal.value.detail.sv


def test_a_proposal_changes_nothing_until_two_have_approved_it(service: Service, folder: Path) -> None:
    shelf, text = service.parts.playbooks, (folder / f"{BOOK}.toml").read_bytes()
    propose(service, changed(text, 2))
    assert shelf[BOOK].version == 1
    adopt(service, "bo")
    assert shelf[BOOK].version == 1
    adopt(service, "cia")
    assert (shelf[BOOK].version, shelf.files[BOOK].version) == (2, 1)
    assert exported(service) == changed(text, 2)
    with service.parts.store.reading() as transaction:
        notice = shelf.within(transaction).notice(BOOK)
    assert notice is not None and "lägg den i mappen som telefoni-1177.toml" in notice.sv


def test_every_process_sees_it_at_once(service: Service, restarted: Callable[[], Service], folder: Path) -> None:
    other = restarted()
    propose(service, changed((folder / f"{BOOK}.toml").read_bytes(), 2))
    adopt(service)
    assert other.parts.playbooks[BOOK].version == 2
    words = other.parts.broadcasts.preview(other.body(), other.anna)["words"]
    assert any("Vi lagar felet." in one["text"] for one in words if one["channel"] == "facebook")


def test_what_was_fetched_and_put_into_the_folder_agrees(
    service: Service, restarted: Callable[[], Service], folder: Path
) -> None:
    propose(service, changed((folder / f"{BOOK}.toml").read_bytes(), 2))
    adopt(service)
    digest = service.parts.playbooks[BOOK].digest
    (folder / f"{BOOK}.toml").write_bytes(exported(service))
    again = restarted()
    assert again.parts.playbooks.files[BOOK].digest == digest == again.parts.playbooks[BOOK].digest
    with again.parts.store.reading() as transaction:
        standing = again.parts.playbooks.within(transaction)
        assert list(troubles(standing)) == []
        notice = standing.notice(BOOK)
    assert notice is not None and "säger detsamma" in notice.sv
    again.send()  # the approval of the words holds for the file


def test_two_wordings_under_one_number_stop_new_incidents_and_no_running_one(
    service: Service, restarted: Callable[[], Service], folder: Path
) -> None:
    file = folder / f"{BOOK}.toml"
    text = file.read_bytes()
    running = service.send()
    propose(service, changed(text, 2))
    adopt(service)
    file.write_bytes(changed(text, 2, "Vi byter utrustning."))
    again = restarted()
    again.approve_all()
    assert "två lydelser med samma nummer" in refuses(again)
    assert "två lydelser" in again.parts.broadcasts.preview(again.body(), again.anna)["warnings"][0]
    again.send("update", running["incident"])
    with again.parts.store.reading() as transaction:
        assert "different words" in "\n".join(troubles(again.parts.playbooks.within(transaction)))

    file.write_bytes(changed(text, 3, "Vi byter utrustning."))
    cured = restarted()
    cured.approve_all()
    assert cured.parts.playbooks[BOOK].version == 3
    cured.send(again=True)


def test_a_file_with_a_higher_version_holds(
    service: Service, restarted: Callable[[], Service], folder: Path
) -> None:
    text = (folder / f"{BOOK}.toml").read_bytes()
    propose(service, changed(text, 2))
    adopt(service)
    (folder / f"{BOOK}.toml").write_bytes(changed(text, 3, "Från filen."))
    again = restarted()
    assert again.parts.playbooks[BOOK].version == 3
    with pytest.raises(Conflict, match="not approved"):
        again.send(again=True)


def test_a_revoked_change_never_brings_back_older_words(service: Service, folder: Path) -> None:
    """Falling back would send what somebody had reason to change; so nothing begins until people say what holds."""
    snapshot = propose(service, changed((folder / f"{BOOK}.toml").read_bytes(), 2))
    adopt(service)
    with service.parts.store.transaction() as transaction:
        approval.revoke(transaction, snapshot.digest, "bo")
    with pytest.raises(Conflict) as refusal:
        service.send()
    assert refusal.value.slug == "playbook-revoked"


def test_a_changed_row_begins_nothing(service: Service, folder: Path) -> None:
    text = changed((folder / f"{BOOK}.toml").read_bytes(), 2)
    propose(service, text)
    adopt(service)
    forged = text.replace(b"Vi lagar felet.", b"Vi laggr felet.")
    with service.parts.store.transaction() as transaction:
        transaction.execute(amendment_table.update().values(text=forged))
    with pytest.raises(Conflict) as refusal:
        service.send()
    assert refusal.value.slug == "playbook-pending"
    with service.parts.store.transaction() as transaction:
        transaction.execute(amendment_table.update().values(text=changed(text, 7)))
    assert "går inte längre att använda" in refuses(service)


def test_a_change_that_the_register_no_longer_carries_begins_nothing(
    service: Service, restarted: Callable[[], Service], folder: Path
) -> None:
    text = (folder / f"{BOOK}.toml").read_bytes()
    propose(service, changed(text, 2, "Vi lagar felet. ${site1177}"))
    adopt(service)
    register = folder / "register.toml"
    register.write_text(register.read_text("utf-8").replace("site1177", "radet1177"), "utf-8")
    for file in folder.rglob("*.toml"):
        file.write_text(file.read_text("utf-8").replace("site1177", "radet1177"), "utf-8")
    again = restarted()
    again.approve_all()
    assert "går inte längre att använda" in refuses(again)


def test_a_playbook_whose_file_is_gone_is_told(
    service: Service, restarted: Callable[[], Service], folder: Path
) -> None:
    propose(service, changed((folder / f"{BOOK}.toml").read_bytes(), 2))
    adopt(service)
    (folder / f"{BOOK}.toml").unlink()
    again = restarted()
    assert again.parts.playbooks.get(BOOK) is None
    with again.parts.store.reading() as transaction:
        assert "has no file any more" in "\n".join(troubles(again.parts.playbooks.within(transaction)))
