"""The first page of the desk says what is wrong in the language of its reader."""

from service import Service, ServiceMaker
from sqlalchemy import insert
from visitor import Visitor

from broadcaster.tables import preflight


def opened(service: Service) -> Visitor:
    service.add_person("anna", "sender")
    visitor = Visitor(service)
    visitor.sign_in("anna")
    return visitor


def test_what_keeps_the_service_from_working_is_said_in_the_language_of_the_page(make_service: ServiceMaker) -> None:
    service = make_service(approved=False)
    anna = opened(service)
    swedish, english = anna.open("/desk?lang=sv"), anna.open("/desk?lang=en")
    assert "Programmet som skickar har inte hörts av" in swedish.line and "Ingen krismall är godkänd" in swedish.line
    assert "No worker has given a sign of life" in english.line and "No playbook is approved" in english.line
    assert "No worker" not in swedish.line and "Programmet som skickar" not in english.line
    assert "No worker has given a sign of life" in " ".join(anna.client.get("/readyz").json["reasons"])


def test_what_a_channel_lacks_is_said_in_the_language_of_the_page(service: Service) -> None:
    said = [{"sv": "Telefonväxeln går inte att nå.", "en": "The phone gateway cannot be reached."}]
    with service.parts.store.transaction() as transaction:
        row = {"channel": "facebook", "state": "red", "problems": said, "checked_at": transaction.now}
        transaction.execute(insert(preflight).values(**row))
    anna = opened(service)
    assert "Telefonväxeln går inte att nå." in anna.open("/desk?lang=sv").line
    assert "The phone gateway cannot be reached." in anna.open("/desk?lang=en").line


def test_a_warning_beside_the_words_is_said_in_the_language_of_the_page(service: Service) -> None:
    anna = opened(service)
    there = f"/desk/new/{service.body()['playbook']}"
    for language, said in (("sv", "sekunder att läsa upp"), ("en", "seconds to read out")):
        form = anna.open(f"{there}?mode=drill&lang={language}")
        page = anna.press(form, there, blank__reservnummer="+46 70 123 45 67")
        assert said in page.line
