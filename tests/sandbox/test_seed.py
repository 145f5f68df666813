"""The same seed, the same script, the same time and the same calls are the same night, to the last byte."""

import json
import re
from typing import Any

import httpx
from sandbox.asking import png
from sandbox.receiver import VERIFY_TOKEN, Receiver, eventually

from broadcaster.sandbox import Sandbox

SCRIPT = {"facebook": [{"on": "POST /{page}/feed", "do": "applied_then_500", "after": 1, "times": 1},
                       {"on": "GET /{post}", "do": "error:190/460", "times": 1},
                       {"on": "GET /{page}/published_posts", "do": "list_lag:1", "after": 2, "times": 1}]}
PAGE = "/graph/v26.0/100200300"
BOTH = {"metric": "post_media_view,post_reactions_by_type_total"}


def night(seed: int) -> list[str]:
    """Play a night and return every answer as text; ports, and what the client itself leaves to chance, struck out."""
    now, heard = [1_795_000_000.0], list[str]()
    with Sandbox(seed=seed, clock=lambda: now[0], script=SCRIPT) as sandbox, Receiver() as receiver, httpx.Client(
            base_url=sandbox.url, trust_env=False) as http:

        def ask(method: str, path: str, **more: Any) -> Any:
            token = more.pop("token", "PAGETOK")
            answer = http.request(method, path, headers={"Authorization": f"Bearer {token}"}, **more)
            kept = sorted(f"{name}: {value}" for name, value in answer.headers.items() if name != "date")
            heard.append(f"{method} {answer.status_code} {kept} {answer.text}")
            return answer.json()

        http.put("/_graph", json={"engaged_users": 1, "calls_used": 3000, "visitor_comments": ["Hej?"]})
        ask("POST", "/graph/4711/subscriptions", token="4711|s3cr3t", data={
            "object": "page", "fields": "feed", "callback_url": receiver.url, "verify_token": VERIFY_TOKEN})
        ask("POST", f"{PAGE}/subscribed_apps", data={"subscribed_fields": "feed"})
        first = ask("POST", f"{PAGE}/feed", data={"message": "Ett"})["id"]
        ask("POST", f"{PAGE}/feed", data={"message": "Två"})
        ask("POST", f"{PAGE}/photos", data={"caption": "Karta"}, files={"source": ("k.png", png())})
        now[0] += 90_000
        ask("GET", f"/graph/{first}")
        ask("GET", f"/graph/{first}", params={"fields": "message,shares,reactions,comments"})
        ask("GET", f"/graph/{first}/insights", params=BOTH)
        ask("GET", f"{PAGE}/insights", params={"metric": "page_media_view"})
        for _ in range(3):
            ask("GET", f"{PAGE}/published_posts", params={"limit": 1})
        ask("POST", "/graph/", data={"batch": json.dumps([{"method": "GET", "relative_url": "me"}] * 2)})
        ask("POST", "/cms/api/episerver/connect/token", data={
            "grant_type": "client_credentials", "client_id": "kris", "client_secret": "hemligt",
            "scope": "epi_content_management"})
        ask("DELETE", f"/graph/{first}")
        assert eventually(lambda: sandbox.state.graph.webhooks.waiting() == 0)
        heard += [json.dumps(one) for one in (receiver.asked, receiver.changes())]
        heard.append(json.dumps(http.get("/_state").json()))
        heard.append(http.get("/").text)
        heard.append(json.dumps(sandbox.state.log.items()))
    struck = re.compile(r"(?<=127\.0\.0\.1:)\d+|(?<=127\.0\.0\.1%3A)\d+|(?<=--)[0-9a-f]{32}")
    return [struck.sub("…", one) for one in heard]


def test_the_same_seed_is_the_same_night() -> None:
    assert night(1) == night(1)


def test_another_seed_is_another_night_with_the_same_words() -> None:
    one, other = night(1), night(2)
    assert one != other
    ids = re.compile(r"100200300_\d+")
    assert not set(ids.findall(" ".join(one))) & set(ids.findall(" ".join(other)))
    assert [entry.split()[:2] for entry in one[:16]] == [entry.split()[:2] for entry in other[:16]]
