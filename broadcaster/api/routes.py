"""
The addresses of the API as facts: what each takes, who may use it, what it answers.

The web application is bound from this table and the OpenAPI document is written from it, so the two cannot differ.
"""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from broadcaster.request import (
    AcknowledgeRequest,
    ApproveRequest,
    RecallRequest,
    RejectRequest,
    RetryRequest,
    SendRequest,
)

PREFIX = "/api/v1"
#: Far above any log or list of ours, and inside what every database counts to.
SEQ_MAX = 2**31 - 1


@dataclass(frozen=True)
class Parameter:
    """One query parameter. `default` None: may be left out and then means nothing."""

    name: str
    kind: Literal["integer", "string"]
    default: int | None = None
    minimum: int = 0
    maximum: int = 0
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Route:
    """One address and method. Any one of `scopes` opens it; none means open to everybody without a key.

    `path` counts from `PREFIX`, its variables in braces; `answer` names a schema of the OpenAPI document;
    `key` says whether an `Idempotency-Key` is required, may be given, or is not looked at.
    """

    name: str
    method: Literal["GET", "POST"]
    path: str
    scopes: tuple[str, ...]
    summary: str
    answer: str
    status: int = 200
    body: type[BaseModel] | None = None
    key: Literal["required", "optional"] | None = None
    query: tuple[Parameter, ...] = ()

    @property
    def may_be_empty(self) -> bool:
        """Tell whether no body at all says the same as `{}`."""
        return self.body is not None and not any(one.is_required() for one in self.body.model_fields.values())


_MESSAGE = "/messages/{message}"
_DELIVERY = _MESSAGE + "/deliveries/{channel}/{language}"

ROUTES: tuple[Route, ...] = (
    Route("openapi", "GET", "/openapi.json", (), "This document.", "Document"),
    Route("playbooks", "GET", "/playbooks", ("read",), "Every playbook.", "Playbooks"),
    Route("playbook", "GET", "/playbooks/{playbook}", ("read",), "One playbook, with its blanks.", "Playbook"),
    Route(
        "preview", "POST", "/previews", ("read",), "The exact words a message would say; changes nothing.",
        "Preview", body=SendRequest,
    ),
    Route(
        "send", "POST", "/messages", ("propose", "send"),
        "Send one phase of an incident, or with the scope propose make it wait for a person.",
        "Message", 202, SendRequest, "required",
    ),
    Route("message", "GET", _MESSAGE, ("read",), "One message with every delivery.", "Message"),
    Route(
        "approve", "POST", _MESSAGE + "/approve", ("send",), "Say yes to the exact words of a waiting message.",
        "Message", 202, ApproveRequest, "optional",
    ),
    Route(
        "reject", "POST", _MESSAGE + "/reject", ("send",), "Say no to a waiting message; it never goes out.",
        "Message", 202, RejectRequest, "optional",
    ),
    Route(
        "recall", "POST", _MESSAGE + "/recall", ("send",), "Stop what is unsent and take down what is public.",
        "Message", 202, RecallRequest, "optional",
    ),
    Route(
        "retry", "POST", _DELIVERY + "/retry", ("send",),
        "Make a delivery due now; one that is uncertain is only looked for.",
        "Message", 202, RetryRequest, "optional",
    ),
    Route(
        "acknowledge", "POST", _DELIVERY + "/acknowledge", ("send",),
        "Say what a person did: published at an address, not published because, or (empty) taken down.",
        "Message", 202, AcknowledgeRequest, "optional",
    ),
    Route(
        "incidents", "GET", "/incidents", ("read",), "Incidents, newest first.", "Incidents",
        query=(
            Parameter("after", "string"),
            Parameter("limit", "integer", 50, 1, 100),
            Parameter("state", "string", choices=("open", "closed")),
        ),
    ),
    Route("incident", "GET", "/incidents/{ref}", ("read",), "One incident with its messages.", "Incident"),
    Route("channels", "GET", "/channels", ("read",), "Every channel that is set up, and how it looks.", "Channels"),
    Route(
        "audit", "GET", "/audit", ("audit",), "The log's exact entries, from the first.", "Log",
        query=(
            Parameter("after", "integer", -1, -1, SEQ_MAX),
            Parameter("limit", "integer", 100, 1, 1000),
        ),
    ),
    Route("checkpoint", "GET", "/audit/checkpoint", ("audit",), "404 until the log is a signed tree.", "Problem"),
    Route("proof", "GET", "/audit/{seq}/proof", ("audit",), "404 until the log is a signed tree.", "Problem"),
)  # fmt: skip
