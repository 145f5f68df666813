"""Which kinds of channel there are, and what somebody reads when one of them cannot be used."""

import textwrap
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from channels.installing import PAGE, files_of, install, run_with

from broadcaster import settings
from broadcaster.errors import Unfit
from broadcaster.kinds import GROUP, INSTALLED, Kind, Kinds
from broadcaster.settings import Settings

OURS = ["content_management", "facebook", "manual", "own_web", "phone_gateway", "restapp"]
GOOD = """
    from broadcaster.channels import Limit
    from broadcaster.errors import Text
    from broadcaster.kinds import Kind
    from broadcaster.settings import Outside

    class Model(Outside):
        pass

    KIND = Kind(name="pigeon", settings=Model, open=print, way="upsert", imitation=dict)
"""
Plugged = Callable[..., Kinds]


@pytest.fixture
def plugged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plugged:
    """Return the kinds of an installation with one module of somebody else's, named by these entry points."""
    monkeypatch.syspath_prepend(tmp_path)

    def made(source: str, *points: tuple[str, str]) -> Kinds:
        module = f"pigeons_{abs(hash((source, points)))}"
        (tmp_path / f"{module}.py").write_text(textwrap.dedent(source), "utf-8")
        return Kinds(lambda: [EntryPoint(name, f"{module}{value}", GROUP) for name, value in points])

    return made


@pytest.mark.parametrize("name", OURS)
def test_every_kind_of_ours_is_a_kind_in_the_same_table(name: str) -> None:
    kind = INSTALLED.named(name)
    assert isinstance(kind, Kind)
    assert kind.name == name
    assert issubclass(kind.settings, settings.ChannelPart)


def test_every_kind_that_the_contract_names_for_a_channel_exists() -> None:
    assert {kind for kinds in settings.KINDS.values() for kind in kinds} <= set(OURS)


def test_an_unknown_kind_is_told_which_ones_there_are(plugged: Plugged) -> None:
    """Whoever mistypes a kind reads what they could have meant, also what other packages bring."""
    kinds = plugged(GOOD, ("pigeon", ":KIND"))
    with pytest.raises(Unfit, match=r"'pigoen'; there are .*facebook.*pigeon.*restapp.*Is its package installed here"):
        kinds.named("pigoen")


def test_a_kind_of_another_package_is_found_by_its_name(plugged: Plugged) -> None:
    kinds = plugged(GOOD, ("pigeon", ":KIND"))
    assert kinds.named("pigeon").name == "pigeon"
    assert (list(kinds.plugged), kinds.troubles) == (["pigeon"], ())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("KIND = ", "raise OSError('no such library')\nKIND = "), "OSError: no such library"),
        (("KIND = Kind(", "KIND = dict("), "is a dict and no broadcaster.kinds.Kind"),
        (("class Model(Outside)", "class Model(NotThere)"), "NameError"),
        (('name="pigeon"', 'name="dove"'), "calls itself 'dove'"),
        (("settings=Model", "settings=Limit"), "no broadcaster.settings.Outside"),
        (('way="upsert"', 'way="row"'), "its way is none of upsert, draft, post"),
        (('way="upsert"', 'way="person"'), "its way is none of upsert, draft, post"),
        ((", imitation=dict", ""), "no imitation, so no drill could use it"),
        (("imitation=dict", 'imitation=dict, names={"loft": Text("Slag", "")}'), "missing in one of the two languages"),
        (("imitation=dict", "imitation=dict, limit=Limit(160)"), "names no channel keys"),
        (("imitation=dict", 'imitation=dict, keeps=frozenset({"base_url"})'), "it keeps base_url in a drill"),
        (("open=print, ", ""), "TypeError"),
    ],
)
def test_one_that_cannot_be_used_says_which_package_why_and_what_to_do(
    plugged: Plugged, change: tuple[str, str], said: str
) -> None:
    """And it spoils nothing but itself."""
    source = textwrap.dedent(GOOD)
    assert source.count(change[0]) == 1
    kinds = plugged(source.replace(*change), ("pigeon", ":KIND"))
    (sentence,) = kinds.troubles
    assert said in sentence
    assert "of the package pigeons_" in sentence
    assert 'remove it; until then, set the channel to kind = "manual"' in sentence
    with pytest.raises(Unfit, match="cannot be used"):
        kinds.named("pigeon")
    assert kinds.named("facebook").name == "facebook"
    assert kinds.plugged == {}


def test_nobody_takes_a_name_of_ours_and_the_second_of_two_is_told_so(plugged: Plugged) -> None:
    kinds = plugged(GOOD, ("pigeon", ":KIND"), ("pigeon", ":Other"), ("facebook", ":KIND"))
    assert kinds.named("facebook") is not kinds.named("pigeon")
    assert [word in said for said, word in zip(kinds.troubles, ("name is taken", "two installed"), strict=True)] == [
        True,
        True,
    ]


def test_nothing_is_loaded_before_it_is_asked_for(plugged: Plugged) -> None:
    """A package that breaks when it is loaded does not break a service that does not use it."""
    kinds = plugged("raise SystemError", ("pigeon", ":KIND"))
    assert kinds.named("manual").way == "person"


