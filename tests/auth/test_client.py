"""What people and machines may do, and what they are told when they may not."""

import subprocess
import sys

import pytest

from broadcaster.auth.client import KEY_SCOPES, ROLES, Client, person_client, require, require_mode
from broadcaster.errors import Forbidden


def machine(*scopes: str, mode: str = "live") -> Client:
    return Client(
        "key:vaxel",
        "vaxel",
        frozenset(scopes),
        "drill" if mode == "drill" else "live",
        person=False,
        roles=frozenset(),
    )


def test_everybody_who_may_sign_in_may_look() -> None:
    for role in ROLES:
        require(person_client("anna", [role]), "read")


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("author", {"read", "propose", "edit"}),
        ("approver", {"read", "approve"}),
        ("sender", {"read", "propose", "send"}),
        ("auditor", {"read", "audit"}),
        ("administrator", {"read", "admin"}),
    ],
)
def test_a_role_gives_exactly_its_own_rights(role: str, allowed: set[str]) -> None:
    assert person_client("anna", [role]).scopes == allowed


def test_somebody_with_two_roles_has_the_rights_of_both() -> None:
    client = person_client("anna", ["sender", "approver"])
    assert client.scopes == {"read", "propose", "send", "approve"}
    assert (client.id, client.mode, client.person) == ("user:anna", "live", True)


def test_a_role_this_version_does_not_know_gives_nothing() -> None:
    client = person_client("anna", ["emperor"])
    assert client.scopes == client.roles == frozenset()


@pytest.mark.parametrize("role", sorted(ROLES))
@pytest.mark.parametrize("scope", ["read", "propose", "send", "approve", "audit", "admin"])
def test_a_person_without_the_right_is_told_which_role_to_ask_for(role: str, scope: str) -> None:
    client = person_client("anna", [role])
    if scope in client.scopes:
        require(client, scope)
        return
    with pytest.raises(Forbidden) as refusal:
        require(client, scope)
    assert refusal.value.slug == "role-missing"
    assert "Inget har ändrats" in refusal.value.detail.sv and "administratör" in refusal.value.detail.sv
    bringing = {name for name, scopes in ROLES.items() if scope in scopes}
    assert any(f"the role {name}" in refusal.value.detail.en for name in bringing)


def test_a_key_without_the_scope_is_told_which_scope_to_ask_for() -> None:
    with pytest.raises(Forbidden) as refusal:
        require(machine("read"), "send")
    assert refusal.value.slug == "scope-missing" and "the scope send" in refusal.value.detail.en


def test_no_key_can_ever_approve_or_administer() -> None:
    assert not KEY_SCOPES & {"approve", "admin"}
    for scope in ("approve", "admin"):
        with pytest.raises(Forbidden) as refusal:
            require(machine(*KEY_SCOPES), scope)
        assert refusal.value.slug == "person-needed"


def test_a_drill_key_reaches_nothing_live_and_everybody_may_drill() -> None:
    with pytest.raises(Forbidden) as refusal:
        require_mode(machine("send", mode="drill"), "live")
    assert refusal.value.status == 403 and refusal.value.slug == "drill-key"
    require_mode(machine("send", mode="drill"), "drill")
    for mode in ("live", "drill"):
        require_mode(machine("send"), "drill" if mode == "drill" else "live")
        require_mode(person_client("anna", ["sender"]), "drill" if mode == "drill" else "live")


def test_knowing_who_asks_needs_no_web_framework() -> None:
    """The worker speaks of clients and must not load Flask."""
    check = "import sys, broadcaster.auth; sys.exit('flask' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
