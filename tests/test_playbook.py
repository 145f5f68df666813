"""Approved words: pinned by a digest, filled within bounds, the same for ever after."""

import hashlib
import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.errors import Forged
from broadcaster.manuscript import Content
from broadcaster.playbook import Fill, Playbooks, Snapshot, Stamp, message_digest

SHIPPED = Path(__file__).parent.parent / "playbooks"
LOADED = Playbooks.load(SHIPPED, organisation="Region Exempel", timezone="Europe/Stockholm")
PHONE = LOADED["telefoni-1177"]
STAMP = Stamp("RV-2026-0031/1", datetime(2026, 3, 14, 1, 40, tzinfo=UTC), "https://kris.region.example/m/RV-2026-0031")
NOTHING = Fill("first", "live", {})


def pointers(snapshot: Snapshot, phase: str, raw: dict[str, str | None], sentence: str | None = None) -> list[str]:
    return [fault.pointer for fault in snapshot.accept(phase, raw, sentence, [])[1]]


def test_the_telephone_playbook_keeps_its_contract() -> None:
    """Other systems count on these channels, languages and this blank."""
    assert PHONE.channels == ("own_web", "facebook", "1177_notice", "1177_article", "1177_phone")
    assert PHONE.languages == ("sv", "en", "sv-x-lattlast")
    assert PHONE.languages_of("own_web", "first") == PHONE.languages
    assert PHONE.phases == ("first", "update", "correction", "false_alarm", "all_clear")
    schema = PHONE.schema("first")
    assert schema["required"] == [] and schema["additionalProperties"] is False
    reserve = schema["properties"]["reservnummer"]  # type: ignore[index]
    assert reserve["type"] == "string" and reserve["examples"] == ["010-000 00 00"]
    assert PHONE.languages_of("facebook", "first") == ("sv",)
    assert PHONE.languages_of("1177_phone", "first") == ("sv", "en")


def test_the_digest_is_of_the_exact_canonical_bytes() -> None:
    """Anybody can compute it again."""
    assert PHONE.digest == "sha256:" + hashlib.sha256(PHONE.content).hexdigest()
    assert rfc8785.dumps(json.loads(PHONE.content)) == PHONE.content


def test_how_a_crisis_is_sorted_for_warning_systems_is_approved_too() -> None:
    """Whoever makes a crisis `Severe` changes what two people said yes to; nobody reads it in any text."""
    content = json.loads(PHONE.content)
    assert content["playbook"]["cap"]["severity"] == PHONE.cap.severity == "Severe"
    content["playbook"]["cap"]["severity"] = "Minor"
    milder = Snapshot.from_content(rfc8785.dumps(content))
    assert milder.digest != PHONE.digest
    for phase in PHONE.phases:
        fill = Fill(phase, "live", {})
        assert milder.render(fill, "own_web", "sv", STAMP) == PHONE.render(fill, "own_web", "sv", STAMP)


def test_a_playbook_that_is_not_sorted_has_the_digest_it_always_had(tmp_path: Path) -> None:
    """An approval given before the table existed stays valid, and the crisis is unsorted rather than guessed at."""
    shutil.copytree(SHIPPED / "sv-x-lattlast", tmp_path / "sv-x-lattlast")
    for file in SHIPPED.glob("*.toml"):
        text = re.sub(r"(?ms)^\[cap\]$.*?(?=^# --)", "", file.read_text("utf-8"))
        (tmp_path / file.name).write_text(text, "utf-8")
    unsorted = Playbooks.load(tmp_path, organisation="Region Exempel", timezone="Europe/Stockholm")["telefoni-1177"]
    content = json.loads(PHONE.content)
    del content["playbook"]["cap"]
    assert unsorted.content == rfc8785.dumps(content)
    assert (unsorted.cap.category, unsorted.cap.severity, unsorted.cap.urgency) == (["Health"], "Unknown", "Unknown")


def test_where_a_playbook_is_found_is_approved_too_and_unsaid_it_has_the_digest_it_always_had() -> None:
    """Nobody moves a playbook to where nobody looks without two people seeing it; old approvals hold."""
    content = json.loads(PHONE.content)
    assert content["playbook"]["seen"] == [*PHONE.seen] == ["phone"]
    content["playbook"]["seen"] = ["water"]
    moved = Snapshot.from_content(rfc8785.dumps(content))
    assert moved.digest != PHONE.digest and moved.seen == ("water",)
    del content["playbook"]["seen"]
    old = Snapshot.from_content(rfc8785.dumps(content))
    assert old.seen == () and b'"seen"' not in old.content
    plain = Content.model_validate_json(old.content).model_dump(mode="json", by_alias=True, exclude_none=True)
    assert old.content == rfc8785.dumps(plain)


