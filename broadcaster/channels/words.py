"""What each trouble with a channel means for the person who has to act: what happened, what it means, what to do."""

from collections.abc import Mapping
from typing import Any

from broadcaster.channels import Reason
from broadcaster.channels._content_errors import words_for
from broadcaster.channels._graph_words import TROUBLES
from broadcaster.channels._letter_words import letter_words
from broadcaster.channels.names import channel_name
from broadcaster.errors import Text

#: A shorter wait is over before anybody has read of it.
_WAIT_SAID_S = 60.0


def advice(reason: Reason, channel: str, error: Mapping[str, Any] | None = None) -> Text:
    """Return two to six calm sentences for `reason`, beginning with the name of the channel with that key.

    `error` is what a delivery keeps of its last answer. Where it is about this very reason, the words are those of the
    provider's own error, if we have any, and how long we wait before the next attempt is said.
    """
    name, said = channel_name(channel), _ADVICE[reason]
    told = error if error is not None and error["reason"] == str(reason) else {}
    trouble = TROUBLES.get(told.get("trouble") or "")
    wait_s = told.get("wait_s")
    if told.get("letter"):
        said = letter_words(reason, told["letter"])
    elif reason is Reason.RATE and told and wait_s is None:  # no machine tries again
        said = trouble.left_to_hands if trouble else _LIMIT_LEFT_TO_HANDS
    elif trouble is not None:
        said = trouble.whole
    elif reason is Reason.CONTENT:
        said = words_for(str(told.get("detail") or "")) or said
    waits = _waits(wait_s)
    return Text(f"{name.sv}: {said.sv}{waits.sv}", f"{name.en}: {said.en}{waits.en}")


def _waits(wait_s: float | None) -> Text:
    if wait_s is None or wait_s < _WAIT_SAID_S:
        return Text("", "")
    minutes = round(wait_s / 60)
    sv, en = ("minut", "minute") if minutes == 1 else ("minuter", "minutes")
    return Text(f" Vi väntar {minutes} {sv} före nästa försök.", f" We wait {minutes} {en} before the next attempt.")


