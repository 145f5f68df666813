"""Feeds that other systems follow: readable by a parser that is not ours, the same bytes for the same messages."""

import html
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from public_message import ARABIC, AT, ORGANISATION, message
from service import Service
from visitor import Visitor

from broadcaster.cap import plain
from broadcaster.feeds import ALERTS, ATOM, ENTRIES_MAX, FEEDS, JSON, NEVER, RSS, Feed, written
from broadcaster.public import CACHE_S, PHONE_CACHE_S
from broadcaster.publication import INCIDENTS_MAX, Publication, PublicMessage

PARSED = (ATOM, RSS, ALERTS)
HARD = (f'"{ARABIC}" & <b>x</b> ]]> \' 😷', "Kontroll\x07tecken\x00 och \ufffe här\n\n– x")


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'broadcaster.db'}"


@pytest.fixture
def reader(service: Service) -> Visitor:
    return Visitor(service)


def parsed(source: bytes) -> Any:
    """Return what an independent reader of feeds makes of it; it must have nothing to complain about."""
    found = feedparser.parse(source)
    assert not found.bozo, found.get("bozo_exception")
    return found


def public(*messages: PublicMessage) -> Publication:
    return Publication(messages, (), AT)


def follow(reader: Visitor, feed: Feed, query: str = "") -> Any:
    answer = reader.client.get(feed.path + query)
    assert (answer.status_code, answer.content_type) == (200, feed.content_type)
    return json.loads(answer.data) if feed is JSON else parsed(answer.data)


def titles(reader: Visitor, feed: Feed) -> list[str]:
    found = follow(reader, feed)
    return [one["title"] for one in (found["items"] if feed is JSON else found.entries)]


def ids(reader: Visitor, feed: Feed) -> list[str]:
    found = follow(reader, feed)
    return [one["id"] for one in (found["items"] if feed is JSON else found.entries)]


class TestWhatIsInThem:
    @pytest.mark.parametrize("feed", [ATOM, RSS, JSON])
    def test_one_entry_a_message_and_language_newest_first(self, service: Service, reader: Visitor, feed: Feed) -> None:
        ref = service.send()["incident"]
        service.clock.advance(600)
        service.send("update", ref)
        base = f"http://127.0.0.1:8000/m/{ref}"
        tongues = service.parts.playbooks["telefoni-1177"].languages_of("own_web", "update")
        found = ids(reader, feed)
        assert set(found[: len(tongues)]) == {f"{base}/2#{one}" for one in tongues}
        assert set(found[len(tongues) :]) == {f"{base}/1#{one}" for one in tongues}

    def test_the_exact_words_in_their_language_and_when_they_were_said(self, service: Service, reader: Visitor) -> None:
        service.send()
        said = {one.language: one.words for one in service.parts.board.public_messages()}
        atom, feed = follow(reader, ATOM), follow(reader, JSON)
        assert {one.summary_detail.language: one.summary for one in atom.entries} == said
        assert {one.summary_detail.type for one in atom.entries} == {"text/plain"}
        assert {one["language"]: one["content_text"] for one in feed["items"]} == said
        assert {one.updated for one in atom.entries} == {one["date_published"] for one in feed["items"]}
        assert {one.language for one in follow(reader, RSS).entries} == set(said)

    @pytest.mark.parametrize("feed", [ATOM, RSS, JSON])
    def test_a_recalled_message_keeps_its_entry_which_says_that_it_is_not_valid(
        self, service: Service, reader: Visitor, feed: Feed
    ) -> None:
        sent = service.send()
        before, words = set(ids(reader, feed)), service.parts.board.public_messages()[0].words
        service.clock.advance(600)
        service.parts.broadcasts.recall(sent["id"], {"reason": "Fel krismall."}, service.anna)
        assert set(ids(reader, feed)) == before
        mark = sent["mark"]
        assert set(titles(reader, feed)) == {f"Besked {mark} gäller inte längre", f"Message {mark} is no longer valid"}
        assert words.split("\n\n")[1] not in reader.client.get(feed.path).text
        assert "Fel krismall" not in reader.client.get(feed.path).text

    @pytest.mark.parametrize("feed", FEEDS)
    def test_one_language_can_be_followed_alone(self, service: Service, reader: Visitor, feed: Feed) -> None:
        service.send()
        both, english, none = (follow(reader, feed, query) for query in ("", "?lang=en", "?lang=xx"))
        count = (lambda one: len(one["items"])) if feed is JSON else (lambda one: len(one.entries))
        tongues = service.parts.playbooks["telefoni-1177"].languages_of("own_web", "first")
        assert (count(both), count(english), count(none)) == ((1, 1, 1) if feed is ALERTS else (len(tongues), 1, 0))

    def test_the_list_of_alerts_leads_to_each_of_them(self, service: Service, reader: Visitor) -> None:
        first = service.send()
        service.clock.advance(600)
        service.send("update", first["incident"])
        service.clock.advance(600)
        service.parts.broadcasts.recall(first["id"], {"reason": "fel"}, service.anna)
        found = follow(reader, ALERTS)
        base = f"http://127.0.0.1:8000/cap/{first['incident']}"
        assert [one.id for one in found.entries] == [f"{base}.1.cancel.xml", f"{base}.2.xml"]
        for entry in found.entries:
            link = next(one for one in entry.links if one.type == "application/cap+xml")
            assert reader.client.get(link.href.removeprefix("http://127.0.0.1:8000")).status_code == 200

    @pytest.mark.parametrize("feed", FEEDS)
    def test_a_language_somebody_made_up_breaks_nothing(self, service: Service, reader: Visitor, feed: Feed) -> None:
        service.send()
        found = follow(reader, feed, "?lang=%01%3Cb%3E%22%26x=1")
        assert (found["items"] if feed is JSON else found.entries) == [] or feed is ALERTS
        assert reader.client.get(f"{feed.path}?lang=%00").status_code == 400  # no database takes it

    def test_the_list_of_alerts_says_in_swedish_what_each_is(self) -> None:
        languages = [message(language=tag, words=f"Rubrik {tag}") for tag in ("sv-x-lattlast", "sv", "en")]
        (entry,) = parsed(written(ALERTS, public(*languages), ORGANISATION)).entries
        assert entry.title == "Alert: Rubrik sv"

    def test_a_message_leads_to_its_alert(self, service: Service, reader: Visitor) -> None:
        ref = service.send()["incident"]
        alert = f"http://127.0.0.1:8000/cap/{ref}.1.xml"
        for entry in follow(reader, ATOM).entries:
            assert [one.href for one in entry.links if one.type == "application/cap+xml"] == [alert]
        assert {one["attachments"][0]["url"] for one in follow(reader, JSON)["items"]} == {alert}

    @pytest.mark.parametrize("feed", FEEDS)
    def test_a_correction_long_after_the_end_is_told_too(self, service: Service, reader: Visitor, feed: Feed) -> None:
        ref = service.send()["incident"]
        service.send("all_clear", ref)
        service.clock.advance(3 * 24 * 3600)
        assert titles(reader, feed) == []
        service.send("correction", ref)
        assert any("/3" in one for one in ids(reader, feed)) or any(".3." in one for one in ids(reader, feed))


