"""From sign-in to live: at most four decisions, nothing typed, the exact words seen, one message however pressed."""

import re
from collections.abc import Callable

import pytest
from service import Service, ServiceMaker
from visitor import Page, Visitor
from werkzeug.datastructures import MultiDict

Visit = Callable[..., Visitor]
NEW = "/desk/new/telefoni-1177"


def fill(visitor: Visitor, mode: str = "live", **blanks: object) -> Page:
    """Choose, fill in, and return the page with the exact words."""
    return visitor.press(visitor.open(f"{NEW}?mode={mode}"), NEW, **blanks)


def test_four_decisions_and_no_typed_character_from_sign_in_to_live(anna: Visitor, service: Service) -> None:
    overview = anna.open("/desk")
    assert f'href="{NEW}?mode=live"' in overview.html  # 1: choose
    form = anna.open(f"{NEW}?mode=live")
    words = anna.press(form, NEW)  # 2: nothing more is known; 3: the words are read
    board = anna.press(words, "/send")  # 4: send
    assert board.address == "/desk/incidents/RE-2026-0001"
    assert "Publicerat" in board.line
    assert service.parts.board.public_messages()[0].ref == "RE-2026-0001"


def test_the_words_that_were_read_are_the_words_that_go_out(anna: Visitor, service: Service) -> None:
    read = fill(anna, blank__reservnummer="054-61 50 00").words()
    anna.press(fill(anna, blank__reservnummer="054-61 50 00"), "/send", read="reservnummer")
    message = service.parts.board.situation("RE-2026-0001").messages[0]
    sent = {view.words for view in message.deliveries}
    assert {words.replace("RE-2026-0000", "RE-2026-0001") for words in read} == sent


def test_facebook_is_read_first_and_every_text_says_how_long_it_is(anna: Visitor) -> None:
    page = fill(anna)
    channels = re.findall(r'<section class="channel"[^>]*>\s*<h2[^>]*>([^<]+)', page.html)
    assert channels[0] == "Facebook"
    assert len(channels) == len(set(channels)) >= 5
    assert len(re.findall(r"\d+ av högst \d+ tecken", page.line)) == len(page.words())


def test_double_click_reload_and_back_are_one_message(anna: Visitor, service: Service) -> None:
    words = fill(anna)
    first, second, third = (anna.press(words, "/send") for _ in range(3))
    assert first.address == second.address == third.address == "/desk/incidents/RE-2026-0001"
    assert len(service.parts.board.incidents()["items"]) == 1
    assert len(service.parts.board.incident("RE-2026-0001")["messages"]) == 1


def test_the_browsers_back_shows_the_words_again_and_no_shared_cache_keeps_them(anna: Visitor) -> None:
    page = anna.open(f"{NEW}?mode=live")
    answer = anna.client.post(NEW, data=MultiDict(page.form(NEW).fields))
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert anna.client.get(f"{NEW}?mode=live").headers["Cache-Control"] == "no-store"


def test_a_wrong_value_is_named_on_top_and_beside_its_field_and_nothing_typed_is_lost(anna: Visitor) -> None:
    page = fill(anna, blank__reservnummer="112", decided_name="Tina", channels=["facebook", "own_web"])
    assert page.status == 422
    assert page.line.count("Det är inget telefonnummer") == 2
    assert 'href="#f-blank-reservnummer"' in page.html
    assert 'id="f-blank-reservnummer"' in page.html
    assert 'aria-invalid="true"' in page.html
    form = page.form(NEW)
    assert form.value("blank.reservnummer") == "112"
    assert form.value("decided_name") == "Tina"
    assert form.values("channels") == ["facebook", "own_web"]
    assert page.html.count("<title>Fel: ") == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"channels": None}, "Välj minst en kanal."),
        ({"mode": None}, "Välj om det är på riktigt eller en övning."),
        ({"mode": "skarpt"}, "Välj om det är på riktigt eller en övning."),
        ({"decided_how": "telefon"}, "Skriv vem som bestämde"),
        ({"channels": ["facebook", "brevduva"]}, "Kanalen brevduva finns inte"),
        ({"affected": ["brevduva"]}, "brevduva"),
        ({"blank__orsak": "trollen"}, "Välj ett av dessa"),
    ],
)
def test_what_cannot_be_is_asked_about_and_nothing_is_sent(
    anna: Visitor, service: Service, changed: dict[str, object], said: str
) -> None:
    page = fill(anna, **changed)
    assert page.status == 422
    assert said in page.line
    assert "Inget har skickats. Allt du skrivit finns kvar." in page.line
    assert service.parts.board.incidents()["items"] == []


def test_words_that_changed_after_they_were_read_are_shown_again_and_not_sent(anna: Visitor, service: Service) -> None:
    words = fill(anna)
    page = anna.press(words, "/send", digest="sha256:" + "0" * 64)
    assert page.status == 409
    assert "Orden är inte längre de du såg" in page.line
    assert service.parts.board.incidents()["items"] == []
    assert anna.press(page, "/send").address == "/desk/incidents/RE-2026-0001"


