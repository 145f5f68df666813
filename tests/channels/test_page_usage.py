"""How much of its budget the Page has used, and that nobody makes a block longer by asking."""

import json
from typing import Any

import httpx
import pytest

from broadcaster.channels import Fact, Outcome, Reason
from broadcaster.channels._page_usage import Budget, Usage, usage

PAGE = "100200300"


class Seconds:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def business(*entries: dict[str, Any], key: str = PAGE) -> dict[str, str]:
    return {"X-Business-Use-Case-Usage": json.dumps({key: list(entries)})}


def told(percent: float, minutes: float = 0) -> httpx.Headers:
    """Return the headers of an answer that tells how much is used."""
    entry = {"type": "pages", "call_count": percent, "estimated_time_to_regain_access": minutes}
    return httpx.Headers(business(entry))


def limit(code: int = 80001) -> Outcome:
    return Outcome(Fact.REFUSED, Reason.RATE, code=code, wait_s=60, trouble=f"facebook:{code}")


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def budget(seconds: Seconds) -> Budget:
    return Budget(PAGE, seconds)


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({}, Usage(0, 0)),
        ({"X-App-Usage": '{"call_count":28,"total_time":25,"total_cputime":31}'}, Usage(31, 0)),
        ({"X-Page-Usage": '{"call_count":85,"total_cputime":56,"total_time":60}'}, Usage(85, 0)),
        (business({"type": "pages", "call_count": 97, "total_time": 98.5}), Usage(98.5, 0)),
        (business({"type": "pages", "call_count": 101, "estimated_time_to_regain_access": 12}), Usage(101, 720)),
        (business({"type": "pages", "estimated_time_to_regain_access": 6000}), Usage(0, 3600)),
        (business({"type": "ads_management", "call_count": 100, "estimated_time_to_regain_access": 9}), Usage(0, 0)),
        (business({"type": "pages", "call_count": 70}, key="9"), Usage(70, 0)),  # under the business's id
        (business({"call_count": 70}), Usage(70, 0)),
        ({"X-Business-Use-Case-Usage": json.dumps({PAGE: [{"type": "pages", "call_count": 5}],
                                                   "9": [{"type": "pages", "call_count": 99}]})}, Usage(5, 0)),
    ],
)  # fmt: skip
def test_the_three_headers_are_read(headers: dict[str, str], found: Usage) -> None:
    """The highest figure counts, and minutes become seconds; what is somebody else's limit is not ours."""
    assert usage(httpx.Headers(headers), PAGE) == found


@pytest.mark.parametrize("name", ["X-App-Usage", "X-Page-Usage", "X-Business-Use-Case-Usage"])
@pytest.mark.parametrize(
    "value",
    ["", "{", "7", "null", "[]", '"x"', '{"call_count":"90"}', '{"call_count":true}', '{"call_count":null}',
     '{"call_count":NaN}', '{"call_count":Infinity}', '{"call_count":-90}', '{"call_count":[90]}', "[" * 9000,
     '{"call_count":1' + "0" * 400 + "}", '{"100200300":7}', '{"100200300":[7,null,[]]}',
     '{"100200300":[{"type":"pages","estimated_time_to_regain_access":"soon"}]}',
     '{"100200300":[{"type":[],"call_count":99}]}'],
)  # fmt: skip
def test_a_broken_header_is_no_header(name: str, value: str) -> None:
    """Nothing a header says may stop a message by being nonsense."""
    assert usage(httpx.Headers({name: value}), PAGE) == Usage(0, 0)


def test_from_eighty_per_cent_what_can_wait_is_not_read(budget: Budget, seconds: Seconds) -> None:
    """Until a good answer says otherwise, or an hour has passed without one."""
    budget.learn(told(79), None)
    assert not budget.is_sparing
    budget.learn(told(80), None)
    assert budget.is_sparing
    assert budget.held("GET /x", is_list=True) is None
    budget.learn(httpx.Headers(), Outcome(Fact.UNCERTAIN, Reason.SERVER))
    assert budget.is_sparing, "a gateway's page without headers is no news"
    budget.learn(httpx.Headers(), None)
    assert not budget.is_sparing, "no header means next to nothing used"
    budget.learn(told(95), None)
    seconds.at += 3600
    assert not budget.is_sparing


