"""Signing in and out. Where somebody wanted to go is remembered, but only within our own pages."""

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from broadcaster.auth import guard
from broadcaster.auth.people import check_password
from broadcaster.desk.parts import Desk
from broadcaster.errors import Refusal, TooMany, Unidentified
from broadcaster.language import say
from broadcaster.pages import local


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the sign-in page and the sign-out button."""

    @blueprint.get("/login")
    @guard.public
    def login() -> str:
        return _page(request.args.get("next", ""))

    @blueprint.post("/login")
    @guard.public
    def sign_in() -> Response:
        wanted = request.form.get("next", "")
        name, password = request.form.get("username", ""), request.form.get("password", "")
        try:
            person = check_password(desk.store, name, password, guard.address(), hashing=desk.hashing)
        except (Unidentified, TooMany) as refused:
            return _again(wanted, name, refused)
        response = make_response(redirect(local(wanted, "/desk"), 303))
        guard.start_session(response, person)
        return response

    @blueprint.post("/logout")
    def sign_out() -> Response:
        response = make_response(redirect("/login", 303))
        guard.end_session(response)
        return response


def _again(wanted: str, name: str, refused: Refusal) -> Response:
    response = make_response(_page(wanted, name, [("", say(refused.detail))]), refused.status)
    if refused.retry_after_s:
        response.headers["Retry-After"] = str(refused.retry_after_s)
    return response


def _page(wanted: str, name: str = "", errors: list[tuple[str, str]] | None = None) -> str:
    return render_template("login.html", next=local(wanted, ""), username=name, errors=errors or [])
