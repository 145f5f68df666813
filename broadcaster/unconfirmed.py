"""
What an unconfirmed delivery means for the person who has to act, by what it is to do: publish, change or take down.

The adapter's own advice speaks of words that are to become public. Said of words that were recalled or replaced it
would have somebody spread them, so what is to be changed or taken down, or is over, has words of its own.
"""

from collections.abc import Mapping
from typing import Any

from broadcaster.channels import Reason
from broadcaster.channels.names import channel_name
from broadcaster.channels.words import advice
from broadcaster.errors import Text
from broadcaster.standing import ENDED, OPEN, State

#: Over for the public without a machine or a person saying so; what was in doubt then may have come out since.
_LEFT = ENDED - {State.PUBLISHED, State.EXPIRED, State.AFFECTED}


def meaning(row: Mapping[str, Any], reason: Reason) -> Text:
    """Return what `reason` means for the delivery as it stands in `row`, beginning with the name of its channel."""
    state, name = State(row["state"]), channel_name(row["channel"])
    letter = row["way"] == "letter"
    if row["intent"] == "withdraw":
        if letter and reason is Reason.PERSON and row["error"] and row["error"].get("letter"):
            return advice(reason, row["channel"], row["error"])
        said = _LETTER_RECALLED if letter else _joined(_TAKE_DOWN, reason, _down(state))
    elif row["intent"] == "update" and reason is not Reason.FORGED and state not in ENDED:
        said = _joined(_CHANGE, reason, _CHANGING if state in OPEN else _CHANGE_IT)
    elif state is State.PUBLISHED and reason is not Reason.NO_PICTURE and not letter:
        said = _joined(_PUBLISHED, reason, _ONE_TOO_MANY)
    elif state in _LEFT and not letter and state is not State.FAILED:
        said = _joined(_OVER, reason, _LOOK_ONCE) if row["ever_unsure"] else _NOT_SENT
    else:
        return advice(reason, row["channel"], row["error"])
    return Text(f"{name.sv}: {said.sv}", f"{name.en}: {said.en}")


def _down(state: State) -> Text:
    if state in OPEN:
        return _TAKING_DOWN
    return _LOOK_ONCE if state in ENDED else _TAKE_IT_DOWN


def _joined(what: Text, reason: Reason, do: Text) -> Text:
    why = _CAUSES.get(reason, Text("", ""))
    return Text(
        " ".join(part for part in (what.sv, why.sv, do.sv) if part),
        " ".join(part for part in (what.en, why.en, do.en) if part),
    )


_TAKE_DOWN = Text(
    "beskedet är tillbakadraget eller ersatt, men det är inte bekräftat att det är borta här. Sprid det inte.",
    "the message was recalled or replaced, but it is not confirmed that it is gone here. Do not spread it.",
)
_TAKING_DOWN = Text(
    "Vi fortsätter försöka ta bort det. Ser du det: ta bort det för hand, det gör ingen skada.",
    "We keep trying to take it down. If you see it: take it down by hand, that does no harm.",
)
_TAKE_IT_DOWN = Text(
    "Ta bort det för hand om det står kvar, och kvittera här.",
    "Take it down by hand if it still stands there, then acknowledge here.",
)
_OVER = Text(
    "beskedet gäller inte längre. Det kan ha kommit ut här ändå, och vi kunde inte kontrollera det. Sprid det inte.",
    "the message is no longer in force. It may have come out here all the same, and we could not check. "
    "Do not spread it.",
)
_NOT_SENT = Text(
    "beskedet gäller inte längre och skickas inte. Publicera det inte. Du behöver inte göra något.",
    "the message is no longer in force and is not sent. Do not publish it. You need not do anything.",
)
_LOOK_ONCE = Text(
    "Titta efter i kanalen och ta bort det om det står där.",
    "Look in the channel and take it down if it stands there.",
)
_LETTER_RECALLED = Text(
    "beskedet är tillbakadraget. Ingen mer får det, och vi väntar på svar om det sista försöket. Sprid det inte. "
    "Svarar tjänsten inte om några minuter: säg till administratören.",
    "the message was recalled. Nobody else gets it, and we wait for the answer to the last attempt. "
    "Do not spread it. If nothing has changed in some minutes: tell the administrator.",
)
_CHANGE = Text(
    "ett tidigare inlägg ska ändras, men ändringen är inte bekräftad. Sprid inte det gamla inlägget.",
    "an earlier post is to be changed, but the change is not confirmed. Do not spread the old post.",
)
_CHANGING = Text(
    "Vi fortsätter försöka. Publicera inget nytt inlägg med den texten.",
    "We keep trying. Do not publish a new post with that text.",
)
_CHANGE_IT = Text(
    "Ändra inlägget för hand så att det är som texten här, och kvittera. Publicera inget nytt inlägg.",
    "Change the post by hand so that it reads as the text here, then acknowledge. Do not publish a new post.",
)
_PUBLISHED = Text(
    "beskedet är ute, men vi kunde inte kontrollera att det står där en enda gång och med rätt ord.",
    "the message is out, but we could not check that it stands there only once and with the right words.",
)
_ONE_TOO_MANY = Text(
    "Titta efter i kanalen. Står det två gånger: ta bort det ena. Publicera det inte igen.",
    "Look in the channel. If it stands there twice: take one down. Do not publish it again.",
)
_CAUSES: Mapping[Reason, Text] = {
    Reason.NETWORK: Text("Kanalen svarar inte.", "The channel does not answer."),
    Reason.SERVER: Text("Kanalen svarar med ett tekniskt fel.", "The channel answers with a technical fault."),
    Reason.RATE: Text(
        "Kanalen tar inte emot fler anrop just nu.", "The channel takes no more calls right now."
    ),
    Reason.TOKEN: Text(
        "Kanalen godtar inte vår nyckel längre. Be administratören byta den.",
        "The channel no longer accepts our key. Ask the administrator to replace it.",
    ),
    Reason.PERMISSION: Text(
        "Kanalen säger att vi inte får göra detta. Be administratören se över behörigheten.",
        "The channel says we may not do this. Ask the administrator to review the permissions.",
    ),
    Reason.BLOCKED: Text(
        "Kanalen har spärrat vårt konto för en tid.", "The channel has blocked our account for a time."
    ),
    Reason.CONTENT: Text("Kanalen tog inte emot ändringen.", "The channel did not take the change."),
    Reason.OTHER_WORDS: Text(
        "Kanalen visar en annan text än vår. Någon kan ha ändrat den för hand.",
        "The channel shows another text than ours. Somebody may have changed it by hand.",
    ),
    Reason.FORGED: Text(
        "Det som står i databasen stämmer inte med det som godkänts. Ring administratören.",
        "What stands in the database does not agree with what was approved. Call the administrator.",
    ),
    Reason.LATE: Text("Tiden för det har gått ut.", "The time for it has run out."),
    Reason.WORKERS_DIED: Text(
        "Tjänsten avbröts tre gånger i rad. Säg till administratören.",
        "The service was interrupted three times in a row. Tell the administrator.",
    ),
}
