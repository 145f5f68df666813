"""The conditions of the imitated Facebook: one document that says what tokens are worth and how the Page behaves.

The defaults are a Facebook where all is well. `PUT /_graph` replaces the whole document; what is left out is default.

    token            state of the Page's and the person's token     token_kind   what `PAGETOK` really is
    scopes           granted permissions                            granular     {scope: ids it is limited to}
    issued_at, expires_at (0: never), data_access_expires_at (only shown): unix seconds
    proof_required   calls without `appsecret_proof` are refused    development  the public does not see the posts
    page_published   false: an unpublished Page                     engaged_users  the budget; null: none is counted
    calls_used       of the budget, when it begins
    edit_only_by_creator, foreign_posts: posts by other apps, and whether ours may change them
    visitor_comments what visitors write under every post as soon as it is out
    empty_pages      so many empty parts, each with `next`, come before a list
    readable_after_s, publishable_after_s: for so long a new object cannot be read, a new draft not be published
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from broadcaster.sandbox.exchange import JsonObject

DAY_S = 86_400
SCOPES = ("pages_show_list", "pages_manage_posts", "pages_read_engagement", "pages_read_user_content",
          "pages_manage_engagement", "pages_manage_metadata", "read_insights")
TOKEN_STATES: Mapping[str, int | None] = {
    "good": None, "revoked": 458, "checkpointed": 459, "password_changed": 460, "expired": 463, "unconfirmed": 464,
    "logged_out": 467, "no_role": 492}
"""With the subcode of 190 that each is answered with."""
TOKEN_KINDS = ("page", "user", "system_user")
OTHER_APP_ID, OTHER_APP_NAME = "9911", "Annan app"
_LATEST = 32_503_680_000


class ConditionsError(ValueError):
    """The document cannot be used; the text says which key and why."""


@dataclass(frozen=True, slots=True)
class ForeignPost:
    """A post that another app made; with a time it waits in that app's scheduler."""

    message: str
    app_id: str = OTHER_APP_ID
    app_name: str = OTHER_APP_NAME
    scheduled_publish_time: float | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """See the module. Times are unix seconds."""

    token: str = "good"
    token_kind: str = "page"
    scopes: tuple[str, ...] = SCOPES
    granular: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    issued_at: float = 0.0
    expires_at: float = 0.0
    data_access_expires_at: float = 0.0
    proof_required: bool = False
    development: bool = False
    page_published: bool = True
    engaged_users: int | None = None
    calls_used: int = 0
    edit_only_by_creator: bool = True
    foreign_posts: tuple[ForeignPost, ...] = ()
    visitor_comments: tuple[str, ...] = ()
    empty_pages: int = 0
    readable_after_s: float = 0.0
    publishable_after_s: float = 0.0

    @classmethod
    def from_now(cls, now: float) -> "Conditions":
        """Return the defaults: a token issued a day ago, with access to data for 90 days from then."""
        issued = int(now) - DAY_S
        return cls(issued_at=issued, data_access_expires_at=issued + 90 * DAY_S)

    def changed(self, document: object) -> "Conditions":
        """Return these conditions with what the document says; raise ConditionsError if anything in it is wrong."""
        if not isinstance(document, dict):
            raise ConditionsError('the conditions are an object such as {"token": "expired"}')
        known = [one.name for one in fields(self)]
        unknown = sorted(str(key) for key in document if key not in known)
        if unknown:
            raise ConditionsError(f"unknown key {', '.join(unknown)}; known are {', '.join(known)}")
        return replace(self, **{key: _READERS[key](key, value) for key, value in document.items()})

    def document(self) -> JsonObject:
        """Return the whole document, defaults filled in."""
        return asdict(self)

    def subcode(self, now: float) -> int | None:
        """Return the subcode with which the person's and the Page's token are refused, None while they are good."""
        ran_out = self.token == "good" and 0 < self.expires_at <= now
        return TOKEN_STATES["expired" if ran_out else self.token]

    def lacking(self, scopes: tuple[str, ...], page_id: str) -> list[str]:
        """Return those of the permissions that were not granted for this Page."""
        return [scope for scope in scopes
                if scope not in self.scopes or page_id not in self.granular.get(scope, (page_id,))]


def _choice(*choices: str) -> Callable[[str, object], str]:
    def read(key: str, value: object) -> str:
        if isinstance(value, str) and value in choices:
            return value
        raise ConditionsError(f'"{key}" is one of {", ".join(choices)}')
    return read


def _boolean(key: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ConditionsError(f'"{key}" is true or false')


def _count(key: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1_000_000:
        return value
    raise ConditionsError(f'"{key}" is a whole number from 0 to 1000000')


def _count_to_99(key: str, value: object) -> int:
    if _count(key, value) < 100:
        return _count(key, value)
    raise ConditionsError(f'"{key}" is a whole number from 0 to 99')


def _count_or_null(key: str, value: object) -> int | None:
    return None if value is None else _count(key, value)


def _seconds(key: str, value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and (
            0 <= value <= _LATEST):
        return value
    raise ConditionsError(f'"{key}" is a number of seconds from 0 to {_LATEST}')


def _strings(key: str, value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(one, str) and one for one in value):
        return tuple(value)
    raise ConditionsError(f'"{key}" is a list of texts')


def _targets(key: str, value: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise ConditionsError(f'"{key}" is an object of lists such as {{"pages_manage_posts": ["100200300"]}}')
    return {str(scope): _strings(f"{key}.{scope}", ids) for scope, ids in value.items()}


def _foreign_posts(key: str, value: object) -> tuple[ForeignPost, ...]:
    if not isinstance(value, list):
        raise ConditionsError(f'"{key}" is a list of objects such as {{"message": "Hej"}}')
    return tuple(_foreign_post(f"{key}[{at}]", one) for at, one in enumerate(value))


def _foreign_post(where: str, value: object) -> ForeignPost:
    known = [one.name for one in fields(ForeignPost)]
    given: dict[str, Any] = value if isinstance(value, dict) else {}
    unknown = sorted(str(key) for key in given if key not in known)
    if unknown:
        raise ConditionsError(f"{where}: unknown key {', '.join(unknown)}; known are {', '.join(known)}")
    for key in ("message", "app_id", "app_name"):
        if not isinstance(given.get(key, "" if key == "message" else "-"), str) or not given.get(key, "-"):
            raise ConditionsError(f'{where}: "{key}" is a text')
    if not given.get("message"):
        raise ConditionsError(f'{where}: "message" is missing')
    if given.get("scheduled_publish_time") is not None:
        _seconds(f"{where}.scheduled_publish_time", given["scheduled_publish_time"])
    return ForeignPost(**given)


_READERS: Mapping[str, Callable[[str, object], Any]] = {
    "token": _choice(*TOKEN_STATES), "token_kind": _choice(*TOKEN_KINDS), "scopes": _strings, "granular": _targets,
    "issued_at": _seconds, "expires_at": _seconds, "data_access_expires_at": _seconds, "proof_required": _boolean,
    "development": _boolean, "page_published": _boolean, "engaged_users": _count_or_null,
    "calls_used": _count,
    "edit_only_by_creator": _boolean, "foreign_posts": _foreign_posts, "visitor_comments": _strings,
    "empty_pages": _count_to_99, "readable_after_s": _seconds, "publishable_after_s": _seconds}
