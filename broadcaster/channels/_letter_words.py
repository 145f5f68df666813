"""What a person reads about a letter: how many have it, who has not, why, and what to do about them."""

from collections.abc import Mapping, Sequence
from typing import Any

from broadcaster.channels import Reason
from broadcaster.errors import Text

#: So many are named in an alarm, which also goes by SMS; the board names all.
_NAMED_MAX = 3


def letter_words(reason: Reason, letter: Mapping[str, Any]) -> Text:
    """Return the words for a letter with this tally (`broadcaster.letters.tally`), without the channel's name."""
    accepted, total = letter["accepted"], letter["total"]
    if reason is Reason.PERSON:
        return Text(
            f"det som är skickat går inte att ta tillbaka. {accepted} av {total} har fått det, och ingen mer får det. "
            "Är det fel: skicka en rättelse, eller hör av dig till dem. Kvittera här när det är gjort.",
            f"what has been sent cannot be taken back. {accepted} of {total} have it, and nobody else gets it. "
            "If it is wrong: send a correction, or contact them. Acknowledge here when that is done.",
        )
    missed, unsure = letter["missed"], letter["unsure"]
    if not missed and not unsure:
        why = _WAITS.get(reason, _WAITS[Reason.NETWORK])
        return Text(
            f"skickat till {accepted} av {total}. {why.sv} Vi försöker igen med dem som är kvar.",
            f"sent to {accepted} of {total}. {why.en} We try again with those who are left.",
        )
    why = _WHYS.get(reason, _WHYS[Reason.NETWORK])
    of_missed = not unsure or (missed and reason not in _LOST)
    sv, en = [f"skickat till {accepted} av {total}."], [f"sent to {accepted} of {total}."]
    if missed:
        sv.append(f"Har inte fått det: {_named(missed, 'till')}.")
        en.append(f"Do not have it: {_named(missed, 'more')}.")
    if of_missed:
        sv.append(why.sv)
        en.append(why.en)
    if unsure:
        because = Text("", "") if of_missed else Text(f" {why.sv}", f" {why.en}")
        sv.append(f"Oklart om de har fått det: {_named(unsure, 'till')}.{because.sv} Vi skickar inte till dem igen.")
        en.append(
            f"Uncertain whether they have it: {_named(unsure, 'more')}.{because.en} We do not send to them again."
        )
    sv.append("Hör av dig till dem på annat sätt, och kvittera här.")
    en.append("Contact them in another way, then acknowledge here.")
    return Text(" ".join(sv), " ".join(en))


def _named(names: Sequence[str], more: str) -> str:
    shown, rest = names[:_NAMED_MAX], len(names) - _NAMED_MAX
    return ", ".join(shown) + (f" (+ {rest} {more})" if rest > 0 else "")


#: Reasons that leave somebody in doubt; all others are why somebody certainly does not have it.
_LOST = frozenset({Reason.NETWORK, Reason.SERVER})
_WAITS: Mapping[Reason, Text] = {
    Reason.NETWORK: Text("Servern svarar inte.", "The server does not answer."),
    Reason.SERVER: Text("Servern tar inte emot något just nu.", "The server takes nothing right now."),
    Reason.RATE: Text("Servern tar inte emot fler just nu.", "The server takes no more right now."),
}
_WHYS: Mapping[Reason, Text] = {
    Reason.NETWORK: Text("Servern svarade inte.", "The server did not answer."),
    Reason.SERVER: Text("Servern svarade med ett tekniskt fel.", "The server answered with a technical fault."),
    Reason.GONE: Text(
        "Adressen eller numret finns inte. Be administratören rätta listan.",
        "There is no such address or number. Ask the administrator to correct the list.",
    ),
    Reason.CONTENT: Text(
        "Texten går inte att skicka här. Säg till administratören.",
        "The text cannot be sent here. Tell the administrator.",
    ),
    Reason.TOKEN: Text(
        "Servern godtar inte vår inloggning. Be administratören rätta den, och försök sedan igen.",
        "The server does not accept our sign-in. Ask the administrator to mend it, then try again.",
    ),
    Reason.PERMISSION: Text(
        "Servern säger att vi inte får skicka så här. Be administratören se över kontot, och försök sedan igen.",
        "The server says we may not send like this. Ask the administrator to review the account, then try again.",
    ),
    Reason.LATE: Text("Beskedets tid gick ut innan det kom iväg.", "The message ran out of time before it was sent."),
    Reason.WORKERS_DIED: Text(
        "Tjänsten avbröts tre gånger i rad. Säg till administratören.",
        "The service was interrupted three times in a row. Tell the administrator.",
    ),
}
