"""Every address takes the same way in: key, scope, body, query, and then one verb."""

import json

import pytest
from flask import Flask
from machine import PREFIX, Machine, check, deeds, problem
from service import SECRET_KEY, Service

from broadcaster import api
from broadcaster.api.routes import ROUTES, Route
from broadcaster.api.verbs import Verbs
from broadcaster.auth import guard
from broadcaster.auth.client import KEY_SCOPES

#: A value for every variable of a path; they name nothing that exists.
NOTHING = {"playbook": "x", "message": "x", "channel": "x", "language": "sv", "ref": "x", "seq": "1"}
CLOSED = [route for route in ROUTES if route.scopes]
#: All but those that answer 404 whatever is asked.
ANSWERING = [route for route in CLOSED if route.answer != "Problem"]


def path_of(route: Route) -> str:
    return route.path.format(**NOTHING)


@pytest.mark.parametrize("route", CLOSED, ids=lambda route: route.name)
def test_without_a_key_nobody_comes_in(still: Service, route: Route) -> None:
    answer = Machine(still).ask(route.method, path_of(route), b"not even json")
    assert problem(answer) == (401, "key-refused", [])
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("route", CLOSED, ids=lambda route: route.name)
def test_a_key_opens_only_what_its_scopes_name(still: Service, route: Route) -> None:
    others = KEY_SCOPES - set(route.scopes)
    machine = Machine(still, *others, name=f"fel-{route.name}")
    assert problem(machine.ask(route.method, path_of(route), b"not even json"))[:2] == (403, "scope-missing")
    for scope in route.scopes:
        allowed = Machine(still, scope, name=f"ratt-{route.name}-{scope}").ask(route.method, path_of(route), b"{}")
        assert allowed.status_code not in (401, 403)


@pytest.mark.parametrize("route", [route for route in CLOSED if route.body], ids=lambda route: route.name)
def test_a_body_is_judged_before_the_idempotency_key_and_the_fields(reader: Machine, route: Route) -> None:
    path = path_of(route)
    json_type = {"Content-Type": "application/json"}
    assert problem(reader.ask("POST", path, b"x" * 70_000, **json_type))[:2] == (413, "too-large")
    assert problem(reader.ask("POST", path, b"{}", **{"Content-Type": "text/plain"}))[:2] == (415, "not-json")
    assert problem(reader.ask("POST", path, b"{", **json_type))[:2] == (400, "unreadable-body")
    if route.key is not None:
        bad = {**json_type, "Idempotency-Key": "å"}
        assert problem(reader.ask("POST", path, b"{}", **bad))[:2] == (400, "idempotency-key-unreadable")


def test_a_message_without_idempotency_key_is_refused_before_its_fields_are_read(reader: Machine) -> None:
    assert problem(reader.post("/messages", {})) == (400, "idempotency-key-missing", [])


@pytest.mark.parametrize("route", ANSWERING, ids=lambda route: route.name)
def test_a_parameter_nobody_knows_is_refused_everywhere(reader: Machine, route: Route) -> None:
    path = f"{path_of(route)}?x=1"
    answer = reader.get(path) if route.method == "GET" else reader.post(path, {}, **{"Idempotency-Key": "k"})
    assert problem(answer) == (422, "wrong-query", ["/x"])