def test_a_full_figure_alone_holds_back_lists_and_never_words(budget: Budget, seconds: Seconds) -> None:
    """Facebook took the call: in a crisis the next one goes too, and only what can wait waits, longer each time."""
    for wait_s in (60, 120, 240, 480, 960, 1920, 3600, 3600):
        budget.learn(told(100), None)
        held = budget.held("GET /published_posts", is_list=True)
        assert held is not None
        assert (held.fact, held.reason, held.wait_s) == (Fact.REFUSED, Reason.RATE, wait_s)
        assert budget.held("POST /feed", is_list=False) is None
        seconds.at += wait_s
        assert budget.held("GET /published_posts", is_list=True) is None
    budget.learn(told(40), None)
    budget.learn(told(100), None)
    held = budget.held("GET /published_posts", is_list=True)
    assert held is not None and held.wait_s == 60


def test_a_time_that_is_told_pauses_everything(budget: Budget, seconds: Seconds) -> None:
    """Facebook says when it takes calls again: until then each would be refused, and make it later."""
    budget.learn(told(100, minutes=12), None)
    held = budget.held("POST /feed", is_list=False)
    assert held is not None
    assert (held.wait_s, held.code, held.trouble) == (720, None, "facebook:paused")
    assert held.detail == "POST /feed: not asked, Facebook's limit stands for 720 s more"
    seconds.at += 719
    held = budget.held("POST /feed", is_list=False)
    assert held is not None and held.wait_s == 1
    seconds.at += 1
    assert budget.held("POST /feed", is_list=False) is None


@pytest.mark.parametrize("code", [4, 17, 32, 613, 80001])
def test_a_refusal_for_the_page_pauses_everything_and_grows(code: int, budget: Budget, seconds: Seconds) -> None:
    """Without a time a minute, then two, up to an hour; one good answer begins anew."""
    for wait_s in (60, 120, 240, 480, 960, 1920, 3600, 3600):
        refused = budget.learn(httpx.Headers(), limit(code))
        held = budget.held("POST /feed", is_list=False)
        assert refused is not None and held is not None
        assert (refused.wait_s, held.wait_s, held.code, held.trouble) == (wait_s, wait_s, code, f"facebook:{code}")
        seconds.at += wait_s
        assert budget.held("POST /feed", is_list=False) is None
    budget.learn(httpx.Headers(), None)
    refused = budget.learn(httpx.Headers(), limit(code))
    assert refused is not None and refused.wait_s == 60


def test_a_refusal_waits_the_minutes_it_tells(budget: Budget) -> None:
    """Minutes, not seconds: misread, the next call would come a minute early and lengthen the block."""
    refused = budget.learn(told(101, minutes=7), limit())
    assert refused is not None and refused.wait_s == 420
    assert budget.left_s == 420


def test_calls_that_were_under_way_together_are_one_refusal(budget: Budget, seconds: Seconds) -> None:
    """Two languages refused at once must not wait twice as long."""
    budget.learn(httpx.Headers(), limit())
    seconds.at += 1
    refused = budget.learn(httpx.Headers(), limit())
    assert refused is not None and refused.wait_s == 59
    seconds.at += 59
    refused = budget.learn(httpx.Headers(), limit())
    assert refused is not None and refused.wait_s == 120


@pytest.mark.parametrize("code", [341, 80004, 80014])
def test_what_is_not_about_the_whole_page_pauses_nothing_else(code: int, budget: Budget) -> None:
    """341 is about posts: what is out can still be read back and taken down."""
    refused = budget.learn(httpx.Headers(), limit(code))
    assert refused is not None and refused.wait_s == 60
    assert budget.held("GET /x", is_list=True) is None


def test_a_dead_key_is_not_a_limit(budget: Budget) -> None:
    """Any other refusal passes as it is."""
    dead = Outcome(Fact.REFUSED, Reason.TOKEN, code=190)
    assert budget.learn(httpx.Headers(), dead) is dead
    assert budget.held("POST /feed", is_list=False) is None
