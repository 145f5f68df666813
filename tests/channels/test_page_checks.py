"""What is found out about the Page before the night when it is needed, and how little is asked for it."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from channels.lines import Says

from broadcaster import settings as configuration
from broadcaster.channels import Fact, Planned, Plans, Post, Preflight, Reason, Step
from broadcaster.channels.facebook import Facebook
from broadcaster.sandbox import Sandbox

NOW = datetime(2026, 11, 28, 13, 0, tzinfo=UTC)  # 14.00 in Karlstad
PAGE = "100200300"
TOKEN: dict[str, Any] = {
    "is_valid": True, "type": "PAGE", "app_id": "4711", "profile_id": PAGE, "expires_at": 0,
    "issued_at": int((NOW - timedelta(days=10)).timestamp()),
    "scopes": ["pages_show_list", "pages_manage_posts", "pages_read_engagement"],
}  # fmt: skip


class World:
    """A Facebook whose answers a test chooses, and the time it answers at."""

    def __init__(self) -> None:
        self.at, self.seconds = NOW, 1000.0
        self.token: dict[str, Any] = dict(TOKEN)
        self.page: object = {"id": PAGE, "is_published": True}
        self.plans: object = {"data": []}
        self.headers: dict[str, str] = {"facebook-api-version": "v26.0"}
        self.asked: list[str] = []
        self.used: Mapping[str, datetime] | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.split("/", 2)[2]
        self.asked.append(path)
        if path == "debug_token":
            return httpx.Response(200, json={"data": self.token}, headers=self.headers)
        found = self.plans if path.endswith("/scheduled_posts") else self.page
        if isinstance(found, httpx.Response):
            return found
        return httpx.Response(200, json=found, headers=self.headers)

    def later(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds

    async def last_used(self) -> Mapping[str, datetime]:
        return self.used or {}

    def channel(self, version: str = "v26.0", base_url: str = "https://outside.example") -> Facebook:
        page = configuration.Facebook(
            kind="facebook", base_url=base_url, page_id=PAGE, app_id="4711", api_version=version)  # fmt: skip
        return Facebook(
            "facebook", page, "PAGETOK", "s3cr3t", zone=ZoneInfo("Europe/Stockholm"),
            connect=lambda: httpx.MockTransport(self), clock=lambda: self.at, seconds=lambda: self.seconds,
            last_used=None if self.used is None else self.last_used)  # fmt: skip

    def looks(self, *after_s: float, version: str = "v26.0") -> list[Preflight]:
        """Look once, and again after each of these waits, with one channel."""

        async def look() -> list[Preflight]:
            channel, found = self.channel(version), []
            for wait_s in (0.0, *after_s):
                self.later(wait_s)
                found.append(await channel.preflight())
            await channel.close()
            return found

        return asyncio.run(look())

    def look(self, version: str = "v26.0") -> Preflight:
        return self.looks(version=version)[0]


@pytest.fixture
def world() -> World:
    return World()


def error(code: int, subcode: int | None = None) -> dict[str, Any]:
    return {"error": {"message": "x", "code": code, **({} if subcode is None else {"error_subcode": subcode})}}


def only(found: Preflight, state: str, sv: str, en: str) -> None:
    """Check that there is one problem, said in both languages."""
    assert found.state == state, found
    (problem,), (english,) = found.problems, found.english
    assert sv in problem and en in english, found


class TestTheToken:
    def test_all_is_well(self, world: World) -> None:
        """Green is silent; what nobody can find out is a note and no colour."""
        found = world.look()
        assert (found.state, found.problems, found.english) == ("green", (), ())
        assert len(found.notes) == 1 and "development mode" in found.notes[0]

    @pytest.mark.parametrize(
        ("changed", "sv", "en"),
        [
            ({"type": "USER"}, "av sorten USER", "of the kind USER"),
            ({"type": "SYSTEM_USER", "profile_id": None}, "av sorten SYSTEM_USER", "not a Page's"),
            ({"app_id": "1"}, "annan app än 4711", "another app than 4711"),
            ({"profile_id": "9"}, "hör inte till sidan", "does not belong"),
            ({"scopes": TOKEN["scopes"][:1]}, "pages_manage_posts, pages_read_engagement saknas", "is missing"),
            ({"granular_scopes": [{"scope": "pages_manage_posts", "target_ids": ["5"]}]}, "gäller andra sidor",
             "for other Pages"),
        ],
    )  # fmt: skip
    def test_a_key_that_cannot_publish_here_is_red(
        self, changed: dict[str, Any], sv: str, en: str, world: World
    ) -> None:
        """Kind, app, Page and permissions, each with what to do."""
        world.token |= changed
        only(world.look(), "red", sv, en)

    @pytest.mark.parametrize(
        ("subcode", "sv", "en"),
        [(460, "lösenordet", "password"), (463, "har gått ut", "expired"), (492, "någon roll", "a role"),
         (458, "borttagen från kontot", "removed"), (459, "loggar in", "sign in")],
    )  # fmt: skip
    def test_a_dead_key_says_why_it_died(self, subcode: int, sv: str, en: str, world: World) -> None:
        """The cure is another one for a changed password than for a lost role."""
        world.token = {"is_valid": False, "error": {"code": 190, "subcode": subcode, "message": "x"}}
        found = world.look()
        only(found, "red", sv, en)
        assert "kvittera" not in found.problems[0], "nothing waits to be sent"
        assert world.asked == ["debug_token"]

    def test_it_is_asked_every_three_minutes_however_often_somebody_looks(self, world: World) -> None:
        """An amber channel is looked at four times a minute; Facebook is not asked so often."""
        world.plans = {"data": [{"message": "x", "scheduled_publish_time": int(NOW.timestamp()) + 86_400}]}
        found = world.looks(*[15.0] * 11, 15.0)
        assert {one.state for one in found} == {"amber"}
        assert world.asked.count("debug_token") == 2

    def test_what_does_not_answer_is_asked_again_at_once(self, world: World) -> None:
        """Good news is not late, and a call that nobody answers costs nothing."""
        channel = world.channel()
        alive, world.token = world.token, {"is_valid": "nonsense"}

        async def look() -> list[str]:
            first = await channel.preflight()
            world.token = alive
            world.later(180)
            second = await channel.preflight()
            await channel.close()
            return [first.state, second.state]

        assert asyncio.run(look()) == ["amber", "green"]


class TestThePage:
    def test_an_unpublished_page_is_red(self, world: World) -> None:
        """Everything works, and nobody sees it."""
        world.page = {"id": PAGE, "is_published": False}
        only(world.look(), "red", "Sidan är inte publicerad", "not published")

    @pytest.mark.parametrize(
        ("answer", "state", "sv", "en"),
        [
            (error(10), "red", "inte har använts på 90 dagar", "not used for 90 days"),
            (error(100, 33), "red", "sidan inte finns", "does not exist"),
            (error(190, 460), "red", "lösenordet", "password"),
            (error(100), "amber", "godtog inte anropet", "did not accept"),
            (error(424242), "amber", "nekar utan en orsak", "for a reason we do not know"),
        ],
    )
    def test_a_page_that_cannot_be_read_says_why(
        self, answer: dict[str, Any], state: str, sv: str, en: str, world: World
    ) -> None:
        """The same error for both questions is said once."""
        world.page = world.plans = answer
        only(world.look(), state, sv, en)

    def test_it_is_read_once_an_hour(self, world: World) -> None:
        """A quiet Page has little to spend."""
        world.looks(180, 180, 180, 3000, 180)
        assert world.asked.count(PAGE) == 2
        assert world.asked.count(f"{PAGE}/scheduled_posts") == 2

    def test_a_reading_that_failed_is_tried_again_sooner(self, world: World) -> None:
        """Only Facebook's own no is kept for an hour."""
        world.page = httpx.Response(502, content=b"<html>")
        world.looks(180)
        assert world.asked.count(f"{PAGE}/scheduled_posts") == 2

    def test_nothing_is_read_from_eighty_per_cent(self, world: World) -> None:
        """What is left belongs to the message."""
        world.headers["X-Page-Usage"] = '{"call_count": 80}'
        found = world.looks(180, 180)
        only(found[0], "amber", "80 procent", "80 per cent")
        assert [path for path in world.asked if path != "debug_token"] == [PAGE]
        assert world.looks(3700)[1].state == "amber", "after an hour without a figure one question asks for it"

    def test_a_block_is_red_and_nothing_is_asked_of_the_page(self, world: World) -> None:
        """Not even a harmless question: it would make the block longer."""
        usage = {PAGE: [{"type": "pages", "call_count": 101, "estimated_time_to_regain_access": 12}]}
        world.page = httpx.Response(
            400, json=error(80001), headers={"X-Business-Use-Case-Usage": json.dumps(usage)})  # fmt: skip
        found = world.looks(180, 540)
        only(found[0], "red", "på ungefär 12 minuter", "for about 12 minutes")
        only(found[1], "red", "på ungefär 9 minuter", "for about 9 minutes")
        assert [path for path in world.asked if path != "debug_token"][:1] == [PAGE]
        assert world.asked.count(f"{PAGE}/scheduled_posts") == 0
        only(found[2], "amber", "101 procent", "101 per cent")


