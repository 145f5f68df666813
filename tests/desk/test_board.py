"""The live board: what every channel shows the public right now, in words, and what a person can do about it."""

import re
from collections.abc import Callable

import pytest
from service import Service
from visitor import Page, Visitor

from broadcaster.desk.vocabulary import DELIVERY
from broadcaster.errors import Text
from broadcaster.language import COOKIE
from broadcaster.standing import State
from broadcaster.tables import preflight

Visit = Callable[..., Visitor]
TASK = "/deliveries/intranet/sv"


@pytest.fixture
def ref(service: Service) -> str:
    """Return an incident that has just begun, with a task for a person."""
    return str(service.send(playbook="allman-handelse", channels=None)["incident"])


def board(visitor: Visitor, ref: str) -> Page:
    return visitor.open(f"/desk/incidents/{ref}")


def test_every_channel_is_a_row_with_its_name_language_and_state_in_words(anna: Visitor, service: Service) -> None:
    ref = service.send()["incident"]
    said = re.findall(r'data-said="([^"]+)"', board(anna, ref).html)
    assert "Egen webbsida, svenska: Publicerat" in said
    assert "Egen webbsida, engelska: Publicerat" in said
    assert "Facebook, svenska: Väntar på att skickas" in said
    assert len(said) == len(service.parts.board.incident(ref)["messages"][0]["deliveries"])


def test_no_state_is_said_by_colour_alone(anna: Visitor, service: Service) -> None:
    page = board(anna, service.send()["incident"])
    tags = re.findall(
        r'<span class="tag [a-z]+"><span class="sign" aria-hidden="true">(.)</span> (\w[^<]+)</span>', page.html
    )
    assert tags
    assert all(sign.strip() and len(words) > 3 for sign, words in tags)


def test_what_is_out_leads_to_its_address_and_says_it_was_read_back(anna: Visitor, service: Service) -> None:
    message = service.send()
    service.pay(steps=3, seconds=1)
    page = board(anna, message["incident"])
    url = service.delivery(message["id"], "facebook")["url"]
    assert f'href="{url}"' in page.html
    assert "Facebook, svenska: Publicerat" in page.html
    assert "Försöken" not in page.line
    assert "Kontrollera: klart" in page.line


def test_the_fragment_is_the_same_board_and_only_for_the_signed_in(
    anna: Visitor, visit: Visit, service: Service
) -> None:
    ref = service.send()["incident"]
    fragment = anna.client.get(f"/desk/incidents/{ref}/board").text
    assert "<html" not in fragment
    assert fragment.strip() in board(anna, ref).html
    assert visit().client.get(f"/desk/incidents/{ref}/board").status_code == 303


def test_without_javascript_the_board_reloads_itself_unless_it_is_asked_to_stand_still(
    anna: Visitor, service: Service
) -> None:
    ref = service.send()["incident"]
    reload = '<noscript><meta http-equiv="refresh" content="5">'
    assert reload in board(anna, ref).html
    still = anna.open(f"/desk/incidents/{ref}?still=1").html
    assert 'http-equiv="refresh"' not in still
    assert f'href="/desk/incidents/{ref}"' in still


def test_a_task_has_the_exact_words_and_is_done_with_the_address(anna: Visitor, service: Service, ref: str) -> None:
    page = board(anna, ref)
    message = service.parts.board.situation(ref).messages[0]
    words = next(view.words for view in message.deliveries if view.channel == "intranet")
    assert words in page.words()
    assert "redaktör i beredskap" in page.line
    after = anna.press(page, f"{TASK}/acknowledge", url="https://intranet.region.example/nytt")
    assert after.address == f"/desk/incidents/{ref}"
    done = service.delivery(message.json["id"], "intranet")
    assert (done["state"], done["url"]) == ("published", "https://intranet.region.example/nytt")
    assert done["receipt"]["by"] is not None


def test_an_address_that_cannot_be_shown_keeps_what_was_typed(anna: Visitor, service: Service, ref: str) -> None:
    page = anna.press(board(anna, ref), f"{TASK}/acknowledge", url="javascript:alert(1)")
    assert page.status == 422
    assert page.form("/acknowledge").value("url") == "javascript:alert(1)"
    assert 'http-equiv="refresh"' not in page.html
    assert "Kopiera hela adressen" in page.line


