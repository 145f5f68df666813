"""The imitation of 46elks: what its documentation promises, what it loses when it is told to, and whom it calls."""

import queue
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from broadcaster.sandbox import Sandbox
from broadcaster.sandbox.elks import PASSWORD, USER, parts_of

PLAIN: dict[str, Any] = {"timeout": 10, "trust_env": False, "verify": False}
ANNA, BO, OURS = "+46700000001", "+46700000002", "+46766861234"
SMS = {"from": "RVKris", "to": ANNA, "message": "KRISLARM åäö"}


@pytest.fixture
def elks(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """A client of the service, with its name and password."""
    with httpx.Client(base_url=f"{sandbox.url}/elks", auth=(USER, PASSWORD), **PLAIN) as client:
        yield client


class Hook:
    """Somebody who is called back: each form in order, and what they answer."""

    def __init__(self) -> None:
        self.url, self.statuses, self.words = "", [204], b""
        self.forms: queue.Queue[dict[str, str]] = queue.Queue()

    def next(self) -> dict[str, str]:
        return self.forms.get(timeout=60)


@pytest.fixture
def hook() -> Iterator[Hook]:
    found = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            found.forms.put({name: values[0] for name, values in parse_qs(body).items()})
            self.send_response(found.statuses.pop(0) if len(found.statuses) > 1 else found.statuses[0])
            self.send_header("content-length", str(len(found.words)))
            self.end_headers()
            self.wfile.write(found.words)

        def log_message(self, format: str, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_port}/hook"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield found
        server.shutdown()


@pytest.fixture
def script(http: httpx.Client) -> Callable[..., None]:
    """Return what puts rules for the SMS in force."""

    def put(*rules: dict[str, Any]) -> None:
        document = {"elks": [{"on": "POST /a1/sms", **rule} for rule in rules]}
        assert http.put("/_script", json=document).status_code == 200

    return put


def phones(http: httpx.Client) -> list[tuple[str, str]]:
    """Return who has which words on the phone."""
    return [(one["to"], one["text"]) for one in http.get("/_state").json().get("sms", [])]


class TestSending:
    def test_an_sms_is_answered_in_the_documented_shape_and_is_on_the_phone(
        self, elks: httpx.Client, http: httpx.Client
    ) -> None:
        said = elks.post("/a1/sms", data=SMS).json()
        assert said.pop("id").startswith("s") and said == {
            "status": "created", "direction": "outgoing", "from": "RVKris", "to": ANNA, "message": "KRISLARM åäö",
            "created": "2026-11-18T11:06:40.000000", "parts": 1, "cost": 3500,
        }  # fmt: skip
        assert phones(http) == [(ANNA, "KRISLARM åäö")]

    def test_the_public_sees_no_sms_before_there_is_one(self, http: httpx.Client) -> None:
        assert "sms" not in http.get("/_state").json()

    def test_a_dry_run_tells_what_it_would_cost_and_sends_nothing(
        self, elks: httpx.Client, http: httpx.Client
    ) -> None:
        said = elks.post("/a1/sms", data={**SMS, "message": "—" * 71, "dryrun": "yes"}).json()
        assert (said["parts"], said["estimated_cost"]) == (2, 7000) and said.keys().isdisjoint({"id", "cost"})
        assert phones(http) == [] and elks.get("/a1/sms").json() == {"data": []}

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"to": ""}, "to"),
            ({"message": ""}, "message"),
            ({"to": "070-1234567"}, "to="),
            ({"from": "EttFörLångtNamn"}, "from="),
            ({"from": "112"}, "from="),
        ],
    )
    def test_what_cannot_be_sent_is_refused_in_plain_text(
        self, elks: httpx.Client, http: httpx.Client, changed: dict[str, str], words: str
    ) -> None:
        answer = elks.post("/a1/sms", data=SMS | changed)
        assert answer.status_code == 400 and words in answer.text
        assert answer.headers["content-type"].startswith("text/plain")
        assert phones(http) == []

    @pytest.mark.parametrize("wrong", [("x", PASSWORD), (USER, "x"), ("", "")])
    def test_a_wrong_name_or_password_opens_nothing(self, elks: httpx.Client, wrong: tuple[str, str]) -> None:
        answer = elks.post("/a1/sms", data=SMS, auth=wrong)
        assert answer.status_code == 401 and answer.headers["www-authenticate"].startswith("Basic")
        assert elks.get("/a1/sms", auth=wrong).status_code == 401

    def test_without_credit_it_says_403_and_sends_nothing(self, elks: httpx.Client, http: httpx.Client) -> None:
        assert http.put("/_elks", json={"credit": 3500}).json() == {"credit": 3500, "numbers": {}, "reports": True}
        assert [elks.post("/a1/sms", data=SMS).status_code for _ in range(2)] == [200, 403]
        assert elks.get("/a1/me").json()["balance"] == 0
        assert len(phones(http)) == 1

    def test_two_sandboxes_with_one_seed_give_the_same_ids(self) -> None:
        def ids(seed: int) -> list[str]:
            with Sandbox(seed=seed) as one:
                send = [httpx.post(f"{one.url}/elks/a1/sms", data=SMS, auth=(USER, PASSWORD), **PLAIN) for _ in "ab"]
                return [answer.json()["id"] for answer in send]

        assert ids(7) == ids(7) != ids(8)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1), ("å" * 160, 1), ("å" * 161, 2), ("x" * 306, 2), ("x" * 307, 3), ("{" * 80, 1), ("€" * 81, 2),
        ("–" * 70, 1), ("–" * 71, 2), ("م" * 134, 2), ("م" * 135, 3), ("🫎" * 35, 1), ("🫎" * 36, 2),
    ],
)  # fmt: skip
def test_parts_are_counted_as_they_are_paid(text: str, parts: int) -> None:
    assert parts_of(text) == parts


