"""A reset leaves nothing behind: whoever trains next begins with an empty world that is well."""

import json
from typing import Any

import httpx
from sandbox.asking import PAGE, photo, post
from sandbox.receiver import VERIFY_TOKEN, Receiver, eventually

from broadcaster.sandbox import Sandbox

CONDITIONS = {"engaged_users": 1, "calls_used": 4000, "visitor_comments": ["Hej?"], "foreign_posts": [{"message": "x"}],
              "empty_pages": 1}
APP = {"Authorization": "Bearer 4711|s3cr3t"}


def seen(http: httpx.Client, graph: httpx.Client) -> dict[str, Any]:
    """Return all that can be seen from outside."""
    shown: dict[str, Any] = {path: http.get(path).text for path in ("/", "/_state", "/_script", "/_graph", "/_log")}
    for edge in ("feed", "posts", "scheduled_posts", "photos", "subscribed_apps"):
        answer = graph.get(f"{PAGE}/{edge}")
        shown[edge] = (answer.status_code, answer.text, [name for name in answer.headers if "usage" in name])
    shown["subscriptions"] = graph.get("/4711/subscriptions", headers=APP).text
    return shown


def test_a_reset_leaves_a_world_like_a_new_one(
        http: httpx.Client, graph: httpx.Client, phone: httpx.Client, cms: httpx.Client, sandbox: Sandbox) -> None:
    http.post("/_reset")
    new = seen(http, graph)
    http.put("/_graph", json=CONDITIONS).raise_for_status()
    with Receiver() as receiver:
        graph.post("/4711/subscriptions", headers=APP, data={
            "object": "page", "fields": "feed", "callback_url": receiver.url, "verify_token": VERIFY_TOKEN})
        graph.post(f"{PAGE}/subscribed_apps", data={"subscribed_fields": "feed"})
        made = post(graph, "Ring 112", attached_media=json.dumps([{"media_fbid": photo(graph)["id"]}]))
        comment = graph.post(f"/{made}/comments", data={"message": "Svar"}).json()["id"]
        post(graph, "Utkast", published="false")
        receiver.statuses = [500] * 99
        post(graph, "Hörs inte")
        assert eventually(lambda: len(receiver.statuses) < 99)
        assert sandbox.state.graph.webhooks.waiting() > 0
        phone.put("/announcements/RV-1.sv", json={"id": "RV-1", "revision": 1, "language": "sv", "text": "Hej"})
        cms.put("/7f0b6f0e-6b0a-5d2a-9a39-0f4f6f1f2a11", json={
            "name": "Avbrott", "language": {"name": "sv"}, "contentType": ["Page", "RegionalNoticePage"],
            "parentLink": {"id": 4711}, "status": "Published", "heading": {"value": "Avbrott"}})
        httpx.post(f"{sandbox.url}/restapp/messages", auth=("kris", "RESTPASS"), trust_env=False, json={})
        http.put("/_script", json={"facebook": [{"on": "GET /{post}", "do": "hang"}]})
        assert seen(http, graph).keys() == new.keys()
        assert [name for name, shown in seen(http, graph).items() if shown == new[name]] == []
    http.post("/_reset").raise_for_status()
    assert seen(http, graph) == new
    assert sandbox.state.graph.webhooks.waiting() == 0
    assert [graph.get(f"/{one}").status_code for one in (made, comment)] == [400, 400]
