"""Times are absolute, local, and right in the nights the clock changes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster import moments

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def test_a_time_is_said_with_its_day_in_both_languages() -> None:
    """Nothing goes stale when a post is shared the day after."""
    moment = datetime(2026, 3, 14, 1, 10, tzinfo=UTC)
    assert moments.said(moment, STOCKHOLM, "sv") == "lördag 14 mars kl. 02.10"
    assert moments.said(moment, STOCKHOLM, "en") == "Saturday 14 March at 02.10"
    assert moments.said(moment, STOCKHOLM, "sv-x-lattlast", year=True) == "lördag 14 mars 2026 kl. 02.10"


def test_another_language_gets_a_date_nobody_can_misread() -> None:
    """We have no names of days in it, and say so by not guessing."""
    assert moments.said(datetime(2026, 3, 14, 1, 10, tzinfo=UTC), STOCKHOLM, "ti") == "2026-03-14 02:10"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ar", "السبت 14 مارس 2026، الساعة 02:10"),
        ("so", "Sabti 14 Maarso 2026, saacadda 02.10"),
        ("fi", "lauantaina 14. maaliskuuta 2026 klo 02.10"),
        ("sv-x-lattlast", "lördag 14 mars 2026 kl. 02.10"),
    ],
)
def test_those_who_read_another_language_read_times_in_it(language: str, said: str) -> None:
    moment = datetime(2026, 3, 14, 1, 10, tzinfo=UTC)
    assert moments.said(moment, STOCKHOLM, language, year=True) == said
    assert len(moments.longest(language)) >= len(said) - len(" 2026")


@pytest.mark.parametrize(
    ("hour", "minute", "spoken"),
    [
        (2, 10, "två och tio"),
        (6, 0, "sex"),
        (14, 5, "fjorton noll fem"),
        (0, 0, "noll noll noll"),
        (23, 57, "tjugotre och femtiosju"),
    ],
)
def test_a_voice_says_the_clock_in_words(hour: int, minute: int, spoken: str) -> None:
    """A voice that reads 02.10 says a decimal number."""
    local = datetime(2026, 3, 14, hour, minute, tzinfo=STOCKHOLM)
    assert moments.said(local, STOCKHOLM, "sv", spoken=True) == f"lördag den 14 mars, klockan {spoken}"


def test_an_english_voice_uses_twelve_hours() -> None:
    """Half past midnight and noon included."""
    noon, midnight = datetime(2026, 3, 14, 12, 5, tzinfo=STOCKHOLM), datetime(2026, 3, 14, 0, 30, tzinfo=STOCKHOLM)
    assert moments.said(noon, STOCKHOLM, "en", spoken=True) == "Saturday 14 March at 12:05 p.m."
    assert moments.said(midnight, STOCKHOLM, "en", spoken=True) == "Saturday 14 March at 12:30 a.m."


def test_the_hour_that_comes_twice_says_which_one() -> None:
    """25 October 2026: 02.30 comes in summer time and again in winter time."""
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert moments.said(first, STOCKHOLM, "sv") == "söndag 25 oktober kl. 02.30 (sommartid)"
    assert moments.said(second, STOCKHOLM, "sv") == "söndag 25 oktober kl. 02.30 (normaltid)"
    assert moments.said(second, STOCKHOLM, "en") == "Sunday 25 October at 02.30 (winter time)"


def test_the_hour_that_never_comes_is_no_time() -> None:
    """29 March 2026: the clock goes from 02.00 to 03.00."""
    assert moments.canonical("2026-03-29T02:30", STOCKHOLM) is None
    assert moments.canonical("2026-03-29T03:30", STOCKHOLM) == "2026-03-29T03:30"


@pytest.mark.parametrize(
    ("raw", "written"),
    [
        ("2026-03-14T02:10", "2026-03-14T02:10"),
        ("2026-03-14 02:10:59", "2026-03-14T02:10"),
        ("2026-03-14T01:10Z", "2026-03-14T02:10"),
        ("2026-03-14T02:10+01:00", "2026-03-14T02:10"),
        ("2026-10-25T02:30", "2026-10-25T02:30"),
        ("2026-10-25T00:30Z", "2026-10-25T02:30+02:00"),
        ("2026-10-25T01:30Z", "2026-10-25T02:30+01:00"),
    ],
)
def test_every_way_to_write_a_moment_becomes_one(raw: str, written: str) -> None:
    """So equal messages have equal digests; the offset stays only where it means something."""
    assert moments.canonical(raw, STOCKHOLM) == written
    assert moments.canonical(written, STOCKHOLM) == written


@pytest.mark.parametrize(
    "raw", ["", "nu", "2026-03-14", "02:10", "2026-02-30T10:00", "2026-03-14T25:00", "1999-01-01T00:00"]
)
def test_what_is_no_moment_is_refused(raw: str) -> None:
    """Neither half a time nor one that cannot be meant."""
    assert moments.canonical(raw, STOCKHOLM) is None


@settings(deadline=None)
@given(st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1)), st.integers(15, 1440))  # noqa: DTZ001
def test_the_promise_is_a_whole_quarter_and_never_sooner(at: datetime, minutes: int) -> None:
    """Rounded up, by less than a quarter of an hour."""
    moment = at.replace(tzinfo=UTC)
    due = moments.next_quarter(moment, minutes)
    late = due - (moment + timedelta(minutes=minutes))
    assert due.timestamp() % 900 == 0
    assert timedelta(0) <= late < timedelta(minutes=15)


@settings(deadline=None)
@given(st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1)), st.sampled_from(["sv", "en", "fi"]), st.booleans())  # noqa: DTZ001
def test_no_time_is_longer_than_the_room_kept_for_it(at: datetime, language: str, spoken: bool) -> None:
    """What the proof of lengths counts on."""
    said = moments.said(at.replace(tzinfo=UTC), STOCKHOLM, language, spoken=spoken, year=True)
    assert len(said) <= len(moments.longest(language, spoken=spoken, year=True))


def test_a_promise_is_what_somebody_chose_unless_it_has_passed_when_the_words_go_out() -> None:
    at = datetime(2026, 3, 14, 1, 40, tzinfo=UTC)
    morning = datetime(2026, 3, 14, 5, tzinfo=UTC)
    assert moments.promised(at, 60, morning) == morning
    assert moments.promised(morning, 60, morning) == moments.next_quarter(morning, 60)
    assert moments.promised(at, 60, None) == datetime(2026, 3, 14, 2, 45, tzinfo=UTC)
