"""What every page needs: it is small on a poor connection, and nobody is ever sent to another site."""

import gzip

import pytest
from service import Service
from visitor import Visitor

from broadcaster.pages import STATIC, local


@pytest.mark.parametrize("name", ["desk.css", "board.js"])
def test_what_comes_with_every_page_is_packed_and_says_the_same(service: Service, name: str) -> None:
    with service.flask().test_client().get(f"/static/{name}", headers={"Accept-Encoding": "gzip"}) as packed:
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == (STATIC / name).read_bytes()
        assert len(packed.data) == int(packed.headers["Content-Length"]) < (STATIC / name).stat().st_size / 2


def test_a_browser_that_cannot_unpack_gets_it_plain(service: Service) -> None:
    with service.flask().test_client().get("/static/desk.css", headers={"Accept-Encoding": "gzip;q=0"}) as plain:
        assert "Content-Encoding" not in plain.headers
        assert plain.data == (STATIC / "desk.css").read_bytes()
        assert "Accept-Encoding" in plain.headers["Vary"]


def test_what_has_not_changed_is_not_sent_again(service: Service) -> None:
    client = service.flask().test_client()
    with client.get("/static/desk.css", headers={"Accept-Encoding": "gzip"}) as first:
        mark = first.headers["ETag"]
    with client.get("/static/desk.css", headers={"If-None-Match": mark}) as again:
        assert again.status_code == 304
        assert again.data == b""


@pytest.mark.parametrize("address", ["https://evil.example", "//evil.example", "/\\evil.example", "/a\nb", "", None])
def test_nobody_is_sent_to_another_site(address: str | None) -> None:
    assert local(address, "/desk") == "/desk"


def test_a_path_of_our_own_is_where_one_wanted_to_go() -> None:
    assert local("/desk/incidents/RE-2026-0001", "/desk") == "/desk/incidents/RE-2026-0001"


@pytest.mark.parametrize(
    "address",
    [
        "/m?ref=%00", "/m/%00", "/desk/incidents/%00", "/desk/messages/%00/recall", "/desk/log?incident=%00",
        "/desk/log?person=a%00", "/desk/log?%00=1", "/desk/log/file?as=csv&person=%00", "/desk/people/%00",
        "/desk/drills/%00/score", "/desk/what?q=%00",
    ],
)  # fmt: skip
def test_an_address_with_what_no_database_takes_is_refused_and_nothing_breaks(service: Service, address: str) -> None:
    service.add_person("kim", "administrator", "auditor")
    kim = Visitor(service)
    kim.sign_in("kim")
    assert kim.client.get(address).status_code == 400


def test_a_form_with_what_no_database_takes_is_refused_and_nothing_is_kept(service: Service) -> None:
    service.add_person("anna", "sender", "approver")
    anna = Visitor(service)
    page = anna.sign_in("anna")
    before = len(service.entries())
    fields = {"csrf": page.form("/logout").value("csrf"), "reason": "nej\x00"}
    assert anna.client.post("/desk/messages/x/reject", data=fields).status_code == 400
    assert len(service.entries()) == before
