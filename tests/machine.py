"""A machine that uses the API: the switchboard system, with a key of its own."""

import json
from typing import Any

from service import Service
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from broadcaster.tables import metadata

PREFIX = "/api/v1"
#: What a request may change without having done anything: when a key was last used, and what was refused.
NOT_DEEDS = frozenset({"api_key", "throttle", "audit_entry", "audit_about", "log_head", "private"})


class Machine:
    """A client of the API. Every answer is checked to be JSON, or a problem as the contract says it."""

    def __init__(self, service: Service, *scopes: str, mode: str = "live", name: str = "vaxel") -> None:
        self.service = service
        self.web = service.flask().test_client()
        self.key = service.key(*scopes, mode=mode, name=name) if scopes else None
        self.sent = 0

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.ask("GET", path, None, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Post `body` as JSON; None posts no body at all."""
        if body is None:
            return self.ask("POST", path, None, **headers)
        return self.ask("POST", path, json.dumps(body).encode(), **{"Content-Type": "application/json", **headers})

    def send(self, body: Any, **headers: str) -> TestResponse:
        """Post a message with a new Idempotency-Key."""
        self.sent += 1
        return self.post("/messages", body, **{"Idempotency-Key": f"nyckel-{self.sent}", **headers})

    def ask(self, method: str, path: str, data: bytes | None = None, /, **headers: str) -> TestResponse:
        if self.key is not None:
            headers = {"Authorization": f"Bearer {self.key}", **headers}
        answer = self.web.open(PREFIX + path, method=method, data=data, headers=headers)
        check(answer)
        return answer


def check(answer: TestResponse) -> None:
    """Assert that an answer is of the one of two kinds there are."""
    if answer.status_code < 400:
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
        return
    assert answer.headers["Content-Type"] == "application/problem+json"
    if not answer.data:  # to HEAD
        return
    problem = json.loads(answer.data)
    assert problem["status"] == answer.status_code
    assert problem["type"].startswith("/problems/") and problem["title"] and problem["detail"]
    assert all(set(fault) == {"pointer", "message"} and fault["message"] for fault in problem["errors"])


def problem(answer: TestResponse) -> tuple[int, str, list[str]]:
    """Return an answer's status, the last part of its type and the pointers of its errors."""
    found = json.loads(answer.data)
    return answer.status_code, found["type"].rpartition("/")[2], [fault["pointer"] for fault in found["errors"]]


def deeds(service: Service) -> dict[str, int]:
    """Return how many rows of everything that was done there are."""
    with service.parts.store.reading() as transaction:
        return {
            name: transaction.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
            if name not in NOT_DEEDS
        }
