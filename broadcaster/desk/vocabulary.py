"""What the desk calls things: every state as a sign and words, so that nothing is said by colour alone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from broadcaster.errors import Text


@dataclass(frozen=True)
class Look:
    """How a state is shown. `kind` picks the colour: good, wait, bad, busy or off. `advice` says what to do."""

    kind: str
    sign: str
    words: Text
    advice: Text | None = None


DELIVERY: Mapping[str, Look] = {
    "owed": Look("busy", "…", Text("Väntar på att skickas", "Waits to be sent")),
    "sending": Look("busy", "→", Text("Skickas nu", "Being sent")),
    "retrying": Look("busy", "↻", Text("Inte ute än", "Not out yet")),
    "uncertain": Look(
        "wait",
        "?",
        Text(
            "Oklart om det är ute. Vi kontrollerar. Publicera inte själv än.",
            "Uncertain whether it is out. We are checking. Do not publish it yourself yet.",
        ),
    ),
    "published": Look("good", "✓", Text("Publicerat", "Published")),
    "needs_person": Look("wait", "!", Text("Du behöver göra detta:", "You need to do this:")),
    "failed": Look("bad", "✕", Text("Inte publicerat", "Not published")),
    "skipped": Look("off", "–", Text("Behövs inte här", "Not needed here")),
    "affected": Look("off", "⊘", Text("Kanalen är drabbad av händelsen", "The channel is struck by the event")),
    "superseded": Look("off", "↑", Text("Skickas inte, ersatt av nyare text", "Not sent, replaced by newer words")),
    "withdrawn": Look("off", "✓", Text("Borttaget", "Taken down")),
    "expired": Look("bad", "✕", Text("Skickas inte, för sent", "Not sent, too late")),
}
#: A delivery that takes down what is out already says so.
WITHDRAWING: Mapping[str, Text] = {
    "owed": Text("Ska tas bort", "To be taken down"),
    "sending": Text("Tas bort nu", "Being taken down"),
    "retrying": Text("Inte borttaget än", "Not taken down yet"),
    "uncertain": Text(
        "Oklart om det är ute. Vi letar efter det och tar bort det.",
        "Uncertain whether it is out. We look for it and take it down.",
    ),
    "failed": Text("Inte borttaget", "Not taken down"),
}
#: What the public can read already, while its top line is changed or newer words took its place.
CHANGING: Mapping[str, Text] = {
    "owed": Text("Ute, ska ändras", "Out, to be changed"),
    "sending": Text("Ute, ändras nu", "Out, being changed"),
    "retrying": Text("Ute, inte ändrat än", "Out, not changed yet"),
    "uncertain": Text("Ute. Oklart om det är ändrat. Vi kontrollerar.", "Out. Uncertain if it is changed. We check."),
    "failed": Text("Ute, blev inte ändrat", "Out, was not changed"),
}
REPLACED = Text("Ersatt av nyare text", "Replaced by newer words")
#: A letter is sent once the server has taken it, and nobody can see what the recipients have.
LETTER: Mapping[str, Text] = {
    "retrying": Text("Inte skickat till alla än", "Not sent to all yet"),
    "uncertain": Text("Oklart om alla har fått det", "Uncertain whether all have it"),
    "published": Text("Skickat till alla, vi ser inte om det kom fram", "Sent to all, we cannot see if it arrived"),
    "failed": Text("Inte skickat till alla", "Not sent to all"),
}
LETTER_TAKEN_BACK: Mapping[str, Text] = {
    "uncertain": Text("Stoppas, väntar på svar om det som är på väg", "Being stopped, waits for what is on its way"),
    "needs_person": Text("Går inte att ta tillbaka, en person avgör", "Cannot be taken back, a person decides"),
    "withdrawn": Text("Stoppat, mottagarna har fått veta det", "Stopped, the recipients have been told"),
    "failed": Text("Kunde inte rättas till", "Could not be put right"),
}
#: What is known of one recipient.
HAS: Mapping[str, Look] = {
    "owed": Look("busy", "…", Text("i kö", "queued")),
    "sending": Look("busy", "→", Text("skickas nu", "being sent")),
    "accepted": Look("good", "✓", Text("skickat", "sent")),
    "unsure": Look("wait", "?", Text("oklart", "uncertain")),
    "missed": Look("bad", "✕", Text("har inte fått det", "does not have it")),
    "dropped": Look("off", "–", Text("skickades inte", "was not sent")),
    "by_hand": Look("good", "✓", Text("har fått det på annat sätt", "reached in another way")),
}
MESSAGE: Mapping[str, Look] = {
    "awaiting_approval": Look("wait", "!", Text("Väntar på ja från en annan person", "Waits for another person's yes")),
    "rejected": Look("off", "✕", Text("Nekad", "Refused")),
    "expired": Look("off", "✕", Text("Ingen sa ja i tid, skickas inte", "Nobody said yes in time, not sent")),
    "recalled": Look("off", "✕", Text("Borttagen", "Taken back")),
    "superseded": Look("off", "↑", Text("Ersatt", "Replaced")),
    "sending": Look("busy", "→", Text("Skickas", "Being sent")),
    "published": Look("good", "✓", Text("Ute i alla kanaler", "Out in all channels")),
    "partly_published": Look("wait", "!", Text("Ute i en del kanaler", "Out in some channels")),
    "failed": Look("bad", "✕", Text("Inte ute någonstans", "Not out anywhere")),
}
UNKNOWN = Look("off", "?", Text("Okänt läge", "Unknown state"))


@dataclass(frozen=True)
class Phase:
    """A phase as it is called, as the button that starts it says, and what it is for."""

    key: str
    name: Text
    act: Text
    help: Text


#: What the holes that a message fills by itself stand for.
HOLES: Mapping[str, Text] = {
    "published": Text("När beskedet gick ut", "When the message went out"),
    "next_update": Text("När nästa besked kommer", "When the next message comes"),
    "link": Text("Adressen där beskedet går att kontrollera", "The address where the message can be checked"),
    "mark": Text("Beskedets beteckning", "The reference of the message"),
    "organisation": Text("Vad vi heter", "What we are called"),
    "promise": Text("Meningen som lovar nästa besked", "The sentence that promises the next message"),
    "sender": Text("Raderna om vem som skriver och hur det kontrolleras", "The lines on who writes and how to check"),
    "sentence": Text("Den fria meningen, om någon skriver en", "The free sentence, if somebody writes one"),
}

PHASES: Mapping[str, Phase] = {
    phase.key: phase
    for phase in (
        Phase("first", Text("Första beskedet", "First message"), Text("Starta", "Start"), Text("", "")),
        Phase(
            "update",
            Text("Uppdatering", "Update"),
            Text("Skriv en uppdatering", "Write an update"),
            Text(
                "Säg vad som har ändrats. Att inget är nytt är också ett besked.",
                "Say what has changed. That nothing is new is a message too.",
            ),
        ),
        Phase(
            "correction",
            Text("Rättelse", "Correction"),
            Text("Rätta något fel", "Correct an error"),
            Text(
                "Rättelsen ersätter det som sagts hittills och stoppar det som ännu inte gått ut.",
                "The correction replaces what was said so far and stops what has not gone out yet.",
            ),
        ),
        Phase(
            "false_alarm",
            Text("Falskt larm", "False alarm"),
            Text("Det var falskt larm", "It was a false alarm"),
            Text(
                "Säger att krisen aldrig fanns, stoppar det som är på väg och stänger händelsen.",
                "Says that there never was a crisis, stops what is on its way and closes the incident.",
            ),
        ),
        Phase(
            "all_clear",
            Text("Läget är normalt igen", "All clear"),
            Text("Det är löst", "It is solved"),
            Text(
                "Säger att det är över, stoppar det som är på väg och stänger händelsen.",
                "Says that it is over, stops what is on its way and closes the incident.",
            ),
        ),
    )
}

#: What the line of a source is about.
SOURCE_KINDS: Mapping[str, Text] = {
    "medical": Text("Om vård", "About care"),
    "legal": Text("Om lag och rätt", "About the law"),
    "fact": Text("Fakta", "Fact"),
}
APPROVAL: Mapping[str, Look] = {
    "approved": Look("good", "✓", Text("Godkänd", "Approved")),
    "pending": Look(
        "wait",
        "!",
        Text("Inte godkänd", "Not approved"),
        Text(
            "Den går inte att starta: två personer måste först läsa och godkänna just de här orden. "
            "Välj en annan krismall så länge.",
            "It cannot be started: two people must first read and approve exactly these words. "
            "Choose another playbook meanwhile.",
        ),
    ),
    "expired": Look(
        "wait",
        "!",
        Text("Godkännandet har gått ut", "The approval has expired"),
        Text(
            "Nya händelser går inte att starta. Två personer behöver läsa orden igen och godkänna dem. "
            "Pågående händelser kan fortsätta.",
            "No new incident can start. Two people need to read the words again and approve them. "
            "Open incidents can go on.",
        ),
    ),
    "revoked": Look(
        "bad",
        "✕",
        Text("Stoppad", "Revoked"),
        Text(
            "Någon har stoppat de här orden. De får inte skickas. Ändra krismallen och låt två personer godkänna den.",
            "Somebody has revoked these words. They may not be sent. "
            "Change the playbook and let two people approve it.",
        ),
    ),
}

PREFLIGHT: Mapping[str, Look] = {
    "green": Look("good", "✓", Text("Svarar", "Answers")),
    "amber": Look("wait", "!", Text("Osäkert", "Uncertain")),
    "red": Look("bad", "✕", Text("Svarar inte som den ska", "Does not answer as it should")),
}

WAKING: Mapping[str, Look] = {
    "green": Look("good", "✓", Text("Når fram", "Gets through")),
    "amber": Look("wait", "!", Text("Osäkert", "Uncertain")),
    "red": Look("bad", "✕", Text("Når ingen", "Reaches nobody")),
}

TOLD: Mapping[str, Look] = {
    "sending": Look("busy", "→", Text("på väg", "on its way")),
    "sent": Look("wait", "→", Text("skickat, inget kvitto", "sent, no report")),
    "unsure": Look("wait", "?", Text("kanske skickat", "maybe sent")),
    "delivered": Look("good", "✓", Text("framme", "delivered")),
    "failed": Look("bad", "✕", Text("kom inte fram", "not delivered")),
    "missing": Look("bad", "✕", Text("inget leveranskvitto", "no delivery report")),
    "declined": Look("bad", "✕", Text("svarade nej", "answered no")),
}
WAYS: Mapping[str, Text] = {
    "sms": Text("sms", "SMS"),
    "email": Text("e-post", "e-mail"),
    "webhook": Text("webhook", "webhook"),
}

STEPS: Mapping[str, Text] = {
    "put": Text("Lägga ut", "Put out"),
    "draft": Text("Göra utkast", "Make a draft"),
    "publish": Text("Publicera utkastet", "Publish the draft"),
    "post": Text("Lägga ut", "Post"),
    "look": Text("Kontrollera", "Check"),
    "search": Text("Leta efter det", "Look for it"),
    "edit": Text("Ändra", "Edit"),
    "withdraw": Text("Ta bort", "Take down"),
    "send": Text("Skicka till en mottagare", "Send to one recipient"),
    "sweep": Text("Ta bort utkast och dubbletter", "Take away drafts and duplicates"),
}
FACTS: Mapping[str, Text] = {
    "done": Text("klart", "done"),
    "absent": Text("finns inte där", "not there"),
    "not_sent": Text("kom aldrig iväg", "never left"),
    "refused": Text("kanalen sa nej", "the channel said no"),
    "uncertain": Text("oklart svar", "uncertain answer"),
}
RUNNING = Text("pågår", "running")

HOWS: tuple[tuple[str, Text], ...] = (
    ("", Text("Inte angivet", "Not stated")),
    ("telefon", Text("Telefon", "Telephone")),
    ("på plats", Text("På plats", "In person")),
    ("video", Text("Videomöte", "Video meeting")),
    ("skriftligt", Text("Skriftligt", "In writing")),
)
ROLE = "TiB"


def look_of_delivery(state: str, intent: str, *, letter: bool = False, has_receipt: bool = False) -> Look:
    """Return how a delivery is shown. `has_receipt`: its words have stood there, so they are not simply unsent."""
    look = DELIVERY.get(state, UNKNOWN)
    said = None
    if letter:
        said = (LETTER_TAKEN_BACK if intent == "withdraw" else LETTER).get(state)
    elif intent == "withdraw":
        said = WITHDRAWING.get(state)
    elif has_receipt and state == "superseded":
        said = REPLACED
    elif has_receipt and intent == "update":
        said = CHANGING.get(state)
    return look if said is None else replace(look, words=said)


def look_of_message(state: str) -> Look:
    """Return how a message is shown."""
    return MESSAGE.get(state, UNKNOWN)


def has_look(has: str) -> Look:
    """Return how it is shown what one recipient of a letter has."""
    return HAS.get(has, UNKNOWN)


def step_words(step: str) -> Text:
    """Return what a call was for."""
    return STEPS.get(step, Text(step, step))


def fact_words(fact: str | None) -> Text:
    """Return what a call showed; None is one that has not been answered."""
    return RUNNING if fact is None else FACTS.get(fact, Text(fact, fact))
