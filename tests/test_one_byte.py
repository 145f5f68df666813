"""One byte changed anywhere in what was approved: nothing new begins, what runs goes on, and a forgery is alarmed."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from machine import Machine, problem
from service import PLAYBOOKS, Service
from sqlalchemy import select, update
from visitor import Visitor

from broadcaster import app, tampering
from broadcaster.settings import PlaybookFolder
from broadcaster.tables import snapshot as snapshot_table

NEW = "/desk/new/telefoni-1177"
#: File, the words that are there, and the same with the smallest change; each is only one of very many.
CHANGES = {
    "a text": ("telefoni-1177.toml", "[texts.first.facebook]\nsv = \"\"\"\nDet går inte", "Det går ikte"),
    "a sentence": ("telefoni-1177.toml", "Räkna med kö.", "Räkna med kö!"),
    "a bound": ("telefoni-1177.toml", 'examples = ["010-000 00 00"]', 'examples = ["010-000 00 00"]\nmax_length = 19'),
    "a choice": ("telefoni-1177.toml", 'key = "strom"', 'key = "strum"'),
    "a used value": ("register.toml", "Karlstad, Arvika eller Torsby", "Karlstad, Arvika eller Torsb"),
    "a number": ("register.toml", 'value = "1177"', 'value = "1178"'),
    "a system line": ("register.toml", "Kontrollera att inlägget är äkta", "Kontrollera att inlägget är äkta "),
}
Restart = Callable[[Service, str], Service]


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """Return one kind of database: what is proved here is above both."""
    return f"sqlite:///{tmp_path / 'broadcaster.db'}"


@pytest.fixture
def restart(tmp_path: Path) -> Iterator[Restart]:
    """Return what starts the service again after one change in the playbooks' folder."""
    made: list[Service] = []

    def begin(service: Service, change: str) -> Service:
        folder = tmp_path / f"changed-{len(made)}"
        shutil.copytree(PLAYBOOKS, folder)
        name, before, after = CHANGES[change]
        text = (folder / name).read_text("utf-8")
        if change == "a text":
            after = before.replace("inte", "ikte")
        assert before in text, "the example of this test is no longer in the file"
        (folder / name).write_text(text.replace(before, after, 1), "utf-8")
        settings = service.parts.settings.model_copy(update={"playbooks": PlaybookFolder(folder=str(folder))})
        parts = app.build(settings, clock=service.clock.now, ring=lambda: None)
        made.append(Service(parts, service.clock, service.sandbox))
        return made[-1]

    yield begin
    for service in made:
        service.parts.store.close()


@pytest.fixture
def people(service: Service) -> None:
    service.add_person("anna", "sender")


def asked(service: Service, phase: str = "first", incident: str | None = None) -> dict[str, Any]:
    return service.body(phase, incident, again=True)


def by_form(service: Service) -> str:
    """Try to send a first message as a person does; return what the last page says."""
    anna = Visitor(service)
    anna.sign_in("anna")
    page = anna.press(anna.open(f"{NEW}?mode=live"), NEW)
    if page.has_form("/send"):
        page = anna.press(page, "/send")
    return page.line


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.usefixtures("people")
def test_a_change_in_a_file_stops_what_is_new_until_it_is_approved_again(
    service: Service, restart: Restart, change: str
) -> None:
    """By the API and by the form, and both work again when two people have read the change."""
    after = restart(service, change)
    machine = Machine(after, "read", "send")
    status, kind, _ = problem(machine.send(asked(after)))
    assert (status, kind) == (409, "playbook-pending")
    assert "två personer" in by_form(after)
    assert after.parts.board.incidents()["items"] == []
    after.approve_all()
    by_form(after)
    assert machine.send(asked(after)).status_code == 202
    assert len(after.parts.board.incidents()["items"]) == 2


@pytest.mark.parametrize("change", CHANGES)
def test_what_runs_is_corrected_and_ended_in_the_words_it_began_with(
    service: Service, restart: Restart, change: str
) -> None:
    """A number that is changed in the middle of a crisis must not silence whoever has to correct it."""
    first = service.send()
    service.pay()
    after = restart(service, change)
    machine = Machine(after, "read", "send")
    for phase in ("update", "correction", "all_clear"):
        answer = machine.send(asked(after, phase, first["incident"]))
        assert answer.status_code == 202, (phase, answer.text)
        assert answer.json is not None
        after.clock.advance(60)
        after.pay()
        assert after.state(answer.json["id"], "facebook") == "published"
        assert after.state(answer.json["id"], "1177_notice") == "published"


