"""The log shows what was asked and never a secret: no published token and no other, in whatever wrapping it came."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import httpx
import pytest

from broadcaster.sandbox.graph_tokens import APP_TOKEN
from broadcaster.sandbox.log import masked
from broadcaster.secret import IMITATION_TOKENS

PUBLISHED = [*sorted(IMITATION_TOKENS), APP_TOKEN]
FOREIGN = ["EAAGm0PX4ZCpsBA", "7|växlad-token", "abc.DEF-123_x", "hemligt lösen&ordet=mitt%26ditt"]
"""Such as a token got by exchange, or a real one that somebody pasted here by mistake."""
NAMES = ["access_token", "input_token", "client_secret", "appsecret_proof", "fb_exchange_token", "verify_token",
         "password"]


def multipart(name: str, secret: str) -> str:
    return (f'--x\r\nContent-Disposition: form-data; name="{name}"\r\nContent-Type: text/plain\r\n\r\n{secret}\r\n'
            '--x\r\nContent-Disposition: form-data; name="message"\r\n\r\nHej\r\n--x--\r\n')


def batch(name: str, secret: str) -> list[dict[str, str]]:
    return [{"method": "GET", "relative_url": f"me?{urlencode({name: secret})}&message=Hej"},
            {"method": "POST", "relative_url": "me/feed", "body": urlencode({"message": "Hej", name: secret})},
            {"method": "POST", "relative_url": "me/feed", name: secret, "body": "message=Hej"}]


WRAPPED: dict[str, Callable[[str, str], str]] = {
    "address": lambda name, secret: f"/graph/me?message=Hej&{urlencode({name: secret})}",
    "form": lambda name, secret: urlencode({"message": "Hej", name: secret}),
    "form, first": lambda name, secret: urlencode({name: secret, "message": "Hej"}),
    "JSON": lambda name, secret: json.dumps({"message": "Hej", name: secret}, ensure_ascii=False),
    "JSON, compact": lambda name, secret: json.dumps({name: secret, "message": "Hej"}, separators=(",", ":")),
    "JSON, broken off": lambda name, secret: json.dumps({"message": "Hej", name: secret}, ensure_ascii=False)[:-2],
    "JSON in JSON": lambda name, secret: json.dumps({"message": "Hej", "batch": json.dumps({name: secret})}),
    "multipart": multipart,
    "multipart, broken off": lambda name, secret: (
        f'--x\r\nContent-Disposition: form-data; name="message"\r\n\r\nHej\r\n--x\r\n'
        f'Content-Disposition: form-data; name={name}\r\n\r\n{secret}'),
    "multipart batch": lambda name, secret: multipart("batch", json.dumps(batch(name, secret), ensure_ascii=False)),
    "batch in a form": lambda name, secret: urlencode({"batch": json.dumps(batch(name, secret), ensure_ascii=False)}),
    "batch in an address": lambda name, secret: "/graph/?" + urlencode(
        {"batch": json.dumps(batch(name, secret), separators=(",", ":"))}),
    "batch in JSON": lambda name, secret: json.dumps({"batch": batch(name, secret)}),
    "batch as text in JSON": lambda name, secret: json.dumps({"batch": json.dumps(batch(name, secret))}),
    "an address in an address": lambda name, secret: "/graph/?message=Hej&next=" + quote(
        f"https://graph.example/me?{urlencode({name: secret})}", safe=""),
}


def leaks(text: str, secret: str) -> bool:
    """Tell whether the secret, or a telling part of it, still stands in the text in any of the usual spellings."""
    # The number before the stroke is the app's, and no secret.
    pieces = re.findall(r"[^ &=%|]{4,}", secret.rsplit("|", maxsplit=1)[-1])
    spellings = {spelled for piece in pieces for spelled in (
        piece, quote(piece), quote_plus(piece), quote(quote(piece)), json.dumps(piece)[1:-1],
        json.dumps(json.dumps(piece)[1:-1])[1:-1])}
    return any(spelled in text for spelled in spellings)


@pytest.mark.parametrize("wrapping", WRAPPED)
@pytest.mark.parametrize("secret", [*PUBLISHED, *FOREIGN])
def test_no_secret_is_shown_in_any_wrapping(secret: str, wrapping: str) -> None:
    for name in NAMES:
        text = WRAPPED[wrapping](name, secret)
        assert leaks(text, secret), "or the test would prove nothing"
        shown = masked(text)
        assert not leaks(shown, secret), (name, shown)
        assert "***" in shown
        assert "Hej" in shown, "and the words are still there"
        assert name in shown


@pytest.mark.parametrize("secret", PUBLISHED)
def test_a_published_token_is_shown_nowhere_even_without_a_name(secret: str) -> None:
    encoded = quote(f"a={secret}&b", safe="")
    for text in (f"/graph/{secret}/feed", f"message={secret}", f'{{"x":["{secret}"]}}', encoded):
        assert not leaks(masked(text), secret)


@pytest.mark.parametrize("text", [
    "message=Tokyo har token och proof&link=https%3A%2F%2Fregion.example%2F", '{"message":"lösenord: inget"}',
    "/graph/v26.0/100200300/feed?fields=id%2Cmessage&limit=50&after=QVFI", "subscribed_fields=feed", ""])
def test_what_is_no_secret_stays_as_it_was(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize("piece", ["a", "%25", '"', "\\", "name=", "x_token ", 'name="x_token"\n'])
def test_a_long_text_without_a_secret_stays_as_it_was(piece: str) -> None:
    """At such a length whatever takes the square of it never ends."""
    text = piece * (200_000 // len(piece))
    assert masked(text) == text


@pytest.mark.parametrize("piece", ['"access_token":"', "access_token=", "access_token%253D", 'name="x_token"\n\n'])
def test_a_long_text_that_only_begins_is_masked(piece: str) -> None:
    assert "***" in masked(piece * (200_000 // len(piece)))


def test_over_http_no_wrapping_leaks(http: httpx.Client) -> None:
    secret = FOREIGN[0]
    calls: list[dict[str, Any]] = [
        {"params": {"access_token": secret}}, {"data": {"access_token": secret}}, {"json": {"access_token": secret}},
        {"data": {"access_token": secret}, "files": {"source": ("bild.png", b"x")}},
        {"data": {"batch": json.dumps(batch("access_token", secret))}}]
    for call in calls:
        http.post("/graph/100200300/feed", **call)
    http.get("/graph/oauth/access_token", params={
        "grant_type": "fb_exchange_token", "client_secret": "s3cr3t", "fb_exchange_token": secret})
    items = http.get("/_log").json()["items"]
    assert len(items) == len(calls) + 1
    for item in items:
        assert not leaks(json.dumps(item), secret), item
        assert "***" in item["path"] + item["body"]
