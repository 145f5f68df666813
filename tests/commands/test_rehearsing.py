"""`rehearse`: what a region finds out about its own test places before it relies on them."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from broadcaster import settings as configuration
from broadcaster.channels._http import over_network
from broadcaster.commands.rehearsing import Place, try_place
from broadcaster.rehearsal import Line
from broadcaster.sandbox import Sandbox

Operator = Any
SECRETS = {
    "BROADCASTER_REHEARSAL_FACEBOOK_TOKEN": "PAGETOK",
    "BROADCASTER_REHEARSAL_FACEBOOK_APP_SECRET": "s3cr3t",
    "BROADCASTER_REHEARSAL_1177_CLIENT_ID": "kris-test",
    "BROADCASTER_REHEARSAL_1177_CLIENT_SECRET": "client-secret-of-the-test",
    "BROADCASTER_REHEARSAL_1177_PHONE_TOKEN": "PHONETOK",
}
PLACES = """
[rehearsal]
test_places = {vouched}
[rehearsal.channels.facebook]
kind = "facebook"
base_url = "{url}/graph"
page_id = "100200300"
app_id = "4711"
[rehearsal.channels.1177_notice]
kind = "content_management"
base_url = "{url}/cms"
parent = "4711"
[rehearsal.channels.1177_phone]
kind = "phone_gateway"
base_url = "{url}/phone"
"""
#: What a page of the imitation is asked, and what it says, in order.
PAGE = [
    ("does it let us in?", "yes"),
    ("may we make a draft?", "yes"),
    ("may it show a picture?", "yes"),
    ("does a list show the draft?", "yes"),
    ("does it name the app that made it?", "yes"),
    ("may the draft be published?", "yes"),
    ("does a read-back show it?", "yes"),
    ("does a list show it?", "yes"),
    ("does somebody who is signed out see it?", "yes"),
    ("is publishing it a second time harmless?", "yes"),
    ("may we edit it?", "yes"),
    ("does a read-back show the edit?", "yes"),
    ("may we delete it?", "yes"),
    ("is it gone then?", "yes"),
    ('is protocol = "draft" the right setting?', "yes"),
    ("is everything taken away again?", "yes"),
]


@pytest.fixture
def world() -> Iterator[Sandbox]:
    """Return test places that keep their own time."""
    with Sandbox() as running:
        yield running


@pytest.fixture
def named(operator: Operator, world: Sandbox) -> Callable[..., Operator]:
    """Return what writes the test places into an operator's settings."""

    def write(vouched: bool = False, more: str = "") -> Operator:
        file = operator.folder / "settings.toml"
        places = PLACES.format(vouched=str(vouched).lower(), url=world.url)
        file.write_text(file.read_text("utf-8") + more + places, "utf-8")
        operator.environ.update(SECRETS)
        return operator

    return write


def out_there(world: Sandbox) -> list[Any]:
    """Return everything that the public or a Page's editors would still find."""
    found = httpx.get(f"{world.url}/_state", trust_env=False).json()
    return [*found["facebook"]["published"], *found["facebook"]["drafts"], *found["cms"], *found["phone"]]


def asked(world: Sandbox) -> int:
    return len(httpx.get(f"{world.url}/_log", trust_env=False).json()["items"])


def tried(
    world: Sandbox, key: str, *rules: Mapping[str, Any], connect: Any = None, patience_s: float = 3, **changes: Any
) -> list[Line]:
    """Try one imitation out, with faults, and return every line."""
    kinds: dict[str, Any] = {
        "facebook": configuration.Facebook(
            kind="facebook", base_url=f"{world.url}/graph", page_id="100200300", app_id="4711", **changes
        ),
        "cms": configuration.ContentManagement(kind="content_management", base_url=f"{world.url}/cms", parent="4711"),
        "phone": configuration.PhoneGateway(kind="phone_gateway", base_url=f"{world.url}/phone"),
    }
    httpx.put(f"{world.url}/_script", json={key: list(rules)}, trust_env=False).raise_for_status()
    lines: list[Line] = []
    place = Place(key, kinds[key], "test", False)



    asyncio.run(try_place(place, lines.append, patience_s, SECRETS, connect))
    return lines


