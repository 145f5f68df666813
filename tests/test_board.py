"""What there is to read: pages of lists, readiness, and nothing public that should not be."""

from datetime import timedelta

import pytest
from service import Service, ServiceMaker
from sqlalchemy import insert, update

from broadcaster.board import PREFLIGHT_OLD, WORKER_SILENT
from broadcaster.errors import NotFound
from broadcaster.publication import AFTER_END
from broadcaster.tables import preflight, worker


class TestLists:
    def test_incidents_come_newest_first_page_by_page_each_once(self, service: Service) -> None:
        """Also when several began at the very same moment."""
        refs = [service.send(again=True)["incident"] for _ in range(3)]
        service.clock.advance(1)
        refs += [service.send(again=True)["incident"] for _ in range(2)]
        board, seen, after = service.parts.board, [], None
        while True:
            page = board.incidents(after=after, limit=2)
            seen += [one["ref"] for one in page["items"]]
            after = page["next"]
            if after is None:
                break
        assert seen == [refs[4], refs[3], refs[2], refs[1], refs[0]]
        assert board.incidents(limit=5)["next"] is None
        service.send("false_alarm", refs[0])
        assert [one["ref"] for one in board.incidents(state="closed")["items"]] == [refs[0]]
        assert len(board.incidents(state="open")["items"]) == 4
        with pytest.raises(NotFound):
            board.incidents(after="RE-2026-9999")

    def test_the_log_comes_page_by_page_without_a_gap(self, service: Service) -> None:
        service.send()
        total = len(service.entries())
        seen, after = [], -1
        while True:
            page = service.parts.board.audit(after, 7)
            seen += [one["seq"] for one in page["items"]]
            if page["next"] is None:
                break
            after = page["next"]
        assert seen == list(range(total))
        assert service.parts.board.audit(total - 1, 7) == {"items": [], "next": None}

    def test_a_playbook_says_approval_channels_phases_and_blanks_with_an_example_each(self, service: Service) -> None:
        board = service.parts.board
        found = board.playbook("telefoni-1177")
        assert found["approval"]["state"] == "approved"
        assert found["approval"]["by"] == ["approver-1", "approver-2"]
        assert found["channels"] == ["own_web", "facebook", "1177_notice", "1177_article", "1177_phone"]
        for phase in found["phases"].values():
            assert phase["blanks"]["required"] == []
            assert all(blank["examples"] for blank in phase["blanks"]["properties"].values())
        assert [one["id"] for one in board.playbooks()] == sorted(one["id"] for one in board.playbooks())

    def test_what_does_not_exist_is_not_found(self, service: Service) -> None:
        for name in ("playbook", "snapshot", "pinned", "message", "incident", "situation", "public_messages"):
            with pytest.raises(NotFound):
                getattr(service.parts.board, name)("finns-inte")


class TestChannels:
    def test_each_says_how_its_last_check_went_and_an_old_green_is_amber(self, service: Service) -> None:
        now = service.clock.now()
        with service.parts.store.transaction() as transaction:
            for key, state in (("facebook", "green"), ("1177_notice", "red")):
                row = {"channel": key, "state": state, "problems": [], "checked_at": now}
                transaction.execute(insert(preflight).values(**row))
        found = {one["key"]: one for one in service.parts.board.channels()}
        assert set(found) == set(service.parts.settings.channels)
        assert found["facebook"]["kind"] == "facebook"
        assert found["facebook"]["preflight"] == {
            "state": "green",
            "checked_at": "2026-03-14T01:40:00.000000Z",
            "problems": [],
            "problems_en": [],
        }
        assert found["1177_phone"]["preflight"]["state"] == "amber"
        assert found["1177_phone"]["preflight"]["checked_at"] is None
        service.clock.advance(PREFLIGHT_OLD.total_seconds() + 1)
        later = {one["key"]: one["preflight"] for one in service.parts.board.channels()}
        assert (later["facebook"]["state"], later["1177_notice"]["state"]) == ("amber", "red")
        assert later["facebook"]["problems"]

    def test_problems_are_told_in_both_languages(self, service: Service) -> None:
        """The contract's own field stays Swedish; what an older worker wrote in Swedish alone is kept as it is."""
        said = [{"sv": "Nyckeln har gått ut.", "en": "The key has expired."}, "Gammalt."]
        with service.parts.store.transaction() as transaction:
            row = {"channel": "facebook", "state": "red", "problems": said, "checked_at": transaction.now}
            transaction.execute(insert(preflight).values(**row))
        found = {one["key"]: one["preflight"] for one in service.parts.board.channels()}["facebook"]
        assert found["problems"] == ["Nyckeln har gått ut.", "Gammalt."]
        assert found["problems_en"] == ["The key has expired.", "Gammalt."]


class TestReady:
    def test_it_is_ready_when_somebody_pays_and_something_is_approved(self, make_service: ServiceMaker) -> None:
        service = make_service(approved=False)
        board = service.parts.board
        assert [problem.en.split(",")[0] for problem in board.ready()] == [
            "No worker has given a sign of life for 20 seconds",
            "No playbook is approved",
        ]
        assert [problem.sv.split(",")[0] for problem in board.ready()] == [
            "Programmet som skickar har inte hörts av på 20 sekunder",
            "Ingen krismall är godkänd",
        ]
        service.approve_all()
        with service.parts.store.transaction() as transaction:
            transaction.execute(insert(worker).values(name="w", seen_at=transaction.now))
        assert board.ready() == []
        service.clock.advance(WORKER_SILENT.total_seconds() + 1)
        assert len(board.ready()) == 1
        with service.parts.store.transaction() as transaction:
            transaction.execute(update(worker).values(seen_at=transaction.now - timedelta(seconds=1)))
        assert board.ready() == []


class TestThePublic:
    def test_what_has_ended_stays_a_day_and_what_goes_on_stays(self, service: Service) -> None:
        ended = service.send()
        service.send("all_clear", ended["incident"])
        service.clock.advance(60)
        going_on = service.send()
        board = service.parts.board
        assert {one.ref for one in board.public_messages()} == {ended["incident"], going_on["incident"]}
        service.clock.advance(AFTER_END.total_seconds())
        assert {one.ref for one in board.public_messages()} == {going_on["incident"]}
        assert len(board.public_messages(ended["incident"])) == 2 * 3, "its own page stays for ever"

    def test_a_proposal_is_not_public_and_a_drill_is_not_even_found(self, service: Service) -> None:
        first = service.send()
        service.send("update", first["incident"], sentence="Felet gäller bara mobiltelefoner.")
        drill = service.send(mode="drill")
        board = service.parts.board
        assert {one.phase for one in board.public_messages()} == {"first"}
        with pytest.raises(NotFound):
            board.public_messages(drill["incident"])
        with pytest.raises(NotFound):
            board.drill_messages(first["incident"])
