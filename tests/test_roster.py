"""The duty roster: whose turn it is at any hour of a week, and that there is no hour when nobody is told."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from broadcaster.roster import Roster, Step, hours, week_minute
from broadcaster.roster_check import problems
from broadcaster.settings import Alarm

STOCKHOLM = ZoneInfo("Europe/Stockholm")
#: A Saturday, 02.40 in Karlstad.
NIGHT = datetime(2026, 3, 14, 1, 40, tzinfo=UTC)
PEOPLE = [
    {"name": "Anna", "phone": "+46 70 000 00 01", "email": "anna@region.example"},
    {"name": "Bo", "phone": "+46700000002"},
    {"name": "TiB", "phone": "+46700000003", "email": "tib@region.example"},
]
SET_UP = {"people": PEOPLE, "sms": "RVKris", "smtp": "smtp://mail.example", "sender": "kris@region.example"}
STEPS = [{"tell": ["Anna"]}, {"tell": ["Bo"], "wait_s": 240}, {"tell": ["*"]}]


def roster(folder: Path = Path(), **alarm: Any) -> Roster:
    settings = Alarm.model_validate({**SET_UP, **alarm})
    return Roster(settings, zone=STOCKHOLM, folder=folder, organisation="Region Exempel")


def names(found: Roster, after: int, now: datetime = NIGHT) -> list[str]:
    return [person.name for person in found.turn(after, now).people]


def said(found: Roster, language: str = "en", now: datetime = NIGHT) -> str:
    return "\n".join(one.in_(language) for one in problems(found, now))


class TestWhoseTurn:
    def test_one_after_the_other_then_everybody_again_and_again(self) -> None:
        found = roster(steps=STEPS)
        assert [names(found, after) for after in range(4)] == [
            ["Anna"],
            ["Bo"],
            ["Anna", "Bo", "TiB"],
            ["Anna", "Bo", "TiB"],
        ]
        assert [found.turn(after, NIGHT).wait_s for after in range(4)] == [180, 240, 300, 300]
        assert [found.turn(after, NIGHT).last for after in range(4)] == [False, False, True, True]

    def test_without_steps_it_is_everybody_at_once(self) -> None:
        assert names(roster(), 0) == ["Anna", "Bo", "TiB"]
        assert roster().turn(0, NIGHT).last

    def test_it_is_in_force_only_where_somebody_asked_for_it(self) -> None:
        assert roster().in_force and roster(steps=STEPS, sms=None).in_force
        assert not roster(sms=None).in_force

    def test_a_step_outside_its_hours_is_passed_over(self) -> None:
        found = roster(steps=[{"tell": ["Anna"], "hours": ["mon-fri 08:00-17:00"]}, {"tell": ["Bo"]}])
        assert names(found, 0) == ["Bo"]
        assert names(found, 0, datetime(2026, 3, 13, 8, 0, tzinfo=UTC)) == ["Anna"]

    def test_a_name_that_is_nobodys_never_silences_an_alarm(self) -> None:
        assert names(roster(steps=[{"tell": ["Annna"]}]), 0) == ["Anna", "Bo", "TiB"]
        assert names(roster(steps=[{"tell": ["Annna"]}, {"tell": ["Bo"]}]), 0) == ["Bo"]

    def test_a_step_nobody_can_be_reached_by_is_passed_over(self) -> None:
        found = roster(steps=[{"tell": ["Bo"], "by": ["email"]}, {"tell": ["TiB"]}])
        assert names(found, 0) == ["TiB"]

    def test_a_person_is_told_in_every_way_they_have(self) -> None:
        found = roster(steps=[{"tell": ["*"]}], webhook="https://hook.example")
        told = [(person.name if person else None, way) for person, way in found.whom(found.turn(0, NIGHT))]
        assert told == [
            ("Anna", "sms"),
            ("Anna", "email"),
            ("Bo", "sms"),
            ("TiB", "sms"),
            ("TiB", "email"),
            (None, "webhook"),
        ]

    def test_a_number_finds_its_person_however_it_is_written(self) -> None:
        anna = roster().by_phone("+46700000001")
        assert anna is not None and anna.name == "Anna"
        assert roster().by_phone("+46709999999") is None
        assert roster().by_phone("") is None


class TestHours:
    @pytest.mark.parametrize(
        ("text", "inside", "outside"),
        [
            ("mon-fri 08:00-17:00", ["2026-03-09 08:00", "2026-03-13 16:59"], ["2026-03-13 17:00", "2026-03-14 09:00"]),
            ("mån-fre 08.00-17.00", ["2026-03-09 08:00"], ["2026-03-14 09:00"]),
            ("fri-mon 20:00-06:00", ["2026-03-13 20:00", "2026-03-17 05:59"], ["2026-03-17 06:00", "2026-03-12 21:00"]),
            ("22:00-06:00", ["2026-03-14 02:40", "2026-03-14 23:00"], ["2026-03-14 12:00"]),
            ("sön 00:00-24:00", ["2026-03-15 00:00", "2026-03-15 23:59"], ["2026-03-16 00:00"]),
            ("sun 18:00-08:00", ["2026-03-16 07:59"], ["2026-03-15 07:59"]),
        ],
    )
    def test_a_part_of_the_week_holds_when_a_person_would_say_so(
        self, text: str, inside: list[str], outside: list[str]
    ) -> None:
        for moment in inside:
            assert hours(text).hold(datetime.fromisoformat(moment)), moment
        for moment in outside:
            assert not hours(text).hold(datetime.fromisoformat(moment)), moment

    @pytest.mark.parametrize(
        "text", ["", "alltid", "mon-xyz 08:00-17:00", "08:00", "25:00-26:00", "08:00-24:30", "8-17"]
    )
    def test_nonsense_does_not_start(self, text: str) -> None:
        with pytest.raises(ValidationError, match="hours"):
            Step.model_validate({"tell": ["Anna"], "hours": [text]})

    @pytest.mark.parametrize("text", ["mon", "10:00", "mon 24:00", "xyz 10:00", "mon 10"])
    def test_the_weekly_test_needs_a_day_and_a_time(self, text: str) -> None:
        with pytest.raises(ValueError, match="mon 10:00"):
            week_minute(text)

    @given(st.integers(0, 10_079), st.integers(1, 1440))
    def test_a_week_with_hours_and_their_opposite_has_no_hole(self, begins: int, lasts: int) -> None:
        """Whatever the hour, somebody's step holds: first the hours, then the rest of the day."""
        clock = begins % 1440
        ends = (clock + lasts) % 1440
        first = f"{clock // 60:02}:{clock % 60:02}-{ends // 60:02}:{ends % 60:02}"
        second = f"{ends // 60:02}:{ends % 60:02}-{clock // 60:02}:{clock % 60:02}"
        found = roster(steps=[{"tell": ["Anna"], "hours": [first]}, {"tell": ["Bo"], "hours": [second]}])
        assert "Nobody is on duty" not in said(found)
        assert names(found, 0, NIGHT + timedelta(minutes=begins)) in (["Anna"], ["Bo"])


