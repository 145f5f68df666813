"""`broadcaster users` and `broadcaster keys`, as an administrator types them."""

import pytest
from click.testing import CliRunner, Result

from broadcaster.auth.commands import keys, users
from broadcaster.auth.keys import key_client
from broadcaster.auth.people import check_password
from broadcaster.errors import Unidentified
from broadcaster.store import Store

GOOD_PASSWORD = "fyra ord utan samband"


class Wiring:
    """What the root command hands to its groups."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def store(self) -> Store:
        return self._store


@pytest.fixture
def wiring(store: Store) -> Wiring:
    return Wiring(store)


def run_users(wiring: Wiring, *words: str, given: str | bytes = "") -> Result:
    return CliRunner().invoke(users, words, obj=wiring, input=given)


def run_keys(wiring: Wiring, *words: str) -> Result:
    return CliRunner().invoke(keys, words, obj=wiring)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_person_is_added_with_the_password_from_standard_input(wiring: Wiring, end: str) -> None:
    words = ("add", "anna", "--role", "sender", "--role", "approver", "--password-stdin")
    result = run_users(wiring, *words, given=GOOD_PASSWORD + end)
    assert (result.exit_code, result.output) == (0, "added anna (approver, sender)\n")
    person = check_password(wiring.store(), "anna", GOOD_PASSWORD, "terminal")
    assert person.roles == {"sender", "approver"}


def test_only_one_newline_is_taken_off_and_nothing_else(wiring: Wiring) -> None:
    run_users(wiring, "add", "anna", "--role", "sender", "--password-stdin", given=f" {GOOD_PASSWORD} \n\n")
    assert check_password(wiring.store(), "anna", f" {GOOD_PASSWORD} \n", "terminal").name == "anna"
    with pytest.raises(Unidentified):
        check_password(wiring.store(), "anna", GOOD_PASSWORD, "terminal")


def test_the_password_is_asked_for_twice_and_never_shown(wiring: Wiring) -> None:
    given = f"{GOOD_PASSWORD}\n{GOOD_PASSWORD}\n"
    result = run_users(wiring, "add", "anna", "--role", "sender", given=given)
    assert result.exit_code == 0 and GOOD_PASSWORD not in result.output
    assert check_password(wiring.store(), "anna", GOOD_PASSWORD, "terminal").name == "anna"


@pytest.mark.parametrize(
    ("words", "password", "says"),
    [
        (("anna",), GOOD_PASSWORD, "--role"),
        (("anna", "--role", "emperor"), GOOD_PASSWORD, "emperor"),
        (("å", "--role", "sender"), GOOD_PASSWORD, "2–63"),
        (("anna", "--role", "sender"), "kort", "15–1024"),
        (("anna", "--role", "sender"), "", "15–1024"),
        (("anna", "--role", "sender"), "passwordpassword", "tried first"),
    ],
)
def test_wrong_usage_adds_nobody_says_why_and_exits_2(
    wiring: Wiring, words: tuple[str, ...], password: str, says: str
) -> None:
    result = run_users(wiring, "add", *words, "--password-stdin", given=password)
    assert result.exit_code == 2 and says in result.output
    assert run_users(wiring, "list").output == ""


def test_a_password_that_is_not_text_is_trouble(wiring: Wiring) -> None:
    result = run_users(wiring, "add", "anna", "--role", "sender", "--password-stdin", given=b"\xff" * 20)
    assert result.exit_code == 1 and "UTF-8" in result.output


def test_the_list_shows_who_is_active_and_who_has_been_shut_out(wiring: Wiring) -> None:
    for name in ("bo", "anna"):
        run_users(wiring, "add", name, "--role", "auditor", "--password-stdin", given=GOOD_PASSWORD)
    assert run_users(wiring, "disable", "bo").exit_code == 0
    assert run_users(wiring, "list").output == "anna\tauditor\tactive\nbo\tauditor\tdisabled 2026-03-14\n"


def test_a_name_that_is_taken_and_a_name_that_is_nobodys_are_trouble(wiring: Wiring) -> None:
    run_users(wiring, "add", "anna", "--role", "sender", "--password-stdin", given=GOOD_PASSWORD)
    again = run_users(wiring, "add", "anna", "--role", "sender", "--password-stdin", given=GOOD_PASSWORD)
    assert again.exit_code == 1 and "already" in again.output
    nobody = run_users(wiring, "disable", "bo")
    assert nobody.exit_code == 1 and "users list" in nobody.output


def test_a_new_key_is_printed_alone_and_opens(wiring: Wiring) -> None:
    result = run_keys(wiring, "add", "vaxel", "--scopes", "read,send", "--mode", "drill")
    assert result.exit_code == 0 and result.output.startswith("cb_drill_")
    client = key_client(wiring.store(), result.output.removesuffix("\n"))
    assert (client.id, client.mode) == ("key:vaxel", "drill") and client.scopes == {"read", "send"}


@pytest.mark.parametrize(
    "words",
    [
        ("add", "vaxel", "--scopes", "read"),
        ("add", "vaxel", "--mode", "live"),
        ("add", "vaxel", "--scopes", "approve", "--mode", "live"),
        ("add", "vaxel", "--scopes", "", "--mode", "live"),
        ("add", "vaxel", "--scopes", "read", "--mode", "dry"),
        ("add", "v", "--scopes", "read", "--mode", "live"),
        ("revoke",),
    ],
)
def test_wrong_usage_makes_no_key_and_exits_2(wiring: Wiring, words: tuple[str, ...]) -> None:
    result = run_keys(wiring, *words)
    assert result.exit_code == 2 and "cb_" not in result.output
    assert run_keys(wiring, "list").output == ""


def test_the_list_never_shows_a_key_and_revoking_by_its_id_closes_it(wiring: Wiring) -> None:
    presented = run_keys(wiring, "add", "vaxel", "--scopes", "read", "--mode", "live").output.strip()
    listed = run_keys(wiring, "list").output
    assert presented not in listed and presented[:12] in listed
    assert "\tnever used\tactive\n" in listed
    result = run_keys(wiring, "revoke", listed.split("\t")[0])
    assert (result.exit_code, result.output) == (0, "revoked 1\n")
    with pytest.raises(Unidentified):
        key_client(wiring.store(), presented)
    assert "revoked 2026-03-14" in run_keys(wiring, "list").output


def test_revoking_a_key_that_is_not_there_is_trouble(wiring: Wiring) -> None:
    result = run_keys(wiring, "revoke", "vaxel")
    assert result.exit_code == 1 and "keys list" in result.output
