"""Who is on duty stands where somebody starts an incident and where they watch it, before any alarm."""

from datetime import timedelta
from pathlib import Path

import pytest
from service import Service, ServiceMaker
from visitor import Page, Visitor

WEB = ["own_web"]
ROTA = '[KiB]\n"2026-03-13 08:00" = "Anna Ek"\n"2026-03-14 06:00" = "Bo Lind"\n'
ALARM = {
    "people": [{"name": "Anna Ek", "email": "anna@region.example"}, {"name": "Bo Lind", "email": "bo@region.example"}],
    "smtp": "smtp://mail.region.example:587",
    "sender": "kris@region.example",
    "rota": "rota.toml",
    "steps": [{"tell": ["KiB"]}, {"tell": ["*"]}],
}
NOW = "I beredskap nu: Anna Ek (till kl. 06.00). Därefter: Bo Lind."
ALONE = "Ingen larmas om något går fel: inget sätt att larma är inställt. Håll tavlan öppen."


@pytest.fixture
def service(make_service: ServiceMaker, tmp_path: Path) -> Service:
    (tmp_path / "rota.toml").write_text(ROTA, "utf-8")
    return make_service(alarm=ALARM)


def words(visitor: Visitor, language: str = "sv") -> Page:
    fill = visitor.open(f"/desk/new/telefoni-1177?mode=live&lang={language}")
    return visitor.press(fill, "/desk/new/telefoni-1177")


def test_where_one_sends_and_where_one_watches(anna: Visitor, service: Service) -> None:
    assert NOW in words(anna).line and "Svarar ingen inom 3 minuter larmas Anna Ek och Bo Lind." in words(anna).line
    assert "On duty now: Anna Ek (until 06:00). After that: Bo Lind." in words(anna, "en").line
    for mode in ("live", "drill"):
        ref = service.send(channels=WEB, mode=mode)["incident"]
        assert f"Vem vakar {NOW}" in anna.open(f"/desk/incidents/{ref}?lang=sv").line


def test_the_board_follows_the_handover(anna: Visitor, service: Service) -> None:
    ref = service.send(channels=WEB)["incident"]
    address = f"/desk/incidents/{ref}/board"
    tag = anna.client.get(address).headers["ETag"]
    service.clock.advance(timedelta(hours=3, minutes=20).total_seconds())
    anna.sign_in("anna")
    answer = anna.client.get(address, headers={"If-None-Match": tag})
    assert answer.status_code == 200 and "I beredskap nu: Bo Lind." in answer.text


def test_when_it_is_over_nobody_watches(anna: Visitor, service: Service) -> None:
    ref = service.send(channels=WEB)["incident"]
    service.send("all_clear", ref)
    page = anna.open(f"/desk/incidents/{ref}")
    assert "I beredskap nu" not in page.line and "Vem vakar" not in page.line


class TestWithNobodyToTell:
    @pytest.fixture
    def service(self, make_service: ServiceMaker) -> Service:
        return make_service()

    def test_whoever_watches_alone_is_told_so(self, anna: Visitor, service: Service) -> None:
        ref = service.send(channels=WEB)["incident"]
        assert ALONE in anna.open(f"/desk/incidents/{ref}").line and ALONE in words(anna).line
