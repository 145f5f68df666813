"""docs/outcomes.md, played: every row of it against every adapter and every step, so that the page is the program."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from channels.answers import APP, CASES, ID, LINES, NO_PROOFS, PROOF_ROWS, STEPS, TOKEN, bodies, hints_then, proof
from channels.outcome_table import COLUMNS, LETTERS, codes, promised, statuses, table

from broadcaster.channels import CAN_PUBLISH, Fact, Outcome, Post, Reason, Step
from broadcaster.channels._graph_errors import _CODES, _SUBCODES, refused
from broadcaster.channels._http import BODY_BYTES_MAX, Answer
from broadcaster.kinds import _OURS, INSTALLED

Case = tuple[str, Step]
READS = (Step.LOOK, Step.SEARCH, Step.SWEEP)
NEVER_LEFT, MAY_HAVE_LEFT, *_ = table("The line")
HTTPX_ERRORS = {
    name: error for name, error in vars(httpx).items() if isinstance(error, type) and issubclass(error, Exception)
}
GRAPH = table("Facebook's errors")
DECIDED = {row: codes(row) for row in GRAPH}
#: The same page, in words: an error without a code of its own.
SPOKEN: dict[str, list[dict[str, Any]]] = {
    '368 that says "already posted"': [
        {"error": {"code": 368, "message": "You've already posted this. Posting the same is not allowed."}},
        {"error": {"code": 368, "error_subcode": 1390008, "error_user_msg": "Du har redan lagt upp det här."}},
    ],
    "any other code": [{"error": {"code": code}} for code in (-1, 0, 7, 9, 199, 300, 505, 1609006, 79999, 80015)],
    "any other code that calls itself transient": [
        {"error": {"code": code, "is_transient": True}} for code in (-1, 0, 7, 300, 505, 99999)
    ],
    "any error and an id": [{"error": {"code": code}, "id": "100200300_987"} for code in (100, 190, 200, 368, 506, 4)],
}
PROVIDER_STATUS = (200, 400, 401, 403, 404, 409, 429, 499)


class World:
    """Answers everything with one response, tokens of the content API excepted; counts, and knows whom it was."""

    def __init__(self) -> None:
        self.answer: Callable[[], httpx.Response] = lambda: httpx.Response(200)
        self.asked = list[httpx.Request]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/connect/token"):
            return httpx.Response(200, json=TOKEN)
        self.asked.append(request)
        return self.answer()


def responding(status: int, body: object = b"", **headers: str) -> Callable[[], httpx.Response]:
    """Return what gives this answer; a body that is not bytes is JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda: httpx.Response(status, content=content, headers={k.replace("_", "-"): v for k, v in headers.items()})


def raising(error: Exception) -> Callable[[], httpx.Response]:
    """Return what raises `error` instead of answering."""

    def answer() -> httpx.Response:
        raise error

    return answer


Play = Callable[[list[Callable[[], httpx.Response]]], list[tuple[Outcome, int]]]


@pytest.fixture
def play(case: Case, build: Any, run: Any, post: Post) -> Play:
    """Make the call once per answer; return each outcome and how many requests it took."""

    def all_of(answers: list[Callable[[], httpx.Response]]) -> list[tuple[Outcome, int]]:
        world = World()
        channel = build(case[0], handler=world)

        async def calls() -> list[tuple[Outcome, int]]:
            found = []
            for world.answer in answers:
                world.asked.clear()
                found.append((await channel.call(case[1], post, 30), len(world.asked)))
            return found

        given: list[tuple[Outcome, int]] = run(channel, calls)
        return given

    return all_of


def as_promised(found: Outcome, cell: str, step: Step) -> bool:
    """Tell whether an outcome is what the page says; a wait belongs to a limit and a block and to nothing else."""
    waits = found.fact is Fact.REFUSED and found.reason in (Reason.RATE, Reason.BLOCKED)
    return (found.fact, found.reason) == promised(cell, step) and (found.wait_s is not None) == waits


