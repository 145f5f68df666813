"""
What every page needs, whoever reads it: where the templates are, language, static addresses, and errors as pages.
"""

import gzip
import hashlib
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask, Response, make_response, redirect, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed
from werkzeug.exceptions import NotFound as NoSuchAddress
from werkzeug.wrappers import Response as AnyResponse

from broadcaster import language
from broadcaster.auth.guard import csrf_token, is_same_site
from broadcaster.errors import FieldError, Refusal, Text, Unidentified
from broadcaster.feeds import FEEDS
from broadcaster.language import say, t
from broadcaster.settings import Settings
from broadcaster.store import turned_away

_PACKAGE = Path(__file__).resolve().parent
STATIC = _PACKAGE / "static"
#: What our own links add to the address of a page that is packed.
_ADDED = frozenset({("still", "1"), ("lang", "sv"), ("lang", "en")})
#: What stands before the name of a field that waits on the sign-in page.
KEPT = "kept."
#: What a form carries that is not worth keeping, or is asked for anew.
_NOT_KEPT = frozenset({"csrf", "digest", "submission", "password", "again", "change", "read", "reason"})
#: What is written in these waits on the sign-in page until somebody has signed in again.
_WAITS = re.compile(r"/desk/(new/[^/]+|incidents/[^/]+/[a-z_]+)(/send)?")


def templates_folder() -> Path:
    """Return where the Jinja templates are: beside the package in a checkout, inside it in an installed wheel."""
    beside = _PACKAGE.parent / "templates"
    return beside if (beside / "base.html").is_file() else _PACKAGE / "templates"


def install(app: Flask, settings: Settings) -> None:
    """Make `app` able to render our pages. Call it before the first page is rendered."""
    app.template_folder = str(templates_folder())
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    language.install(app, settings.zone)
    app.jinja_env.globals.update(
        organisation=settings.organisation.name, csrf=csrf_token, static_url=_static_addresses(), feeds=FEEDS
    )


def install_errors(app: Flask) -> None:
    """Show refusals and faults as pages: what happened, what it means, what to do, and a way back.

    Addresses under `/api/` are left to the API. Somebody not signed in is sent to the sign-in page and comes back; what
    they had filled in waits there in hidden fields, never in an address.
    """
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(HTTPException, _fault)


def refusal_page(error: Refusal) -> Response:
    """Return the page that says what was refused, and why."""
    page = _page(error.title, (error.detail,), error.status, error.fields)
    if error.retry_after_s:
        page.headers["Retry-After"] = str(error.retry_after_s)
    return page


def packed(answer: str | Response) -> Response:
    """Return a long page or a file of ours packed, if the browser takes that.

    Not where the address carries anything but what our own links do: the link to the other language repeats it, our
    cookie comes along when another site leads here (SameSite=Lax), and whoever watches the line could then see from how
    well the page packs what the tokens in it are (BREACH, 2013).
    """
    found = make_response(answer)
    found.vary.add("Accept-Encoding")
    said = set(request.args.items(multi=True)) <= _ADDED or request.endpoint == "public.static"
    if said and request.accept_encodings["gzip"] > 0 and found.status_code == 200:
        found.direct_passthrough = False  # a file is read here instead of handed to the server
        found.set_data(_gzip(found.get_data()))
        found.content_encoding = "gzip"
    return found


@lru_cache(maxsize=16)  # in a surge everybody asks for the same page
def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, 6, mtime=0)