_LIMIT_LEFT_TO_HANDS = Text(
    "kanalen tar inte emot fler anrop just nu, och vi försöker inte igen. "
    "Titta efter, publicera för hand om det saknas, och kvittera här.",
    "the channel takes no more calls right now, and we do not try again. "
    "Please look, publish by hand if it is missing, and acknowledge here.",
)
#: True both while it is certainly not out, when it cannot be acknowledged, and while it may be. The choice is the one
#: that the board gives as soon as a person may settle it.
_WAITING = Text(
    "Publicera det inte för hand så länge: då kan det komma ut två gånger. "
    "Brådskar det: använd de andra kanalerna. "
    "Ser du att det är ute, och finns Avgör för hand här: kvittera där.",
    "Do not publish it by hand meanwhile: it could come out twice. "
    "If it is urgent: use the other channels. "
    "If you see that it is out, and Settle by hand stands here: acknowledge there.",
)
_ADVICE: Mapping[Reason, Text] = {
    Reason.NONE: Text(
        "vi vet inte än om beskedet är ute. Vi fortsätter försöka och säger till när det är klart. "
        f"{_WAITING.sv}",
        "we do not know yet whether the message is out. We keep trying and say so when it is done. "
        f"{_WAITING.en}",
    ),
    Reason.NETWORK: Text(
        "vi får inget svar, så vi vet inte om beskedet kom fram. Vi tittar efter innan vi försöker igen. "
        f"{_WAITING.sv}",
        "we get no answer, so we do not know whether the message got through. We look before we try again. "
        f"{_WAITING.en}",
    ),
    Reason.SERVER: Text(
        "kanalen svarar med ett tekniskt fel. Beskedet kan ha kommit ut ändå. "
        f"Vi tittar efter innan vi skickar igen. {_WAITING.sv}",
        "the channel answers with a technical fault. The message may be out all the same. "
        f"We look before we send again. {_WAITING.en}",
    ),
    Reason.NO_PICTURE: Text(
        "en eller flera bilder kunde inte följa med. Orden är ute som de ska, så du behöver inte göra något nu.",
        "one or more pictures could not go along. The words are out as they should, so you need not do anything now.",
    ),
    Reason.RATE: Text(
        "kanalen tar inte emot fler anrop just nu. Beskedet väntar och skickas när spärren släpper. "
        "Publicera det inte för hand: då kommer det ut två gånger. Brådskar det: använd de andra kanalerna.",
        "the channel takes no more calls right now. The message waits and is sent when the limit lifts. "
        "Do not publish it by hand: it would come out twice. If it is urgent: use the other channels.",
    ),
    Reason.TOKEN: Text(
        "kanalen godtar inte vår nyckel längre. Inget går ut där förrän nyckeln är bytt. "
        "Publicera för hand nu och kvittera här. Be sedan administratören byta nyckeln.",
        "the channel no longer accepts our key. Nothing goes out there until the key is replaced. "
        "Publish by hand now and acknowledge here. Then ask the administrator to replace the key.",
    ),
    Reason.PERMISSION: Text(
        "kanalen säger att vi inte får göra detta. Ett nytt försök hjälper inte. "
        "Publicera för hand nu och kvittera här. Be sedan administratören se över behörigheten.",
        "the channel says we may not do this. Trying again does not help. "
        "Publish by hand now and acknowledge here. Then ask the administrator to review the permissions.",
    ),
    Reason.CONTENT: Text(
        "kanalen tog inte emot beskedet. Samma text blir nekad igen. "
        "Publicera för hand och kvittera här. Går inte det heller: skriv varför och stäng uppgiften.",
        "the channel did not take the message. The same text will be refused again. "
        "Publish by hand and acknowledge here. If that fails too: say why and close the task.",
    ),
    Reason.IDENTICAL: Text(
        "kanalen säger att samma text redan är publicerad. Troligen är beskedet redan ute. "
        "Vi tittar efter och skickar inget mer så länge. Ser du det själv: kvittera här.",
        "the channel says the same text is already published. The message is probably out. "
        "We are looking, and send nothing more meanwhile. If you see it yourself: acknowledge here.",
    ),
    Reason.BLOCKED: Text(
        "kanalen har spärrat vårt konto för en tid. Fler försök kan göra spärren längre. "
        "Försök inte själv med samma konto. Använd de andra kanalerna och säg till administratören.",
        "the channel has blocked our account for a time. More attempts may lengthen the block. "
        "Do not try yourself with the same account. Use the other channels and tell the administrator.",
    ),
    Reason.GONE: Text(
        "det vi letade efter finns inte där. Någon kan ha tagit bort det. "
        "Titta efter. Ska beskedet vara ute: försök igen eller publicera för hand.",
        "what we looked for is not there. Somebody may have taken it down. "
        "Please look. If the message should be out: try again or publish by hand.",
    ),
    Reason.STALE: Text(
        "kanalen har redan ett nyare besked om händelsen. Det äldre skickas inte. Du behöver inte göra något.",
        "the channel already has a newer message about the incident. The older one is not sent. "
        "You need not do anything.",
    ),
    Reason.NO_DRAFTS: Text(
        "kanalen tog inte emot ett utkast. Vi publicerar direkt i stället, och tittar efter före varje nytt försök. "
        "Du behöver inte göra något nu. Säg till administratören när händelsen är över.",
        "the channel did not take a draft. We publish directly instead, and look before every new attempt. "
        "You need not do anything now. Tell the administrator when the incident is over.",
    ),
    Reason.OTHER_WORDS: Text(
        "kanalen visar en annan text än den vi skickade. Någon kan ha ändrat den för hand. "
        "Jämför med texten här. Rätta i kanalen om den är fel där, och kvittera sedan.",
        "the channel shows another text than the one we sent. Somebody may have changed it by hand. "
        "Compare it with the text here. Correct it in the channel if it is wrong there, then acknowledge.",
    ),
    Reason.FORGED: Text(
        "texten är inte den som två personer har godkänt. Den är stoppad och har inte skickats. "
        "Publicera den inte för hand. Ring administratören: någon kan ha ändrat i databasen.",
        "the text is not the one two people approved. It was stopped and has not been sent. "
        "Do not publish it by hand. Call the administrator: somebody may have altered the database.",
    ),
    Reason.LATE: Text(
        "beskedets tid gick ut innan det kom fram. Vi skickar det inte längre, för det kan vara inaktuellt. "
        "Stämmer det fortfarande: skicka en uppdatering.",
        "the message ran out of time before it got through. We no longer send it, because it may be out of date. "
        "If it still holds: send an update.",
    ),
    Reason.WORKERS_DIED: Text(
        "tjänsten avbröts tre gånger medan den skickade. Det är oklart om beskedet kom ut. "
        "Titta efter i kanalen. Saknas det: publicera för hand. Kvittera här och säg till administratören.",
        "the service was interrupted three times while sending. It is not clear whether the message got out. "
        "Look in the channel. If it is missing: publish by hand. Acknowledge here and tell the administrator.",
    ),
    Reason.PERSON: Text(
        "här publicerar en person. Inget skickas av sig självt. "
        "Kopiera texten, publicera den och kvittera här med adressen.",
        "a person publishes here. Nothing is sent by itself. "
        "Copy the text, publish it, and acknowledge here with the address.",
    ),
}