def error_named(name: str) -> Exception:
    """Return an exception of httpx by its name."""
    if name == "HTTPStatusError":
        request = httpx.Request("GET", "https://outside.example")
        return httpx.HTTPStatusError("x", request=request, response=httpx.Response(200, request=request))
    silent = ("StreamClosed", "StreamConsumed", "ResponseNotRead", "RequestNotRead")
    error: Exception = HTTPX_ERRORS[name]() if name in silent else HTTPX_ERRORS[name]("Bearer PAGETOK")
    return error


def names(row: str) -> list[str]:
    """Return the names a row of exceptions lists."""
    return row.replace("`", "").split()


def test_every_kind_that_calls_somebody_has_a_column(build: Any) -> None:
    """Whoever adds a kind says on the page what its answers prove, and has it played."""
    ours = {name for name in _OURS if INSTALLED.named(name).imitation is not None}
    assert {build(kind).kind for kind in COLUMNS} | {kind for kind in LETTERS if table(LETTERS[kind])} == ours
    assert set(COLUMNS) == set(STEPS)


def test_every_exception_of_the_library_has_its_row() -> None:
    """A new version of the library with a new exception fails here, until somebody has judged it."""
    assert sorted(names(NEVER_LEFT) + names(MAY_HAVE_LEFT)) == sorted(HTTPX_ERRORS)


@pytest.mark.parametrize("row", [NEVER_LEFT, MAY_HAVE_LEFT, "any other exception"])
def test_an_exception_proves_what_its_row_says(row: str, play: Play, case: Case) -> None:
    """Only what certainly never left is not sent, and only that and reads are asked again within a call."""
    cell = table("The line")[row]["every adapter"]
    others = [OSError("x"), TimeoutError("x"), ValueError("x"), RuntimeError("x"), KeyError("x"), MemoryError("x")]
    errors = others if row == "any other exception" else [error_named(name) for name in names(row)]
    again = 3 if row == NEVER_LEFT or case[1] in READS else 1
    for error, (found, asked) in zip(errors, play([raising(error) for error in errors]), strict=True):
        assert as_promised(found, cell, case[1]), (error, found)
        assert asked == again, error
        assert "PAGETOK" not in repr(found)


@pytest.mark.parametrize("row", LINES)
def test_a_line_that_misbehaves_is_uncertain(
    row: str, case: Case, build: Any, ask: Any, post: Post, raw: Any, says: Any
) -> None:
    """Over a real connection: whatever the other side does to it, the call ends, and claims nothing."""
    kind, step = case
    token = [says.answer(200, TOKEN)] if kind == "cms" else []
    endless = row in ("no answer in time", "a head that drips", "a body that drips")
    bounds_s = iter((0.1, 1, 10) if endless else (60,))  # however slow the machine, the request has to get there

    def given_up() -> Outcome:
        raw.seen.clear()
        raw.then(*token, LINES[row])
        found: Outcome = ask(build(kind, raw.url), step, post, next(bounds_s))
        return found

    found = given_up()
    while len(raw.seen) <= len(token):
        found = given_up()
    assert as_promised(found, table("The line")[row]["every adapter"], step), found
    if step not in READS:
        assert len(raw.seen) == len(token) + 1, "what may have been done is not asked twice"


def test_of_a_body_without_end_no_more_than_one_mebibyte_is_read(case: Case, build: Any, ask: Any, post: Post) -> None:
    """A flood cannot fill the worker's memory, whoever sends it."""
    poured: list[int] = []

    async def pour() -> AsyncIterator[bytes]:
        poured.append(0)
        while True:
            poured[-1] += 65_536
            yield b" " * 65_536

    world = World()
    world.answer = lambda: httpx.Response(200, content=pour())
    assert as_promised(ask(build(case[0], handler=world), case[1], post), "uncertain server", case[1])
    assert set(poured) == {BODY_BYTES_MAX + 65_536}


def test_an_announcement_before_the_answer_changes_nothing(
    case: Case, build: Any, ask: Any, post: Post, raw: Any, says: Any
) -> None:
    """100 and 103 come before an answer and are none."""
    kind, step = case
    token = [says.answer(200, TOKEN)] if kind == "cms" else []
    raw.then(*token, hints_then(proof(kind, step, post)))
    found = ask(build(kind, raw.url), step, post)
    assert as_promised(found, table("The proof")["the proof"][COLUMNS[kind]], step), found


