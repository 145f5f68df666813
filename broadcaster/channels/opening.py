"""
Every configured channel, opened: the live ones with their secrets, or the same keys against an imitation.

The wall around a drill stands here, for every kind alike, also for one that another package brings: its channel is
opened with settings that are made of the imitation's address and nothing that is live, with the imitation's published
secrets, and with a way to the network that goes to the imitation and nowhere else.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from broadcaster.channels import Channel
from broadcaster.channels._certificate import Ends, Watched
from broadcaster.channels._drill_wall import Walled, dial_within, require_imitation, within
from broadcaster.channels._http import Clock, Connect, Seconds, Sleep, over_network
from broadcaster.channels._page_checks import Frozen, LastUsed
from broadcaster.channels._smtp import Dial, dial
from broadcaster.clocks import boot_clock, utc_now
from broadcaster.errors import Unfit
from broadcaster.kinds import INSTALLED, Kind, Tools
from broadcaster.letter_settings import MailServer
from broadcaster.settings import ChannelPart, Outside, Settings, is_loopback_http, required_secret

if TYPE_CHECKING:
    from broadcaster.sandbox.exchange import Service

#: Gives the secret of that name; the flag says that it opens nothing but an imitation on loopback.
Secrets = Callable[[str, bool], str]


def from_environment(name: str, imitation: bool) -> str:
    """Return the secret `name`; raise `Unfit` if it is missing, a placeholder, or an imitation's out of place."""
    return required_secret(name, imitation=imitation)


def open_channels(
    settings: Settings,
    secrets: Secrets = from_environment,
    *,
    connect: Connect | None = None,
    clock: Clock = utc_now,
    seconds: Seconds = boot_clock,
    last_used: Callable[[str], LastUsed] | None = None,
    frozen: Frozen | None = None,
    certificates: Ends | None = None,
) -> dict[str, Channel]:
    """Return every configured live channel by its key, all with one TLS context.

    `last_used` gives, for a key, what tells when each step last succeeded there, `frozen` whether a live incident is
    open; with `certificates` their preflights
    tell of certificates too, of our own page's as well. Raises `Unfit` for a secret that is
    missing or no secret, naming it, and for a kind that cannot be opened. Calls nothing outside.
    """
    way_out, zone = connect or over_network(), ZoneInfo(settings.organisation.timezone)
    found: dict[str, Channel] = {}
    for key, part in settings.channels.items():
        kind, used = INSTALLED.named(part.kind), last_used(key) if last_used else None
        secret = _live(kind, key, part, secrets)
        tools = Tools(
            secret, way_out, clock, asyncio.sleep, seconds=seconds, zone=zone, last_used=used, frozen=frozen, dial=dial
        )
        channel = _opened(kind, key, part, tools)
        address = str(getattr(part, "base_url", "")) or (settings.organisation.base_url if key == "own_web" else "")
        if certificates and address.startswith("https://"):
            channel = Watched(channel, address, certificates, clock)
        found[key] = Walled(channel, "live")
    return found


def open_drill_channels(
    settings: Settings,
    imitation_url: str,
    *,
    mail_port: int | None = None,
    connect: Connect | None = None,
    dialling: Dial = dial,
    clock: Clock = utc_now,
    sleep: Sleep = asyncio.sleep,
    seconds: Seconds = boot_clock,
) -> dict[str, Channel]:
    """Return the same keys against the imitation at `imitation_url`, built without any live address or secret.

    `mail_port` is where on the same machine the imitation takes letters; None: nowhere, so no letter of a drill leaves.
    Raises `Unfit` unless that is plain http on a loopback address: a drill cannot reach the world.
    """
    base, way_out = require_imitation(imitation_url), connect or over_network()
    drilled: dict[str, Channel] = {}
    for key, part in settings.channels.items():
        kind = INSTALLED.named(part.kind)
        drilled[key] = Walled(
            open_drill(kind, key, part, base, mail_port=mail_port, connect=way_out, dialling=dialling, clock=clock,
                       sleep=sleep, seconds=seconds), "drill")  # fmt: skip
    return drilled


