"""An exercise that is begun, turns, ends and shows how it went; and a page that says what can be undone."""

import csv
import io
import json
from collections.abc import Callable

from service import Clock, Service, ServiceMaker
from visitor import Page, Visitor

from broadcaster.board import channel_name

Visit = Callable[..., Visitor]
BEGIN = "/desk/drills/new/vaxeln-tyst"


def exercise(visitor: Visitor, clock: Clock, *, thinking: float = 60, scenario: str = BEGIN) -> Page:
    """Begin a prepared exercise, send its first message and return the board."""
    form = visitor.press(visitor.open(scenario), scenario)
    clock.advance(thinking)
    words = visitor.press(form, form.address.partition("?")[0])
    return visitor.press(words, "/send", again="true")


def answer(visitor: Visitor, address: str) -> Page:
    """Do the phase at `address` without typing anything."""
    return visitor.press(visitor.press(visitor.open(address), address), "/send")


class TestAPreparedExercise:
    def test_it_leads_with_one_press_to_the_form_and_can_only_be_an_exercise(self, anna: Visitor) -> None:
        before = anna.open(BEGIN)
        assert "Det här vet vi inte" in before.line
        form = anna.press(before, BEGIN)
        assert form.address == "/desk/new/telefoni-vaxel?mode=drill&scenario=vaxeln-tyst"
        assert form.form("/desk/new/telefoni-vaxel").value("mode") == "drill"
        assert "inget lämnar huset" in form.line

    def test_it_turns_once_the_first_message_is_out_and_ends_in_its_times(
        self, anna: Visitor, service: Service, clock: Clock
    ) -> None:
        ref = exercise(anna, clock).address.rpartition("/")[2]
        service.pay()
        page = anna.open(f"/desk/drills/{ref}/score")
        assert "Nu händer det här" in page.line
        assert f'href="/desk/incidents/{ref}/update"' in page.html
        answer(anna, f"/desk/incidents/{ref}/update")
        page = anna.open(f"/desk/drills/{ref}/score")
        assert f'href="/desk/incidents/{ref}/all_clear"' in page.html
        answer(anna, f"/desk/incidents/{ref}/all_clear")
        page = anna.open(f"/desk/drills/{ref}/score")
        assert "Övningen är slut" in page.line
        assert "Nu händer det här" not in page.line

    def test_the_first_decision_is_counted_from_the_press_that_began_it(
        self, anna: Visitor, service: Service, clock: Clock
    ) -> None:
        clock.advance(600)  # signed in long before
        ref = exercise(anna, clock, thinking=95).address.rpartition("/")[2]
        page = anna.open(f"/desk/drills/{ref}/score")
        assert "då övningen började" in page.line
        assert "Första beslut (knappen tryckt) 1 min 35 s 3 min" in page.line

    def test_every_page_of_it_leads_back_to_what_is_to_be_done(self, anna: Visitor, clock: Clock) -> None:
        board = exercise(anna, clock)
        ref = board.address.rpartition("/")[2]
        message = json.loads(anna.client.get(f"/desk/drills/{ref}/score.json").text)["items"][0]
        assert message["scenario"] == "vaxeln-tyst"
        for address in (board.address, f"{board.address}/update", f"/desk/drills/{ref}"):
            assert f'href="/desk/drills/{ref}/score"' in anna.open(address).html, address

    def test_a_playbook_that_is_not_approved_cannot_be_exercised_and_the_page_says_why(
        self, make_service: ServiceMaker
    ) -> None:
        service = make_service(approved=False)
        service.add_person("anna", "sender")
        visitor = Visitor(service)
        visitor.sign_in("anna")
        page = visitor.open(BEGIN)
        assert "krismallen är inte godkänd" in page.line
        assert not page.has_form(BEGIN)

    def test_who_may_not_send_may_not_begin(self, visit: Visit, service: Service) -> None:
        dag = visit("dag")
        page = dag.open(BEGIN)
        assert not page.has_form(BEGIN)
        assert "rollen avsändare" in page.line
        logout = page.form("/logout").value("csrf")
        assert dag.client.post(BEGIN, data={"csrf": logout}).status_code == 403

    def test_an_exercise_there_is_not_is_said_to_be_none(self, anna: Visitor) -> None:
        page = anna.open("/desk/drills/new/finns-inte")
        assert page.status == 404
        assert "Inget har börjat" in page.line


