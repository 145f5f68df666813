"""Choosing by what one sees: headings, a search in one's own words, and what a colleague already began."""

from collections.abc import Callable

import pytest
from service import Service, ServiceMaker
from sqlalchemy import event
from visitor import Visitor

from broadcaster import approval
from broadcaster.seen import GROUPS
from broadcaster.tables import snapshot

Visit = Callable[..., Visitor]
PHONE = "/desk/new/telefoni-1177?mode=live"


def test_the_first_page_asks_what_has_happened_and_every_name_leads_to_a_form(anna: Visitor, service: Service) -> None:
    page = anna.open("/desk")
    for key, group in GROUPS.items():
        assert f'href="/desk/what/{key}"' in page.html and group.name.sv in page.line
    for book in service.parts.playbooks.all():
        assert f'href="/desk/new/{book.id}?mode=live"' in page.html


def test_the_order_is_what_runs_then_what_has_happened_then_the_rest(anna: Visitor, service: Service) -> None:
    service.send("all_clear", service.send()["incident"])
    service.send()
    html = anna.open("/desk").html
    order = [html.index(f'id="{part}"') for part in ("running", "start", "channels", "waking", "over")]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("language", "both"), [("sv", ("Starta skarpt", "Öva")), ("en", ("Start for real", "Exercise"))]
)
def test_a_headings_page_says_when_each_fits_and_offers_both_ways(
    anna: Visitor, service: Service, language: str, both: tuple[str, str]
) -> None:
    page = anna.open(f"/desk/what/phone?lang={language}")
    for name in ("telefoni-1177", "telefoni-vaxel"):
        book = service.parts.playbooks[name]
        for said in (book.title, book.use):
            assert (said.sv if language == "sv" else said.en) in page.line
        for mode in ("live", "drill"):
            assert f'href="/desk/new/{name}?mode={mode}"' in page.html
    assert all(word in page.line for word in both)
    assert "dricksvatten" not in page.html


def test_all_of_them_stand_on_one_page(anna: Visitor, service: Service) -> None:
    page = anna.open("/desk/what")
    for book in service.parts.playbooks.all():
        assert f'href="/desk/new/{book.id}?mode=drill"' in page.html


def test_a_heading_that_does_not_exist_says_where_to_go(anna: Visitor) -> None:
    page = anna.open("/desk/what/solstorm")
    assert page.status == 404 and "/desk/what" in page.line


@pytest.mark.parametrize("asked", ["vattnet", "VATTNET", "koka", "water"])
def test_one_finds_the_water_in_ones_own_words(anna: Visitor, asked: str) -> None:
    page = anna.open(f"/desk/what?q={asked}")
    assert 'href="/desk/new/dricksvatten?mode=live"' in page.html
    assert PHONE not in page.html
    assert f'value="{asked}"' in page.html


def test_a_search_that_finds_nothing_says_what_to_do(anna: Visitor) -> None:
    page = anna.open("/desk/what?q=zebra")
    assert "Ingen krismall passar de orden" in page.line
    assert 'href="/desk/new/allman-handelse?mode=live"' in page.html
    assert 'href="/desk/what/phone"' in page.html


def test_what_is_searched_for_is_shown_as_text(anna: Visitor) -> None:
    page = anna.open("/desk/what?q=%3Cscript%3E%22vatten")
    assert "<script>&" not in page.html and '<q><script>' not in page.html
    assert "&lt;script&gt;" in page.html


def test_a_colleague_sees_who_started_the_same_and_when_with_the_way_there(visit: Visit, service: Service) -> None:
    ref = service.send()["incident"]
    bo = visit("bo")
    for address in ("/desk", "/desk/what", "/desk/what/phone", "/desk/what?q=1177"):
        page = bo.open(address)
        assert "Startades av anna kl. 02.40" in page.line, address
        assert f'class="begun" href="/desk/incidents/{ref}"' in page.html
    assert "Started by anna at 02:40" in bo.open("/desk/what/phone?lang=en").line
    assert "Startades av" not in bo.open("/desk/what/water?lang=sv").line


def test_a_drill_is_never_told_as_the_real_thing(anna: Visitor, service: Service) -> None:
    ref = service.send(mode="drill")["incident"]
    assert "Startades av" not in anna.open("/desk").line
    page = anna.open("/desk/what/phone")
    assert "Startades av" not in page.line
    assert "Övas redan, startad av anna kl. 02.40" in page.line
    assert f'class="begun practice" href="/desk/incidents/{ref}"' in page.html


def test_what_nobody_let_out_was_not_started(visit: Visit, service: Service) -> None:
    eva = visit("eva")
    eva.press(eva.press(eva.open(PHONE), "/desk/new/telefoni-1177"), "/send")
    assert "Startades av" not in visit("bo").open("/desk").line


def test_what_is_not_approved_says_so_where_it_stands_and_cannot_be_started(make_service: ServiceMaker) -> None:
    service = make_service(approved=False)
    service.add_person("anna", "sender")
    with service.parts.store.transaction() as transaction:
        for name in ("approver-1", "approver-2"):
            approval.approve(transaction, service.parts.playbooks.within(transaction)["dricksvatten"], name)
    anna = Visitor(service)
    anna.sign_in("anna")
    first = anna.open("/desk")
    assert "Inte godkänd" in first.line
    assert PHONE not in first.html and 'href="/desk/playbooks/telefoni-1177"' in first.html
    assert 'href="/desk/new/dricksvatten?mode=live"' in first.html
    page = anna.open("/desk/what/phone")
    assert "två personer måste först läsa och godkänna" in page.line and "/desk/new/" not in page.html


def test_words_that_were_tampered_with_or_taken_back_cannot_be_started_here(anna: Visitor, service: Service) -> None:
    with service.parts.store.transaction() as transaction:
        transaction.execute(snapshot.update().where(snapshot.c.playbook == "telefoni-1177").values(
            revoked_at=transaction.now, revoked_by="bo"))  # fmt: skip
    assert PHONE not in anna.open("/desk").html
    assert PHONE not in anna.open("/desk/what/phone").html


@pytest.mark.parametrize("name", ["cia", "dag"])
def test_whoever_may_not_send_reads_and_is_told(visit: Visit, name: str) -> None:
    visitor = visit(name)
    for address in ("/desk", "/desk/what/phone", "/desk/what?q=vatten"):
        page = visitor.open(address)
        assert "Ditt konto får läsa men inte skicka" in page.line and "/desk/new/" not in page.html


def test_nobody_chooses_without_signing_in(visit: Visit) -> None:
    for address in ("/desk/what", "/desk/what/phone", "/desk/what?q=vatten"):
        assert visit().open(address).address.startswith("/login")


@pytest.mark.parametrize("address", ["/desk/what", "/desk/what/phone", "/desk/what?q=vatten"])
def test_however_many_playbooks_there_are_how_they_stand_is_asked_once(
    anna: Visitor, service: Service, address: str
) -> None:
    service.send()
    asked: list[str] = []
    event.listen(service.parts.store.engine, "before_cursor_execute", lambda *what: asked.append(what[2]))
    anna.open(address)
    for table in ("approval", "snapshot", "incident", "amendment"):
        assert sum(f"FROM {table}" in statement for statement in asked) == 1, table


@pytest.mark.parametrize("address", ["/desk", "/desk/what"])
def test_a_page_to_choose_on_is_small_enough_for_a_bad_line(anna: Visitor, service: Service, address: str) -> None:
    service.send()
    service.send(mode="drill")
    assert len(anna.client.get(address).data) < 60_000