def test_a_promise_of_the_next_message_is_known_to_machines_as_it_is_said() -> None:
    assert PHONE.next_due("first", STAMP.at) == datetime(2026, 3, 14, 2, 45, tzinfo=UTC)
    assert PHONE.next_due("all_clear", STAMP.at) is None
    assert "kl. 03.45" in PHONE.render(NOTHING, "own_web", "sv", STAMP)


def test_what_two_people_approve_includes_the_register_the_lines_and_the_sender() -> None:
    """A changed number or name is another approval."""
    other = Playbooks.load(SHIPPED, organisation="Region Annan", timezone="Europe/Stockholm")
    assert other["telefoni-1177"].digest != PHONE.digest
    assert b"Ring ${n112}" in PHONE.content and b"Detta \xc3\xa4r en \xc3\xb6vning." in PHONE.content


def test_a_snapshot_needs_no_file_to_speak() -> None:
    """An incident keeps the words it began with."""
    again = Snapshot.from_content(PHONE.content)
    assert again.digest == PHONE.digest
    assert again.schema("first") == PHONE.schema("first")
    assert (again.title, again.answers, again.checklist) == (PHONE.title, PHONE.answers, PHONE.checklist)
    assert again.top_line("all_clear", "sv", "live", STAMP) == PHONE.top_line("all_clear", "sv", "live", STAMP)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", PHONE.content.replace(b'"v":1', b'"v":2')])
def test_bytes_we_never_wrote_are_forged(content: bytes) -> None:
    """Rather no words than somebody else's."""
    with pytest.raises(Forged):
        Snapshot.from_content(content)


@settings(deadline=None, max_examples=30)
@given(
    st.sampled_from(LOADED.all()),
    st.sampled_from(["first", "update", "correction", "false_alarm", "all_clear"]),
    st.sampled_from(["live", "drill"]),
    st.sets(st.sampled_from(["n112", "n1177", "site1177", "1177_phone", "facebook"])),
    st.sampled_from([None, "Felet märks mest i Årjäng."]),
    st.randoms(use_true_random=False),
)
def test_equal_bytes_and_equal_choices_are_equal_words(snapshot, phase, mode, affected, sentence, random) -> None:  # type: ignore[no-untyped-def]
    """Before and after storing, in every channel and language; the digest too."""
    raw = {blank.name: blank.examples[0] for blank in snapshot.blanks(phase) if random.random() < 0.5}
    said = sentence if phase == "update" else None
    known, faults = snapshot.accept(phase, raw, said, affected)
    assert faults == ()
    fill, again = Fill(phase, mode, known, frozenset(affected), said), Snapshot.from_content(snapshot.content)
    for channel in snapshot.channels:
        for language in snapshot.languages_of(channel, phase):
            for stamp in (STAMP, None):
                assert snapshot.render(fill, channel, language, stamp) == again.render(fill, channel, language, stamp)
    first = message_digest(snapshot, fill, incident=None, channels=snapshot.channels)
    assert first == message_digest(again, fill, incident=None, channels=list(reversed(snapshot.channels)))


def test_a_known_blank_and_an_unknown_one_are_both_whole_sentences() -> None:
    """So grammar holds, and a first message needs no typing."""
    known, _ = PHONE.accept("first", {"reservnummer": "010-000 00 00"}, None, [])
    filled = PHONE.render(Fill("first", "live", known), "facebook", "sv", STAMP)
    empty = PHONE.render(NOTHING, "facebook", "sv", STAMP)
    assert "Ring 010-000 00 00. Räkna med kö." in filled
    assert "Vi har ännu inget reservnummer." in empty and "${" not in empty


def test_mark_times_and_link_stand_in_the_words() -> None:
    """Written without the part of the address nobody reads; the promise is a whole quarter."""
    words = PHONE.render(NOTHING, "facebook", "sv", STAMP)
    assert "nummer RV-2026-0031/1" in words
    assert " kris.region.example/m/RV-2026-0031," in words and "https://" not in words
    assert "lördag 14 mars 2026 kl. 02.40" in words
    assert "senast lördag 14 mars kl. 03.45" in words


def test_without_a_stamp_they_stay_open() -> None:
    """What a digest is of, before there is a number or a time."""
    words = PHONE.render(NOTHING, "facebook", "sv", None)
    assert all(f"${{{name}}}" in words for name in ("mark", "published", "next_update", "link"))


