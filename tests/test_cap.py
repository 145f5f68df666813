"""CAP 1.2: every alert is what the standard's own schema wants, and what is out once is never changed."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st
from public_message import ARABIC, AT, ORGANISATION, message
from service import PLAYBOOKS, Service
from visitor import Visitor

from broadcaster import cap
from broadcaster.areas import Area
from broadcaster.cap import NAMESPACE, Caster
from broadcaster.picture import Picture
from broadcaster.publication import Earlier, PublicMessage

SCHEMA = xmlschema.XMLSchema(str(Path(__file__).parent / "schemas" / "CAP-v1.2.xsd"), allow="local")
CAP = f"{{{NAMESPACE}}}"
PLAYBOOK_IDS = sorted(file.stem for file in PLAYBOOKS.glob("*.toml") if file.stem != "register")
LANGUAGES = ("sv", "en", "sv-x-lattlast", "ar", "so", "fi")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
#: The ways an incident can go, each phase in its order.
STORIES = (("first", "update", "correction", "all_clear", "correction"), ("first", "false_alarm"))


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'broadcaster.db'}"


def read(alert: bytes) -> ET.Element:
    """Return an alert as the tree it is, having proved that the standard's schema takes it."""
    SCHEMA.validate(alert.decode())
    return ET.fromstring(alert)  # noqa: S314 (our own alert)


def cast(*languages: PublicMessage, zone: str = "Europe/Stockholm") -> ET.Element:
    return read(Caster(ORGANISATION, ZoneInfo(zone)).alert(languages))


def text(alert: ET.Element, name: str) -> str | None:
    return alert.findtext(CAP + name)


def texts(alert: ET.Element, name: str) -> list[str | None]:
    return [element.text for element in alert.iter(CAP + name)]


def check_what_no_schema_can_say(alert: ET.Element) -> None:
    """Raise unless nothing is empty, no time says Z, and no name holds what the standard forbids in one."""
    for element in alert.iter():
        assert len(element) or (element.text or "").strip(), element.tag
    for name in ("sent", "expires"):
        assert all(TIME.fullmatch(found or "") for found in texts(alert, name))
    for name in ("identifier", "sender"):
        assert not re.search(r"[\s,<&]", text(alert, name) or " ")
    assert ("references" in {element.tag.removeprefix(CAP) for element in alert}) is (text(alert, "msgType") != "Alert")
    assert not re.search(r"\bVMA\b|viktigt meddelande till allm", ET.tostring(alert, encoding="unicode"), re.IGNORECASE)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story[1])
@pytest.mark.parametrize("playbook", PLAYBOOK_IDS)
def test_every_message_of_every_playbook_is_an_alert_by_the_standard_live_and_in_a_drill(
    service: Service, playbook: str, story: tuple[str, ...]
) -> None:
    """Every phase, with every language of it in an `info` of its own, under an address that stays."""
    public, anna = Visitor(service), signed_in(service)
    for mode, status in (("live", "Actual"), ("drill", "Exercise")):
        ref = None
        for number, phase in enumerate(story, 1):
            service.clock.advance(61)
            ref = service.send(phase, ref, playbook=playbook, mode=mode)["incident"]
            name = cap.identifier(f"{ref}/{number}")
            path = f"/cap/{name}.xml" if mode == "live" else f"/desk/drills/{ref}/cap/{name}.xml"
            answer = (public if mode == "live" else anna).client.get(path)
            assert (answer.status_code, answer.content_type) == (200, cap.CONTENT_TYPE)
            alert = read(answer.data)
            check_what_no_schema_can_say(alert)
            assert (text(alert, "identifier"), text(alert, "status")) == (name, status)
            assert set(texts(alert, "language")) == {"sv-SE", "sv-x-lattlast", "en"}
            assert text(alert, "incidents") == ref
            if mode == "drill":
                assert public.client.get(f"/cap/{name}.xml").status_code == 404
                assert all((one or "").startswith("ÖVNING") for one in texts(alert, "headline"))


