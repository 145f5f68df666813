"""Times, targets met and slips, from facts alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from broadcaster.errors import Text
from broadcaster.score import Drill, Facts, Reached, Said, in_words, score_of

START = datetime(2026, 3, 14, 1, 40, tzinfo=UTC)
TARGETS = Drill(decided_s=60, published_s=120, reached_s=180)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def facts(*said: Said, reached: tuple[Reached, ...] = ()) -> Facts:
    return Facts(
        ref="OVN-RE-2026-0001", mode="drill", playbook="telefoni-1177", title=Text("a", "a"), by="user:anna",
        opened_at=at(50), closed_at=None, beginning="begun", began_at=START, scenario=None, said=said, reached=reached,
    )  # fmt: skip


FIRST = Said("OVN-RE-2026-0001/1", "first", at(50), at(130))


def reached(channel: str, seconds: float | None, state: str = "published") -> Reached:
    return Reached(channel, "sv", None if seconds is None else at(seconds), False, state)


def test_the_press_and_the_letting_out_are_two_moments_where_somebody_had_to_say_yes() -> None:
    score = score_of(facts(FIRST), TARGETS)
    assert (score.mark("decided").seconds, score.mark("decided").met) == (50, True)
    assert (score.mark("published").seconds, score.mark("published").met) == (130, False)


def test_it_is_out_everywhere_only_when_the_last_channel_has_it_and_what_was_struck_is_not_waited_for() -> None:
    some = (reached("facebook", 140), reached("1177_phone", None, "affected"))
    assert score_of(facts(FIRST, reached=some), TARGETS).mark("everywhere").seconds == 140
    missing = (*some, reached("intranet", None, "needs_person"))
    assert score_of(facts(FIRST, reached=missing), TARGETS).mark("everywhere").seconds is None


def test_what_has_not_come_is_neither_met_nor_missed() -> None:
    waiting = replace(FIRST, accepted_at=None)
    mark = score_of(facts(waiting), TARGETS).mark("published")
    assert (mark.seconds, mark.met) == (None, None)


def test_counted_from_the_press_itself_nobody_knows_how_long_the_press_took() -> None:
    score = score_of(replace(facts(FIRST), beginning="press", began_at=at(50)), TARGETS)
    assert score.mark("decided").seconds is None
    assert score.mark("published").seconds == 80


def test_an_all_clear_that_nobody_said_yes_to_ends_nothing() -> None:
    waiting = Said("OVN-RE-2026-0001/2", "all_clear", at(300), None)
    assert score_of(facts(FIRST, waiting), TARGETS).mark("over").seconds is None
    said = replace(waiting, accepted_at=at(320))
    assert score_of(facts(FIRST, said), TARGETS).mark("over").seconds == 320


def test_every_kind_of_slip_is_counted_and_what_the_scenario_asked_for_is_none() -> None:
    wrong = Said("m/2", "correction", at(200), at(200))
    again = Said("m/3", "correction", at(210), at(210), recalled_at=at(220))
    no = Said("m/4", "update", at(230), None, rejected_at=at(240))
    over = Said("m/5", "false_alarm", at(250), at(250))
    found = replace(facts(FIRST, wrong, again, no, over), refused=2, wrong_codes=1)
    slips = {slip.key: slip.count for slip in score_of(found, TARGETS, ("correction", "false_alarm")).slips}
    expected = {"refused": 2, "rejected": 1, "wrong_codes": 1, "corrections": 1, "false_alarms": 0, "recalls": 1}
    assert slips == expected
    assert score_of(found, TARGETS).slipped == 8  # nothing was asked for: the first correction and the ending count too


@pytest.mark.parametrize(
    ("seconds", "sv", "en"),
    [
        (0, "0 s", "0 s"),
        (59.6, "1 min", "1 min"),
        (134, "2 min 14 s", "2 min 14 s"),
        (3600, "1 tim", "1 h"),
        (11100, "3 tim 5 min", "3 h 5 min"),
        (200_000, "2 dygn 7 tim", "2 days 7 h"),
    ],
)
def test_times_are_said_as_people_say_them(seconds: float, sv: str, en: str) -> None:
    assert in_words(seconds) == Text(sv, en)


@pytest.mark.parametrize("wrong", [{"decided_s": 0}, {"reached_s": -1}, {"published_s": "snabbt"}, {"fort": 3}])
def test_a_target_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Drill.model_validate(wrong)
