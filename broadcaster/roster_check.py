"""What is wrong with a duty roster, said so that whoever keeps it can mend it: for the desk and `broadcaster check`."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from broadcaster.elks import e164
from broadcaster.errors import Text
from broadcaster.roster import DAY_MINUTES, DAYS, EVERYBODY, WEEK_MINUTES, Handover, Roster, on_duty

#: A rota that ends within so many days is pointed out: somebody has to write the next weeks.
ROTA_ENDS_SOON = timedelta(days=7)
_SWEDISH_DAYS = ("mån", "tis", "ons", "tor", "fre", "lör", "sön")


def problems(roster: Roster, now: datetime) -> list[Text]:
    """Return what is wrong with `roster` at `now`, most serious first."""
    rota, unread = roster.rota()
    found = [_unread(roster.alarm.rota or "", unread)] if unread else []
    names = {person.name for person in roster.alarm.people} | rota.keys() | {EVERYBODY}
    for number, step in enumerate(roster.alarm.steps, 1):
        found += [_no_such(number, name) for name in step.tell if name not in names]
    return [*found, *_holes(roster), *_of_rota(roster, rota, now), *_of_people(roster), *_of_steps(roster)]


def _holes(roster: Roster) -> Iterator[Text]:
    """Yield the first time of a week when no step tells anybody. Only where hours turn can that change."""
    turning = {0} | {
        (day * DAY_MINUTES + minute) % WEEK_MINUTES
        for one in [one for when in roster.hours for one in when]
        for day in one.days
        for minute in (one.begins, one.begins + one.lasts)
    }
    monday = datetime(2026, 1, 5, tzinfo=roster.zone)
    for minute in sorted(turning) if roster.hours else ():
        at = monday + timedelta(minutes=minute)
        if not any(not when or any(one.hold(at) for one in when) for when in roster.hours):
            day = minute // DAY_MINUTES
            yield _hole(Text(f"{_SWEDISH_DAYS[day]} kl. {at:%H.%M}", f"{list(DAYS)[day]} {at:%H:%M}"))
            return


def _of_rota(roster: Roster, rota: Mapping[str, Sequence[Handover]], now: datetime) -> Iterator[Text]:
    known = {person.name for person in roster.alarm.people}
    for duty in sorted({name for step in roster.alarm.steps for name in step.tell} & rota.keys()):
        named = {name for _, names in rota[duty] for name in names}
        yield from (_no_such_in_rota(duty, name) for name in sorted(named - known))
        if not on_duty(rota[duty], now):
            yield _nobody_now(duty)
        elif rota[duty][-1][0] < now + ROTA_ENDS_SOON:
            yield _rota_ends(duty, rota[duty][-1][0].astimezone(roster.zone).strftime("%Y-%m-%d %H:%M"))


def _of_people(roster: Roster) -> Iterator[Text]:
    for person in roster.alarm.people if roster.in_force else ():
        if person.phone and not e164(person.phone):
            yield _no_number(person.name, person.phone)
        if not roster.ways_of(person):
            yield _no_way(person.name)


def _of_steps(roster: Roster) -> Iterator[Text]:
    steps = roster.alarm.steps
    if any("sms" in step.by for step in steps) and not roster.alarm.sms:
        yield _NO_SMS
    told = {name for step in steps for name in step.tell}
    if len(told) == 1 and told != {EVERYBODY}:
        yield _ONE_ALONE


def _no_such(number: int, name: str) -> Text:
    return Text(
        f"Steg {number} larmar {name!r}, som inte finns bland people eller i jourschemat. Rätta namnet.",
        f"Step {number} tells {name!r}, who is neither among people nor in the rota. Correct the name.",
    )


def _no_such_in_rota(duty: str, name: str) -> Text:
    return Text(
        f"Jourschemat för {duty} nämner {name!r}, som inte finns bland people. Rätta namnet, eller lägg till personen.",
        f"The rota of {duty} names {name!r}, who is not among people. Correct the name, or add the person.",
    )


def _hole(when: Text) -> Text:
    return Text(
        f"Ingen har jour från {when.sv}. Larm går då till alla i people. Lägg till ett steg utan hours.",
        f"Nobody is on duty from {when.en}. An alarm then goes to everybody in people. Add a step without hours.",
    )


def _unread(file: str, why: Text) -> Text:
    return Text(
        f"Jourschemat {file} går inte att läsa ({why.sv}). Steg som pekar på det hoppas över: rätta filen nu.",
        f"The rota {file} cannot be read ({why.en}). Steps that point to it are passed over: mend the file now.",
    )


def _nobody_now(duty: str) -> Text:
    return Text(
        f"Ingen har {duty} just nu enligt jourschemat. Steget hoppas över: skriv in vem som har det.",
        f"Nobody has {duty} right now by the rota. The step is passed over: write down who has it.",
    )


def _rota_ends(duty: str, when: str) -> Text:
    return Text(
        f"Jourschemat för {duty} har inget byte efter {when}. Samma person larmas tills någon skriver in nästa.",
        f"The rota of {duty} has no handover after {when}. The same person is told until somebody writes the next.",
    )


def _no_number(name: str, number: str) -> Text:
    return Text(
        f"{name}: telefonnumret {number!r} går inte att sms:a. Skriv det som +46701234567.",
        f"{name}: the number {number!r} cannot be sent an SMS. Write it like +46701234567.",
    )


def _no_way(name: str) -> Text:
    return Text(
        f"{name} kan inte nås på något inställt sätt. Ge personen phone (med sms) eller email (med smtp och sender).",
        f"{name} cannot be reached in any way set up. Give them a phone (with sms) or email (with smtp and sender).",
    )


_NO_SMS = Text(
    "Ingen sms-avsändare är inställd, så stegen larmar bara med e-post och webhook. E-post väcker ingen: ställ in sms.",
    "No SMS sender is set, so the steps tell only by mail and webhook. Mail wakes nobody: set sms.",
)
_ONE_ALONE = Text(
    'Alla steg larmar samma person eller jour. Svarar den inte nås ingen annan. Lägg till ett sista steg med "*".',
    'Every step tells the same person or duty. If they do not answer, nobody does. Add a last step with "*".',
)
