"""Whom letters go to, and the server that takes them: nonsense is refused before anything starts, and says where."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from broadcaster.kinds import INSTALLED
from broadcaster.letter_settings import MailServer
from broadcaster.settings import Settings

P4, ARVIKA = {"name": "P4", "address": "p4@sr.example"}, {"name": "Arvika", "address": "kris@arvika.example"}
MAIL: dict[str, Any] = {
    "kind": "email",
    "host": "mail.region.example",
    "sender": "kris@region.example",
    "recipients": [P4, ARVIKA],
}
SMS: dict[str, Any] = {
    "kind": "sms_46elks",
    "user": "u1",
    "sender": "RegVarmland",
    "recipients": [{"name": "TiB", "number": "070-174 06 11"}],
}


def settings(key: str, channel: dict[str, Any]) -> Settings:
    organisation = {"name": "Region Värmland", "short": "RV", "county": "17", "base_url": "https://kris.example"}
    return Settings.model_validate({"folder": Path("/"), "organisation": organisation, "channels": {key: channel}})


def test_a_list_of_neighbours() -> None:
    part = settings("neighbours", MAIL).channels["neighbours"]
    assert isinstance(part, MailServer)
    assert (part.port, part.security) == (587, "starttls")
    assert INSTALLED.named("email").addressed(part, "live", "sv") == ("P4", "Arvika")
    assert INSTALLED.named("email").addressed(part, "live", "en") == ()


def test_each_recipient_gets_the_languages_they_want() -> None:
    part = settings("press", {**MAIL, "recipients": [{**P4, "languages": ["sv", "en"]}, ARVIKA]}).channels["press"]
    assert INSTALLED.named("email").addressed(part, "live", "en") == ("P4",)


def test_a_drill_has_a_list_of_its_own_in_every_language() -> None:
    for kind, key, lines in (("email", "press", MAIL), ("sms_46elks", "sms", {**SMS, "recipients": [
            {"name": "TiB", "number": "+46701740611"}]})):  # fmt: skip
        part = settings(key, lines).channels[key]
        for language in ("sv", "en", "sv-x-lattlast", "ar", "so", "fi"):
            names = INSTALLED.named(kind).addressed(part, "drill", language)
            assert names == tuple(f"Övningsmottagare {number}" for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"recipients": []}, "recipients"),
        ({"recipients": [P4, {**ARVIKA, "address": "P4@SR.example"}]}, "the same address stands there more than once"),
        ({"recipients": [P4, {**ARVIKA, "name": "P4"}]}, "the same name stands there more than once"),
        ({"recipients": [{"name": "P4", "address": "p4"}]}, "must be one mail address"),
        ({"recipients": [{"name": "P4", "address": "a@b.example, c@d.example"}]}, "must be one mail address"),
        ({"recipients": [{"name": "P4", "address": "a@b.example>\r\nRCPT TO:<c@d.example"}]}, "one mail address"),
        ({"recipients": [{"name": "P4", "address": "=?utf-8?q?a=0ABcc=3A_x?=@b.example"}]}, "one mail address"),
        ({"recipients": [{"name": "P4\r\nBcc: x", "address": "a@b.example"}]}, "name"),
        ({"recipients": [{"name": "=?utf-8?q?P4=0ABcc=3A_x?=", "address": "a@b.example"}]}, "name"),
        ({"recipients": [{"name": "P4\u2028Bcc: x", "address": "a@b.example"}]}, "name"),
        ({"recipients": [{"name": "P4 \u202egnissime", "address": "a@b.example"}]}, "name"),
        ({"recipients": [{"name": "a@b.example", "address": "a@b.example"}]}, "name"),
        ({"recipients": [{**P4, "languages": []}]}, "languages"),
        ({"recipients": [{**P4, "phone": "1"}]}, "phone"),
        ({"recipients": [{"name": str(n), "address": f"a{n}@b.example"} for n in range(201)]}, "recipients"),
        ({"security": "none"}, "for imitations on loopback only"),
        ({"security": "plain"}, "security"),
        ({"port": 0}, "port"),
        ({"host": "mail.example/x"}, "host"),
        ({"sender": "Region <kris@region.example>"}, "must be one mail address"),
        ({"password": "x"}, "password"),
        ({"base_url": "https://x.example"}, "base_url"),
    ],
)
def test_a_list_of_mail_that_could_go_wrong_is_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        settings("press", {**MAIL, **wrong})


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"recipients": [{"name": "TiB", "number": "0701740611"}]}, "a telephone number with its country"),
        ({"recipients": [{"name": "A", "number": "+46701740611"}, {"name": "B", "number": "+46 70 174 06 11"}]},
         "the same address stands there more than once"),
        ({"sender": "a far too long name"}, "sender"),
        ({"user": "u:1"}, "user"),
        ({"parts_max": 0}, "parts_max"),
        ({"base_url": "http://api.example"}, "base_url"),
    ],
)  # fmt: skip
def test_a_list_of_telephones_that_could_go_wrong_is_refused(wrong: dict[str, Any], says: str) -> None:
    good = {**SMS, "recipients": [{"name": "TiB", "number": "+46701740611"}]}
    settings("sms", good)
    with pytest.raises(ValidationError, match=says):
        settings("sms", {**good, **wrong})


def test_sms_serve_the_key_whose_words_are_proved_to_be_short() -> None:
    good = {**SMS, "recipients": [{"name": "TiB", "number": "+46701740611"}]}
    with pytest.raises(ValidationError, match="only for sms"):
        settings("region_web", good)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_an_imitation_on_this_machine_needs_no_encryption(host: str) -> None:
    assert settings("press", {**MAIL, "host": host, "security": "none"})