def open_drill(
    kind: Kind,
    key: str,
    part: ChannelPart,
    imitation_url: str,
    *,
    mail_port: int | None = None,
    connect: Connect,
    dialling: Dial = dial,
    clock: Clock = utc_now,
    sleep: Sleep = asyncio.sleep,
    seconds: Seconds = boot_clock,
) -> Channel:
    """Return one channel of `kind` against the imitation, behind the wall. Raises `Unfit` as `open_drill_channels`."""
    base = require_imitation(imitation_url)
    only_there = dial_within(dialling, urlsplit(base).hostname or "", mail_port)
    way_out = within(connect, base)
    secret = partial(_published, kind)
    tools = Tools(secret, way_out, clock, sleep, seconds=seconds, dial=only_there)
    return _opened(kind, key, drill_part(kind, part, base, mail_port), tools)


def drill_part(kind: Kind, part: ChannelPart, base: str, mail_port: int | None = None) -> ChannelPart:
    """Return what a drill opens instead of `part`: the imitation at `base`, and only what the kind says it keeps.

    Raises `Unfit` where what is kept is an address, or where that makes no settings of the kind.
    """
    if kind.imitation is None:  # our own page and a person's task: nothing is called
        return part
    kept = {name: getattr(part, name) for name in kind.keeps}
    if any(mark in text for text in _texts(kept) for mark in ("://", "@")):
        raise Unfit(f"kind {kind.name}: what it keeps in a drill is an address; leave that field out of its `keeps`")
    where: dict[str, object] = {"base_url": f"{base}/{kind.mount}"}
    if issubclass(kind.settings, MailServer):
        where = {"host": urlsplit(base).hostname, "port": mail_port or 1, "security": "none"}
    lines = {**kept, **kind.drill, "kind": kind.name, **where}
    try:
        drilled = kind.settings.model_validate(lines)
    except ValueError as error:
        raise Unfit(f"kind {kind.name}: its drill has no whole settings: {error}") from error
    assert isinstance(drilled, Outside | MailServer)
    return drilled


def imitations(settings: Settings) -> "dict[str, Service]":
    """Return the imitations that other packages bring for the configured channels, by where the sandbox mounts them."""
    kinds = {part.kind: INSTALLED.named(part.kind) for part in settings.channels.values()}
    return {kind.name: kind.imitation() for kind in kinds.values() if callable(kind.imitation)}


def secret_names(settings: Settings) -> frozenset[str]:
    """Return the variables that hold the secrets of the configured channels; no other process needs them."""
    names = set()
    for key, part in settings.channels.items():
        kind = INSTALLED.named(part.kind)
        names |= {kind.secret_name(name, key) for name in kind.secrets}
    return frozenset(names)


def _opened(kind: Kind, key: str, part: ChannelPart, tools: Tools) -> Channel:
    try:
        channel = kind.open(key, part, tools)
        fits = (channel.key, channel.kind, channel.way) == (key, kind.name, kind.way_of(part))
    except Unfit:
        raise
    except Exception as error:  # the kind may be somebody else's program: whoever starts this reads which one failed
        why = f"{type(error).__name__}: {error}"
        raise Unfit(f"channel {key}: its kind {kind.name!r} cannot be opened: {why}") from error
    if not fits:
        raise Unfit(f"channel {key}: its kind {kind.name!r} opened something else than it says (key, kind or way)")
    return channel


def _live(kind: Kind, key: str, part: ChannelPart, secrets: Secrets) -> Callable[[str], str]:
    imitation = (isinstance(part, Outside) and is_loopback_http(part.base_url)) or (
        isinstance(part, MailServer) and part.security == "none"  # which settings allow on loopback only
    )

    def secret(name: str) -> str:
        full = kind.secret_name(name, key)
        published, value = _published(kind, name), secrets(full, imitation)
        if value == published and not imitation:
            raise Unfit(f"{full} is an imitation's published token; it may only be used against loopback over http")
        return value

    return secret


def _published(kind: Kind, name: str) -> str:
    if name not in kind.secrets:
        raise Unfit(f"kind {kind.name}: asks for the secret {name}, which it does not name")
    return kind.secrets[name]


def _texts(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [text for one in (*value.keys(), *value.values()) for text in _texts(one)]
    if isinstance(value, list | tuple | set | frozenset):
        return [text for one in value for text in _texts(one)]
    return [str(value)]
