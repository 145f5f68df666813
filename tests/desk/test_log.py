"""The log can be read by whoever was there and whoever asks a year later, and nothing in it can harm the reader."""

import json
import re
from collections.abc import Callable

import pytest
from service import Service
from sqlalchemy import insert, update
from visitor import Visitor

from broadcaster import audit
from broadcaster.audit import Event
from broadcaster.desk.log_words import KINDS, WORDS, types_of, visible
from broadcaster.tables import audit_entry, log_head

Visit = Callable[..., Visitor]


def lines(page: str) -> list[str]:
    """Return the lines of the log as they are read."""
    found = re.findall(r'<a class="entry".*?</a>', page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", "", one).split()) for one in found]


def record(service: Service, event: Event, **facts: object) -> None:
    with service.parts.store.transaction() as transaction:
        audit.record(transaction, event, **facts)  # type: ignore[arg-type]


def entries(service: Service) -> list[bytes]:
    with service.parts.store.reading() as transaction:
        return [entry for _, entry in audit.entries(transaction, limit=10_000)]


def test_every_type_of_entry_has_its_words_and_a_kind_of_its_own() -> None:
    assert set(WORDS) == set(Event)
    assert all(said.words.sv and said.words.en and said.words.sv != said.words.en for said in WORDS.values())
    assert frozenset().union(*(types_of(kind) for kind in KINDS)) == frozenset(Event) == types_of("")
    assert types_of("trouble") < types_of("")


def test_the_newest_stands_first_in_words_with_who_when_and_which_incident(visit: Visit, service: Service) -> None:
    mark = service.send()["mark"]
    service.pay(seconds=2)
    page = visit("dag").open("/desk/log?kind=deliveries")
    said = lines(page.html)
    assert any(re.fullmatch(rf"02\.4\d\.\d\d Facebook, svenska: publicerat {mark}", one) for one in said)
    assert "14 mars 2026" in page.line
    decided = lines(visit("dag").open("/desk/log?kind=decisions").html)
    assert any(re.fullmatch(rf"[\d.]{{8}} Första beskedet: beslutat, ska ut {mark} · anna", one) for one in decided)


def test_english_readers_read_english(visit: Visit, service: Service) -> None:
    service.send()
    said = lines(visit("dag").open("/desk/log?kind=decisions&lang=en").html)
    assert any("First message: decided, is to go out" in one for one in said)


def test_one_incident_alone_is_shown_with_everything_that_belongs_to_it(visit: Visit, service: Service) -> None:
    first, other = service.send(), service.send(playbook="allman-handelse")
    service.pay(seconds=2)
    page = visit("dag").open(f"/desk/log?incident={first['incident'].lower()}")
    said = lines(page.html)
    assert said
    assert all(first["incident"] in one for one in said)
    assert not any(other["incident"] in one for one in said)
    assert f"/desk/incidents/{first['incident']}" in page.html


def test_an_incident_that_is_none_says_how_a_reference_looks(visit: Visit) -> None:
    page = visit("dag").open("/desk/log?incident=XX-1")
    assert page.status == 422
    assert "RE-2026-0031" in page.line
    assert 'href="#f-incident"' in page.html


def test_a_person_is_found_as_the_one_who_acts_and_the_one_acted_on(visit: Visit, service: Service) -> None:
    dag = visit("dag")
    visit("bo")
    said = lines(dag.open("/desk/log?person=Bo").html)
    assert [one.partition(" ")[2] for one in said] == ["bo: loggade in", "bo: lades till (godkännare, avsändare)"]


def test_a_machine_is_found_by_the_name_of_its_key(visit: Visit, service: Service) -> None:
    key = service.key("read", "send", name="vaxel")
    body = {"playbook": "telefoni-1177", "phase": "first", "mode": "drill", "incident": None}
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "en"}
    assert service.flask().test_client().post("/api/v1/messages", json=body, headers=headers).status_code == 202
    said = lines(visit("dag").open("/desk/log?person=vaxel").html)
    assert said
    assert all("nyckel vaxel" in one for one in said)


def test_a_time_cuts_on_both_sides(visit: Visit, service: Service) -> None:
    service.clock.advance(3600)
    service.send()
    service.clock.advance(3600)
    record(service, Event.CLOCK_STEPPED, seconds=1)
    dag = visit("dag")
    before = dag.open("/desk/log?end=2026-03-14T03:30")
    assert not any("Första beskedet: beslutat" in one for one in lines(before.html))
    within = lines(dag.open("/desk/log?start=2026-03-14T03:30&end=2026-03-14T04:30").html)
    assert any("Första beskedet: beslutat" in one for one in within)
    assert not any("klockan" in one for one in within)
    late = lines(dag.open("/desk/log?start=2026-03-14T04:30&kind=trouble").html)
    assert late[0].endswith("Klockan ställdes om (1 s)")


