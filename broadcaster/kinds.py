"""
Which kinds of channel there are: those of this package, and those that other installed packages bring.

A kind is one object (`Kind`) that an entry point of the group `broadcaster.channels` names. The kinds of this package
stand in the same table in the same form. Nothing is loaded before somebody asks for it, and a package that cannot be
loaded spoils only its own kind: `troubles` says which one, why, and what to do.

Settings read this to know how a channel's lines look; it knows neither settings nor channels when it is imported.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from broadcaster.clocks import boot_clock
from broadcaster.errors import Text, Unfit

if TYPE_CHECKING:
    import httpx

    from broadcaster.channels import Channel, Limit, Way
    from broadcaster.channels._page_checks import Frozen, LastUsed
    from broadcaster.channels._smtp import Dial
    from broadcaster.sandbox.exchange import Service

GROUP = "broadcaster.channels"
#: Our own kinds, as if each were an entry point: the name in the settings, and the object that is the kind.
_OURS = ("own_web", "facebook", "content_management", "phone_gateway", "manual", "restapp", "email", "sms_46elks")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
#: What a machine of somebody else's can serve; our own page and a person's task are ours alone.
_FOREIGN_WAYS = ("upsert", "draft", "post", "letter")


@dataclass(frozen=True)
class Tools:
    """All that a channel is opened with. In a drill each of them ends at the imitation, whatever the kind does."""

    secret: Callable[[str], str]  #: the secret of that name, one of the kind's own; raises `Unfit` if it is missing
    connect: "Callable[[], httpx.AsyncBaseTransport]"  #: opens the only way to the network
    clock: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]
    seconds: Callable[[], float] = boot_clock  #: counts seconds, also while the machine sleeps
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))  #: the organisation's, for times that people read
    last_used: "LastUsed | None" = None  #: when each step last succeeded, for what dies unused
    frozen: "Frozen | None" = None  #: whether a live incident is open, for what waits in a scheduler of its own
    dial: "Dial | None" = None  #: the way out for what is no HTTP: opens a connection to a host and a port


@dataclass(frozen=True)
class Kind:
    """
    One kind of channel: how its settings look, how it is opened, and what stands in for the world in a drill.

    `open(key, settings, tools)` returns the channel and calls nothing outside. In a drill it gets settings that are
    made from `drill`, the address of the imitation, and nothing of the live ones but the fields named in `keeps`.
    """

    name: str  #: what stands behind `kind =` in the settings
    settings: type[BaseModel]  #: of `broadcaster.settings.Outside`: address, and the kind's own lines
    open: "Callable[[str, Any, Tools], Channel]"
    way: "Way | Callable[[Any], Way]"
    #: A class or function that gives the imitation, or the name of one that the sandbox has. None: calls nothing.
    imitation: "str | Callable[[], Service] | None" = None
    #: Secrets by name, with the value the imitation takes. `PASSWORD` is read from BROADCASTER_<CHANNEL KEY>_PASSWORD;
    #: a name that begins with BROADCASTER_ is read as it is, so all channels of the kind share it.
    secrets: Mapping[str, str] = field(default_factory=dict)
    #: Settings in a drill, beside `kind` and `base_url`.
    drill: Mapping[str, object] = field(default_factory=dict)
    #: Fields a drill takes over from the live settings: choices of behaviour, never an address or a person.
    keeps: frozenset[str] = frozenset()
    #: Channel keys it brings, and what people call them.
    names: Mapping[str, Text] = field(default_factory=dict)
    #: How much it holds. Playbooks are proved by channel key, so a kind with a limit serves only the keys it names.
    limit: "Limit | None" = None
    anywhere: bool = True  #: may serve any key of the region's own; False: only the keys of the contract

    def way_of(self, part: BaseModel) -> "Way":
        """Return the way of a channel with these settings."""
        return self.way(part) if callable(self.way) else self.way

    def addressed(self, part: BaseModel, mode: str, language: str) -> tuple[str, ...]:
        """Return the names of those a letter in `language` goes to; in a drill they are the imitation's own."""
        listed = self.settings.model_validate({**part.model_dump(), **self.drill}) if mode == "drill" else part
        return tuple(one.name for one in getattr(listed, "recipients", ()) if language in one.languages)

    @property
    def mount(self) -> str | None:
        """Return where the sandbox has its imitation: the first part of the path."""
        return self.imitation if isinstance(self.imitation, str) or self.imitation is None else self.name

    def secret_name(self, name: str, key: str) -> str:
        """Return the variable that holds the secret `name` of the channel `key`."""
        return name if name.startswith("BROADCASTER_") else f"BROADCASTER_{key.upper()}_{name}"