def test_every_row_about_the_line_is_played() -> None:
    """No row of the page is only words."""
    by_name = {NEVER_LEFT, MAY_HAVE_LEFT, "any other exception", "early hints, then the proof"}
    assert set(table("The line")) == {*by_name, *LINES}


def test_every_status_has_exactly_one_row() -> None:
    """From 100 to 999: none without a row, and none with two but for those whose body decides."""
    named = [status for row in table("The status") for status in statuses("The status", row)]
    twice = {status for status in named if named.count(status) > 1}
    assert (sorted(set(named)), twice) == (list(range(100, 1000)), {200, 201, 203, 204, 404, 410})


@pytest.mark.parametrize("row", table("The status"))
def test_a_status_proves_what_its_row_says(row: str, play: Play, case: Case) -> None:
    """Every status of the row with every body that proves nothing; what may have been done is never asked twice."""
    kind, step = case
    cell = table("The status")[row][COLUMNS[kind]]
    given: tuple[bytes, ...] = (b"",) if "empty body" in row else NO_PROOFS
    given = given if "body" in row else (APP,) if "contract" in row else (b"", b"{}", *NO_PROOFS)
    wanted = statuses("The status", row)
    sent = [(status, body) for status in wanted for body in (given if len(wanted) < 50 else given[status % 11 :: 11])]
    answers = [responding(status, body) for status, body in sent]
    for (status, body), (found, asked) in zip(sent, play(answers), strict=True):
        assert as_promised(found, cell, step), (status, body, found)
        assert asked == 1 or step in READS or (kind, status) == ("cms", 401)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("to", ["https://outside.example/v26.0/me", "http://outside.example/", "https://evil.example/",
                                "/elsewhere", "//evil.example/", "", "http://127.0.0.1:1/"])  # fmt: skip
def test_a_redirect_is_never_followed(status: int, to: str, case: Case, build: Any, ask: Any, post: Post) -> None:
    """Words and tokens go nowhere but where the settings say, and "over there" may mean "done"."""
    world = World()
    world.answer = responding(status, b"", Location=to)
    found = ask(build(case[0], handler=world), case[1], post)
    assert as_promised(found, "uncertain server", case[1])
    assert {(request.url.scheme, request.url.host) for request in world.asked} == {("https", "outside.example")}
    assert len({request.url.path for request in world.asked}) == 1


def test_every_row_about_the_proof_is_played() -> None:
    """No row of the page is only words."""
    assert set(table("The proof")) == set(PROOF_ROWS)


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("row", PROOF_ROWS)
def test_only_the_proof_is_done(row: str, status: int, play: Play, case: Case, post: Post) -> None:
    """Everything that looks like the proof and is not leaves the call uncertain."""
    kind, step = case
    cell = table("The proof")[row][COLUMNS[kind]]
    given = bodies(row, kind, step, post)
    if cell == "–":
        assert given == []
        return
    for body, (found, _) in zip(given, play([responding(status, body) for body in given]), strict=True):
        assert as_promised(found, cell, step), (body, found)


@pytest.mark.parametrize("row", PROOF_ROWS)
def test_a_row_without_a_dash_occurs(row: str, post: Post) -> None:
    """A cell that says something is about at least one step of that adapter."""
    kinds = {column: kind for kind, column in COLUMNS.items()}
    for column, kind in kinds.items():
        occurs = any(bodies(row, kind, step, post) for step in STEPS[kind])
        assert occurs == (table("The proof")[row][column] != "–"), (row, column)


@pytest.mark.parametrize("row", GRAPH)
@pytest.mark.parametrize("graph_case", [case for case in CASES if COLUMNS[case[0]] == "Facebook"], ids="-".join)
def test_an_error_of_facebook_proves_what_its_row_says(
    row: str, graph_case: Case, build: Any, ask: Any, post: Post
) -> None:
    """Every code and subcode of the row, at every step, whatever the status says beside it."""
    given, at = _errors(row)
    world = World()
    for number, error in enumerate(given):
        for status in at if number < 3 else at[1:2]:
            world.answer = responding(status, error)  # to a channel of its own: a limit pauses the one that met it
            found = ask(build(graph_case[0], handler=world), graph_case[1], post)
            assert as_promised(found, GRAPH[row]["Facebook"], graph_case[1]), (status, error, found)
            assert row == "any error and an id" or found.code == error["error"]["code"], "it is in the log"


