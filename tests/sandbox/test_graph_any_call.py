"""No call whatever makes the imitated Facebook fall over: every one gets an answer or a refusal in its own words."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sandbox.asking import png

from broadcaster.sandbox.exchange import Request, Upload
from broadcaster.sandbox.state import State

NAMES = (
    "message", "link", "published", "fields", "attached_media", "attached_media[0]", "ids", "batch", "limit", "after",
    "before", "since", "until", "summary", "filter", "order", "is_published", "is_hidden", "caption", "source", "url",
    "no_story", "temporary", "scheduled_publish_time", "alt_text_custom", "input_token", "grant_type", "client_id",
    "client_secret", "fb_exchange_token", "appsecret_proof", "metric", "period", "include_headers",
    "subscribed_fields", "include_hidden", "access_token")
WORDS = st.sampled_from((
    "", "Hej", "true", "false", "0", "25", "-1", "9" * 5000, "1795000900", "i går", "id,message", "from{id", "a{b}}",
    "comments.limit(1).summary(true){id}", "attachments", "[", "[{}]", '[{"media_fbid":"1"}]', "[" * 2000, "{}", "[1]",
    '"\\ud800"', '[{"method":"POST","relative_url":"http://[","body":"\\ud800"}]',
    '[{"method":"GET","relative_url":"?ids={result=a:$.data.*.id}","name":"a"}]',
    '[{"method":"GET","relative_url":"me","name":"a"},{"method":"GET","relative_url":"{result=a:$.id[99]}"}]',
    "empty3", "MTc5NTAwMDAwMC4wOjE", "stream", "reverse_chronological", "4711", "s3cr3t", "client_credentials",
    "fb_exchange_token", "PAGETOK", "post_media_view", "day", "feed", "\u00e5\ud83d\ude00", "x" * 70_000))
FILES = st.sampled_from((b"", png(), b"GIF8", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP")).map(lambda b: Upload("a", "", b))
VALUES = st.one_of(WORDS, st.text(max_size=20), st.integers(), st.booleans(), st.none(), st.lists(WORDS, max_size=2),
                   st.dictionaries(st.sampled_from(("media_fbid", "x")), WORDS, max_size=1), FILES)
PATHS = st.sampled_from((
    "", "me", "me/accounts", "debug_token", "oauth/access_token", "100200300", "100200300/feed", "100200300/photos",
    "100200300/published_posts", "100200300/scheduled_posts", "100200300/insights", "100200300/subscribed_apps", "POST",
    "POST/comments", "POST/insights", "PHOTO", "COMMENT", "COMMENT/comments", "1220001/accounts", "4711", "å/../x"))
VERSIONS = st.sampled_from(("", "v26.0/", "v1.0/"))
TOKENS = st.sampled_from(("PAGETOK", "USERTOK", "SYSTOK", "4711|s3cr3t", "", "x"))


def said(state: State, method: str, segments: tuple[str, ...], given: dict[str, Any], token: str) -> Any:
    files = {name: value for name, value in given.items() if isinstance(value, Upload)}
    plain = {name: value for name, value in given.items() if not isinstance(value, Upload)}
    body = json.dumps(plain).encode()
    answer = state.graph.handle(Request(
        method, segments, {}, {"content-type": "application/json", "authorization": f"Bearer {token}"}, body,
        "http://127.0.0.1:1", files=files))
    return json.loads(answer.body)


def lived_in() -> tuple[State, dict[str, str]]:
    """Return a Facebook with one of each, and their ids by the names used above."""
    state = State(lambda: 1_795_000_000.0, 0)
    state.graph.put({"visitor_comments": ["Hej"], "foreign_posts": [{"message": "x"}], "engaged_users": 5})
    made = said(state, "POST", ("100200300", "feed"), {"message": "Hej"}, "PAGETOK")["id"]
    picture = said(state, "POST", ("100200300", "photos"), {
        "published": False, "source": Upload("a", "", png())}, "PAGETOK")["id"]
    comment = said(state, "GET", (made, "comments"), {}, "PAGETOK")["data"][0]["id"]
    return state, {"POST": made, "PHOTO": picture, "COMMENT": comment}


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(("GET", "POST", "DELETE", "PUT")), VERSIONS, PATHS,
       st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6), TOKENS)
def test_every_call_is_answered(
        method: str, version: str, path: str, given: dict[str, Any], token: str) -> None:
    state, ids = lived_in()
    segments = tuple(ids.get(one, one) for one in f"{version}{path}".split("/") if one)
    found = said(state, method, segments, given, token)
    assert isinstance(found, dict | list)
    if isinstance(found, dict) and "error" in found:
        assert found["error"]["code"]
    state.close()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.fixed_dictionaries(
    {"method": st.sampled_from(("GET", "POST", "DELETE")), "relative_url": WORDS},
    optional={"body": WORDS, "name": st.sampled_from("ab"), "depends_on": st.sampled_from("ab"),
              "attached_files": WORDS, "omit_response_on_success": st.booleans()}), min_size=1, max_size=4))
def test_every_batch_is_answered_item_by_item(items: list[dict[str, Any]]) -> None:
    state, _ = lived_in()
    found = said(state, "POST", (), {"batch": json.dumps(items)}, "PAGETOK")
    assert isinstance(found, dict) or len(found) == len(items)
    state.close()
