"""`serve`, `web`, `work`, `public`: the processes."""

import asyncio
import gc
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

import click
import structlog
from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from broadcaster import app
from broadcaster.channels.opening import imitations, secret_names
from broadcaster.commands.wiring import Wiring
from broadcaster.errors import Unfit
from broadcaster.kinds import INSTALLED
from broadcaster.ring import Listener
from broadcaster.sandbox import Sandbox
from broadcaster.supervisor import Supervisor, stop_with_parent
from broadcaster.worker import Worker

log = structlog.get_logger()

#: What only a worker needs. The web, which everybody can reach, is started without it.
WORKERS_SECRETS = frozenset(
    {
        "BROADCASTER_FACEBOOK_TOKEN",
        "BROADCASTER_FACEBOOK_APP_SECRET",
        "BROADCASTER_1177_CLIENT_ID",
        "BROADCASTER_1177_CLIENT_SECRET",
        "BROADCASTER_1177_PHONE_TOKEN",
        "BROADCASTER_SMTP_PASSWORD",
        "BROADCASTER_ALARM_WEBHOOK_SECRET",
        "BROADCASTER_46ELKS_USER",
        "BROADCASTER_46ELKS_PASSWORD",
    }
)
#: A process that was killed may hold the port for some seconds through its own children.
BIND_RETRY_S = 30
#: How much readers stand back on the processor. A writer that waits for what they hold needs none meanwhile.
NICE = 10


class _Gunicorn(BaseApplication):  # type: ignore[misc]
    """gunicorn with the project's configuration file. `make` is called in each of its workers, after the fork."""

    def __init__(self, make: Callable[[], Flask], address: tuple[str, int]) -> None:
        self._make, self._address = make, address
        super().__init__()

    def load_config(self) -> None:
        """Read gunicorn.conf.py, then say where to listen."""
        namespace: dict[str, Any] = {}
        file = app.resource("gunicorn.conf.py")
        exec(compile(file.read_text("utf-8"), str(file), "exec"), namespace)  # noqa: S102 - our own file
        for name, value in namespace.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)
        self.cfg.set("bind", [f"{self._address[0]}:{self._address[1]}"])

    def load(self) -> Flask:
        """Return the application of one gunicorn worker, with database connections of its own."""
        return self._make()


@click.command()
@click.pass_obj
def serve(wiring: Wiring) -> None:
    """Run web and worker; start again what dies."""
    wiring.store().close()
    app.secret_key(wiring.environ)
    # What is missing or not sound is said once, here, and not five times by processes that die of it.
    app.live_channels(wiring.parts.settings, wiring.environ)
    app.bell(wiring.settings, wiring.environ)
    app.reply_secret(wiring.environ)
    for trouble in INSTALLED.troubles:  # no channel needs it, or the settings would not have been read
        click.echo(f"warning: {trouble}", err=True)
    stop_with_parent()
    commands = {"web": "web", "worker": "work"}
    supervisor = Supervisor(
        {name: [sys.executable, "-m", "broadcaster", command] for name, command in commands.items()},
        without={"web": WORKERS_SECRETS | secret_names(wiring.settings)},
    )
    raise SystemExit(supervisor.run())


@click.command()
@click.pass_obj
def web(wiring: Wiring) -> None:
    """Run the form, the board, the API and the public pages."""
    _web(wiring, public_only=False)


@click.command()
@click.pass_obj
def public(wiring: Wiring) -> None:
    """Run the public pages alone, for a surge of readers. Whoever has to publish goes first on the processor."""
    os.nice(NICE)
    _web(wiring, public_only=True)


def _web(wiring: Wiring, *, public_only: bool) -> None:
    app.set_up_log()
    wiring.store().close()
    key, hops, reply = app.secret_key(wiring.environ), wiring.proxy_hops, app.reply_secret(wiring.environ)
    playbooks = wiring.parts.playbooks  # read once, here: what is not sound is said now, and all children have the same

    def make() -> Flask:
        parts = app.build(wiring.settings, playbooks=playbooks)
        if public_only:
            return app.public_web(parts, key, hops=hops)
        return app.web(parts, key, hops=hops, reply_secret=reply)

    stop_with_parent()
    _wait_for_port(wiring.address)
    _Gunicorn(make, wiring.address).run()


@click.command()
@click.pass_obj
def work(wiring: Wiring) -> None:
    """Run a worker: it pays what is owed to the channels."""
    app.set_up_log()
    wiring.store().close()
    drill = Sandbox(port=0, services=imitations(wiring.settings), smtp_port=0)
    drill_url = drill.start()
    try:
        asyncio.run(_work(app.worker(wiring.parts, drill_url, wiring.environ, mail_port=drill.smtp_port)))
    finally:
        drill.close()


async def _work(worker: Worker) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.stop)
    listener = Listener(worker.store, worker.ring)
    stop_with_parent()
    gc.collect()
    gc.freeze()  # a full collection of what never dies takes as long as a whole send
    log.info("worker_started", worker=worker.name)
    try:
        await worker.run()
    finally:
        listener.close()
        for channels in (worker.ways.live, worker.ways.drill):
            for channel in channels.values():
                await channel.close()
    log.info("worker_stopped", worker=worker.name)


def _wait_for_port(address: tuple[str, int]) -> None:
    """Return when the port is free. Raises `Unfit` after 30 s: then somebody else has it for good."""
    ends = time.monotonic() + BIND_RETRY_S
    while True:
        with socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
                return
            except OSError as error:
                if time.monotonic() > ends:
                    raise Unfit(f"{address[0]}:{address[1]} cannot be listened on: {error.strerror}") from error
        time.sleep(0.5)