@pytest.mark.parametrize("typed", ["igår", "2026-13-40", "0001-01-01T00:00+23:59"])
def test_a_time_that_is_none_is_told_beside_its_field(visit: Visit, typed: str) -> None:
    page = visit("dag").client.get("/desk/log", query_string={"start": typed})
    assert page.status_code == 422
    assert "2026-03-14 02:40" in page.text


def test_pages_lead_on_and_back_without_losing_or_doubling_a_line(visit: Visit, service: Service) -> None:
    dag = visit("dag")
    for number in range(120):
        record(service, Event.CLOCK_STEPPED, seconds=number)
    page, seen = dag.open("/desk/log?kind=service"), []
    for _ in range(5):
        seen += re.findall(r"\((\d+) s\)", " ".join(lines(page.html)))
        older = re.search(r'rel="next" href="([^"]+)"', page.html)
        if older is None:
            break
        page = dag.open("/desk/log" + older[1].replace("&amp;", "&"))
    assert seen == [str(number) for number in range(119, -1, -1)]
    newer = re.search(r'rel="prev" href="([^"]+)"', page.html)
    assert newer is not None
    assert "(20 s)" in lines(dag.open("/desk/log" + newer[1].replace("&amp;", "&")).html)[-1]


def test_an_entry_opens_to_its_exact_bytes_and_its_place_in_the_chain(visit: Visit, service: Service) -> None:
    service.send()
    dag = visit("dag")
    kept = entries(service)
    page = dag.open("/desk/log/2")
    assert audit.chain(kept[2]) in page.html
    assert json.loads(kept[2])["type"] in page.text
    assert "Stämmer med posten före" in page.line
    assert "Stämmer med posten efter" in page.line
    answer = dag.client.get("/desk/log/2/exact")
    assert answer.data == kept[2]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert dag.open("/desk/log/4711").status == 404
    assert dag.open("/desk/log/99999999999999999999").status == 404


def test_the_whole_chain_is_checked_at_the_press_of_a_button(visit: Visit, service: Service) -> None:
    service.send()
    dag = visit("dag")
    page = dag.press(dag.open("/desk/log"), "/desk/log/check")
    assert "Loggen stämmer" in page.line
    assert f"{len(entries(service))} poster lästa" in page.line


def test_the_exact_entries_taken_home_are_those_of_the_log_and_that_is_logged(visit: Visit, service: Service) -> None:
    service.send()
    dag = visit("dag")
    before = entries(service)
    answer = dag.client.get("/desk/log/file?as=jsonl")
    assert answer.data.split(b"\n")[: len(before)] == before
    exported = json.loads(entries(service)[-1])
    assert exported["type"] == Event.LOG_EXPORTED
    assert exported["private"].keys() == {"by"}
    found = audit.verify_entries(answer.data.split(b"\n")[:-1])
    assert found == len(before) + 1


def test_the_table_taken_home_holds_what_is_shown(visit: Visit, service: Service) -> None:
    message = service.send()
    answer = visit("dag").client.get(f"/desk/log/file?as=csv&incident={message['incident']}")
    rows = answer.text.splitlines()
    assert rows[0] == "\ufeffseq;tid;vem;vad;händelse;typ;hash"
    assert all(message["incident"] in row for row in rows[1:])
    assert any("anna;Första beskedet: beslutat, ska ut" in row for row in rows)
    assert visit("dag").client.get("/desk/log/file?as=exe").status_code == 404


def test_who_signed_in_is_for_auditors_and_administrators_alone(visit: Visit, service: Service) -> None:
    message = service.send()
    anna = visit("anna")
    said = lines(anna.open("/desk/log").html)
    assert any("Första beskedet" in one for one in said)
    assert not any("loggade in" in one for one in said)
    assert lines(anna.open("/desk/log?kind=people").html) == []
    assert anna.open("/desk/log?person=bo").status == 422
    number = next(seq for seq, entry in enumerate(entries(service)) if b"user:signed_in" in entry)
    assert anna.open(f"/desk/log/{number}").status == 404
    assert anna.client.get(f"/desk/log/{number}/exact").status_code == 404
    assert b"user:" not in anna.client.get("/desk/log/file?as=jsonl").data
    assert lines(anna.open(f"/desk/log?incident={message['incident']}").html)
    assert not anna.open("/desk/log").has_form("/desk/log/check")


