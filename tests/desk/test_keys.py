"""A machine's key is made at the desk, shown exactly once, and revoked after being asked."""

import json
import re
from collections.abc import Callable

import pytest
from service import Service
from visitor import Page, Visitor

from broadcaster import audit
from broadcaster.auth.client import KEY_SCOPES
from broadcaster.auth.keys import Key, list_keys
from broadcaster.desk.keys import SCOPES

Visit = Callable[..., Visitor]
SHAPE = re.compile(r"cb_(?:live|drill)_[A-Za-z0-9_-]{43}")


@pytest.fixture
def kim(visit: Visit, service: Service) -> Visitor:
    """Return an administrator, signed in."""
    service.add_person("kim", "administrator")
    return visit("kim")


def kept(service: Service) -> list[Key]:
    with service.parts.store.reading() as transaction:
        return list_keys(transaction)


def last_question(kim: Visitor, name: str = "vaxel", *scopes: str) -> Page:
    page = kim.press(kim.open("/desk/keys/new"), "/desk/keys/new", name=name)
    return kim.press(page, "/desk/keys/new", scopes=list(scopes or ("read", "send")))


def test_a_key_is_made_by_three_questions_and_opens_what_it_says(kim: Visitor, service: Service) -> None:
    page = last_question(kim, "Vaxel", "read")
    page = kim.press(page, "/desk/keys/new", mode="live")
    presented = SHAPE.findall(page.html)
    assert len(presented) == 1
    headers = {"Authorization": f"Bearer {presented[0]}"}
    assert service.flask().test_client().get("/api/v1/playbooks", headers=headers).status_code == 200
    assert service.flask().test_client().get("/api/v1/audit", headers=headers).status_code == 403
    assert [(key.name, key.scopes, key.mode) for key in kept(service)] == [("vaxel", {"read"}, "live")]


def test_a_key_is_for_exercises_unless_somebody_says_otherwise(kim: Visitor, service: Service) -> None:
    kim.press(last_question(kim), "/desk/keys/new")
    assert kept(service)[0].mode == "drill"


def test_pressed_twice_it_is_one_key_that_is_not_shown_again(kim: Visitor, service: Service) -> None:
    page = last_question(kim)
    first, second = (kim.press(page, "/desk/keys/new") for _ in range(2))
    assert SHAPE.search(first.html)
    assert not SHAPE.search(second.html)
    assert "Nyckeln är redan gjord" in second.line
    assert len(kept(service)) == 1
    assert not SHAPE.search(kim.open("/desk/keys").html)


def test_back_and_another_answer_is_another_key(kim: Visitor, service: Service) -> None:
    page = last_question(kim)
    assert SHAPE.search(kim.press(page, "/desk/keys/new", mode="drill").html)
    assert SHAPE.search(kim.press(page, "/desk/keys/new", mode="live").html)
    assert {key.mode for key in kept(service)} == {"drill", "live"}


def test_the_page_with_the_key_is_kept_by_no_browser(kim: Visitor) -> None:
    data = dict(last_question(kim).form("/desk/keys/new").fields)
    answer = kim.client.post("/desk/keys/new", data=data)
    assert SHAPE.search(answer.text)
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_log_knows_the_key_and_not_the_secret(kim: Visitor, service: Service) -> None:
    presented = SHAPE.findall(kim.press(last_question(kim), "/desk/keys/new").html)[0]
    with service.parts.store.reading() as transaction:
        entries = [entry for _, entry in audit.entries(transaction, limit=1000)]
    made = next(one for one in map(json.loads, reversed(entries)) if one["type"].startswith("key:"))
    assert (made["type"], made["client"]) == ("key:added", "key:vaxel")
    assert made["private"].keys() == {"by"}
    assert presented[-20:].encode() not in b"".join(entries)


@pytest.mark.parametrize("name", ["", "Växeln i huset", "<script>"])
def test_a_name_that_is_none_and_no_scope_are_told(kim: Visitor, service: Service, name: str) -> None:
    page = kim.press(kim.open("/desk/keys/new"), "/desk/keys/new", name=name)
    assert page.status == 422
    assert 'href="#f-name"' in page.html
    page = kim.press(kim.open("/desk/keys/new"), "/desk/keys/new", name="vaxel")
    page = kim.press(page, "/desk/keys/new")
    assert 'href="#f-scopes"' in page.html
    assert kept(service) == []


def test_a_scope_that_no_key_may_have_is_never_given(kim: Visitor, service: Service) -> None:
    page = kim.press(kim.open("/desk/keys/new"), "/desk/keys/new", name="vaxel")
    assert kim.press(page, "/desk/keys/new", scopes=["admin", "approve"]).status == 422
    kim.press(kim.press(page, "/desk/keys/new", scopes=["admin", "read"]), "/desk/keys/new")
    assert [key.scopes for key in kept(service)] == [{"read"}]


def test_a_key_is_revoked_after_being_asked_and_the_others_of_the_machine_live(kim: Visitor, service: Service) -> None:
    one, other = service.key("read"), service.key("read")
    first = kept(service)[0]
    page = kim.open(f"/desk/keys/{first.id}/revoke")
    assert "Det går inte att ångra" in page.line
    for _ in range(2):
        assert "återkallad" in kim.press(page, "/revoke").line
    client = service.flask().test_client()
    codes = [
        client.get("/api/v1/playbooks", headers={"Authorization": f"Bearer {key}"}).status_code for key in (one, other)
    ]
    assert sorted(codes) == [200, 401]
    assert "redan återkallad" in kim.open(f"/desk/keys/{first.id}/revoke").line
    assert kim.open("/desk/keys/vaxel/revoke").status == 404


@pytest.mark.parametrize("address", ["/desk/keys", "/desk/keys/new", "/desk/keys/x/revoke"])
def test_only_an_administrator_sees_or_makes_keys(visit: Visit, service: Service, address: str) -> None:
    anna = visit("anna")
    assert anna.open(address).status == 403
    csrf = anna.open("/desk").form("/logout").value("csrf")
    fields = {"csrf": csrf, "name": "mallory", "scopes": "send", "mode": "live", "step": "mode"}
    assert anna.client.post(address, data=fields).status_code in (403, 405)
    assert kept(service) == []


def test_every_scope_a_key_may_have_can_be_given() -> None:
    assert set(SCOPES) == KEY_SCOPES
