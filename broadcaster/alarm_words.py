"""
The words that wake somebody: an SMS of at most two parts, a mail, and the note of who took it.

The first words say what and where, because a locked phone shows no more. The SMS is Swedish and in the alphabet of
an SMS; what is too long is cut in the middle, never the way to answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from broadcaster import gsm7
from broadcaster.alarm import AUTHORITY, TEST
from broadcaster.errors import Text

#: Two parts: what fits a glance, and no more money than two SMS.
SEPTETS_MAX = 2 * gsm7.PART_OF_MANY
#: However long the address of the service is, so much is left for what is wrong.
MATTER_MIN = 60
#: The answer to an SMS that is neither yes nor no. One part, in the alphabet of an SMS.
NOT_TAKEN = (
    "KRISLARM: svaret gick inte att tolka och larmet är INTE taget. "
    "Svara JA och koden i larmet (som JA 4821), eller NEJ. Eller tryck på länken i larmet."
)


@dataclass(frozen=True)
class Matter:
    """What an alarm is about. `more` counts other alarms of the same incident that are told with it."""

    kind: str
    text: Text
    ref: str | None
    drill: bool
    more: int
    organisation: str
    board_url: str

    @property
    def headline(self) -> Text:
        """What it is and where, as the first words of everything."""
        if self.kind == TEST:
            return Text(f"PROV av krislarmet, {self.organisation}", f"TEST of the crisis alarm, {self.organisation}")
        if self.kind == AUTHORITY:
            return Text(f"Ändrad behörighet, {self.organisation}", f"Change of authority, {self.organisation}")
        where = self.ref or "tjänsten"
        if self.drill:
            return Text(f"ÖVNING KRISLARM {where}", f"EXERCISE CRISIS ALARM {self.ref or 'the service'}")
        return Text(f"KRISLARM {where}", f"CRISIS ALARM {self.ref or 'the service'}")

    @property
    def body(self) -> Text:
        """What is wrong, the reference left out where the headline has it, and how much more there is."""
        start = f"{self.ref}, "
        sv, en = (words.removeprefix(start) for words in (self.text.sv, self.text.en))
        if not self.more:
            return Text(sv, en)
        return Text(f"{sv} (och {self.more} till)", f"{en} (and {self.more} more)")


def matter_of(row: Mapping[str, Any], more: int, organisation: str, board_url: str) -> Matter:
    """Return the matter of an alarm's row, which also has its incident's `ref` and `mode`."""
    text = Text(row["text"]["sv"], row["text"]["en"])
    return Matter(row["kind"], text, row["ref"], row["mode"] == "drill", more, organisation, board_url)


def sms(matter: Matter, link: str, code: str | None) -> str:
    """Return the SMS. `code` is None where it cannot be answered by SMS."""
    by_sms = f" eller svara JA {code}" if code else ""
    verb = {TEST: "Bekräfta", AUTHORITY: "Jag har läst"}.get(matter.kind, "Ta larmet")
    tail = gsm7.plain(f"\n{verb}: {link}{by_sms}")
    more = f" (+{matter.more} till)" if matter.more else ""
    head, room = f"{matter.headline.sv}{more}: ", SEPTETS_MAX - gsm7.septets(tail)
    body = matter.body.sv.removesuffix(f" (och {matter.more} till)")
    return gsm7.shortened(gsm7.plain(head + body), max(room, MATTER_MIN)) + tail


def mail(matter: Matter, link: str, times: int) -> tuple[str, str]:
    """Return subject and words of the mail, both in Swedish and in English."""
    again = f" (påminnelse/reminder {times - 1})" if times > 1 else ""
    board = f"{matter.board_url}/incidents/{matter.ref}" if matter.ref else matter.board_url
    words = (
        f"{matter.body.sv}\n\nJag tar det, svara här utan att logga in: {link}\nTavlan (kräver inloggning): {board}\n\n"
        f"{matter.body.en}\n\nI take it, answer here without signing in: {link}\nThe board (sign in): {board}\n"
    )
    return f"{matter.headline.sv} / {matter.headline.en}{again}", words


def taken(matter: Matter, name: str, clock: str) -> Text:
    """Return the note to those who were woken that `name` took it at `clock`."""
    return Text(
        f"{matter.headline.sv}: {name} tog larmet kl. {clock}. Du behöver inte göra något.",
        f"{matter.headline.en}: {name} took it at {clock}. There is nothing you need to do.",
    )


def taken_sms(matter: Matter, name: str, clock: str) -> str:
    """Return the same note as one SMS."""
    return gsm7.shortened(gsm7.plain(taken(matter, name, clock).sv), gsm7.ONE_PART)
