"""A stranger who reads only the description of the API can neither break it nor get an answer it does not describe."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from machine import Machine
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from service import Service

from broadcaster.api.routes import ROUTES

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
#: Of each kind for each address: in all some two hundred requests, the same ones every time.
EXAMPLES = 6
#: The open address takes nothing, so nothing can be said to it otherwise than described.
WALKS = [
    pytest.param(route.path, route.method, kind, id=f"{route.name}-{kind.value}")
    for route in ROUTES
    for kind in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    if route.scopes or kind is GenerationMode.POSITIVE
]


@pytest.fixture(scope="module")
def stranger(still: Service) -> Machine:
    """Return a machine that may do everything."""
    return Machine(still, "read", "propose", "send", "audit", name="frammande")


def a_message(stranger: Machine) -> dict[str, str]:
    """Return a value for every variable of a path, each naming something that exists."""
    message: Any = stranger.send(stranger.service.body(again=True)).json
    named = {"message": message["id"], "ref": message["incident"], "playbook": message["playbook"]}
    return {**named, "channel": "facebook", "language": "sv", "seq": "0"}


def name_what_exists(case: Case[Any], known: dict[str, str]) -> None:
    """Let a made-up request get past the checks that only made-up names fail."""
    if case.path_parameters:
        case.path_parameters = {name: known[name] for name in case.path_parameters}
    if isinstance(case.body, dict) and "playbook" in case.body:
        case.body |= {"playbook": known["playbook"], "phase": "first", "incident": None, "sentence": None}
        case.body |= {"blanks": None, "channels": None, "affected": None, "digest": None, "again": True}


@pytest.mark.parametrize(("path", "method", "kind"), WALKS)
def test_every_answer_is_one_that_is_described(stranger: Machine, path: str, method: str, kind: GenerationMode) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", stranger.service.flask())
    headers = {"Authorization": f"Bearer {stranger.key}"}
    known = a_message(stranger)
    answered: list[int] = []

    @seed(20260314)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema[path][method].as_strategy(generation_mode=kind))
    def ask(case: Case[Any]) -> None:
        if len(answered) % 2:
            name_what_exists(case, known)
        answered.append(case.call_and_validate(headers=headers, checks=CHECKS).status_code)

    ask()
    assert answered
