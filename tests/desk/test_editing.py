"""Changing a playbook without a file: who may, what is seen before it is saved, and that nothing written is lost."""

import re
import tomllib

import pytest
from service import PASSWORD, Service, ServiceMaker
from visitor import Page, Visitor

from broadcaster.amendment_table import amendment
from broadcaster.auth.people import disable_person
from broadcaster.rewriting import rewritten, values

BOOK = "/desk/playbooks/telefoni-1177"
TEXT = f"{BOOK}/edit/text-first-facebook"
FIELD = "texts.first.facebook.sv"
KEY = FIELD.replace(".", "__")
OLD, NEW = "Vi arbetar med att lösa felet.", "Vi arbetar hela natten med att lösa felet."


@pytest.fixture
def office(make_service: ServiceMaker) -> Service:
    """Return a service with approved words, two authors and three approvers."""
    service = make_service()
    everybody = {"anna": ("author", "approver"), "dan": ("author",), "eva": ("sender",)}
    for name, roles in {**everybody, "bo": ("approver",), "cia": ("approver",)}.items():
        service.add_person(name, *roles)
    return service


def signed_in(service: Service, name: str) -> Visitor:
    visitor = Visitor(service)
    visitor.sign_in(name)
    return visitor


def value(page: Page, name: str = FIELD) -> str:
    return page.form("/text-first-facebook").value(name).strip("\r\n")


def write(visitor: Visitor, act: str, words: str, page: Page | None = None) -> Page:
    """Fill the Swedish Facebook text and press one of the two buttons."""
    page = page or visitor.open(TEXT)
    return visitor.press(page, "/text-first-facebook", act=act, **{KEY: words})


def propose(service: Service, name: str = "anna", old: str = OLD, new: str = NEW) -> Page:
    visitor = signed_in(service, name)
    page = visitor.open(TEXT)
    return write(visitor, "save", value(page).replace(old, new), page)


def approve(service: Service, name: str) -> Page:
    visitor = signed_in(service, name)
    return visitor.press(visitor.open(f"{BOOK}/proposed"), "/approve", password=PASSWORD)


def test_a_change_made_in_the_desk_goes_out_when_two_others_have_approved_it(office: Service) -> None:
    """From a text in a form to a post; what was running keeps the words it began with."""
    running = office.send()
    saved = propose(office)
    assert "Ditt förslag är sparat" in saved.line and "version 2" in saved.line
    assert "två andra måste godkänna" in saved.line and not saved.has_form("/approve")

    assert "Inte godkänd" in approve(office, "bo").line
    assert office.parts.playbooks["telefoni-1177"].version == 1
    assert "de nya orden gäller" in approve(office, "cia").line
    assert office.parts.playbooks["telefoni-1177"].version == 2

    office.send(again=True)
    office.pay()
    older, newer = sorted(office.posts(), key=lambda post: NEW in post)
    assert OLD in older and NEW not in older and NEW in newer and OLD not in newer
    pinned = office.parts.board.pinned(running["incident"])
    assert (pinned.version, office.parts.board.snapshot("telefoni-1177").version) == (1, 2)
    update = office.send("update", running["incident"])
    office.pay()
    assert office.state(update["id"], "facebook") == "published"


def test_nobody_approves_a_change_of_their_own(office: Service) -> None:
    propose(office)
    visitor = signed_in(office, "anna")
    page = visitor.open(f"{BOOK}/proposed")
    digest = next(word for word in page.line.split() if word.startswith("sha256:"))
    fields = {"csrf": page.form("/logout").value("csrf"), "digest": digest, "password": PASSWORD}
    assert visitor.client.post(f"{BOOK}/proposed/approve", data=fields).status_code == 403


def test_approvers_see_the_change_word_by_word(office: Service) -> None:
    propose(office)
    page = signed_in(office, "bo").open(f"{BOOK}/proposed")
    assert "1 text" in page.line and "<ins>" in page.html and "hela natten" in page.line


def test_whoever_is_no_author_is_told_whom_to_ask(office: Service) -> None:
    visitor = signed_in(office, "eva")
    assert "Ändra orden" not in visitor.open(BOOK).line
    page = visitor.open(TEXT)
    assert page.status == 403 and "författare (author)" in page.line


