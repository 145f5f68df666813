"""
What every request must name and every answer must say, whoever asks: hosts, sizes, security headers.

The public pages in a process of their own need only this; `guard` adds who is asking.
"""

from urllib.parse import urlsplit

from flask import Flask, Response, request

from broadcaster.errors import Malformed, Text
from broadcaster.settings import is_loopback_http

#: Far above the largest form or message of ours, which is some thousand characters.
BODY_BYTES_MAX = 64 * 1024
FORM_BYTES_MAX = 32 * 1024
FORM_FIELDS_MAX = 100
#: PostgreSQL keeps no text with it; nobody types it.
NUL = "\x00"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
TWO_YEARS_S = 2 * 365 * 24 * 3600


def harden(app: Flask, base_url: str) -> None:
    """Make `app` answer only under the host of `base_url`, bound every body, and put the security headers on.

    A view that sets one of the headers itself keeps its own. A request for another host, and an address with a sign no
    database takes, raise `Malformed`.
    Call it before anything else is put on the app.
    """
    app.config.update(
        MAX_CONTENT_LENGTH=BODY_BYTES_MAX,
        MAX_FORM_MEMORY_SIZE=FORM_BYTES_MAX,
        MAX_FORM_PARTS=FORM_FIELDS_MAX,
        PROVIDE_AUTOMATIC_OPTIONS=False,
    )
    trusted = trusted_hosts(base_url)
    headers = dict(HEADERS)
    if urlsplit(base_url).scheme == "https":
        headers["Strict-Transport-Security"] = f"max-age={TWO_YEARS_S}; includeSubDomains"

    @app.before_request
    def only_our_host() -> None:
        if host_name(request.host) not in trusted:
            raise _other_host()

    @app.before_request
    def nothing_no_database_takes() -> None:
        if request.path.startswith("/api/"):  # which knows what each part of its addresses may be
            return
        if NUL in request.path or any(NUL in said for pair in request.args.items(multi=True) for said in pair):
            raise unkeepable()

    @app.after_request
    def with_headers(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response


def trusted_hosts(base_url: str) -> frozenset[str]:
    """Return the host names, small letters and no port, under which a service at `base_url` answers."""
    own = frozenset({host_name(urlsplit(base_url).netloc)})
    return own | LOOPBACK if is_loopback_http(base_url) else own


def host_name(host: str) -> str:
    """Return a Host header's name: small letters, without its port."""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdigit() else host.lower()


def unkeepable() -> Malformed:
    """Return the refusal of what carries `NUL`."""
    return Malformed(
        "unkeepable",
        Text(
            "Det som skickades innehåller ett tecken som ingen kan skriva (NUL). Inget har ändrats. "
            "Gå tillbaka och skriv om texten, eller öppna sidan från en länk här.",
            "What was sent holds a character nobody can type (NUL). Nothing has been changed. "
            "Go back and type the text again, or open the page from a link here.",
        ),
    )


def _other_host() -> Malformed:
    return Malformed(
        "other-host",
        Text(
            "Den här tjänsten svarar inte under det namnet. Inget har gjorts. "
            "Använd adressen som står i inställningarna (base_url).",
            "This service does not answer under that name. Nothing was done. "
            "Use the address the settings name (base_url).",
        ),
    )
