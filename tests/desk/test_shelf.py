"""The playbooks on their shelf: everybody can read every word, and two people who know what they do approve them."""

import gzip
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from service import PASSWORD, PLAYBOOKS, Service, ServiceMaker
from sqlalchemy import update
from visitor import Page, Visitor

from broadcaster import approval
from broadcaster.playbook import Playbooks, Snapshot
from broadcaster.tables import snapshot

BOOK = "/desk/playbooks/telefoni-1177"


@pytest.fixture
def unapproved(make_service: ServiceMaker) -> Service:
    """Return a service where nobody has approved anything."""
    service = make_service(approved=False)
    for name, roles in {"anna": ("sender",), "bo": ("approver",), "cia": ("approver",)}.items():
        service.add_person(name, *roles)
    return service


def signed_in(service: Service, name: str) -> Visitor:
    visitor = Visitor(service)
    visitor.sign_in(name)
    return visitor


def approve(service: Service, name: str, password: str = PASSWORD, **changed: str) -> Page:
    visitor = signed_in(service, name)
    return visitor.press(visitor.open(BOOK), "/approve", password=password, **changed)


def test_every_word_of_a_playbook_can_be_read_before_it_is_needed(unapproved: Service) -> None:
    page = signed_in(unapproved, "anna").open(BOOK)
    snapshot = unapproved.parts.playbooks["telefoni-1177"]
    shown = len(page.words())
    spots = sum(len(snapshot.languages_of(c, phase)) for phase in snapshot.phases for c in snapshot.channels)
    assert shown >= spots > 0
    for heading in ("Första beskedet", "Uppdatering", "Rättelse", "Läget är normalt igen"):
        assert heading in page.line


def test_who_signed_the_words_in_a_language_approvers_may_not_read_is_said_beside_them(
    make_service: ServiceMaker, tmp_path: Path
) -> None:
    """Somebody who reads no Finnish approves what somebody else vouches for, and has to know who."""
    folder = tmp_path / "playbooks"
    shutil.copytree(PLAYBOOKS, folder)
    for name, who in (("telefoni-1177", "Aino Aalto, översättare, 2026-11-28"), ("register", "Brita Berg, 2026-11-28")):
        easy = folder / "sv-x-lattlast" / f"{name}.toml"
        signed = re.sub(r"(?m)^signed = .*$", f'signed = "{who}"', easy.read_text("utf-8"))
        easy.write_text(signed, "utf-8")
    (folder / "sv-x-lattlast" / "telefoni-vaxel.toml").unlink()
    service = make_service(playbooks={"folder": str(folder)})
    service.add_person("bo", "approver")
    page = signed_in(service, "bo").open(BOOK)
    assert "Aino Aalto, översättare, 2026-11-28; Brita Berg, 2026-11-28" in page.line
    assert "Vem som står för översättningarna" not in signed_in(service, "bo").open(BOOK.replace("1177", "vaxel")).line


def test_how_other_systems_will_sort_it_can_be_judged_before_it_is_approved(unapproved: Service) -> None:
    """What is approved stands on the page, in words and as the standard says it."""
    swedish = signed_in(unapproved, "anna").open(BOOK).line
    assert "Slag: teknik och försörjning (Infra), hälsa och vård (Health)" in swedish
    assert "Allvar: stort hot mot liv eller egendom (Severe)" in swedish
    english = signed_in(unapproved, "bo").open(f"{BOOK}?lang=en").line
    assert "Certainty: has happened (Observed)" in english and "What to do: keep informed (Monitor)" in english


def test_two_different_people_make_it_usable(unapproved: Service) -> None:
    first = approve(unapproved, "bo")
    assert "Ditt godkännande är sparat" in first.line
    assert "Inte godkänd" in first.line
    second = approve(unapproved, "cia")
    assert "Godkänd av: bo, cia" in second.line
    assert unapproved.parts.board.playbook("telefoni-1177")["approval"]["state"] == "approved"


def test_the_same_person_twice_is_one_person(unapproved: Service) -> None:
    approve(unapproved, "bo")
    approve(unapproved, "bo")
    assert unapproved.parts.board.playbook("telefoni-1177")["approval"]["state"] == "pending"


