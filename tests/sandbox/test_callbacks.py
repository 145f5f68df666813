"""The imitations call back only on this machine, and go on until they are heard."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from broadcaster.sandbox.callbacks import AGAIN_S, Callbacks, Heard, is_loopback, post


@dataclass
class Listener:
    """Somebody who is called: what they heard, and what they answer."""

    url: str = ""
    status: int = 204
    heard: list[tuple[str, str, str | None]] = field(default_factory=list)


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            found.heard.append((self.path, body, self.headers["authorization"]))
            self.send_response(found.status)
            self.send_header("location", found.url)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield found
        server.shutdown()


def test_a_form_arrives_as_it_was_given_with_query_and_name_and_password(listener: Listener) -> None:
    where = listener.url.replace("//", "//elk:horn@") + "/dlr?mine=7"
    assert post(where, {"id": "s1", "message": "å & ä"}).status == 204
    assert listener.heard == [("/dlr?mine=7", "id=s1&message=%C3%A5+%26+%C3%A4", "Basic ZWxrOmhvcm4=")]


@pytest.mark.parametrize("status", [200, 201, 202, 203, 204, 205, 302, 404, 500])
def test_only_200_to_204_counts_as_taken_and_nobody_is_sent_on(listener: Listener, status: int) -> None:
    listener.status = status
    heard = post(listener.url, {"id": "s1"})
    assert (heard.status, heard.taken()) == (status, status <= 204)
    assert len(listener.heard) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://198.51.100.7/x",
        "http://region.example/x",
        "https://127.0.0.1/x",
        "http://127.0.0.1.region.example/",
        "file:///etc/passwd",
        "http://[::1",
        "http://127.0.0.1:99999/",
        "",
    ],
)
def test_nobody_outside_this_machine_is_ever_called(url: str) -> None:
    assert not is_loopback(url)
    assert post(url, {}).why == "not called: an imitation calls only http addresses on loopback"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/x", "http://localhost/", "http://[::1]:8000/", "http://127.9.9.9/"])
def test_this_machine_has_several_names(url: str) -> None:
    assert is_loopback(url)


def test_where_nobody_answers_it_says_so() -> None:
    heard = post("http://127.0.0.1:1/", {})
    assert (heard.status, heard.taken(), heard.why) == (None, False, "ConnectionRefusedError")


def test_a_call_is_made_again_for_six_hours_and_at_least_five_times_until_it_is_taken() -> None:
    waited: list[float] = []
    done = threading.Event()

    def wait(over: threading.Event, seconds: float) -> bool:
        waited.append(seconds)
        return False

    def never() -> Heard:
        if len(waited) == 1 + len(AGAIN_S):
            done.set()
        return Heard(500)

    Callbacks(wait).later(3, never)
    assert done.wait(60)
    assert waited == [3, *AGAIN_S] and len(AGAIN_S) >= 5 and sum(AGAIN_S) >= 6 * 3600


def test_one_that_was_taken_is_not_made_again() -> None:
    answers = [Heard(500), Heard(None), Heard(204)]
    turns: list[float] = []
    done = threading.Event()

    def call() -> Heard:
        heard = answers.pop(0)
        if heard.taken():
            done.set()
        return heard

    Callbacks(lambda over, seconds: turns.append(seconds) or False).later(1, call)
    assert done.wait(60)
    assert (len(turns), answers) == (3, [])


def test_what_waits_is_ended_and_what_comes_later_is_not() -> None:
    entered, made = threading.Event(), threading.Event()
    ended: list[bool] = []

    def wait(over: threading.Event, seconds: float) -> bool:
        if seconds == 0:
            return False
        entered.set()
        ended.append(over.wait(60))
        made.set()
        return ended[-1]

    callbacks = Callbacks(wait)
    callbacks.later(9, lambda: Heard(204))
    assert entered.wait(60)
    callbacks.end()
    assert made.wait(60) and ended == [True]
    late = threading.Event()

    def call() -> Heard:
        late.set()
        return Heard(204)

    callbacks.later(0, call)
    assert late.wait(60)
