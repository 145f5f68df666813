"""Facebook's errors, row by row: what each of them proves, and how long to wait."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from broadcaster.channels import Fact, Outcome, Reason, Step
from broadcaster.channels._graph_errors import refused
from broadcaster.channels._http import Answer

NOW = datetime(2026, 3, 14, 1, 40, tzinfo=UTC)


def read(
    code: int, subcode: int | None = None, status: int = 400, text: str = "", step: Step | None = None, **headers: str
) -> Outcome:
    """Return what an answer with this error proves."""
    error = {"message": text, "type": "OAuthException", "code": code, "fbtrace_id": "A_b-9"}
    if subcode is not None:
        error["error_subcode"] = subcode
    found = refused(answer({"error": error}, status, **headers), step)
    assert found is not None
    return found


def answer(body: Any, status: int = 400, **headers: str) -> Answer:
    """Return an answer with a JSON body; `_` in a header's name stands for a hyphen."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer("POST /x", status, httpx.Headers(named), json.dumps(body).encode(), NOW)


TOKEN = [(102, None), (459, None), (190, None), *((190, sub) for sub in (458, 459, 460, 463, 464, 467, 492, 2069032))]
RATE = [(4, None), (17, None), (17, 2446079), (32, None), (341, None), (613, None), (613, 1996),
        *((code, None) for code in range(80000, 80015)), (80000, 2446079)]  # fmt: skip
PERMISSION = [(3, None), (5, None), (10, None), (200, None), (210, None), (230, None), (299, None), (1705, None),
              (100, 1404006), (368, 4854002), (200, 1404078)]  # fmt: skip
CONTENT = [
    *((code, None) for code in (-1, 0, 100, 199, 300, 369, 2500, 1609005, 99999)),
    *((100, sub) for sub in (1349125, 1366046, 1404102, 1609005, 1609008, 2061006, 2069019)),
    *((200, sub) for sub in (2069030, 2069031, 2069033)),
    (3001, 1504028),
    (7, 33),  # 33 means gone only beside 100
]
BLOCKED = [(368, None), (368, 1390008), (368, 1346003), (200, 1404112)]
IDENTICAL = [(506, None), (506, 1455006)]
UNCERTAIN = [(1, None), (2, None), (100, 1363047), (368, 1609010), (200, 1363047)]
TABLE = (
    [(row, Fact.REFUSED, Reason.TOKEN) for row in TOKEN]
    + [(row, Fact.REFUSED, Reason.RATE) for row in RATE]
    + [(row, Fact.REFUSED, Reason.PERMISSION) for row in PERMISSION]
    + [(row, Fact.REFUSED, Reason.CONTENT) for row in CONTENT]
    + [(row, Fact.REFUSED, Reason.BLOCKED) for row in BLOCKED]
    + [(row, Fact.REFUSED, Reason.IDENTICAL) for row in IDENTICAL]
    + [((100, 33), Fact.REFUSED, Reason.GONE)]
    + [(row, Fact.UNCERTAIN, Reason.SERVER) for row in UNCERTAIN]
)


@pytest.mark.parametrize("status", [200, 400, 403])
@pytest.mark.parametrize(("row", "fact", "reason"), TABLE)
def test_each_error_is_decided_by_its_code(
    row: tuple[int, int | None], fact: Fact, reason: Reason, status: int
) -> None:
    """Code, then subcode, decide; neither the status nor the text does."""
    found = read(*row, status=status, text="190 token already gone 506")
    assert (found.fact, found.reason, found.code, found.subcode) == (fact, reason, *row)
    assert (found.wait_s is not None) == (reason in (Reason.RATE, Reason.BLOCKED))
    assert found.detail == f"POST /x: HTTP {status} code {row[0]}{'' if row[1] is None else f'/{row[1]}'} trace A_b-9"


@pytest.mark.parametrize(("row", "fact", "reason"), TABLE)
def test_a_5xx_is_uncertain_whatever_it_says(row: tuple[int, int | None], fact: Fact, reason: Reason) -> None:
    """Facebook has answered 500 with an error and published all the same."""
    assert read(*row, status=500).fact is Fact.UNCERTAIN


@pytest.mark.parametrize("text", ["You've already posted this. Posting the same content repeatedly is not allowed.",
                                  "Du har redan publicerat detta."])  # fmt: skip