def test_a_wrong_password_approves_nothing_and_does_not_sign_out(unapproved: Service) -> None:
    page = approve(unapproved, "bo", password="fel ord helt och hållet")
    assert page.status == 422
    assert "Lösenordet stämmer inte. Inget är godkänt." in page.line
    assert unapproved.parts.board.playbook("telefoni-1177")["approval"]["by"] == []


def test_words_that_changed_while_they_were_read_are_not_approved(unapproved: Service) -> None:
    page = approve(unapproved, "bo", digest="sha256:" + "1" * 64)
    assert page.status == 409
    assert "Orden är inte längre de du såg" in page.line
    assert unapproved.parts.board.playbook("telefoni-1177")["approval"]["by"] == []


def test_the_last_editor_is_told_to_ask_others(unapproved: Service) -> None:
    editor = unapproved.parts.playbooks["telefoni-1177"].editor
    unapproved.add_person(editor, "approver")
    visitor = signed_in(unapproved, editor)
    page = visitor.open(BOOK)
    assert "Be två kollegor läsa" in page.line and not page.has_form("/approve")
    digest = unapproved.parts.playbooks["telefoni-1177"].digest
    fields = {"csrf": page.form("/logout").value("csrf"), "digest": digest, "password": PASSWORD}
    assert visitor.client.post(f"{BOOK}/approve", data=fields).status_code == 403


def test_whoever_may_not_approve_has_no_button_and_is_refused(unapproved: Service) -> None:
    anna = signed_in(unapproved, "anna")
    page = anna.open(BOOK)
    assert not page.has_form("/approve")
    fields = {"csrf": page.form("/logout").value("csrf"), "digest": "x", "password": PASSWORD}
    answer = anna.client.post(f"{BOOK}/approve", data=fields)
    assert answer.status_code == 403
    assert "rollen godkännare" in answer.text


def test_an_unknown_playbook_says_so(anna: Visitor) -> None:
    for address in ("/desk/playbooks/finns-inte", "/desk/new/finns-inte?mode=live"):
        page = anna.open(address)
        assert page.status == 404
        assert "Det finns ingen krismall med det namnet" in page.line


def test_an_approved_playbook_can_be_started_from_its_page(visit: Callable[..., Visitor]) -> None:
    page = visit("anna").open(BOOK)
    assert 'href="/desk/new/telefoni-1177?mode=live"' in page.html
    assert 'href="/desk/new/telefoni-1177?mode=drill"' in page.html


def test_who_approves_sees_what_the_rules_wonder_about_and_may_approve_all_the_same(
    make_service: ServiceMaker, tmp_path: Path
) -> None:
    """A warning is for judging, with its reason, in the reader's language; only two people decide."""
    folder = tmp_path / "playbooks"
    shutil.copytree(PLAYBOOKS, folder)
    file = folder / "telefoni-1177.toml"
    old, new = "Den som ringer 1177 kommer inte fram", "Patienter hänvisas till vårdcentralen. Ingen kommer fram"
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    service = make_service(approved=False, playbooks={"folder": str(folder)})
    for name in ("bo", "cia"):
        service.add_person(name, "approver")
    shown = signed_in(service, "bo").open(BOOK).line
    assert "Säger ”hänvisas”; skriv vem som gör vad, eller ge rådet med verbet först. ”Allmänheten uppmanas”" in shown
    assert "Första beskedet, Egen webbsida, svenska" in shown
    assert "Ingenting hindrar er från att godkänna" in shown
    assert "Says 'hänvisas'; say who does what" in signed_in(service, "cia").open(f"{BOOK}?lang=en").line
    approve(service, "bo")
    assert "Godkänd av: bo, cia" in approve(service, "cia").line


SHIPPED = Playbooks.load(PLAYBOOKS, organisation="Region Exempel", timezone="Europe/Stockholm")["telefoni-1177"]
EDITS = (
    (f"version = {SHIPPED.version}", f"version = {SHIPPED.version + 1}"),
    ("Den som ringer 1177 kommer inte fram", "Du som ringer 1177 kommer inte fram"),
)


