"""On the wire the imitations behave, and misbehave, like the real thing: connections really drop, drip and hang."""

import json
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from broadcaster.sandbox import Sandbox, ScriptError

FEED = "/100200300/feed"


def rule(do: str, on: str = "POST /{page}/feed", **more: object) -> dict[str, object]:
    return {"facebook": [{"on": on, "do": do, **more}]}


def published(sandbox: Sandbox) -> list[str]:
    return [post["text"] for post in sandbox.state.snapshot(sandbox.url)["facebook"]["published"]]


def connect(sandbox: Sandbox) -> socket.socket:
    host, port = sandbox.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=10)


def eventually(true: Callable[[], bool]) -> bool:
    for _ in range(200):
        if true():
            return True
        time.sleep(0.05)
    return False


def test_a_connection_is_kept_and_used_again(sandbox: Sandbox) -> None:
    with connect(sandbox) as raw:
        for _ in range(2):
            raw.sendall(b"GET /_state HTTP/1.1\r\nHost: x\r\n\r\n")
            head, _, body = raw.recv(65536).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 OK")
            assert json.loads(body)["phone"] == [], "head and body arrive in one piece"


def test_a_chunked_body_is_understood(graph: httpx.Client, sandbox: Sandbox) -> None:
    parts = (part for part in (b"message=H", b"ej"))
    assert graph.post(FEED, content=parts).status_code == 200
    assert published(sandbox) == ["Hej"]


def test_fifty_callers_at_once_all_get_their_own_post(graph: httpx.Client, sandbox: Sandbox) -> None:
    def publish(number: int) -> str:
        answer = httpx.post(f"{sandbox.url}/graph/v26.0{FEED}", data={"message": f"Nummer {number}"}, timeout=30,
                            headers={"Authorization": "Bearer PAGETOK"}, trust_env=False)
        return str(answer.json()["id"])

    with ThreadPoolExecutor(50) as pool:
        ids = list(pool.map(publish, range(50)))
    assert len(set(ids)) == 50
    assert sorted(published(sandbox)) == sorted(f"Nummer {number}" for number in range(50))


def test_dropped_before_it_arrived(http: httpx.Client, graph: httpx.Client, sandbox: Sandbox) -> None:
    http.put("/_script", json=rule("drop_before", times=1))
    with pytest.raises(httpx.RemoteProtocolError):
        graph.post(FEED, data={"message": "Hej"})
    assert published(sandbox) == []
    assert graph.post(FEED, data={"message": "Hej"}).status_code == 200


def test_dropped_after_it_was_published(http: httpx.Client, graph: httpx.Client, sandbox: Sandbox) -> None:
    http.put("/_script", json=rule("applied_then_drop"))
    with pytest.raises(httpx.RemoteProtocolError):
        graph.post(FEED, data={"message": "Hej"})
    assert published(sandbox) == ["Hej"]


@pytest.mark.parametrize(("do", "status", "words", "out"), [
    ("error_500", 500, '"code": 2', []),
    ("applied_then_500", 500, '"code": 2', ["Hej"]),
    ("html_502", 502, "<html>", []),
    ("no_id", 200, "{}", ["Hej"]),
    ("rate_limited", 400, '"code": 80001', []),
    ("token_dead", 400, '"error_subcode": 463', []),
    ("redirect", 302, "", []),
    ("slow:0.2", 200, '"id":', ["Hej"]),
])
def test_what_the_caller_hears_and_what_the_public_sees(
        http: httpx.Client, graph: httpx.Client, sandbox: Sandbox, do: str, status: int, words: str, out: list[str]
) -> None:
    assert http.put("/_script", json=rule(do)).status_code == 200
    answer = graph.post(FEED, data={"message": "Hej"})
    assert (answer.status_code, published(sandbox)) == (status, out)
    assert words in answer.text


def test_a_redirect_leads_to_another_host(http: httpx.Client, graph: httpx.Client) -> None:
    http.put("/_script", json=rule("redirect"))
    assert graph.post(FEED, data={"message": "Hej"}).headers["location"] == "http://127.0.0.1:1/"


def test_an_answer_that_drips_never_arrives_in_time(http: httpx.Client, graph: httpx.Client, sandbox: Sandbox) -> None:
    http.put("/_script", json=rule("drip"))
    with graph.stream("POST", FEED, data={"message": "Hej"}) as answer:
        pieces = answer.iter_raw()
        assert answer.status_code == 200
        assert len(next(pieces)) == 1
        assert len(next(pieces)) == 1
        assert int(answer.headers["content-length"]) >= 240, "two minutes at half a second a byte"
    assert published(sandbox) == ["Hej"]


def test_a_hanging_call_is_not_carried_out(http: httpx.Client, graph: httpx.Client, sandbox: Sandbox) -> None:
    http.put("/_script", json=rule("hang"))
    with pytest.raises(httpx.ReadTimeout):
        graph.post(FEED, data={"message": "Hej"}, timeout=0.3)
    assert published(sandbox) == []


def test_a_late_call_is_carried_out_when_the_caller_is_long_gone(
        http: httpx.Client, graph: httpx.Client, sandbox: Sandbox) -> None:
    http.put("/_script", json=rule("late:0.6"))
    with pytest.raises(httpx.ReadTimeout):
        graph.post(FEED, data={"message": "Hej"}, timeout=0.2)
    assert published(sandbox) == []
    assert eventually(lambda: published(sandbox) == ["Hej"])


