"""A receiver hears of every change, signed, and again for 36 hours when it does not say 200."""

import hashlib
import hmac
import http.client
import json
from collections.abc import Iterator

import pytest
from sandbox.receiver import VERIFY_TOKEN, Receiver, eventually

from broadcaster.sandbox.webhook_sender import BATCH_MAX, Sender, challenged, is_on_this_machine

SECRET = "s3cr3t"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def sender(now: list[float]) -> Iterator[Sender]:
    made = Sender(lambda: now[0], 7, SECRET)
    yield made
    made.close()


def change(number: int) -> dict[str, object]:
    return {"field": "feed", "value": {"item": "status", "verb": "add", "message": f"Blåljus {number}"}}


def next_time(sender: Sender, now: list[float]) -> float:
    """Wait for the next failed delivery and return the seconds until it is sent again."""
    assert eventually(lambda: (sender.again_at() or 0) > now[0])
    return (sender.again_at() or 0) - now[0]


def test_a_delivery_is_signed_over_its_very_bytes(sender: Sender, receiver: Receiver, now: list[float]) -> None:
    sender.send(receiver.url, change(1))
    assert eventually(lambda: len(receiver.got) == 1)
    body, signature = receiver.got[0]
    assert signature == "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    told = json.loads(body)
    assert told == {"object": "page", "entry": [{"id": "100200300", "time": int(now[0]), "changes": [change(1)]}]}
    assert b"Bl\\u00e5ljus" in body, "letters are escaped: whoever signs what he wrote anew signs something else"


def test_what_comes_while_one_is_under_way_is_batched(sender: Sender, receiver: Receiver) -> None:
    receiver.gate.clear()
    sender.send(receiver.url, change(0))
    assert eventually(lambda: len(receiver.got) == 1)
    for number in range(1, BATCH_MAX + 501):
        sender.send(receiver.url, change(number))
    assert sender.waiting() == BATCH_MAX + 501, "nobody waited for the receiver"
    receiver.gate.set()
    assert eventually(lambda: sender.waiting() == 0)
    assert [len(json.loads(body)["entry"][0]["changes"]) for body, _ in receiver.got] == [1, BATCH_MAX, 500]
    assert [value["message"] for value in receiver.changes()] == [f"Blåljus {n}" for n in range(BATCH_MAX + 501)]


def test_a_failed_delivery_comes_again_at_once_with_the_same_bytes(sender: Sender, receiver: Receiver) -> None:
    receiver.statuses = [500]
    sender.send(receiver.url, change(1))
    assert eventually(lambda: len(receiver.got) == 2 and sender.waiting() == 0)
    assert receiver.got[0] == receiver.got[1]


@pytest.mark.parametrize("status", [201, 204, 302, 404, 503])
def test_only_200_is_taken_for_taken(status: int, sender: Sender, receiver: Receiver) -> None:
    receiver.statuses = [status]
    sender.send(receiver.url, change(1))
    assert eventually(lambda: len(receiver.got) == 2 and sender.waiting() == 0)


def test_pauses_grow_and_others_do_not_wait(sender: Sender, receiver: Receiver, now: list[float]) -> None:
    receiver.statuses = [500] * 4
    sender.send(receiver.url, change(1))
    pauses = [next_time(sender, now)]
    assert len(receiver.got) == 2, "the second at once"
    receiver.statuses = []
    sender.send(receiver.url, change(2))
    assert eventually(lambda: len(receiver.got) == 3)
    assert receiver.changes()[-1]["message"] == "Blåljus 2", "what is new does not wait for what failed"
    receiver.statuses = [500] * 4
    for _ in range(4):
        now[0] += pauses[-1]
        pauses.append(next_time(sender, now))
    assert pauses == sorted(pauses)
    assert 13 <= pauses[0] <= 17
    assert 800 <= pauses[3] <= 1000
    now[0] += pauses[-1]
    assert eventually(lambda: sender.waiting() == 0)
    assert receiver.got[-1] == receiver.got[0]


