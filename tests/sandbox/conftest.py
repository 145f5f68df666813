"""A running sandbox whose time stands still until a test moves it."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from broadcaster.sandbox import Sandbox

PLAIN: dict[str, Any] = {"timeout": 10, "trust_env": False, "verify": False}
"""No proxy, and no certificates to load: everything is http on loopback."""


@pytest.fixture
def now() -> list[float]:
    """One element: the sandbox's time in unix seconds. A test moves it with ``now[0] += 60``."""
    return [1_795_000_000.0]


@pytest.fixture
def sandbox(now: list[float]) -> Iterator[Sandbox]:
    """A sandbox on a free port, closed after the test."""
    with Sandbox(clock=lambda: now[0]) as running:
        yield running


@pytest.fixture
def http(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """A client that knows no token, does not follow redirects and gives up after ten seconds."""
    with httpx.Client(base_url=sandbox.url, **PLAIN) as client:
        yield client


@pytest.fixture
def graph(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """A client of the imitated Page, with its token in a header."""
    with httpx.Client(base_url=f"{sandbox.url}/graph/v26.0", **PLAIN,
                      headers={"Authorization": "Bearer PAGETOK"}) as client:
        yield client


@pytest.fixture
def phone(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """A client of the imitated phone gateway, with its token."""
    with httpx.Client(base_url=f"{sandbox.url}/phone", **PLAIN,
                      headers={"Authorization": "Bearer PHONETOK"}) as client:
        yield client


@pytest.fixture
def cms(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """A client of the imitated content API, with a token it fetched."""
    with httpx.Client(base_url=f"{sandbox.url}/cms/api/episerver/v3.0/contentmanagement", **PLAIN) as client:
        token = client.post(f"{sandbox.url}/cms/api/episerver/connect/token", data={
            "grant_type": "client_credentials", "client_id": "kris", "client_secret": "hemligt",
            "scope": "epi_content_management"}).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client
