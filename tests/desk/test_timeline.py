"""The picture of every attempt: each where it belongs in time, none hidden behind another."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from broadcaster.desk.timeline import APART, EDGE, Call, drawn

SINCE = datetime(2026, 3, 14, 1, 40, tzinfo=UTC)


def calls(*seconds: float, fact: str | None = "done") -> list[Call]:
    return [Call(SINCE + timedelta(seconds=second), fact) for second in seconds]


def test_a_lane_for_each_channel_that_was_called_and_none_for_the_others() -> None:
    picture = drawn(SINCE, [("Facebook", calls(1, 2)), ("Intranätet", []), ("Notisen", calls(5))])
    assert picture is not None
    assert [lane.name for lane in picture.lanes] == ["Facebook", "Notisen"]
    assert picture.calls == 3


def test_where_nothing_was_called_there_is_no_picture() -> None:
    assert drawn(SINCE, [("Intranätet", [])]) is None


def test_what_came_later_stands_farther_to_the_right() -> None:
    picture = drawn(SINCE, [("Facebook", calls(0, 8, 60, 3600))])
    assert picture is not None
    across = [mark.x for mark in picture.lanes[0].marks]
    assert across == sorted(across) and across[0] == EDGE and across[-1] == 100 - EDGE
    ticks = [(tick.count, tick.unit) for tick in picture.ticks]
    assert ticks == [(1, "s"), (10, "s"), (1, "min"), (10, "min"), (1, "h")]


@pytest.mark.parametrize("crowd", [3, 12, 60])
def test_no_sign_covers_another_and_the_newest_is_always_seen(crowd: int) -> None:
    busy = [*calls(*(n / 10 for n in range(crowd)), fact="refused"), *calls(600, fact="done")]
    picture = drawn(SINCE, [("Facebook", busy)])
    assert picture is not None
    marks = picture.lanes[0].marks
    assert marks[-1].sign == "✓"
    assert all(after.x - before.x >= APART - 0.11 for before, after in pairwise(marks))
    assert all(EDGE <= mark.x <= 100 - EDGE for mark in marks)


def test_no_outcome_is_said_by_colour_alone() -> None:
    facts = ("done", "refused", "not_sent", "absent", "uncertain", None)
    signs = []
    for fact in facts:
        picture = drawn(SINCE, [("Facebook", calls(1, fact=fact))])
        assert picture is not None
        signs.append(picture.lanes[0].marks[0].sign)
    assert signs == ["✓", "✕", "✕", "–", "?", "…"]