class TestAnIndependentReader:
    @pytest.mark.parametrize("feed", PARSED)
    def test_it_knows_the_version_and_misses_nothing(self, feed: Feed) -> None:
        found = parsed(written(feed, public(message(), message(language="ar", words=ARABIC)), ORGANISATION))
        assert found.version == ("rss20" if feed is RSS else "atom10")
        for name in ("title", "link", "updated", "language"):
            assert found.feed.get(name), name
        for entry in found.entries:
            for name in ("id", "title", "link", "updated"):
                assert entry.get(name), name

    def test_rss_says_arabic_from_right_to_left(self) -> None:
        source = written(RSS, public(message(language="ar", words=ARABIC)), ORGANISATION)
        (entry,) = parsed(source).entries
        assert f'<p lang="ar" dir="rtl">{ARABIC}</p>' in html.unescape(source.decode())
        assert 'dir="rtl"' in entry.summary and ARABIC in entry.summary

    @pytest.mark.parametrize("feed", FEEDS)
    def test_with_nothing_said_ever_a_feed_is_empty_and_whole(self, feed: Feed) -> None:
        source = written(feed, Publication((), (), None), ORGANISATION)
        if feed is JSON:
            assert json.loads(source)["items"] == []
        else:
            assert parsed(source).entries == []
            assert feed is RSS or NEVER.isoformat()[:19] in source.decode()

    @pytest.mark.parametrize("feed", FEEDS)
    def test_the_same_messages_are_the_same_bytes(self, feed: Feed) -> None:
        made = [written(feed, public(message(), message(language="en")), ORGANISATION) for _ in range(2)]
        assert made[0] == made[1]

    def test_no_two_feeds_call_themselves_the_same(self) -> None:
        found = [parsed(written(one, public(), ORGANISATION)).feed.id for one in (ATOM, ALERTS)]
        found.append(parsed(written(ATOM, public(), ORGANISATION, "en")).feed.id)
        assert len(set(found)) == 3

    def test_no_feed_grows_without_end(self) -> None:
        many = [message(mark=f"RE-2026-0031/{n}", updated_at=AT + timedelta(minutes=n)) for n in range(80)]
        found = parsed(written(ATOM, public(*many), ORGANISATION))
        assert len(found.entries) == 50
        assert found.entries[0].id.endswith("/79#sv")

    @pytest.mark.parametrize("words", HARD)
    @pytest.mark.parametrize("feed", [ATOM, RSS, JSON])
    def test_hard_characters_survive(self, feed: Feed, words: str) -> None:
        source = written(feed, public(message(words=words, language="ar")), ORGANISATION)
        title, whole = _said(feed, source)
        assert title == plain(words).partition("\n")[0]
        assert whole is None or whole == plain(words)