def test_the_same_crisis_twice_is_asked_about_and_can_be_sent_all_the_same(anna: Visitor) -> None:
    anna.press(fill(anna), "/send")
    page = anna.press(fill(anna), "/send")
    assert page.status == 409
    assert "redan i gång som RE-2026-0001" in page.line
    assert "again" not in [name for name, _ in page.form("/send").fields]
    assert anna.press(page, "/send", again="true").address == "/desk/incidents/RE-2026-0002"


def test_changing_ones_mind_brings_the_form_back_as_it_was(anna: Visitor) -> None:
    words = fill(anna, mode="drill", blank__reservnummer="054-61 50 00", decided_name="Tina", affected=["1177_phone"])
    form = anna.press(words, NEW, button="change").form(NEW)
    assert form.value("blank.reservnummer") == "054-61 50 00"
    assert form.value("mode") == "drill"
    assert form.values("affected") == ["1177_phone"]
    assert form.value("decided_name") == "Tina"


def test_the_other_language_keeps_what_was_filled_in(anna: Visitor) -> None:
    words = fill(anna, blank__reservnummer="054-61 50 00")
    assert f'form="change" formaction="{NEW}?lang=en"' in words.html
    fields = {key: value for key, value in words.form(NEW).fields if key != "channels"}
    answer = anna.client.post(f"{NEW}?lang=en", data={**fields, "channels": words.form(NEW).values("channels")})
    assert "Send now to" in answer.text
    assert "054-61 50 00" in answer.text
    assert "lang=en" in answer.headers["Set-Cookie"]


def test_what_the_crisis_has_struck_is_left_out_and_not_counted(anna: Visitor) -> None:
    page = fill(anna, affected=["1177_phone"])
    assert "Talsvar före 1177-kön" in page.line  # named as left out
    assert not re.search(r"<h2[^>]*>Talsvar före 1177-kön</h2>", page.html)
    count = len(re.findall(r'<section class="channel"', page.html))
    assert f"Skicka nu till {count} kanaler" in page.line


def test_a_struck_system_is_marked_first_and_says_what_it_takes_with_it(anna: Visitor) -> None:
    """One tick for the telephone network: the number, and the voice before its queue."""
    form = anna.open(f"{NEW}?mode=live")
    assert "Regionens teleoperatör – drar med sig: Telefonnumret 1177, Talsvar före 1177-kön" in form.line
    assert form.html.index('value="teleoperator"') < form.html.index('name="affected" value="facebook"')
    assert 'value="regionens_nat"' not in form.html  # nothing of this playbook goes down with it
    page = anna.press(form, NEW, affected=["teleoperator"])
    assert "utelämnat: Regionens teleoperatör, Telefonnumret 1177, Talsvar före 1177-kön" in page.line
    assert not re.search(r"<h2[^>]*>Talsvar före 1177-kön</h2>", page.html)
    board = anna.press(page, "/send")
    assert "drabbat och utelämnat: Regionens teleoperatör, Telefonnumret 1177, Talsvar före 1177-kön" in board.line


def test_who_decided_stands_on_the_board(anna: Visitor) -> None:
    board = anna.press(fill(anna, decided_name="Tina <b>Berg</b>", decided_role="TiB", decided_how="telefon"), "/send")
    assert "beslut av Tina <b>Berg</b> (TiB, telefon)" in board.line
    assert "<b>Berg" not in board.html


def test_an_update_with_a_sentence_of_its_own_waits_for_another_person(visit: Visit, service: Service) -> None:
    ref = service.send()["incident"]
    anna, bo = visit("anna"), visit("bo")
    form = anna.open(f"/desk/incidents/{ref}/update")
    words = anna.press(form, "/update", sentence="Vi har hittat felet.")
    assert "väntar beskedet tills en annan person" in form.line
    assert "Be en annan person säga ja" in words.line
    board = anna.press(words, "/send", read="sentence")
    assert "Väntar på ett ja från en annan person" in board.line
    assert not board.has_form("/approve")  # the maker cannot
    theirs = bo.open(f"/desk/incidents/{ref}")
    assert any("Vi har hittat felet." in words for words in theirs.words())
    after = bo.press(theirs, "/approve")
    assert after.address == f"/desk/incidents/{ref}"
    assert "Väntar på ett ja från en annan person" not in after.line
    assert any("Vi har hittat felet." in one.words for one in service.parts.board.public_messages(ref))


def test_a_no_to_a_waiting_message_takes_a_reason(visit: Visit, service: Service) -> None:
    ref = service.send()["incident"]
    anna, bo = visit("anna"), visit("bo")
    words = anna.press(anna.open(f"/desk/incidents/{ref}/update"), "/update", sentence="Snart klart.")
    anna.press(words, "/send", read="sentence")
    page = bo.press(bo.open(f"/desk/incidents/{ref}"), "/reject", reason="Vi vet inte det.")
    assert "Nekad: Vi vet inte det." in page.line
    assert len({one.mark for one in service.parts.board.public_messages(ref)}) == 1  # the first message alone


