"""The desk counts down to the next message that was promised, and says so when it is late."""

from collections.abc import Callable

from service import Service
from visitor import Page, Visitor

Visit = Callable[..., Visitor]
MINUTE = 60
HOUR = 60 * MINUTE
WEB = ["own_web"]
UPDATE = 'href="/desk/incidents/RE-2026-0001/update"'


def pages(visitor: Visitor, language: str = "sv") -> tuple[Page, Page]:
    """Return the overview and the incident's board."""
    board = f"/desk/incidents/RE-2026-0001?lang={language}"
    return visitor.open(f"/desk?lang={language}"), visitor.open(board)


def test_both_pages_count_down_and_lead_to_the_update(visit: Visit, service: Service) -> None:
    service.send(channels=WEB)
    service.clock.advance(53 * MINUTE)
    anna = visit("anna")
    for page in pages(anna):
        assert "Nästa besked utlovat senast kl. 03.45 (om 12 min)" in page.line
        assert UPDATE in page.html
    for page in pages(anna, "en"):
        assert "Next message promised by 03.45 (in 12 min)" in page.line


def test_the_countdown_is_refreshed_with_the_board(anna: Visitor, service: Service) -> None:
    service.send(channels=WEB)
    service.clock.advance(30)
    assert "(om 1 tim 5 min)" in anna.client.get("/desk/incidents/RE-2026-0001/board").text
    service.clock.advance(MINUTE)
    assert "(om 1 tim 4 min)" in anna.client.get("/desk/incidents/RE-2026-0001/board").text


def test_what_is_late_says_since_when(visit: Visit, service: Service) -> None:
    service.send(channels=WEB)
    service.clock.advance(HOUR + 5 * MINUTE)
    anna = visit("anna")
    for page in pages(anna):
        assert "Nästa besked är försenat sedan kl. 03.45" in page.line
        assert UPDATE in page.html
    assert "The next message is late since 03.45" in pages(anna, "en")[1].line


def test_the_day_before_is_named(visit: Visit, service: Service) -> None:
    service.send(channels=WEB)
    service.clock.advance(25 * HOUR)
    for page in pages(visit("anna")):
        assert "Nästa besked är försenat sedan lördag 14 mars kl. 03.45" in page.line


def test_whoever_may_only_read_sees_the_promise_and_no_button(visit: Visit, service: Service) -> None:
    service.send(channels=WEB)
    service.clock.advance(HOUR)
    for page in pages(visit("dag")):
        assert "Nästa besked utlovat senast kl. 03.45 (om 5 min)" in page.line
        assert UPDATE not in page.html


def test_an_incident_that_is_over_promises_nothing(anna: Visitor, service: Service) -> None:
    first = service.send(channels=WEB)
    service.send("all_clear", first["incident"], channels=WEB)
    for page in pages(anna):
        assert page.status == 200
        assert "utlovat" not in page.line
        assert "är försenat" not in page.line
