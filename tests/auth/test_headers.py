"""What every answer says, and under which names the service answers at all."""

import pytest
from flask import Flask, Response, request

from broadcaster.auth.headers import BODY_BYTES_MAX, FORM_FIELDS_MAX, harden, host_name, trusted_hosts
from broadcaster.errors import Refusal

HTTPS = "https://kris.region.example"
LOOPBACK = "http://127.0.0.1:8000"


def build(base_url: str) -> Flask:
    app = Flask(__name__, static_folder=None)
    harden(app, base_url)

    @app.get("/")
    def front() -> str:
        return "hej"

    @app.get("/feed")
    def feed() -> Response:
        return Response(
            "feed", headers={"Cache-Control": "max-age=15", "Cross-Origin-Resource-Policy": "cross-origin"}
        )

    @app.get("/slash/")
    def slash() -> str:
        return "snedstreck"

    @app.get("/broken")
    def broken() -> str:
        raise ZeroDivisionError

    @app.post("/form")
    def form() -> str:
        return str(len(request.form))

    @app.errorhandler(Refusal)
    def refused(refusal: Refusal) -> tuple[str, int]:
        return refusal.slug, refusal.status

    return app


@pytest.mark.parametrize("path", ["/", "/feed", "/nowhere", "/broken", "/slash"])
def test_every_answer_carries_the_security_headers_errors_too(path: str) -> None:
    headers = build(HTTPS).test_client().get(path, headers={"Host": "kris.region.example"}).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    for directive in ("form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'", "style-src 'self'"):
        assert directive in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert int(headers["Strict-Transport-Security"].split(";")[0].removeprefix("max-age=")) >= 31_536_000


def test_nothing_is_kept_by_browsers_unless_a_view_says_so() -> None:
    client = build(LOOPBACK).test_client()
    assert client.get("/").headers["Cache-Control"] == "no-store"
    assert client.get("/feed").headers["Cache-Control"] == "max-age=15"
    assert client.get("/feed").headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_a_rehearsal_over_http_does_not_tie_the_browser_to_https() -> None:
    assert "Strict-Transport-Security" not in build(LOOPBACK).test_client().get("/").headers


@pytest.mark.parametrize("host", ["kris.region.example", "KRIS.Region.Example", "kris.region.example:8443"])
def test_the_service_answers_under_its_own_name_however_it_is_typed(host: str) -> None:
    assert build(HTTPS).test_client().get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "kris.region.example.evil.example",
        "127.0.0.1",
        "localhost",
        "",
        "x y",
        "kris.region.example:x",
    ],
)
def test_the_service_answers_under_no_other_name(host: str) -> None:
    client = build(HTTPS).test_client()
    for path in ("/", "/slash", "/nowhere"):
        answer = client.get(path, headers={"Host": host})
        assert (answer.status_code, answer.text) == (400, "other-host")


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "LOCALHOST", "[::1]:8000", "127.0.0.1"])
def test_on_loopback_every_name_of_this_machine_fits(host: str) -> None:
    assert build(LOOPBACK).test_client().get("/", headers={"Host": host}).status_code == 200
    assert build(LOOPBACK).test_client().get("/", headers={"Host": "evil.example"}).status_code == 400


def test_host_names_lose_their_port_and_nothing_else() -> None:
    assert [host_name(host) for host in ("A.Example:80", "[::1]", "[::1]:8000", "a:b")] == [
        "a.example",
        "[::1]",
        "[::1]",
        "a:b",
    ]
    assert trusted_hosts("https://Kris.Region.Example:8443") == {"kris.region.example"}


def test_a_body_larger_than_any_form_of_ours_is_refused() -> None:
    client = build(LOOPBACK).test_client()
    assert client.post("/form", data={"text": "x" * 20_000}).text == "1"
    assert client.post("/form", data={"text": "x" * BODY_BYTES_MAX}).status_code == 413
    fields = {f"f{number}": "x" for number in range(FORM_FIELDS_MAX + 1)}
    answer = client.post("/form", data=fields, content_type="multipart/form-data")
    assert answer.status_code == 413


def test_no_method_is_offered_that_no_view_has() -> None:
    assert build(LOOPBACK).test_client().options("/").status_code == 405
