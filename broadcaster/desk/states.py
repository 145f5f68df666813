"""
Where one delivery or message stands, in the words of the board, with the clock: `Publicerat kl. 02.41`.

`vocabulary` has the words that stay the same; here they get their times, and why something is not needed.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from broadcaster.desk.headline import Tally
from broadcaster.desk.vocabulary import Look, look_of_delivery, look_of_message
from broadcaster.errors import Text

_RECALLED = Text("Skickas inte, tillbakadraget", "Not sent, recalled")
_NO_TEXT = Text("", "")
_ENDING = frozenset({"all_clear", "false_alarm"})
_NEVER_OUT = Text("det som gällde förut kom aldrig ut här", "what was said before never came out here")
_NO_READER = Text("ingen på listan vill ha det på det här språket", "nobody on the list wants it in this language")
_NOTHING_DUE = Text("inget ska ut här", "nothing is due here")


@dataclass(frozen=True)
class Standing:
    """What is known of a delivery. Times are None where nothing is known."""

    state: str
    intent: str
    phase: str
    letter: bool = False
    has_receipt: bool = False
    by_hand: bool = False
    recalled: bool = False  #: its message was taken back
    at: datetime | str | None = None  #: when it came to this
    next_at: datetime | str | None = None  #: when a machine tries again
    seen_at: datetime | str | None = None  #: when a citizen saw the very words at the address


def clock_of(at: datetime | str, zone: ZoneInfo) -> Text:
    """Return the time of day in local time: `kl. 02.41`, `at 02:41`."""
    moment = (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(zone)
    return Text(f"kl. {moment:%H.%M}", f"at {moment:%H:%M}")


def timed(standing: Standing, zone: ZoneInfo) -> Look:
    """Return how a delivery is shown, with its times."""
    look = look_of_delivery(
        standing.state, standing.intent, letter=standing.letter, has_receipt=standing.has_receipt
    )
    if standing.recalled and standing.state == "superseded":
        return replace(look, sign="✕", words=_RECALLED)
    return replace(look, words=_joined(look.words, _more(standing, zone)))


def message_look(state: str, got: Tally, *, maker: str = "", reason: str = "", never_left: bool = False) -> Look:
    """Return how a message is shown: with how many channels have it, whose yes it waits for, why it was refused.

    `never_left`: it was stopped before anything of it was anywhere, so nothing had to be removed.
    """
    look = look_of_message(state)
    if never_left:
        return replace(look, words=Text("Stoppad innan den gick ut", "Stopped before it went out"))
    if state == "partly_published" and got.out:
        return replace(look, words=Text(f"Ute i {got.out} av {got.total}", f"Out in {got.out} of {got.total}"))
    if state == "awaiting_approval" and maker:
        sv, en = f"Väntar på ja från någon annan än {maker}", f"Waits for a yes from somebody other than {maker}"
        return replace(look, words=Text(sv, en))
    if state == "rejected" and reason:
        return replace(look, words=Text(f"Nekad: {reason}", f"Refused: {reason}"))
    return look


def _more(of: Standing, zone: ZoneInfo) -> Text:
    """Return what follows the unchanging words."""
    if of.state == "skipped":
        return Text(f": {_why(of).sv}", f": {_why(of).en}")
    if of.state == "retrying" and of.next_at:
        at = clock_of(of.next_at, zone)
        return Text(f". Nytt försök {at.sv}", f". Next attempt {at.en}")
    if of.state in ("published", "withdrawn") and of.at and not of.letter:
        at, how = clock_of(of.at, zone), _how(of, zone)
        return Text(f" {at.sv}{how.sv}", f" {at.en}{how.en}")
    return _NO_TEXT


def _how(of: Standing, zone: ZoneInfo) -> Text:
    said = [Text("för hand", "by hand")] if of.by_hand else []
    if of.seen_at and of.state == "published":
        at = clock_of(of.seen_at, zone)
        said.append(Text(f"sett utifrån {at.sv}", f"seen from outside {at.en}"))
    if not said:
        return _NO_TEXT
    return Text(f" ({', '.join(one.sv for one in said)})", f" ({', '.join(one.en for one in said)})")


def _why(of: Standing) -> Text:
    if of.phase in _ENDING:
        return _NEVER_OUT
    return _NO_READER if of.letter else _NOTHING_DUE


def _joined(first: Text, then: Text) -> Text:
    return Text(f"{first.sv}{then.sv}", f"{first.en}{then.en}")