def test_an_empty_acknowledgement_is_asked_about(anna: Visitor, service: Service, ref: str) -> None:
    page = anna.press(board(anna, ref), f"{TASK}/acknowledge")
    assert page.status == 422
    assert page.has_form("/acknowledge")


def test_what_could_not_be_done_is_closed_with_a_reason(anna: Visitor, service: Service, ref: str) -> None:
    page = anna.open(f"/desk/messages/{service.parts.board.incident(ref)['messages'][0]['id']}{TASK}")
    assert 'http-equiv="refresh"' not in page.html
    reasons = [form for form in page.forms if any(name == "reason" for name, _ in form.fields)]
    assert len(reasons) == 1
    answer = anna.client.post(reasons[0].action, data={**dict(reasons[0].fields), "reason": "Intranätet ligger nere."})
    assert answer.status_code == 303
    assert "Intranätet, svenska: Inte publicerat" in board(anna, ref).html


def test_pressing_a_task_twice_is_doing_it_once(anna: Visitor, service: Service, ref: str) -> None:
    page = board(anna, ref)
    for _ in range(2):
        after = anna.press(page, f"{TASK}/acknowledge", url="https://intranet.region.example/nytt")
        assert after.address == f"/desk/incidents/{ref}"
        assert after.status == 200


def test_a_dead_token_says_what_it_means_and_can_be_tried_again(anna: Visitor, service: Service) -> None:
    service.script(facebook=[{"on": "POST /{page}/feed", "do": "token_dead", "times": 1}])
    message = service.send()
    service.pay()
    assert service.state(message["id"], "facebook") == "needs_person"
    page = board(anna, message["incident"])
    assert "Facebook, svenska: Du behöver göra detta:" in page.html
    assert re.search(r'<p class="advice">[^<]{40,}</p>', page.html)
    again = anna.press(page, "/deliveries/facebook/sv/retry")
    assert again.address == f"/desk/incidents/{message['incident']}"
    service.pay(steps=3, seconds=1)
    assert service.state(message["id"], "facebook") == "published"


def test_a_recall_says_first_what_it_does_in_every_channel(anna: Visitor, service: Service) -> None:
    message = service.send()
    page = anna.open(f"/desk/messages/{message['id']}/recall")
    assert "redan har ersatt det. Egen webbsida: svenska, engelska, lättläst svenska" in page.line
    assert "Skickas inte. Facebook: svenska" in page.line
    assert "Det går inte att ångra." in page.line
    assert service.message(message["id"])["state"] == "sending"


def test_a_recall_needs_a_reason_and_then_takes_everything_back(anna: Visitor, service: Service) -> None:
    message = service.send()
    page = anna.open(f"/desk/messages/{message['id']}/recall")
    refused = anna.press(page, "/recall", reason="  ")
    assert refused.status == 422
    assert "Skriv varför" in refused.line
    after = anna.press(page, "/recall", reason="Fel krismall.")
    assert "Tillbakadraget. Borta i" in after.line
    assert "Borttagen" in after.line
    assert service.message(message["id"])["state"] == "recalled"
    assert all(one.recalled for one in service.parts.board.public_messages(message["incident"]))


def test_what_stood_there_before_is_still_to_be_read(anna: Visitor, service: Service) -> None:
    """The post got the correction's line at its top; how it read until then stands under it, with the time."""
    first = service.send()
    service.pay()
    before = service.posts()[0]
    service.send("correction", first["incident"])
    service.pay()
    page = board(anna, first["incident"])
    assert "Så här stod det fram till" in page.html
    assert before in page.words()


def test_recalling_twice_with_the_same_reason_is_one_recall(anna: Visitor, service: Service) -> None:
    message = service.send()
    page = anna.open(f"/desk/messages/{message['id']}/recall")
    first = anna.press(page, "/recall", reason="Fel krismall.")
    second = anna.press(page, "/recall", reason="Fel krismall.")
    assert (first.status, second.status) == (200, 200)
    assert anna.press(page, "/recall", reason="Nej, av ett annat skäl.").status == 409


