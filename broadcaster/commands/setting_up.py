"""`init`, `migrate`, `check`, `backup`, `healthcheck`: setting up, and looking after it."""

import asyncio
import json
import os
import secrets
import shlex
import sqlite3
import sys
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

import click
import httpx
from sqlalchemy.exc import SQLAlchemyError

from broadcaster import app, approval, audit, outside, register_check, scenarios
from broadcaster.audit import Fault
from broadcaster.auth.commands import read_password
from broadcaster.auth.people import add_person
from broadcaster.channels import Preflight
from broadcaster.clocks import boot_clock
from broadcaster.commands.alarm_check import check_alarm
from broadcaster.commands.wiring import Wiring
from broadcaster.errors import Invalid, Unfit
from broadcaster.kinds import INSTALLED
from broadcaster.migrations import migrate as migrate_store
from broadcaster.settings import SECRET_LENGTH_MIN
from broadcaster.shelf import troubles
from broadcaster.store import Store, sqlite_path

#: What the switchboard needs in any case; the channels of 1177 begin as tasks for a person, which is the truth today.
_SETTINGS = Template(
    """\
[organisation]
name = $name
short = $short
county = $county
base_url = $base_url   # a name under your own domain, hosted outside your own network
timezone = "Europe/Stockholm"
# contact_url = "https://…"   # how the public reaches you and where your accessibility statement is: /about leads there

[database]
url = "sqlite:///broadcaster.db"   # or set BROADCASTER_DATABASE_URL=postgresql+psycopg://...

[playbooks]
folder = $playbooks

[alarm]
people = [{name = "Kommunikator i beredskap", email = "kib@region.example"}]
repeat_s = 300
# smtp = "smtp://user@host:587"     password: BROADCASTER_SMTP_PASSWORD
# sender = "kris@region.example"
# webhook = "https://..."            secret: BROADCASTER_ALARM_WEBHOOK_SECRET
# sms = "RVKris"                     46elks: BROADCASTER_46ELKS_USER, BROADCASTER_46ELKS_PASSWORD; see docs/alarms.md
# rota = "rota.toml"                 who has a duty from when on; read anew for every alarm
# test_at = "mon 10:00"              the weekly test
# [[alarm.steps]]                    without steps, everybody is told at once
# tell = ["Kommunikator i beredskap"]
# wait_s = 180
# [[alarm.steps]]
# tell = ["*"]                       everybody, again and again until somebody answers

[channels.own_web]
kind = "own_web"

# [channels.facebook]                token: BROADCASTER_FACEBOOK_TOKEN, BROADCASTER_FACEBOOK_APP_SECRET
# kind = "facebook"
# page_id = "..."
# app_id = "..."

[channels.1177_notice]
kind = "manual"
assignee = "redaktor i beredskap"
deadline_minutes = 15

[channels.1177_article]
kind = "manual"
assignee = "redaktor i beredskap"
deadline_minutes = 30

[channels.1177_phone]
kind = "manual"
assignee = "1177 pa telefon, arbetsledare"
deadline_minutes = 15
"""
)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
@click.option("--name", prompt="The organisation's name", help="Who speaks: Region Värmland.")
@click.option("--short", prompt="Letters that begin every reference", help="RV")
@click.option("--county", prompt="County code, two digits", help="17")
@click.option("--base-url", prompt="The service's address", help="https://kris.region.example")
@click.option("--admin", prompt="The first administrator's user name", help="Signs in and adds the others.")
@click.option("--password-stdin", is_flag=True, help="Read the administrator's password from standard input.")
def init(folder: Path, name: str, short: str, county: str, base_url: str, admin: str, password_stdin: bool) -> None:
    """Make settings, secrets, a database and the first administrator in FOLDER."""
    settings_file, key_file = folder / "settings.toml", folder / "secrets" / "secret_key"
    database = folder / "broadcaster.db"
    for file in (settings_file, key_file, database):
        if file.exists():
            raise click.ClickException(f"{file} exists already; nothing has been changed")
    password = read_password(password_stdin, confirm=True)
    values = {"name": name, "short": short, "county": county, "base_url": base_url}
    try:
        key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings_file.write_text(_settings_text(**values, playbooks=str(app.resource("playbooks"))), "utf-8")
        _write_secret(key_file, secrets.token_urlsafe(48))
        _first_administrator(settings_file, key_file, admin, password)
    except BaseException:  # an answer that does not fit, or Ctrl-C: what was begun goes, so that it can be done again
        for file in (settings_file, key_file, database):
            file.unlink(missing_ok=True)
        raise
    click.echo(f"export BROADCASTER_CONFIG={shlex.quote(str(settings_file.resolve()))}")
    click.echo(f"export BROADCASTER_SECRET_KEY_FILE={shlex.quote(str(key_file.resolve()))}")