def channels(**parts: Any) -> dict[str, Any]:
    """Return whole settings with these channels."""
    organisation = {"name": "Region Värmland", "short": "RV", "county": "17", "base_url": "https://kris.example"}
    return {"folder": Path("/"), "organisation": organisation, "channels": parts}


SITE = {"kind": "restapp", "base_url": "https://www.region.example/rest-api/kris", "user": "kris"}


class TestInTheSettings:
    """A channel's lines are read by the model of its kind."""

    def test_a_kind_brings_its_own_lines(self) -> None:
        read = Settings.model_validate(channels(region_web=SITE, intranet={**SITE, "user": "intern"}))
        assert [read.channels[key].model_dump()["user"] for key in ("region_web", "intranet")] == ["kris", "intern"]

    @pytest.mark.parametrize(
        ("key", "lines", "said"),
        [
            ("region_web", {**SITE, "kind": "restap"}, "there is no kind 'restap'"),
            ("region_web", {**SITE, "kind": 7}, "say what kind of channel this is"),
            ("region_web", {**SITE, "user": "a:b"}, "channels.region_web.user"),
            ("region_web", {**SITE, "password": "x"}, "channels.region_web.password"),
            ("region_web", {**SITE, "base_url": "http://www.region.example"}, "plain http is for imitations"),
            ("facebook", SITE, r"kind 'restapp' is not one of \['facebook', 'manual'\]"),
            ("second_page", {"kind": "facebook", "page_id": "1", "app_id": "1"}, "is only for facebook"),
        ],
    )
    def test_a_wrong_line_is_named(self, key: str, lines: dict[str, Any], said: str) -> None:
        with pytest.raises(ValueError, match=said):
            Settings.model_validate(channels(**{key: lines}))


class TestAnotherPackageInARealProcess:
    """The example of docs/adding-a-channel.md, installed beside the service."""

    SETTINGS = """
[organisation]
name = "Region Värmland"
short = "RV"
county = "17"
base_url = "https://kris.region.example"
[channels.KEY]
kind = "noticeboard"
base_url = "https://screens.region.example"
"""

    def load(self, folder: Path, key: str, ask: str) -> str:
        """Return what a process with the package says when it reads settings with the channel."""
        (folder / "settings.toml").write_text(self.SETTINGS.replace("KEY", key), "utf-8")
        environ = {"BROADCASTER_CONFIG": str(folder / "settings.toml")}
        ran = run_with(folder, "-c", f"from broadcaster.settings import load\nloaded = load()\n{ask}", environ=environ)
        return ran.stdout + ran.stderr

    def test_its_channel_has_a_name_a_limit_and_a_secret_of_its_own(self, tmp_path: Path) -> None:
        install(tmp_path, files_of(PAGE))
        ask = (
            "from broadcaster.channels import limit_of\nfrom broadcaster.channels.names import channel_name\n"
            "from broadcaster.channels.opening import secret_names\n"
            "print(channel_name('waiting_rooms').sv, limit_of('waiting_rooms').characters, *secret_names(loaded))"
        )
        said = self.load(tmp_path, "waiting_rooms", ask)
        assert said == "Skärmar i väntrum 900 BROADCASTER_WAITING_ROOMS_TOKEN\n"

    def test_its_imitation_is_there_for_drills_and_for_the_sandbox_command(self, tmp_path: Path) -> None:
        """Mounted under its kind, with the faults that the sandbox has for everybody."""
        install(tmp_path, files_of(PAGE))
        ask = (
            "import httpx\nfrom broadcaster.sandbox import Sandbox\n"
            "from broadcaster.channels.opening import imitations\n"
            "rules = {'noticeboard': [{'on': 'GET /notices/{id}', 'do': 'html_502', 'times': 1}]}\n"
            "with Sandbox(services=imitations(loaded), script=rules) as sandbox:\n"
            "    where = f'{sandbox.url}/noticeboard/notices/1'\n"
            "    print(*[httpx.get(where, trust_env=False).status_code for _ in range(2)])"
        )
        assert self.load(tmp_path, "waiting_rooms", ask) == "502 401\n"

    def test_a_key_for_which_no_playbook_was_proved_is_refused(self, tmp_path: Path) -> None:
        """900 characters are proved for `waiting_rooms`; under another name a text could turn out too long at night."""
        install(tmp_path, files_of(PAGE))
        assert "kind 'noticeboard' is only for waiting_rooms" in self.load(tmp_path, "screens", "")

    def test_without_the_package_the_settings_say_so(self, tmp_path: Path) -> None:
        assert "there is no kind 'noticeboard'" in self.load(tmp_path, "waiting_rooms", "")

    def test_a_broken_package_is_named_with_its_version(self, tmp_path: Path) -> None:
        install(tmp_path, {**files_of(PAGE), "noticeboard_imitation.py": "from nowhere import Nothing"})
        said = self.load(tmp_path, "waiting_rooms", "")
        assert "[channels.waiting_rooms]" in said
        assert "kind 'noticeboard' of the package broadcaster-noticeboard 1.0 cannot be used: ModuleNot" in said