def edited(
    make_service: ServiceMaker,
    folder: Path,
    *edits: tuple[str, str],
    by: tuple[str, ...] = ("bo", "cia"),
    old: Snapshot = SHIPPED,
) -> Service:
    """Return a service whose words `by` once approved and which have been edited since."""
    shutil.copytree(PLAYBOOKS, folder)
    file = folder / "telefoni-1177.toml"
    text = file.read_text("utf-8")
    for was, now in edits:
        assert was in text
        text = text.replace(was, now)
    file.write_text(text, "utf-8")
    easy = folder / "sv-x-lattlast" / file.name  # read again and still true, so that only these words differ
    easy.write_text(re.sub(r"swedish = .*\n", "", easy.read_text("utf-8")), "utf-8")
    service = make_service(approved=False, playbooks={"folder": str(folder)})
    for name in ("bo", "cia"):
        service.add_person(name, "approver")
    for name in by:
        with service.parts.store.transaction() as transaction:
            approval.approve(transaction, old, name)
        service.clock.advance(3600)
    return service


def test_the_first_version_says_that_nothing_was_approved_before(unapproved: Service) -> None:
    shown = signed_in(unapproved, "bo").open(BOOK).line
    assert "Ingen version av krismallen har varit godkänd förut" in shown
    english = signed_in(unapproved, "cia").open(f"{BOOK}?lang=en").line
    assert "No version of this playbook was approved before" in english


def test_who_approves_sees_at_a_glance_what_changed_since_whom(make_service: ServiceMaker, tmp_path: Path) -> None:
    """How many texts and values, since which version, approved when and by whom; and each changed word in its place."""
    service = edited(make_service, tmp_path / "playbooks", *EDITS)
    page = signed_in(service, "bo").open(BOOK)
    texts = len(re.findall(r"<details class=\"exact\" open>", page.html)) - 1  # and version
    assert f"Ändrat sedan version {SHIPPED.version} Den godkändes 14 mars 2026 kl. 03.40 av bo och cia." in page.line
    assert texts > 0 and f"{texts} text" in page.line
    assert "[borttaget:] Den [slut.] [tillagt:] Du [slut.] som ringer 1177" in page.line
    assert re.search(r"<del><span class=\"hidden\"[^>]*> \[borttaget:\] </span>Den<", page.html)
    english = signed_in(service, "cia").open(f"{BOOK}?lang=en").line
    since = f"Changed since version {SHIPPED.version}"
    assert f"{since} It was approved on 14 March 2026 at 03:40 by bo and cia." in english
    assert "[removed:] Den [end.] [added:] Du [end.] som ringer 1177" in english


def test_changed_words_are_never_taken_for_the_pages_own_code(make_service: ServiceMaker, tmp_path: Path) -> None:
    old = Snapshot(SHIPPED.content.replace(b"Den som ringer 1177", b"<b>Den</b> som ringer 1177"))
    html = signed_in(edited(make_service, tmp_path / "playbooks", *EDITS, old=old), "bo").open(BOOK).html
    assert "&lt;b&gt;Den&lt;/b&gt;" in html and "<b>" not in html
    assert " style=" not in html and "<script>" not in html


def test_only_what_changed_is_open(make_service: ServiceMaker, tmp_path: Path) -> None:
    """The whole words stand below, folded, and those that changed say so."""
    html = signed_in(edited(make_service, tmp_path / "playbooks", *EDITS), "bo").open(BOOK).html
    changed, whole = html.split('<section aria-labelledby="p-first">')
    assert "<details" in changed and '<details class="exact">' not in changed
    assert "<details" in whole and " open>" not in whole
    tag = '<span class="tag wait">ändrad</span>'
    assert whole.count(tag) == changed.count(tag) - 1 > 0  # and version


def test_a_changed_number_marks_every_message_that_says_it(make_service: ServiceMaker, tmp_path: Path) -> None:
    """Nobody wrote a word of those texts, and all of them read otherwise."""
    old = Snapshot(SHIPPED.content.replace(b'"value":"112"', b'"value":"113"'))
    html = signed_in(edited(make_service, tmp_path / "playbooks", old=old), "bo").open(BOOK).html
    changed, whole = html.split('<section aria-labelledby="p-first">')
    assert "1 nummer</strong>" in changed and ">112<" in changed and ">113<" in changed
    assert whole.count('<span class="tag wait">ändrad</span>') > 5


def test_words_only_one_person_approved_are_nothing_to_compare_with(make_service: ServiceMaker, tmp_path: Path) -> None:
    service = edited(make_service, tmp_path / "playbooks", *EDITS, by=("bo",))
    assert "har varit godkänd förut" in signed_in(service, "cia").open(BOOK).line


