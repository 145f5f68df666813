"""The next message begins where the last one ended: what stands now beside what will, and nothing new in one press."""

import re
from collections.abc import Callable
from datetime import timedelta

from service import Service, ServiceMaker
from visitor import Page, Visitor

Visit = Callable[..., Visitor]
NUMBER = "054-61 50 00"


def started(anna: Visitor, service: Service, **blanks: str) -> str:
    """Start an incident with these blanks, let it go out, and return its reference."""
    ref = str(service.send(blanks=blanks)["incident"])
    service.pay(steps=3, seconds=1)
    return ref


def update(anna: Visitor, ref: str) -> Page:
    return anna.open(f"/desk/incidents/{ref}/update")


def typed_block(page: Page) -> str:
    found = re.search(r'<fieldset class="field typed.*?</fieldset>', page.html, re.DOTALL)
    return found[0] if found else ""


def test_the_form_begins_with_what_the_last_message_said_and_asks_whether_it_still_holds(
    anna: Visitor, service: Service
) -> None:
    cause = service.parts.board.snapshot("telefoni-1177").blanks("first")[2]
    assert cause.name == "orsak"
    ref = started(anna, service, reservnummer=NUMBER, orsak=cause.choices[0][0])
    page = update(anna, ref)
    assert page.form("/update").value("blank.reservnummer") == NUMBER
    assert page.form("/update").value("blank.orsak") == cause.choices[0][0]
    assert f"Vi sa: {NUMBER}. Gäller det fortfarande?" in page.line
    assert f"Fälten har det som stod i {ref}/1" in page.line


def test_what_was_kept_needs_no_tick_and_what_was_changed_does(anna: Visitor, service: Service) -> None:
    ref = started(anna, service, reservnummer=NUMBER)
    kept = anna.press(update(anna, ref), "/update")
    assert typed_block(kept) == ""
    changed = anna.press(update(anna, ref), "/update", blank__reservnummer="010-000 00 00")
    assert "010-000 00 00" in typed_block(changed)
    assert f"förut: {NUMBER}" in " ".join(typed_block(changed).replace("</span>", "").split())
    refused = anna.press(changed, "/send")
    assert refused.status == 422
    assert "Läs och kryssa i: Reservnummer" in refused.line
    assert len(service.parts.board.incident(ref)["messages"]) == 1
    assert anna.press(refused, "/send", read="reservnummer").address == f"/desk/incidents/{ref}"


def test_the_same_number_written_in_another_way_is_no_change(anna: Visitor, service: Service) -> None:
    ref = started(anna, service, reservnummer=NUMBER)
    page = anna.press(update(anna, ref), "/update", blank__reservnummer=NUMBER.replace("-", " – "))
    assert typed_block(page) == ""


def test_what_is_not_known_any_more_is_named(anna: Visitor, service: Service) -> None:
    ref = started(anna, service, reservnummer=NUMBER)
    page = anna.press(update(anna, ref), "/update", blank__reservnummer="")
    assert "Sägs inte längre, eller är inte känt igen: Reservnummer" in page.line
    assert not any(NUMBER in words for words in page.words())


def test_what_stands_now_is_beside_what_will_stand(anna: Visitor, service: Service) -> None:
    ref = started(anna, service, reservnummer=NUMBER)
    page = anna.press(update(anna, ref), "/update", blank__reservnummer="010-000 00 00")
    message = service.parts.board.situation(ref).messages[0]
    standing = next(view.words for view in message.deliveries if view.channel == "1177_notice")
    beside = re.findall(r'<div class="standing".*?</div>', page.html, re.DOTALL)
    blocks = [re.sub(r"<[^>]+>", "", one) for one in beside]
    assert standing in blocks  # whole and untouched: only what goes is set apart
    assert f'<del><span class="number">{NUMBER}</span></del>' in page.html
    assert '<ins><span class="number">010-000 00 00</span></ins>' in page.html


