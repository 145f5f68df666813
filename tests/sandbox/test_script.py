"""A script says which call goes wrong, and everything else goes well."""

import pytest

from broadcaster.sandbox.script import Action, Script, ScriptError

PAGE = "100200300"
FEED = (PAGE, "feed")


def script(now: list[float], **services: object) -> Script:
    made = Script(lambda: now[0])
    made.put(services)
    return made


def picked(made: Script, method: str, *path: str, service: str = "facebook", draft: bool = False) -> str | None:
    action = made.pick(service, method, [path], draft=draft)
    return None if action is None else action.name


def test_without_a_script_everything_goes_well(now: list[float]) -> None:
    assert picked(script(now), "POST", *FEED) is None


def test_a_rule_plays_as_often_as_it_says_and_then_never_again(now: list[float]) -> None:
    made = script(now, facebook=[{"on": "POST /{page}/feed", "do": "applied_then_500", "times": 2}])
    assert [picked(made, "POST", *FEED) for _ in range(4)] == ["applied_then_500", "applied_then_500", None, None]


def test_a_rule_without_times_plays_for_ever(now: list[float]) -> None:
    made = script(now, facebook=[{"on": "POST /{page}/feed", "do": "hang", "times": None}])
    assert {picked(made, "POST", *FEED) for _ in range(50)} == {"hang"}


def test_after_lets_the_first_calls_through(now: list[float]) -> None:
    made = script(now, facebook=[{"on": "POST /{page}/feed", "do": "hang", "after": 2, "times": 1}])
    assert [picked(made, "POST", *FEED) for _ in range(4)] == [None, None, "hang", None]


def test_a_call_taken_by_an_earlier_rule_does_not_count_for_a_later_one(now: list[float]) -> None:
    made = script(now, facebook=[{"on": "POST /{page}/feed", "do": "hang", "times": 1},
                                 {"on": "POST /{page}/feed", "do": "drop_before", "after": 1, "times": 1}])
    assert [picked(made, "POST", *FEED) for _ in range(4)] == ["hang", None, "drop_before", None]


def test_an_outage_ends_when_its_time_is_up(now: list[float]) -> None:
    made = script(now, facebook=[{"on": "POST /{page}/feed", "do": "error_500", "for_s": 30}])
    assert picked(made, "POST", *FEED) == "error_500"
    now[0] += 29.9
    assert picked(made, "POST", *FEED) == "error_500"
    now[0] += 0.1
    assert picked(made, "POST", *FEED) is None


def test_the_first_rule_that_fits_wins(now: list[float]) -> None:
    made = script(now, facebook=[{"on": "GET /{post}", "do": "hang"}, {"on": "POST /{page}/feed", "do": "no_id"},
                                 {"on": "POST /{page}/feed", "do": "drip"}])
    assert picked(made, "POST", *FEED) == "no_id"


@pytest.mark.parametrize(("on", "method", "path", "fits"), [
    ("POST /{page}/feed", "POST", f"{PAGE}/feed", True),
    ("POST /{page}/feed/", "POST", f"{PAGE}/feed", True),
    ("POST /v26.0/{page}/feed", "POST", f"{PAGE}/feed", True),
    ("POST /{page}/feed", "GET", f"{PAGE}/feed", False),
    ("POST /{page}/feed", "POST", f"{PAGE}_1/feed", False),
    ("POST /{page}", "POST", f"{PAGE}_1", False),
    ("POST /{post}", "POST", f"{PAGE}_1", True),
    ("POST /{post}", "POST", PAGE, False),
    ("GET /{post}", "GET", "debug_token", False),
    ("GET /debug_token", "GET", "debug_token", True),
    ("POST /{id}", "POST", PAGE, True),
    ("POST /{post}", "POST", f"{PAGE}/feed", False),
])
def test_a_page_is_not_a_post_and_a_hole_is_one_segment(
        now: list[float], on: str, method: str, path: str, fits: bool) -> None:
    made = script(now, facebook=[{"on": on, "do": "hang"}])
    assert (picked(made, method, *path.split("/")) == "hang") is fits


def test_a_hole_may_be_part_of_a_segment(now: list[float]) -> None:
    made = script(now, phone=[{"on": "PUT /announcements/{ref}.{language}", "do": "hang"}])
    assert picked(made, "PUT", "announcements", "RV-2026-0031.sv", service="phone") == "hang"
    assert picked(made, "PUT", "announcements", "RV-2026-0031", service="phone") is None


def test_a_call_may_be_named_by_any_of_its_spellings(now: list[float]) -> None:
    made = script(now, cms=[{"on": "PUT /api/x/{id}", "do": "hang"}])
    assert made.pick("cms", "PUT", [("7f",), ("api", "x", "7f")]) == Action("hang")


