"""An open incident is watched: a promised message that does not come wakes somebody, and so does one nobody ends."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

from night import ANNA, BO, FortySixElks, night
from service import Service, ServiceMaker
from sqlalchemy import event, select

from broadcaster import vigil
from broadcaster.tables import alarm as alarm_table

MINUTE = 60
HOUR = 60 * MINUTE
WEB = ["own_web"]


def rung(service: Service) -> list[str]:
    """Return the kinds of the alarms that ring now, oldest first."""
    return [one.kind for one in service.parts.board.alarms() if one.kind in vigil.KINDS]


def words(service: Service) -> str:
    """Return the Swedish and English words of the one alarm of ours that rings."""
    (one,) = (one for one in service.parts.board.alarms() if one.kind in vigil.KINDS)
    return f"{one.text.sv}\n{one.text.en}"


def watch(service: Service, seconds: float = 0) -> list[str]:
    """Let time pass, look once, and return what rings."""
    service.clock.advance(seconds)
    vigil.watch(service.parts.store)
    return rung(service)


def rows(service: Service) -> list[dict[str, Any]]:
    with service.parts.store.reading() as transaction:
        ours = select(alarm_table).where(alarm_table.c.kind.in_(vigil.KINDS)).order_by(alarm_table.c.raised_at)
        return [dict(row) for row in transaction.execute(ours).mappings()]


def answer(service: Service) -> None:
    (one,) = (one for one in service.parts.board.alarms() if one.kind in vigil.KINDS)
    assert service.parts.board.answer_alarm(one.id, service.anna)


class TestTheStoryOfAPromise:
    def test_from_the_first_message_to_the_all_clear(self, service: Service) -> None:
        """02.40 promises 03.45; a reminder at 03.30, an alarm at 03.45, kept at 03.50, and over with the all-clear."""
        first = service.send(channels=WEB)
        assert watch(service, 49 * MINUTE) == []
        assert watch(service, 1 * MINUTE) == ["promise"]
        assert "utlovat senast lördag 14 mars kl. 03.45" in words(service)
        assert watch(service, 15 * MINUTE - 1) == ["promise"]
        assert watch(service, 1) == ["late"]
        said = words(service)
        assert "utlovades senast lördag 14 mars kl. 03.45 och har inte kommit" in said
        assert "Skicka en uppdatering, också om inget är nytt, eller avsluta händelsen." in said
        assert "was promised by Saturday 14 March at 03.45 and has not come" in said
        assert f"{first['incident']}/1: Egen webbsida" in said
        service.clock.advance(5 * MINUTE)
        service.send("update", first["incident"], channels=WEB)
        assert watch(service) == []
        assert {row["answered_by"] for row in rows(service)} == {"overtaken:no longer so"}
        assert watch(service, 55 * MINUTE) == ["promise"]
        assert "kl. 05.00" in words(service)
        service.send("all_clear", first["incident"], channels=WEB)
        assert watch(service) == []
        assert watch(service, 48 * HOUR) == []

    def test_the_roster_is_woken_and_the_next_one_if_nobody_answers(
        self, make_service: ServiceMaker, elks: FortySixElks
    ) -> None:
        with night(make_service, elks) as woken:
            woken.service.send(channels=WEB)
            watch(woken.service, 65 * MINUTE)
            woken.pass_time(1)
            woken.pass_time(10 * MINUTE, 30)
            assert woken.woken()[:2] == [ANNA, BO]
            assert "03.45" in elks.to(ANNA)[0]["message"]
            assert elks.to(ANNA)[0]["message"].startswith("KRISLARM RE-2026-0001")

    def test_an_exercise_says_that_it_is_one(self, service: Service) -> None:
        service.send(mode="drill", channels=WEB)
        assert watch(service, 65 * MINUTE) == ["late"]
        assert all(line.startswith(("ÖVNING", "EXERCISE")) for line in words(service).splitlines())


class TestOnceAndNoMore:
    def test_who_answered_is_asked_once_for_each_promise(self, service: Service) -> None:
        """Answering the reminder does not silence the alarm; answering the alarm does."""
        service.send(channels=WEB)
        watch(service, 50 * MINUTE)
        answer(service)
        assert watch(service, MINUTE) == []
        assert watch(service, 14 * MINUTE) == ["late"]
        answer(service)
        assert watch(service, HOUR) == []

    def test_a_promise_made_just_now_has_no_reminder(self, make_service: ServiceMaker, tmp_path: Path) -> None:
        """At 03.00 a quarter is promised for 03.15: whoever wrote that knows."""
        folder = tmp_path / "short"
        folder.mkdir()
        source = Path(__file__).parent.parent / "playbooks"
        for file in source.iterdir():
            if file.is_file():
                text = file.read_bytes()
                (folder / file.name).write_bytes(text.replace(b"update_minutes = 60", b"update_minutes = 15"))
        service = make_service(playbooks={"folder": str(folder)})
        service.clock.advance(20 * MINUTE)
        service.send(channels=WEB)
        assert watch(service, 5 * MINUTE) == []
        assert watch(service, 10 * MINUTE) == ["late"]

    def test_a_service_that_was_down_over_the_hour_tells_it_when_it_is_back(self, service: Service) -> None:
        service.send(channels=WEB)
        assert watch(service, 3 * HOUR) == ["late"]
        assert len(rows(service)) == 1

    def test_what_takes_the_promise_back_brings_the_old_one_into_force(self, service: Service) -> None:
        """An update that was recalled kept no promise: the first one's is late, and is told again."""
        first = service.send(channels=WEB)
        assert watch(service, 66 * MINUTE) == ["late"]
        update = service.send("update", first["incident"], channels=WEB)
        assert watch(service) == []
        service.parts.broadcasts.recall(update["id"], {"reason": "fel"}, service.anna)
        assert watch(service) == ["late"]

    def test_two_workers_raise_it_once(self, service: Service) -> None:
        service.send(channels=WEB)
        service.send(playbook="allman-handelse", channels=WEB)
        service.clock.advance(2 * HOUR)
        with ThreadPoolExecutor(4) as workers:
            list(workers.map(vigil.watch, [service.parts.store] * 8))
        vigil.watch(service.parts.store)
        assert [row["kind"] for row in rows(service)] == ["late", "late"]

    def test_nothing_open_costs_one_question_and_no_lock(self, service: Service) -> None:
        ended = service.send(channels=WEB)
        service.send("all_clear", ended["incident"], channels=WEB)
        asked: list[str] = []
        event.listen(service.parts.store.engine, "before_cursor_execute", lambda *what: asked.append(what[2]))
        assert vigil.watch(service.parts.store) == 0
        assert len([one for one in asked if "incident" in one]) == 1
        assert not [one for one in asked if "IMMEDIATE" in one or "FOR UPDATE" in one]