def test_a_language_keeps_its_capital_inside_a_name_of_two_words(anna: Visitor) -> None:
    page = anna.press(anna.open("/desk/new/telefoni-1177?mode=live&lang=en"), "/telefoni-1177")
    assert "Easy-to-read Swedish" in page.line


@pytest.mark.parametrize("phase", ["correction", "false_alarm", "all_clear"])
def test_every_later_phase_goes_the_same_way(anna: Visitor, service: Service, phase: str) -> None:
    ref = service.send()["incident"]
    board = anna.open(f"/desk/incidents/{ref}")
    assert f'href="/desk/incidents/{ref}/{phase}"' in board.html
    words = anna.press(anna.open(f"/desk/incidents/{ref}/{phase}"), f"/{phase}")
    assert f"{ref}/2" in words.text
    after = anna.press(words, "/send")
    assert after.address == f"/desk/incidents/{ref}"
    assert service.parts.board.incident(ref)["messages"][-1]["phase"] == phase
    assert ("Händelsen är avslutad" in after.line) is (phase != "correction")


def test_a_closed_incident_refuses_an_update_in_plain_words(anna: Visitor, service: Service) -> None:
    ref = service.send()["incident"]
    words = anna.press(anna.open(f"/desk/incidents/{ref}/update"), "/update")
    service.send("all_clear", ref)
    page = anna.press(words, "/send")
    assert page.status == 409
    assert f"Händelsen {ref} är avslutad" in page.line


def test_an_unapproved_playbook_is_seen_but_says_why_it_cannot_start(
    make_service: ServiceMaker,
) -> None:
    service = make_service(approved=False)
    service.add_person("anna", "sender")
    anna = Visitor(service)
    overview = anna.sign_in("anna")
    assert "Det går inte att ringa 1177" in overview.line
    assert "två personer måste först läsa och godkänna" in overview.line
    assert "/desk/new/" not in overview.html
    words = fill(anna)
    page = anna.press(words, "/send")
    assert page.status == 409
    assert "Krismallen är inte godkänd" in page.line


@pytest.mark.parametrize("name", ["cia", "dag"])
def test_whoever_may_not_send_is_told_and_cannot(visit: Visit, service: Service, name: str) -> None:
    visitor = visit(name)
    assert "Ditt konto får läsa men inte skicka" in visitor.open("/desk").line
    page = visitor.press(fill(visitor), "/send")
    assert page.status == 403
    assert service.parts.board.incidents()["items"] == []


def test_an_authors_message_waits_for_a_sender(visit: Visit, service: Service) -> None:
    eva, bo = visit("eva"), visit("bo")
    words = fill(eva)
    assert "Be en annan person säga ja" in words.line
    board = eva.press(words, "/send")
    assert "Inget är skickat än" in board.line
    assert service.parts.board.public_messages() == []
    after = bo.press(bo.open(board.address), "/approve")
    assert "Publicerat" in after.line


def test_a_drill_is_striped_on_every_page_of_it_and_nowhere_public(anna: Visitor) -> None:
    form = anna.open(f"{NEW}?mode=drill")
    words = anna.press(form, NEW)
    board = anna.press(words, "/send")
    ref = board.address.rsplit("/", 1)[1]
    assert ref.startswith("OVN-RE-2026-")
    update = anna.open(f"/desk/incidents/{ref}/update")
    shown = anna.open(f"/desk/drills/{ref}")
    for page in (form, words, board, update, shown):
        assert page.html.count('class="stripe"') == 2, page.address
        assert "ÖVNING – inget lämnar huset" in page.line
    assert "Öva nu i" in words.line
    assert anna.open(f"/m/{ref}").status == 404
    assert ref not in anna.open("/").html
    assert 'class="stripe"' not in anna.open("/").html


def test_a_live_incident_has_no_drill_page(anna: Visitor, service: Service) -> None:
    assert anna.open(f"/desk/drills/{service.send()['incident']}").status == 404


def test_the_form_says_what_each_empty_blank_will_say(anna: Visitor) -> None:
    page = anna.open(f"{NEW}?mode=live")
    assert "Tomt säger texten:" in page.line
    assert "Vi vet ännu inte vad felet beror på." in page.line


def test_every_blank_has_a_label_and_its_help_is_tied_to_it(anna: Visitor) -> None:
    page = anna.open(f"{NEW}?mode=live")
    names = re.findall(r'<(?:input|select|textarea)[^>]* id="([^"]+)"', page.html)
    labelled = set(re.findall(r'<label for="([^"]+)"', page.html))
    assert set(names) <= labelled
    described = re.findall(r'aria-describedby="([^"]+)"', page.html)
    ids = set(re.findall(r' id="([^"]+)"', page.html))
    assert described
    assert {one for many in described for one in many.split()} <= ids
