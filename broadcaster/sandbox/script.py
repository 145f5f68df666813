"""The script: which call goes wrong, how, how often and for how long.

A script is a JSON document of rules per service. Nothing here touches a socket; `faults` plays what is picked.

    {"facebook": [{"on": "POST /{page}/feed", "do": "applied_then_500", "times": 3, "for_s": null, "after": 0},
                  {"on": "GET /{post}", "do": "error:190/460"}]}
"""

import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

PAGE_ID = "100200300"
"""The one Page of the imitated Facebook; here because ``{page}`` in a rule means exactly it."""

SERVICES = ("facebook", "cms", "phone", "restapp", "elks", "smtp")
PLAIN = frozenset({
    "drop_before", "applied_then_drop", "error_500", "applied_then_500", "html_502", "no_id", "rate_limited",
    "token_dead", "refuse_drafts", "drip", "redirect", "hang", "lost", "undelivered",
    "refused",
})
TIMED = frozenset({"slow", "late", "list_lag"})
NUMBERED = "error"
"""``error:<code>`` or ``error:<code>/<subcode>``: Facebook's own refusal with these numbers; nothing is carried out."""
FACEBOOK_ONLY = frozenset({"refuse_drafts", "list_lag", NUMBERED})
FEW_KNOW = {"lost": ("elks", "smtp"), "undelivered": ("elks",), "refused": ("smtp",)}
"""What only some of the others can do."""
HTTP_ONLY = frozenset({"html_502", "no_id", "redirect"})

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_COMMANDS = ("CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT")
_KEYS = ("on", "do", "times", "for_s", "after")
_VERSION = re.compile(r"v\d+\.\d+")
_HOLE = re.compile(r"\{[^{}/]+\}")
_LONGEST_S = 86_400.0
_NUMBERS = re.compile(r"[1-9]\d{0,8}(/([1-9]\d{0,8}|transient))?|368/already_posted", re.ASCII)


class ScriptError(ValueError):
    """The script cannot be used; the text says which rule and why."""


@dataclass(frozen=True, slots=True)
class Action:
    """What to do to one call: a name from the contract, and its seconds or Facebook's numbers where it has any."""

    name: str
    seconds: float = 0.0
    numbers: str = ""


class Script:
    """The rules in force. `put` replaces all of them at once; `pick` decides about one call and counts it."""

    def __init__(self, clock: Callable[[], float], services: Iterable[str] = SERVICES) -> None:
        self._clock = clock
        self._services = tuple(services)
        self._lock = threading.Lock()
        self._rules: dict[str, list[_Rule]] = {}
        self._document: dict[str, list[dict[str, Any]]] = {}

    def put(self, document: object) -> None:
        """Replace the script; every count and every clock of a rule starts anew.

        Raises ScriptError, with the script in force unchanged, when anything in the document is wrong.
        """
        rules = _read(document, self._services, self._clock())
        with self._lock:
            self._rules = rules
            self._document = {service: [rule.shown() for rule in found] for service, found in rules.items()}

    def document(self) -> dict[str, list[dict[str, Any]]]:
        """Return the script in force, defaults filled in."""
        with self._lock:
            return self._document

    def pick(self, service: str, method: str, paths: Iterable[tuple[str, ...]], *, draft: bool = False
             ) -> Action | None:
        """Return what the first fitting rule does to this call, or None: the call goes well.

        `paths` are the spellings of the path a rule may use. A rule counts (for `after` and `times`) only calls
        that no earlier rule took. `refuse_drafts` fits only calls that would make a draft.
        """
        spellings = list(paths)
        now = self._clock()
        with self._lock:
            for rule in self._rules.get(service, []):
                if rule.matches(method, spellings, draft) and rule.takes(now):
                    return rule.action
        return None


@dataclass(slots=True)
class _Rule:
    on: str
    do: str
    method: str
    segments: tuple[re.Pattern[str], ...]
    action: Action
    times: int | None
    for_s: float | None
    after: int
    put_at: float
    let_through: int = 0
    played: int = 0

    def matches(self, method: str, paths: list[tuple[str, ...]], draft: bool) -> bool:
        if method != self.method or (self.action.name == "refuse_drafts" and not draft):
            return False
        return any(self._fits(path) for path in paths)

    def takes(self, now: float) -> bool:
        if self.for_s is not None and now - self.put_at >= self.for_s:
            return False
        if self.let_through < self.after:
            self.let_through += 1
            return False
        if self.times is not None and self.played >= self.times:
            return False
        self.played += 1
        return True

    def shown(self) -> dict[str, Any]:
        return {"on": self.on, "do": self.do, "times": self.times, "for_s": self.for_s, "after": self.after}

    def _fits(self, path: tuple[str, ...]) -> bool:
        return len(path) == len(self.segments) and all(
            pattern.fullmatch(segment) for pattern, segment in zip(self.segments, path, strict=True))