@pytest.mark.parametrize("phase", ["first", "update", "correction", "false_alarm", "all_clear"])
@pytest.mark.parametrize("recalled", [False, True])
def test_every_phase_in_every_language_is_an_alert_by_the_standard(phase: str, recalled: bool) -> None:
    earlier = () if phase == "first" else (Earlier("RE-2026-0031/1", "first", AT),)
    words = "" if recalled else ARABIC
    alert = cast(
        *(
            message(phase=phase, language=language, recalled=recalled, words=words, earlier=earlier)
            for language in LANGUAGES
        )
    )
    check_what_no_schema_can_say(alert)
    assert set(texts(alert, "language")) == {"sv-SE", *LANGUAGES[1:]}
    assert len(texts(alert, "event")) == len(LANGUAGES)


@pytest.mark.parametrize(
    ("phase", "kind", "response", "urgency"),
    [
        ("first", "Alert", "Monitor", "Immediate"),
        ("update", "Update", "Monitor", "Immediate"),
        ("correction", "Update", "Monitor", "Immediate"),
        ("false_alarm", "Cancel", "AllClear", "Past"),
        ("all_clear", "Update", "AllClear", "Past"),
    ],
)
def test_a_phase_is_said_as_the_standard_says_it(
    service: Service, phase: str, kind: str, response: str, urgency: str
) -> None:
    ref, number = service.send()["incident"], 1
    if phase != "first":
        service.send(phase, ref)
        number = 2
    alert = fetch(service, f"{ref}.{number}")
    assert (text(alert, "msgType"), text(alert, "scope")) == (kind, "Public")
    assert set(texts(alert, "responseType")) == {response}
    assert set(texts(alert, "urgency")) == {urgency}


def test_a_message_refers_to_everything_its_incident_said_before(service: Service) -> None:
    ref = service.send()["incident"]
    service.clock.advance(600)
    service.send("update", ref)
    service.clock.advance(600)
    service.send("all_clear", ref)
    assert text(fetch(service, f"{ref}.3"), "references") == (
        f"127.0.0.1:8000,{ref}.1,2026-03-14T02:40:00+01:00 127.0.0.1:8000,{ref}.2,2026-03-14T02:50:00+01:00"
    )
    first = fetch(service, f"{ref}.1")
    triple = ",".join(text(first, name) or "" for name in ("sender", "identifier", "sent"))
    assert (text(fetch(service, f"{ref}.3"), "references") or "").split()[0] == triple


def test_what_is_out_once_is_never_changed_by_what_comes_later(service: Service) -> None:
    """Not a byte, whatever the incident goes on to do; and a later alert keeps referring to what was recalled."""
    first = service.send()
    ref, client = first["incident"], Visitor(service).client
    bytes_of: dict[int, bytes] = {1: client.get(f"/cap/{ref}.1.xml").data}
    for number, phase in enumerate(("update", "correction", "all_clear"), 2):
        service.clock.advance(3600)
        service.send(phase, ref)
        bytes_of[number] = client.get(f"/cap/{ref}.{number}.xml").data
    service.clock.advance(3600)
    service.parts.broadcasts.recall(first["id"], {"reason": "fel"}, service.anna)
    service.clock.advance(40 * 24 * 3600)
    assert {n: client.get(f"/cap/{ref}.{n}.xml").data for n in (2, 3, 4)} == {n: bytes_of[n] for n in (2, 3, 4)}


def test_a_recall_is_a_cancel_of_its_own_that_is_found_under_the_old_name_too(service: Service) -> None:
    first = service.send()
    ref, client = first["incident"], Visitor(service).client
    assert client.get(f"/cap/{ref}.1.cancel.xml").status_code == 404
    sent = fetch(service, f"{ref}.1")
    words = text(sent.find(f"{CAP}info") or sent, "description") or "?"
    service.clock.advance(600)
    service.parts.broadcasts.recall(first["id"], {"reason": "Fel krismall."}, service.anna)
    answers = [client.get(f"/cap/{ref}.1{ending}.xml") for ending in ("", ".cancel")]
    assert answers[0].data == answers[1].data
    assert {answer.headers["Content-Location"] for answer in answers} == {f"/cap/{ref}.1.cancel.xml"}
    alert = read(answers[0].data)
    check_what_no_schema_can_say(alert)
    assert (text(alert, "identifier"), text(alert, "msgType")) == (f"{ref}.1.cancel", "Cancel")
    assert (text(alert, "sent"), text(alert, "status")) == ("2026-03-14T02:50:00+01:00", "Actual")
    assert text(alert, "references") == f"127.0.0.1:8000,{ref}.1,{text(sent, 'sent')}"
    swedish, english = f"Besked {ref}/1 gäller inte längre", f"Message {ref}/1 is no longer valid"
    assert sorted(texts(alert, "headline")) == [swedish, swedish, english]  # in easy Swedish it is the same
    assert words not in answers[0].text and "Fel krismall" not in answers[0].text
    assert all(datetime.fromisoformat(one or "") > service.clock.now() for one in texts(alert, "expires"))


