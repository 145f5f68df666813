"""
What each address does, once the request has been let in and read: one call of the engine or the board.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response

from broadcaster.api.queries import wrong_query
from broadcaster.api.routes import PREFIX
from broadcaster.auth.client import Client
from broadcaster.board import Board
from broadcaster.broadcast import Broadcasts
from broadcaster.errors import FieldError, NotFound, Text
from broadcaster.idempotency import Answer
from broadcaster.request import RetryRequest, read

MEDIA_TYPE = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Asked:
    """A request that may be answered: who asks, and everything it says."""

    client: Client
    at: Mapping[str, str]
    query: Mapping[str, Any]
    body: object = None
    key: str | None = None


class Verbs:
    """One method per route, called by the route's name."""

    def __init__(self, broadcasts: Broadcasts, board: Board) -> None:
        self.broadcasts, self.board = broadcasts, board

    def playbooks(self, _asked: Asked) -> Response:
        """Return every playbook."""
        return _list(self.board.playbooks())

    def playbook(self, asked: Asked) -> Response:
        """Return one playbook."""
        return answer(self.board.playbook(asked.at["playbook"]))

    def preview(self, asked: Asked) -> Response:
        """Return the exact words a message would say."""
        return answer(self.broadcasts.preview(asked.body, asked.client))

    def send(self, asked: Asked) -> Response:
        """Accept a message; `Location` is where it can be followed."""
        assert asked.key is not None, "Bug! A message without its Idempotency-Key"
        accepted = self.broadcasts.send(asked.body, asked.client, asked.key)
        response = _accepted(accepted)
        response.headers["Location"] = f"{PREFIX}/messages/{accepted.json['id']}"
        return response

    def message(self, asked: Asked) -> Response:
        """Return one message."""
        return answer(self.board.message(asked.at["message"]))

    def approve(self, asked: Asked) -> Response:
        """Say yes to a waiting message."""
        return _accepted(self.broadcasts.approve(asked.at["message"], asked.body, asked.client, asked.key))

    def reject(self, asked: Asked) -> Response:
        """Say no to a waiting message."""
        return _accepted(self.broadcasts.reject(asked.at["message"], asked.body, asked.client, asked.key))

    def recall(self, asked: Asked) -> Response:
        """Take a message back."""
        return _accepted(self.broadcasts.recall(asked.at["message"], asked.body, asked.client, asked.key))

    def retry(self, asked: Asked) -> Response:
        """Make one delivery due now."""
        read(RetryRequest, asked.body)
        return _accepted(self.broadcasts.retry(*_delivery(asked), asked.client, asked.key))

    def acknowledge(self, asked: Asked) -> Response:
        """Record what a person did about one delivery."""
        return _accepted(self.broadcasts.acknowledge(*_delivery(asked), asked.body, asked.client, asked.key))

    def incidents(self, asked: Asked) -> Response:
        """Return a page of incidents."""
        try:
            return answer(self.board.incidents(**asked.query))
        except NotFound as error:  # `after` names an incident that does not exist: the query's fault, not the address's
            raise wrong_query(FieldError("/after", error.detail)) from error

    def incident(self, asked: Asked) -> Response:
        """Return one incident."""
        return answer(self.board.incident(asked.at["ref"]))

    def channels(self, _asked: Asked) -> Response:
        """Return every channel that is set up."""
        return _list(self.board.channels())

    def audit(self, asked: Asked) -> Response:
        """Return a page of the log."""
        return answer(self.board.audit(**asked.query))

    def checkpoint(self, _asked: Asked) -> Response:
        """Say that there is no signed head yet."""
        raise NotFound("no-signed-tree", _NO_TREE)

    def proof(self, _asked: Asked) -> Response:
        """Say that there is no proof of inclusion yet."""
        raise NotFound("no-signed-tree", _NO_TREE)


def answer(value: object) -> Response:
    """Return `value` as JSON."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return Response(body, 200, content_type=MEDIA_TYPE)


def _list(items: list[dict[str, Any]]) -> Response:
    return answer({"items": items, "next": None})


def _accepted(accepted: Answer) -> Response:
    response = Response(accepted.body, 202, content_type=MEDIA_TYPE)
    if accepted.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def _delivery(asked: Asked) -> tuple[str, str, str]:
    return asked.at["message"], asked.at["channel"], asked.at["language"]


_NO_TREE = Text(
    "Loggen är inte signerad som ett träd än, så det finns varken huvud eller bevis att hämta. Varje post finns under "
    "/api/v1/audit, och hela kedjan kan kontrolleras med `broadcaster audit verify`.",
    "The log is not signed as a tree yet, so there is no head and no proof to fetch. Every entry is under "
    "/api/v1/audit, and the whole chain can be checked with `broadcaster audit verify`.",
)