class TestAfterwards:
    def test_an_exercise_is_held_against_earlier_ones_of_the_same_person(
        self, anna: Visitor, visit: Visit, clock: Clock
    ) -> None:
        first = exercise(anna, clock, thinking=200).address.rpartition("/")[2]
        others = exercise(visit("bo"), clock, thinking=20).address.rpartition("/")[2]
        clock.advance(60)
        second = exercise(anna, clock, thinking=50).address.rpartition("/")[2]
        page = anna.open(f"/desk/drills/{second}/score")
        assert f'<a href="/desk/drills/{first}/score">{first}</a>' in page.html
        assert others not in page.html
        assert "Första beslut (knappen tryckt) 50 s 3 min 3 min 20 s" in page.line

    def test_every_channel_has_its_time_and_the_picture_says_the_same_as_the_table(
        self, anna: Visitor, service: Service, clock: Clock
    ) -> None:
        ref = exercise(anna, clock).address.rpartition("/")[2]
        clock.advance(30)
        service.pay()
        page = anna.open(f"/desk/drills/{ref}/score")
        assert "Facebook, svenska 1 min 30 s 10 min" in page.line
        assert 'class="score"' in page.html
        assert "style=" not in page.html.partition("<svg")[2].partition("</svg>")[0]

    def test_the_region_decides_what_is_fast_enough(self, make_service: ServiceMaker, clock: Clock) -> None:
        service = make_service(drill={"decided_s": 30})
        service.add_person("anna", "sender")
        visitor = Visitor(service)
        visitor.sign_in("anna")
        ref = exercise(visitor, clock, thinking=31).address.rpartition("/")[2]
        assert "31 s, över målet 30 s" in visitor.open(f"/desk/drills/{ref}/score").line

    def test_a_live_incident_has_its_times_too_and_is_no_exercise(
        self, anna: Visitor, service: Service, clock: Clock
    ) -> None:
        clock.advance(42)
        ref = service.send()["incident"]
        page = anna.open(f"/desk/incidents/{ref}/times")
        assert ": inloggningen" in page.line
        assert "Första beskedet släppt 42 s" in page.line
        assert "ÖVNING" not in page.line
        assert anna.open(f"/desk/drills/{ref}/score").address == f"/desk/incidents/{ref}/times"

    def test_what_went_wrong_on_the_way_is_counted_but_not_what_the_exercise_asked_for(
        self, anna: Visitor, service: Service, clock: Clock
    ) -> None:
        ref = exercise(anna, clock, scenario="/desk/drills/new/vattnet").address.rpartition("/")[2]
        answer(anna, f"/desk/incidents/{ref}/correction")
        assert "Inga." in anna.open(f"/desk/drills/{ref}/score").line
        answer(anna, f"/desk/incidents/{ref}/correction")
        message = service.parts.board.situation(ref).messages[0].json["id"]
        anna.press(anna.open(f"/desk/messages/{message}/recall"), "/recall", reason="Fel ort")
        page = anna.open(f"/desk/drills/{ref}/score")
        assert "Rättelser som inte ingick: 1" in page.line
        assert "Besked som drogs tillbaka: 1" in page.line

    def test_the_list_has_the_newest_first_and_its_files_name_nobody(self, anna: Visitor, clock: Clock) -> None:
        assert "Ingen har övat än" in anna.open("/desk/drills").line
        first = exercise(anna, clock).address.rpartition("/")[2]
        clock.advance(60)
        second = exercise(anna, clock).address.rpartition("/")[2]
        page = anna.open("/desk/drills")
        assert page.line.index(second) < page.line.index(first)
        rows = list(csv.DictReader(io.StringIO(anna.client.get("/desk/drills.csv").text)))
        assert {row["ref"] for row in rows} == {first, second}
        assert next(row for row in rows if row["key"] == "decided")["seconds"] == "60"
        text = anna.client.get("/desk/drills.json").text
        assert [one["ref"] for one in json.loads(text)["items"]] == [second, first]
        assert "anna" not in text

    def test_a_stranger_sees_nothing_of_it(self, visit: Visit) -> None:
        for address in ("/desk/drills", "/desk/drills.csv", "/desk/drills/new", "/desk/mistakes"):
            assert visit().open(address).address.startswith("/login")


class TestIfIPressTheWrongThing:
    def test_every_channel_that_is_set_up_here_is_there(self, anna: Visitor, service: Service) -> None:
        page = anna.open("/desk/mistakes")
        for key in service.parts.settings.channels:
            assert channel_name(key).sv in page.line.split("Kanal för kanal")[1]
        assert page.line.count("Notis på 1177.se, Artikel på 1177.se, Talsvar före 1177-kön") == 1, "alike, said once"

    def test_it_is_there_in_english(self, anna: Visitor) -> None:
        page = anna.open("/desk/mistakes?lang=en")
        assert "If I press the wrong thing" in page.line
        assert "Recall:" in page.line
