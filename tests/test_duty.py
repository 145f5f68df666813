"""Whoever watches knows, before anything fails, who would be told, until when, and who comes after them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.duty import AHEAD, duty, sentences
from broadcaster.roster import Roster
from broadcaster.settings import Alarm

STOCKHOLM = ZoneInfo("Europe/Stockholm")
#: A Saturday, 02.40 in Karlstad.
NIGHT = datetime(2026, 3, 14, 1, 40, tzinfo=UTC)
PEOPLE = [
    {"name": "Anna Ek", "phone": "+46 70 000 00 01", "email": "anna@region.example"},
    {"name": "Bo Lind", "phone": "+46700000002"},
    {"name": "TiB", "phone": "+46700000003", "email": "tib@region.example"},
]
SET_UP = {"people": PEOPLE, "sms": "RVKris", "smtp": "smtp://mail.example", "sender": "kris@region.example"}
ROTA = '[KiB]\n"2026-03-13 08:00" = "Anna Ek"\n"2026-03-14 06:00" = "Bo Lind"\n"2026-03-16 08:00" = "Anna Ek"\n'
STEPS = [{"tell": ["KiB"]}, {"tell": ["TiB"]}, {"tell": ["*"]}]
DAY = [{"tell": ["Anna Ek"], "hours": ["mon-fri 08:00-17:00"]}, {"tell": ["Bo Lind"]}]


def roster(folder: Path = Path(), **alarm: Any) -> Roster:
    settings = Alarm.model_validate({**SET_UP, **alarm})
    return Roster(settings, zone=STOCKHOLM, folder=folder, organisation="Region Exempel")


def with_rota(folder: Path, text: str = ROTA) -> Roster:
    (folder / "jour.toml").write_text(text, "utf-8")
    return roster(folder, steps=STEPS, rota="jour.toml")


def said(found: Roster, now: datetime = NIGHT, language: str = "sv") -> str:
    return " ".join(one.in_(language) for one in sentences(duty(found, now)))


class TestWhoIsOnDuty:
    def test_now_until_when_and_then_whom(self, tmp_path: Path) -> None:
        found = with_rota(tmp_path)
        assert said(found) == (
            "I beredskap nu: Anna Ek (till kl. 06.00). Därefter: Bo Lind. "
            "Om något går fel larmas Anna Ek först. Svarar ingen inom 3 minuter larmas TiB."
        )
        assert said(found, language="en") == (
            "On duty now: Anna Ek (until 06:00). After that: Bo Lind. "
            "If something fails, told first: Anna Ek. If nobody answers within 3 minutes, told next: TiB."
        )

    def test_a_change_on_another_day_says_the_day(self, tmp_path: Path) -> None:
        at_noon = NIGHT + timedelta(hours=10)
        assert "Bo Lind (till måndag 16 mars kl. 08.00). Därefter: Anna Ek." in said(with_rota(tmp_path), at_noon)

    def test_the_minute_of_the_handover_belongs_to_the_next_one(self, tmp_path: Path) -> None:
        six = datetime(2026, 3, 14, 5, 0, tzinfo=UTC)
        found = with_rota(tmp_path)
        assert duty(found, six - timedelta(seconds=1)).first == ("Anna Ek",)
        assert duty(found, six).first == ("Bo Lind",)

    def test_a_handover_to_the_same_person_is_no_change(self, tmp_path: Path) -> None:
        text = ROTA.replace('"2026-03-14 06:00" = "Bo Lind"', '"2026-03-14 06:00" = "Anna Ek"')
        assert "till" not in said(with_rota(tmp_path, text)).partition(".")[0]
        assert duty(with_rota(tmp_path, text), NIGHT).until is None

    def test_hours_of_a_step_turn_too(self) -> None:
        friday = datetime(2026, 3, 13, 15, 0, tzinfo=UTC)
        assert "I beredskap nu: Anna Ek (till kl. 17.00). Därefter: Bo Lind." in said(roster(steps=DAY), friday)
        assert "Bo Lind (till måndag 16 mars kl. 08.00). Därefter: Anna Ek." in said(roster(steps=DAY))

    def test_who_cannot_be_reached_is_not_named(self) -> None:
        steps = [{"tell": ["Bo Lind", "TiB"], "by": ["email"]}]
        assert said(roster(steps=steps)) == "I beredskap nu: TiB. Om något går fel larmas TiB först."

    def test_a_short_wait_is_one_minute_and_none_follows_the_last(self) -> None:
        steps = [{"tell": ["Anna Ek"], "wait_s": 45}, {"tell": ["Bo Lind", "TiB"]}]
        assert said(roster(steps=steps)).endswith("Svarar ingen inom 1 minut larmas Bo Lind och TiB.")


class TestWhereNobodyIsNamed:
    def test_without_a_roster_everybody_is_told(self) -> None:
        told = "Om något går fel larmas alla på en gång: Anna Ek, Bo Lind och TiB."
        assert said(roster()) == told
        assert said(roster(steps=[{"tell": ["*"]}])) == told

    def test_by_mail_alone_those_who_have_one(self) -> None:
        assert said(roster(sms=None)) == "Om något går fel larmas alla på en gång: Anna Ek och TiB."
        assert said(roster(sms=None, people=PEOPLE[:2])) == "Om något går fel larmas Anna Ek."
        assert said(roster(sms=None, people=PEOPLE[:2]), language="en") == "If something fails, told: Anna Ek."

    def test_so_many_that_nobody_reads_them_are_counted(self) -> None:
        people = [{"name": f"P{n}", "phone": f"+467000000{n}0"} for n in range(6)]
        assert said(roster(people=people)) == "Om något går fel larmas alla på en gång: 6 personer."

    def test_a_rota_that_cannot_be_read_never_names_the_wrong_one(self, tmp_path: Path) -> None:
        assert said(with_rota(tmp_path, "[KiB")).startswith("I beredskap nu: TiB.")

    def test_nobody_at_all_is_said_plainly(self) -> None:
        bare = {"people": [], "sms": None, "smtp": None, "sender": None}
        assert said(roster(**bare)).startswith("Ingen larmas om något går fel")
        assert said(roster(**bare), language="en").startswith("Nobody is told if something fails")
        hook = said(roster(**bare, webhook="https://hook.example"))
        assert hook.startswith("Ingen person går att larma nu.") and "larmsystemet" in hook

    def test_when_somebody_can_be_told_again_stands_there_too(self) -> None:
        hook = {"tell": ["*"], "by": ["webhook"]}
        steps = [{"tell": ["Anna Ek"], "hours": ["06:00-22:00"]}, hook]
        found = roster(steps=steps, webhook="https://hook.example")
        assert said(found).endswith("håll tavlan öppen. Från kl. 06.00: Anna Ek.")
        assert "(till kl. 22.00). Därefter: ingen som går att larma." in said(found, NIGHT + timedelta(hours=10))


@given(minutes=st.integers(0, 7 * 1440))
def test_the_page_never_names_another_than_the_alarm_would_wake(minutes: int) -> None:
    """At any minute of a week, until the change that is told; and at the change it is who was said to follow."""
    found, now = roster(steps=DAY), NIGHT + timedelta(minutes=minutes)
    told = duty(found, now)
    assert told.first == tuple(person.name for person in found.turn(0, now).people)
    assert told.until is not None and now < told.until <= now + AHEAD
    just_before = told.until - timedelta(seconds=1)
    assert told.first == tuple(person.name for person in found.turn(0, just_before).people)
    assert told.then == tuple(person.name for person in found.turn(0, told.until).people) != told.first
