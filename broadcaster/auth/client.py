"""
Who is asking, and what they may: one small value that every verb of the service takes.

A person's rights come from roles, a machine's from the scopes of its key. Nothing here knows how somebody
proved who they are, so a passkey or the organisation's own sign-in can be added beside the password without a
change here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from broadcaster.errors import Forbidden, Text

Mode = Literal["live", "drill"]

#: What each role may do. Everybody who may sign in may look.
ROLES: Mapping[str, frozenset[str]] = {
    "author": frozenset({"read", "propose", "edit"}),
    "approver": frozenset({"read", "approve"}),
    "sender": frozenset({"read", "propose", "send"}),
    "auditor": frozenset({"read", "audit"}),
    "administrator": frozenset({"read", "admin"}),
}
#: What a key may be given. Approving and administering take a person.
KEY_SCOPES = frozenset({"read", "propose", "send", "audit"})

#: Each scope as an act, the role that brings it, and that role's Swedish name.
_SCOPES: Mapping[str, tuple[Text, str, str]] = {
    "read": (Text("se händelser och besked", "see incidents and messages"), "sender", "avsändare"),
    "propose": (Text("föreslå besked", "propose messages"), "author", "författare"),
    "send": (Text("skicka besked", "send messages"), "sender", "avsändare"),
    "approve": (Text("godkänna ord", "approve words"), "approver", "godkännare"),
    "edit": (Text("ändra krismallar", "change playbooks"), "author", "författare"),
    "audit": (Text("läsa loggen", "read the log"), "auditor", "granskare"),
    "admin": (
        Text("ändra användare och nycklar", "change people and keys"),
        "administrator",
        "administratör",
    ),
}


@dataclass(frozen=True)
class Client:
    """Who is asking: a person at the desk or a machine with a key.

    `id` is what the log and every message carry: `user:anna`, `key:vaxel`. `mode` is `drill` only for a drill
    key, which may do nothing live; `live` may do both.
    """

    id: str
    name: str
    scopes: frozenset[str]
    mode: Mode
    person: bool
    roles: frozenset[str]


def person_client(name: str, roles: Iterable[str]) -> Client:
    """Return the client a person with `roles` is; a role this version does not know gives nothing."""
    known = frozenset(roles) & ROLES.keys()
    scopes = frozenset[str]().union(*(ROLES[role] for role in known))
    return Client(f"user:{name}", name, scopes, "live", person=True, roles=known)


def require(client: Client, scope: str) -> None:
    """Return if `client` may do what `scope` names, else raise `Forbidden` with whom to ask for what."""
    act, role, rolle = _SCOPES[scope]
    if scope in client.scopes:
        return
    if client.person:
        raise Forbidden(
            "role-missing",
            Text(
                f"{client.name} får inte {act.sv}. Inget har ändrats. "
                f"Be en administratör om rollen {rolle} ({role}), eller be någon som har den att göra det.",
                f"{client.name} may not {act.en}. Nothing has been changed. "
                f"Ask an administrator for the role {role}, or ask somebody who has it to do this.",
            ),
        )
    if scope not in KEY_SCOPES:
        raise Forbidden(
            "person-needed",
            Text(
                f"En nyckel får aldrig {act.sv}. Inget har ändrats. "
                f"Det måste en inloggad person med rollen {rolle} göra.",
                f"A key may never {act.en}. Nothing has been changed. "
                f"A signed-in person with the role {role} must.",
            ),
        )
    raise Forbidden(
        "scope-missing",
        Text(
            f"Nyckeln för {client.name} får inte {act.sv}. Inget har ändrats. "
            f"Be en administratör om en nyckel med rätten {scope}.",
            f"The key of {client.name} may not {act.en}. Nothing has been changed. "
            f"Ask an administrator for a key with the scope {scope}.",
        ),
    )


def require_mode(client: Client, mode: Mode) -> None:
    """Return if `client` may act in `mode`, else raise `Forbidden`: a drill key reaches nothing live."""
    if mode == "live" and client.mode == "drill":
        raise Forbidden(
            "drill-key",
            Text(
                f"Nyckeln för {client.name} är en övningsnyckel (cb_drill_) och får bara öva. "
                "Inget har skickats. "
                "Skicka med mode drill, eller be en administratör om en skarp nyckel (cb_live_).",
                f"The key of {client.name} is a drill key (cb_drill_) and may only drill. "
                "Nothing has been sent. "
                "Send with mode drill, or ask an administrator for a live key (cb_live_).",
            ),
        )