def said(lines: list[Line]) -> list[tuple[str, str]]:
    return [(line.question, line.said) for line in lines]


class Refusing(httpx.AsyncBaseTransport):
    """A way to the imitations on which one method is refused, as some apps find."""

    def __init__(self, method: str, status: int, body: Mapping[str, Any]) -> None:
        self._inner, self._method, self._status, self._body = over_network()(), method, status, body

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == self._method:
            return httpx.Response(self._status, json=self._body, request=request)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


class TestBeforeAnythingIsPublished:
    """Nothing goes out before a person has read what will, and typed where."""

    def test_it_says_what_it_will_publish_and_for_how_long(self, named: Any, world: Sandbox) -> None:
        """And where the confirmation is not the Page's id, it ends with 2 and nothing was asked of anybody."""
        found = named().type("rehearse", "facebook", given="yes\n")
        assert found.exit_code == 2
        assert "one public post on the Facebook Page 100200300" in found.output
        assert "words that say TEST" in found.output and "360 at most" in found.output
        assert "Nothing has been published." in found.output
        assert asked(world) == 0

    def test_the_live_page_is_refused_unless_the_settings_vouch_for_it(self, named: Any, world: Sandbox) -> None:
        """Also at another address: the id is what the public knows."""
        live = '[channels.facebook]\nkind = "facebook"\npage_id = "100200300"\napp_id = "1"\n'
        found = named(more=live).type("rehearse", "facebook", given="100200300\n")
        assert found.exit_code == 2
        assert "where the live channels publish, so nothing has been tried" in " ".join(found.output.split())
        assert asked(world) == 0

    def test_a_test_installation_vouches_and_still_types_the_id(self, named: Any, world: Sandbox) -> None:
        """The flag opens the question; only the typed id answers it."""
        live = '[channels.facebook]\nkind = "facebook"\npage_id = "100200300"\napp_id = "1"\n'
        operator = named(vouched=True, more=live)
        assert operator.type("rehearse", "facebook", given="\n").exit_code == 2
        assert asked(world) == 0
        assert operator.type("rehearse", "facebook", given="100200300\n").exit_code == 0

    def test_without_a_test_place_it_says_where_to_name_one(self, operator: Operator) -> None:
        """Exit 2: wrong usage, and the words say what to write where."""
        found = operator.type("rehearse")
        assert found.exit_code == 2 and "[rehearsal.channels.<key>]" in found.output
        assert operator.type("rehearse", "facebok").exit_code == 2

    def test_a_live_secret_does_not_open_a_test_place(self, named: Any, world: Sandbox) -> None:
        """The test places' secrets have names of their own, and the missing one is named."""
        operator = named()
        del operator.environ["BROADCASTER_REHEARSAL_FACEBOOK_TOKEN"]
        operator.environ["BROADCASTER_FACEBOOK_TOKEN"] = "PAGETOK"
        found = operator.run("rehearse", "facebook", given="100200300\n")
        assert found.returncode == 1
        assert "BROADCASTER_REHEARSAL_FACEBOOK_TOKEN is missing" in found.stderr
        assert asked(world) == 0