class TestRota:
    STEPS = ({"tell": ["KiB"]}, {"tell": ["*"]})

    def write(self, folder: Path, text: str) -> Roster:
        (folder / "rota.toml").write_text(text, "utf-8")
        return roster(folder, steps=self.STEPS, rota="rota.toml")

    def test_whoever_took_over_last_has_the_duty(self, tmp_path: Path) -> None:
        found = self.write(tmp_path, '[KiB]\n"2026-03-09 08:00" = "Anna"\n"2026-03-16 08:00" = ["Bo", "TiB"]\n')
        assert names(found, 0) == ["Anna"]
        before, after = datetime(2026, 3, 16, 6, 59, tzinfo=UTC), datetime(2026, 3, 16, 7, 0, tzinfo=UTC)
        assert (names(found, 0, before), names(found, 0, after)) == (["Anna"], ["Bo", "TiB"])

    def test_a_swap_counts_from_the_next_alarm_without_a_restart(self, tmp_path: Path) -> None:
        found = self.write(tmp_path, '[KiB]\n"2026-03-09 08:00" = "Anna"\n')
        assert names(found, 0) == ["Anna"]
        self.write(tmp_path, '[KiB]\n"2026-03-09 08:00" = "Bo"\n')
        assert names(found, 0) == ["Bo"]

    @pytest.mark.parametrize(
        ("text", "sv", "en"),
        [
            ("[KiB", "(filen är inte giltig TOML", "(the file is not valid TOML"),
            ("[KiB]\nx y", "giltig TOML på rad 2, tecken 3)", "(the file is not valid TOML in line 2, column 3)"),
            ('[KiB]\n"i morgon" = "Anna"', "('i morgon' är ingen tid som", "('i morgon' is no time like"),
            ('[KiB]\n"2026-03-09 08:00" = 7', "skriv ett namn eller en lista", "write a name, or a list of names"),
            ("KiB = 7", "(filen är inte skriven som ett jourschema)", "(the file is not written as a rota)"),
        ],
    )
    def test_a_rota_that_cannot_be_read_wakes_everybody_and_is_pointed_out(
        self, tmp_path: Path, text: str, sv: str, en: str
    ) -> None:
        found = self.write(tmp_path, text)
        assert names(found, 0) == ["Anna", "Bo", "TiB"]
        assert "går inte att läsa" in said(found, "sv") and sv in said(found, "sv")
        assert "cannot be read" in said(found) and en in said(found)

    def test_a_rota_that_is_gone_wakes_everybody_and_is_pointed_out(self, tmp_path: Path) -> None:
        found = roster(tmp_path, steps=self.STEPS, rota="rota.toml")
        assert names(found, 0) == ["Anna", "Bo", "TiB"]
        assert "rota.toml cannot be read (the file does not exist)" in said(found)
        assert "rota.toml går inte att läsa (filen finns inte)" in said(found, "sv")

    def test_a_duty_nobody_has_and_one_that_ends_and_a_stranger_in_it_are_pointed_out(self, tmp_path: Path) -> None:
        assert "Nobody has KiB right now" in said(self.write(tmp_path, '[KiB]\n"2026-03-16 08:00" = "Anna"\n'))
        ends = self.write(tmp_path, '[KiB]\n"2026-03-09 08:00" = "Anna"\n')
        assert "no handover after 2026-03-09 08:00" in said(ends)
        assert "names 'Ada'" in said(self.write(tmp_path, '[KiB]\n"2026-03-30 08:00" = "Ada"\n'))


