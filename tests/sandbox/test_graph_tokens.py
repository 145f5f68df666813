"""A token is worth what it is: whose it is, what was granted, and whether it is still good."""

import hashlib
import hmac
from typing import Any

import httpx
import pytest
from sandbox.asking import FEED, PAGE, PHOTOS, error, listed, png, post

APP = {"access_token": "4711|s3cr3t"}
READS = (FEED, f"{PAGE}/posts", f"{PAGE}/published_posts", f"{PAGE}/scheduled_posts")
START = 1_795_000_000


def put(http: httpx.Client, **document: Any) -> None:
    answer = http.put("/_graph", json=document)
    assert answer.status_code == 200, answer.text


def debug(http: httpx.Client, token: str = "PAGETOK") -> dict[str, Any]:
    answer = http.get("/graph/v26.0/debug_token", params={**APP, "input_token": token})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()["data"]
    return found


@pytest.mark.parametrize(("state", "subcode"), [
    ("revoked", 458), ("checkpointed", 459), ("password_changed", 460), ("expired", 463), ("unconfirmed", 464),
    ("logged_out", 467), ("no_role", 492)])
def test_a_dead_token_is_refused_everywhere_and_debugged_with_the_reason(
        http: httpx.Client, graph: httpx.Client, state: str, subcode: int) -> None:
    made = post(graph, "Hej")
    put(http, token=state)
    for answer in (graph.get("/me"), graph.get(FEED), graph.post(FEED, data={"message": "x"}), graph.get(f"/{made}"),
                   graph.delete(f"/{made}"), http.get("/graph/me", params={"access_token": "USERTOK"})):
        assert error(answer) == (400, 190, subcode)
        assert "invalid_token" in answer.headers["www-authenticate"]
    found = debug(http)
    assert (found["is_valid"], found["error"]["code"], found["error"]["subcode"], found["profile_id"]) == (
        False, 190, subcode, "100200300")
    assert debug(http, "SYSTOK")["is_valid"] is True, "a system user is not tied to a person"
    put(http)
    assert listed(graph) == ["Hej"]


def test_a_token_runs_out_at_its_time_and_its_dates_do_not_move(
        http: httpx.Client, graph: httpx.Client, now: list[float]) -> None:
    put(http, expires_at=START + 60, data_access_expires_at=START + 90)
    before = debug(http)
    assert (before["is_valid"], before["expires_at"], before["data_access_expires_at"]) == (
        True, START + 60, START + 90)
    now[0] += 59
    assert debug(http) == before
    now[0] += 1
    assert (debug(http)["is_valid"], debug(http)["issued_at"]) == (False, before["issued_at"])
    assert error(graph.get("/me")) == (400, 190, 463)


@pytest.mark.parametrize(("token", "me"), [
    ("PAGETOK", {"id": "100200300", "name": "Övningssidan"}), ("USERTOK", {"id": "1220001", "name": "Kim Övning"}),
    ("SYSTOK", {"id": "1220002", "name": "Krisutskick (systemanvändare)"})])
def test_me_is_whoever_the_token_belongs_to(http: httpx.Client, token: str, me: dict[str, str]) -> None:
    assert http.get("/graph/me", params={"access_token": token}).json() == me
    found = debug(http, token)
    assert found["type"] == {"PAGETOK": "PAGE", "USERTOK": "USER", "SYSTOK": "SYSTEM_USER"}[token]
    assert ("profile_id" in found) is (token == "PAGETOK")


def test_the_pages_token_is_fetched_with_a_persons(http: httpx.Client) -> None:
    for token in ("USERTOK", "SYSTOK"):
        [page] = http.get("/graph/me/accounts", params={"access_token": token}).json()["data"]
        assert (page["id"], page["access_token"], "CREATE_CONTENT" in page["tasks"]) == ("100200300", "PAGETOK", True)
        asked = {"access_token": token, "fields": "access_token"}
        assert http.get(f"/graph{PAGE}", params=asked).json()["access_token"] == "PAGETOK"
    put(http, scopes=["pages_manage_posts"])
    asked = {"access_token": "USERTOK", "fields": "name,access_token"}
    assert http.get("/graph/me/accounts", params=asked).json() == {"data": []}
    assert "access_token" not in http.get(f"/graph{PAGE}", params=asked).json()
    assert error(http.get("/graph/me/accounts", params={"access_token": "PAGETOK"})) == (400, 100, None)