@pytest.mark.parametrize(
    ("at", "published", "promise"),
    [
        (datetime(2026, 10, 25, 0, 20, tzinfo=UTC), "kl. 02.20 (sommartid)", "kl. 02.30 (normaltid)"),
        (datetime(2026, 10, 25, 1, 20, tzinfo=UTC), "kl. 02.20 (normaltid)", "kl. 03.30,"),
        (datetime(2026, 3, 29, 0, 20, tzinfo=UTC), "kl. 01.20", "kl. 03.30,"),
        (datetime(2026, 12, 31, 22, 50, tzinfo=UTC), "31 december 2026 kl. 23.50", "fredag 1 januari kl. 01.00"),
    ],
)
def test_times_are_right_in_the_nights_the_clock_changes(at: datetime, published: str, promise: str) -> None:
    """An hour is an hour, also when the clock shows two or none."""
    words = PHONE.render(NOTHING, "facebook", "sv", Stamp("RV-2026-0031/1", at, "https://x.example/m/1"))
    assert published in words and promise in words


def test_a_drill_reads_like_a_drill_in_every_language_and_channel() -> None:
    """Whether somebody reads the beginning or the end."""
    for channel in PHONE.channels:
        for language in PHONE.languages_of(channel, "first"):
            live = PHONE.render(NOTHING, channel, language, STAMP)
            drill = PHONE.render(Fill("first", "drill", {}), channel, language, STAMP)
            assert drill.startswith("ÖVNING") and live in drill and "ÖVNING" not in live
            assert drill.endswith(("Detta är en övning.", "This is an exercise."))
    assert PHONE.top_line("all_clear", "sv", "drill", STAMP).startswith("ÖVNING: Löst")


def test_nobody_is_sent_to_what_the_crisis_has_struck() -> None:
    """The number and the site leave every text; the other advice stays."""
    for snapshot in LOADED.all():
        for phase in snapshot.phases:
            fill = Fill(phase, "live", {}, frozenset({"n112", "n1177", "site1177"}))
            for channel in snapshot.channels:
                for language in snapshot.languages_of(channel, phase):
                    words = snapshot.render(fill, channel, language, STAMP)
                    assert "112" not in words.replace("1177", "") and "ett, ett, två" not in words
                    assert "Ring 1177" not in words and "ring 1177" not in words and "Call 1177" not in words
                    assert "1177.se" not in words and "punkt se" not in words


def test_an_affected_channel_takes_its_number_and_site_with_it() -> None:
    """A telephone line that is down is not recommended anywhere."""
    words = LOADED["allman-handelse"].render(
        Fill("first", "live", {}, frozenset({"1177_phone", "1177_notice"})), "own_web", "sv", STAMP
    )
    assert "1177" not in words


def test_a_number_that_is_struck_is_not_taken_for_a_blank() -> None:
    """Not even a short one written as a long one."""
    assert pointers(PHONE, "first", {"reservnummer": "1177"}) == ["/blanks/reservnummer"]
    assert pointers(PHONE, "first", {"reservnummer": "112"}) == ["/blanks/reservnummer"]


def test_everything_wrong_is_told_at_once() -> None:
    """Fields, the sentence and what is marked as affected, each with its pointer and both languages."""
    raw = {"reservnummer": "x", "start": "igår", "a/b~c": "1", "klart": None}
    faults = PHONE.accept("first", raw, "Hej", ["n112", "x"])[1]
    assert [fault.pointer for fault in faults] == [
        "/blanks/reservnummer", "/blanks/start", "/blanks/a~1b~0c", "/sentence", "/affected/1",
    ]  # fmt: skip
    assert all(fault.message.sv and fault.message.en for fault in faults)
    assert pointers(PHONE, "boom", {}) == ["/phase"]


def test_empty_and_null_are_unknown_and_never_wrong() -> None:
    """A form posts empty fields."""
    assert PHONE.accept("first", {"reservnummer": "", "start": "  ", "klart": None}, " ", []) == ({}, ())


def test_a_blank_of_another_phase_is_an_error_and_says_which_there_are() -> None:
    """A field that silently does nothing would be worse."""
    fault = PHONE.accept("first", {"lost": "2026-03-14T05:20"}, None, [])[1][0]
    assert fault.pointer == "/blanks/lost" and "reservnummer" in fault.message.sv


