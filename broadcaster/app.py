"""
The only place where parts meet. Web, worker, commands and tests all build the service here, from one settings object.
"""

import contextlib
import logging
import os
import random
import re
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, cast

import httpx
import structlog
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from broadcaster import alarm_pages, api, desk, outside, planned, public, register_check
from broadcaster.alarm import Bell
from broadcaster.auth import guard
from broadcaster.auth.passwords import Passwords
from broadcaster.auth.people import PASSWORDS
from broadcaster.board import Board
from broadcaster.broadcast import Broadcasts
from broadcaster.channels import Channel, _certificate
from broadcaster.channels._markup import to_ssml
from broadcaster.channels.opening import open_channels, open_drill_channels
from broadcaster.clock_steps import Steps
from broadcaster.clocks import boot_clock, utc_now
from broadcaster.elks import Elks
from broadcaster.errors import Unfit
from broadcaster.last_use import asked_aside
from broadcaster.outbox import Outbox
from broadcaster.playbook import Playbooks
from broadcaster.proof import Proof
from broadcaster.ring import bell_rope
from broadcaster.roster import Roster
from broadcaster.settings import Settings, is_loopback_http, required_secret, secret
from broadcaster.shelf import Shelf
from broadcaster.store import Store, WallClock
from broadcaster.worker import Ways, Worker

PACKAGE = Path(__file__).parent


@dataclass(frozen=True)
class Parts:
    """The service, put together and not yet running."""

    settings: Settings
    store: Store
    playbooks: Shelf
    broadcasts: Broadcasts
    board: Board


def build(
    settings: Settings,
    *,
    clock: WallClock = utc_now,
    ring: Callable[[], None] | None = None,
    playbooks: Playbooks | None = None,
) -> Parts:
    """Return the parts for `settings`. Raises `Unfit` if a playbook is not sound. Opens no connection yet.

    `playbooks` are those that were loaded already: processes that serve one address must not read a folder that is
    being edited each for itself.
    """
    store = Store(settings.database_url, clock=clock)
    if playbooks is None:
        name, zone = settings.organisation.name, settings.organisation.timezone
        playbooks = Playbooks.load(settings.playbook_folder, organisation=name, timezone=zone)
    shelf = Shelf(playbooks.files, store)
    broadcasts = Broadcasts(store, shelf, settings, ring=ring or bell_rope(store))
    return Parts(settings, store, shelf, broadcasts, Board(store, shelf, settings))


def web(
    parts: Parts, secret_key: str, *, hops: int = 0, hashing: Passwords = PASSWORDS, reply_secret: str | None = None
) -> Flask:
    """Return the web application: form, board, API and public pages.

    `hops` counts the proxies in front that set `X-Forwarded-*`; with 0 those headers are ignored. `hashing` is how
    passwords are checked. `reply_secret` is in the address where SMS that answer alarms come in; None: there is none.
    """
    app = Flask("broadcaster", static_folder=None, template_folder=str(resource("templates")))
    guard.install(app, parts.store, parts.settings.organisation.base_url, secret_key)
    app.register_blueprint(public.blueprint(parts.board, parts.settings, to_ssml))
    app.register_blueprint(desk.blueprint(parts, hashing=hashing))
    app.register_blueprint(alarm_pages.blueprint(parts.store, Roster.of(parts.settings), reply_secret))
    app.register_blueprint(api.blueprint(parts.broadcasts, parts.board))
    desk.install_errors(app)
    api.install_errors(app)
    return _behind(app, hops)


def public_web(parts: Parts, secret_key: str, *, hops: int = 0) -> Flask:
    """Return the public pages alone, for a surge of readers that must not slow the desk."""
    app = Flask("broadcaster", static_folder=None, template_folder=str(resource("templates")))
    guard.install(app, parts.store, parts.settings.organisation.base_url, secret_key)
    app.register_blueprint(public.blueprint(parts.board, parts.settings, to_ssml))
    desk.install_errors(app)
    return _behind(app, hops)


def _behind(app: Flask, hops: int) -> Flask:
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def worker(
    parts: Parts, drill_url: str, environ: Mapping[str, str] = os.environ, *, mail_port: int | None = None
) -> Worker:
    """Return a worker with every live channel opened by its secrets, and the drill's against `drill_url`.

    `mail_port` is where the imitation takes the letters of a drill.
    """
    settings = parts.settings
    viewer = outside.over_network()
    live = with_register(live_channels(settings, environ, parts.store), parts, viewer)
    ways = Ways(live=live, drill=open_drill_channels(settings, drill_url, mail_port=mail_port))
    proof = Proof(settings.organisation.base_url)
    steps = Steps(settings.delivery, boot_clock)
    outbox = Outbox(parts.store, settings.delivery, proof, luck=random.SystemRandom().random, steps=steps)
    name = f"{socket.gethostname()}:{os.getpid()}"
    told, rules = bell(settings, environ), settings.delivery
    return Worker(name, parts.store, outbox, ways, rules, told, drill_url=drill_url, viewer=viewer)