def test_nobody_outside_reads_the_log(visit: Visit) -> None:
    for address in ("/desk/log", "/desk/log/0", "/desk/log/0/exact", "/desk/log/file?as=csv"):
        assert visit().open(address).address.startswith("/login")


def test_a_name_that_was_erased_is_said_to_be_and_the_chain_holds(visit: Visit, service: Service) -> None:
    service.send()
    dag = visit("dag")
    with service.parts.store.transaction() as transaction:
        transaction.connection.exec_driver_sql("UPDATE private SET value = NULL, salt = NULL")
    page = dag.open("/desk/log?kind=decisions")
    assert "namnet är raderat" in page.line
    assert "anna" not in " ".join(lines(page.html))
    assert audit.verify(service.parts.store) == len(entries(service))


HOSTILE = "<script>alert(1)</script>\u202e\x1b[2J=cmd|' /C calc'!A0\u2066"


def test_hostile_values_are_shown_and_never_obeyed(visit: Visit, service: Service) -> None:
    record(service, Event.KEY_ADDED, by=HOSTILE, client=HOSTILE, scopes=[HOSTILE], mode=HOSTILE)
    record(service, Event.PLAYBOOK_APPROVED, by=f"user:{HOSTILE}", playbook="=1+1", version=HOSTILE)
    record(service, Event.DELIVERY_OWED, delivery=HOSTILE, channel=HOSTILE, language=HOSTILE)
    record(service, Event.KEY_ADDED, scopes=3, client=["="])
    dag = visit("dag")
    last = len(entries(service))
    for address in ("/desk/log", *(f"/desk/log/{number}" for number in range(last - 4, last))):
        page = dag.open(address)
        assert page.status == 200, address
        assert "<script>alert" not in page.html, address
        assert not set("\u202e\u2066\x1b") & set(page.html), address
    rows = dag.client.get("/desk/log/file?as=csv").text
    assert not set("\u202e\u2066\x1b") & set(rows)
    assert "'=1+1" in rows


def test_what_nobody_sees_is_shown_by_its_number() -> None:
    assert visible("a\u202eb\x00\n") == "a\\u{202e}b\\u{0000}\\u{000a}"
    assert visible("Räksmörgås, العربية") == "Räksmörgås, العربية"


def test_what_somebody_writes_in_an_address_is_not_kept_for_good_in_the_log(visit: Visit, service: Service) -> None:
    ref, dag = service.send()["incident"], visit("dag")
    before = len(entries(service))
    assert dag.client.get("/desk/log/file?as=csv&kind=Anna+Andersson+ljuger").status_code == 404
    assert dag.open("/desk/log?kind=Anna+Andersson+ljuger").status == 422
    assert len(entries(service)) == before
    answer = dag.client.get(f"/desk/log/file?as=csv&incident={ref.lower()}/Anna+ljuger&start=2026-03-14T02:00")
    assert answer.status_code == 200
    shown = json.loads(entries(service)[-1])["shown"]
    assert shown == f"incident={ref}, start=2026-03-14T02:00:00+01:00"


def test_another_site_fetches_no_file_in_somebodys_name(visit: Visit, service: Service) -> None:
    dag = visit("dag")
    before = len(entries(service))
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://x.example"}):
        answer = dag.client.get("/desk/log/file?as=csv", headers=headers)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/log")
    assert len(entries(service)) == before


@pytest.mark.parametrize("ts", ["9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-23:59"])
def test_a_damaged_time_closes_neither_the_log_nor_its_file(visit: Visit, service: Service, ts: str) -> None:
    service.send()
    dag = visit("dag")
    damaged = json.dumps({"ts": ts, "type": "message:accepted"}).encode()
    last = len(entries(service))
    with service.parts.store.transaction() as transaction:
        row = {"seq": last, "type": "message:accepted", "entry": damaged}
        transaction.execute(insert(audit_entry).values(**row))
        transaction.execute(update(log_head).values(size=last + 1))
    for address in ("/desk/log", f"/desk/log/{last}", "/desk/log?start=2026-03-14T00:00"):
        assert dag.open(address).status == 200, address
    assert dag.client.get("/desk/log/file?as=csv").status_code == 200