def forge(service: Service, digest: str) -> None:
    """Change one byte of the stored words that an incident is pinned to, as nobody but an intruder can."""
    with service.parts.store.transaction() as transaction:
        row = transaction.execute(select(snapshot_table).where(snapshot_table.c.digest == digest)).one()
        content = bytes(row.content).replace("Räkna med kö.".encode(), "Räkna med kö!".encode(), 1)
        assert content != bytes(row.content)
        transaction.execute(update(snapshot_table).where(snapshot_table.c.digest == digest).values(content=content))


@pytest.mark.usefixtures("people")
def test_forged_words_of_a_running_incident_are_never_sent_and_a_person_is_told(service: Service) -> None:
    """What is still owed goes to a person, the alarm says why, and what was out stays out."""
    first = service.send(channels=["facebook", "own_web", "1177_notice"])
    forge(service, service.parts.board.snapshot("telefoni-1177").digest)
    service.pay()
    assert service.posts() == []
    for channel in ("facebook", "1177_notice"):
        assert service.state(first["id"], channel) == "needs_person"
        assert service.delivery(first["id"], channel)["error"]["reason"] == "forged"
    told = [entry for entry in service.entries() if entry["type"] == "alarm:raised"]
    assert told, "nobody was told"


def raised(service: Service) -> list[dict[str, Any]]:
    return [entry for entry in service.entries() if entry["type"] == "alarm:raised"]


def test_a_forgery_is_told_before_anybody_needs_the_words(service: Service) -> None:
    """Of a running incident by its reference, though nothing of it is owed, and once; of the others by name."""
    assert tampering.watch(service.parts.store) == 0
    forge(service, service.parts.board.snapshot("telefoni-1177").digest)
    assert tampering.watch(service.parts.store) == 1
    assert tampering.watch(service.parts.store) == 1
    assert [(one["kind"], one.get("incident")) for one in raised(service)] == [("forged", None)]
    assert "telefoni-1177" in str(service.parts.board.alarms()[0])


def test_a_running_incident_whose_words_were_forged_is_named_though_nothing_is_owed(service: Service) -> None:
    """So that whoever will have to correct it has the day to have a new version approved."""
    first = service.send()
    service.pay()
    before = len(raised(service))
    forge(service, service.parts.board.snapshot("telefoni-1177").digest)
    tampering.watch(service.parts.store)
    assert [one["kind"] for one in raised(service)[before:]] == ["forged"]
    assert any(first["incident"] in str(one) for one in service.parts.board.alarms())


def test_an_incident_with_forged_words_goes_on_in_a_newer_approved_version(
    service: Service, restart: Restart
) -> None:
    """As after a revocation: the way back does not wait for the intruder to be found."""
    first = service.send()
    service.pay()
    forge(service, service.parts.board.snapshot("telefoni-1177").digest)
    after = restart(service, "a sentence")
    after.approve_all()
    answer = Machine(after, "read", "send").send(asked(after, "correction", first["incident"]))
    assert answer.status_code == 202 and answer.json is not None
    after.clock.advance(60)
    after.pay()
    assert after.state(answer.json["id"], "facebook") == "published"
    assert after.parts.board.pinned(first["incident"]).digest == after.parts.board.snapshot("telefoni-1177").digest


@pytest.mark.usefixtures("people")
def test_nothing_at_all_is_accepted_from_forged_words(service: Service) -> None:
    """Neither a new message nor a later one: by the API and by the form."""
    first = service.send()
    service.pay()
    forge(service, service.parts.board.snapshot("telefoni-1177").digest)
    machine = Machine(service, "read", "send")
    before = len(service.parts.board.incidents()["items"])
    for body in (asked(service), asked(service, "correction", first["incident"])):
        status, kind, _ = problem(machine.send(body))
        assert (status, kind) == (409, "playbook-forged"), body["phase"]
    assert "ändrats" in by_form(service)
    assert len(service.parts.board.incidents()["items"]) == before