class TestProblems:
    def test_a_good_roster_has_none(self) -> None:
        assert said(roster(steps=STEPS)) == ""
        assert said(roster(sms=None, smtp=None)) == ""  # no roster at all is no wrong one

    def test_everything_that_is_wrong_is_named_with_what_to_do(self) -> None:
        found = roster(
            people=[*PEOPLE, {"name": "Ebbe", "phone": "070-123 45 67"}],
            steps=[{"tell": ["Anna"], "hours": ["mon-fri 08:00-17:00"]}, {"tell": ["Anna"], "hours": ["17:00-08:00"]}],
        )
        words = said(found)
        assert "Nobody is on duty from sat 08:00" in words
        assert "Ingen har jour från lör kl. 08.00" in said(found, "sv")
        assert "'070-123 45 67' cannot be sent an SMS" in words
        assert "Ebbe cannot be reached" in words
        assert "Every step tells the same person" in words
        assert "tells 'Annna'" in said(roster(steps=[{"tell": ["Annna"]}, *STEPS]))
        assert "Mail wakes nobody" in said(roster(sms=None, steps=STEPS))

    @pytest.mark.parametrize("sender", ["Region Värmland", "RegionVarmland", "1177", "0701234567", ""])
    def test_a_sender_no_telephone_would_show_does_not_start(self, sender: str) -> None:
        with pytest.raises(ValidationError, match="11 letters"):
            roster(sms=sender)

    def test_an_address_of_46elks_that_is_not_https_does_not_start(self) -> None:
        with pytest.raises(ValidationError, match="https"):
            roster(sms_url="http://api.46elks.example")