def _settings_text(**values: str) -> str:
    """Return the settings with every value as a TOML string, whatever it holds."""
    return _SETTINGS.substitute({name: json.dumps(value, ensure_ascii=False) for name, value in values.items()})


def _first_administrator(settings_file: Path, key_file: Path, admin: str, password: str) -> None:
    wiring = Wiring({"BROADCASTER_CONFIG": str(settings_file), "BROADCASTER_SECRET_KEY_FILE": str(key_file)})
    store = Store(wiring.settings.database_url)
    migrate_store(store)
    try:
        with store.transaction() as transaction:
            add_person(transaction, admin, ("administrator",), password, None)
    except Invalid as error:
        raise click.ClickException("; ".join(fault.message.en for fault in error.fields)) from error
    finally:
        store.close()


def _write_secret(file: Path, value: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(value + "\n")


@click.command()
@click.pass_obj
def migrate(wiring: Wiring) -> None:
    """Make the database, or bring it to this version's tables."""
    store = Store(wiring.settings.database_url)
    try:
        migrate_store(store)
    except (SQLAlchemyError, OSError) as error:
        raise click.ClickException(f"the database cannot be made or changed: {error}") from error
    finally:
        store.close()
    click.echo("the database is up to date")


@click.command()
@click.option("--test-alarm", is_flag=True, help="Send a test alarm to everybody the settings name.")
@click.option("--links", is_flag=True, help="Look at every site that messages may lead to.")
@click.pass_obj
def check(wiring: Wiring, test_alarm: bool, links: bool) -> None:
    """Look at settings, database, log, playbooks, alarm and channels; exit 1 if anything is wrong."""
    trouble = _check_key(wiring) + _check_base(wiring) + _check_drills(wiring) + check_alarm(wiring, test_alarm)
    trouble += asyncio.run(_check_links(wiring)) if links else 0
    trouble += asyncio.run(_check_channels(wiring))
    click.echo(f"{trouble} things need attention" if trouble else "everything is in order")
    raise SystemExit(1 if trouble else 0)


def _check_key(wiring: Wiring) -> int:
    try:
        key = app.secret_key(wiring.environ)
    except Unfit as error:
        click.echo(f"secrets: {error}")
        return 1
    if len(key) < SECRET_LENGTH_MIN:
        click.echo(f"secrets: BROADCASTER_SECRET_KEY is shorter than {SECRET_LENGTH_MIN} characters: make a longer one")
        return 1
    return 0


def _check_base(wiring: Wiring) -> int:
    store = wiring.store()
    found = audit.verify(store)
    trouble = int(isinstance(found, Fault))
    click.echo(f"log: {'NOT SOUND: ' if trouble else 'sound, entries: '}{found}")
    with store.reading() as transaction:
        standing = wiring.parts.playbooks.within(transaction)
        for said in troubles(standing):
            click.echo(f"playbook {said}")
            trouble += 1
        for one in standing.all():
            state = approval.status(transaction, one.digest).state
            click.echo(f"playbook {one.id}: {state}")
            trouble += state != "approved"
    return trouble


def _check_drills(wiring: Wiring) -> int:
    """Look at the prepared exercises: each must be sound and about a playbook that is here."""
    try:
        prepared = scenarios.load(wiring.settings)
    except Unfit as error:
        click.echo(f"drills: {error}")
        return 1
    with wiring.store().reading() as transaction:
        here = {one.id: one.phases for one in wiring.parts.playbooks.within(transaction).all()}
    amiss = scenarios.misfits(prepared, here)
    for said in amiss:
        click.echo(f"drills: {said}")
    aims = wiring.settings.drill
    click.echo(
        f"drills: prepared: {len(prepared)}; targets in seconds: decided {aims.decided_s:g}, "
        f"published {aims.published_s:g}, reached {aims.reached_s:g}"
    )
    return len(amiss)


async def _check_links(wiring: Wiring) -> int:
    """Look at every site that messages may lead to; what is gone is said, and left to people."""
    wanted = register_check.sites(wiring.parts.playbooks)
    gone = await register_check.Links(outside.over_network(), boot_clock).problems(wanted, at_once=None)
    click.echo(f"links: sites looked at: {len(wanted)}, without a page: {len(gone)}")
    for one in gone:
        click.echo(f"links: {one.en}")
    return len(gone)


async def _check_channels(wiring: Wiring) -> int:
    try:
        live = app.live_channels(wiring.settings, wiring.environ, wiring.store())
    except Unfit as error:
        click.echo(f"channels: {error}")
        return 1
    channels = app.with_register(live, wiring.parts, None)
    trouble = len(INSTALLED.troubles)
    for sentence in INSTALLED.troubles:
        click.echo(f"channels: {sentence}")
    for key, channel in channels.items():
        try:
            found = await channel.preflight()
        except Exception as error:  # noqa: BLE001 - a kind of another package; the others are looked at all the same
            found = Preflight("red", (f"the check of this kind ({channel.kind}) broke: {type(error).__name__}",))
        await channel.close()
        problems = found.english or found.problems
        click.echo(f"channel {key}: {found.state}{': ' + '; '.join(problems) if problems else ''}")
        for note in found.notes:
            click.echo(f"channel {key}: cannot be checked from here: {note}")
        trouble += found.state == "red"
    return trouble


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def backup(wiring: Wiring, file: Path) -> None:
    """Write a whole copy of the SQLite database to FILE while the service runs."""
    store = wiring.store()
    if sqlite_path(store.url) is None:
        raise click.ClickException("the database is PostgreSQL: use pg_dump, or the server's own backups")
    try:
        # Made first, empty and for its owner alone: it will hold everything, and nothing that is there is overwritten.
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError as error:
        raise click.ClickException(f"{file} exists already; nothing has been written") from error
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from error
    # Past SQLAlchemy, which would begin a transaction: SQLite copies itself only outside one.
    connection = store.engine.raw_connection()
    try:
        connection.cursor().execute("VACUUM INTO ?", (str(file),))
    except sqlite3.Error as error:
        file.unlink(missing_ok=True)
        raise click.ClickException(f"the copy failed, and nothing is left of it: {error}") from error
    finally:
        connection.close()
    click.echo(f"copied to {file}")


@click.command()
@click.pass_obj
def healthcheck(wiring: Wiring) -> None:
    """Ask the web process on this host whether it is alive; exit 1 if not. For containers."""
    host, port = wiring.address
    host = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    configured = wiring.environ.get("BROADCASTER_CONFIG")  # the demonstration has none of its own here
    trusted = urlsplit(wiring.settings.organisation.base_url).netloc if configured else f"{host}:{port}"
    try:
        answer = httpx.get(f"http://{host}:{port}/healthz", headers={"host": trusted}, timeout=2, trust_env=False)
        sys.exit(0 if answer.status_code == 200 else 1)
    except httpx.HTTPError:
        sys.exit(1)