@settings(deadline=None)
@given(st.text(max_size=100).map(lambda some: f"R{some}"), st.sampled_from(FEEDS))
def test_whatever_the_words_are_every_feed_can_be_read(words: str, feed: Feed) -> None:
    source = written(feed, public(message(words=words)), ORGANISATION)
    if feed is JSON:
        assert json.loads(source)["items"][0]["content_text"] == plain(words)
    else:
        assert len(parsed(source).entries) == 1


class TestJsonFeed:
    """The rules of the JSON Feed 1.1 text, one by one."""

    @pytest.fixture
    def document(self) -> dict[str, Any]:
        gone = replace(message(language="en", mark="RE-2026-0031/2"), recalled=True, words="")
        found: dict[str, Any] = json.loads(written(JSON, public(message(), gone), ORGANISATION))
        return found

    def test_the_top_has_what_it_must_and_nothing_the_text_does_not_know(self, document: dict[str, Any]) -> None:
        assert document["version"] == "https://jsonfeed.org/version/1.1"
        assert document.keys() == {"version", "title", "home_page_url", "feed_url", "language", "authors", "items"}
        texts = document.keys() - {"authors", "items"}
        assert all(isinstance(document[name], str) and document[name] for name in texts)
        assert all(set(one) <= {"name", "url", "avatar"} and one for one in document["authors"])

    def test_each_item_has_an_id_of_its_own_and_content(self, document: dict[str, Any]) -> None:
        items = document["items"]
        assert len({one["id"] for one in items}) == len(items) == 2
        for item in items:
            assert isinstance(item["id"], str) and item["content_text"]
            assert item["url"].startswith("https://kris.region.example/m/")

    def test_times_are_rfc_3339_and_attachments_have_a_type(self, document: dict[str, Any]) -> None:
        for item in document["items"]:
            for name in ("date_published", "date_modified"):
                assert datetime.fromisoformat(item[name]).utcoffset() is not None
            assert all(one["url"] and one["mime_type"] for one in item["attachments"])
            assert all(isinstance(tag, str) for tag in item["tags"])


def _said(feed: Feed, source: bytes) -> tuple[str, str | None]:
    if feed is JSON:
        (item,) = json.loads(source)["items"]
        return item["title"], item["content_text"]
    (entry,) = parsed(source).entries
    return entry.title, entry.summary if feed is ATOM and entry.summary_detail.type == "text/plain" else None


def test_the_pages_tell_browsers_where_the_feeds_are(service: Service, reader: Visitor) -> None:
    ref = service.send()["incident"]
    for path in ("/", f"/m/{ref}", "/m/RE-2026-0404"):
        page = reader.open(path).html
        for feed in FEEDS:
            kind = feed.content_type.partition(";")[0]
            link = f'type="{kind}" title="Region Exempel: {feed.name}" href="{feed.path}"'
            assert f'<link rel="alternate" {link}>' in page
    alert = f'type="application/cap+xml" title="{ref}/1: CAP 1.2" href="/cap/{ref}.1.xml"'
    assert f'<link rel="alternate" {alert}>' in reader.open(f"/m/{ref}").html


def _paths(ref: str) -> Iterator[str]:
    yield from (feed.path for feed in FEEDS)
    yield from ("/feeds/phone/1177.txt", "/feeds/phone/1177.vxml", f"/cap/{ref}.1.xml")


def test_nothing_of_a_drill_is_in_anything_that_can_be_followed(service: Service, reader: Visitor) -> None:
    ref = service.send(mode="drill")["incident"]
    for path in _paths(ref):
        text = reader.client.get(path).text
        assert ref not in text and "ÖVNING" not in text, path


def test_the_page_for_other_systems_names_every_address_and_time_there_is(service: Service) -> None:
    page = (Path(__file__).parent.parent / "docs" / "feeds.md").read_text("utf-8")
    rules = {rule.rule for rule in service.flask().url_map.iter_rules() if rule.rule.startswith(("/feed", "/cap"))}
    assert {f"`{rule}`" for rule in rules if f"`{rule}`" not in page} == set()
    assert f"kept for {CACHE_S} seconds, the phone addresses for {PHONE_CACHE_S}" in page
    assert f"at most {ENTRIES_MAX} entries of the {INCIDENTS_MAX} newest incidents" in page