def test_nothing_new_is_one_press_from_a_page_that_shows_the_exact_words(anna: Visitor, service: Service) -> None:
    ref = started(anna, service, reservnummer=NUMBER)
    form = update(anna, ref)
    assert f'href="/desk/incidents/{ref}/nothing-new?after=1"' in form.html
    assert "Inget nytt, nästa besked senast kl. 03.45" in form.line
    words = anna.open(f"/desk/incidents/{ref}/nothing-new")
    read = words.words()
    assert "Detta publiceras nu på Facebook" in words.line
    board = anna.press(words, "/send")
    assert board.address == f"/desk/incidents/{ref}"
    newest = service.parts.board.situation(ref).messages[0]
    assert newest.phase == "update"
    assert {view.words for view in newest.deliveries} == set(read)


def test_nothing_new_from_two_tabs_and_after_a_reload_is_one_message(anna: Visitor, service: Service) -> None:
    ref = started(anna, service)
    one, other = (anna.open(f"/desk/incidents/{ref}/nothing-new") for _ in range(2))
    for page in (one, other, one):
        assert anna.press(page, "/send").address == f"/desk/incidents/{ref}"
    assert len(service.parts.board.incident(ref)["messages"]) == 2
    assert anna.open(one.address).address == f"/desk/incidents/{ref}"  # Reload: it has been said
    again = anna.open(f"/desk/incidents/{ref}/nothing-new")  # an hour later it is said once more, on purpose
    anna.press(again, "/send")
    assert len(service.parts.board.incident(ref)["messages"]) == 3


def test_the_same_update_with_another_name_from_another_tab_is_not_sent_twice(anna: Visitor, service: Service) -> None:
    ref = started(anna, service)
    one, other = (anna.press(update(anna, ref), "/update", decided_name=name) for name in ("Tina", "Tor"))
    assert anna.press(one, "/send").address == f"/desk/incidents/{ref}"
    assert anna.press(other, "/send").address == f"/desk/incidents/{ref}"
    assert len(service.parts.board.incident(ref)["messages"]) == 2


def test_a_kept_time_that_has_passed_is_pointed_out(anna: Visitor, service: Service) -> None:
    ref = started(anna, service, klart="2026-03-14T03:00")
    assert "En tid har passerat" not in anna.open(f"/desk/incidents/{ref}/nothing-new").line
    service.clock.at += timedelta(minutes=25)
    page = anna.open(f"/desk/incidents/{ref}/nothing-new")
    assert "En tid har passerat" in page.line
    assert "När felet väntas vara löst" in page.line


def test_what_works_again_is_unticked_and_the_texts_say_it(anna: Visitor, service: Service) -> None:
    ref = started(anna, service)
    struck = anna.press(update(anna, ref), "/update", affected=["1177_notice"])
    assert "Här säger vi ingenting, för kanalen är drabbad: Notis på 1177.se" in struck.line
    anna.press(struck, "/send")
    form = update(anna, ref)
    assert form.form("/update").values("affected") == ["1177_notice"]
    page = anna.press(form, "/update", affected=None)
    assert re.search(r"<h2[^>]*>Notis på 1177\.se</h2>", page.html)


def test_what_a_struck_number_takes_out_of_the_words_stands_beside_them(anna: Visitor) -> None:
    """The general playbook sends people to 1177; with 1177 struck, it says what to do instead."""
    address = "/desk/new/allman-handelse"
    page = anna.press(anna.open(f"{address}?mode=live"), address, affected=["n1177"])
    assert "Om inget vore drabbat" in page.line
    assert "<del>" in page.html
    assert "<ins>" in page.html


def test_a_correction_says_what_it_does_in_each_channel_before_it_is_done(anna: Visitor, service: Service) -> None:
    ref = str(service.send(playbook="allman-handelse")["incident"])
    page = anna.press(anna.open(f"/desk/incidents/{ref}/correction"), "/correction")
    assert "De tidigare inläggen får en rad överst" in page.line
    assert "Byts ut på samma ställe" in page.line
    assert "Det gör en person för hand" in page.line