class TestLookingUp:
    def test_one_is_found_by_its_id_and_an_unknown_one_is_not(self, elks: httpx.Client) -> None:
        said = elks.post("/a1/sms", data=SMS).json()
        assert elks.get(f"/a1/sms/{said['id']}").json()["message"] == SMS["message"]
        assert elks.get("/a1/sms/s0").status_code == 404

    def test_words_that_were_not_to_be_kept_are_on_the_phone_and_nowhere_else(
        self, elks: httpx.Client, http: httpx.Client
    ) -> None:
        said = elks.post("/a1/sms", data=SMS | {"dontlog": "message"}).json()
        assert "message" not in elks.get(f"/a1/sms/{said['id']}").json()
        assert phones(http) == [(ANNA, SMS["message"])]

    def test_the_history_is_latest_first_in_pages_and_by_recipient(self, elks: httpx.Client, now: list[float]) -> None:
        for number in (ANNA, BO, ANNA):
            elks.post("/a1/sms", data=SMS | {"to": number})
            now[0] += 60
        first = elks.get("/a1/sms", params={"limit": 2}).json()
        assert [one["to"] for one in first["data"]] == [ANNA, BO]
        rest = elks.get("/a1/sms", params={"start": first["next"]}).json()
        assert [one["to"] for one in rest["data"]] == [ANNA] and "next" not in rest
        assert len(elks.get("/a1/sms", params={"to": BO}).json()["data"]) == 1
        assert elks.get("/a1/sms", params={"start": "igår"}).status_code == 400


class TestReports:
    def test_sent_and_delivered_are_reported_and_the_sms_says_so_too(
        self, elks: httpx.Client, http: httpx.Client, hook: Hook
    ) -> None:
        said = elks.post("/a1/sms", data=SMS | {"whendelivered": hook.url}).json()
        assert hook.next() == {"id": said["id"], "status": "sent"}
        report = hook.next()
        assert (report["id"], report["status"]) == (said["id"], "delivered")
        assert report["delivered"] == elks.get(f"/a1/sms/{said['id']}").json()["delivered"]
        assert elks.get(f"/a1/sms/{said['id']}").json()["status"] == "delivered"

    def test_one_that_the_script_makes_undeliverable_is_reported_failed(
        self, elks: httpx.Client, http: httpx.Client, hook: Hook, script: Callable[..., None]
    ) -> None:
        script({"do": "undelivered", "times": 1})
        assert elks.post("/a1/sms", data=SMS | {"whendelivered": hook.url}).json()["status"] == "created"
        assert [hook.next()["status"] for _ in "ab"] == ["sent", "failed"]
        assert phones(http) == []

    def test_one_that_the_script_loses_is_taken_and_never_heard_of(
        self, elks: httpx.Client, http: httpx.Client, hook: Hook, script: Callable[..., None]
    ) -> None:
        script({"do": "lost", "times": 1})
        lost = elks.post("/a1/sms", data=SMS | {"whendelivered": hook.url})
        assert lost.status_code == 200
        later = elks.post("/a1/sms", data=SMS | {"to": BO, "whendelivered": hook.url}).json()
        assert {hook.next()["id"] for _ in "ab"} == {later["id"]}
        assert phones(http) == [(BO, SMS["message"])]
        assert elks.get(f"/a1/sms/{lost.json()['id']}").json()["status"] == "created"

    def test_a_carrier_that_knows_of_no_reports_delivers_all_the_same(
        self, elks: httpx.Client, http: httpx.Client, hook: Hook
    ) -> None:
        http.put("/_elks", json={"reports": False})
        silent = elks.post("/a1/sms", data=SMS | {"whendelivered": hook.url}).json()
        http.put("/_elks", json={"reports": True})
        heard = elks.post("/a1/sms", data=SMS | {"to": BO, "whendelivered": hook.url}).json()
        assert {hook.next()["id"] for _ in "ab"} == {heard["id"]} != {silent["id"]}
        assert len(phones(http)) == 2

    def test_one_for_an_address_outside_this_machine_is_not_made_and_the_state_says_why(
        self, elks: httpx.Client, http: httpx.Client
    ) -> None:
        said = elks.post("/a1/sms", data=SMS | {"whendelivered": "https://region.example/x"}).json()
        answer = http.post("/_elks/report", json={"id": said["id"], "status": "delivered"}).json()
        assert (answer["answered"], "only http addresses on loopback" in answer["why"]) == (None, True)

    def test_a_test_makes_a_report_of_its_own_and_hears_how_it_was_answered(
        self, elks: httpx.Client, http: httpx.Client, hook: Hook, script: Callable[..., None]
    ) -> None:
        script({"do": "lost"})
        hook.statuses = [404]
        said = elks.post("/a1/sms", data=SMS | {"whendelivered": hook.url}).json()
        answer = http.post("/_elks/report", json={"id": said["id"], "status": "delivered"}).json()
        assert answer == {"status": "delivered", "answered": 404}
        assert hook.next()["status"] == "delivered"

    @pytest.mark.parametrize("wrong", [{}, {"id": "s0", "status": "sent"}, {"status": "exploded"}])
    def test_a_report_of_nothing_is_refused(self, http: httpx.Client, wrong: dict[str, str]) -> None:
        assert http.post("/_elks/report", json=wrong).status_code == 400


