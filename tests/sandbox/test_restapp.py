"""The imitation of the app on the region's own website keeps its own contract, as docs/restapp.md has it."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from broadcaster.sandbox import Sandbox

PLAIN: dict[str, Any] = {"timeout": 10, "trust_env": False, "verify": False}
NAME = "7f0b6f0e-6b0a-5d2a-9a39-0f4f6f1f2a11"
BODY: dict[str, Any] = {
    "contract": 1,
    "object": NAME,
    "id": "RV-2026-0031",
    "mark": "RV-2026-0031/1",
    "revision": 1,
    "status": "actual",
    "language": "sv",
    "title": "Rubrik & mer",
    "leadHtml": "<p>Ring 112.<br>Vänta.</p>",
    "bodyHtml": "<p>a &lt; b</p>",
    "startsAt": "2026-03-14T01:40:00.000Z",
    "expiresAt": None,
}


@pytest.fixture
def site(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """A client of the app, with its name and password."""
    with httpx.Client(base_url=f"{sandbox.url}/restapp", auth=("kris", "RESTPASS"), **PLAIN) as client:
        yield client


def post(site: httpx.Client, **changed: Any) -> httpx.Response:
    """Publish the page, with changes."""
    body = {**BODY, **changed}
    key = f"{body['mark']}:region_web:sv:{body['revision']}"
    return site.post("/messages", json=body, headers={"Idempotency-Key": key})


def test_it_says_which_contract_it_keeps_and_only_to_those_it_knows(site: httpx.Client) -> None:
    assert site.get("/messages").json() == {"contract": 1}
    for wrong in (("kris", "x"), ("x", "RESTPASS"), ("", "")):
        assert site.get("/messages", auth=wrong).status_code == 401
    broken = {"Authorization": "Basic inte-base64!"}
    assert site.get("/messages", headers=broken, auth=None).status_code == 401


def test_the_same_request_twice_makes_one_page(site: httpx.Client, sandbox: Sandbox) -> None:
    """201, then 200 with the same body, and one page."""
    first, again = post(site), post(site)
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    assert first.json()["object"] == NAME
    assert [one["text"] for one in sandbox.state.snapshot("")["restapp"]] == [
        "Rubrik & mer\n\nRing 112.\nVänta.\n\na < b"
    ]


def test_an_older_revision_never_comes_back(site: httpx.Client) -> None:
    assert post(site, revision=2).status_code == 201
    assert post(site, revision=1).status_code == 409
    assert post(site, revision=2, title="Andra ord").status_code == 409, "other words under the same revision"
    assert site.get(f"/messages/{NAME}").json()["revision"] == 2


def test_what_was_taken_down_stays_down(site: httpx.Client) -> None:
    post(site)
    assert site.delete(f"/messages/{NAME}").status_code == 422
    assert site.delete(f"/messages/{NAME}", params={"revision": 3}).json() == {"contract": 1, "object": NAME}
    gone = site.get(f"/messages/{NAME}")
    assert (gone.status_code, gone.json()) == (404, {"contract": 1})
    assert post(site, revision=3).status_code == 409
    assert post(site, revision=4).status_code == 201
    assert site.delete(f"/messages/{NAME}", params={"revision": 3}).status_code == 409


def test_a_page_that_never_was_can_be_forbidden_too(site: httpx.Client) -> None:
    """A withdrawal that overtakes its own message leaves a tombstone."""
    assert site.delete(f"/messages/{NAME}", params={"revision": 2}).status_code == 404
    assert post(site, revision=1).status_code == 409


@pytest.mark.parametrize(
    "changed", [{"revision": 0}, {"revision": "1"}, {"title": None}, {"contract": 2}, {"more": 1}, {"startsAt": "nu"}]
)
def test_what_the_contract_does_not_have_is_refused_with_reasons(site: httpx.Client, changed: dict[str, Any]) -> None:
    answer = post(site, **changed)
    assert (answer.status_code, answer.json()["contract"]) == (422, 1)
    assert answer.json()["errors"]


def test_visitors_see_it_between_its_times(site: httpx.Client, sandbox: Sandbox, now: list[float]) -> None:
    url = post(site, expiresAt="2027-01-01T00:00:00Z").json()["url"]
    assert httpx.get(url, **PLAIN).status_code == 200
    assert site.get(f"/messages/{NAME}").json()["published"] is True
    now[0] += 400 * 86_400
    assert httpx.get(url, **PLAIN).status_code == 404
    assert site.get(f"/messages/{NAME}").json()["published"] is False


def test_its_password_is_struck_out_of_the_log(site: httpx.Client, sandbox: Sandbox) -> None:
    post(site, title="RESTPASS")
    assert "RESTPASS" not in repr(sandbox.state.log.items())


def test_the_overview_shows_own_sites_only_where_a_region_has_one(site: httpx.Client, sandbox: Sandbox) -> None:
    """A heading with nothing under it would make people look for a channel they do not have."""
    assert "egna webbplatser" not in httpx.get(sandbox.url, **PLAIN).text
    post(site, status="exercise")
    shown = httpx.get(sandbox.url, **PLAIN).text
    assert "egna webbplatser" in shown
    assert '<span class="mark">Övning</span>' in shown
    assert "På svenska · version 1" in shown
