"""A change of a playbook that waits for two others: finding it, and saying yes to it."""

from service import Service

from broadcaster import amendment
from broadcaster.amendment import Amendment
from broadcaster.playbook import Snapshot

BOOK = "telefoni-1177"


def newest(service: Service) -> Amendment:
    with service.parts.store.reading() as transaction:
        return amendment.standing(transaction, BOOK)[0]


def approve(service: Service, snapshot: Snapshot, person: str) -> str:
    found = newest(service)
    with service.parts.store.transaction() as transaction:
        return amendment.approve(transaction, found, snapshot, person).state