def test_a_new_version_of_the_same_words_says_so(make_service: ServiceMaker, tmp_path: Path) -> None:
    shown = signed_in(edited(make_service, tmp_path / "playbooks", EDITS[0]), "bo").open(BOOK).line
    assert "Inga ord och inga värden är ändrade." in shown
    assert f"[borttaget:] {SHIPPED.version} [slut.] [tillagt:] {SHIPPED.version + 1} [slut.]" in shown


def test_an_approved_version_that_was_tampered_with_is_not_compared_with(
    make_service: ServiceMaker, tmp_path: Path
) -> None:
    service = edited(make_service, tmp_path / "playbooks", *EDITS)
    with service.parts.store.transaction() as transaction:
        transaction.execute(update(snapshot).values(content=b"{}"))
    _nothing_is_compared(signed_in(service, "bo").open(BOOK))


def test_an_approval_that_was_moved_to_other_words_is_not_compared_with(
    make_service: ServiceMaker, tmp_path: Path
) -> None:
    """A row that calls the words of one playbook those of another would hide what changed."""
    old = Snapshot(SHIPPED.content.replace(b'"id":"telefoni-1177"', b'"id":"telefoni-0"'))
    service = edited(make_service, tmp_path / "playbooks", *EDITS, old=old)
    with service.parts.store.transaction() as transaction:
        transaction.execute(update(snapshot).values(playbook="telefoni-1177"))
    _nothing_is_compared(signed_in(service, "bo").open(BOOK))


def _nothing_is_compared(page: Page) -> None:
    assert page.status == 200
    assert "Det går inte att visa vad som är ändrat" in page.line and "<ins>" not in page.html


def waiting_for(folder: Path, says: str) -> None:
    """Copy the playbooks and make one line of 1177's wait for somebody's yes."""
    shutil.copytree(PLAYBOOKS, folder)
    file = folder / "telefoni-1177.toml"
    entry = f'[[sources]]\nsays = "{says}"\nkind = "medical"\nneeds_signoff = "chefläkaren"\n\n[[checklist]]'
    file.write_text(file.read_text("utf-8").replace("[[checklist]]", entry, 1), "utf-8")


def test_while_a_line_waits_for_a_yes_there_is_no_button_and_nobody_can_approve(
    make_service: ServiceMaker, tmp_path: Path
) -> None:
    """The page says which line, who must say yes and what to do; pressing all the same changes nothing."""
    waiting_for(tmp_path / "playbooks", "Ring en annan dag.")
    service = make_service(approved=False, playbooks={"folder": str(tmp_path / "playbooks")})
    service.add_person("bo", "approver")
    visitor = signed_in(service, "bo")
    page = visitor.open(BOOK)
    assert not page.has_form("/approve")
    assert "Går inte att godkänna än" in page.line and "”Ring en annan dag.” – chefläkaren" in page.line
    assert "Väntar på ett ja" in page.line and "Måste säga ja: chefläkaren" in page.line
    fields = {
        "csrf": page.form("/logout").value("csrf"),
        "digest": service.parts.playbooks["telefoni-1177"].digest,
        "password": PASSWORD,
    }
    answer = visitor.client.post(f"{BOOK}/approve", data=fields)
    assert answer.status_code == 409 and "chefläkaren" in answer.text
    assert service.parts.board.playbook("telefoni-1177")["approval"]["by"] == []


def test_who_approves_reads_where_the_advice_comes_from(visit: Callable[..., Visitor]) -> None:
    page = visit("anna").open("/desk/playbooks/dricksvatten")
    assert "Vem som står för orden" in page.line
    assert "Låt inte små barn svälja vattnet. Om vård. Källa: Mönsterås kommun" in page.line


def test_a_prepared_answer_says_when_it_fits_and_who_owns_it(visit: Callable[..., Visitor]) -> None:
    page = visit("anna").open("/desk/playbooks/masskada")
    assert "Hur många är döda? Första beskedet, Uppdatering" in page.line
    assert "Äger svaret: Polisen" in page.line


def test_the_longest_page_is_packed_for_a_browser_that_takes_it_and_says_the_same(service: Service) -> None:
    """Every word of a playbook is 75 kB; on a poor connection that is the difference between reading and giving up."""
    service.add_person("anna", "sender")
    client = signed_in(service, "anna").client
    plain = client.get(BOOK)
    packed = client.get(BOOK, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 3
    assert "Accept-Encoding" in packed.headers["Vary"]