def test_before_saving_the_words_are_shown_as_the_public_will_read_them(office: Service) -> None:
    anna = signed_in(office, "anna")
    page = anna.open(TEXT)
    assert "${orsak} Vad felet beror på" in page.line.replace("${{", "${")
    reviewed = write(anna, "review", value(page).replace(OLD, NEW), page)
    assert any(NEW in words for words in reviewed.words())
    assert "som längst" in reviewed.line and "Orden går att använda" in reviewed.line
    assert signed_in(office, "bo").open(f"{BOOK}/proposed").status == 404  # nothing is kept yet


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (OLD, "Ring 0701-23 45 67.", "Ring 0701-23 45 67."),
        ("${n112}", "${n112x}", "skriv ${n112}"),
        ("${sender}", "Vi", "Säger aldrig ${link}; lägg till det"),
        (OLD, "Det kostar 5 $.", "hål skrivs ${namn}"),
    ],
)
def test_what_breaks_a_rule_is_told_beside_the_field_and_cannot_be_saved(
    office: Service, old: str, new: str, said: str
) -> None:
    anna = signed_in(office, "anna")
    page = anna.open(TEXT)
    refused = write(anna, "save", value(page).replace(old, new), page)
    assert refused.status == 422 and said in refused.line
    assert value(refused) == value(page).replace(old, new)
    assert "Spara som ny version" not in refused.line


def test_the_list_of_faults_says_which_of_many_fields_it_is(office: Service) -> None:
    anna = signed_in(office, "anna")
    refused = anna.press(anna.open(f"{BOOK}/edit/about"), "/about", act="review", update_minutes="hej")
    assert refused.status == 422
    assert ">Minuter mellan besked: Är inget helt tal" in refused.html and "</span> Är inget helt tal" in refused.html


def test_two_who_change_different_words_lose_nothing(office: Service) -> None:
    """Dan began before Anna saved; his change is laid on hers."""
    dan = signed_in(office, "dan")
    begun = dan.open(f"{BOOK}/edit/about")
    propose(office)
    saved = dan.press(begun, "/about", act="save", owner="Ledningen för 1177 på telefon")
    assert "Ditt förslag är sparat" in saved.line and "version 3" in saved.line
    text = dan.client.get(f"{BOOK}/file?proposed=1").data.decode()
    assert NEW in text and "Ledningen för 1177" in text


def test_two_who_change_the_same_words_see_each_others(office: Service) -> None:
    dan = signed_in(office, "dan")
    begun = dan.open(TEXT)
    propose(office)
    mine = value(begun).replace(OLD, "Vi lagar felet.")
    met = write(dan, "save", mine, begun)
    assert met.status == 422 and "Någon annan har sparat en ny version" in met.line
    assert value(met) == mine and "hela natten" in met.line
    again = write(dan, "save", mine, met)
    assert "Ditt förslag är sparat" in again.line and "version 3" in again.line


def test_the_file_that_is_fetched_differs_in_nothing_but_what_was_changed(office: Service) -> None:
    visitor = signed_in(office, "anna")
    before = visitor.client.get(f"{BOOK}/file")
    propose(office)
    after = visitor.client.get(f"{BOOK}/file?proposed=1")
    assert after.headers["Content-Disposition"] == 'attachment; filename="telefoni-1177.toml"'
    old, new = values(before.data), values(after.data)
    assert {path for path in old | new if old.get(path) != new.get(path)} == {
        ("version",), ("editor",), ("texts", "first", "facebook", "sv")
    }  # fmt: skip
    assert before.data.count(b"# --") == after.data.count(b"# --")
    assert tomllib.loads(after.text)["editor"] == "anna"


def test_only_its_writer_takes_a_proposal_back(office: Service) -> None:
    page = propose(office)
    anna, dan = signed_in(office, "anna"), signed_in(office, "dan")
    his = dan.open(f"{BOOK}/proposed")
    assert not his.has_form("/withdraw")
    fields = dict(page.form("/withdraw").fields) | {"csrf": his.form("/logout").value("csrf")}
    assert dan.client.post(f"{BOOK}/withdraw", data=fields).status_code == 403
    gone = anna.press(anna.open(f"{BOOK}/proposed"), "/withdraw")
    assert "Förslaget är taget tillbaka" in gone.line
    assert anna.open(f"{BOOK}/proposed").status == 404


def test_every_text_has_a_page_that_opens_and_changes_nothing_by_itself(office: Service) -> None:
    """Also sentences for blanks, contacts, answers and the checklist; a press without a change keeps nothing."""
    anna = signed_in(office, "anna")
    listing = anna.open(f"{BOOK}/edit")
    addresses = sorted(set(re.findall(rf'href="({BOOK}/edit/[^"]+)"', listing.html)))
    kinds = {address.rpartition("/")[2].partition("-")[0] for address in addresses}
    assert kinds == {"text", "blank", "contact", "about", "top", "answers", "checklist"}
    for address in addresses:
        page = anna.open(address)
        assert page.status == 200
        same = anna.press(page, address.rpartition("/")[2], act="review")
        assert same.status == 200 and "Inget är ändrat än" in same.line, address
    assert anna.open(f"{BOOK}/edit/text-first-fax").status == 404