class TestAllOfIt:
    """The whole list against the imitations, as an administrator types it."""

    def test_every_place_is_tried_and_left_as_it_was_found(self, named: Any, world: Sandbox) -> None:
        """One line for each answer, exit 0, and nothing remains."""
        given = f"100200300\n4711\n{world.url.removeprefix('http://')}\n"
        found = named().type("rehearse", given=given)
        assert found.exit_code == 0, found.output
        lines = [line for line in found.output.splitlines() if " ms  " in line]
        assert len(lines) == 36 and all(line.startswith("yes") for line in lines), found.output
        assert "all is proved: 36 answers" in found.output
        assert out_there(world) == []

    def test_what_was_published_said_test(self, world: Sandbox) -> None:
        """Every word that reached the Page begins with TEST, or with the solved line and TEST."""
        tried(world, "facebook")
        bodies = [one["body"] for one in httpx.get(f"{world.url}/_log", trust_env=False).json()["items"]]
        words = [parse_qs(str(one))["message"][0] for one in bodies if "message=" in str(one)]
        assert [one.partition("\n")[0] for one in words] == [
            "TEST – PROV AV KRISKANALEN",
            "LÖST – TEST – PROV AV KRISKANALEN",
        ]
        assert all("Inget har hänt." in one and "Nothing has happened." in one for one in words)

    def test_ctrl_c_takes_away_what_was_published(self, named: Any, world: Sandbox) -> None:
        """Ended in the middle, it cleans up first and says that not everything was tried."""
        rules = {"facebook": [{"on": "GET /{page}/published_posts", "do": "list_lag:600"}]}
        httpx.put(f"{world.url}/_script", json=rules, trust_env=False).raise_for_status()
        operator = named()
        process = subprocess.Popen(
            [sys.executable, "-m", "broadcaster", "rehearse", "facebook", "--patience", "300"],
            env={**operator.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write("100200300\n")
        process.stdin.flush()
        output = ""
        for line in process.stdout:
            output += line
            if "does a read-back show it?" in line:
                process.send_signal(signal.SIGINT)
                break
        rest, _ = process.communicate(timeout=60)
        assert process.returncode == 1, output + rest
        assert "is everything taken away again?" in rest and "it was ended before" in rest
        assert out_there(world) == []


class TestWhatAPageMayRefuse:
    """Each thing that Facebook promises nowhere, refused or late: said in words, and cleaned up all the same."""

    def test_a_page_that_does_everything(self, world: Sandbox) -> None:
        """The order of the questions, and a yes to each."""
        assert said(tried(world, "facebook")) == PAGE

    def test_drafts_refused_means_posting_directly(self, world: Sandbox) -> None:
        """The list goes on with a post, and says which setting is right."""
        lines = tried(world, "facebook", {"on": "POST /{page}/feed", "do": "refuse_drafts"})
        found = dict(said(lines))
        assert (found["may we make a draft?"], found["may we post directly?"]) == ("no", "yes")
        assert [line.note for line in lines if "right setting" in line.question] == ['set protocol = "post"']
        assert found["is everything taken away again?"] == "yes"
        assert out_there(world) == []
        right = tried(world, "facebook", {"on": "POST /{page}/feed", "do": "refuse_drafts"}, protocol="post")
        assert [line for line in right if line.is_trouble] == []

    def test_pictures_refused_are_said_and_are_no_trouble(self, world: Sandbox) -> None:
        """The words go without them, and nobody has to act before a crisis."""
        lines = tried(world, "facebook", {"on": "POST /{page}/photos", "do": "error:100/1366046"})
        line = next(line for line in lines if line.question == "may it show a picture?")
        assert (line.said, line.is_trouble) == ("no", False) and "posts will have no pictures" in line.note
        assert [line for line in lines if line.is_trouble] == [] and out_there(world) == []

    def test_a_list_that_lags_is_timed(self, world: Sandbox) -> None:
        """A second late is a yes with its time; later than the patience is a no that says so."""
        lag = {"on": "GET /{page}/published_posts", "do": "list_lag:1"}
        line = next(line for line in tried(world, "facebook", lag) if line.question == "does a list show it?")
        assert line.said == "yes" and line.took_ms > 0
        lag["do"] = "list_lag:600"
        lines = tried(world, "facebook", lag, patience_s=1)
        line = next(line for line in lines if line.question == "does a list show it?")
        assert (line.said, "not within 1 s" in line.note) == ("no", True)
        assert out_there(world) == []

    def test_a_post_that_only_our_own_people_see_is_found_out(self, world: Sandbox) -> None:
        """To the API an app in development looks like any other: only a reader without an account can tell."""
        httpx.put(f"{world.url}/_graph", json={"development": True}, trust_env=False).raise_for_status()
        lines = tried(world, "facebook")
        line = next(line for line in lines if line.question == "does somebody who is signed out see it?")
        assert (line.said, line.is_trouble) == ("no", True)
        assert "in development mode only people with a role on the app see its posts" in line.note
        assert ("does a read-back show it?", "yes") in said(lines)
        assert out_there(world) == []

    def test_a_page_that_is_not_published_ends_it_at_once(self, world: Sandbox) -> None:
        """Nobody would see anything, so nothing is tried."""
        httpx.put(f"{world.url}/_graph", json={"page_published": False}, trust_env=False).raise_for_status()
        (line,) = tried(world, "facebook")
        assert (line.question, line.said) == ("does it let us in?", "no")
        assert "publicerad" in line.note

    def test_deleting_that_is_not_allowed_is_said_with_what_to_take_down_by_hand(self, world: Sandbox) -> None:
        """Some apps may publish and not delete; then a person is told exactly what is left where."""
        error = {"error": {"message": "(#200) Permissions error", "type": "OAuthException", "code": 200}}
        lines = tried(world, "facebook", connect=lambda: Refusing("DELETE", 403, error))
        found = dict(said(lines))
        assert found["may we delete it?"] == "not allowed"
        last = lines[-1]
        assert (last.question, last.said, last.is_trouble) == ("is everything taken away again?", "no", True)
        assert "TAKE IT DOWN BY HAND: what bears TEST-" in last.note and "Page 100200300" in last.note

    def test_a_dead_token_ends_it_at_once(self, world: Sandbox) -> None:
        """Nothing is published with a token that is not ours to use."""
        lines = tried(world, "facebook", {"on": "GET /debug_token", "do": "token_dead"})
        assert said(lines) == [("does it let us in?", "no")]
        assert out_there(world) == []

    @pytest.mark.parametrize("fault", ["applied_then_500", "applied_then_drop"])
    def test_a_post_whose_answer_was_lost_is_found_and_taken_away(self, fault: str, world: Sandbox) -> None:
        """Nobody knows its id; the mark in its words finds it."""
        drafts = {"on": "POST /{page}/feed", "do": "refuse_drafts", "times": 1}
        lost = {"on": "POST /{page}/feed", "do": fault}
        lines = tried(world, "facebook", drafts, lost)
        assert ("may we post directly?", "not known") in said(lines)
        assert lines[-1].said == "yes"
        assert out_there(world) == []


class TestContentAndPhone:
    """The 1177 channels: what order and taking down rest on."""

    def test_a_content_api_that_does_everything(self, world: Sandbox) -> None:
        assert said(tried(world, "cms")) == [
            ("does it let us in?", "yes"),
            ("does its full validation take our page, as a draft without an end?", "yes"),
            ("may we publish?", "yes"),
            ("does a read-back show our words as public?", "yes"),
            ("is putting the same again harmless?", "yes"),
            ("are the words still exactly ours?", "yes"),
            ("may we end the publication (stopPublish)?", "yes"),
            ("does that take it down?", "yes"),
            ("is everything taken away again?", "yes"),
            ("may it be put in the wastebasket?", "yes"),
        ]

    def test_a_content_api_without_the_right_to_delete_is_no_trouble(self, world: Sandbox) -> None:
        """What is taken down by its end of publication is not public; the rest is an editor's."""
        problem = {"type": "x", "title": "Forbidden", "status": 403, "detail": "Access was denied", "code": "Forbidden"}
        lines = tried(world, "cms", connect=lambda: Refusing("DELETE", 403, problem))
        assert lines[-1].said == "not allowed" and "no longer public" in lines[-1].note
        assert [line for line in lines if line.is_trouble] == []

    def test_a_gateway_that_keeps_the_contract(self, world: Sandbox) -> None:
        assert said(tried(world, "phone")) == [
            ("does it let us in?", "yes"),
            ("does it take an announcement?", "yes"),
            ("do callers hear it?", "yes"),
            ("is putting the same again harmless?", "yes"),
            ("is an older revision refused (409)?", "yes"),
            ("are other words under the same revision refused (409)?", "yes"),
            ("may it be taken down?", "yes"),
            ("is it silent then?", "yes"),
            ("does a tombstone keep it from coming back (409)?", "yes"),
            ("is everything taken away again?", "yes"),
        ]

    def test_a_gateway_that_hangs_is_not_known_and_the_list_ends(self, world: Sandbox) -> None:
        """An answer that never came is neither yes nor no."""
        lines = tried(world, "phone", {"on": "PUT /announcements/{id}", "do": "applied_then_drop"})
        assert ("does it take an announcement?", "not known") in said(lines)
        assert lines[-1].said == "yes" and out_there(world) == []
