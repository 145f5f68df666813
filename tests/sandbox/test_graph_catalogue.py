"""Every described error of Facebook can be had for the asking, in Facebook's own envelope and with its status."""

from typing import Any

import httpx
import pytest

FEED = "/100200300/feed"


def provoked(http: httpx.Client, graph: httpx.Client, numbers: str, method: str = "POST", path: str = FEED
             ) -> httpx.Response:
    """Let one call meet the error with these numbers."""
    on = f"{method} " + path.replace("100200300", "{page}", 1)
    http.put("/_script", json={"facebook": [{"on": on, "do": f"error:{numbers}"}]}).raise_for_status()
    return graph.request(method, path, data={"message": "Hej"} if method == "POST" else None)


def error(answer: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()["error"]
    return found


@pytest.mark.parametrize(("numbers", "status", "words"), [
    ("1", 500, "unknown error"), ("2", 500, "retry your request later"), ("3", 400, "(#3)"),
    ("4", 403, "(#4) Application request limit reached"), ("5", 400, "source IP"), ("10", 403, "90 days"),
    ("17", 400, "(#17)"), ("32", 403, "(#32) Page request limit reached"), ("100", 400, "(#100) Invalid parameter"),
    ("100/33", 400, "Object with ID '100200300' does not exist"), ("102", 400, "Session key"),
    ("190", 400, "Error validating access token"), ("190/458", 400, "not authorized application"),
    ("190/459", 400, "log in to www.facebook.com"), ("190/460", 400, "changed the password"),
    ("190/463", 400, "Session has expired on"), ("190/464", 400, "not a confirmed user"),
    ("190/467", 400, "access token is invalid"), ("190/492", 400, "adequate role"),
    ("190/2069032", 400, "A Page access token is required"), ("200", 403, "pages_read_engagement"),
    ("299", 403, "(#299)"), ("210", 403, "User not visible"), ("341", 400, "(#341) Feed action"),
    ("368", 400, "abusive"), ("368/1390008", 400, "abusive"), ("368/already_posted", 400, "already posted this"),
    ("459", 400, "checkpointed"), ("506/1455006", 400, "Duplicate status message"), ("613", 400, "exceeded the rate"),
    ("1705", 400, "error posting to this wall"), ("2500", 400, "active access token"),
    ("3001/1504028", 400, "no metric was specified"), ("80001", 400, "calls to this Page account"),
    ("80006", 400, "calls to this Messenger account"), ("1609005", 400, "posting your link"), ("4711", 400, "(#4711)"),
])
def test_an_error_comes_with_its_numbers_its_status_and_its_words(
        numbers: str, status: int, words: str, http: httpx.Client, graph: httpx.Client) -> None:
    answer = provoked(http, graph, numbers)
    found, (code, _, more) = error(answer), numbers.partition("/")
    assert (answer.status_code, found["code"]) == (status, int(code))
    assert found.get("error_subcode") == (int(more) if more.isdecimal() else None)
    assert words in found["message"]
    assert found["type"] == ("GraphMethodException" if numbers == "100/33" else "OAuthException")
    assert found["fbtrace_id"].startswith("A")
    assert answer.headers["facebook-api-version"] == "v26.0"
    assert http.get("/_state").json()["facebook"] == {"published": [], "drafts": []}, "nothing is carried out"


@pytest.mark.parametrize(("numbers", "transient"), [
    ("4", True), ("17", True), ("613/1996", True), ("80004/2446079", True), ("2", True), ("190", False), ("341", False),
    ("368", False), ("4711", False), ("4711/transient", True)])
def test_what_passes_by_itself_calls_itself_transient(
        numbers: str, transient: bool, http: httpx.Client, graph: httpx.Client) -> None:
    assert error(provoked(http, graph, numbers))["is_transient"] is transient


@pytest.mark.parametrize(("numbers", "advice"), [
    ("368/1390008", "för snabbt"), ("100/1366046", "4 MB"), ("506/1455006", "likadant som ditt senaste"),
    ("200/1404078", "godkännas för publicering"), ("368/already_posted", "redan publicerat")])
def test_what_a_person_may_read_is_in_the_persons_language(
        numbers: str, advice: str, http: httpx.Client, graph: httpx.Client) -> None:
    found = error(provoked(http, graph, numbers))
    assert advice in found["error_user_msg"]
    assert found["error_user_title"]


def test_a_limit_tells_in_its_header_whose_it_is(http: httpx.Client, graph: httpx.Client) -> None:
    for numbers, header, words in (("4", "x-app-usage", '"call_count": 101'),
                                   ("80001", "x-business-use-case-usage", '"type": "pages"'),
                                   ("80004", "x-business-use-case-usage", '"type": "ads_management"')):
        assert words in provoked(http, graph, numbers).headers[header]
    assert "x-business-use-case-usage" not in provoked(http, graph, "341").headers


def test_a_dead_token_is_told_in_the_header_too(http: httpx.Client, graph: httpx.Client) -> None:
    assert 'OAuth "Facebook Platform"' in provoked(http, graph, "190/460").headers["www-authenticate"]
    assert "www-authenticate" not in provoked(http, graph, "10").headers


def test_an_error_can_meet_a_read_as_well(http: httpx.Client, graph: httpx.Client) -> None:
    found = error(provoked(http, graph, "100/33", "GET", "/100200300/published_posts"))
    assert found["message"].startswith("Unsupported get request.")


def test_an_error_plays_as_often_as_its_rule_says(http: httpx.Client, graph: httpx.Client) -> None:
    http.put("/_script", json={"facebook": [{"on": "POST /{page}/feed", "do": "error:368", "times": 1, "after": 1}]})
    statuses = [graph.post(FEED, data={"message": text}).status_code for text in "abc"]
    assert statuses == [200, 400, 200]
