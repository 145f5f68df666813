"""The door of the desk: sessions in a cookie, and proof that forms are ours."""

from collections.abc import Callable
from typing import Protocol

from flask import Flask
from flask.testing import FlaskClient

from broadcaster.auth.people import Person, disable_person
from broadcaster.auth.sessions import IDLE_S
from broadcaster.store import Store

GOOD_PASSWORD = "fyra ord utan samband"
HTTPS = "https://kris.region.example"

Add = Callable[..., Person]
SignIn = Callable[..., int]
TokenOn = Callable[[str], str]
Build = Callable[..., Flask]


class Moving(Protocol):
    def move(self, *, seconds: float) -> None: ...


def test_the_desk_is_for_people_who_are_signed_in(client: FlaskClient, add: Add, sign_in: SignIn) -> None:
    add("anna")
    assert client.get("/desk").status_code == 401
    assert sign_in(client) == 303
    assert client.get("/desk").text.startswith("user:anna")


def test_a_browser_signs_in_with_the_headers_browsers_send(
    client: FlaskClient, add: Add, sign_in: SignIn
) -> None:
    add("anna")
    assert sign_in(client, Sec_Fetch_Site="same-origin", Origin="null") == 303
    assert sign_in(client, Origin="http://localhost") == 303


def test_signing_in_works_without_keeping_a_cookie_from_the_sign_in_page(
    app: Flask, add: Add, token_on: TokenOn
) -> None:
    add("anna")
    page = app.test_client(use_cookies=False).get("/login")
    assert "Set-Cookie" not in page.headers
    form = {"username": "anna", "password": GOOD_PASSWORD, "csrf": token_on(page.text)}
    assert app.test_client().post("/login", data=form).status_code == 303


def test_another_site_cannot_sign_a_browser_in(client: FlaskClient, add: Add, sign_in: SignIn) -> None:
    add("anna")
    assert sign_in(client, Sec_Fetch_Site="cross-site") == 403
    assert sign_in(client, Origin="https://evil.example") == 403
    form = {"username": "anna", "password": GOOD_PASSWORD}
    assert client.post("/login", data=form).status_code == 403
    assert client.post("/login", data={**form, "csrf": "x"}).status_code == 403
    assert client.get("/desk").status_code == 401


def test_signing_in_gives_a_new_session_and_ends_the_one_the_browser_had(
    client: FlaskClient, add: Add, sign_in: SignIn
) -> None:
    add("anna")
    add("bo")
    client.set_cookie("session", "planted")
    sign_in(client)
    first = client.get_cookie("session")
    sign_in(client, "bo")
    second = client.get_cookie("session")
    assert first is not None and second is not None
    assert len({"planted", first.value, second.value}) == 3
    assert client.get("/desk").text.startswith("user:bo")
    client.set_cookie("session", first.value)
    assert client.get("/desk").status_code == 401


def test_on_loopback_the_cookie_is_plain_and_still_hidden_from_scripts(
    client: FlaskClient, add: Add, token_on: TokenOn
) -> None:
    add("anna")
    form = {"username": "anna", "password": GOOD_PASSWORD, "csrf": token_on(client.get("/login").text)}
    cookie = client.post("/login", data=form).headers["Set-Cookie"]
    assert cookie.startswith("session=")
    assert {part.strip() for part in cookie.split(";")[1:]} == {"HttpOnly", "Path=/", "SameSite=Lax"}


def test_elsewhere_the_cookie_belongs_to_this_host_and_travels_only_encrypted(
    add: Add, token_on: TokenOn, build: Build
) -> None:
    add("anna")
    client = build(HTTPS).test_client()
    form = {
        "username": "anna",
        "password": GOOD_PASSWORD,
        "csrf": token_on(client.get("/login", base_url=HTTPS).text),
    }
    cookie = client.post("/login", data=form, base_url=HTTPS).headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    attributes = {part.strip() for part in cookie.split(";")[1:]}
    assert attributes == {"HttpOnly", "Path=/", "SameSite=Lax", "Secure"}
    assert client.get("/desk", base_url=HTTPS).status_code == 200


def test_signing_out_ends_the_session_and_takes_the_cookie_back(
    client: FlaskClient, add: Add, sign_in: SignIn, token_on: TokenOn
) -> None:
    add("anna")
    sign_in(client)
    cookie = client.get_cookie("session")
    assert cookie is not None
    assert client.post("/logout", data={"csrf": token_on(client.get("/desk").text)}).status_code == 303
    assert client.get_cookie("session") is None
    client.set_cookie("session", cookie.value)
    assert client.get("/desk").status_code == 401


def test_somebody_shut_out_is_out_with_the_next_click(
    client: FlaskClient, store: Store, add: Add, sign_in: SignIn
) -> None:
    add("anna")
    sign_in(client)
    with store.transaction() as transaction:
        disable_person(transaction, "anna", None)
    assert client.get("/desk").status_code == 401
    assert sign_in(client) == 401


def test_a_phone_left_alone_must_sign_in_again(
    client: FlaskClient, add: Add, clock: Moving, sign_in: SignIn
) -> None:
    add("anna")
    sign_in(client)
    clock.move(seconds=IDLE_S)
    assert client.get("/desk").status_code == 401


def test_a_form_posted_back_with_its_hidden_field_is_heard(
    client: FlaskClient, add: Add, sign_in: SignIn, token_on: TokenOn
) -> None:
    add("anna")
    sign_in(client)
    form = {"csrf": token_on(client.get("/desk").text)}
    assert client.post("/desk", data=form).status_code == 200
    assert client.post("/desk", data=form, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
    assert client.post("/desk", data=form, headers={"Origin": "http://localhost"}).status_code == 200


def test_a_form_of_another_site_changes_nothing_even_with_the_right_field(
    client: FlaskClient, add: Add, sign_in: SignIn, token_on: TokenOn
) -> None:
    add("anna")
    sign_in(client)
    form = {"csrf": token_on(client.get("/desk").text)}
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ):
        answer = client.post("/desk", data=form, headers=headers)
        assert (answer.status_code, answer.text) == (403, "other-site")


def test_a_browsers_word_alone_is_not_enough(
    client: FlaskClient, add: Add, sign_in: SignIn, token_on: TokenOn
) -> None:
    add("anna")
    sign_in(client)
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}
    for form in ({}, {"csrf": ""}, {"csrf": "x"}, {"csrf": token_on(client.get("/login").text)}):
        answer = client.post("/desk", data=form, headers=headers)
        assert (answer.status_code, answer.text) == (403, "stale-form")
    token = token_on(client.get("/desk").text)
    assert client.post("/desk", data={"csrf": [token, token]}, headers=headers).status_code == 403
    assert client.post("/desk", json={"csrf": token}, headers=headers).status_code == 403
    assert client.post(f"/desk?csrf={token}", headers=headers).status_code == 403


def test_the_field_of_one_session_does_not_fit_another(
    app: Flask, add: Add, sign_in: SignIn, token_on: TokenOn
) -> None:
    add("anna")
    add("bo")
    anna, bo = app.test_client(), app.test_client()
    sign_in(anna)
    sign_in(bo, "bo")
    assert anna.post("/desk", data={"csrf": token_on(bo.get("/desk").text)}).status_code == 403


def test_a_form_too_large_is_refused_as_such(
    client: FlaskClient, add: Add, sign_in: SignIn, token_on: TokenOn
) -> None:
    add("anna")
    sign_in(client)
    answer = client.post("/desk", data={"csrf": token_on(client.get("/desk").text), "text": "x" * 70_000})
    assert (answer.status_code, answer.text) == (413, "too-large")
