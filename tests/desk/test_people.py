"""An administrator looks after people at the desk as on the command line, and cannot lock everybody out by accident."""

import json
from collections.abc import Callable

import pytest
from argon2 import PasswordHasher
from service import PASSWORD, SECRET_KEY, Service
from visitor import Page, Visitor

from broadcaster import app, audit
from broadcaster.audit import Event
from broadcaster.auth.client import ROLES
from broadcaster.auth.passwords import Passwords
from broadcaster.auth.people import list_people
from broadcaster.desk.people import ROLE_NOTES

Visit = Callable[..., Visitor]
WORDS = "helt andra ord utan samband"


@pytest.fixture
def kim(visit: Visit, service: Service) -> Visitor:
    """Return an administrator, signed in."""
    service.add_person("kim", "administrator", "auditor")
    return visit("kim")


def written(service: Service) -> list[str]:
    with service.parts.store.reading() as transaction:
        return [json.loads(entry)["type"] for _, entry in audit.entries(transaction, limit=10_000)]


def roles_of(service: Service, name: str) -> set[str] | None:
    with service.parts.store.reading() as transaction:
        found = {one.name: one for one in list_people(transaction)}
    return set(found[name].roles) if name in found and found[name].disabled_at is None else None


def last_question(kim: Visitor, name: str = "nina", *roles: str) -> Page:
    page = kim.press(kim.open("/desk/people/new"), "/desk/people/new", name=name)
    return kim.press(page, "/desk/people/new", roles=list(roles or ("sender",)))


def test_somebody_is_added_by_three_questions_and_can_sign_in(kim: Visitor, visit: Visit, service: Service) -> None:
    page = last_question(kim, " Nina ", "sender", "approver")
    assert "Roller: avsändare, godkännare" in page.line
    page = kim.press(page, "/desk/people/new", password=PASSWORD, again=PASSWORD)
    assert page.address == "/desk/people/nina?done=added"
    assert "kan logga in nu" in page.line
    assert roles_of(service, "nina") == {"sender", "approver"}
    assert visit("nina")


def test_pressed_twice_it_is_one_person_and_no_fault(kim: Visitor, service: Service) -> None:
    page = last_question(kim)
    before = written(service).count("user:added")
    for _ in range(2):
        assert kim.press(page, "/desk/people/new", password=PASSWORD, again=PASSWORD).address.endswith("?done=added")
    assert written(service).count("user:added") == before + 1


def test_a_name_that_is_or_was_somebodys_is_refused_at_the_first_question(kim: Visitor) -> None:
    page = kim.press(kim.open("/desk/people/new"), "/desk/people/new", name="ANNA")
    assert page.status == 422
    assert "Det finns redan någon som heter anna" in page.line
    assert page.form("/desk/people/new").value("name") == "anna"


@pytest.mark.parametrize("name", ["", "-", "Åsa Öberg", "<b>", "a" * 64])
def test_a_name_that_is_none_says_which_are(kim: Visitor, name: str) -> None:
    page = kim.press(kim.open("/desk/people/new"), "/desk/people/new", name=name)
    assert page.status == 422
    assert "2–63 tecken" in page.line


def test_no_role_and_a_weak_or_mistyped_password_are_told_where_they_are(kim: Visitor, service: Service) -> None:
    page = kim.press(kim.open("/desk/people/new"), "/desk/people/new", name="nina")
    assert "Välj minst en roll" in kim.press(page, "/desk/people/new").line
    page = last_question(kim)
    assert 'href="#f-password"' in kim.press(page, "/desk/people/new", password="kort", again="kort").html
    page = kim.press(page, "/desk/people/new", password=PASSWORD, again=WORDS)
    assert 'href="#f-again"' in page.html
    assert PASSWORD not in page.html
    assert roles_of(service, "nina") is None


def test_roles_are_changed_and_hold_at_once(kim: Visitor, visit: Visit, service: Service) -> None:
    anna = visit("anna")
    page = kim.press(kim.open("/desk/people/anna"), "/roles", roles=["auditor"])
    assert "Rollerna är ändrade" in page.line
    assert roles_of(service, "anna") == {"auditor"}
    assert "Din roll får inte" not in anna.open("/desk/log?person=bo").line
    assert written(service)[-2:] == ["user:roles", "alarm:raised"]
    kim.press(kim.open("/desk/people/anna"), "/roles", roles=["auditor"])
    assert written(service).count("user:roles") == 1
    assert kim.press(kim.open("/desk/people/anna"), "/roles", roles=None).status == 422


def test_nobody_takes_administration_from_themselves_or_the_last_one(kim: Visitor, service: Service) -> None:
    page = kim.press(kim.open("/desk/people/kim"), "/roles", roles=["sender"])
    assert page.status == 409
    assert "Be en annan administratör" in page.line
    assert kim.open("/desk/people/kim").html.count("/desk/people/kim/disable") == 0
    assert kim.press(kim.open("/desk/people/kim/disable"), "/disable").status == 409
    assert roles_of(service, "kim") == {"administrator", "auditor"}
    service.add_person("lo", "administrator")
    assert kim.press(kim.open("/desk/people/lo"), "/roles", roles=["sender"]).status == 200
    assert roles_of(service, "lo") == {"sender"}


