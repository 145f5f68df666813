"""The part of `check` that looks at the alarm: ways, roster, the weekly test, and what did not get through."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

import click

from broadcaster import app, audit, weekly
from broadcaster.alarm import Bell, Telling
from broadcaster.audit import Event
from broadcaster.auth.people import find_person
from broadcaster.calls import send_sms
from broadcaster.commands.wiring import Wiring
from broadcaster.elks import e164
from broadcaster.errors import Text, Unfit
from broadcaster.roster import Roster
from broadcaster.store import Transaction

_TEST = Text("Det här är ett prov av larmet. Du behöver inte göra något.", "A test of the alarm. Nothing to do.")


def check_alarm(wiring: Wiring, test_alarm: bool) -> int:
    """Say how the alarm is set up and whether it works; return how many things need attention."""
    try:
        bell = app.bell(wiring.settings, wiring.environ)
        replies = app.reply_secret(wiring.environ) is not None
    except Unfit as error:
        click.echo(f"alarm: {error}")
        return 1
    trouble = _check_roster(wiring, replies)
    if bell.settings.smtp and "email" not in bell.ways:
        click.echo("alarm: warning: smtp is set, but no mail can go: [alarm] needs sender, and people with an email")
    ways = [*bell.ways, *(["sms"] if bell.settings.sms else [])]
    if not ways:
        click.echo("alarm: warning: no way to tell anybody is set up ([alarm] smtp and sender, sms, or webhook)")
        return trouble
    if not test_alarm:
        click.echo(f"alarm: {', '.join(ways)} (try it with --test-alarm)")
        return trouble
    failures = _try_everybody(bell)
    with wiring.store().transaction() as transaction:
        audit.record(transaction, Event.ALARM_TESTED, ways=ways, failed=failures)
    click.echo(f"alarm: {'FAILED: ' + '; '.join(failures) if failures else 'sent by ' + ', '.join(ways)}")
    return trouble + len(failures)


def _check_roster(wiring: Wiring, replies: bool) -> int:
    """Say what is wrong with the roster, when it was tested, and who was not reached by an alarm that still rings."""
    roster = Roster.of(wiring.settings)
    number = (roster.alarm.sms or "").startswith("+")
    if number and not replies:
        click.echo("alarm: warning: sms is a number, but no answer comes in: set BROADCASTER_ALARM_REPLY_SECRET")
    with wiring.store().reading() as transaction:
        found = weekly.health(transaction, roster)
        asked = list(_who_says_yes(transaction, roster))
    for problem in [*(one.en for one in found.problems), *asked]:
        click.echo(f"alarm: warning: {problem}")
    lost = [(one, told) for one in wiring.parts.board.alarms() for told in one.told if told.failed]
    for one, told in lost:
        why = f" ({told.error})" if told.error else ""
        since = told.since.astimezone(roster.zone).strftime("%Y-%m-%d %H:%M")
        who = f"{one.incident or 'the service'}: {told.person or 'webhook'} by {told.way}"
        click.echo(f"alarm: NOT DELIVERED: {who}: {told.state}{why} since {since}")
    if roster.in_force:
        at = found.last_at.astimezone(roster.zone).strftime(" (%Y-%m-%d %H:%M)") if found.last_at else ""
        click.echo(f"alarm: weekly test: {found.state}: {found.words.en}{at}")
    return len(lost) + (roster.in_force and found.state == "red")


def _who_says_yes(transaction: Transaction, roster: Roster) -> Iterator[str]:
    """Yield why a second person cannot be asked by telephone, or could be whoever asks."""
    people = roster.alarm.people
    if roster.alarm.sms and all(one.user is None for one in people):
        yield 'nobody can be asked for a yes by telephone: [alarm] people need user, a name they sign in with or ""'
    for one in people:
        if one.user and find_person(transaction, one.user) is None:
            yield f"{one.name}: nobody signs in as {one.user}, so they could say yes to words of their own: mend user"


def _try_everybody(bell: Bell) -> list[str]:
    """Tell everybody in every way, and return a line for each that failed. No name and no number is in it."""
    now = datetime.now(UTC)
    failures = bell.tell(Telling(secrets.token_hex(8), "test", _TEST, now, 1, None, now))
    for person in bell.settings.people if bell.settings.sms else ():
        if e164(person.phone):
            got = send_sms(bell, person, f"PROV: {_TEST.sv}", None)
            failures += [f"sms: {got.error}"] if got.error else []
    return failures