def test_an_alarm_stands_on_top_until_somebody_takes_it(anna: Visitor, service: Service) -> None:
    service.script(facebook=[{"on": "POST /{page}/feed", "do": "token_dead", "times": 1}])
    message = service.send()
    service.pay()
    page = anna.open("/desk")
    assert page.html.index("Larm") < page.html.index("Pågående händelser")
    assert message["incident"] in page.line
    after = anna.press(page, "/answer")
    assert after.address == "/desk"
    assert not after.has_form("/answer")
    assert service.parts.board.alarms() == []


def test_the_overview_shows_what_is_open_and_what_waits(anna: Visitor, service: Service, ref: str) -> None:
    page = anna.open("/desk")
    assert f'href="/desk/incidents/{ref}"' in page.html
    assert "Uppgifter för en person: " in page.line


def test_the_overview_says_how_each_channel_is(anna: Visitor, service: Service) -> None:
    page = anna.open("/desk")
    assert "Kanalerna" in page.line
    assert "Facebook ! Osäkert" in page.line
    assert "Kanalen har inte kontrollerats än." in page.line
    assert "Intranätet klistras in av en person" in page.line


def test_the_overview_tells_a_channels_problems_in_the_language_of_the_page(anna: Visitor, service: Service) -> None:
    """And marks what there is only in Swedish as Swedish, for whoever listens to the page."""
    said = [{"sv": "Nyckeln går ut.", "en": "The key expires."}, {"sv": "Bara svenska.", "en": "Bara svenska."}]
    with service.parts.store.transaction() as transaction:
        row = {"channel": "facebook", "state": "amber", "problems": said, "checked_at": transaction.now}
        transaction.execute(preflight.insert().values(**row))
    swedish, english = anna.open("/desk?lang=sv").html, anna.open("/desk?lang=en").html
    assert 'lang="sv">Nyckeln går ut.<' in swedish and "The key expires." not in swedish
    assert 'lang="en">The key expires.<' in english and 'lang="sv">Bara svenska.<' in english


def test_the_board_of_an_unknown_incident_says_so(anna: Visitor) -> None:
    page = board(anna, "RE-2026-9999")
    assert page.status == 404
    assert "Kontrollera numret" in page.line


def test_whoever_may_only_read_sees_everything_and_can_press_nothing(visit: Visit, service: Service, ref: str) -> None:
    page = board(visit("dag"), ref)
    assert "Intranätet, svenska: Du behöver göra detta:" in page.html
    assert {form.action for form in page.forms} == {"/logout"}


def test_the_board_speaks_english_to_whoever_asks(anna: Visitor, service: Service) -> None:
    ref = service.send()["incident"]
    page = anna.open(f"/desk/incidents/{ref}?lang=en")
    assert '<html lang="en">' in page.html
    assert "Own web page, Swedish: Published" in page.html
    assert 'lang="sv"' in page.html  # the words themselves stay what they are
    assert anna.client.get_cookie(COOKIE) is not None
    assert "The situation now" in anna.open("/desk").line


def test_every_state_of_the_contract_has_words_of_its_own() -> None:
    from_contract = {
        "owed", "sending", "retrying", "uncertain", "published", "needs_person",
        "failed", "skipped", "affected", "superseded", "withdrawn", "expired",
    }  # fmt: skip
    assert set(DELIVERY) == from_contract == {str(state) for state in State}
    looks = [(look.kind, look.sign, look.words) for look in DELIVERY.values()]
    assert len({words for _, _, words in looks}) == len(looks)
    assert all(isinstance(words, Text) and words.sv and words.en for _, _, words in looks)


def test_whoever_watches_the_comments_has_the_answers_that_fit_the_latest_message(
    anna: Visitor, service: Service
) -> None:
    """While it goes on those of a first message, with their owner; when it is over others."""
    ref = service.send(playbook="masskada")["incident"]
    page = board(anna, ref)
    assert "Svara i kommentarerna" in page.line and "Ge aldrig råd om vård i en kommentar" in page.line
    assert "Hur många är döda?" in page.line and "Äger svaret: Polisen" in page.line
    assert "Vad var det som hände?" not in page.line
    service.send(phase="all_clear", incident=ref, playbook="masskada")
    page = board(anna, ref)
    assert "Vad var det som hände?" in page.line and "Hur många är döda?" not in page.line


