"""What a request comes to: channels, languages, words and a digest, proved to fit before anything is promised."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from service import PLAYBOOKS

from broadcaster.channels import limit_of
from broadcaster.composition import check_sayable, compose, compose_again
from broadcaster.errors import Invalid
from broadcaster.playbook import Playbooks, Stamp
from broadcaster.request import SendRequest

LOADED = Playbooks.load(PLAYBOOKS, organisation="Region Exempel", timezone="Europe/Stockholm")
WORDS = LOADED["telefoni-1177"]
CONFIGURED: dict[str, Any] = dict.fromkeys(("facebook", "own_web", "1177_notice", "p4"))
STAMP = Stamp("RE-2026-0031/1", datetime(2026, 3, 14, 1, 40, tzinfo=UTC), "https://kris.region.example/m/RE-2026-0031")


def asked(**more: Any) -> SendRequest:
    values = {"playbook": "telefoni-1177", "phase": "first", "mode": "live", **more}
    return SendRequest.model_validate(values)


def test_it_goes_to_every_channel_of_the_playbook_that_is_set_up_in_the_playbooks_order() -> None:
    found = compose(asked(), WORDS, CONFIGURED, None, [])
    assert found.channels == ("own_web", "facebook", "1177_notice")
    own_web = (("own_web", "sv"), ("own_web", "en"), ("own_web", "sv-x-lattlast"))
    assert found.plan == (*own_web, ("facebook", "sv"), ("1177_notice", "sv"))


def test_the_order_in_which_channels_are_asked_for_says_nothing() -> None:
    one = compose(asked(channels=["1177_notice", "own_web"]), WORDS, CONFIGURED, None, [])
    two = compose(asked(channels=["own_web", "1177_notice"]), WORDS, CONFIGURED, None, [])
    assert one.channels == two.channels == ("own_web", "1177_notice")
    assert one.digest == two.digest


def test_every_wrong_field_is_named_at_once_and_says_what_there_is() -> None:
    with pytest.raises(Invalid) as refusal:
        compose(
            asked(channels=["own_web", "p4", "intranet"], blanks={"nonsens": "x", "orsak": "aliens"}, sentence="Hej."),
            WORDS,
            CONFIGURED,
            None,
            ["brevduva"],
        )
    found = {fault.pointer: fault.message for fault in refusal.value.fields}
    assert set(found) == {
        "/channels/1", "/channels/2", "/blanks/nonsens", "/blanks/orsak", "/sentence", "/affected/0",
    }  # fmt: skip
    assert "own_web, facebook, 1177_notice" in found["/channels/1"].sv


def test_with_no_channel_set_up_an_administrator_is_asked_for() -> None:
    with pytest.raises(Invalid) as refusal:
        compose(asked(), WORDS, {"p4": None}, None, [])
    assert [fault.pointer for fault in refusal.value.fields] == ["/channels"]
    assert "administratör" in refusal.value.fields[0].message.sv


def test_what_was_stored_comes_to_the_same_again() -> None:
    for incident in (None, "RE-2026-0031"):
        found = compose(asked(blanks={"orsak": "strom"}), WORDS, CONFIGURED, incident, ["facebook"])
        again = compose_again(WORDS, found.fill, found.channels, incident)
        assert again == found
        assert again.open_words() == found.open_words()
        assert STAMP.mark in found.words("own_web", "sv", STAMP)
        assert STAMP.mark not in found.open_words()["own_web"]["sv"]


def test_the_playbooks_own_words_fit_and_too_long_ones_name_the_channel_the_length_and_the_limit() -> None:
    update = asked(phase="update", sentence="Felet gäller bara mobiltelefoner.")
    check_sayable(compose(update, WORDS, CONFIGURED, "RE-2026-0031", []), STAMP)
    fits = compose(update, WORDS, CONFIGURED, "RE-2026-0031", [])
    long = Stamp(STAMP.mark, STAMP.at, "https://kris.region.example/" + "x" * limit_of("facebook").characters)
    with pytest.raises(Invalid) as refusal:
        check_sayable(fits, long)
    said = refusal.value.fields
    assert {fault.pointer for fault in said} == {"/sentence"}
    assert any("Facebook" in fault.message.sv and "2000" in fault.message.sv for fault in said)


def test_drill_and_live_words_never_have_the_same_digest() -> None:
    live = compose(asked(), WORDS, CONFIGURED, None, [])
    drill = compose(asked(mode="drill"), WORDS, CONFIGURED, None, [])
    assert live.digest != drill.digest
    assert all(
        words.startswith("ÖVNING") for languages in drill.open_words().values() for words in languages.values()
    )
    assert (live.fill.mode, drill.fill.mode) == ("live", "drill")


MORNING = datetime(2026, 3, 14, 5, tzinfo=UTC)


def test_when_the_next_message_is_promised_is_part_of_what_was_read() -> None:
    own, chosen = (compose(asked(**more), WORDS, CONFIGURED, None, []) for more in ({}, {"next_update": MORNING}))
    assert own.digest != chosen.digest
    assert compose_again(WORDS, chosen.fill, chosen.channels, None).digest == chosen.digest
    stamp = Stamp(STAMP.mark, STAMP.at, STAMP.link, chosen.fill.next_update)
    assert "lördag 14 mars kl. 06.00" in chosen.words("facebook", "sv", stamp)
    assert "lördag 14 mars kl. 03.45" in own.words("facebook", "sv", STAMP)


def test_the_same_time_in_another_zone_is_the_same_message() -> None:
    local = MORNING.astimezone(ZoneInfo("Europe/Stockholm"))
    one, two = (compose(asked(next_update=at), WORDS, CONFIGURED, None, []) for at in (MORNING, local))
    assert one.digest == two.digest


@pytest.mark.parametrize("late", [STAMP.at, STAMP.at - timedelta(minutes=1), STAMP.at + timedelta(days=7, seconds=1)])
def test_nobody_promises_what_has_passed_or_what_nobody_remembers(late: datetime) -> None:
    found = compose(asked(next_update=late), WORDS, CONFIGURED, None, [])
    with pytest.raises(Invalid) as refusal:
        check_sayable(found, STAMP)
    assert [fault.pointer for fault in refusal.value.fields] == ["/next_update"]


@pytest.mark.parametrize("phase", ["all_clear", "false_alarm"])
def test_words_that_say_it_is_over_promise_no_next_message(phase: str) -> None:
    with pytest.raises(Invalid) as refusal:
        compose(asked(phase=phase, incident="RE-2026-0031", next_update=MORNING), WORDS, CONFIGURED, "RE-2026-0031", [])
    assert [fault.pointer for fault in refusal.value.fields] == ["/next_update"]
