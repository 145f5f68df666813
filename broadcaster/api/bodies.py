"""
Reading what a client sent, strictly: one way to read it, or it is refused.

Two parsers that read the same bytes differently are how one message is checked and another one sent. So a name that
stands twice, a number too large to be exact, half a character and another character set are refused, not repaired.
"""

import json
import math
import re
from typing import Any, NoReturn

from flask import request

from broadcaster.auth.headers import BODY_BYTES_MAX
from broadcaster.errors import Malformed, Text, TooLarge, WrongType

#: The deepest body we understand has three levels.
DEPTH_MAX = 32
#: Beyond this a number is not exact in every language a client may be written in (RFC 8259, section 6).
NUMBER_MAX = 2**53
KEY_LENGTH_MAX = 255

#: A string of RFC 8941, of visible characters, or the same without its quotation marks. No comma outside them: that is
#: how two headers of the same name arrive as one.
_QUOTED_KEY = re.compile(r'"((?:[!#-\[\]-~]|\\["\\])*)"')
_BARE_KEY = re.compile(r"[!#-+\--~]*")


def json_body(*, may_be_empty: bool) -> object:
    """Return the body as JSON values; with `may_be_empty`, no body at all is an empty object.

    Raises `WrongType`, `TooLarge` or `Malformed`, in that order. What the values mean is not looked at.
    """
    if may_be_empty and not request.headers.get("Content-Type") and not _raw():
        return {}
    _require_json()
    raw = _raw()
    if not raw.strip():
        if may_be_empty:
            return {}
        raise _malformed("Begäran har ingen kropp.", "The request has no body.")
    return parse(raw)


def parse(raw: bytes) -> object:
    """Return the JSON values `raw` is. Raises `Malformed` for anything that could be read in two ways."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _malformed(f"Byte {error.start + 1} är inte UTF-8.", f"Byte {error.start + 1} is not UTF-8.") from error
    if text.startswith("\ufeff"):
        raise _malformed("Kroppen börjar med ett BOM-tecken.", "The body begins with a byte order mark.")
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_no_constant, parse_int=_integer, parse_float=_float
        )
    except json.JSONDecodeError as error:
        place = (error.lineno, error.colno)
        raise _malformed(
            "Det är inte JSON: fel på rad {}, tecken {}.".format(*place),
            "It is not JSON: a fault in line {}, character {}.".format(*place),
        ) from error
    except RecursionError as error:
        raise _too_deep() from error
    _check(value)
    return value


def idempotency_key(*, required: bool) -> str | None:
    """Return the `Idempotency-Key`, with or without the quotation marks it came in; None if there is none.

    Raises `Malformed` if it is required and missing, stands twice, or is not 1–255 visible ASCII characters.
    """
    given = request.headers.getlist("Idempotency-Key")
    if not given and not required:
        return None
    if not given:
        raise Malformed(
            "idempotency-key-missing",
            Text(
                "Idempotency-Key saknas, så ett nytt försök kunde ha dubblerat beskedet. Inget har skickats. Hitta på "
                "en ny nyckel för varje besked (till exempel ett UUID) och skicka samma nyckel när du försöker igen.",
                "Idempotency-Key is missing, so asking again could have doubled the message. Nothing has been sent. "
                "Make a new key for every message (a UUID, say) and send the same key when you try again.",
            ),
        )
    key = _unquoted(given[0].strip()) if len(given) == 1 else ""
    if not 1 <= len(key) <= KEY_LENGTH_MAX:
        raise Malformed(
            "idempotency-key-unreadable",
            Text(
                f"Idempotency-Key ska stå en gång och vara 1–{KEY_LENGTH_MAX} synliga ASCII-tecken, med eller utan "
                "citattecken omkring. Inget har gjorts. Rätta nyckeln och försök igen.",
                f"Idempotency-Key must stand once and be 1–{KEY_LENGTH_MAX} visible ASCII characters, with or without "
                "quotation marks around them. Nothing has been done. Correct the key and try again.",
            ),
        )
    return key


def _raw() -> bytes:
    """Return the body's bytes. What is too large is refused by its announced length, before it is read."""
    if (request.content_length or 0) > BODY_BYTES_MAX:
        raise too_large()
    return request.get_data(cache=True)


def _require_json() -> None:
    parameters = {name.lower(): value.lower() for name, value in request.mimetype_params.items()}
    plain = request.headers.get("Content-Encoding", "identity").strip().lower() == "identity"
    one = len(request.headers.getlist("Content-Type")) == 1
    if plain and one and request.mimetype == "application/json" and parameters in ({}, {"charset": "utf-8"}):
        return
    raise WrongType(
        "not-json",
        Text(
            "Här tas bara JSON i UTF-8 emot, okomprimerad. Inget har gjorts. Skicka Content-Type: application/json.",
            "Only JSON in UTF-8 is taken here, uncompressed. Nothing has been done. "
            "Send Content-Type: application/json.",
        ),
    )


def too_large() -> TooLarge:
    """Return the refusal of a body larger than any message of ours."""
    return TooLarge(
        "too-large",
        Text(
            f"Kroppen är större än {BODY_BYTES_MAX // 1024} KiB. Inget har gjorts. Korta det du fyllt i.",
            f"The body is larger than {BODY_BYTES_MAX // 1024} KiB. Nothing has been done. Shorten what you filled in.",
        ),
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _malformed("Samma namn står två gånger i ett objekt.", "The same name stands twice in one object.")
    return found


def _no_constant(_name: str) -> NoReturn:
    raise _malformed("NaN och Infinity är inte JSON.", "NaN and Infinity are not JSON.")


def _integer(digits: str) -> int:
    # Python refuses to read thousands of digits, and nobody needs them.
    if len(digits) > 20 or abs(int(digits)) > NUMBER_MAX:
        raise _inexact()
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number) or abs(number) > NUMBER_MAX:
        raise _inexact()
    return number


def _check(value: object) -> None:
    """Raise `Malformed` where `value` is too deep or holds half a character. Not recursive: depth is the attack."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > DEPTH_MAX:
            raise _too_deep()
        below: list[object] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(item.values())
                below.extend(item)
            elif isinstance(item, list):
                below.extend(item)
            elif isinstance(item, str) and any("\ud800" <= letter <= "\udfff" for letter in item):
                raise _malformed("En text innehåller ett halvt tecken.", "A text contains half a character.")
        level = below


def _unquoted(given: str) -> str:
    quoted = _QUOTED_KEY.fullmatch(given)
    if quoted:
        return re.sub(r"\\(.)", r"\1", quoted[1])
    return given if _BARE_KEY.fullmatch(given) else ""


def _inexact() -> Malformed:
    return _malformed(
        "Ett tal är för stort för att läsas exakt överallt.", "A number is too large to be read exactly everywhere."
    )


def _too_deep() -> Malformed:
    return _malformed(f"Kroppen har fler än {DEPTH_MAX} nivåer.", f"The body has more than {DEPTH_MAX} levels.")


def _malformed(sv: str, en: str) -> Malformed:
    return Malformed(
        "unreadable-body",
        Text(
            f"{sv} Inget har gjorts. Rätta kroppen så att den är ett JSON-objekt i UTF-8 och försök igen.",
            f"{en} Nothing has been done. Correct the body so that it is one JSON object in UTF-8, and try again.",
        ),
    )
