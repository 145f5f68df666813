"""What the public reads: only what was really said, in their language, and a straight answer to "is this genuine?"."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from service import Service, ServiceMaker
from sqlalchemy import update
from visitor import Visitor

from broadcaster.auth.client import Client, person_client
from broadcaster.tables import delivery

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'broadcaster.db'}"


@pytest.fixture
def public(service: Service) -> Visitor:
    """Return somebody who has heard something and wants to know."""
    return Visitor(service)


def test_with_nothing_going_on_the_page_says_so(public: Visitor) -> None:
    page = public.open("/")
    assert page.status == 200
    assert "Just nu finns inga krisbesked från Region Exempel" in page.line


def test_whose_page_it_is_and_how_accessible_is_told_and_where_to_complain(make_service: ServiceMaker) -> None:
    where = "https://www.region.example/kontakt"
    organisation = {"name": "Region Exempel", "short": "RE", "county": "17", "base_url": "http://127.0.0.1:8000"}
    visitor = Visitor(make_service(organisation={**organisation, "contact_url": where}))
    page = visitor.open("/")
    assert 'href="/about"' in page.html
    about = visitor.open("/about")
    assert "127.0.0.1:8000" in about.line
    assert "WCAG 2.2, nivå AA" in about.line
    assert f'href="{where}"' in about.html
    assert "What is not good enough" in visitor.open("/about?lang=en").line


def test_the_newest_words_stand_on_the_first_page_exactly_as_they_were_sent(public: Visitor, service: Service) -> None:
    message = service.send()
    page = public.open("/")
    sent = {one.words for one in service.parts.board.public_messages()}
    assert len(sent) == 3
    assert set(page.words()) == sent
    assert f'href="/m/{message["incident"]}"' in page.html


def test_every_text_says_which_language_it_is_in(public: Visitor, service: Service) -> None:
    page = public.open(f"/m/{service.send()['incident']}")
    assert '<div class="words" lang="sv">' in page.html
    assert '<div class="words" lang="en">' in page.html
    assert 'lang="en"><summary>English</summary>' in page.html


def test_a_reader_who_asked_for_english_reads_english_first(public: Visitor, service: Service) -> None:
    ref = service.send()["incident"]
    page = public.open(f"/m/{ref}?lang=en")
    assert page.html.index('class="words" lang="en"') < page.html.index('class="words" lang="sv"')
    assert "Yes, messages with the number" in page.line
    assert f"/m/{ref}?lang=en" in str(service.parts.board.message(_id(service, ref))["deliveries"])


def test_is_it_genuine_is_answered_with_the_name_the_number_and_the_address(public: Visitor, service: Service) -> None:
    ref = service.send()["incident"]
    page = public.open(f"/m/{ref}")
    assert f"Ja, meddelanden med numret {ref} kommer från Region Exempel." in page.line
    assert "127.0.0.1:8000" in page.line


def test_an_unknown_number_says_what_that_means_and_what_to_do(public: Visitor) -> None:
    page = public.open("/m/RE-2026-0404")
    assert page.status == 404
    assert "kan det vara falskt" in page.line
    assert "Dela inte meddelandet" in page.line


def test_a_number_can_be_looked_up_as_people_type_it(public: Visitor, service: Service) -> None:
    ref = service.send()["incident"]
    assert public.open(f"/m?ref=%20{ref.lower()}/1%20").address == f"/m/{ref}"
    assert public.open(f"/m/{ref.lower()}").status == 200
    assert public.client.get(f"/m/{ref}/1?lang=en").location == f"/m/{ref}?lang=en#b1"
    assert public.open("/m?ref=").address == "/"
    assert public.open("/m?ref=//evil.example").status == 200  # what stands before the slash is nothing: the first page
    assert public.open("/m?ref=%3Cscript%3E").status == 404


def test_what_somebody_made_up_is_shown_as_words_and_nothing_else(public: Visitor) -> None:
    page = public.open("/m/%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    assert page.status == 404
    assert "<script>alert" not in page.html


def test_messages_stand_newest_first_and_what_was_corrected_is_marked(public: Visitor, service: Service) -> None:
    ref = service.send()["incident"]
    service.clock.advance(600)
    service.send("update", ref)
    service.clock.advance(600)
    service.send("correction", ref)
    page = public.open(f"/m/{ref}")
    places = [page.html.index(f'id="b{number}"') for number in (3, 2, 1)]
    assert places == sorted(places)
    assert page.line.count("Ersatt av ett senare besked") == 2
    assert page.line.count("Senaste beskedet") == 1
    assert "14 mars 2026 kl. 03.00" in page.line


def test_an_ended_incident_says_that_it_is_over(public: Visitor, service: Service) -> None:
    ref = service.send()["incident"]
    service.send("all_clear", ref)
    assert "Händelsen är avslutad." in public.open(f"/m/{ref}").line
    assert "Avslutat" in public.open("/").line


def test_recalled_words_are_gone_and_said_to_be_invalid(public: Visitor, service: Service) -> None:
    message = service.send()
    words = service.parts.board.public_messages()[0].words
    service.parts.broadcasts.recall(message["id"], {"reason": "Fel krismall."}, service.anna)
    page = public.open(f"/m/{message['incident']}")
    assert page.status == 200
    assert "Tillbakadraget: gäller inte" in page.line
    assert "Fel krismall" not in page.text
    assert words.split("\n\n")[1] not in page.text
    assert words.split("\n")[0] not in " ".join(public.open("/").words())


def test_nothing_of_a_drill_and_nothing_that_waits_is_public(public: Visitor, service: Service) -> None:
    drill = service.send(mode="drill")["incident"]
    waiting = service.parts.broadcasts.send(service.body(), _author(), "k1").json["incident"]
    for ref in (drill, waiting):
        assert public.open(f"/m/{ref}").status == 404
        for path in ("/", "/feed.atom"):
            assert ref not in public.open(path).html


def test_words_that_are_not_the_approved_ones_are_never_shown(public: Visitor, service: Service) -> None:
    message = service.send()
    with service.parts.store.transaction() as transaction:
        forged = "Allt är bra.\n\nRegion Exempel"
        mine = delivery.c.message_id == message["id"]
        transaction.execute(update(delivery).where(mine & (delivery.c.channel == "own_web")).values(words=forged))
    for path in ("/", f"/m/{message['incident']}", *MACHINES):
        assert "Allt är bra" not in public.open(path).text
    assert public.client.get("/cap/RE-2026-0001.1.xml").status_code == 404


def test_the_feed_is_atom_and_each_entry_leads_to_its_incident(public: Visitor, service: Service) -> None:
    message = service.send()
    answer = public.client.get("/feed.atom")
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    feed = ET.fromstring(answer.data)  # noqa: S314 (our own feed)
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == 3
    words = {view.words for view in service.parts.board.public_messages()}
    assert {entry.findtext(f"{ATOM}summary") for entry in entries} == words
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 3
    links = {entry.find(f"{ATOM}link").get("href") for entry in entries}  # type: ignore[union-attr]
    tags = ("sv", "en", "sv-x-lattlast")
    assert links == {f"http://127.0.0.1:8000/m/{message['incident']}?lang={tag}" for tag in tags}


@pytest.mark.parametrize("path", ["/", "/about", "/m/RE-2026-0404", "/m?ref=RE-2026-0404", "/m/RE-2026-0404/1"])
def test_public_pages_may_be_kept_a_moment_and_set_no_cookie(public: Visitor, path: str) -> None:
    answer = public.client.get(path)
    assert answer.headers["Cache-Control"] == "public, max-age=15"
    assert "Set-Cookie" not in answer.headers
    assert {"Accept-Language", "Cookie"} <= set(answer.vary)


MACHINES = {
    "/feed.atom": 15, "/feed.rss": 15, "/feed.json": 15, "/cap.atom": 15, "/cap/RE-2026-0001.1.xml": 15,
    "/feeds/phone/1177.txt": 5, "/feeds/phone/1177.vxml": 5,
}  # fmt: skip


@pytest.mark.parametrize("path", MACHINES)
def test_what_machines_read_is_one_copy_for_all_and_may_be_read_by_another_sites_page(
    public: Visitor, service: Service, path: str
) -> None:
    """A proxy keeps one copy, whatever language or cookie its readers send along."""
    service.send()
    answers = [public.client.get(path, headers={"Accept-Language": asked}) for asked in ("en", "sv")]
    assert answers[0].data == answers[1].data
    for answer in answers:
        assert answer.headers["Cache-Control"] == f"public, max-age={MACHINES[path]}"
        assert not answer.vary and "Set-Cookie" not in answer.headers
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("path", ["/", "/m/RE-2026-0001", *MACHINES])
def test_whoever_has_the_newest_already_is_told_so_and_gets_no_body(
    public: Visitor, service: Service, path: str
) -> None:
    """Also through a proxy that packed it and made the mark a weak one; and everything new has a new mark."""
    first = service.send()
    answer = public.client.get(path)
    assert answer.status_code == 200
    etag = answer.headers["ETag"]
    for mark in (etag, f"W/{etag}", f'"other", {etag}'):
        again = public.client.get(path, headers={"If-None-Match": mark})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
        assert again.headers["Cache-Control"] == answer.headers["Cache-Control"]
        assert set(again.vary) == set(answer.vary)
    assert public.client.head(path).headers["ETag"] == etag
    service.clock.advance(60)
    service.parts.broadcasts.recall(first["id"], {"reason": "fel"}, service.anna)
    new = public.client.get(path, headers={"If-None-Match": etag})
    assert new.status_code == 200 and new.headers["ETag"] != etag


def test_a_page_that_is_not_there_is_never_answered_with_not_changed(public: Visitor) -> None:
    assert public.client.get("/m/RE-2026-0404", headers={"If-None-Match": "*"}).status_code == 404


def test_a_telephone_system_is_told_which_message_it_plays(public: Visitor, service: Service) -> None:
    for path in ("/feeds/phone/1177.txt", "/feeds/phone/1177.vxml"):
        assert public.client.get(path).headers["Announcement"] == "none"
    assert public.client.get("/feeds/phone/1177.txt").data == b""
    mark = service.send()["mark"]
    for path in ("/feeds/phone/1177.txt", "/feeds/phone/1177.vxml"):
        swedish, english, other = (public.client.get(path + query) for query in ("", "?lang=en", "?lang=fi"))
        assert swedish.headers["Announcement"] == english.headers["Announcement"] == mark
        assert "elva sjuttiosju" in swedish.text and "eleven seventy-seven" in english.text
        assert (other.status_code, other.headers["Announcement"]) == (200, "none")
    assert swedish.content_type == "application/voicexml+xml; charset=utf-8"


def test_static_files_are_named_by_their_content_and_kept(public: Visitor) -> None:
    html = public.open("/").html
    address = html.split('rel="stylesheet" href="')[1].split('"')[0]
    with public.client.get(address) as answer:
        assert answer.status_code == 200
        assert answer.content_type.startswith("text/css")
        assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert public.client.get("/static/../public.py").status_code == 404


def test_alive_and_ready_are_two_questions(make_service: ServiceMaker) -> None:
    service = make_service(approved=False)
    visitor = Visitor(service)
    assert visitor.client.get("/healthz").status_code == 200
    answer = visitor.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["ready"] is False
    assert all(answer.json["reasons"])


def _id(service: Service, ref: str) -> str:
    return str(service.parts.board.incident(ref)["messages"][0]["id"])


def _author() -> Client:
    return person_client("eva", ("author",))
