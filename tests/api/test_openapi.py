"""The description of the API is true: of what may be asked, and of every answer."""

import json
import re
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from machine import Machine
from service import Service

from broadcaster.api import openapi
from broadcaster.api.routes import PREFIX, ROUTES
from broadcaster.api.schemas import MESSAGE_STATES
from broadcaster.errors import Refusal
from broadcaster.standing import State

DOCUMENT = openapi.document()


def fits(schema: str, value: object) -> None:
    """Assert that `value` is as the document says, formats included."""
    whole = {"$ref": f"#/components/schemas/{schema}", "components": DOCUMENT["components"]}
    Draft202012Validator(whole, validate_formats=True).validate(value)


def test_the_description_is_open_to_everybody(still: Service) -> None:
    assert Machine(still).get("/openapi.json").json == json.loads(json.dumps(DOCUMENT))


def test_every_address_of_the_contract_is_described_with_its_scopes(still: Service) -> None:
    described = {(method.upper(), path) for path, item in DOCUMENT["paths"].items() for method in item}
    assert described == {(route.method, route.path) for route in ROUTES}
    bound = {
        (method, re.sub(r"<(\w+)>", r"{\1}", rule.rule.removeprefix(PREFIX)))
        for rule in still.flask().url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD"}
    }
    assert described == bound
    for route in ROUTES:
        operation = DOCUMENT["paths"][route.path][route.method.lower()]
        assert all(scope in operation["description"] for scope in route.scopes)
        assert ("401" in operation["responses"]) == bool(route.scopes)


def test_the_contracts_states_are_all_named() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert set(schemas["Delivery"]["properties"]["state"]["enum"]) == {
        "owed", "sending", "retrying", "uncertain", "published", "needs_person", "failed", "skipped", "affected",
        "superseded", "withdrawn", "expired",
    } == {str(state) for state in State}  # fmt: skip
    assert set(MESSAGE_STATES) == {
        "awaiting_approval", "rejected", "expired", "recalled", "superseded", "sending", "published",
        "partly_published", "failed",
    }  # fmt: skip


def test_every_status_a_refusal_can_have_is_described_somewhere() -> None:
    described = {
        int(status) for item in DOCUMENT["paths"].values() for one in item.values() for status in one["responses"]
    }
    assert {kind.status for kind in Refusal.__subclasses__()} - {405} <= described


@pytest.mark.parametrize("method", ["Playbooks", "Incidents", "Channels", "Log"])
def test_every_list_is_as_described(service: Service, method: str) -> None:
    machine = Machine(service, "read", "send", "audit")
    machine.send(service.body())
    path = {"Playbooks": "/playbooks", "Incidents": "/incidents", "Channels": "/channels", "Log": "/audit"}[method]
    found: Any = machine.get(path).json
    assert found["items"]
    fits(method, found)


def test_messages_are_as_described_through_their_whole_life(service: Service) -> None:
    machine = Machine(service, "read", "send")
    asked = {**service.body(), "playbook": "allman-handelse"}
    fits("SendRequest", asked)
    fits("Preview", machine.post("/previews", asked).json)
    message: Any = machine.send(asked).json
    fits("Message", message)
    service.script(facebook=[{"on": "POST /{page}/feed", "do": "token_dead", "times": 9}])
    service.pay(seconds=5, steps=2)
    path = f"/messages/{message['id']}"
    fits("Message", machine.get(path).json)
    acknowledged = machine.post(f"{path}/deliveries/intranet/sv/acknowledge", {"reason": "Sidan är nere."})
    assert acknowledged.status_code == 202
    fits("Message", acknowledged.json)
    fits("Message", machine.post(f"{path}/recall", {"reason": "Fel händelse."}).json)
    fits("Incident", machine.get(f"/incidents/{message['incident']}").json)


def test_problems_are_as_described(reader: Machine) -> None:
    for answer in (reader.get("/nope"), reader.send({}), reader.post("/messages", {}), reader.get("/audit?limit=x")):
        fits("Problem", json.loads(answer.data))


def test_what_may_be_left_out_may_be_null_and_nothing_may_be_added() -> None:
    schema = DOCUMENT["components"]["schemas"]["SendRequest"]
    nulls = {name: None for name in schema["properties"] if name not in schema["required"]}
    fits("SendRequest", {"playbook": "x", "phase": "first", "mode": "drill", **nulls})
    assert schema["required"] == ["playbook", "phase", "mode"] and schema["additionalProperties"] is False
