"""A database of its own, a clock that moves when told, and a cheap argon2 for every test of `auth`."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Blueprint, Flask, Response, make_response, request
from flask.testing import FlaskClient
from sqlalchemy import insert

from broadcaster.audit import entries
from broadcaster.auth import guard
from broadcaster.auth.client import require
from broadcaster.auth.passwords import Passwords
from broadcaster.auth.people import Person, add_person, check_password
from broadcaster.errors import Refusal
from broadcaster.store import Store
from broadcaster.tables import log_head, metadata

GOOD_PASSWORD = "fyra ord utan samband"


class Clock:
    """A wall clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 14, 1, 40, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, *, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'broadcaster.db'}", clock=clock)
    metadata.create_all(store.engine)
    with store.transaction() as transaction:
        transaction.execute(insert(log_head).values(id=1, size=0, last=""))
    yield store
    store.close()


@pytest.fixture
def hashing() -> Passwords:
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def add(store: Store, hashing: Passwords) -> Callable[..., Person]:
    """Add a person who can sign in with `GOOD_PASSWORD`."""

    def add(name: str = "anna", *roles: str, password: str | None = GOOD_PASSWORD) -> Person:
        with store.transaction() as transaction:
            return add_person(transaction, name, roles or ("sender",), password, None, hashing=hashing)

    return add


@pytest.fixture
def logged(store: Store) -> Callable[[], list[dict[str, Any]]]:
    """Read the log as it stands, without its opening."""

    def logged() -> list[dict[str, Any]]:
        with store.reading() as transaction:
            return [json.loads(entry) for _, entry in entries(transaction, after=0)]

    return logged


@pytest.fixture
def build(store: Store, hashing: Passwords) -> Callable[..., Flask]:
    """Build a small site with one view of each sort."""

    def build(base_url: str = "http://127.0.0.1:8000") -> Flask:
        return _site(store, hashing, base_url)

    return build


@pytest.fixture
def app(build: Callable[..., Flask]) -> Flask:
    return build()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def token_on() -> Callable[[str], str]:
    """Read the hidden field of a page."""

    def token_on(page: str) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', page)
        assert found is not None
        return found.group(1)

    return token_on


@pytest.fixture
def sign_in(token_on: Callable[[str], str]) -> Callable[..., int]:
    """Sign in as a program does: fetch the page, post its hidden field back; return the status."""

    def sign_in(
        client: FlaskClient, name: str = "anna", password: str = GOOD_PASSWORD, **headers: str
    ) -> int:
        form = {"username": name, "password": password, "csrf": token_on(client.get("/login").text)}
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        return client.post("/login", data=form, headers=sent).status_code

    return sign_in


def _hidden_field() -> str:
    return f'<form method="post"><input type="hidden" name="csrf" value="{guard.csrf_token()}"></form>'


def _site(store: Store, hashing: Passwords, base_url: str) -> Flask:
    """A small site with one view of each sort."""
    app = Flask(__name__)
    guard.install(app, store, base_url, "a secret of more than 32 characters")
    pages, machines = guard.desk(Blueprint("pages", __name__)), guard.api(Blueprint("machines", __name__))

    @app.get("/")
    @guard.public
    def front() -> str:
        return "aktuellt"

    @app.route("/login", methods=["GET", "POST"])
    @guard.public
    def login() -> Response:
        if request.method == "GET":
            return make_response(_hidden_field())
        name, password = request.form["username"], request.form["password"]
        person = check_password(store, name, password, guard.address(), hashing=hashing)
        response = make_response("", 303, {"Location": "/desk"})
        guard.start_session(response, person)
        return response

    @pages.route("/desk", methods=["GET", "POST"])
    def board() -> str:
        require(guard.current_client(), "send" if request.method == "POST" else "read")
        return f"{guard.current_client().id} {_hidden_field()}"

    @pages.post("/logout")
    def logout() -> Response:
        response = make_response("", 303, {"Location": "/login"})
        guard.end_session(response)
        return response

    @pages.get("/desk/open")
    @guard.public
    def opened() -> str:
        return guard.current_client().id

    @machines.route("/api/v1/messages", methods=["GET", "POST"])
    def messages() -> dict[str, str]:
        require(guard.current_client(), "send")
        return {"by": guard.current_client().id}

    @app.get("/forgotten")
    def forgotten() -> str:
        return "should never be seen"

    @app.errorhandler(Refusal)
    def refused(refusal: Refusal) -> tuple[str, int]:
        return refusal.slug, refusal.status

    app.register_blueprint(pages)
    app.register_blueprint(machines)
    return app