def test_while_nothing_happens_the_fragment_is_an_empty_answer_and_each_reader_has_their_own(
    anna: Visitor, visit: Visit, service: Service
) -> None:
    fragment = f"/desk/incidents/{service.send()['incident']}/board"
    tag = anna.client.get(fragment).headers["ETag"]
    again = anna.client.get(fragment, headers={"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    english = anna.client.get(f"{fragment}?lang=en", headers={"If-None-Match": tag})
    assert english.status_code == 200
    assert visit("bo").client.get(fragment, headers={"If-None-Match": tag}).status_code == 200
    service.pay()
    assert anna.client.get(f"{fragment}?lang=sv", headers={"If-None-Match": tag}).status_code == 200


def test_on_top_stands_what_is_out_and_what_is_to_be_done(anna: Visitor, visit: Visit, ref: str) -> None:
    page = board(anna, ref)
    assert "Ute i 1 av" in page.line and "Du behöver göra 1 sak." in page.line
    assert "<title>(!) " in page.html
    assert re.search(r'href="#(d-[^"]+-intranet-sv)"', page.html)
    reader = board(visit("dag"), ref)
    assert "1 sak behöver göras av en person." in reader.line and 'class="plain jumps"' not in reader.html


def test_what_is_next_and_who_has_to_do_it_stands_together(anna: Visitor, ref: str) -> None:
    page = board(anna, ref)
    assert re.search(r"Intranätet: ska göras senast kl\. \d\d\.\d\d \(redaktör i beredskap\)", page.line)


def test_a_row_says_how_long_it_took_or_takes_since_the_message_was_accepted(anna: Visitor, service: Service) -> None:
    ref = service.send()["incident"]
    service.clock.advance(65)
    assert "har väntat 1 min 5 s" in board(anna, ref).line
    service.pay(steps=3, seconds=1)
    assert re.search(r"Publicerat kl\. \d\d\.\d\d efter 1 min [5-9] s", board(anna, ref).line)


def test_every_attempt_is_in_a_picture_that_has_words_too(anna: Visitor, service: Service) -> None:
    message = service.send()
    assert "<svg" not in board(anna, message["incident"]).html
    service.pay(steps=3, seconds=1)
    page = board(anna, message["incident"])
    made = sum(len(view.attempts) for view in service.parts.board.situation(message["incident"]).messages[0].deliveries)
    assert page.html.count("<circle") == made > 5
    assert f'aria-label="{made} försök i ' in page.html
    assert "style=" not in page.html and "<script>" not in page.html


def test_the_checklist_of_the_playbook_is_on_the_board_while_it_goes_on(anna: Visitor, service: Service) -> None:
    ref = service.send()["incident"]
    lines = service.parts.board.pinned(ref).checklist
    assert lines and all(line.sv in board(anna, ref).line for line in lines)
    service.send("all_clear", ref)
    assert "Gör nu" not in board(anna, ref).line


def test_whoever_took_an_alarm_stands_there_for_the_others(anna: Visitor, visit: Visit, service: Service) -> None:
    service.script(facebook=[{"on": "POST /{page}/feed", "do": "token_dead", "times": 1}])
    ref = service.send()["incident"]
    service.pay()
    anna.press(board(anna, ref), "/answer")
    assert re.search(r"Vem vakar anna tog larmet 14 mars 2026 kl", board(visit("bo"), ref).line)


@pytest.mark.parametrize("more", ["?word=a", "?still=a", "?still=1&lang=x", "?lang=en&lang=token"])
def test_a_page_with_tokens_is_packed_only_where_the_address_says_nothing_of_somebody_elses(
    anna: Visitor, service: Service, more: str
) -> None:
    board = f"/desk/incidents/{service.send()['incident']}"
    gzip = {"Accept-Encoding": "gzip"}
    for address in (board, f"{board}?still=1&lang=en", "/desk/playbooks/telefoni-1177"):
        assert anna.client.get(address, headers=gzip).headers["Content-Encoding"] == "gzip"
    for address in (board, f"{board}/board", "/desk/playbooks/telefoni-1177"):
        assert "Content-Encoding" not in anna.client.get(address + more, headers=gzip).headers