class TestForgotten:
    def test_a_day_without_a_word_is_asked_about_once_a_day(self, service: Service) -> None:
        """A missed promise is told as one; after a day the question is whether it is still going on."""
        first = service.send(channels=WEB)
        watch(service, 65 * MINUTE)
        answer(service)
        assert watch(service, 22 * HOUR) == ["fading"]
        assert watch(service, HOUR) == ["forgotten"]
        said = words(service)
        assert "fortfarande öppen, men inget besked har kommit sedan lördag 14 mars kl. 02.40 (1 dygn)" in said
        assert "”Det är löst”" in said
        assert "“It is solved”" in said
        answer(service)
        assert watch(service, 22 * HOUR) == []
        assert watch(service, 2 * HOUR) == ["forgotten"]
        assert "(2 dygn)" in words(service)
        service.send("all_clear", first["incident"], channels=WEB)
        assert watch(service) == []

    def test_unanswered_it_is_one_alarm_that_says_more_days(self, service: Service) -> None:
        service.send(channels=WEB)
        assert watch(service, 25 * HOUR) == ["forgotten"]
        assert watch(service, 48 * HOUR) == ["forgotten"]
        assert "(3 dygn)" in words(service)

    def test_an_incident_from_long_before_this_was_watched_is_asked_about_and_not_called_late(
        self, service: Service
    ) -> None:
        service.send(channels=WEB)
        assert watch(service, timedelta(days=90).total_seconds()) == ["forgotten"]