def test_368_that_says_already_posted_means_look(text: str) -> None:
    """The same code is either a block or evidence that ours is there; only the text tells."""
    found = read(368, text=text)
    assert (found.reason, found.wait_s) == (Reason.IDENTICAL, None)


def test_a_block_waits_an_hour() -> None:
    """Trying again lengthens a block."""
    assert read(368, text="temporarily blocked").wait_s == 3600


@pytest.mark.parametrize(
    ("usage", "seconds"),
    [
        ({"100200300": [{"type": "pages", "estimated_time_to_regain_access": 3}]}, 180),
        ({"1": [{"estimated_time_to_regain_access": 1}, {"estimated_time_to_regain_access": 7}], "2": []}, 420),
        ({"1": [{"estimated_time_to_regain_access": 6000}]}, 3600),
        ({"1": [{"estimated_time_to_regain_access": 0}]}, 60),
        ({"1": [{"estimated_time_to_regain_access": -5}]}, 60),
        ({"1": [{"estimated_time_to_regain_access": float("nan")}]}, 60),
        ({"1": [{"estimated_time_to_regain_access": float("inf")}]}, 60),
        ({"1": [{"estimated_time_to_regain_access": "soon"}]}, 60),
        ({"1": [{"estimated_time_to_regain_access": None}]}, 60),
        ({"1": [{"estimated_time_to_regain_access": 10**400}]}, 60),
        ({"1": [{}]}, 60),
        ({"1": {"a": 1}}, 60),
        ({"1": 7}, 60),
        ([], 60),
        ("x", 60),
    ],
)
def test_a_limit_waits_as_long_as_the_usage_says(usage: Any, seconds: float) -> None:
    """Minutes in the header become seconds, never more than an hour; without them it is one minute."""
    found = read(80001, X_Business_Use_Case_Usage=json.dumps(usage))
    assert found.wait_s == seconds


def test_a_header_that_is_no_json_waits_a_minute() -> None:
    """A broken header is no header."""
    assert read(4, X_Business_Use_Case_Usage="{").wait_s == 60
    assert read(4).wait_s == 60


@pytest.mark.parametrize(("row", "fact", "reason"), TABLE)
def test_a_refused_draft_may_fall_back_to_a_post_only_when_it_is_about_the_draft(
    row: tuple[int, int | None], fact: Fact, reason: Reason
) -> None:
    """A dead token, a limit, a block or a duplicate would meet the post just the same."""
    found = read(*row, step=Step.DRAFT)
    kept = fact is Fact.UNCERTAIN or reason in (Reason.TOKEN, Reason.RATE, Reason.BLOCKED, Reason.IDENTICAL)
    assert found.reason is (reason if kept else Reason.NO_DRAFTS)
    assert (found.fact, found.code, found.subcode) == (fact, *row)


def test_an_error_beside_an_id_is_uncertain() -> None:
    """It says no and shows that it did."""
    found = refused(answer({"id": "100200300_1", "error": {"code": 100}}, 400), Step.POST)
    assert found is not None
    assert found.fact is Fact.UNCERTAIN


def test_a_good_answer_is_no_refusal() -> None:
    """2xx without an error leaves the proof to the caller."""
    assert refused(answer({"id": "1"}, 200)) is None


@pytest.mark.parametrize("error", ["no", 5, [], {"code": "x"}, {"code": 2**40}, {"message": "x"}])
def test_an_error_of_the_wrong_shape_refuses_nothing_but_a_limit(error: Any) -> None:
    """Facebook's own refusals can be read; what cannot was written by somebody in between, after whatever he did."""
    for status, proved in ((403, (Fact.UNCERTAIN, Reason.SERVER)), (429, (Fact.REFUSED, Reason.RATE))):
        found = refused(answer({"error": error}, status))
        assert found is not None
        assert (found.fact, found.reason) == proved


def test_the_trace_is_quoted_only_if_it_is_one() -> None:
    """Meta asks for the trace; nothing else of the body goes into the log."""
    body = {"error": {"code": 100, "fbtrace_id": "PAGETOK?x=1\n", "message": "secret"}}
    found = refused(answer(body))
    assert found is not None
    assert found.detail == "POST /x: HTTP 400 code 100"
