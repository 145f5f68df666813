"""The desk as people meet it: real pages on a real service, on SQLite only, since no page has SQL of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from service import Service
from visitor import Visitor

#: Who is who in every story of the desk.
PEOPLE = {
    "anna": ("sender",),
    "bo": ("sender", "approver"),
    "cia": ("approver",),
    "dag": ("auditor",),
    "eva": ("author",),
}


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'broadcaster.db'}"


@pytest.fixture
def visit(service: Service) -> Callable[..., Visitor]:
    """Return what opens a browser, signed in as somebody if named."""
    for name, roles in PEOPLE.items():
        service.add_person(name, *roles)

    def begin(name: str | None = None) -> Visitor:
        visitor = Visitor(service)
        if name is not None:
            assert visitor.sign_in(name).address == "/desk"
        return visitor

    return begin


@pytest.fixture
def anna(visit: Callable[..., Visitor]) -> Visitor:
    """Return the duty communicator, signed in, who may send."""
    return visit("anna")
