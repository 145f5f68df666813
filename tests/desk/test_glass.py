"""Breaking the glass as people meet it: reached from what is refused, one decision more, seen until reviewed."""

from collections.abc import Callable

import pytest
from service import Service
from visitor import Page, Visitor

DAY = 86_400.0
WHY = "Ensam i natt. Ringde Bo och Cia, ingen svarade."


@pytest.fixture
def expired(service: Service, visit: Callable[..., Visitor]) -> Service:
    """Return a service whose playbooks were all approved a year and five days ago; people are there."""
    service.clock.advance(370 * DAY)
    return service


def preview(visitor: Visitor, mode: str = "live") -> Page:
    form = visitor.open(f"/desk/new/telefoni-1177?mode={mode}")
    return visitor.press(form, "/desk/new/telefoni-1177", mode=mode)


def to_the_glass(visitor: Visitor, read: Page) -> Page:
    """Press the button above the words, which takes the whole form along."""
    assert 'formaction="/desk/new/telefoni-1177/glass"' in read.html and "Skicka nu" not in read.line
    assert '<form method="post" action="/desk/new/telefoni-1177/send" class="send" id="send">' in read.html
    fields = read.form("/telefoni-1177/send").fields
    return visitor.post("/desk/new/telefoni-1177/glass", fields)


def broken(visitor: Visitor, mode: str = "live") -> Page:
    page = to_the_glass(visitor, preview(visitor, mode))
    return visitor.press(page, "/glass/send", reason=WHY, sure="yes")


class TestAnApprovalThatRanOut:
    def test_every_page_on_the_way_says_so_and_the_refusal_leads_to_the_glass(
        self, expired: Service, visit: Callable[..., Visitor]
    ) -> None:
        anna = visit("anna")
        book = anna.open("/desk/playbooks/telefoni-1177")
        assert "Godkännandet gick ut" in book.line and 'href="/desk/new/telefoni-1177?mode=live"' in book.html
        assert "Fyll i och läs orden först" in anna.open("/desk/new/telefoni-1177?mode=live").line
        refused = anna.press(preview(anna), "/telefoni-1177/send")
        assert refused.status == 409 and "Godkännandet gick ut" in refused.line
        page = to_the_glass(anna, refused)
        assert page.status == 200 and "på eget beslut" in page.line and page.words()
        assert expired.parts.board.incidents()["items"] == []

    def test_a_reason_and_a_tick_and_the_words_are_out(self, expired: Service, visit: Callable[..., Visitor]) -> None:
        anna = visit("anna")
        page = to_the_glass(anna, preview(anna))
        bare = anna.press(page, "/glass/send", reason=WHY)
        assert bare.status == 422 and "Kryssa i" in bare.line and WHY in bare.html
        silent = anna.press(page, "/glass/send", sure="yes")
        assert silent.status == 422 and "Skriv varför" in silent.line
        assert expired.parts.board.incidents()["items"] == []
        board = anna.press(page, "/glass/send", reason=WHY, sure="yes")
        assert board.address == "/desk/incidents/RE-2027-0001"
        again = anna.press(page, "/glass/send", reason=WHY, sure="yes")
        assert again.address == board.address and len(expired.parts.board.incidents()["items"]) == 1

    def test_it_is_offered_to_nobody_who_may_not_send_nor_for_words_that_are_approved(
        self, expired: Service, visit: Callable[..., Visitor]
    ) -> None:
        eva = visit("eva")
        assert "Bryt glaset" not in eva.open("/desk/playbooks/telefoni-1177").line
        expired.approve_all()
        assert "Bryt glaset" not in preview(visit("anna")).line

    def test_a_drill_says_on_every_page_that_it_is_one(self, expired: Service, visit: Callable[..., Visitor]) -> None:
        anna = visit("anna")
        page = to_the_glass(anna, preview(anna, "drill"))
        assert "låtsaskanaler" in page.line and "ÖVNING" in page.line
        assert anna.press(page, "/glass/send", reason=WHY, sure="yes").address.startswith("/desk/incidents/OVN-")
        assert "ÖVNING. Att granska" in anna.open("/desk").line

    def test_the_same_crisis_twice_is_asked_about_here_too(
        self, expired: Service, visit: Callable[..., Visitor]
    ) -> None:
        anna = visit("anna")
        broken(anna)
        asked = broken(anna)
        assert asked.status == 409 and "redan i gång som RE-2027-0001" in asked.line
        done = anna.press(asked, "/glass/send", reason=WHY, sure="yes", again="true")
        assert done.address == "/desk/incidents/RE-2027-0002"

    def test_words_that_changed_since_they_were_read_are_shown_anew_before_anything_is_sent(
        self, expired: Service, visit: Callable[..., Visitor]
    ) -> None:
        anna = visit("anna")
        page = to_the_glass(anna, preview(anna))
        stale = anna.press(page, "/glass/send", reason=WHY, sure="yes", digest="sha256:" + "0" * 64)
        assert stale.status == 409 and "inte längre de du såg" in stale.line and stale.words()
        assert expired.parts.board.incidents()["items"] == []
        done = anna.press(stale, "/glass/send", reason=WHY, sure="yes")
        assert done.address == "/desk/incidents/RE-2027-0001"

    def test_a_machine_has_no_such_address(self, expired: Service) -> None:
        key = expired.key("read", "send")
        client, head = expired.flask().test_client(), {"Authorization": f"Bearer {key}", "Idempotency-Key": "x"}
        body = expired.body()
        assert client.post("/api/v1/messages", json=body, headers=head).status_code == 409
        assert client.post("/api/v1/messages", json={**body, "reason": WHY}, headers=head).status_code == 422
        assert client.post("/desk/new/telefoni-1177/glass/send", data={}, headers=head).status_code in (303, 403)