def test_a_sentence_for_a_blank_shows_every_message_it_reaches(office: Service) -> None:
    anna = signed_in(office, "anna")
    page = anna.open(f"{BOOK}/edit/blank-klart")
    sentence = page.form("/blank-klart").value("blanks.klart.unknown.sv").strip()
    said = sentence.replace("Vi kan ännu inte säga", "Vi vet inte")
    seen = anna.press(page, "/blank-klart", act="review", blanks__klart__unknown__sv=said)
    assert seen.status == 200, seen.line
    assert sum(said in words for words in seen.words()) >= 3


def test_a_number_of_minutes_is_a_number(office: Service) -> None:
    anna = signed_in(office, "anna")
    page = anna.open(f"{BOOK}/edit/about")
    assert "inget helt tal" in anna.press(page, "/about", act="save", update_minutes="en timme").line
    assert "skriv 15 eller mer" in anna.press(page, "/about", act="save", update_minutes="5").line
    assert "Ditt förslag är sparat" in anna.press(page, "/about", act="save", update_minutes="90").line


def test_words_that_the_register_no_longer_carries_are_mended_where_they_stand(office: Service) -> None:
    """Nobody writes a change again because something else changed: its words stand in the form, with what is wrong."""
    propose(office)
    with office.parts.store.transaction() as transaction:
        kept = transaction.execute(amendment.select()).mappings().one()
        broken = rewritten(kept["text"], {tuple(FIELD.split(".")): "Det går inte att ringa\n\n${n113x}"})
        transaction.execute(amendment.update().values(text=broken))
    anna = signed_in(office, "anna")
    assert "går inte att använda med dagens register" in anna.open(BOOK).line
    page = anna.open(TEXT)
    assert "${n113x}" in value(page)
    assert "${n113x} finns inte" in write(anna, "review", value(page), page).line


def test_whoever_was_signed_out_while_writing_comes_back_to_the_same_text(office: Service) -> None:
    anna = signed_in(office, "anna")
    page = anna.open(TEXT)
    anna.press(page, "/logout")
    answer = anna.client.post(TEXT, data=dict(page.form("/text-first-facebook").fields))
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("edit%2Ftext-first-facebook"), answer.headers["Location"]


def test_the_pages_are_in_english_too(office: Service) -> None:
    anna = signed_in(office, "anna")
    assert "Change the words" in anna.open(f"{BOOK}?lang=en").line
    page = anna.open(TEXT)
    refused = write(anna, "review", value(page).replace("${sender}", "Vi"), page)
    assert "Never says ${link}; add it" in refused.line


def test_who_wrote_before_the_last_one_is_an_editor_too(office: Service) -> None:
    """Else a comma of a colleague's would make somebody's own words approvable by themselves."""
    office.add_person("fia", "author", "approver")
    propose(office)
    propose(office, "fia", NEW, NEW.replace("natten med", "natten, med"))
    assert "Du har skrivit en tidigare version" in signed_in(office, "anna").open(f"{BOOK}/proposed").line
    assert "Du har själv ändrat sist" in signed_in(office, "fia").open(f"{BOOK}/proposed").line
    page = signed_in(office, "bo").open(f"{BOOK}/proposed")
    assert "Har också skrivit i det här sedan orden godkändes senast: anna. De får inte godkänna." in page.line
    assert "Ditt godkännande är sparat" in approve(office, "bo").line
    assert "de nya orden gäller" in approve(office, "cia").line


def test_where_too_few_approvers_would_be_left_the_page_says_that_a_writer_may_approve(office: Service) -> None:
    propose(office)
    propose(office, "dan", NEW, NEW.replace("natten med", "natten, med"))
    with office.parts.store.transaction() as transaction:
        disable_person(transaction, "cia", None)
    page = signed_in(office, "bo").open(f"{BOOK}/proposed")
    assert "De får ändå godkänna, för annars är godkännarna för få" in page.line
    assert "Ditt godkännande är sparat" in approve(office, "anna").line


def test_the_editor_says_which_signed_translations_a_new_wording_leaves_out(office: Service) -> None:
    """They would go on saying the old; so they wait, and the proposal is saved all the same."""
    where, author = f"{BOOK}/edit/text-first-own_web", signed_in(office, "anna")
    page = author.open(where)
    assert "Översättningar som inte följer med" not in page.line
    name = "texts__first__own_web__sv"
    words = page.form(where).value(name.replace("__", ".")).replace("Kom som vanligt.", "Kom precis som vanligt.")
    reviewed = author.press(page, where, act="review", **{name: words})
    assert "Översättningar som inte följer med" in reviewed.line
    assert "lättläst svenska" in reviewed.line
    assert "Ditt förslag är sparat" in author.press(page, where, act="save", **{name: words}).line
    proposed = author.open(f"{BOOK}/proposed")
    assert "Översättningar som inte följer med" in proposed.line
    assert "Översättningar som inte följer med" not in author.open(BOOK).line