def test_after_36_hours_a_delivery_is_given_up(sender: Sender, receiver: Receiver, now: list[float]) -> None:
    receiver.statuses = [500] * 1000
    begun = now[0]
    sender.send(receiver.url, change(1))
    while eventually(lambda: sender.waiting() == 0 or (sender.again_at() or 0) > now[0]) and sender.waiting():
        now[0] += next_time(sender, now)
    assert 33 * 3600 < now[0] - begun <= 36 * 3600
    assert len(receiver.got) in range(15, 20), "falling frequency: some tries in the first hour, then every few hours"
    receiver.statuses = []
    sender.send(receiver.url, change(2))
    assert eventually(lambda: sender.waiting() == 0)
    assert receiver.changes()[-1]["message"] == "Blåljus 2"


def test_the_same_seed_gives_the_same_pauses(receiver: Receiver, now: list[float]) -> None:
    def pauses(seed: int) -> list[float]:
        sender = Sender(lambda: now[0], seed, SECRET)
        receiver.statuses = [500] * 5
        sender.send(receiver.url, change(1))
        found = [round(next_time(sender, now), 3)]
        for _ in range(2):
            now[0] += next_time(sender, now)
            found.append(round(next_time(sender, now), 3))
        sender.close()
        return found

    assert pauses(1) == pauses(1) != pauses(2)


def test_nobody_listening_is_only_a_failure(sender: Sender, receiver: Receiver) -> None:
    sender.send("http://127.0.0.1:1/", change(1))
    sender.send(receiver.url, change(2))
    assert eventually(lambda: len(receiver.got) == 1)
    assert sender.waiting() == 1


def test_closing_ends_a_delivery_that_hangs_and_sends_nothing_more(receiver: Receiver, now: list[float]) -> None:
    sender = Sender(lambda: now[0], 0, SECRET)
    receiver.gate.clear()
    sender.send(receiver.url, change(1))
    assert eventually(lambda: len(receiver.got) == 1)
    sender.close()
    sender.close()
    sender.send(receiver.url, change(2))
    receiver.gate.set()
    assert sender.waiting() == 0
    assert len(receiver.got) == 1


def test_clearing_forgets_what_waits(sender: Sender, receiver: Receiver, now: list[float]) -> None:
    receiver.statuses = [500, 500]
    sender.send(receiver.url, change(1))
    assert eventually(lambda: len(receiver.got) == 2)
    sender.clear()
    now[0] += 86_400
    sender.send(receiver.url, change(2))
    assert eventually(lambda: len(receiver.got) == 3)
    assert receiver.changes()[-1]["message"] == "Blåljus 2"


def test_a_receiver_proves_that_it_knows_the_token(receiver: Receiver) -> None:
    assert challenged(receiver.url, VERIFY_TOKEN, "1158201444") == ""
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": VERIFY_TOKEN}
    assert receiver.asked == [asked]
    assert challenged(receiver.url + "?via=proxy", VERIFY_TOKEN, "7") == ""
    assert receiver.asked[1]["via"] == "proxy"
    assert "403" in challenged(receiver.url, "fel", "1")
    receiver.challenge_answer = lambda number: f"<b>{number}</b>"
    assert "not the challenge" in challenged(receiver.url, VERIFY_TOKEN, "1")
    assert "ConnectionRefusedError" in challenged("http://127.0.0.1:1/", VERIFY_TOKEN, "1")
    assert http.client.InvalidURL.__name__ in challenged(receiver.url + "/a b", VERIFY_TOKEN, "1")


@pytest.mark.parametrize(("url", "here"), [
    ("http://127.0.0.1:8000/hook", True), ("http://127.3.2.1/", True), ("http://[::1]:80/", True),
    ("http://localhost:8000/", True), ("https://127.0.0.1/", False), ("http://10.0.0.1/", False),
    ("http://127.0.0.1.example/", False), ("http://127.0.0.1@example.org/", False), ("http://example.org/", False),
    ("http://127.0.0.1:99999/", False), ("ftp://127.0.0.1/", False), ("", False), ("http://[::1", False)])
def test_only_addresses_on_this_machine_are_called(url: str, here: bool) -> None:
    assert is_on_this_machine(url) is here