def _read(document: object, services: tuple[str, ...], now: float) -> dict[str, list[_Rule]]:
    if not isinstance(document, dict):
        raise ScriptError('a script is an object such as {"facebook": [{"on": "POST /{page}/feed", "do": "hang"}]}')
    for service, rules in document.items():
        if service not in services:
            raise ScriptError(f"unknown service {service!r}; known are {', '.join(services)}")
        if not isinstance(rules, list):
            raise ScriptError(f"{service}: expected a list of rules")
    return {service: [_rule(service, at, rule, now) for at, rule in enumerate(rules)]
            for service, rules in document.items()}


def _rule(service: str, at: int, rule: object, now: float) -> _Rule:
    where = f"{service}[{at}]"
    if not isinstance(rule, dict):
        raise ScriptError(f"{where}: a rule is an object")
    unknown = sorted(str(key) for key in rule if key not in _KEYS)
    if unknown:
        raise ScriptError(f"{where}: unknown key {', '.join(unknown)}; known are {', '.join(_KEYS)}")
    on, do = rule.get("on"), rule.get("do")
    method, segments = _on(service, where, on)
    return _Rule(
        on=str(on), do=str(do), method=method, segments=segments, action=_do(service, where, do),
        times=_count(where, "times", rule.get("times")), for_s=_seconds(where, rule.get("for_s")),
        after=_count(where, "after", rule.get("after")) or 0, put_at=now)


def _on(service: str, where: str, on: object) -> tuple[str, tuple[re.Pattern[str], ...]]:
    method, _, path = on.partition(" ") if isinstance(on, str) else ("", "", "")
    if service == "smtp" and (method not in _COMMANDS or not path.startswith("/")):
        raise ScriptError(f'{where}: "on" is a command and what it is about, such as "RCPT /anna@region.example" or'
                          f' "DATA /"; commands are {", ".join(_COMMANDS)}')
    if service != "smtp" and (method not in _METHODS or not path.startswith("/") or "?" in path):
        raise ScriptError(f'{where}: "on" is a method and a path without query, such as "POST /{{page}}/feed";'
                          f" methods are {', '.join(_METHODS)}")
    segments = [segment for segment in path.split("/") if segment]
    if service == "facebook" and segments and _VERSION.fullmatch(segments[0]):
        del segments[0]
    return method, tuple(_pattern(service, segment) for segment in segments)


def _pattern(service: str, segment: str) -> re.Pattern[str]:
    if service == "facebook" and segment == "{page}":
        return re.compile(PAGE_ID)
    if service == "facebook" and segment == "{post}":
        return re.compile(rf"(?!(?:{PAGE_ID}|me|debug_token)\Z).+")
    literal = [re.escape(part) for part in _HOLE.split(segment)]
    return re.compile(".+".join(literal))


def _do(service: str, where: str, do: object) -> Action:
    name, colon, amount = do.partition(":") if isinstance(do, str) else ("", "", "")
    known = (name in TIMED or name == NUMBERED) if colon else (name in PLAIN)
    if not known:
        listed = ", ".join([*sorted(PLAIN), *(f"{timed}:<seconds>" for timed in sorted(TIMED)),
                            f"{NUMBERED}:<code>[/<subcode>]"])
        raise ScriptError(f'{where}: unknown "do" {do!r}; known are {listed}')
    if name in FACEBOOK_ONLY and service != "facebook":
        raise ScriptError(f"{where}: {name} only means something for facebook")
    if service not in FEW_KNOW.get(name, (service,)):
        raise ScriptError(f"{where}: {name} only means something for {' and '.join(FEW_KNOW[name])}")
    if service == "smtp" and name in HTTP_ONLY:
        raise ScriptError(f"{where}: {name} only means something over HTTP")
    if name == NUMBERED:
        return Action(name, numbers=_numbers(where, do, amount))
    return Action(name, _amount(where, do, amount) if colon else 0.0)


def _numbers(where: str, do: object, numbers: str) -> str:
    if _NUMBERS.fullmatch(numbers):
        return numbers
    raise ScriptError(
        f'{where}: "do" {do!r} needs numbers of Facebook after the colon: error:<code> or error:<code>/<subcode>, such'
        " as error:10 or error:190/460; in place of the subcode, transient for any code and already_posted for 368")


def _amount(where: str, do: object, amount: str) -> float:
    try:
        seconds = float(amount)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= _LONGEST_S:
        raise ScriptError(f'{where}: "do" {do!r} needs seconds between 0 and {_LONGEST_S:.0f} after the colon')
    return seconds


def _count(where: str, key: str, value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ScriptError(f'{where}: "{key}" is a whole number from 0, or null')
    return value


def _seconds(where: str, value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LONGEST_S:
        raise ScriptError(f'{where}: "for_s" is a number of seconds from 0 to {_LONGEST_S:.0f}, or null')
    return float(value)
