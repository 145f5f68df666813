"""Accepting a message: references, marks, revisions, and the state each delivery begins in."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from engine import Engine, make_engine
from service import Clock

MANUAL = {
    "own_web": {"kind": "own_web"},
    "1177_notice": {"kind": "manual", "assignee": "redaktör i beredskap", "deadline_minutes": 20},
}


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """Return an engine whose channels the test answers for."""
    made = make_engine(tmp_path, clock)
    yield made
    made.parts.store.close()


@pytest.fixture
def by_hand(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """Return an engine whose notice a person pastes."""
    made = make_engine(tmp_path, clock, channels=MANUAL)
    yield made
    made.parts.store.close()


class TestReferences:
    """What people say on the telephone."""

    def test_they_grow_by_one_and_begin_again_each_year(self, engine: Engine, clock: Clock) -> None:
        """The year is the one on Swedish clocks: an hour before midnight in UTC it has already changed."""
        refs = [engine.send(again=True)["incident"] for _ in range(2)]
        clock.at = datetime(2026, 12, 31, 22, 59, tzinfo=UTC)
        refs.append(engine.send(again=True)["incident"])
        clock.at = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
        refs.append(engine.send(again=True)["incident"])
        assert refs == ["RE-2026-0001", "RE-2026-0002", "RE-2026-0003", "RE-2027-0001"]

    def test_drills_have_a_series_of_their_own(self, engine: Engine) -> None:
        """A drill never uses up a live number, nor looks like one."""
        refs = [engine.send(mode=mode, again=True)["incident"] for mode in ("drill", "live", "drill")]
        assert refs == ["OVN-RE-2026-0001", "RE-2026-0001", "OVN-RE-2026-0002"]

    def test_every_message_of_an_incident_has_the_next_mark(self, engine: Engine) -> None:
        """One that waits for a yes has its mark reserved, and nothing else."""
        first = engine.send()
        waiting = engine.send("update", first["incident"], sentence="Felet gäller bara mobiltelefoner.")
        third = engine.send("update", first["incident"])
        ref = first["incident"]
        assert [m["mark"] for m in (first, waiting, third)] == [f"{ref}/1", f"{ref}/2", f"{ref}/3"]
        assert waiting["deliveries"] == []
        assert {row["number"] for row in engine.rows()} == {1, 3}


class TestObjects:
    """One object out there per incident, channel and language where things are replaced in place."""

    def test_a_later_message_names_the_same_object_with_a_higher_revision(self, engine: Engine) -> None:
        """1177 replaces what stands there, and never the other way round."""
        first = engine.send()
        engine.send("update", first["incident"])
        engine.send("all_clear", first["incident"])
        for channel, language in (("1177_notice", "sv"), ("1177_article", "en"), ("1177_phone", "sv")):
            rows = engine.rows(channel, language)
            assert len({row["object_id"] for row in rows}) == 1
            assert [row["revision"] for row in rows] == [1, 2, 3]
            assert UUID(rows[0]["object_id"]).version == 5

    def test_no_two_places_share_an_object(self, engine: Engine) -> None:
        """Not two channels, not two languages, not two incidents."""
        for _ in range(2):
            engine.send(again=True)
        rows = [row for key in ("1177_notice", "1177_article", "1177_phone") for row in engine.rows(key)]
        rows += engine.rows("1177_article", "en") + engine.rows("1177_phone", "en")
        assert len({row["object_id"] for row in rows}) == len(rows) == 10


class TestBeginnings:
    """The state each delivery is in when the message is accepted."""

    def test_a_machine_owes_it_at_once(self, engine: Engine) -> None:
        """Due now, with the first step of the channel's own way."""
        engine.send()
        begins = {key: (engine.row(key)["state"], engine.row(key)["step"]) for key in ("facebook", "1177_notice")}
        assert begins == {"facebook": ("owed", "draft"), "1177_notice": ("owed", "put")}
        assert engine.row()["next_attempt_at"] == engine.now

    def test_a_page_that_is_only_posted_to_begins_with_the_post(self, tmp_path: Path, clock: Clock) -> None:
        """The settings say so; then every answer that is lost is looked for."""
        page = {"kind": "facebook", "base_url": "http://127.0.0.1:9/graph", "page_id": "1", "app_id": "2"}
        engine = make_engine(tmp_path, clock, channels={"facebook": {**page, "protocol": "post"}})
        engine.send()
        assert engine.row()["step"] == "post"
        engine.parts.store.close()

    def test_our_own_page_is_published_in_the_same_transaction(self, engine: Engine) -> None:
        """The receipt is in the very answer, and each language has its address."""
        message = engine.send(channels=["own_web"])
        found = {one["language"]: one for one in message["deliveries"]}
        assert {one["state"] for one in found.values()} == {"published"}
        assert found["sv"]["url"] == "http://127.0.0.1:8000/m/RE-2026-0001"
        assert found["en"]["url"].endswith("?lang=en")
        assert found["sv"]["receipt"]["id"] == "RE-2026-0001/1.sv"

    def test_a_person_gets_a_task_with_a_deadline(self, by_hand: Engine) -> None:
        """Who, until when, and which words."""
        message = by_hand.send()
        row = by_hand.row("1177_notice")
        assert (row["state"], row["person"]) == ("needs_person", "redaktör i beredskap")
        assert (row["deadline_at"] - row["created_at"]).total_seconds() == 20 * 60
        assert message["incident"] in row["words"] or row["words"]
        assert row["was_task"] and row["next_attempt_at"] is None

    @pytest.mark.parametrize("phase", ["false_alarm", "all_clear"])
    def test_a_person_is_asked_to_end_what_a_person_may_have_put_up(self, by_hand: Engine, phase: str) -> None:
        """Nobody acknowledged the first one; it may have been pasted all the same."""
        first = by_hand.send()
        by_hand.send(phase, first["incident"])
        assert by_hand.row("1177_notice")["state"] == "needs_person"

    @pytest.mark.parametrize("phase", ["false_alarm", "all_clear"])
    def test_a_person_is_not_asked_to_end_what_never_began(self, by_hand: Engine, phase: str) -> None:
        """The first message did not go to the notice."""
        first = by_hand.send(channels=["own_web"])
        by_hand.send(phase, first["incident"])
        assert by_hand.row("1177_notice")["state"] == "skipped"

    def test_a_channel_the_crisis_has_struck_is_marked_and_left_alone(self, engine: Engine) -> None:
        """Nothing is sent there, now or in the incident's later messages, until somebody says otherwise."""
        first = engine.send(affected=["1177_phone"])
        engine.send("update", first["incident"])
        assert [row["state"] for row in engine.rows("1177_phone")] == ["affected", "affected"]
        assert "1177_phone" not in {claim.channel for claim in engine.outbox().claim("w")}
        engine.send("update", first["incident"], affected=[])
        assert engine.row("1177_phone")["state"] == "owed"


