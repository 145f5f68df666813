"""
What can be undone and what cannot, per act, and per channel as it is set up here.

Each sentence is a promise about the code: those about channels follow from the way the channel goes out, which
`stop`, `task` and `left_standing` decide by, and a test does what they say in every way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from broadcaster.channels.names import channel_name
from broadcaster.errors import Text
from broadcaster.kinds import INSTALLED
from broadcaster.settings import Settings

#: Whether it can be undone: wholly, partly (what people have seen stays seen), or not at all.
Undo = Literal["can", "partly", "cannot"]


@dataclass(frozen=True)
class Mistake:
    """One thing that goes wrong, and what becomes of it."""

    what: Text
    undo: Undo
    so: Text


@dataclass(frozen=True)
class InChannel:
    """What a recall of the newest message does in one channel, and what it cannot do there."""

    key: str
    name: Text
    way: str
    undo: Undo
    recall: Text
    correct: Text
    stays: Text


def channels_here(settings: Settings) -> list[InChannel]:
    """Return what can be undone in each channel that is set up, in the order of the settings."""
    found = []
    for key, part in settings.channels.items():
        way = INSTALLED.named(part.kind).way_of(part)
        undo, recall, correct, stays = WAYS[way]
        found.append(InChannel(key, channel_name(key), way, undo, recall, correct, stays))
    return found


_SCREENSHOTS = Text(
    "Skärmbilder, delningar och det folk har läst finns kvar.",
    "Screenshots, shares and what people have read remain.",
)
_POST: tuple[Undo, Text, Text, Text] = (
    "partly",
    Text(
        "Inlägget tas bort från sidan. Är det oklart om det är ute letar vi upp det först.",
        "The post is taken down from the page. If it is uncertain whether it is out, we look for it first.",
    ),
    Text(
        "En rättelse blir ett nytt inlägg. Det gamla ligger kvar, med en rad överst som säger vad som hänt.",
        "A correction becomes a new post. The old one stays, with a line on top that says what has happened.",
    ),
    _SCREENSHOTS,
)
#: By the way a channel goes out (`kinds.Kind.way`): whether, what a recall does, what a correction does, what stays.
WAYS: Mapping[str, tuple[Undo, Text, Text, Text]] = {
    "row": (
        "partly",
        Text(
            "Orden försvinner från sidan. Där står i stället att beskedet är tillbakadraget.",
            "The words disappear from the page. In their place it says that the message was recalled.",
        ),
        Text(
            "Rättelsen står överst. Det gamla beskedet märks som ersatt.",
            "The correction is on top. The old message is marked as replaced.",
        ),
        _SCREENSHOTS,
    ),
    "draft": _POST,
    "post": _POST,
    "upsert": (
        "partly",
        Text(
            "Texten tas bort om den är den senaste där. Har ett nyare besked redan ersatt den rörs det inte.",
            "The text is taken down if it is the newest there. If a newer message replaced it, that is not touched.",
        ),
        Text("Rättelsen ersätter texten på samma plats.", "The correction replaces the text in the same place."),
        Text("Det folk har läst, hört eller sparat finns kvar.", "What people have read, heard or saved remains."),
    ),
    "letter": (
        "cannot",
        Text(
            "Det som är skickat går inte att ta tillbaka. Ingen mer får det, och det blir en uppgift för en person.",
            "What has been sent cannot be taken back. Nobody else gets it, and it becomes a person’s task.",
        ),
        Text("Rättelsen skickas som ett nytt meddelande.", "The correction is sent as a new message."),
        Text(
            "Det första meddelandet finns kvar hos alla som har fått det.",
            "The first message stays with everybody who got it.",
        ),
    ),
    "person": (
        "partly",
        Text(
            "Är texten kvitterad som utlagd blir det en uppgift: en person måste ta bort den för hand. "
            "Är den inte det tas uppgiften bort.",
            "If the text was acknowledged as out it becomes a task: a person must take it down by hand. "
            "If not, the task is dropped.",
        ),
        Text("Rättelsen blir en ny uppgift för en person.", "The correction becomes a new task for a person."),
        Text(
            "Ingen maskin tar bort något här. Har någon klistrat in texten utan att kvittera vet tjänsten inte om det.",
            "No machine takes anything down here. "
            "If somebody pasted the text without acknowledging, the service does not know.",
        ),
    ),
}

BEFORE: tuple[Mistake, ...] = (
    Mistake(
        Text("Jag öppnade fel krismall eller fyllde i fel", "I opened the wrong playbook or filled in something wrong"),
        "can",
        Text(
            "Inget har hänt. Inget skickas förrän du trycker på knappen under de exakta orden. Gå bakåt och välj om.",
            "Nothing has happened. Nothing is sent until you press the button below the exact words. "
            "Go back and choose again.",
        ),
    ),
    Mistake(
        Text("Jag tryckte två gånger", "I pressed twice"),
        "can",
        Text(
            "Det blir ett enda besked. Det andra trycket gör inget.",
            "It is one single message. The second press does nothing.",
        ),
    ),
    Mistake(
        Text("Jag gick bakåt, laddade om eller skickade om sidan", "I went back, reloaded or sent the page again"),
        "can",
        Text(
            "Sidan med de exakta orden bär med sig allt du fyllt i. Skickar du den igen blir det ändå ett enda besked. "
            "Laddar du om ett formulär innan du gått vidare kan det du skrev försvinna, men inget skickas.",
            "The page with the exact words carries all you filled in. If you send it again it is still one message. "
            "If you reload a form before going on, what you wrote may be lost, but nothing is sent.",
        ),
    ),
    Mistake(
        Text("Jag bytte språk mitt i", "I changed language halfway"),
        "can",
        Text(
            "Det du fyllt i följer med. Språket gäller bara knapparna, inte orden som går ut.",
            "What you filled in comes along. The language is that of the buttons only, not of the words that go out.",
        ),
    ),
    Mistake(
        Text("Jag blev utloggad mitt i", "I was signed out halfway"),
        "can",
        Text(
            "Inget har skickats. Logga in, så kommer du tillbaka till formuläret. "
            "Vem som bestämde måste du skriva igen. Det som redan tagits emot skickas ändå.",
            "Nothing has been sent. Sign in and you come back to the form. "
            "You have to write who decided again. What was already accepted is sent all the same.",
        ),
    ),
    Mistake(
        Text("Jag startade skarpt fast jag skulle öva", "I started for real when I meant to exercise"),
        "partly",
        Text(
            "Dra tillbaka beskedet, eller skicka falskt larm om någon kan ha sett det. "
            "En skarp händelse kan inte göras om till en övning.",
            "Recall the message, or send a false alarm if anybody may have seen it. "
            "A live incident cannot be turned into an exercise.",
        ),
    ),
    Mistake(
        Text("Jag övade fast det var på riktigt", "I exercised when it was for real"),
        "can",
        Text(
            "Allmänheten har inte fått något: en övning kan aldrig nå en skarp kanal. Starta skarpt nu.",
            "The public has received nothing: an exercise can never reach a live channel. Start for real now.",
        ),
    ),
)
AFTER: tuple[Mistake, ...] = (
    Mistake(
        Text("Jag tryckte på Skicka och ångrade mig direkt", "I pressed Send and thought better of it at once"),
        "partly",
        Text(
            "En del krismallar ger tio sekunder: så länge visar tavlan en stor knapp, Stoppa. Då har inget gått ut, "
            "och du kan ändra och skicka på nytt. Annars, eller senare: dra tillbaka beskedet.",
            "Some playbooks give ten seconds: for so long the board shows a large button, Stop. Then nothing has "
            "left, and you can change it and send anew. Otherwise, or later: recall the message.",
        ),
    ),
    Mistake(
        Text("Det var fel i texten", "Something in the text was wrong"),
        "partly",
        Text(
            "Skicka en rättelse. Allt som inte gått ut av det gamla stoppas i samma ögonblick. "
            "Ett utskick som redan är på väg letas upp.",
            "Send a correction. Everything of the old message that has not gone out is stopped the same moment. "
            "If one is already on its way, we look for it.",
        ),
    ),
    Mistake(
        Text("Det har inte hänt något", "Nothing has happened at all"),
        "partly",
        Text(
            "Skicka falskt larm. Det avslutar händelsen. "
            "Har något aldrig blivit publikt i en kanal sägs inget där heller.",
            "Send a false alarm. It closes the incident. Where nothing ever became public, nothing is said either.",
        ),
    ),
    Mistake(
        Text("Jag drog tillbaka fel besked", "I recalled the wrong message"),
        "cannot",
        Text(
            "Skriv en uppdatering eller en rättelse med det som gäller. "
            "Är händelsen avslutad: skicka en rättelse eller starta en ny.",
            "Write an update or a correction with what applies. "
            "If the incident is closed: send a correction or start a new one.",
        ),
    ),
    Mistake(
        Text("Jag avslutade för tidigt", "I closed too early"),
        "cannot",
        Text(
            "En avslutad händelse går inte att öppna igen. "
            "Du kan skicka en rättelse i den, eller starta en ny händelse.",
            "A closed incident cannot be reopened. You can send a correction in it, or start a new incident.",
        ),
    ),
    Mistake(
        Text("Jag sa ja till fel besked", "I said yes to the wrong message"),
        "partly",
        Text(
            "Ett ja släpper ut beskedet direkt. Skicka en rättelse eller dra tillbaka det.",
            "A yes lets the message out at once. Send a correction or recall it.",
        ),
    ),
    Mistake(
        Text("Jag sa nej till ett besked som skulle ut", "I said no to a message that should go out"),
        "can",
        Text(
            "Inget har gått ut. Ett nej går inte att ändra till ja, men samma besked kan göras på nytt.",
            "Nothing has gone out. A no cannot be changed to a yes, but the same message can be made again.",
        ),
    ),
    Mistake(
        Text("Jag kvitterade ”den ligger ute” fast den inte gör det", "I acknowledged “it is out” though it is not"),
        "cannot",
        Text(
            "Kvittensen står kvar i loggen. Lägg ut texten nu, så stämmer den, eller dra tillbaka beskedet.",
            "The acknowledgement stays in the log. Put the text out now, and it is true, or recall the message.",
        ),
    ),
    Mistake(
        Text("Jag vill ta bort något ur loggen", "I want to remove something from the log"),
        "cannot",
        Text(
            "Loggen växer bara, så att det går att bevisa efteråt vad som hände.",
            "The log only grows, so that it can be proved afterwards what happened.",
        ),
    ),
)