def test_a_correction_after_the_end_does_not_start_the_alarm_again() -> None:
    earlier = (Earlier("RE-2026-0031/1", "first", AT), Earlier("RE-2026-0031/2", "all_clear", AT))
    alert = cast(message(phase="correction", mark="RE-2026-0031/3", earlier=earlier))
    assert (texts(alert, "responseType"), texts(alert, "urgency")) == (["AllClear"], ["Past"])


def test_an_end_that_was_taken_back_before_a_correction_is_no_end() -> None:
    """And one that is taken back afterwards changes nothing in the correction that is already out."""
    for taken_back, urgency in ((AT, "Immediate"), (AT + timedelta(minutes=9), "Past")):
        earlier = (Earlier("RE-2026-0031/1", "first", AT), Earlier("RE-2026-0031/2", "all_clear", AT, taken_back))
        alert = cast(message(phase="correction", mark="RE-2026-0031/3", at=AT + timedelta(minutes=5), earlier=earlier))
        assert texts(alert, "urgency") == [urgency]
        assert len((text(alert, "references") or "").split()) == 2


def test_what_has_nothing_to_refer_to_is_an_alert() -> None:
    """The standard lets neither an update nor a cancel refer to nothing."""
    for phase in ("update", "correction", "false_alarm", "all_clear"):
        alert = cast(message(phase=phase))
        assert (text(alert, "msgType"), text(alert, "references")) == ("Alert", None)


@pytest.mark.parametrize(
    ("zone", "sent"),
    [
        ("Europe/Stockholm", "2026-03-14T02:40:07+01:00"),
        ("America/St_Johns", "2026-03-13T23:10:07-02:30"),
        ("UTC", "2026-03-14T01:40:07-00:00"),
    ],
)
def test_times_have_whole_seconds_and_a_numeric_offset(zone: str, sent: str) -> None:
    assert text(cast(message(), zone=zone), "sent") == sent


def test_every_word_is_there_once_and_what_to_do_is_the_instruction(service: Service) -> None:
    ref = service.send()["incident"]
    info = fetch(service, f"{ref}.1").find(f"{CAP}info")
    assert info is not None
    parts = [text(info, name) or "" for name in ("headline", "description", "instruction")]
    words = next(one.words for one in service.parts.board.public_messages() if one.language == "sv")
    assert sorted(" ".join(parts).split()) == sorted(words.split())
    assert parts[0] == words.partition("\n")[0]
    assert parts[2].startswith("Så här gör du i stället:\n– ") and "– " not in parts[1]


def test_a_heading_too_long_for_a_headline_is_not_lost() -> None:
    alert = cast(message(words="Å" * 300 + "\n\nStycke."))
    assert [len(one or "") for one in texts(alert, "headline")] == [160]
    assert texts(alert, "description") == ["Å" * 300 + "\n\nStycke."]


def test_words_that_are_only_a_heading_leave_no_empty_element() -> None:
    alert = cast(message(words="Rubrik"))
    check_what_no_schema_can_say(alert)
    assert texts(alert, "description") == texts(alert, "instruction") == []


def test_it_says_where_by_the_codes_everybody_in_sweden_uses() -> None:
    alert = cast(message(areas=(Area("Sunne", "Kommun", "1766"), Area("Oslo", "Kommun", "0301"))))
    codes = [(one.findtext(f"{CAP}valueName"), one.findtext(f"{CAP}value")) for one in alert.iter(f"{CAP}geocode")]
    assert codes == [("Län", "17"), ("Kommun", "1766")]
    assert texts(alert, "areaDesc") == ["Värmlands län", "Sunne"]


