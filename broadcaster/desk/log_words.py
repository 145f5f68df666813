"""Every type of entry of the log in words, and one entry as one line: what it was about, what happened, to what end."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from broadcaster.audit import Event
from broadcaster.board import channel_name
from broadcaster.desk.vocabulary import PHASES, WAYS, fact_words, step_words
from broadcaster.errors import Text
from broadcaster.language import name_of, say, t
from broadcaster.logbook import Entry

Kind = Literal["decisions", "deliveries", "playbooks", "alarms", "people", "service"]
#: What an entry can be of, as the filter says it.
KINDS: Mapping[Kind, Text] = {
    "decisions": Text("Beslut", "Decisions"),
    "deliveries": Text("Leveranser", "Deliveries"),
    "playbooks": Text("Krismallar", "Playbooks"),
    "alarms": Text("Larm", "Alarms"),
    "people": Text("Personer och nycklar", "People and keys"),
    "service": Text("Tjänsten själv", "The service itself"),
}
#: What the filter calls everything that went wrong, whatever it is of.
TROUBLE = Text("Problem", "Trouble")


@dataclass(frozen=True)
class Said:
    """What an event is of, and what is said of it. `trouble`: somebody may have to look."""

    kind: Kind
    words: Text
    trouble: bool = False


WORDS: Mapping[Event, Said] = {
    Event.LOG_OPENED: Said("service", Text("loggen börjar här", "the log begins here")),
    Event.SNAPSHOT_STORED: Said("playbooks", Text("orden sparades för gott", "the words were kept for good")),
    Event.PLAYBOOK_APPROVED: Said("playbooks", Text("godkänd", "approved")),
    Event.PLAYBOOK_REVOKED: Said("playbooks", Text("stoppad, orden får inte skickas", "revoked, may not be sent")),
    Event.PLAYBOOK_AMENDED: Said("playbooks", Text("en ändring föreslogs", "a change was proposed")),
    Event.PLAYBOOK_ADOPTED: Said("playbooks", Text("ändringen började gälla", "the change came into force")),
    Event.PLAYBOOK_WITHDRAWN: Said("playbooks", Text("ändringen togs tillbaka", "the change was withdrawn")),
    Event.INCIDENT_OPENED: Said("decisions", Text("händelsen började", "the incident began")),
    Event.PLAN_PAUSED: Said("decisions", Text("planerat inlägg pausat", "a planned post was paused")),
    Event.PLAN_RESTORED: Said("decisions", Text("planerat inlägg tillbakalagt", "a planned post was put back")),
    Event.PLAN_OUT: Said("decisions", Text("planerat inlägg gick ut ändå", "a planned post went out anyway"), True),
    Event.CHECKLIST_TICKED: Said("decisions", Text("avbockat på checklistan", "ticked on the checklist")),
    Event.CHECKLIST_UNTICKED: Said("decisions", Text("bocken togs bort på checklistan", "unticked on the checklist")),
    Event.INCIDENT_CHANGED: Said("decisions", Text("går vidare i en annan krismall", "goes on with another playbook")),
    Event.GLASS_BROKEN: Said("decisions", Text("glaset bröts av en person", "glass broken by one person"), True),
    Event.GLASS_REVIEWED: Said("decisions", Text("granskat efteråt av en annan", "reviewed by somebody else")),
    Event.DRILL_BEGUN: Said("decisions", Text("en övning började", "an exercise began")),
    Event.INCIDENT_CLOSED: Said("decisions", Text("händelsen avslutades", "the incident was closed")),
    Event.INCIDENT_PINNED: Said(
        "decisions", Text("går vidare med nyare godkända ord", "goes on with newer approved words")
    ),
    Event.MESSAGE_PROPOSED: Said("decisions", Text("skrivet", "written")),
    Event.MESSAGE_ACCEPTED: Said("decisions", Text("beslutat, ska ut", "decided, is to go out")),
    Event.MESSAGE_APPROVED: Said("decisions", Text("en andra person sa ja", "a second person said yes")),
    Event.MESSAGE_REJECTED: Said("decisions", Text("en andra person sa nej", "a second person said no")),
    Event.YES_ASKED: Said("decisions", Text("ett ja per telefon begärdes", "a yes by telephone was asked for")),
    Event.YES_SENT: Said("decisions", Text("koden för ett ja skickades", "the code for a yes was sent")),
    Event.YES_GIVEN: Said("decisions", Text("ja per telefon", "yes by telephone")),
    Event.YES_WRONG: Said("decisions", Text("fel kod per telefon", "wrong code by telephone"), True),
    Event.MESSAGE_RECALLED: Said("decisions", Text("tillbakadraget", "recalled")),
    Event.MESSAGE_SUPERSEDED: Said("decisions", Text("ersatt av ett senare besked", "replaced by a later message")),
    Event.MESSAGE_BY_HAND: Said("decisions", Text("infört i efterhand, gjort för hand", "entered later, done by hand")),
    Event.DELIVERY_OWED: Said("deliveries", Text("ska skickas", "is to be sent")),
    Event.DELIVERY_PUBLISHED: Said("deliveries", Text("publicerat", "published")),
    Event.DELIVERY_RETRYING: Said("deliveries", Text("inte ute än, nytt försök", "not out yet, another attempt")),
    Event.DELIVERY_UNCERTAIN: Said("deliveries", Text("oklart om det är ute", "uncertain whether it is out"), True),
    Event.DELIVERY_NEEDS_PERSON: Said("deliveries", Text("lämnat till en person", "left to a person"), True),
    Event.DELIVERY_FAILED: Said("deliveries", Text("inte publicerat", "not published"), True),
    Event.DELIVERY_SKIPPED: Said("deliveries", Text("behövdes inte", "not needed")),
    Event.DELIVERY_AFFECTED: Said(
        "deliveries", Text("kanalen är drabbad, utelämnad", "the channel is struck, left out")
    ),
    Event.DELIVERY_SUPERSEDED: Said("deliveries", Text("skickas inte, ersatt", "not sent, replaced")),
    Event.DELIVERY_WITHDRAWN: Said("deliveries", Text("borttaget", "taken down")),
    Event.DELIVERY_EXPIRED: Said("deliveries", Text("skickades inte, för sent", "not sent, too late"), True),
    Event.DELIVERY_ACKNOWLEDGED: Said("decisions", Text("en person kvitterade", "a person acknowledged")),
    Event.DELIVERY_RETRIED: Said("decisions", Text("en person bad om nytt försök", "a person asked for a retry")),
    Event.DELIVERY_TAKEN_OVER: Said(
        "deliveries", Text("togs över från ett program som dog", "taken over from a worker that died"), True
    ),
    Event.DELIVERY_FORGED: Said(
        "deliveries", Text("stoppat, orden är inte de godkända", "stopped, not the approved words"), True
    ),
    Event.DELIVERY_LOOKED_AT: Said("deliveries", Text("sett utifrån", "looked at from outside")),
    Event.RECIPIENT_OWED: Said("deliveries", Text("en mottagare ska få det", "a recipient is to get it")),
    Event.COPY_KEPT: Said("deliveries", Text("det som stod ute sparades", "what stood there was kept")),
    Event.ATTEMPT_OPENED: Said("deliveries", Text("anrop börjar", "a call begins")),
    Event.ATTEMPT_CLOSED: Said("deliveries", Text("anrop slut", "a call ends")),
    Event.ALARM_RAISED: Said("alarms", Text("larm", "alarm")),
    Event.ALARM_CALLING: Said("alarms", Text("någon larmas", "somebody is being told")),
    Event.ALARM_TOLD: Said("alarms", Text("larmet skickades", "the alarm was sent")),
    Event.ALARM_DELIVERED: Said("alarms", Text("larmet kom fram", "the alarm was delivered")),
    Event.ALARM_UNDELIVERED: Said("alarms", Text("larmet kom inte fram", "the alarm was not delivered"), True),
    Event.ALARM_UNCLEAR: Said("alarms", Text("ett svar gick inte att tolka", "an answer could not be read"), True),
    Event.ALARM_DECLINED: Said("alarms", Text("någon svarade nej", "somebody answered no")),
    Event.ALARM_ANSWERED: Said("alarms", Text("någon tog larmet", "somebody took the alarm")),
    Event.ALARM_OVERTAKEN: Said("alarms", Text("larmet gäller inte längre", "the alarm no longer holds")),
    Event.ALARM_THANKED: Said("alarms", Text("de väckta fick veta vem", "those woken were told who took it")),
    Event.ALARM_TESTED: Said("alarms", Text("larmet provades", "the alarm was tested")),
    Event.USER_ADDED: Said("people", Text("lades till", "added")),
    Event.USER_DISABLED: Said("people", Text("stängdes av", "shut out")),
    Event.USER_ROLES: Said("people", Text("fick andra roller", "given other roles")),
    Event.USER_RESET: Said("people", Text("fick nytt lösenord", "given a new password")),
    Event.USER_SIGNED_IN: Said("people", Text("loggade in", "signed in")),
    Event.USER_SIGNED_OUT: Said("people", Text("loggade ut", "signed out")),
    Event.USER_REFUSED: Said("people", Text("inloggning nekad", "sign-in refused"), True),
    Event.KEY_ADDED: Said("people", Text("fick en nyckel", "given a key")),
    Event.KEY_REVOKED: Said("people", Text("nyckeln återkallades", "the key was revoked")),
    Event.AUTHORITY_READ: Said("people", Text("ändrad behörighet lästes", "a change of authority was read")),
    Event.REQUEST_REFUSED: Said("people", Text("en begäran nekades", "a request was refused"), True),
    Event.CLOCK_STEPPED: Said("service", Text("klockan ställdes om", "the clock was set"), True),
    Event.LOG_EXPORTED: Said("service", Text("loggen hämtades", "the log was fetched")),
}

_MODES = {"live": Text("skarpt", "live"), "drill": Text("övning", "exercise")}
_REASONS = {
    "unknown_name": Text("okänt namn", "unknown name"),
    "wrong_password": Text("fel lösenord", "wrong password"),
    "disabled": Text("avstängd", "shut out"),
}
_ROLES = {
    "author": Text("författare", "author"),
    "approver": Text("godkännare", "approver"),
    "sender": Text("avsändare", "sender"),
    "auditor": Text("granskare", "auditor"),
    "administrator": Text("administratör", "administrator"),
}
_SIGHTS = {
    "seen": Text("orden stod där", "the words stood there"),
    "other": Text("andra ord stod där", "other words stood there"),
    "unreached": Text("sidan gick inte att nå", "the page could not be reached"),
    "private": Text("adressen nås inte av allmänheten", "the public does not reach the address"),
    "elsewhere": Text("adressen leder någon annanstans", "the address leads elsewhere"),
}
#: What a value that is kept outside the entry is, by its name there.
HIDDEN: Mapping[str, Text] = {
    "by": Text("Vem", "Who"),
    "person": Text("Person", "Person"),
    "decided_by": Text("Bestämdes av", "Decided by"),
    "sentence": Text("Fri mening", "Free sentence"),
    "reason": Text("Skäl", "Reason"),
    "done_by": Text("Gjordes av", "Done by"),
    "changed": Text("Ändrades för hand", "Changed by hand"),
    "paper_number": Text("Nummer på papperet", "Number on the paper"),
    "recipient": Text("Mottagare", "Recipient"),
    "address": Text("Nätadress", "Network address"),
}
#: Invisible, or changing the order of what is read: shown by number, never obeyed.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(said: str) -> str:
    """Return `said` with everything that nobody sees, or that turns the text around, by its number."""
    return "".join(
        f"\\u{{{ord(mark):04x}}}" if unicodedata.category(mark) in _UNSEEN else mark for mark in said
    )


def types_of(kind: str) -> frozenset[Event]:
    """Return the events of a kind of `KINDS`, those of `trouble`, or all."""
    if kind == "trouble":
        return frozenset(event for event, said in WORDS.items() if said.trouble)
    return frozenset(event for event, said in WORDS.items() if kind in ("", said.kind))


def role_words(role: str) -> str:
    """Return what a role is called."""
    return say(_ROLES.get(role, Text(role, role)))


def who(entry: Entry) -> str:
    """Return who did it: a person, a machine, or nothing where the service did; erased names are said to be."""
    if "by" in entry.hidden:
        name = entry.hidden["by"]
        return visible(name.partition(":")[2] or name) if name else t("namnet är raderat", "the name was erased")
    by = entry.facts.get("by")
    if not isinstance(by, str):
        return ""
    kind, _, name = by.partition(":")
    return t(f"nyckel {visible(name)}", f"key {visible(name)}") if kind == "key" else visible(by)


def line(entry: Entry) -> str:
    """Return the entry as one line, without its time and who did it: `Facebook, svenska: publicerat`."""
    event = entry.event
    said = say(WORDS[event].words) if event else t("okänd post", "unknown entry")
    subject, detail = _subject(entry), _detail(entry)
    if event is Event.ALARM_RAISED and entry.about.said:
        return visible(f"{said[:1].upper()}{said[1:]}: {say(entry.about.said)}")
    text = f"{subject}: {said}" if subject else said[:1].upper() + said[1:]
    return visible(f"{text} ({detail})" if detail else text)


def _subject(entry: Entry) -> str:
    facts, about = entry.facts, entry.about
    kind = str(facts.get("type")).partition(":")[0]
    channel = about.channel or str(facts.get("channel") or "")
    if channel and kind in ("delivery", "attempt", "recipient", "copy"):
        tongue = about.language or str(facts.get("language") or "")
        return say(channel_name(channel)) + (f", {name_of(tongue)}" if tongue else "")
    if kind in ("message", "yes") and about.phase in PHASES:
        return say(PHASES[about.phase].name)
    if kind in ("playbook", "snapshot"):
        named = facts.get("playbook")
        return f"{named}, version {facts['version']}" if named and "version" in facts else str(named or "")
    if kind == "user":
        return _person(entry)
    if kind == "key":
        return str(facts.get("client", "")).removeprefix("key:")
    return _person(entry) if kind == "alarm" and "person" in entry.hidden else ""


def _person(entry: Entry) -> str:
    name = entry.hidden.get("person", entry.hidden.get("by"))
    if name is None:
        return t("namnet är raderat", "the name was erased") if entry.hidden.keys() & {"person", "by"} else ""
    return name.removeprefix("user:")


def _detail(entry: Entry) -> str:
    event = entry.event
    found = (_DETAILS.get(event) if event else None) or _nothing
    try:
        return ", ".join(str(one) for one in found(entry.facts) if one not in (None, ""))
    except (TypeError, ValueError, AttributeError):  # not what this service writes: the exact bytes still show it
        return ""


def _nothing(_facts: Mapping[str, Any]) -> list[Any]:
    return []


def _call(facts: Mapping[str, Any]) -> list[Any]:
    number = facts.get("attempt")
    found = [t(f"försök {number}", f"attempt {number}"), say(step_words(str(facts.get("step"))))]
    if facts.get("type") == Event.ATTEMPT_CLOSED:
        status = facts.get("status")
        found += [say(fact_words(str(facts.get("fact")))), f"HTTP {status}" if status else ""]
    return found


def _roles(facts: Mapping[str, Any]) -> list[Any]:
    return [role_words(str(role)) for role in facts.get("roles", [])]


def _point(facts: Mapping[str, Any]) -> list[Any]:
    return [t(f"punkt {facts.get('number')}", f"line {facts.get('number')}")]


def _way(facts: Mapping[str, Any]) -> list[Any]:
    return [say(WAYS.get(str(facts.get("way")))), facts.get("error")]


_DETAILS: Mapping[Event, Callable[[Mapping[str, Any]], list[Any]]] = {
    Event.ATTEMPT_OPENED: _call,
    Event.ATTEMPT_CLOSED: _call,
    Event.INCIDENT_OPENED: lambda facts: [facts.get("playbook"), say(_MODES.get(str(facts.get("mode"))))],
    Event.CHECKLIST_TICKED: _point,
    Event.CHECKLIST_UNTICKED: _point,
    Event.USER_ADDED: _roles,
    Event.USER_ROLES: _roles,
    Event.USER_REFUSED: lambda facts: [say(_REASONS.get(str(facts.get("reason"))))],
    Event.KEY_ADDED: lambda facts: [*facts.get("scopes", []), say(_MODES.get(str(facts.get("mode"))))],
    Event.REQUEST_REFUSED: lambda facts: [facts.get("endpoint"), facts.get("status")],
    Event.ALARM_CALLING: _way,
    Event.ALARM_TOLD: _way,
    Event.ALARM_DELIVERED: _way,
    Event.ALARM_UNDELIVERED: _way,
    Event.CLOCK_STEPPED: lambda facts: [f"{facts.get('seconds')} s"],
    Event.LOG_EXPORTED: lambda facts: [t("alla poster", "all entries") if "shown" not in facts else facts["shown"]],
    Event.DELIVERY_LOOKED_AT: lambda facts: [say(_SIGHTS.get(str(facts.get("sight"))))],
}