def test_a_late_call_never_reaches_past_a_reset(http: httpx.Client, graph: httpx.Client, sandbox: Sandbox) -> None:
    http.put("/_script", json=rule("late:0.4"))
    with pytest.raises(httpx.ReadTimeout):
        graph.post(FEED, data={"message": "Gammalt"}, timeout=0.1)
    assert eventually(lambda: len(sandbox.state.log.items()) == 1), "it may arrive after its caller has left"
    http.post("/_reset")
    http.put("/_script", json=rule("late:0.5"))
    with pytest.raises(httpx.ReadTimeout):
        graph.post(FEED, data={"message": "Nytt"}, timeout=0.1)
    assert eventually(lambda: published(sandbox) == ["Nytt"])


def test_closing_ends_hanging_callers_too(now: list[float]) -> None:
    sandbox = Sandbox(clock=lambda: now[0], script=rule("hang"))
    url = sandbox.start()
    heard: list[str] = []

    def call() -> None:
        try:
            httpx.post(f"{url}/graph{FEED}", data={"message": "Hej"}, timeout=60, trust_env=False)
        except httpx.TransportError as end:
            heard.append(type(end).__name__)

    caller = threading.Thread(target=call)
    caller.start()
    assert eventually(lambda: len(sandbox.state.log.items()) == 1)
    sandbox.close()
    sandbox.close()
    caller.join(30)
    assert heard == ["RemoteProtocolError"]


def test_a_closed_sandbox_can_come_back_on_the_same_port() -> None:
    first = Sandbox()
    port = int(first.start().rsplit(":", 1)[1])
    first.close()
    with Sandbox(port=port) as second:
        assert httpx.get(f"{second.url}/_state", trust_env=False).status_code == 200


def test_a_script_given_from_the_start_is_in_force_and_a_wrong_one_refuses_to_start() -> None:
    with Sandbox(script=rule("error_500")) as sandbox:
        assert httpx.get(f"{sandbox.url}/_script", trust_env=False).json()["facebook"][0]["do"] == "error_500"
    with pytest.raises(ScriptError):
        Sandbox(script=rule("explode"))


def test_a_wrong_script_is_refused_in_words_and_changes_nothing(http: httpx.Client) -> None:
    http.put("/_script", json=rule("hang"))
    for content in (json.dumps(rule("explode")), "{", "[]"):
        answer = http.put("/_script", content=content)
        assert answer.status_code == 400
        assert "unchanged" in answer.json()["error"]
    assert http.get("/_script").json()["facebook"][0]["do"] == "hang"


def test_the_log_shows_every_request_with_status_and_no_secret(http: httpx.Client, sandbox: Sandbox) -> None:
    http.put("/_script", json=rule("drop_before", times=1))
    with pytest.raises(httpx.RemoteProtocolError):
        http.post(f"/graph{FEED}?access_token=PAGETOK", data={"message": "Hej"})
    http.post(f"/graph/v26.0{FEED}", json={"message": "Hej", "access_token": "PAGETOK", "appsecret_proof": "abc"})
    http.post("/cms/api/episerver/connect/token", data={"client_id": "a", "client_secret": "mycket hemligt"})
    http.get("/graph/debug_token?input_token=PAGETOK&access_token=4711%7Cs3cr3t")
    items = http.get("/_log").json()["items"]
    assert [(item["service"], item["method"], item["status"]) for item in items] == [
        ("facebook", "POST", 0), ("facebook", "POST", 400), ("cms", "POST", 400), ("facebook", "GET", 200)]
    assert items[0]["path"] == f"/graph{FEED}?access_token=***"
    assert items[0]["body"] == "message=Hej"
    assert items[0]["at"] == "2026-11-18T11:06:40.000Z"
    for secret in ("PAGETOK", "s3cr3t", "hemligt", "abc"):
        assert secret not in json.dumps(items)


def test_looking_at_the_sandbox_itself_is_not_logged(http: httpx.Client) -> None:
    for path in ("/", "/_log", "/_state", "/style.css"):
        assert http.get(path).status_code == 200
    assert http.get("/_log").json() == {"items": []}


def test_a_reset_empties_words_script_and_log(http: httpx.Client, graph: httpx.Client, phone: httpx.Client) -> None:
    first = graph.post(FEED, data={"message": "Hej"}).json()["id"]
    http.put("/_script", json=rule("hang"))
    assert http.post("/_reset").status_code == 200
    assert http.get("/_state").json() == {"facebook": {"published": [], "drafts": []}, "cms": [], "phone": []}
    assert (http.get("/_script").json(), http.get("/_log").json()) == ({}, {"items": []})
    assert graph.post(FEED, data={"message": "Hej"}).json()["id"] != first, "an id is never given twice"


def test_a_wrong_method_and_an_absurd_body_are_refused(http: httpx.Client, sandbox: Sandbox) -> None:
    refused = http.delete("/_log")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")
    with connect(sandbox) as raw:
        raw.sendall(b"POST /graph/100200300/feed HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_caller_that_leaves_in_the_middle_of_a_body_publishes_nothing(sandbox: Sandbox) -> None:
    with connect(sandbox) as raw:
        raw.sendall(b"POST /graph/100200300/feed?access_token=PAGETOK HTTP/1.1\r\nHost: x\r\n"
                    b"Content-Length: 500\r\n\r\nmessage=Halva")
        raw.shutdown(socket.SHUT_WR)
        assert raw.recv(100) == b"", "no answer, and the connection is closed"
    assert httpx.get(f"{sandbox.url}/_log", trust_env=False).json() == {"items": []}
    assert published(sandbox) == []


def test_the_same_seed_gives_the_same_ids() -> None:
    ids = []
    for seed in (1, 1, 2):
        with Sandbox(seed=seed) as sandbox:
            ids.append(httpx.post(f"{sandbox.url}/graph{FEED}", data={"message": "Hej", "access_token": "PAGETOK"},
                                  trust_env=False).json()["id"])
    assert ids[0] == ids[1] != ids[2]
