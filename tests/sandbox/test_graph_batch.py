"""Several calls in one: each is done or refused for itself, and the whole says 200."""

import json
from typing import Any

import httpx
import pytest
from sandbox.asking import FEED, PAGE, error, listed, photo, png, post, rule

from broadcaster.sandbox import Sandbox

FEED_URL = FEED[1:]


def batch(graph: httpx.Client, *items: dict[str, Any], **more: Any) -> list[Any]:
    answer = graph.post("/", data={"batch": json.dumps(items), **more.pop("data", {})}, **more)
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()
    return found


def said(item: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(item["body"])
    return found


def create(message: str, **more: Any) -> dict[str, Any]:
    return {"method": "POST", "relative_url": FEED_URL, "body": str(httpx.QueryParams({"message": message})), **more}


def test_each_item_is_answered_for_itself_inside_an_outer_200(graph: httpx.Client) -> None:
    words = "Hej då & {välkommen} 100 % + mer"
    made, again, page, gone = batch(
        graph, create(words), create(words), {"method": "GET", "relative_url": f"v25.0{PAGE}?fields=name"},
        {"method": "DELETE", "relative_url": "/100200300_1"})
    assert [item["code"] for item in (made, again, page, gone)] == [200, 400, 200, 400]
    assert said(again)["error"]["error_subcode"] == 1455006
    assert said(page) == {"name": "Övningssidan", "id": "100200300"}
    assert said(gone)["error"]["fbtrace_id"]
    assert {"name": "facebook-api-version", "value": "v25.0"} in page["headers"]
    assert {"name": "facebook-api-version", "value": "v26.0"} in made["headers"]
    assert listed(graph) == [words]


def test_headers_can_be_left_out(graph: httpx.Client) -> None:
    [item] = batch(graph, {"method": "GET", "relative_url": "me"}, data={"include_headers": "false"})
    assert set(item) == {"code", "body"}


def test_an_item_may_carry_a_token_of_its_own_and_the_whole_needs_one(http: httpx.Client) -> None:
    items = json.dumps([{"method": "GET", "relative_url": "me"},
                        {"method": "GET", "relative_url": "me?access_token=USERTOK"},
                        {"method": "GET", "relative_url": "me?access_token=XXX"}])
    found = http.post("/graph", data={"batch": items, "access_token": "PAGETOK"}).json()
    assert [said(item).get("name") for item in found] == ["Övningssidan", "Kim Övning", None]
    assert said(found[2])["error"]["code"] == 190
    assert error(http.post("/graph/v26.0/", data={"batch": items})) == (400, 2500, None)


def test_an_item_can_use_what_an_earlier_one_gave_and_only_the_last_answer_is_told(graph: httpx.Client) -> None:
    draft = create("Utkast", name="d")
    draft["body"] += "&published=false"
    use = {"method": "POST", "relative_url": "{result=d:$.id}", "body": "is_published=true"}
    first, second = batch(graph, draft, use)
    assert (first, said(second)) == (None, {"success": True})
    assert listed(graph) == ["Utkast"]
    told, read = batch(graph, {**create("B", name="b"), "omit_response_on_success": False},
                       {"method": "GET", "relative_url": "%7Bresult%3Db%3A%24.id%7D?fields=message"})
    assert said(read)["message"] == "B"
    assert said(told)["id"] == said(read)["id"]


def test_results_are_found_deep_inside_lists(graph: httpx.Client) -> None:
    for words in ("A", "B"):
        post(graph, words)
    everything, each = batch(
        graph, {"method": "GET", "relative_url": FEED_URL, "name": "all", "omit_response_on_success": False},
        {"method": "GET", "relative_url": "?ids={result=all:$.data.*.id}&fields=message"})
    assert [one["message"] for one in said(each).values()] == ["B", "A"]
    [second] = batch(graph, {"method": "GET", "relative_url": FEED_URL, "name": "all"},
                     {"method": "GET", "relative_url": "{result=all:$.data[1].id}?fields=message"})[1:]
    assert said(second)["message"] == "A"
    assert len(said(everything)["data"]) == 2


@pytest.mark.parametrize("use", [{"relative_url": "{result=a:$.id}", "body": "is_published=true"},
                                 {"relative_url": FEED_URL, "body": "message=Nej", "depends_on": "a"},
                                 {"relative_url": FEED_URL, "body": "message=%7Bresult%3Dno%3A%24.id%7D"}])
def test_an_item_that_needs_one_that_failed_is_not_done(graph: httpx.Client, use: dict[str, str]) -> None:
    refused, skipped = batch(graph, create(" ", name="a"), {"method": "POST", **use})
    assert (refused["code"], skipped["code"]) == (400, 400)
    assert "depends on" in said(skipped)["error"]["message"]
    assert listed(graph, FEED) == []


def test_pictures_come_along_with_a_batch(graph: httpx.Client, sandbox: Sandbox) -> None:
    found = batch(
        graph, {"method": "POST", "relative_url": f"{PAGE[1:]}/photos", "body": "published=false", "name": "p",
                "attached_files": "file1"},
        {"method": "POST", "relative_url": FEED_URL,
         "body": "message=Bild&attached_media=%5B%7B%22media_fbid%22%3A%22{result=p:$.id}%22%7D%5D"},
        {"method": "POST", "relative_url": f"{PAGE[1:]}/photos", "attached_files": "missing"},
        files={"file1": ("a.png", png())})
    assert [item and item["code"] for item in found] == [None, 200, 400]
    [shown] = sandbox.state.snapshot("")["facebook"]["published"]
    assert (shown["text"], len(shown["photos"])) == ("Bild", 1)


@pytest.mark.parametrize(("given", "says"), [
    ("[]", "must be an array"), ("{}", "must be an array"), ("[", "not valid JSON"), ("[1]", "needs a method"),
    ('[{"method": "GET"}]', "relative_url"), ('[{"method": "BREW", "relative_url": "me"}]', "method"),
    ('[{"method": "POST", "relative_url": "me", "body": {}}]', "method"),
    (json.dumps([{"method": "GET", "relative_url": "me"}] * 51), "Maximum batch size is 50")])
def test_what_is_no_batch_is_refused_as_a_whole(graph: httpx.Client, given: str, says: str) -> None:
    refused = graph.post("/", data={"batch": given})
    assert error(refused) == (400, 100, None)
    assert says in refused.json()["error"]["message"]


def test_fifty_items_are_not_too_many_and_a_batch_holds_no_batch(graph: httpx.Client) -> None:
    assert len(batch(graph, *[{"method": "GET", "relative_url": "me"}] * 50)) == 50
    inner = json.dumps([create("Hej")])
    [refused] = batch(graph, {"method": "POST", "relative_url": "/", "body": str(httpx.QueryParams({"batch": inner}))})
    assert refused["code"] == 400
    assert listed(graph) == []


@pytest.mark.parametrize(("fault", "published"), [
    ("drop_before", []), ("hang", []), ("applied_then_drop", ["A"]), ("late:5", ["A"]), ("drip", ["A"])])
def test_an_item_without_an_answer_is_null_and_may_or_may_not_be_done(
        http: httpx.Client, graph: httpx.Client, fault: str, published: list[str]) -> None:
    rule(http, "POST /{page}/feed", fault, times=1)
    lost, page = batch(graph, create("A"), {"method": "GET", "relative_url": "me"})
    assert (lost, page["code"]) == (None, 200)
    assert listed(graph) == published


def test_an_item_meets_the_script_as_a_call_of_its_own_would_and_so_does_the_whole(
        http: httpx.Client, graph: httpx.Client) -> None:
    rule(http, "POST /{page}/feed", "applied_then_500", times=1)
    broken, fine = batch(graph, create("A"), create("B"))
    assert (broken["code"], said(broken)["error"]["code"], fine["code"]) == (500, 2, 200)
    assert listed(graph) == ["B", "A"]
    rule(http, "POST /", "applied_then_500", times=1)
    assert error(graph.post("/", data={"batch": json.dumps([create("C")])})) == (500, 2, None)
    assert listed(graph) == ["C", "B", "A"]


def test_every_item_counts_against_the_budget(http: httpx.Client, graph: httpx.Client) -> None:
    http.put("/_graph", json={"engaged_users": 0})
    for _ in range(2):
        batch(graph, *[{"method": "GET", "relative_url": "me"}] * 50)
    answer = graph.get("/me")
    assert json.loads(answer.headers["x-business-use-case-usage"])["100200300"][0]["call_count"] == 2


def test_several_objects_can_be_read_in_one_call(graph: httpx.Client) -> None:
    made, picture = post(graph, "A"), photo(graph)["id"]
    found = graph.get("/", params={"ids": f"{made},{picture}", "fields": "id,created_time"}).json()
    assert {key: value["id"] for key, value in found.items()} == {made: made, picture: picture}
    assert error(graph.get("/", params={"ids": f"{made},1"})) == (400, 100, 33)
    assert error(graph.get("/", params={"ids": ",".join(["1"] * 51)})) == (400, 100, None)
    assert error(graph.get("/")) == (400, 2500, None)