def test_refusing_drafts_leaves_ordinary_posts_alone_and_does_not_count_them(now: list[float]) -> None:
    made = script(now, facebook=[{"on": "POST /{page}/feed", "do": "refuse_drafts", "times": 1}])
    assert picked(made, "POST", *FEED) is None
    assert picked(made, "POST", *FEED, draft=True) == "refuse_drafts"
    assert picked(made, "POST", *FEED, draft=True) is None


def test_seconds_stand_after_the_colon(now: list[float]) -> None:
    made = script(now, facebook=[{"on": "POST /{page}/feed", "do": "slow:2.5"}])
    assert made.pick("facebook", "POST", [FEED]) == Action("slow", 2.5)


@pytest.mark.parametrize("numbers", ["10", "190/460", "368/already_posted", "9999/transient", "100/1363047"])
def test_the_numbers_of_facebooks_own_error_stand_after_the_colon(now: list[float], numbers: str) -> None:
    made = script(now, facebook=[{"on": "POST /{page}/feed", "do": f"error:{numbers}"}])
    assert made.pick("facebook", "POST", [FEED]) == Action("error", numbers=numbers)
    assert made.document()["facebook"][0]["do"] == f"error:{numbers}"


def test_the_script_in_force_can_be_read_with_its_defaults(now: list[float]) -> None:
    made = script(now, facebook=[{"on": "POST /{page}/feed", "do": "hang"}])
    rule = {"on": "POST /{page}/feed", "do": "hang", "times": None, "for_s": None, "after": 0}
    assert made.document() == {"facebook": [rule]}
    made.put(made.document())
    assert picked(made, "POST", *FEED) == "hang"


GOOD = {"on": "POST /{page}/feed", "do": "hang"}


@pytest.mark.parametrize(("document", "hint"), [
    ([], "an object"),
    ({"twitter": []}, "'twitter'"),
    ({"facebook": {}}, "list"),
    ({"facebook": ["hang"]}, r"facebook\[0\]"),
    ({"facebook": [GOOD, {**GOOD, "do": "explode"}]}, r"facebook\[1\].*'explode'.*applied_then_500"),
    ({"facebook": [{**GOOD, "do": "slow"}]}, "slow:<seconds>"),
    ({"facebook": [{**GOOD, "do": "hang:3"}]}, "unknown"),
    ({"facebook": [{**GOOD, "do": "slow:soon"}]}, "seconds"),
    ({"facebook": [{**GOOD, "do": "late:-1"}]}, "seconds"),
    ({"facebook": [{**GOOD, "do": None}]}, "unknown"),
    ({"facebook": [{"do": "hang"}]}, "method and a path"),
    ({"facebook": [{**GOOD, "on": "post /x"}]}, "methods are"),
    ({"facebook": [{**GOOD, "on": "POST feed"}]}, "method and a path"),
    ({"facebook": [{**GOOD, "times": -1}]}, "times"),
    ({"facebook": [{**GOOD, "times": 1.5}]}, "times"),
    ({"facebook": [{**GOOD, "times": True}]}, "times"),
    ({"facebook": [{**GOOD, "for_s": "30"}]}, "for_s"),
    ({"facebook": [{**GOOD, "after": "1"}]}, "after"),
    ({"facebook": [{**GOOD, "often": 3}]}, "often"),
    ({"phone": [{"on": "PUT /announcements/{id}", "do": "list_lag:3"}]}, "facebook"),
    ({"phone": [{"on": "PUT /announcements/{id}", "do": "error:190"}]}, "only means something for facebook"),
    ({"facebook": [{**GOOD, "do": "error"}]}, "error:<code>"),
    ({"facebook": [{**GOOD, "do": "error:"}]}, "such as error:10 or error:190/460"),
    ({"facebook": [{**GOOD, "do": "error:0"}]}, "numbers of Facebook"),
    ({"facebook": [{**GOOD, "do": "error:-1"}]}, "numbers of Facebook"),
    ({"facebook": [{**GOOD, "do": "error:190/"}]}, "numbers of Facebook"),
    ({"facebook": [{**GOOD, "do": "error:190/460/1"}]}, "numbers of Facebook"),
    ({"facebook": [{**GOOD, "do": "error:190/already_posted"}]}, "already_posted for 368"),
    ({"facebook": [{**GOOD, "do": "error:4294967296"}]}, "numbers of Facebook"),
    ({"facebook": [{**GOOD, "do": "error:token"}]}, "numbers of Facebook"),
])
def test_a_script_that_cannot_work_is_refused_with_the_reason_and_changes_nothing(
        now: list[float], document: object, hint: str) -> None:
    made = script(now, facebook=[GOOD])
    with pytest.raises(ScriptError, match=hint):
        made.put(document)
    assert picked(made, "POST", *FEED) == "hang"