class TestIncidents:
    """When an incident is over."""

    @pytest.mark.parametrize("phase", ["false_alarm", "all_clear"])
    def test_an_ending_closes_it(self, engine: Engine, phase: str) -> None:
        """Accepted is enough; that channels are still to be told keeps nothing open."""
        first = engine.send()
        engine.send(phase, first["incident"])
        assert engine.incident_state(first["incident"]) == "closed"
        assert [e["type"] for e in engine.entries()].count("incident:closed") == 1

    def test_a_correction_leaves_it_open(self, engine: Engine) -> None:
        """What was wrong is put right, and the crisis goes on."""
        first = engine.send()
        engine.send("correction", first["incident"])
        assert engine.incident_state(first["incident"]) == "open"
        assert engine.message(first["id"])["state"] == "superseded"

    def test_everything_is_true_at_once_or_not_at_all(self, engine: Engine) -> None:
        """The message, its deliveries and the log are of one transaction: one instant, and the log last."""
        message = engine.send()
        rows = [engine.row(one["channel"], one["language"]) for one in message["deliveries"]]
        assert {row["created_at"] for row in rows} == {engine.now}
        types = [entry["type"] for entry in engine.entries()]
        assert types.count("delivery:owed") + types.count("delivery:published") == len(rows) == 9
        assert types.index("incident:opened") < types.index("message:accepted") < types.index("delivery:owed")