@pytest.mark.parametrize("kind", ["user", "system_user"])
def test_a_persons_token_in_the_pages_place_opens_the_page_and_nothing_on_it(
        http: httpx.Client, graph: httpx.Client, kind: str) -> None:
    made = post(graph, "Hej")
    put(http, token_kind=kind)
    assert debug(http)["type"] == kind.upper()
    assert graph.get(PAGE).json()["name"] == "Övningssidan"
    draft = graph.post(FEED, data={"message": "Hej", "published": "false"})
    assert error(draft) == (403, 200, None)
    assert draft.json()["error"]["message"] == (
        "(#200) Unpublished posts must be posted to a page as the page itself.")
    unpublished = graph.post(PHOTOS, data={"published": "false"}, files={"source": ("a.png", png())})
    assert error(unpublished) == (403, 200, None)
    for answer in (graph.post(FEED, data={"message": "Hej"}), graph.get(f"/{made}"), graph.delete(f"/{made}"),
                   graph.post(f"/{made}", data={"message": "x"}), *(graph.get(path) for path in READS)):
        assert error(answer) == (400, 190, 2069032)
    put(http)
    assert listed(graph, FEED) == ["Hej"]


@pytest.mark.parametrize("lacking", [
    {"scopes": ["pages_show_list", "pages_read_engagement"]}, {"granular": {"pages_manage_posts": ["999"]}}])
def test_without_permission_to_publish_the_page_can_be_read_and_not_written(
        http: httpx.Client, graph: httpx.Client, lacking: dict[str, Any]) -> None:
    made = post(graph, "Hej")
    put(http, **lacking)
    assert listed(graph) == ["Hej"]
    for answer in (graph.post(FEED, data={"message": "x"}), graph.post(f"/{made}", data={"message": "x"}),
                   graph.delete(f"/{made}")):
        assert error(answer) == (403, 200, None)
        assert "pages_manage_posts" in answer.json()["error"]["message"]


def test_without_permission_to_read_nothing_can_be_listed(http: httpx.Client, graph: httpx.Client) -> None:
    put(http, scopes=["pages_manage_posts"])
    for path in (*READS, PHOTOS):
        assert error(graph.get(path)) == (403, 10, None)
    assert debug(http)["scopes"] == ["pages_manage_posts"]


def test_a_permission_may_be_for_other_pages_only(http: httpx.Client) -> None:
    put(http, granular={"pages_manage_posts": ["999", "998"]})
    found = {one["scope"]: one["target_ids"] for one in debug(http)["granular_scopes"]}
    assert (found["pages_manage_posts"], found["pages_read_engagement"]) == (["999", "998"], ["100200300"])


def test_a_proof_can_be_required_of_every_call_but_the_apps_own(http: httpx.Client, graph: httpx.Client) -> None:
    put(http, proof_required=True)
    assert error(graph.get("/me")) == (400, 100, None)
    proof = hmac.new(b"s3cr3t", b"PAGETOK", hashlib.sha256).hexdigest()
    assert proof == "78d3941eaf89a34b4b110f0377f89bad55dbaa412f33eda4181e7edc2686eb38"
    assert graph.get("/me", params={"appsecret_proof": proof}).status_code == 200
    assert debug(http)["is_valid"] is True


def test_an_app_gets_its_own_token_and_a_long_lived_one_for_a_persons(http: httpx.Client) -> None:
    app = {"client_id": "4711", "client_secret": "s3cr3t"}
    own = http.get("/graph/v26.0/oauth/access_token", params={**app, "grant_type": "client_credentials"}).json()
    assert own == {"access_token": "4711|s3cr3t", "token_type": "bearer"}
    exchange = {**app, "grant_type": "fb_exchange_token", "fb_exchange_token": "USERTOK"}
    long = http.get("/graph/oauth/access_token", params=exchange).json()
    assert (long["access_token"], long["expires_in"]) == ("USERTOK", 5_183_944)
    for wrong, code in (({"client_id": "1"}, 101), ({"client_secret": "x"}, 1), ({"grant_type": "password"}, 100),
                        ({"fb_exchange_token": "x"}, 190)):
        assert error(http.get("/graph/oauth/access_token", params={**exchange, **wrong}))[:2] == (400, code)
    put(http, token="expired")
    assert error(http.get("/graph/oauth/access_token", params=exchange)) == (400, 190, 463)


def test_the_apps_own_token_is_for_the_apps_own_business(http: httpx.Client) -> None:
    for path in ("/graph/me", f"/graph{FEED}"):
        assert error(http.get(path, params=APP)) == (400, 190, 467)
    assert debug(http, "4711|s3cr3t")["type"] == "APP"
