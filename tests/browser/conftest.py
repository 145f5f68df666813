"""A real browser in front of a real service on a free port; the worker works when the test says so."""

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from service import PASSWORD, Service
from werkzeug.serving import WSGIRequestHandler, make_server

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE = {"width": 390, "height": 844}
#: Without scripts the board reloads every five seconds, which is just what is waited for by default.
expect.set_options(timeout=30_000)


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_arguments: Any) -> None:
        """Say nothing of each request."""


class Site:
    """The service on the web, and a worker that pays when asked."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._server = make_server("127.0.0.1", 0, service.flask(), threaded=True, request_handler=_Quiet)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._serving = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._serving.start()
        self._worker = ThreadPoolExecutor(1)  # a thread of its own: the browser's driver has the main one's event loop

    def pay(self, **how: Any) -> None:
        self.aside(lambda: self.service.pay(**how))

    def aside(self, act: Callable[[], Any]) -> None:
        """Do something that has an event loop of its own."""
        self._worker.submit(act).result(60)

    def stop(self) -> None:
        if self._serving.is_alive():
            self._server.shutdown()
            self._serving.join(10)
            self._server.server_close()

    def close(self) -> None:
        self.stop()
        self._worker.shutdown()


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'broadcaster.db'}"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return the system's own Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def site(service: Service) -> Iterator[Site]:
    """Return the service on a free port of this machine."""
    service.add_person("anna", "sender", "author")
    service.add_person("bo", "sender", "approver")
    site = Site(service)
    yield site
    site.close()


@pytest.fixture
def look(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Return what opens a phone's browser, signed in unless told otherwise; nothing may be fetched from elsewhere."""
    contexts: list[BrowserContext] = []
    strangers: list[str] = []

    def open_browser(name: str | None = "anna", **how: Any) -> Page:
        settings = {"viewport": PHONE, "locale": "sv-SE", "base_url": site.url, **how}
        context = chromium.new_context(**settings)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: _note(request.url, site.url, strangers))
        page.on("pageerror", lambda error: strangers.append(f"script error: {error}"))
        if name is not None:
            sign_in(page, name)
        return page

    yield open_browser
    for context in contexts:
        context.close()
    assert strangers == []


def sign_in(page: Page, name: str) -> None:
    """Sign in by keyboard, as a password manager would."""
    page.goto("/login")
    page.get_by_label("Användarnamn").fill(name)
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk")


def _note(url: str, ours: str, strangers: list[str]) -> None:
    if not url.startswith((ours, "data:")):
        strangers.append(url)
