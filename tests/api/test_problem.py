"""A refusal says what happened, what it means and what to do, in the client's language, and nothing of our insides."""

import json
from typing import Any

import pytest
from flask import Flask
from machine import problem as problem_of
from service import SECRET_KEY, Service
from structlog.testing import capture_logs
from werkzeug.exceptions import RequestTimeout

from broadcaster import api
from broadcaster.api import problem
from broadcaster.auth import guard
from broadcaster.board import Board
from broadcaster.errors import Conflict, FieldError, Invalid, Refusal, Text, TooMany, Unidentified

WEB = Flask(__name__)
DETAIL = Text("Det gick inte.", "It did not work.")


def answer(error: Exception, **headers: str) -> tuple[Any, dict[str, Any]]:
    with WEB.test_request_context("/api/v1/x", headers=headers):
        response = problem.answer(error)
    return response, json.loads(response.data)


@pytest.mark.parametrize(
    ("wanted", "language"),
    [("", "sv"), ("sv", "sv"), ("en", "en"), ("en-GB, sv;q=0.5", "en"), ("de, fi", "sv"), ("sv;q=0.2, en;q=0.9", "en")],
)
def test_a_problem_speaks_swedish_unless_the_client_reads_english_better(wanted: str, language: str) -> None:
    error = Invalid("fields", DETAIL, fields=(FieldError("/mode", Text("Saknas.", "Is missing.")),))
    response, body = answer(error, **{"Accept-Language": wanted})
    assert body == {
        "type": "/problems/fields",
        "title": Invalid.title.in_(language),
        "status": 422,
        "detail": DETAIL.in_(language),
        "errors": [{"pointer": "/mode", "message": "Is missing." if language == "en" else "Saknas."}],
    }
    assert response.headers["Content-Language"] == language


def test_every_refusal_keeps_its_status_and_media_type() -> None:
    kinds = Refusal.__subclasses__()
    assert len(kinds) >= 9
    for kind in kinds:
        response, body = answer(kind("x", DETAIL))
        assert response.status_code == kind.status == body["status"]
        assert response.headers["Content-Type"] == "application/problem+json"


def test_headers_say_how_to_come_in_and_when_to_come_back() -> None:
    assert answer(Unidentified("x", DETAIL))[0].headers["WWW-Authenticate"] == "Bearer"
    assert answer(TooMany("x", DETAIL, retry_after_s=7))[0].headers["Retry-After"] == "7"
    assert "Retry-After" not in answer(Conflict("x", DETAIL))[0].headers


def test_a_web_servers_own_refusal_is_a_problem_too() -> None:
    assert answer(RequestTimeout())[1]["status"] == 400


def test_a_pointer_with_half_a_character_is_still_json() -> None:
    error = Invalid("fields", DETAIL, fields=(FieldError("/\ud800", DETAIL),))
    assert answer(error)[1]["errors"][0]["pointer"] == "/\ud800"


class _Broken(Board):
    def channels(self) -> list[dict[str, Any]]:
        raise RuntimeError("secret words of a message")


def test_a_fault_of_ours_is_named_by_an_id_and_logged_without_anybodys_words(still: Service) -> None:
    parts = still.parts
    web = Flask("broken")
    guard.install(web, parts.store, parts.settings.organisation.base_url, SECRET_KEY)
    broken = _Broken(parts.store, parts.playbooks, parts.settings)
    web.register_blueprint(api.blueprint(parts.broadcasts, broken))
    api.install_errors(web)
    key = still.key("read", name="trasig")
    with capture_logs() as logged:
        response = web.test_client().get("/api/v1/channels", headers={"Authorization": f"Bearer {key}"})
    assert problem_of(response) == (500, "fault", [])
    body = json.loads(response.data)
    (entry,) = [one for one in logged if one["event"] == "request_failed"]
    assert entry["request_id"] == body["request_id"] and body["request_id"] in body["detail"]
    assert entry["error"] == "builtins.RuntimeError" and any("verbs.py" in frame for frame in entry["frames"])
    assert "secret words" not in response.get_data(as_text=True) + repr(entry)
    assert key not in repr(entry)