class TestWhatIsPlanned:
    def test_planned_posts_are_shown_with_the_next_one_first(self, world: World) -> None:
        """A cheerful post an hour into a crisis is avoided by whoever knows of it."""
        at = int(NOW.timestamp())
        world.plans = {
            "data": [
                {"message": "Om två dygn", "scheduled_publish_time": at + 2 * 86_400},
                {"message": "Välkommen på\nöppet hus! \x1b[31m" + "x" * 200, "scheduled_publish_time": at + 3 * 3600},
                {"message": "Redan ute", "scheduled_publish_time": at - 60},
            ]
        }
        found = world.look()
        only(found, "amber", "2 planerade inlägg i Metas planerare, nästa kl. 17.00: ”Välkommen på öppet hus!",
             "2 planned posts in Meta's scheduler, next at 17:00")  # fmt: skip
        assert found.problems[0].endswith("pausa i Meta Business Suite.")
        assert found.problems[0].isprintable() and len(found.problems[0]) < 250

    def test_one_tomorrow_says_its_day_and_more_than_a_page_says_so(self, world: World) -> None:
        """Nothing is counted that was not seen."""
        world.plans = {"data": [{"scheduled_publish_time": int(NOW.timestamp()) + 86_400}],
                       "paging": {"next": "https://x"}}  # fmt: skip
        only(world.look(), "amber", "Minst 1 planerat inlägg i Metas planerare, nästa 2026-11-29 kl. 14.00",
             "At least 1 planned post in")  # fmt: skip

    def test_what_has_gone_out_since_is_no_longer_planned(self, world: World) -> None:
        """The list is an hour old at most, and the clock goes on."""
        world.plans = {"data": [{"message": "x", "scheduled_publish_time": int(NOW.timestamp()) + 600}]}
        assert [one.state for one in world.looks(601)] == ["amber", "green"]


    def test_what_is_planned_is_given_as_data_too(self, world: World) -> None:
        """The desk shows each post that has a time; a list that goes on says so."""
        at = int(NOW.timestamp()) + 3600
        world.plans = {"data": [{"id": "1_2", "message": "Glad\npåsk", "scheduled_publish_time": at}, {"id": "1_3"}]}
        found = world.look().plans
        assert found == Plans((Planned("1_2", "Glad påsk", NOW + timedelta(hours=1)),), NOW, is_whole=True)
        world.plans = {"data": [], "paging": {"next": "https://x"}}
        assert world.look().plans == Plans((), NOW, is_whole=False)
        world.plans = httpx.Response(500)
        assert world.look().plans is None


