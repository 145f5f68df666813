"""
Which language a page speaks, and how it says times. Swedish unless somebody asks for English.

The choice is `?lang=`, else the cookie `lang`, else what the browser prefers, else Swedish. It is about our pages;
the words of a message are always in the language they were approved in.
"""

from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Flask, Response, g, has_request_context, request

from broadcaster.errors import Language, Text
from broadcaster.typesetting import RIGHT_TO_LEFT, is_easy, typeset

COOKIE = "lang"
COOKIE_AGE_S = 365 * 24 * 3600
DEFAULT: Language = "sv"

#: Names of the languages messages are written in, as a reader of the page would say them (BCP 47).
NAMES: dict[str, Text] = {
    "sv": Text("svenska", "Swedish"),
    "en": Text("engelska", "English"),
    "sv-x-lattlast": Text("lättläst svenska", "easy-to-read Swedish"),
    "ar": Text("arabiska", "Arabic"),
    "so": Text("somaliska", "Somali"),
    "fi": Text("finska", "Finnish"),
}
#: The same names in the languages themselves, for readers who only know that one.
OWN_NAMES = {
    "sv": "Svenska", "en": "English", "sv-x-lattlast": "Lättläst svenska",
    "ar": "العربية", "so": "Soomaali", "fi": "Suomi",
}  # fmt: skip

_MONTHS_SV = (
    "januari", "februari", "mars", "april", "maj", "juni",
    "juli", "augusti", "september", "oktober", "november", "december",
)  # fmt: skip
_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def language() -> Language:
    """Return the language of the page being made; Swedish outside a request."""
    if not has_request_context():
        return DEFAULT
    if "language" not in g:
        g.language = _chosen()
    chosen: Language = g.language
    return chosen


def t(sv: str, en: str) -> str:
    """Return the sentence in the language of the page."""
    return en if language() == "en" else sv


def say(text: Text | None) -> str:
    """Return a two-language sentence in the language of the page; nothing for None."""
    return text.in_(language()) if text else ""


def place_of(tag: str) -> tuple[int, str]:
    """Return where a language stands among others: in the order of `NAMES`, then by its tag."""
    return (list(NAMES).index(tag) if tag in NAMES else len(NAMES)), tag


def name_of(tag: str) -> str:
    """Return what a language is called, in the language of the page; the tag itself when we do not know it."""
    return say(NAMES[tag]) if tag in NAMES else tag


def when(at: datetime | str | None, zone: ZoneInfo) -> str:
    """Return a time in full in local time: `14 mars 2026 kl. 02.40`, `14 March 2026 at 02:40`; `` for None.

    Accepts an aware time, or the text of one as our JSON writes it.
    """
    if at is None or at == "":
        return ""
    moment = (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(zone)
    if language() == "en":
        return f"{moment.day} {_MONTHS_EN[moment.month - 1]} {moment.year} at {moment:%H:%M}"
    return f"{moment.day} {_MONTHS_SV[moment.month - 1]} {moment.year} kl. {moment:%H.%M}"


def clock(at: datetime | str | None, zone: ZoneInfo) -> str:
    """Return the time of day with seconds, in local time, for the board; `` for None."""
    if at is None or at == "":
        return ""
    moment = (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(zone)
    return f"{moment:%H:%M:%S}" if language() == "en" else f"{moment:%H.%M.%S}"


def minute(at: datetime | None, zone: ZoneInfo) -> str:
    """Return the time of day without seconds, in local time: `02.36`, `02:36`; `` for None."""
    moment = at.astimezone(zone) if at else None
    return f"{moment:%H:%M}" if moment and language() == "en" else f"{moment:%H.%M}" if moment else ""


def other() -> Language:
    """Return the language the switch on the page leads to."""
    return "sv" if language() == "en" else "en"


def switch() -> str:
    """Return this page's address in the other language; what else is in the address is kept."""
    kept = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    return "?" + urlencode([*kept, ("lang", other())])


def remember(response: Response) -> Response:
    """Keep a choice made with `?lang=` in a cookie, for the pages of the signed-in."""
    if request.args.get("lang") in ("sv", "en"):
        response.set_cookie(
            COOKIE, language(), max_age=COOKIE_AGE_S, httponly=True, samesite="Lax", secure=request.is_secure
        )
    return response


def install(app: Flask, zone: ZoneInfo) -> None:
    """Give every template `t`, `say`, `language`, `name_of`, `switch`, and the filters it can use."""
    app.jinja_env.globals.update(
        t=t, say=say, language=language, name_of=name_of, other=other, switch=switch,
        OWN_NAMES=OWN_NAMES, RIGHT_TO_LEFT=RIGHT_TO_LEFT,
    )  # fmt: skip
    app.jinja_env.filters.update(
        when=lambda at: when(at, zone), clock=lambda at: clock(at, zone), is_easy=is_easy, typeset=typeset,
        minute=lambda at: minute(at, zone),
        upper_first=lambda said: said[:1].upper() + said[1:],  # `capitalize` makes "easy-to-read Swedish" lower case
    )


def _chosen() -> Language:
    for asked in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if asked == "sv":
            return "sv"
        if asked == "en":
            return "en"
    best = request.accept_languages.best_match(["sv", "en"], default=DEFAULT)
    return "en" if best == "en" else "sv"
