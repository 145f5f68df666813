"""Finding what a request speaks of, or naming the field that speaks of nothing."""

from typing import Any

import pytest
from service import Service

from broadcaster import approval
from broadcaster.errors import Invalid
from broadcaster.lookup import incident_for, known_playbook, pinned, wrong_field
from broadcaster.request import SendRequest
from broadcaster.verdicts import NO_SUCH_INCIDENT


def asked(service: Service, incident: str | None, **more: Any) -> SendRequest:
    return SendRequest.model_validate(service.body("update", incident, **more))


def test_the_incident_is_found_and_whatever_does_not_agree_with_it_is_named(service: Service) -> None:
    first = service.send()
    ref = first["incident"]
    with service.parts.store.transaction() as transaction:
        assert incident_for(transaction, asked(service, ref), lock=True)["ref"] == ref
        for request, pointer in (
            (asked(service, None), "/incident"),
            (asked(service, "RE-2026-9999"), "/incident"),
            (asked(service, ref.lower()), "/incident"),
            (asked(service, ref, mode="drill"), "/mode"),
            (asked(service, ref, playbook="allman-handelse"), "/playbook"),
        ):
            with pytest.raises(Invalid) as refusal:
                incident_for(transaction, request)
            assert [fault.pointer for fault in refusal.value.fields] == [pointer]


def test_a_playbook_is_known_by_its_id_alone(service: Service) -> None:
    with service.parts.store.reading() as transaction:
        assert known_playbook(transaction, service.parts.playbooks, "telefoni-1177").id == "telefoni-1177"
        for name in ("Telefoni-1177", "../register", ""):
            with pytest.raises(Invalid) as refusal:
                known_playbook(transaction, service.parts.playbooks, name)
            assert refusal.value.fields[0].pointer == "/playbook"


def test_an_incident_goes_on_with_its_own_words_until_they_are_revoked(service: Service) -> None:
    service.send()
    with service.parts.store.transaction() as transaction:
        row = incident_for(transaction, asked(service, "RE-2026-0001"))
        assert pinned(transaction, service.parts.playbooks, row) == row["digest"]
        approval.revoke(transaction, row["digest"], "approver-1")
        assert pinned(transaction, service.parts.playbooks, row) is None


def test_one_wrong_field_is_an_invalid_request_that_says_so_in_both_places() -> None:
    refusal = wrong_field("/incident", NO_SUCH_INCIDENT)
    assert refusal.status == 422
    assert refusal.detail == refusal.fields[0].message == NO_SUCH_INCIDENT