def local(address: str | None, otherwise: str) -> str:
    """Return `address` if it is a path of our own, else `otherwise`: nobody is ever sent to another site."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return otherwise
    return otherwise if any(mark <= " " or mark in "\\\x7f" for mark in address) else address


def _refusal(error: Refusal) -> AnyResponse:
    at_desk = request.path == "/desk" or request.path.startswith("/desk/")
    if isinstance(error, Unidentified) and at_desk:
        if request.method == "POST" and _WAITS.fullmatch(request.path) and is_same_site():
            return make_response(sign_in_page(request.path.removesuffix("/send"), kept=_kept()), error.status)
        return redirect("/login?" + urlencode({"next": _wanted()}), 303)
    return refusal_page(error)


def sign_in_page(
    wanted: str, name: str = "", errors: list[tuple[str, str]] | None = None, kept: list[tuple[str, str]] | None = None
) -> str:
    """Return the sign-in page that leads to `wanted`, one of our own pages, with the fields that wait there."""
    return render_template(
        "login.html",
        next=local(wanted, ""),
        username=name,
        errors=errors or [],
        kept=kept or [],
        switch_form="sign-in" if kept else None,
        action="/login",
        here_address="/login",
    )


def _kept() -> list[tuple[str, str]]:
    """Return what was posted, each field by the name it waits under."""
    return [(KEPT + name, value) for name, value in request.form.items(multi=True) if name not in _NOT_KEPT]


def _wanted() -> str:
    """Return where to go after signing in."""
    if request.method in ("GET", "HEAD"):
        return request.full_path.removesuffix("?")
    path = request.path.removesuffix("/send")
    if path.startswith("/desk/playbooks/") and "/edit/" in path:  # too long for a page: Back has what was written
        return path
    return path if _WAITS.fullmatch(path) else "/desk"


def _fault(error: HTTPException) -> AnyResponse | HTTPException:
    if request.path.startswith("/api/"):
        return error
    turned = turned_away(error.original_exception) if isinstance(error, InternalServerError) else None
    if turned is not None:
        return refusal_page(turned)
    status = error.code or 500
    if isinstance(error, NoSuchAddress):
        return _page(_NO_ADDRESS[0], _NO_ADDRESS[1:], status)
    if isinstance(error, MethodNotAllowed):
        return _page(_NO_METHOD[0], _NO_METHOD[1:], status)
    if status >= 500:
        return _page(_BROKEN[0], _BROKEN[1:], status)
    return _page(_UNREADABLE[0], _UNREADABLE[1:], status)


def _page(title: Text, paragraphs: tuple[Text, ...], status: int, fields: tuple[FieldError, ...] = ()) -> Response:
    at_desk = request.path.startswith(("/desk", "/login", "/logout"))
    page = render_template(
        "error.html",
        title=say(title),
        paragraphs=[say(paragraph) for paragraph in paragraphs],
        fields=fields,
        back="/desk" if at_desk else "/",
        back_words=t("Till läget just nu", "To the situation now") if at_desk else t("Till startsidan", "To the start"),
    )
    return make_response(page, status)


def _static_addresses() -> Callable[[str], str]:
    """Return a function that names a static file by its content, so that a new version is never mixed with an old."""
    marks = {file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:12] for file in STATIC.iterdir()}
    return lambda name: f"/static/{name}?v={marks[name]}"


_NO_ADDRESS = (
    Text("Sidan finns inte", "There is no such page"),
    Text("Det finns inget på den här adressen.", "There is nothing at this address."),
    Text(
        "Adressen kan vara felskriven eller gammal. Gå tillbaka och välj därifrån.",
        "The address may be mistyped or old. Go back and choose from there.",
    ),
)
_NO_METHOD = (
    Text("Så går det inte att öppna sidan", "The page cannot be opened that way"),
    Text(
        "Den här adressen tar bara emot ett formulär. Inget har ändrats.",
        "This address only takes a form. Nothing has been changed.",
    ),
    Text("Gå tillbaka och börja från sidan med knappen.", "Go back and start from the page with the button."),
)
_UNREADABLE = (
    Text("Begäran går inte att läsa", "The request cannot be read"),
    Text(
        "Det som skickades var för stort eller trasigt. Inget har ändrats.",
        "What was sent was too large or broken. Nothing has been changed.",
    ),
    Text("Gå tillbaka, korta texten och försök igen.", "Go back, shorten the text and try again."),
)
_BROKEN = (
    Text("Något gick fel hos oss", "Something went wrong on our side"),
    Text(
        "Vi vet inte säkert om det du gjorde togs emot. Det som tagits emot skickas, och aldrig två gånger.",
        "We do not know for certain whether what you did was accepted. What was accepted is sent, and never twice.",
    ),
    Text(
        "Gå till läget just nu och se om händelsen finns där. Finns den inte, gör om det. "
        "Går det inte, klistra in texten för hand i kanalerna och ring den som sköter tjänsten.",
        "Go to the situation now and see whether the incident is there. If it is not, do it again. "
        "If that fails, paste the text into the channels by hand and call whoever runs the service.",
    ),
)