def test_when_the_next_message_is_promised_is_said_to_machines_too(service: Service) -> None:
    ref = service.send()["incident"]
    alert = fetch(service, f"{ref}.1")
    promised = [one.findtext(f"{CAP}value") for one in alert.iter(f"{CAP}parameter")]
    assert promised == ["2026-03-14T03:45:00+01:00"] * 3
    words = {one.words for one in service.parts.board.public_messages()}
    assert any("kl. 03.45" in one for one in words)


@settings(deadline=None)
@given(st.text(min_size=1, max_size=200).map(lambda some: f"R{some}"))
def test_whatever_the_words_are_the_alert_can_be_read_and_says_them(words: str) -> None:
    """Control characters become spaces, since no XML can carry them; everything else survives."""
    alert = cast(message(words=words))
    said = " ".join(one or "" for name in ("headline", "description", "instruction") for one in texts(alert, name))
    lost = set(cap.plain(words).split()) - set(said.split())
    assert lost == set() or len(words.partition("\n")[0]) > cap.HEADLINE_MAX


@pytest.mark.parametrize("words", [f'"{ARABIC}" & <b>x</b> ]]> \' 😷', "Kontroll\x07tecken\x00 och \ufffe här"])
def test_hard_characters_survive(words: str) -> None:
    assert texts(cast(message(words=words, language="ar")), "headline") == [cap.plain(words)]
    assert not re.search("[\x00-\x08\ufffe]", cap.plain(words))


@pytest.mark.parametrize("name", ["RE-2026-0404.1", "RE-2026-0404", "..", "RE-2026-0404.1.cancel.cancel", "%0a.1"])
def test_a_name_nobody_gave_out_is_nothing(service: Service, name: str) -> None:
    assert Visitor(service).client.get(f"/cap/{name}.xml").status_code == 404


def test_a_drill_is_shown_to_the_signed_in_alone_and_only_under_its_own_number(service: Service) -> None:
    drill, live = service.send(mode="drill")["incident"], service.send(again=True)["incident"]
    path = f"/desk/drills/{drill}/cap/{drill}.1.xml"
    assert Visitor(service).client.get(path).status_code in (302, 303)
    anna = signed_in(service)
    assert anna.client.get(path).headers["Cache-Control"] == "no-store"
    for other in (f"/desk/drills/{drill}/cap/{live}.1.xml", f"/desk/drills/{live}/cap/{live}.1.xml",
                  f"/desk/drills/{drill}/cap/{drill}.1.cancel.xml", f"/desk/drills/{drill}/cap/x.xml"):  # fmt: skip
        assert anna.client.get(other).status_code == 404, other
    assert f'href="{path}"' in anna.open(f"/desk/drills/{drill}").html


def fetch(service: Service, name: str) -> ET.Element:
    return read(Visitor(service).client.get(f"/cap/{name}.xml").data)


def signed_in(service: Service) -> Visitor:
    service.add_person("anna", "sender", "author")
    visitor = Visitor(service)
    visitor.sign_in("anna")
    return visitor


def test_the_schema_is_the_standards_own_and_reaches_for_nothing() -> None:
    source = (Path(__file__).parent / "schemas" / "CAP-v1.2.xsd").read_text("utf-8")
    assert "Copyright OASIS Open 2010" in source
    assert "import" not in source and "include" not in source
    assert list(_refused()) == [True] * 3


def _refused() -> Iterator[bool]:
    """Tell for some broken alerts whether the schema sees it: a test that takes everything proves nothing."""
    good = Caster(ORGANISATION, ZoneInfo("Europe/Stockholm")).alert([message()]).decode()
    for old, new in (("+01:00", "Z"), ("<scope>Public</scope>", ""), ("Immediate", "Soon")):
        yield not SCHEMA.is_valid(good.replace(old, new))


def test_a_picture_is_named_with_its_words_and_where_it_is() -> None:
    """A screen that shows alerts may show it; of a drill only the signed-in can fetch it."""
    shown = Picture("ab" * 32, "image/png", 1200, 630, "Karta över området norr om älven.")
    for mode, folder in (("live", "/pictures/"), ("drill", "/desk/pictures/")):
        alert = cast(message(mode=mode, pictures=(shown,)))
        assert texts(alert, "resourceDesc") == [shown.alt] and texts(alert, "mimeType") == ["image/png"]
        assert texts(alert, "uri") == [f"https://kris.region.example{folder}{'ab' * 32}.png"]
    assert texts(cast(message()), "resource") == []
