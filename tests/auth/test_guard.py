"""The door of the web: closed until opened on purpose, for people and for machines."""

from collections.abc import Callable
from typing import Any, Protocol

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient

from broadcaster.auth import guard
from broadcaster.auth.keys import add_key
from broadcaster.auth.people import Person
from broadcaster.errors import Unfit
from broadcaster.store import Store

LOOPBACK = "http://127.0.0.1:8000"

Add = Callable[..., Person]
Logged = Callable[[], list[dict[str, Any]]]
SignIn = Callable[..., int]
TokenOn = Callable[[str], str]
Build = Callable[..., Flask]


class Moving(Protocol):
    def move(self, *, seconds: float) -> None: ...


def test_an_address_nobody_has_declared_is_closed_and_named(app: Flask, client: FlaskClient) -> None:
    assert guard.undeclared(app) == ["forgotten"]
    answer = client.get("/forgotten")
    assert (answer.status_code, answer.text) == (403, "undeclared")


def test_a_views_own_declaration_wins_over_its_blueprints(app: Flask) -> None:
    found = {endpoint: guard.access(app, endpoint) for endpoint in app.view_functions}
    assert found == {
        "static": guard.Access.PUBLIC,
        "front": guard.Access.PUBLIC,
        "login": guard.Access.PUBLIC,
        "forgotten": None,
        "pages.board": guard.Access.DESK,
        "pages.logout": guard.Access.DESK,
        "pages.opened": guard.Access.PUBLIC,
        "machines.messages": guard.Access.API,
    }


def test_a_blueprint_inside_another_is_as_open_as_the_outer_one_unless_it_says_otherwise(
    build: Build,
) -> None:
    app = build()
    outer = guard.desk(Blueprint("outer", __name__))
    inner, own = Blueprint("inner", __name__), guard.public(Blueprint("own", __name__))
    for blueprint in (inner, own):
        blueprint.add_url_rule(f"/{blueprint.name}", "view", lambda: "hej")
        outer.register_blueprint(blueprint)
    app.register_blueprint(outer)
    assert guard.access(app, "outer.inner.view") is guard.Access.DESK
    assert guard.access(app, "outer.own.view") is guard.Access.PUBLIC
    assert guard.undeclared(app) == ["forgotten"]


def test_the_public_page_needs_nobody_and_never_touches_sessions(client: FlaskClient) -> None:
    client.set_cookie("session", "whatever")
    answer = client.get("/")
    assert answer.status_code == 200 and "Set-Cookie" not in answer.headers


def test_asking_who_it_is_on_a_public_page_finds_nobody(client: FlaskClient) -> None:
    assert client.get("/desk/open").status_code == 401


def test_addresses_and_methods_that_do_not_exist_say_so(client: FlaskClient) -> None:
    assert client.get("/nowhere").status_code == 404
    assert client.post("/").status_code == 405


def key(store: Store, *scopes: str) -> dict[str, str]:
    with store.transaction() as transaction:
        return {"Authorization": f"Bearer {add_key(transaction, 'vaxel', scopes, 'live', None)}"}


def test_a_machine_shows_its_key_and_needs_no_form(client: FlaskClient, store: Store) -> None:
    headers = key(store, "send")
    assert client.post("/api/v1/messages", json={}, headers=headers).json == {"by": "key:vaxel"}
    lower = {"authorization": headers["Authorization"].replace("Bearer", "bearer")}
    assert client.get("/api/v1/messages", headers=lower).status_code == 200


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer ", "Bearer x", "Basic YTpi", "Bearer cb_live_åäö", "Bearer a b c", "cb_live_x"],
)
def test_without_a_key_that_opens_the_api_stays_closed(client: FlaskClient, store: Store, given: str) -> None:
    key(store, "send")
    answer = client.get("/api/v1/messages", headers={"Authorization": given.encode().decode("latin-1")})
    assert (answer.status_code, answer.text) == (401, "key-refused")


def test_a_session_opens_no_api_and_a_key_opens_no_desk(
    client: FlaskClient, store: Store, add: Add, sign_in: SignIn
) -> None:
    add("anna")
    headers = key(store, "read", "send")
    assert client.get("/desk", headers=headers).status_code == 401
    sign_in(client)
    assert client.post("/api/v1/messages", json={}).status_code == 401


def test_a_key_without_the_scope_is_refused(client: FlaskClient, store: Store) -> None:
    answer = client.get("/api/v1/messages", headers=key(store, "read"))
    assert (answer.status_code, answer.text) == (403, "scope-missing")


def test_refusals_stand_in_the_log_once_a_minute_for_each_client(
    client: FlaskClient, store: Store, logged: Logged, clock: Moving
) -> None:
    headers = key(store, "read")

    def refusals() -> list[dict[str, Any]]:
        return [entry for entry in logged() if entry["type"] == "request:refused"]

    for _ in range(3):
        client.get("/api/v1/messages", headers=headers)
        client.get("/api/v1/messages")
    found = refusals()
    assert [(entry.get("by"), entry["status"]) for entry in found] == [("key:vaxel", 403), (None, 401)]
    assert found[0]["endpoint"] == "machines.messages" and list(found[0]["private"]) == ["address"]
    clock.move(seconds=guard.LOG_REFUSAL_EVERY_S)
    client.get("/api/v1/messages", headers=headers)
    assert len(refusals()) == 3


def test_a_failed_sign_in_stands_in_the_log_once_and_as_what_it_is(
    client: FlaskClient, add: Add, logged: Logged, sign_in: SignIn
) -> None:
    add("anna")
    assert sign_in(client, password="fel lösenord helt") == 401
    assert [entry["type"] for entry in logged()] == ["user:added", "user:refused"]


def test_coming_and_going_stands_in_the_log(
    client: FlaskClient, add: Add, logged: Logged, sign_in: SignIn, token_on: TokenOn
) -> None:
    add("anna")
    sign_in(client)
    client.post("/logout", data={"csrf": token_on(client.get("/desk").text)})
    assert [entry["type"] for entry in logged()] == ["user:added", "user:signed_in", "user:signed_out"]


def test_a_secret_too_short_refuses_to_start_and_says_which(store: Store) -> None:
    with pytest.raises(Unfit, match="BROADCASTER_SECRET_KEY"):
        guard.install(Flask(__name__), store, LOOPBACK, "x" * 31)