class TestInPassing:
    @pytest.mark.parametrize(
        ("ours_later_s", "state"), [(0, "green"), (59, "green"), (61, "amber"), (120, "red"), (4000, "red"),
                                    (-61, "amber"), (-4000, "red")],
    )  # fmt: skip
    def test_a_clock_that_is_wrong_is_told(self, ours_later_s: int, state: str, world: World) -> None:
        """Two minutes off, the public reads wrong times."""
        theirs = world.at - timedelta(seconds=ours_later_s)
        world.headers["Date"] = theirs.strftime("%a, %d %b %Y %H:%M:%S GMT")
        found = world.look()
        assert found.state == state
        if state != "green":
            only(found, state, f"{abs(ours_later_s)} sekunder {'före' if ours_later_s > 0 else 'efter'}",
                 "time synchronisation")  # fmt: skip

    def test_a_clock_hours_ahead_is_told_with_what_it_would_do(self, world: World) -> None:
        """Then a search begins after our own post, and the same one may come out twice."""
        theirs = world.at - timedelta(hours=6)
        world.headers["Date"] = theirs.strftime("%a, %d %b %Y %H:%M:%S GMT")
        only(world.look(), "red", "samma inlägg kan komma ut två gånger", "may come out twice")

    @pytest.mark.parametrize("date", ["", "soon", "Sat, 99 Nov 2026 13:00:00 GMT", "Sat, 28 Nov 2026 13:00:00"])
    def test_a_date_that_is_none_says_nothing(self, date: str, world: World) -> None:
        """A broken head is no reason to worry anybody."""
        world.headers["Date"] = date
        assert world.look().state == "green"

    def test_another_version_than_the_one_asked_for_is_amber(self, world: World) -> None:
        """Facebook serves a dead version silently with the oldest that lives."""
        world.headers["facebook-api-version"] = "v22.0"
        only(world.look("v20.0"), "amber", "Vi frågar efter v20.0, men Facebook svarar som v22.0 (gäller till "
             "2027-05-20)", "answers as v22.0 (lives until 2027-05-20)")  # fmt: skip

    def test_a_version_that_soon_ends_is_amber(self, world: World) -> None:
        """Sixty days to change one line in peace."""
        world.headers["facebook-api-version"] = "v21.0"
        only(world.look("v21.0"), "amber", "gäller till 2027-01-21", "lives until 2027-01-21")
        world.headers["facebook-api-version"] = "v22.0"
        assert world.look("v22.0").state == "green"

    @pytest.mark.parametrize("said", ["", "26", "v26.0\\n<b>", "vX"])
    def test_a_version_that_is_none_says_nothing(self, said: str, world: World) -> None:
        """What is not a version is not shown to anybody."""
        world.headers["facebook-api-version"] = said
        assert world.look().state == "green"


