"""Pages speak Swedish unless somebody asks for English, and say every time in full."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from broadcaster import language
from broadcaster.errors import Text

ZONE = ZoneInfo("Europe/Stockholm")
LIFT_OFF = datetime(2026, 3, 14, 1, 40, 5, tzinfo=UTC)


@pytest.fixture
def app() -> Flask:
    app = Flask("pages")
    language.install(app, ZONE)
    return app


@pytest.mark.parametrize(
    ("address", "headers", "spoken"),
    [
        ("/", {}, "sv"),
        ("/", {"Accept-Language": "en-GB,en;q=0.9,sv;q=0.5"}, "en"),
        ("/", {"Accept-Language": "sv-SE,sv;q=0.9,en;q=0.8"}, "sv"),
        ("/", {"Accept-Language": "de,fr;q=0.8"}, "sv"),
        ("/", {"Cookie": "lang=en", "Accept-Language": "sv"}, "en"),
        ("/?lang=sv", {"Cookie": "lang=en", "Accept-Language": "en"}, "sv"),
        ("/?lang=en", {"Accept-Language": "sv"}, "en"),
        ("/?lang=ar", {}, "sv"),  # a language of messages, not of our pages
        ("/?lang=ar", {"Accept-Language": "en"}, "en"),
        ("/?lang=../../etc", {"Cookie": "lang=%00"}, "sv"),
    ],
)
def test_the_address_goes_before_the_cookie_before_the_browser(
    app: Flask, address: str, headers: dict[str, str], spoken: str
) -> None:
    with app.test_request_context(address, headers=headers):
        assert language.language() == spoken
        assert language.t("hej", "hello") == {"sv": "hej", "en": "hello"}[spoken]
        assert language.say(Text("hej", "hello")) == {"sv": "hej", "en": "hello"}[spoken]


def test_outside_a_page_it_is_swedish() -> None:
    assert language.t("hej", "hello") == "hej"
    assert language.say(None) == ""


def test_times_are_local_with_their_date_and_seconds_only_on_the_board(app: Flask) -> None:
    with app.test_request_context("/"):
        assert language.when(LIFT_OFF, ZONE) == "14 mars 2026 kl. 02.40"
        assert language.clock(LIFT_OFF, ZONE) == "02.40.05"
        assert language.minute(LIFT_OFF, ZONE) == "02.40"
    with app.test_request_context("/?lang=en"):
        assert language.when(LIFT_OFF, ZONE) == "14 March 2026 at 02:40"
        assert language.when("2026-03-14T01:40:05.000000Z", ZONE) == "14 March 2026 at 02:40"
        assert language.clock(LIFT_OFF, ZONE) == "02:40:05"
        assert language.minute(LIFT_OFF, ZONE) == "02:40"
    assert language.when(None, ZONE) == language.clock(None, ZONE) == language.minute(None, ZONE) == ""


def test_the_switch_keeps_what_else_stands_in_the_address_and_leads_nowhere_else(app: Flask) -> None:
    with app.test_request_context("/m/RE-2026-0001?ref=a%26b&lang=sv&_external=1&endpoint=x"):
        assert language.switch() == "?ref=a%26b&_external=1&endpoint=x&lang=en"
        assert app.jinja_env.from_string("{{ switch() }}").render().startswith("?ref=a%26b")


def test_every_language_a_message_can_have_is_named_in_both_languages_and_in_itself(app: Flask) -> None:
    assert set(language.NAMES) == set(language.OWN_NAMES) == {"sv", "en", "sv-x-lattlast", "ar", "so", "fi"}
    with app.test_request_context("/?lang=en"):
        assert language.name_of("sv-x-lattlast") == "easy-to-read Swedish"
        assert language.name_of("se") == "se"
