"""The desk shows what waits in Meta's planner while an incident is open, and takes the ticks."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import render_template_string
from service import Service
from visitor import Page, Visitor

from broadcaster import planned
from broadcaster.channels import Planned, Plans

Visit = Callable[..., Visitor]
WEB = ["own_web"]
SHOWN = "/desk/panel"


@pytest.fixture(autouse=True)
def panel(service: Service) -> None:
    """Give the panel a page of its own, beside the two that include it."""
    blueprint = service.flask().blueprints["desk"]

    def shown() -> str:
        page = '{% extends "desk.html" %}{% block main %}{% include "_planned.html" %}{% endblock %}'
        return render_template_string(page, here=SHOWN)

    service.flask().add_url_rule(SHOWN, f"{blueprint.name}.panel", shown)


def plan(service: Service, *words: str) -> None:
    now = service.clock.now()
    found = tuple(Planned(f"1_{at}", text, now + timedelta(hours=5 + at)) for at, text in enumerate(words))
    with service.parts.store.transaction() as transaction:
        planned.keep(transaction, "facebook", Plans(found, now, is_whole=True))


def see(visitor: Visitor, language: str = "sv") -> Page:
    return visitor.open(f"{SHOWN}?lang={language}")


def test_each_post_with_its_words_time_and_the_way_there(anna: Visitor, service: Service) -> None:
    service.send(channels=WEB)
    plan(service, "Välkommen på <b>öppet hus</b>!", "")
    page = see(anna)
    assert "2 planerade inlägg går ut medan händelsen pågår" in page.line
    assert "Välkommen på <b>öppet hus</b>!" in page.line and "<b>öppet" not in page.html
    assert "Inlägg utan ord" in page.line and "kl. 07.40" in page.line
    assert 'href="https://business.facebook.com/latest/planner"' in page.html
    assert "2 planned posts go out while the incident is open" in see(anna, "en").line


def test_paused_and_afterwards_put_back(anna: Visitor, service: Service) -> None:
    first = service.send(channels=WEB)
    plan(service, "Glad påsk")
    page = anna.press(see(anna), "/paused")
    page = see(anna)
    assert "Inga planerade inlägg går ut medan händelsen pågår" in page.line and "Pausat" in page.line
    assert "anna" in page.line and not page.has_form("/paused")
    plan(service)
    service.send("all_clear", first["incident"], channels=WEB)
    page = see(anna)
    assert "Återställ 1 inlägg som pausades" in page.line and "Skulle gå ut" in page.line and "07.40" in page.line
    anna.press(page, "/restored")
    assert "Glad påsk" not in see(anna).line


def test_whoever_may_only_read_sees_the_posts_and_no_button(visit: Visit, service: Service) -> None:
    service.send(channels=WEB)
    plan(service, "Glad påsk")
    page = see(visit("dag"))
    assert "Glad påsk" in page.line and not page.has_form("/paused")


def test_nothing_is_said_on_an_ordinary_day_or_in_an_exercise(anna: Visitor, service: Service) -> None:
    plan(service, "Glad påsk")
    service.send(mode="drill", channels=WEB)
    assert "Glad påsk" not in see(anna).line