def test_the_sentence_at_the_button_names_what_is_chosen_and_who_does_the_rest(anna: Visitor) -> None:
    address = "/desk/new/allman-handelse"
    form = anna.open(f"{address}?mode=live")
    page = anna.press(form, address, channels=["facebook", "1177_notice", "intranet"])
    said = "Detta publiceras nu på Facebook och på 1177"
    assert said in page.line
    assert "Intranätet (redaktör i beredskap) läggs ut av en person." in page.line
    assert "egen webbsida" not in page.line[page.line.index(said) :]


def test_a_drill_says_that_nothing_leaves_the_house(anna: Visitor) -> None:
    page = anna.press(anna.open("/desk/new/telefoni-1177?mode=drill"), "/desk/new/telefoni-1177")
    assert "Övning: inget lämnar huset." in page.line
    assert "Detta publiceras nu" not in page.line


def test_what_waits_for_another_person_is_not_said_to_be_published_now(anna: Visitor, service: Service) -> None:
    ref = started(anna, service)
    page = anna.press(update(anna, ref), "/update", sentence="Vi har hittat felet.")
    assert "Inget går ut nu. Efter en annan persons ja publiceras detta" in page.line


def test_also_what_a_person_puts_out_waits_for_the_other_persons_yes(anna: Visitor, service: Service) -> None:
    ref = str(service.send(playbook="allman-handelse")["incident"])
    page = anna.press(update(anna, ref), "/update", sentence="Vi har hittat felet.", channels=["intranet"])
    assert "Inget händer förrän en annan person har sagt ja. Intranätet" in page.line


def test_a_voice_says_how_many_seconds_it_takes(anna: Visitor) -> None:
    page = anna.press(anna.open("/desk/new/telefoni-1177?mode=live"), "/desk/new/telefoni-1177")
    assert re.search(r"ungefär \d+ sekunder", page.line)


def test_who_decided_is_picked_among_the_people_of_the_roster(make_service: ServiceMaker) -> None:
    people = [{"name": "Tina Berg", "email": "t@region.example"}, {"name": "Tor Dahl", "email": "d@region.example"}]
    service = make_service(alarm={"people": people})
    service.add_person("anna", "sender")
    anna = Visitor(service)
    anna.sign_in("anna")
    page = anna.open("/desk/new/telefoni-1177?mode=live")
    assert 'name="decided_name" type="text" value="" autocomplete="off" maxlength="120" list="deciders"' in page.html
    assert re.findall(r'<option value="([^"]+)"></option>', page.html) == ["Tina Berg", "Tor Dahl"]


def test_the_time_of_a_decision_is_filled_in_and_can_be_another(anna: Visitor, service: Service) -> None:
    address = "/desk/new/telefoni-1177"
    form = anna.open(f"{address}?mode=live")
    assert form.form(address).value("decided_at") == "2026-03-14T02:40"
    wrong = anna.press(form, address, decided_name="Tina", decided_at="2026-03-29T02:30")  # the hour that never was
    assert wrong.status == 422
    assert "Det är ingen tid som finns." in wrong.line
    words = anna.press(wrong, address, decided_at="2026-03-14T02:31")
    anna.press(words, "/send")
    message = service.parts.board.situation("RE-2026-0001").messages[0]
    assert message.decided_by is not None
    assert message.decided_by["at"].startswith(("2026-03-14T02:31", "2026-03-14T01:31"))


def test_the_closed_hospital_and_the_one_to_go_to_may_not_be_the_same(anna: Visitor, service: Service) -> None:
    address = "/desk/new/akut-stangd"
    form = anna.open(f"{address}?mode=live")
    place = re.findall(r'<option value="([^"]+)"', form.html)[0]
    page = anna.press(form, address, blank__sjukhus=place, blank__alternativ=place)
    assert page.status == 422
    assert "Det är samma plats som under" in page.line
    assert 'href="#f-blank-alternativ"' in page.html