class TestTheReview:
    def test_it_stands_on_the_overview_and_the_incident_until_somebody_else_has_looked(
        self, expired: Service, visit: Callable[..., Visitor]
    ) -> None:
        bo, cia = visit("bo"), visit("cia")
        board = broken(bo)
        for page in (board, cia.open("/desk"), cia.open(board.address)):
            assert "Att granska: RE-2027-0001/1 publicerades av bo på eget beslut" in page.line
        own = bo.open(_review_address(board))
        assert "någon annan måste granska" in own.line and not own.has_form("/review")
        page = cia.open(_review_address(board))
        assert WHY in page.line and "Godkännandet hade gått ut" in page.line and page.words()
        half = cia.press(page, "/review", reason="Numret stämde inte.")
        assert half.status == 422 and "Välj om det var rätt" in half.line and "Numret stämde inte." in half.html
        done = cia.press(page, "/review", finding="not_good", reason="Numret stämde inte.")
        assert done.address == board.address and "Att granska" not in done.line
        assert "Att granska" not in cia.open("/desk").line
        assert "Det var inte rätt" in cia.open(page.address).line

    def test_whoever_broke_it_is_refused_even_with_a_form_of_their_own(
        self, expired: Service, visit: Callable[..., Visitor]
    ) -> None:
        bo = visit("bo")
        board = broken(bo)
        csrf = bo.open("/desk").form("/logout").value("csrf")
        fields = [("csrf", csrf), ("finding", "good"), ("reason", "Bra.")]
        refused = bo.post(_review_address(board), fields)
        assert refused.status == 403 and "Du bröt glaset själv" in refused.line
        assert "Att granska" in bo.open("/desk").line


class TestNobodyAnswers:
    def test_whoever_waits_finds_the_way_on_the_incident_and_is_told_from_when(
        self, service: Service, visit: Callable[..., Visitor]
    ) -> None:
        eva = visit("eva")
        board = eva.press(preview(eva), "/telefoni-1177/send")
        assert "väntar på att någon annan säger ja" in board.line
        address = _glass_address(board)
        early = eva.open(address)
        assert "kl. 02.50" in early.line and not early.has_form("/glass")
        service.clock.advance(600)
        page = eva.open(address)
        assert page.words()
        done = eva.press(page, "/glass", reason=WHY, sure="yes")
        assert done.address == board.address and "Att granska" in done.line
        assert "väntar på att någon annan säger ja" not in done.line

    def test_nobody_else_is_shown_a_button(self, service: Service, visit: Callable[..., Visitor]) -> None:
        eva = visit("eva")
        board = eva.press(preview(eva), "/telefoni-1177/send")
        service.clock.advance(600)
        for name in ("anna", "cia", "dag"):
            other = visit(name)
            assert "Bryt glaset" not in other.open(board.address).line
            assert not other.open(_glass_address(board)).has_form("/glass")


def _address(page: Page, ending: str) -> str:
    found = [part.split('"')[0] for part in page.html.split('href="')[1:]]
    return next(one for one in found if one.startswith("/desk/messages/") and one.endswith(ending))


def _review_address(page: Page) -> str:
    return _address(page, "/review")


def _glass_address(page: Page) -> str:
    return _address(page, "/glass")
