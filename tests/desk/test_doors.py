"""Every address of the desk, one by one, those added tomorrow too: who comes in, with which form, and what is kept."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from service import Service
from visitor import Visitor
from werkzeug.routing import Rule

from broadcaster import alarm, planned, scenarios
from broadcaster.auth.keys import list_keys
from broadcaster.channels import Planned, Plans
from broadcaster.errors import Text
from broadcaster.planned import KIND

Visit = Callable[..., Visitor]
OPEN = {"desk.login", "desk.sign_in"}
OTHER_SITE = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
#: What somebody might send who has found out every name a field has.
FIELDS = {
    "name": "mallory", "roles": "administrator", "step": "password", "password": "helt andra ord utan samband",
    "again": "helt andra ord utan samband", "scopes": "send", "mode": "live", "reason": "nej", "code": "0000",
    "url": "https://www.facebook.com/1", "channels": "own_web", "confirm": "1", "read": "1", "decided_by": "mallory",
}  # fmt: skip


@pytest.fixture
def known(visit: Visit, service: Service) -> dict[str, object]:
    """Return a real thing for whatever stands in an address, so that a door is tried and not only a missing thing."""
    service.add_person("kim", "administrator")
    message = service.send()
    service.key("read")
    now, store = service.clock.now(), service.parts.store
    with store.transaction() as transaction:
        plans = Plans((Planned("1_2", "Öppet hus", now + timedelta(hours=5)),), now, is_whole=True)
        planned.keep(transaction, "facebook", plans)
        post = planned.freeze(transaction).to_pause[0].id
        alarm.raise_alarm(transaction, KIND, Text("Larm.", "Alarm."))
        key = list_keys(transaction)[0].id
    return {
        "ref": message["incident"], "message_id": message["id"], "channel": "facebook", "language": "sv",
        "playbook": "telefoni-1177", "scenario": next(iter(scenarios.ours())), "name": "anna", "which": key, "seq": 0,
        "planned_id": post, "alarm_id": service.parts.board.alarms()[0].id, "group": "phone", "section": "first",
        "identifier": "x",
    }  # fmt: skip


def doors(app: Flask, known: dict[str, object], method: str) -> list[str]:
    """Return every address of the desk that takes `method`; a name in it that is not known is a fault of this test."""
    adapter = app.url_map.bind("127.0.0.1:8000")
    found = [
        urlsplit(adapter.build(rule.endpoint, values, method=method)).path
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("desk.") and rule.endpoint not in OPEN and method in (rule.methods or ())
        for values in _filled(rule, known)
    ]
    assert len(found) > 20
    return found


def _filled(rule: Rule, known: dict[str, object]) -> Iterator[dict[str, object]]:
    choices = {name: sorted(getattr(converter, "items", ())) for name, converter in rule._converters.items()}
    fixed = {name: known[name] for name, items in choices.items() if not items}
    many = [name for name, items in choices.items() if items]
    if not many:
        yield fixed
    for name in many:
        for item in choices[name]:
            yield fixed | {name: item}


def kept(service: Service) -> list[str]:
    """Return what the log holds, but for what was refused."""
    return [one["type"] for one in service.entries() if one["type"] != "request:refused"]


def test_nobody_outside_opens_or_posts_anywhere(service: Service, known: dict[str, object]) -> None:
    app, before = service.flask(), kept(service)
    for address in doors(app, known, "GET"):
        answer = app.test_client().get(address)
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/login"), address
    for address in doors(app, known, "POST"):
        answer = app.test_client().post(address, data=FIELDS)
        assert answer.status_code in (303, 401), address
        assert answer.headers.get("Location", "/login").startswith("/login"), address
    assert kept(service) == before


def test_every_form_needs_its_token_and_our_own_page(visit: Visit, service: Service, known: dict[str, object]) -> None:
    app, kim = service.flask(), visit("kim")
    csrf = kim.open("/desk").form("/logout").value("csrf")
    before = kept(service)
    for address in doors(app, known, "POST"):
        assert kim.client.post(address, data=FIELDS).status_code == 403, address
        assert kim.client.post(address, data={**FIELDS, "csrf": "x"}).status_code == 403, address
        answer = kim.client.post(address, data={**FIELDS, "csrf": csrf}, headers=OTHER_SITE)
        assert answer.status_code == 403, address
    assert kept(service) == before
    assert kim.open("/desk").has_form("/logout")


@pytest.mark.parametrize("who", ["anna", "dag", "kim"])
def test_what_is_only_opened_changes_nothing_and_is_in_no_shared_memory(
    visit: Visit, service: Service, known: dict[str, object], who: str
) -> None:
    """Another site can lead somebody to an address; a file that is fetched from there is the one thing it may not."""
    reader, app = visit(who), service.flask()
    before = kept(service)
    for address in doors(app, known, "GET"):
        answer = reader.client.get(f"{address}?as=csv&kind=decisions", headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code in (200, 303, 403, 404, 422), (address, answer.status_code)
        memory = answer.headers["Cache-Control"]
        assert "no-store" in memory or "private" in memory, (address, memory)
        assert "public" not in memory, (address, memory)
        assert answer.headers["X-Frame-Options"] == "DENY", address
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], address
    assert kept(service) == before


#: What everybody who is signed in may do: take an alarm, and sign out.
ANYBODY = ("/logout", "/answer")


def test_who_only_reads_changes_nothing_anywhere(visit: Visit, service: Service, known: dict[str, object]) -> None:
    dag, app = visit("dag"), service.flask()
    csrf = dag.open("/desk").form("/logout").value("csrf")
    before = kept(service)
    for address in doors(app, known, "POST"):
        if not address.endswith(ANYBODY):
            answer = dag.client.post(address, data={**FIELDS, "csrf": csrf})
            assert answer.status_code in (200, 303, 403, 404, 409, 422), (address, answer.status_code)
            assert kept(service) == before, address
            memory = answer.headers["Cache-Control"]
            assert "no-store" in memory or "private" in memory, (address, memory)
    assert service.parts.board.message(str(known["message_id"]))["state"] != "recalled"
