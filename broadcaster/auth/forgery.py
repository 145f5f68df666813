"""
Did this form come from our own page? Two answers that must agree: what the browser says, and a token only we
gave.

A browser says where a request comes from (`Sec-Fetch-Site`, or `Origin` in older ones); a program that speaks
HTTP says neither and is judged by the token alone. The token of a signed-in person is their session's; the
sign-in page, which has no session yet, carries a signed one.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

from broadcaster.errors import Forbidden, Text
from broadcaster.store import WallClock

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
#: A sign-in page left open over a whole watch still works.
SIGN_IN_PAGE_S = 12 * 3600
_SHAPE = re.compile(r"([0-9]{1,12})\.([A-Za-z0-9_-]{22})\.([0-9a-f]{64})")


def require_same_site(fetch_site: str | None, origin: str | None, host: str) -> None:
    """Return if the browser says the request is from our own pages, or says nothing; else raise `Forbidden`.

    `fetch_site` and `origin` are the two headers (None: absent), `host` what the request was sent to.
    """
    if fetch_site is not None:
        if fetch_site in ("same-origin", "none"):
            return
    elif origin is None or _place(origin) == _without_default_port(host):
        return
    raise Forbidden(
        "other-site",
        Text(
            "Begäran kom från en annan webbplats och har stoppats. Inget har ändrats. "
            "Öppna sidan här i webbläsaren, ladda om den och försök igen.",
            "The request came from another site and was stopped. Nothing has been changed. "
            "Open the page here in the browser, reload it and try again.",
        ),
    )


def require_token(presented: Sequence[str], expected: str) -> None:
    """Return if the form carries exactly the session's token, once; else raise `Forbidden`."""
    if len(presented) != 1 or not hmac.compare_digest(_octets(presented[0]), _octets(expected)):
        raise _stale_form()


class SignInToken:
    """The token of a page nobody is signed in on: a time and a number, signed with the secret key."""

    def __init__(self, secret_key: str, clock: WallClock) -> None:
        self._secret = _octets(secret_key)
        self._clock = clock

    def make(self) -> str:
        """Return a token that is good for `SIGN_IN_PAGE_S`."""
        made_at, number = str(int(self._clock().timestamp())), secrets.token_urlsafe(16)
        return f"{made_at}.{number}.{self._sign(made_at, number)}"

    def require(self, presented: Sequence[str]) -> None:
        """Return if the form carries one token of ours, once and young enough; else raise `Forbidden`."""
        match = _SHAPE.fullmatch(presented[0]) if len(presented) == 1 else None
        if match is None:
            raise _stale_form()
        made_at, number, signature = match.groups()
        if not hmac.compare_digest(_octets(self._sign(made_at, number)), _octets(signature)):
            raise _stale_form()
        if self._clock().timestamp() - int(made_at) > SIGN_IN_PAGE_S:
            raise _stale_form()

    def _sign(self, made_at: str, number: str) -> str:
        # The first word keeps this signature from ever fitting another use of the same key.
        return hmac.new(self._secret, _octets(f"sign-in\0{made_at}\0{number}"), hashlib.sha256).hexdigest()


def _stale_form() -> Forbidden:
    return Forbidden(
        "stale-form",
        Text(
            "Formuläret är för gammalt eller hör till en annan inloggning. Inget har ändrats. "
            "Ladda om sidan och försök igen.",
            "The form is too old or belongs to another session. Nothing has been changed. "
            "Reload the page and try again.",
        ),
    )


def _place(origin: str) -> str | None:
    """Return host and port of an origin; None for `null` and nonsense, which fit no host."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc or "@" in parts.netloc:
        return None
    return _without_default_port(parts.netloc)


def _without_default_port(place: str) -> str:
    return place.lower().removesuffix(":443").removesuffix(":80")


def _octets(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")
