"""The API as machines meet it: a real service on SQLite, since nothing of the API has SQL of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from machine import Machine
from service import Clock, Service, loaded, settings_for

from broadcaster import app
from broadcaster.migrations import migrate
from broadcaster.sandbox import Sandbox


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'broadcaster.db'}"


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Return a service for tests that change nothing or do not mind others' messages; it lives for a whole file."""
    folder = tmp_path_factory.mktemp("still")
    nobody = Sandbox(port=0)  # never started: the web process calls no channel
    settings = settings_for(folder, nobody.url, database={"url": f"sqlite:///{folder / 'broadcaster.db'}"})
    clock = Clock()
    parts = app.build(settings, clock=clock.now, ring=lambda: None, playbooks=loaded(settings))
    migrate(parts.store)
    service = Service(parts, clock, nobody)
    service.approve_all()
    yield service
    parts.store.close()
    nobody.close()


@pytest.fixture(scope="module")
def reader(still: Service) -> Machine:
    """Return a machine that may do everything on a service that lives for a whole file."""
    return Machine(still, "read", "propose", "send", "audit", name="allt")


@pytest.fixture
def machine(service: Service) -> Callable[..., Machine]:
    """Return what makes a machine with certain scopes."""
    return lambda *scopes, **more: Machine(service, *scopes, **more)
