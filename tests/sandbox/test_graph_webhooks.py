"""Whoever subscribes at both levels hears of every post at once, over real HTTP and signed."""

import hashlib
import hmac
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sandbox.asking import FEED, PAGE, error, post
from sandbox.receiver import VERIFY_TOKEN, Receiver, eventually

from broadcaster.sandbox import Sandbox
from broadcaster.sandbox.graph_webhooks import comment_changed

APP = "/4711/subscriptions"
APP_TOKEN = {"Authorization": "Bearer 4711|s3cr3t"}
AUTHOR = {"id": "100200300", "name": "Övningssidan"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


def subscribe_app(graph: httpx.Client, url: str, **changed: str) -> httpx.Response:
    given = {"object": "page", "callback_url": url, "fields": "feed", "verify_token": VERIFY_TOKEN, **changed}
    return graph.post(APP, data=given, headers=APP_TOKEN)


def subscribe(graph: httpx.Client, receiver: Receiver) -> None:
    """Subscribe at both levels."""
    assert subscribe_app(graph, receiver.url).json() == {"success": True}
    assert graph.post(f"{PAGE}/subscribed_apps", data={"subscribed_fields": "feed"}).json() == {"success": True}


def told(receiver: Receiver, count: int) -> list[dict[str, Any]]:
    assert eventually(lambda: len(receiver.changes()) >= count)
    return receiver.changes()


def test_a_post_is_told_from_its_publication_to_its_end(
        graph: httpx.Client, receiver: Receiver, now: list[float]) -> None:
    subscribe(graph, receiver)
    made = post(graph, "Ring 112 vid fara")
    first = int(now[0])
    now[0] += 60
    graph.post(f"/{made}", data={"message": "Löst. Ring 112 vid fara"})
    graph.delete(f"/{made}")
    common = {"post_id": made, "from": AUTHOR, "created_time": first}
    assert told(receiver, 3) == [
        {**common, "item": "status", "verb": "add", "published": 1, "message": "Ring 112 vid fara"},
        {**common, "item": "status", "verb": "edited", "published": 1, "message": "Löst. Ring 112 vid fara"},
        {**common, "item": "post", "verb": "remove"}]
    for body, signature in receiver.got:
        assert signature == "sha256=" + hmac.new(b"s3cr3t", body, hashlib.sha256).hexdigest()


def test_a_draft_is_told_when_it_is_published_and_not_before(
        graph: httpx.Client, receiver: Receiver, now: list[float]) -> None:
    subscribe(graph, receiver)
    draft = post(graph, "Utkast", published="false")
    graph.post(f"/{draft}", data={"message": "Utkast två"})
    graph.delete(f"/{post(graph, 'Kasserat', published='false')}")
    due = post(graph, "Planerat", published="false", scheduled_publish_time=str(int(now[0]) + 900))
    graph.post(f"/{draft}", data={"is_published": "true"})
    now[0] += 901
    graph.get(PAGE)
    assert [(one["post_id"], one["verb"], one["message"]) for one in told(receiver, 2)] == [
        (draft, "add", "Utkast två"), (due, "add", "Planerat")]


def test_a_link_is_told_as_shared(graph: httpx.Client, receiver: Receiver) -> None:
    subscribe(graph, receiver)
    post(graph, "Läs mer", link="https://region.example/kris")
    (value,) = told(receiver, 1)
    assert (value["item"], value["link"]) == ("share", "https://region.example/kris")


def test_both_levels_are_needed(graph: httpx.Client, receiver: Receiver) -> None:
    subscribe_app(graph, receiver.url)
    post(graph, "Bara appen")
    graph.post(f"{PAGE}/subscribed_apps", json={"subscribed_fields": ["feed", "mention"]})
    shown = graph.get(f"{PAGE}/subscribed_apps").json()["data"]
    assert shown == [{"id": "4711", "name": "Krisutskick", "subscribed_fields": ["feed", "mention"]}]
    graph.request("DELETE", APP, headers=APP_TOKEN)
    post(graph, "Bara sidan")
    subscribe_app(graph, receiver.url)
    graph.delete(f"{PAGE}/subscribed_apps")
    assert graph.get(f"{PAGE}/subscribed_apps").json() == {"data": []}
    post(graph, "Bara appen igen")
    subscribe(graph, receiver)
    post(graph, "Båda")
    assert [one["message"] for one in told(receiver, 1)] == ["Båda"]


def test_the_app_shows_what_it_subscribed_to(graph: httpx.Client, receiver: Receiver) -> None:
    assert graph.get(APP, headers=APP_TOKEN).json() == {"data": []}
    subscribe_app(graph, receiver.url)
    assert graph.get(APP, headers=APP_TOKEN).json() == {"data": [{
        "object": "page", "callback_url": receiver.url, "active": True,
        "fields": [{"name": "feed", "version": "v26.0"}]}]}
    assert receiver.asked[0]["hub.mode"] == "subscribe"
    assert receiver.asked[0]["hub.challenge"].isdecimal()


def test_an_address_that_does_not_prove_itself_is_not_subscribed(graph: httpx.Client, receiver: Receiver) -> None:
    refused = subscribe_app(graph, receiver.url, verify_token="fel")
    assert error(refused) == (400, 2200, None)
    assert "HTTP Status Code = 403" in refused.json()["error"]["message"]
    assert graph.get(APP, headers=APP_TOKEN).json() == {"data": []}


@pytest.mark.parametrize("changed", [
    {"callback_url": "https://hook.example/"}, {"callback_url": "http://10.0.0.7/"}, {"callback_url": ""},
    {"object": "user"}, {"fields": ""}, {"fields": "feed,nonsense"}, {"verify_token": ""}])
def test_a_subscription_that_cannot_be_is_refused_and_calls_nobody(
        graph: httpx.Client, receiver: Receiver, changed: dict[str, str]) -> None:
    assert error(subscribe_app(graph, receiver.url, **changed)) == (400, 100, None)
    assert receiver.asked == []


def test_only_the_app_itself_subscribes_itself(graph: httpx.Client, receiver: Receiver) -> None:
    refused = graph.post(APP, data={"object": "page", "callback_url": receiver.url})
    assert error(refused) == (400, 15, None)
    assert error(graph.put(APP, headers=APP_TOKEN)) == (400, 100, None)
    for given in ({}, {"subscribed_fields": "posts"}):
        assert error(graph.post(f"{PAGE}/subscribed_apps", data=given)) == (400, 100, None)


def test_a_receiver_that_hangs_holds_up_no_answer(graph: httpx.Client, receiver: Receiver, sandbox: Sandbox) -> None:
    subscribe(graph, receiver)
    receiver.gate.clear()
    ids = [post(graph, f"Nummer {number}") for number in range(30)]
    assert len(set(ids)) == 30, "thirty answers while the receiver has given none"
    assert len(receiver.got) <= 1
    receiver.gate.set()
    assert [one["post_id"] for one in told(receiver, 30)] == ids
    assert eventually(lambda: sandbox.state.graph.webhooks.waiting() == 0)


def test_a_receiver_may_ask_the_page_while_it_is_being_proved(graph: httpx.Client, receiver: Receiver) -> None:
    asked: list[int] = []

    def look_first(number: str) -> str:
        asked.append(graph.get(PAGE).status_code)
        return number

    receiver.challenge_answer = look_first
    subscribe(graph, receiver)
    assert asked == [200]


def test_a_failed_delivery_comes_again(graph: httpx.Client, receiver: Receiver) -> None:
    subscribe(graph, receiver)
    receiver.statuses = [503]
    made = post(graph, "Två gånger")
    assert [one["post_id"] for one in told(receiver, 2)] == [made, made], "whoever counts has to know it again"


def test_a_reset_and_a_close_end_the_telling(
        http: httpx.Client, graph: httpx.Client, receiver: Receiver, sandbox: Sandbox) -> None:
    subscribe(graph, receiver)
    http.post("/_reset")
    assert graph.get(APP, headers=APP_TOKEN).json() == {"data": []}
    post(graph, "Efter omstart")
    subscribe(graph, receiver)
    post(graph, "Hörs")
    assert [one["message"] for one in told(receiver, 1)] == ["Hörs"]
    sandbox.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "webhooks" and thread.is_alive()]


@pytest.mark.parametrize(("verb", "message"), [
    ("add", "Är ni öppna?"), ("edited", "Har ni öppet?"), ("hide", ""), ("unhide", ""), ("remove", "")])
def test_a_comment_is_told_by_what_was_done_to_it(verb: str, message: str) -> None:
    kim = {"id": "776655", "name": "Kim"}
    value = comment_changed(verb, "9_55", "100200300_9", "100200300_9", kim, 1_795_000_000.5, message=message)
    assert value == {
        "item": "comment", "verb": verb, "comment_id": "9_55", "post_id": "100200300_9", "parent_id": "100200300_9",
        "from": {"id": "776655", "name": "Kim"}, "created_time": 1_795_000_000,
        **({"message": message} if message else {})}


def test_a_removed_post_is_no_longer_found(graph: httpx.Client, receiver: Receiver) -> None:
    subscribe(graph, receiver)
    made = post(graph, "Borttaget")
    graph.delete(f"/{made}")
    assert told(receiver, 2)[1]["verb"] == "remove"
    assert error(graph.get(f"/{made}")) == (400, 100, 33)
    assert graph.get(FEED).json() == {"data": []}