@pytest.mark.parametrize(
    "path",
    ["/nope", "/", "/messages/", "/playbooks/", "/openapi", "/messages/x/approve/y",
     "/%2e%2e/login", "/messages;a=b", "/messages%00"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_address_is_a_problem_with_or_without_a_key(still: Service, path: str, method: str) -> None:
    assert problem(Machine(still).ask(method, path)) == (404, "no-such-address", [])


def test_an_address_that_is_only_nearly_ours_is_never_redirected(reader: Machine) -> None:
    assert problem(reader.get("//channels")) == (404, "no-such-address", [])
    assert problem(reader.post("//messages", {})) == (404, "no-such-address", [])


@pytest.mark.parametrize("path", ["/api/", "/api/v2/messages", "/api/v1"])
def test_an_address_of_another_version_is_a_problem(still: Service, path: str) -> None:
    answer = still.flask().test_client().get(path)
    check(answer)
    assert problem(answer)[:2] == (404, "no-such-address")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW"])
def test_a_wrong_method_says_which_are_right(reader: Machine, method: str) -> None:
    answer = reader.ask(method, "/messages")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    answer = reader.ask(method, "/channels")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_a_method_cannot_be_overridden_by_a_header(reader: Machine) -> None:
    assert reader.ask("GET", "/messages", None, **{"X-HTTP-Method-Override": "POST"}).status_code == 405


def test_head_asks_like_get_and_gets_no_body(reader: Machine) -> None:
    answer = reader.ask("HEAD", "/channels")
    assert (answer.status_code, answer.data) == (200, b"")


def test_another_host_is_a_problem_at_every_address(reader: Machine) -> None:
    for path in ("/channels", "/nope", "/openapi.json"):
        assert problem(reader.get(path, Host="evil.example"))[:2] == (400, "other-host")


def test_a_cookie_never_opens_the_api(still: Service) -> None:
    machine = Machine(still)
    machine.web.set_cookie("session", "x" * 43)
    assert machine.get("/channels").status_code == 401


def test_a_key_is_looked_for_in_its_header_only(still: Service) -> None:
    key = still.key("read", name="adress")
    assert Machine(still).get(f"/channels?key={key}&access_token={key}").status_code == 401


@pytest.mark.parametrize(
    "credentials",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic dTpw",
        "Bearer x",
        "Bearer cb_live_" + "a" * 43,
        "Bearer å",
        "Token {key}",
        "{key}",
        "Bearer {upper}",
        "Bearer {short}",
        "Bearer {key} {key}",
    ],
)
def test_what_is_not_quite_a_key_opens_nothing(still: Service, credentials: str) -> None:
    key = still.key("read", name="nastan")
    given = credentials.format(key=key, upper=key.upper(), short=key[:-1])
    assert Machine(still).get("/channels", Authorization=given).status_code == 401


def test_refusals_stand_in_the_log_and_an_answer_does_not(service: Service) -> None:
    Machine(service).get("/channels")
    Machine(service, "read", name="nyfiken").get("/audit")
    Machine(service, "read", name="artig").get("/channels")
    refused = [one for one in service.entries() if one["type"] == "request:refused"]
    assert [(one.get("by"), one["endpoint"], one["status"]) for one in refused] == [
        (None, "api.channels", 401),
        ("key:nyfiken", "api.audit", 403),
    ]


def test_every_route_has_its_verb_and_every_view_has_said_who_may_come_in(still: Service) -> None:
    web = still.flask()
    assert guard.undeclared(web) == []
    for route in ROUTES:
        assert f"api.{route.name}" in web.view_functions
        assert route.name == "openapi" or callable(getattr(Verbs, route.name))


def test_the_api_works_beside_nothing_else(still: Service) -> None:
    """Without the pages' own error handlers, an unknown address elsewhere is still Flask's plain 404."""
    web = Flask("alone")
    parts = still.parts
    guard.install(web, parts.store, parts.settings.organisation.base_url, SECRET_KEY)
    web.register_blueprint(api.blueprint(parts.broadcasts, parts.board))
    api.install_errors(web)
    assert json.loads(web.test_client().get(f"{PREFIX}/nope").data)["status"] == 404
    elsewhere = web.test_client().get("/nope")
    assert (elsewhere.status_code, elsewhere.mimetype) == (404, "text/html")


def test_pages_outside_the_api_keep_their_own_errors(still: Service) -> None:
    answer = still.flask().test_client().get("/nope")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_nothing_of_all_this_was_stored(still: Service) -> None:
    made_beforehand = {"snapshot", "approval", "authority_change"}  # the last by whoever made the key
    assert {name for name, count in deeds(still).items() if count} <= made_beforehand