def test_a_new_password_signs_the_person_out_and_the_old_one_is_dead(kim: Visitor, visit: Visit) -> None:
    anna = visit("anna")
    page = kim.press(kim.open("/desk/people/anna/password"), "/password", password=WORDS, again=WORDS)
    assert "utloggad överallt" in page.line
    assert WORDS not in page.html
    login = anna.open("/desk")
    assert login.address.startswith("/login")
    assert anna.press(login, "/login", username="anna", password=PASSWORD).status == 401
    assert anna.press(login, "/login", username="anna", password=WORDS).address == "/desk"
    assert kim.press(kim.open("/desk/people/anna/password"), "/password", password="kort", again="kort").status == 422


def test_shutting_somebody_out_asks_first_and_works_at_once(kim: Visitor, visit: Visit, service: Service) -> None:
    anna = visit("anna")
    page = kim.open("/desk/people/anna/disable")
    assert "Det går inte att ångra" in page.line
    kim.press(page, "/disable")
    page = kim.press(page, "/disable")
    assert "avstängd" in page.line
    assert anna.open("/desk").address.startswith("/login")
    assert written(service).count("user:disabled") == 1
    assert "Avstängda (1)" in kim.open("/desk/people").line
    assert kim.open("/desk/people/anna/password").status == 404
    assert not kim.open("/desk/people/anna").has_form("/roles")


def test_the_list_says_who_may_what_and_when_they_last_signed_in(kim: Visitor) -> None:
    line = kim.open("/desk/people").line
    assert "avsändare, godkännare · har aldrig loggat in" in line
    assert "granskare, administratör · loggade in 14 mars 2026 kl. 02.40" in line


@pytest.mark.parametrize(
    "address",
    ["/desk/people", "/desk/people/new", *(f"/desk/people/anna{page}" for page in ("", "/password", "/disable"))],
)
def test_only_an_administrator_sees_or_changes_people(visit: Visit, service: Service, address: str) -> None:
    for name in ("anna", "dag"):
        visitor = visit(name)
        assert visitor.open(address).status == 403
        csrf = visitor.open("/desk").form("/logout").value("csrf")
        fields = {"csrf": csrf, "name": "mallory", "roles": "administrator", "step": "password", "password": PASSWORD}
        for ending in ("", "/roles"):
            answer = visitor.client.post(f"{address}{ending}", data={**fields, "again": PASSWORD})
            assert answer.status_code in (403, 404, 405)
    assert roles_of(service, "mallory") is None
    assert roles_of(service, "anna") == {"sender"}


def test_nobody_of_that_name_is_a_page_that_says_so(kim: Visitor) -> None:
    for address in ("/desk/people/nobody", "/desk/people/nobody/password", "/desk/people/nobody/disable"):
        assert kim.open(address).status == 404


def test_every_role_there_is_can_be_given_and_is_explained() -> None:
    assert set(ROLE_NOTES) == set(ROLES)


class Hasher(PasswordHasher):
    """Hashes while somebody else signs in: that takes a place for hashing first, and writes to the store then."""

    def __init__(self, service: Service) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.store = service.parts.store

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        with self.store.transaction() as transaction:
            audit.record(transaction, Event.USER_REFUSED, reason="unknown_name")
        return super().hash(password, salt=salt)


def test_a_flood_of_sign_ins_never_meets_an_administrator_who_holds_the_store(kim: Visitor, service: Service) -> None:
    web = app.web(service.parts, SECRET_KEY, hashing=Passwords(Hasher(service), at_once=1))
    lo = Visitor(service)
    lo.client = web.test_client()
    assert lo.sign_in("kim").address == "/desk"
    page = lo.press(last_question(lo), "/desk/people/new", password=PASSWORD, again=PASSWORD)
    assert page.address == "/desk/people/nina?done=added"
    page = lo.press(lo.open("/desk/people/anna/password"), "/password", password=WORDS, again=WORDS)
    assert page.address == "/desk/people/anna?done=password"


@pytest.mark.parametrize("more", ["sender", "approver", "author"])
def test_who_hands_out_roles_takes_none(kim: Visitor, service: Service, more: str) -> None:
    page = kim.press(kim.open("/desk/people/kim"), "/roles", roles=["administrator", "auditor", more])
    assert page.status == 409
    assert "Du kan inte ge dig själv fler roller" in page.line
    assert roles_of(service, "kim") == {"administrator", "auditor"}
    assert kim.press(kim.open("/desk/people/kim"), "/roles", roles=["administrator"]).status == 200
    assert roles_of(service, "kim") == {"administrator"}
