"""
Signing in and out. Where somebody wanted to go is remembered, but only within our own pages; what they had filled in
when their session ended waits on the sign-in page and stands in the form again afterwards. Nothing is sent by that.
"""

import re

from flask import Blueprint, make_response, redirect, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from broadcaster.auth import guard
from broadcaster.auth.people import check_password
from broadcaster.desk.parts import Desk
from broadcaster.desk.sending import Sending
from broadcaster.errors import NotFound, Refusal, TooMany, Unidentified
from broadcaster.language import say
from broadcaster.pages import KEPT, local, sign_in_page

_FORM = re.compile(r"/desk/(?:new/(?P<playbook>[^/?]+)|incidents/(?P<ref>[^/?]+)/(?P<phase>[a-z_]+))")


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the sign-in page and the sign-out button."""

    @blueprint.get("/login")
    @guard.public
    def login() -> str:
        return sign_in_page(request.args.get("next", ""))

    @blueprint.post("/login")
    @guard.public
    def sign_in() -> Response:
        wanted = request.form.get("next", "")
        name, password = request.form.get("username", ""), request.form.get("password", "")
        if not name and not password and _kept():  # only another language was asked for
            return make_response(sign_in_page(wanted, kept=_kept()))
        try:
            person = check_password(desk.store, name, password, guard.address(), hashing=desk.hashing)
        except (Unidentified, TooMany) as refused:
            return _again(wanted, name, refused)
        response = make_response(redirect(local(wanted, "/desk"), 303))
        guard.start_session(response, person)
        return _resumed(desk, wanted, response) if _kept() else response

    @blueprint.post("/logout")
    def sign_out() -> Response:
        response = make_response(redirect("/login", 303))
        guard.end_session(response)
        return response


def _again(wanted: str, name: str, refused: Refusal) -> Response:
    page = sign_in_page(wanted, name, [("", say(refused.detail))], _kept())
    response = make_response(page, refused.status)
    if refused.retry_after_s:
        response.headers["Retry-After"] = str(refused.retry_after_s)
    return response


def _kept() -> list[tuple[str, str]]:
    return [pair for pair in request.form.items(multi=True) if pair[0].startswith(KEPT)]


def _resumed(desk: Desk, wanted: str, response: Response) -> Response:
    """Return the form with what waited, on the new session; only the way there where there is no such form."""
    match = _FORM.fullmatch(wanted)
    if match is None:
        return response
    pages = Sending(desk)
    try:
        found = match["playbook"], match["ref"], match["phase"]
        errand = pages.new_errand(found[0]) if found[0] else pages.later_errand(found[1], found[2])
    except NotFound:
        return response
    waited = MultiDict([(name.removeprefix(KEPT), value) for name, value in _kept()])
    page = make_response(pages.resume(errand, waited))
    page.headers["Cache-Control"] = "private, no-cache"  # the browser's Back shows the form again
    for cookie in response.headers.getlist("Set-Cookie"):
        page.headers.add("Set-Cookie", cookie)
    return page