class TestTheNinetyDays:
    def issued(self, world: World, days: int) -> None:
        world.token["issued_at"] = int((NOW - timedelta(days=days)).timestamp())

    @pytest.mark.parametrize(
        ("days", "sv"),
        [(75, None), (76, "inte har använts på 76 dagar"), (89, "Publicera något härifrån före dess"),
         (90, "Den kan redan vara indragen")],
    )  # fmt: skip
    def test_a_permission_that_rests_is_told_before_it_is_gone(
        self, days: int, sv: str | None, world: World
    ) -> None:
        """Reading is done every hour by this very check; publishing is not."""
        self.issued(world, 400)
        world.used = {"post": NOW - timedelta(days=200), "publish": NOW - timedelta(days=days)}
        found = world.look()
        if sv is None:
            assert found.state == "green"
        else:
            only(found, "amber", sv.replace("inte har använts", "har inte använts"), "pages_manage_posts")

    def test_a_key_that_is_new_has_nothing_that_rests(self, world: World) -> None:
        """What was granted yesterday counts from yesterday."""
        world.used = {"publish": NOW - timedelta(days=300)}
        assert world.look().state == "green"

    def test_what_nobody_wrote_down_is_not_guessed_at(self, world: World) -> None:
        """Without a record of attempts an old key may be in use every day."""
        self.issued(world, 400)
        assert world.look().state == "green"

    def test_a_key_that_was_never_used_counts_from_its_making(self, world: World) -> None:
        """Installed, and then a quiet spring."""
        world.used = {}
        self.issued(world, 80)
        only(world.look(), "amber", "har inte använts på 80 dagar", "for 80 days")


