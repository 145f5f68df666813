"""Who decided is picked, not typed, and the clock on the wall is the one that counts."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from service import settings_for

from broadcaster.desk.deciding import deciders, local_of, moment_of, watch_at
from broadcaster.settings import Settings

ZONE = ZoneInfo("Europe/Stockholm")
NIGHT = datetime(2026, 3, 14, 1, 40, tzinfo=UTC)
PEOPLE = [{"name": "Tina", "email": "t@region.example"}, {"name": "Tor", "email": "tor@region.example"}]


def on_watch(folder: Path) -> Settings:
    (folder / "rota.toml").write_text('[tib]\n"2026-03-14 00:00" = "Tor"\n', "utf-8")
    alarm = {
        "people": PEOPLE,
        "smtp": "smtp://mail.region.example:587",
        "sender": "kris@region.example",
        "rota": "rota.toml",
        "steps": [{"tell": ["tib"]}, {"tell": ["*"]}],
    }
    return settings_for(folder, "http://127.0.0.1:1", alarm=alarm)


def test_whoever_has_the_duty_now_is_offered_first(tmp_path: Path) -> None:
    assert deciders(on_watch(tmp_path), NIGHT) == ["Tor", "Tina"]


def test_without_a_roster_nobody_is_offered_and_nothing_breaks(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, "http://127.0.0.1:1")
    assert deciders(settings, NIGHT) == []
    assert watch_at(settings, NIGHT) == []


def test_who_is_told_first_when_the_next_message_is_due_is_known_beforehand(tmp_path: Path) -> None:
    assert watch_at(on_watch(tmp_path), NIGHT) == ["Tor"]


def test_a_moment_goes_into_the_field_and_comes_back_the_same() -> None:
    assert local_of(NIGHT.isoformat(), ZONE) == "2026-03-14T02:40"
    back = moment_of("2026-03-14T02:40", ZONE)
    assert back is not None
    assert datetime.fromisoformat(back) == NIGHT


def test_what_is_no_time_stays_as_it_was_written_and_is_no_moment() -> None:
    assert local_of("i natt", ZONE) == "i natt"
    assert moment_of("i natt", ZONE) is None
    assert moment_of("2026-03-29T02:30", ZONE) is None  # the hour that never was