def _errors(row: str) -> tuple[list[dict[str, Any]], tuple[int, ...]]:
    """Return the errors a row means, and the statuses to play them with."""
    if row == "any error in a redirect or a 5xx":
        return [{"error": {"code": code}} for code in (100, 190, 4, 506, 368, 200)], (302, 303, 500, 502, 503, 599)
    if row in SPOKEN:
        return SPOKEN[row], PROVIDER_STATUS
    given = [{"code": code, **({} if sub is None else {"error_subcode": sub})} for code, sub in DECIDED[row]]
    assert given, f"nobody knows what {row} means"
    return [{"error": {**error, "message": "190 token gone 506"}} for error in given], PROVIDER_STATUS


def test_every_code_the_program_knows_is_on_the_page_and_no_code_is_decided_twice() -> None:
    """The page is whole: whoever adds a code says there what it proves."""
    named = [one for row in DECIDED.values() for one in row]
    assert len(named) == len(set(named))
    assert set(_CODES) <= {code for code, _ in named}
    assert set(_SUBCODES) <= {subcode for _, subcode in named}


def test_no_code_but_those_on_the_page_means_anything() -> None:
    """Every code up to 3 100 and around the limits: on the page, or rejected with a reason we do not know."""
    named = {code for row in DECIDED.values() for code, _ in row}
    for code in (*range(-5, 3100), *range(79_980, 80_040), *range(1_609_000, 1_609_012)):
        body = json.dumps({"error": {"code": code}}).encode()
        found = refused(Answer("POST /x", 400, httpx.Headers(), body, datetime(2026, 3, 14, tzinfo=UTC)))
        assert found is not None
        assert code in named or (found.fact, found.reason) == (Fact.REFUSED, Reason.CONTENT), code


def test_what_speaks_is_never_called_refused_where_it_may_have_been_done() -> None:
    """The promise behind the page: no call that can publish is called undone on the word of somebody in between."""
    may = {*range(100, 400), 408, 409, 424, 460, 499, *range(500, 1000)}
    for row, cells in table("The status").items():
        for kind, column in COLUMNS.items():
            for step in CAN_PUBLISH:
                fact, reason = promised(cells[column], step)
                ours = kind in ID and reason is Reason.STALE  # the word of contracts of ours: it did not take them
                assert fact is Fact.UNCERTAIN or ours or not may & set(statuses("The status", row)), (row, column)
                assert fact not in (Fact.DONE, Fact.NOT_SENT), (row, column)


RETRY_AFTER: dict[str, timedelta] = {
    "a date in half a minute": timedelta(seconds=30),
    "a date tomorrow": timedelta(hours=23),
    "a date next year": timedelta(days=365),
    "a date that has passed": timedelta(seconds=-5),
}


@pytest.mark.parametrize("row", table("Retry-After"))
@pytest.mark.parametrize("status", [425, 429])
def test_retry_after_is_believed_within_reason(
    row: str, status: int, case: Case, build: Any, ask: Any, post: Post, now: datetime
) -> None:
    """Every adapter waits as long as it is asked to, never longer than five minutes, never on nonsense."""
    if row in RETRY_AFTER:
        values = [format_datetime(now + RETRY_AFTER[row], usegmt=True)]
    else:
        values = {"empty": [""], "none at all": [], "two of them": ["7", "9"]}.get(row) or [row.strip("`")]
    values = [] if row == "none at all" else values
    world = World()
    world.answer = lambda: httpx.Response(status, headers=[("Retry-After", value) for value in values])
    found = ask(build(case[0], handler=world), case[1], post)
    assert (found.fact, found.reason) == (Fact.REFUSED, Reason.RATE)
    assert found.wait_s == float(table("Retry-After")[row]["seconds"])