class TestOverRealHttp:
    def test_the_imitation_with_a_planned_post(self, sandbox: Sandbox, now: datetime, build: Any, run: Any) -> None:
        """The whole look against the imitated Page: token, Page and scheduler."""
        form = {"message": "Öppet hus", "published": "false", "scheduled_publish_time": str(now.timestamp() + 7200)}
        head = {"Authorization": "Bearer PAGETOK"}
        made = httpx.post(f"{sandbox.url}/graph/v26.0/{PAGE}/feed", data=form, headers=head, trust_env=False)
        assert made.status_code == 200
        channel = build("draft", f"{sandbox.url}/graph")
        found = run(channel, channel.preflight)
        only(found, "amber", "1 planerat inlägg i Metas planerare, nästa kl. 03.40: ”Öppet hus”", "Öppet hus")

    def test_during_a_pause_not_a_byte_is_sent(self, raw: Any, says: type[Says], post: Post) -> None:
        """The crisis post is refused once; until the minutes are over, no call of ours reaches Facebook."""
        world = World()
        page = configuration.Facebook(kind="facebook", base_url=raw.url, page_id=PAGE, app_id="4711", protocol="post")
        usage = json.dumps({PAGE: [{"type": "pages", "call_count": 101, "estimated_time_to_regain_access": 12}]})
        raw.then(says.answer(400, error(80001), f"X-Business-Use-Case-Usage: {usage}\r\n"),
                 says.answer(200, {"id": f"{PAGE}_7"}))  # fmt: skip
        steps = (Step.POST, Step.SEARCH, Step.LOOK, Step.EDIT, Step.WITHDRAW, Step.SWEEP)

        async def night() -> None:
            channel = Facebook("facebook", page, "PAGETOK", "s3cr3t", seconds=lambda: world.seconds)
            assert (await channel.call(Step.POST, post, 10)).wait_s == 720
            world.later(700)
            for step in steps:
                held = await channel.call(step, post, 10)
                assert (held.fact, held.reason, held.wait_s, held.code) == (Fact.REFUSED, Reason.RATE, 20, 80001)
            assert len(raw.seen) == 1
            world.later(20)
            assert (await channel.call(Step.POST, post, 10)).fact is Fact.DONE
            await channel.close()

        asyncio.run(night())
        assert len(raw.seen) == 2

    def test_at_a_hundred_per_cent_the_message_still_goes(self, raw: Any, says: type[Says], post: Post) -> None:
        """A figure is our arithmetic; only Facebook's own no holds back words."""
        page = configuration.Facebook(kind="facebook", base_url=raw.url, page_id=PAGE, app_id="4711", protocol="post")
        full = 'X-Page-Usage: {"call_count": 100}\r\n'
        raw.then(says.answer(200, {"id": f"{PAGE}_7"}, full))

        async def night() -> None:
            channel = Facebook("facebook", page, "PAGETOK", "s3cr3t")
            for _ in range(2):
                assert (await channel.call(Step.POST, post, 10)).fact is Fact.DONE
            held = await channel.call(Step.SEARCH, post, 10)
            assert (held.fact, held.reason, held.trouble) == (Fact.REFUSED, Reason.RATE, "facebook:paused")
            await channel.close()

        asyncio.run(night())
        assert [one.method for one in raw.seen] == ["POST", "POST"]