def test_the_free_sentence_stands_only_in_updates_and_only_where_there_is_room() -> None:
    """In English it is said to be Swedish; the notice and the voice go without."""
    fill = Fill("update", "live", {}, sentence="  Felet märks mest i Årjäng. ")
    assert "\n\nFelet märks mest i Årjäng.\n\n" in PHONE.render(fill, "facebook", "sv", STAMP)
    assert "New from us, in Swedish: Felet märks mest i Årjäng." in PHONE.render(fill, "own_web", "en", STAMP)
    assert "Årjäng" not in PHONE.render(fill, "1177_notice", "sv", STAMP)
    assert "Swedish" not in PHONE.render(Fill("update", "live", {}), "own_web", "en", STAMP)
    with pytest.raises(Forged):
        PHONE.render(Fill("first", "live", {}, sentence="Hej."), "facebook", "sv", STAMP)


@pytest.mark.parametrize(
    "fill",
    [
        Fill("first", "live", {"reservnummer": "0900-123 45 67"}),
        Fill("first", "live", {"reservnummer": " 010-000 00 00"}),
        Fill("first", "live", {"okand": "x"}),
        Fill("update", "live", {}, sentence="Se evil.example"),
        Fill("first", "skarp", {}),  # type: ignore[arg-type]
    ],
)
def test_stored_choices_that_were_never_accepted_are_forged(fill: Fill) -> None:
    """A row changed in the database does not get out."""
    with pytest.raises(Forged):
        PHONE.render(fill, "facebook", "sv", STAMP)


def test_there_are_no_words_where_none_were_approved() -> None:
    """No falling back to another language or channel."""
    with pytest.raises(KeyError):
        PHONE.render(NOTHING, "facebook", "en", STAMP)
    with pytest.raises(KeyError):
        PHONE.render(NOTHING, "p4", "sv", STAMP)
    with pytest.raises(KeyError):
        PHONE.top_line("first", "sv", "live", STAMP)


def test_the_line_on_top_of_earlier_posts_says_when_and_where_to_read() -> None:
    """Shares stop lying."""
    line = PHONE.top_line("all_clear", "sv", "live", STAMP)
    assert line.startswith("Löst") and "lördag 14 mars 2026 kl. 02.40" in line and "kris.region.example" in line


def test_a_message_digest_changes_with_every_choice() -> None:
    """And with nothing else: not with the order of channels or blanks."""
    fills = [
        NOTHING,
        Fill("first", "drill", {}),
        Fill("update", "live", {}),
        Fill("update", "live", {}, sentence="Hej."),
        Fill("first", "live", {"reservnummer": "010-000 00 00"}),
        Fill("first", "live", {}, frozenset({"n112"})),
    ]
    digests = {message_digest(PHONE, fill, incident=None, channels=PHONE.channels) for fill in fills}
    digests.add(message_digest(PHONE, NOTHING, incident="RV-2026-0031", channels=PHONE.channels))
    digests.add(message_digest(PHONE, NOTHING, incident=None, channels=["facebook"]))
    assert len(digests) == len(fills) + 2
    assert all(digest.startswith("sha256:") for digest in digests)


def test_places_tell_two_incidents_apart() -> None:
    """Only blanks that are places count."""
    snapshot = LOADED["it-avbrott-journal"]
    known, _ = snapshot.accept("first", {"plats": "arvika hospital", "bokade": "kom"}, None, [])
    assert snapshot.places(known) == ["sjukhuset i Arvika"]
    assert snapshot.places({}) == []


def test_a_form_can_be_made_from_the_blanks() -> None:
    """Label, help, examples, choices and what is said when it stays empty."""
    by_name = {blank.name: blank for blank in PHONE.blanks("first")}
    assert next(iter(by_name)) == "reservnummer"
    assert by_name["orsak"].choices[0][0] == "teleoperator"
    assert by_name["reservnummer"].unknown["sv"].endswith("Vi har ännu inget reservnummer.")
    places = {blank.name: blank for blank in LOADED["it-avbrott-journal"].blanks("first")}["plats"]
    assert places.choices[0][0] == "Centralsjukhuset i Karlstad"
    assert places.schema()["enum"] == [key for key, _ in places.choices]
    assert ("n112", "Nödnumret 112") in [(key, name.sv) for key, name in PHONE.register_numbers()]


def test_playbooks_are_found_by_id() -> None:
    """And listed in order."""
    assert [snapshot.id for snapshot in LOADED.all()] == sorted(LOADED)
    assert LOADED.get("telefoni-1177") is PHONE and LOADED.get("finns-inte") is None and len(LOADED.all()) == 10