class TestAnswers:
    def test_an_sms_from_a_phone_is_handed_on_as_documented(self, http: httpx.Client, hook: Hook) -> None:
        http.put("/_elks", json={"numbers": {OURS: hook.url}})
        answer = http.post("/_elks/reply", json={"from": ANNA, "to": OURS, "message": "JA 4821"}).json()
        assert answer["answered"] == 204
        assert hook.next() == {
            "id": answer["id"], "direction": "incoming", "from": ANNA, "to": OURS, "message": "JA 4821",
            "created": "2026-11-18T11:06:40.000000",
        }  # fmt: skip
        assert phones(http) == []

    def test_one_that_is_not_taken_is_handed_on_again_with_the_same_id(self, http: httpx.Client, hook: Hook) -> None:
        hook.statuses = [500, 204]
        http.put("/_elks", json={"numbers": {OURS: hook.url}})
        answer = http.post("/_elks/reply", json={"from": ANNA, "to": OURS, "message": "JA"}).json()
        assert answer["answered"] == 500
        assert [hook.next()["id"] for _ in "ab"] == [answer["id"]] * 2

    def test_words_in_the_answer_go_back_as_an_sms(self, http: httpx.Client, hook: Hook) -> None:
        hook.statuses, hook.words = [200], b"Tack"
        http.put("/_elks", json={"numbers": {OURS: hook.url}})
        http.post("/_elks/reply", json={"from": ANNA, "to": OURS, "message": "JA"})
        assert phones(http) == [(ANNA, "Tack")]

    def test_a_number_that_is_none_of_ours_is_refused(self, http: httpx.Client) -> None:
        answer = http.post("/_elks/reply", json={"from": ANNA, "to": OURS, "message": "JA"})
        assert answer.status_code == 400 and "no such number" in answer.json()["error"]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"credits": 1},
            {"credit": -1},
            {"credit": True},
            {"reports": "no"},
            {"numbers": []},
            {"numbers": {"112": "http://127.0.0.1/"}},
            {"numbers": {OURS: "https://region.example/"}},
        ],
    )
    def test_an_account_that_cannot_be_is_refused_and_nothing_is_changed(
        self, http: httpx.Client, wrong: dict[str, Any]
    ) -> None:
        http.put("/_elks", json={"credit": 7})
        assert http.put("/_elks", json=wrong).status_code == 400
        assert http.get("/_elks").json() == {"credit": 7, "numbers": {}, "reports": True}


class TestFaults:
    def test_it_fails_in_its_own_plain_text(
        self, elks: httpx.Client, http: httpx.Client, script: Callable[..., None]
    ) -> None:
        script(*({"do": do, "times": 1} for do in ("error_500", "rate_limited", "token_dead")))
        answers = [elks.post("/a1/sms", data=SMS) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [500, 429, 401, 200]
        assert all(answer.headers["content-type"].startswith("text/plain") for answer in answers[:3])
        assert len(phones(http)) == 1

    def test_one_whose_answer_is_lost_is_on_the_phone_all_the_same(
        self, elks: httpx.Client, http: httpx.Client, script: Callable[..., None]
    ) -> None:
        script({"do": "applied_then_drop", "times": 1})
        with pytest.raises(httpx.RemoteProtocolError):
            elks.post("/a1/sms", data=SMS)
        assert len(phones(http)) == 1

    @pytest.mark.parametrize("do", ["lost", "undelivered"])
    def test_only_sms_can_be_lost_on_the_way(self, http: httpx.Client, do: str) -> None:
        answer = http.put("/_script", json={"phone": [{"on": "PUT /x", "do": do}]})
        assert answer.status_code == 400 and "only means something for elks" in answer.json()["error"]


def test_a_reset_forgets_sms_credit_and_numbers(elks: httpx.Client, http: httpx.Client, hook: Hook) -> None:
    http.put("/_elks", json={"credit": 5, "numbers": {OURS: hook.url}})
    http.post("/_elks/reply", json={"from": ANNA, "to": OURS, "message": "JA"})
    http.post("/_reset")
    assert http.get("/_elks").json() == {"credit": None, "numbers": {}, "reports": True}
    assert elks.get("/a1/sms").json() == {"data": []}