def live_channels(
    settings: Settings, environ: Mapping[str, str] = os.environ, store: Store | None = None
) -> dict[str, Channel]:
    """Return every configured channel, opened with its secrets. Raises `Unfit` for one that is missing.

    With `store` they know when they were last used.
    """

    def channel_secret(name: str, imitation: bool) -> str:
        return required_secret(name, imitation=imitation, environ=environ)

    used, trusted = asked_aside(store) if store else None, httpx.create_ssl_context(trust_env=False)
    frozen = planned.asked_aside(store) if store else None
    ends = _certificate.over_network(trusted)
    return open_channels(settings, channel_secret, last_used=used, frozen=frozen, certificates=ends)


def with_register(channels: Mapping[str, Channel], parts: Parts, viewer: outside.Viewer | None) -> dict[str, Channel]:
    """Return the channels with what is wrong with the register told beside our own page.

    `viewer` looks at the sites that messages may lead to, unless this is a trial on one machine; None: nobody looks.
    """
    organisation = parts.settings.organisation
    looks = viewer is not None and organisation.base_url.startswith("https://")
    links = register_check.Links(viewer, boot_clock) if viewer is not None and looks else None

    def told(channel: Channel) -> Channel:
        if channel.kind != "own_web":
            return channel
        return register_check.WithRegister(channel, parts.playbooks, organisation.county, links)

    return {key: told(channel) for key, channel in channels.items()}


def bell(settings: Settings, environ: Mapping[str, str] = os.environ) -> Bell:
    """Return the ways to tell people that the settings name. Raises `Unfit` where SMS lack their account."""
    return Bell(
        settings.alarm,
        smtp_password=secret("BROADCASTER_SMTP_PASSWORD", environ),
        webhook_secret=secret("BROADCASTER_ALARM_WEBHOOK_SECRET", environ),
        board_url=f"{settings.organisation.base_url}/desk",
        roster=Roster.of(settings),
        elks=elks(settings, environ),
    )


def elks(settings: Settings, environ: Mapping[str, str] = os.environ) -> Elks | None:
    """Return the account at 46elks, None where no SMS are sent. Raises `Unfit` if its secrets are missing."""
    url = settings.alarm.sms_url
    if not settings.alarm.sms:
        return None
    names = ("BROADCASTER_46ELKS_USER", "BROADCASTER_46ELKS_PASSWORD")
    user, password = (required_secret(name, imitation=is_loopback_http(url), environ=environ) for name in names)
    return Elks(user, password, base_url=url)


def reply_secret(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return what is in the address where SMS come in, None where none do. Raises `Unfit` for one that is guessed."""
    if secret("BROADCASTER_ALARM_REPLY_SECRET", environ) is None:
        return None
    found = required_secret("BROADCASTER_ALARM_REPLY_SECRET", environ=environ)
    if not re.fullmatch(r"[A-Za-z0-9_-]{32,128}", found):
        raise Unfit("BROADCASTER_ALARM_REPLY_SECRET must be 32 to 128 of A-Z a-z 0-9 _ -: it stands in an address")
    return found


def secret_key(environ: Mapping[str, str] = os.environ) -> str:
    """Return the key that signs what a browser brings back. Raises `Unfit` when it is missing or short."""
    return required_secret("BROADCASTER_SECRET_KEY", environ=environ)


def resource(name: str) -> Path:
    """Return a folder or file that lies inside the package in a wheel and beside it in a checkout."""
    inside = PACKAGE / name  # asked first: beside an installed package lies whatever else is installed
    return inside if inside.exists() else PACKAGE.parent / name


class Unfailing:
    """A stream whose trouble is nobody's: a full disk of the log must not throw away what a channel answered.

    What has to be known for ever is in the audit log; the running log is a courtesy.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write if it can be written."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush if it can be flushed."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()


def set_up_log() -> None:
    """Write the log as one JSON object a line on standard error, and nothing of the libraries' chatter."""
    stream = cast("TextIO", Unfailing(sys.stderr))
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=stream, format="%(name)s: %(message)s")
