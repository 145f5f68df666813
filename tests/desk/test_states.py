"""The words of every state, with the clock, as people at the board read them."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from broadcaster.desk.headline import Tally
from broadcaster.desk.states import Standing, message_look, timed

ZONE = ZoneInfo("Europe/Stockholm")
AT, NEXT, SEEN = (datetime(2026, 3, 14, 1, minute, 59, tzinfo=UTC) for minute in (41, 43, 44))

SAID: list[tuple[str, dict[str, Any], str, str]] = [
    ("owed", {}, "Väntar på att skickas", "Waits to be sent"),
    ("sending", {}, "Skickas nu", "Being sent"),
    ("retrying", {"next_at": NEXT}, "Inte ute än. Nytt försök kl. 02.43", "Not out yet. Next attempt at 02:43"),
    (
        "uncertain", {"next_at": NEXT}, "Oklart om det är ute. Vi kontrollerar. Publicera inte själv än.",
        "Uncertain whether it is out. We are checking. Do not publish it yourself yet.",
    ),
    ("published", {"at": AT}, "Publicerat kl. 02.41", "Published at 02:41"),
    (
        "published", {"at": AT.isoformat(), "by_hand": True}, "Publicerat kl. 02.41 (för hand)",
        "Published at 02:41 (by hand)",
    ),
    (
        "published", {"at": AT, "by_hand": True, "seen_at": SEEN},
        "Publicerat kl. 02.41 (för hand, sett utifrån kl. 02.44)",
        "Published at 02:41 (by hand, seen from outside at 02:44)",
    ),
    ("needs_person", {}, "Du behöver göra detta:", "You need to do this:"),
    ("failed", {"at": AT}, "Inte publicerat", "Not published"),
    (
        "skipped", {"phase": "all_clear"}, "Behövs inte här: det som gällde förut kom aldrig ut här",
        "Not needed here: what was said before never came out here",
    ),
    (
        "skipped", {"letter": True}, "Behövs inte här: ingen på listan vill ha det på det här språket",
        "Not needed here: nobody on the list wants it in this language",
    ),
    ("affected", {}, "Kanalen är drabbad av händelsen", "The channel is struck by the event"),
    ("superseded", {}, "Skickas inte, ersatt av nyare text", "Not sent, replaced by newer words"),
    ("superseded", {"recalled": True}, "Skickas inte, tillbakadraget", "Not sent, recalled"),
    ("superseded", {"has_receipt": True}, "Ersatt av nyare text", "Replaced by newer words"),
    ("withdrawn", {"intent": "withdraw", "at": AT}, "Borttaget kl. 02.41", "Taken down at 02:41"),
    ("expired", {}, "Skickas inte, för sent", "Not sent, too late"),
    ("sending", {"intent": "update", "has_receipt": True}, "Ute, ändras nu", "Out, being changed"),
    ("owed", {"intent": "withdraw"}, "Ska tas bort", "To be taken down"),
    (
        "published", {"letter": True, "at": AT}, "Skickat till alla, vi ser inte om det kom fram",
        "Sent to all, we cannot see if it arrived",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("state", "more", "swedish", "english"), SAID)
def test_a_state_is_said_in_words_with_its_time(state: str, more: dict[str, Any], swedish: str, english: str) -> None:
    words = timed(Standing(**{"state": state, "intent": "publish", "phase": "first", **more}), ZONE).words
    assert (words.sv, words.en) == (swedish, english)


def test_a_message_says_how_many_channels_have_it_whose_yes_it_waits_for_and_why_it_was_refused() -> None:
    none = Tally(0, 5)
    assert message_look("partly_published", Tally(3, 5)).words.sv == "Ute i 3 av 5"
    assert message_look("awaiting_approval", none, maker="anna").words.sv == "Väntar på ja från någon annan än anna"
    assert message_look("rejected", none, reason="Fel ort.").words.sv == "Nekad: Fel ort."
    states = ("sending", "published", "failed", "superseded", "recalled")
    said = [message_look(state, none).words.sv for state in states]
    assert said == ["Skickas", "Ute i alla kanaler", "Inte ute någonstans", "Ersatt", "Borttagen"]