class Kinds:
    """The kinds of this package and of `plugged`, each loaded when it is first asked for."""

    def __init__(self, plugged: Callable[[], Iterable[EntryPoint]]) -> None:
        self._plugged = plugged
        self._ours: dict[str, Kind] = {}

    def named(self, name: str) -> Kind:
        """Return the kind `name`. Raises `Unfit`: for an unknown one with the known ones, for a broken one with why."""
        if name in _OURS:
            if name not in self._ours:
                self._ours[name] = EntryPoint(name, f"broadcaster.channels.builtin:{name.upper()}", GROUP).load()
            return self._ours[name]
        found = self._found.get(name)
        if isinstance(found, Kind):
            return found
        known = ", ".join(sorted({*_OURS, *self.plugged}))
        raise Unfit(found or f"there is no kind {name!r}; there are {known}. Is its package installed here?")

    @property
    def plugged(self) -> Mapping[str, Kind]:
        """Return the kinds of other packages that could be loaded."""
        return {name: kind for name, kind in self._found.items() if isinstance(kind, Kind)}

    @property
    def troubles(self) -> tuple[str, ...]:
        """Return one sentence for each kind of another package that cannot be used."""
        return tuple(found for found in self._found.values() if isinstance(found, str))

    def bringing(self, key: str) -> Kind | None:
        """Return the kind of another package that brings the channel `key`."""
        return next((kind for kind in self.plugged.values() if key in kind.names), None)

    @cached_property
    def _found(self) -> Mapping[str, Kind | str]:
        found: dict[str, Kind | str] = {}
        for point in sorted(self._plugged(), key=lambda point: (point.name, point.value)):
            if point.name in _OURS or point.name in found:
                why = "this name is taken" if point.name in _OURS else "two installed packages bring this name"
                found[f"{point.name} ({_package(point)})"] = _trouble(point, why)
            else:
                found[point.name] = _loaded(point)
        return found


def _loaded(point: EntryPoint) -> Kind | str:
    try:
        kind = point.load()
        if not isinstance(kind, Kind):
            return _trouble(point, f"{point.value} is a {type(kind).__name__} and no broadcaster.kinds.Kind")
        wrong = _wrong(point, kind)
    except Exception as error:  # noqa: BLE001 - whatever somebody else's package does, ours says so and goes on
        return _trouble(point, f"{type(error).__name__}: {' '.join(str(error).split())[:200]}")
    return _trouble(point, wrong) if wrong else kind


def _wrong(point: EntryPoint, kind: Kind) -> str:
    """Return what keeps this from being a kind of that name; nothing if nothing does."""
    named = all(text.sv.strip() and text.en.strip() for text in kind.names.values())
    checks = {
        f"the kind calls itself {kind.name!r}": kind.name == point.name,
        "a name is at most 32 of a-z, 0-9 and _, and begins with a letter": bool(_NAME.fullmatch(point.name)),
        "its settings are no broadcaster.settings.Outside": _is_outside(kind.settings),
        f"its way is none of {', '.join(_FOREIGN_WAYS)}": callable(kind.way) or kind.way in _FOREIGN_WAYS,
        "it has no imitation, so no drill could use it": callable(kind.imitation),
        "a name for people is missing in one of the two languages": named,
        "it has a limit but names no channel keys, so no playbook could be proved for it":
            kind.limit is None or bool(kind.names),
        "its way is letter, and its settings or its drill have no recipients":
            kind.way != "letter" or ("recipients" in kind.settings.model_fields and "recipients" in kind.drill),
        "it keeps base_url in a drill": "base_url" not in kind.keeps,
    }  # fmt: skip
    return "; ".join(wrong for wrong, right in checks.items() if not right)


def _is_outside(model: object) -> bool:
    """Tell whether these are settings with an address. Its base is looked for by name: settings read this module."""
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return False
    return any((one.__module__, one.__name__) == ("broadcaster.settings", "Outside") for one in model.__mro__)


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.module


def _trouble(point: EntryPoint, why: str) -> str:
    return (
        f"kind {point.name!r} of the package {_package(point)} cannot be used: {why}. "
        "Install a version of that package that fits this service, or remove it; until then, set the channel to "
        'kind = "manual", and a person publishes there'
    )


#: What is installed here.
INSTALLED = Kinds(lambda: entry_points(group=GROUP))
