"""What the commands share: settings, store and parts, made when first asked for."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from broadcaster import app
from broadcaster import settings as settings_module
from broadcaster.errors import Unfit
from broadcaster.settings import Settings
from broadcaster.store import Store


@dataclass
class Wiring:
    """The service as one command needs it. Nothing is read before it is asked for."""

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    _opened: list[Store] = field(default_factory=list)

    @cached_property
    def settings(self) -> Settings:
        """Return the settings. Raises `Unfit`."""
        return settings_module.load(self.environ)

    @cached_property
    def parts(self) -> app.Parts:
        """Return the service put together. Raises `Unfit` for settings or playbooks that are not sound."""
        parts = app.build(self.settings)
        self._opened.append(parts.store)
        return parts

    def store(self) -> Store:
        """Return the store of a database that exists. Raises `Unfit`."""
        store = Store(self.settings.database_url)
        self._opened.append(store)
        store.require()
        return store

    def close(self) -> None:
        """Give back every connection that was opened for the command."""
        for store in self._opened:
            store.close()

    @property
    def playbook_folder(self) -> Path:
        """Where the playbooks are: as the settings say, or `./playbooks` where there are no settings."""
        if self.environ.get("BROADCASTER_CONFIG"):
            return self.settings.playbook_folder
        here = Path("playbooks")
        return here if here.is_dir() else app.resource("playbooks")

    @property
    def address(self) -> tuple[str, int]:
        """Where the web listens: `BIND` and `PORT`. Raises `Unfit`."""
        port = self.environ.get("PORT") or "8000"
        if not (port.isascii() and port.isdigit() and int(port) < 65536):
            raise Unfit(f"PORT is {port!r}: set it to a number from 0 to 65535, or unset it for 8000")
        return self.environ.get("BIND") or "127.0.0.1", int(port)

    @property
    def proxy_hops(self) -> int:
        """How many proxies in front set `X-Forwarded-*`: `PROXY_HOPS`, 0 if it is not set. Raises `Unfit`."""
        hops = self.environ.get("PROXY_HOPS") or "0"
        if not (hops.isascii() and hops.isdigit() and int(hops) < 10):
            raise Unfit(f"PROXY_HOPS is {hops!r}: say how many proxies are in front, or unset it")
        return int(hops)
