"""The commands `broadcaster users …` and `broadcaster keys …`. Exit: 0 good, 1 trouble, 2 wrong usage."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

import click

from broadcaster.auth.client import KEY_SCOPES, ROLES, Mode
from broadcaster.auth.keys import add_key, list_keys, revoke_key
from broadcaster.auth.people import add_person, change_roles, disable_person, list_people, set_password
from broadcaster.errors import Invalid, Refusal
from broadcaster.store import Store


class Wiring(Protocol):
    """What the root command puts in `ctx.obj`."""

    @property
    def store(self) -> Callable[[], Store]:
        """Open the store the settings name."""


@click.group()
def users() -> None:
    """People who may sign in."""


@users.command("add")
@click.argument("name")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice(list(ROLES)),
    help="May be given several times.",
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.pass_obj
def add_user(wiring: Wiring, name: str, roles: tuple[str, ...], password_stdin: bool) -> None:
    """Add a person; without --password-stdin the password is asked for twice."""
    store = wiring.store()
    password = read_password(password_stdin, confirm=True)
    with _in_words(), store.transaction() as transaction:
        person = add_person(transaction, name, roles, password, None)
    click.echo(f"added {person.name} ({', '.join(sorted(person.roles))})")


@users.command("list")
@click.pass_obj
def list_users(wiring: Wiring) -> None:
    """Print everybody: name, roles, state, separated by tabs."""
    with wiring.store().reading() as transaction:
        people = list_people(transaction)
    _print_rows(
        (
            person.name,
            ",".join(sorted(person.roles)),
            "active" if person.disabled_at is None else f"disabled {_day(person.disabled_at)}",
        )
        for person in people
    )


@users.command("roles")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(list(ROLES)), help="All of them.")
@click.pass_obj
def change_user_roles(wiring: Wiring, name: str, roles: tuple[str, ...]) -> None:
    """Give a person these roles and no others."""
    with _in_words(), wiring.store().transaction() as transaction:
        change_roles(transaction, name, roles, None)
    click.echo(f"{name} is now {', '.join(sorted(roles))}")


@users.command("password")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.pass_obj
def set_user_password(wiring: Wiring, name: str, password_stdin: bool) -> None:
    """Give a person another password, and sign them out; without --password-stdin it is asked for twice."""
    store = wiring.store()
    password = read_password(password_stdin, confirm=True)
    with _in_words(), store.transaction() as transaction:
        set_password(transaction, name, password, None)
    click.echo(f"{name} has a new password")


@users.command("disable")
@click.argument("name")
@click.pass_obj
def disable_user(wiring: Wiring, name: str) -> None:
    """Shut a person out at once; the name is never used again."""
    with _in_words(), wiring.store().transaction() as transaction:
        disable_person(transaction, name, None)
    click.echo(f"disabled {name}")


@click.group()
def keys() -> None:
    """Keys of machines that use the API."""


@keys.command("add")
@click.argument("name")
@click.option("--scopes", required=True, help=f"Separated by commas: {', '.join(sorted(KEY_SCOPES))}.")
@click.option("--mode", required=True, type=click.Choice(["live", "drill"]))
@click.pass_obj
def add_api_key(wiring: Wiring, name: str, scopes: str, mode: Mode) -> None:
    """Print a new key for the client NAME and nothing else; it cannot be shown again."""
    wanted = {scope.strip() for scope in scopes.split(",")}
    with _in_words(), wiring.store().transaction() as transaction:
        presented = add_key(transaction, name, wanted, mode, None)
    click.echo(presented)


@keys.command("list")
@click.pass_obj
def list_api_keys(wiring: Wiring) -> None:
    """Print every key: id, client, beginning, mode, scopes, last use, state, separated by tabs."""
    with wiring.store().reading() as transaction:
        found = list_keys(transaction)
    _print_rows(
        (
            key.id,
            key.name,
            f"{key.hint}…",
            key.mode,
            ",".join(sorted(key.scopes)),
            "never used" if key.used_at is None else f"used {_day(key.used_at)}",
            "active" if key.revoked_at is None else f"revoked {_day(key.revoked_at)}",
        )
        for key in found
    )


@keys.command("revoke")
@click.argument("key_or_name")
@click.pass_obj
def revoke_api_key(wiring: Wiring, key_or_name: str) -> None:
    """Make one key (its id), or all keys of a client (its name), open nothing any more."""
    with _in_words(), wiring.store().transaction() as transaction:
        count = revoke_key(transaction, key_or_name, None)
    click.echo(f"revoked {count}")


def read_password(from_stdin: bool, *, confirm: bool) -> str:
    """Return the password: standard input without one newline at its end, or asked for and not shown.

    `confirm` asks twice. Raises `click.ClickException` if standard input is not UTF-8.
    """
    if not from_stdin:
        answer: str = click.prompt("Password", hide_input=True, confirmation_prompt=confirm)
        return answer
    given = sys.stdin.buffer.read()
    if given.endswith(b"\n"):
        given = given[:-1].removesuffix(b"\r")
    try:
        return given.decode()
    except UnicodeDecodeError as error:
        raise click.ClickException("the password on standard input is not UTF-8: send it as UTF-8") from error


@contextmanager
def _in_words() -> Iterator[None]:
    """Turn a refusal into its words and the right exit code."""
    try:
        yield
    except Invalid as refusal:
        raise click.UsageError(refusal.detail.en) from refusal
    except Refusal as refusal:
        raise click.ClickException(refusal.detail.en) from refusal


def _print_rows(rows: Iterable[Iterable[str]]) -> None:
    for row in rows:
        click.echo("\t".join(row))


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d")
