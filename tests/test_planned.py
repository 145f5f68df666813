"""A cheerful post planned last week does not go out unseen in the middle of a crisis."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from service import SECRETS, Service

from broadcaster import planned
from broadcaster.channels import Planned, Plans
from broadcaster.channels._page_plans import Planning
from broadcaster.channels.opening import open_channels
from broadcaster.errors import Conflict, Forbidden, NotFound
from broadcaster.planned import Freeze, PlannedView
from broadcaster.secret import required_secret
from broadcaster.worker import Ways

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
WEB = ["own_web"]
PAGE = "100200300"


def read(service: Service, *posts: tuple[str, timedelta], whole: bool = True, base: datetime | None = None) -> None:
    """Take what the planner holds: names and how long after `base` (or now) they go out."""
    now = service.clock.now()
    found = tuple(Planned(name, f"Öppet hus {name}", (base or now) + after) for name, after in posts)
    with service.parts.store.transaction() as transaction:
        planned.keep(transaction, "facebook", Plans(found, now, whole))


def frozen(service: Service) -> Freeze:
    with service.parts.store.reading() as transaction:
        return planned.freeze(transaction)


def rung(service: Service) -> list[str]:
    planned.watch(service.parts.store)
    return [one.text.sv for one in service.parts.board.alarms() if one.kind == planned.KIND]


def names(posts: Sequence[PlannedView]) -> list[str]:
    return [one.words.removeprefix("Öppet hus ") for one in posts]


def noted(service: Service) -> list[str]:
    return [one["type"] for one in service.entries() if one["type"].startswith("plan:")]


class TestWhatHasToBePaused:
    def test_only_a_live_incident_freezes(self, service: Service) -> None:
        """An exercise never asks anybody to touch the live Page."""
        read(service, ("a", 5 * HOUR))
        assert frozen(service).to_pause == ()
        service.send(mode="drill", channels=WEB)
        assert not frozen(service).is_on and frozen(service).to_pause == ()
        service.send(channels=WEB)
        assert names(frozen(service).to_pause) == ["a"]

    def test_the_soonest_is_first_and_what_is_out_is_not_asked_for(self, service: Service) -> None:
        service.send(channels=WEB)
        read(service, ("late", 3 * HOUR), ("soon", HOUR))
        assert names(frozen(service).to_pause) == ["soon", "late"]
        service.clock.advance(2 * 3600)
        assert names(frozen(service).to_pause) == ["late"]

    def test_a_tick_says_who_and_the_log_has_a_digest_and_no_words(self, service: Service) -> None:
        service.send(channels=WEB)
        read(service, ("a", HOUR))
        (post,) = frozen(service).to_pause
        for _ in range(2):  # a double click is one tick
            planned.tick(service.parts.store, post.id, service.anna, restored=False)
        found = frozen(service)
        assert found.to_pause == () and found.paused[0].held_by == service.anna.id
        (entry,) = (one for one in service.entries() if one["type"] == "plan:paused")
        assert entry["words"].startswith("sha256:") and "Öppet hus" not in str(entry)

    def test_what_is_moved_or_made_a_draft_needs_no_tick(self, service: Service) -> None:
        start = service.clock.now()
        service.send(channels=WEB)
        read(service, ("moved", HOUR), ("draft", HOUR))
        read(service, ("moved", 48 * HOUR))
        found = frozen(service)
        assert found.to_pause == () and sorted(names(found.paused)) == ["draft", "moved"]
        assert {one.was_at for one in found.paused} == {start + HOUR}
        assert noted(service) == ["plan:paused", "plan:paused"]

    def test_what_was_moved_by_an_hour_only_is_asked_for_again_when_it_is_near(self, service: Service) -> None:
        """Moved is not paused if the incident outlasts it."""
        service.send(channels=WEB)
        read(service, ("a", HOUR))
        read(service, ("a", 2 * HOUR))
        assert frozen(service).to_pause == ()
        service.clock.advance(95 * 60)
        (post,) = frozen(service).to_pause
        assert len(rung(service)) == 1
        planned.tick(service.parts.store, post.id, service.anna, restored=False)
        assert frozen(service).to_pause == () and rung(service) == []

    def test_a_list_that_goes_on_proves_nothing_gone(self, service: Service) -> None:
        service.send(channels=WEB)
        read(service, ("a", HOUR))
        read(service, ("b", HOUR), whole=False)
        assert sorted(names(frozen(service).to_pause)) == ["a", "b"]

    def test_an_older_list_of_another_worker_undoes_nothing(self, service: Service) -> None:
        start = service.clock.now()
        service.send(channels=WEB)
        read(service, ("a", HOUR), ("b", MINUTE))
        older = Plans((Planned("a", "x", start + HOUR), Planned("b", "x", start + MINUTE)), start, is_whole=True)
        service.clock.advance(120)
        read(service)
        with service.parts.store.transaction() as transaction:
            planned.keep(transaction, "facebook", older)
        assert frozen(service).to_pause == () and names(frozen(service).paused) == ["a"]
        assert sorted(noted(service)) == ["plan:out", "plan:paused"]

    def test_ticked_but_still_in_the_planner_is_told(self, service: Service) -> None:
        """The tick says paused, the planner says 03.40: the planner is right."""
        start = service.clock.now()
        service.send(channels=WEB)
        read(service, ("a", HOUR))
        planned.tick(service.parts.store, frozen(service).to_pause[0].id, service.anna, restored=False)
        assert not frozen(service).paused[0].still_there
        service.clock.advance(180)
        read(service, ("a", HOUR), base=start)
        (post,) = frozen(service).to_pause
        assert post.still_there
        service.clock.advance(40 * 60)
        assert len(rung(service)) == 1
        planned.tick(service.parts.store, post.id, service.bo, restored=False)
        assert frozen(service).to_pause == () and rung(service) == []

    def test_who_may_not_send_may_not_tick_and_what_is_out_cannot_be_paused(self, service: Service) -> None:
        service.send(channels=WEB)
        read(service, ("a", HOUR))
        post, store = frozen(service).to_pause[0], service.parts.store
        with pytest.raises(Forbidden):
            planned.tick(store, post.id, service.anna.__class__(**{**vars(service.anna), "scopes": frozenset()}),
                         restored=False)  # fmt: skip
        with pytest.raises(NotFound):
            planned.tick(store, "nothing", service.anna, restored=False)
        with pytest.raises(Conflict):
            planned.tick(store, post.id, service.anna, restored=True)
        service.clock.advance(3601)
        with pytest.raises(Conflict):
            planned.tick(store, post.id, service.anna, restored=False)


class TestAfterwards:
    def over(self, service: Service) -> datetime:
        start, first = service.clock.now(), service.send(channels=WEB)
        read(service, ("a", 5 * HOUR))
        planned.tick(service.parts.store, frozen(service).to_pause[0].id, service.anna, restored=False)
        read(service)
        service.send("all_clear", first["incident"], channels=WEB)
        return start

    def test_what_was_paused_is_put_back_with_the_time_it_had(self, service: Service) -> None:
        start = self.over(service)
        (post,) = frozen(service).to_restore
        assert post.was_at == start + 5 * HOUR and post.at is None
        planned.tick(service.parts.store, post.id, service.bo, restored=True)
        assert frozen(service).to_restore == ()
        assert noted(service) == ["plan:paused", "plan:restored"]

    def test_what_is_seen_in_the_planner_again_needs_no_tick(self, service: Service) -> None:
        start = self.over(service)
        service.clock.advance(600)
        read(service, ("a", 5 * HOUR), base=start)
        assert frozen(service).to_restore == ()
        assert noted(service) == ["plan:paused", "plan:restored"]

    def test_an_ordinary_day_leaves_no_tasks(self, service: Service) -> None:
        """Editors move and delete their posts all week."""
        read(service, ("a", HOUR), ("b", HOUR), ("c", MINUTE))
        service.clock.advance(120)
        read(service, ("a", 3 * HOUR))
        found = frozen(service)
        assert (found.to_pause, found.paused, found.to_restore) == ((), (), ())
        assert noted(service) == ["plan:out"]


class TestTheAlarm:
    def test_once_for_each_post_half_an_hour_before_and_until_it_is_paused(self, service: Service) -> None:
        service.send(channels=WEB)
        read(service, ("a", HOUR), ("b", HOUR + 10 * MINUTE))
        service.clock.advance(29 * 60)
        assert rung(service) == []
        service.clock.advance(60)
        (said,) = rung(service)
        assert "Ett planerat inlägg går ut på Facebook inom en halvtimme" in said and "kl. 03.40 ”Öppet hus a”" in said
        (one,) = (one for one in service.parts.board.alarms() if one.kind == planned.KIND)
        service.parts.board.answer_alarm(one.id, service.anna)
        assert rung(service) == []
        service.clock.advance(600)
        (said,) = rung(service)
        assert "2 planerade inlägg" in said and "”Öppet hus b”" in said
        for post in frozen(service).to_pause:
            planned.tick(service.parts.store, post.id, service.anna, restored=False)
        assert rung(service) == []

    def test_nobody_is_woken_without_an_incident_or_in_an_exercise(self, service: Service) -> None:
        service.send(mode="drill", channels=WEB)
        read(service, ("a", 10 * MINUTE))
        assert rung(service) == []


class TestOverRealHttp:
    def test_the_planner_is_read_again_within_minutes_while_an_incident_is_open(self, service: Service) -> None:
        """Hourly on an ordinary day; with an incident open the next look reads it. Nothing is changed there."""

        def plan(words: str) -> None:
            at = str(int((service.clock.now() + 6 * HOUR).timestamp()))
            form = {"message": words, "published": "false", "scheduled_publish_time": at}
            head = {"Authorization": "Bearer " + SECRETS["BROADCASTER_FACEBOOK_TOKEN"]}
            url = f"{service.sandbox.url}/graph/v26.0/{PAGE}/feed"
            httpx.post(url, data=form, headers=head, trust_env=False).raise_for_status()

        def secret(name: str, imitation: bool) -> str:
            return required_secret(name, imitation=imitation, environ=SECRETS)

        async def night() -> None:
            worker = await service.worker()
            live = open_channels(service.parts.settings, secret, clock=service.clock.now, seconds=service.clock.seconds,
                                 frozen=planned.asked_aside(service.parts.store))  # fmt: skip
            worker.ways = Ways(live, {})
            await worker.check_channels()
            for words, opens in (("Öppet hus", False), ("Glad påsk", True)):
                plan(words)
                if opens:
                    service.send(channels=WEB)
                service.clock.advance(181)
                await worker.check_channels()
                seen.append([one.words for one in frozen(service).to_pause])
            for channel in live.values():
                await channel.close()

        seen: list[list[str]] = []
        asyncio.run(night())
        assert seen[0] == [] and sorted(seen[1]) == ["Glad påsk", "Öppet hus"]
        assert not [one for one in service.log() if one["method"] == "DELETE"]


class TestWhatAPlannerMayAnswer:
    """Another system's answer never fills our disk, our log or somebody's telephone."""

    def test_other_posts_at_every_reading_are_not_kept_for_ever(self, service: Service) -> None:
        for reading in range(8):
            read(service, *((f"{reading}-{number}", 900 * HOUR) for number in range(100)), whole=False)
        service.send(channels=WEB)
        assert len(frozen(service).to_pause) == planned.KNOWN_MAX

    def test_what_a_list_that_is_never_whole_says_nothing_more_of_makes_room(self, service: Service) -> None:
        for reading in range(4):
            read(service, *((f"{reading}-{number}", HOUR) for number in range(100)), whole=False)
        service.clock.advance(26 * 3600)
        read(service, whole=False)
        read(service, ("later", HOUR), whole=False)
        service.send(channels=WEB)
        assert names(frozen(service).to_pause) == ["later"]

    def test_many_at_once_are_told_in_an_alarm_of_a_few_lines(self, service: Service) -> None:
        service.send(channels=WEB)
        read(service, *((f"{number:02}", (number + 1) * timedelta(seconds=9)) for number in range(50)))
        (text,) = rung(service)
        assert text.startswith("50 planerade inlägg") and "”Öppet hus 02”; och 47 till." in text
        assert len(text) < 400

    @pytest.mark.parametrize("name", ["", "a\x00b", "12 34", "1\n", "<b>"])
    def test_a_name_that_is_none_of_metas_is_left_out(self, name: str) -> None:
        at = datetime(2026, 3, 14, tzinfo=UTC)
        made = [{"id": one, "message": "Hej", "scheduled_publish_time": at.timestamp()} for one in (name, "100_2")]
        assert [one.id for one in Planning.model_validate({"data": made}).kept(at).posts] == ["100_2"]
