"""The one place where parts meet: web and worker from one settings object, with what each needs and no more."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import request
from service import PLAYBOOKS, SECRET_KEY, SECRETS, Clock, Service, settings_for

from broadcaster import app
from broadcaster.errors import Unfit
from broadcaster.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path, "http://127.0.0.1:1")


class TestBuild:
    def test_putting_the_parts_together_touches_no_database_and_no_channel(
        self, settings: Settings, clock: Clock
    ) -> None:
        parts = app.build(settings, clock=clock.now, ring=lambda: None)
        assert not (settings.folder / "broadcaster.db").exists()
        assert {one.id for one in parts.playbooks.files.all()} >= {"telefoni-1177"}
        assert parts.broadcasts.store is parts.store is parts.board.store
        parts.store.close()

    def test_a_playbook_that_is_not_sound_stops_the_start_with_file_and_line(self, tmp_path: Path) -> None:
        (tmp_path / "mallar").mkdir()
        (tmp_path / "mallar" / "register.toml").write_text((PLAYBOOKS / "register.toml").read_text("utf-8"), "utf-8")
        (tmp_path / "mallar" / "trasig.toml").write_text('id = "trasig"\n', "utf-8")
        settings = settings_for(tmp_path, "http://127.0.0.1:1", playbooks={"folder": "mallar"})
        with pytest.raises(Unfit, match=r"trasig\.toml:"):
            app.build(settings)


class TestTheWeb:
    def test_the_whole_web_has_every_door_and_the_public_one_only_the_publics(self, service: Service) -> None:
        whole, public = service.flask(), app.public_web(service.parts, SECRET_KEY)
        doors = {"/": True, "/feed.json": True, "/healthz": True, "/login": False, "/api/v1/openapi.json": False}
        for path, both in doors.items():
            assert whole.test_client().get(path).status_code == 200, path
            assert (public.test_client().get(path).status_code == 200) is both, path
        assert public.test_client().post("/api/v1/messages", json={}).status_code in (404, 405)

    def test_an_address_a_visitor_claims_is_believed_only_behind_a_proxy_of_ours(self, service: Service) -> None:
        seen: dict[int, str | None] = {}
        for hops in (0, 1):
            web = app.web(service.parts, SECRET_KEY, hops=hops)

            @web.before_request
            def look(hops: int = hops) -> None:
                seen[hops] = request.remote_addr

            web.test_client().get("/healthz", headers={"x-forwarded-for": "203.0.113.9"})
        assert seen == {0: "127.0.0.1", 1: "203.0.113.9"}

    def test_a_short_key_does_not_start_the_web(self, service: Service) -> None:
        with pytest.raises(Unfit, match="32 or more"):
            app.web(service.parts, "kort")


class TestSecrets:
    #: of channels that these settings have not
    NOT_SET_UP = frozenset({"BROADCASTER_REGION_WEB_PASSWORD", "BROADCASTER_INTRANET_PASSWORD"})

    @pytest.mark.parametrize("missing", sorted(SECRETS.keys() - NOT_SET_UP))
    def test_a_worker_without_a_channels_secret_says_which(self, settings: Settings, missing: str) -> None:
        environ = {name: value for name, value in SECRETS.items() if name != missing}
        with pytest.raises(Unfit, match=missing):
            app.live_channels(settings, environ)

    def test_a_live_facebook_never_takes_the_imitations_token(self, settings: Settings) -> None:
        channels: dict[str, Any] = dict(settings.channels)
        channels["facebook"] = channels["facebook"].model_copy(update={"base_url": "https://graph.facebook.com"})
        with pytest.raises(Unfit, match="imitation"):
            app.live_channels(settings.model_copy(update={"channels": channels}), SECRETS)

    def test_the_key_of_the_web_has_to_be_set(self) -> None:
        for environ in ({}, {"BROADCASTER_SECRET_KEY": "changeme"}):
            with pytest.raises(Unfit, match="BROADCASTER_SECRET_KEY"):
                app.secret_key(environ)

    def test_the_bell_takes_its_secrets_from_the_environment_and_points_at_the_board(self, settings: Settings) -> None:
        bell = app.bell(settings, {"BROADCASTER_SMTP_PASSWORD": "a", "BROADCASTER_ALARM_WEBHOOK_SECRET": "b"})
        assert bell.board_url == "http://127.0.0.1:8000/desk"
        assert bell.ways == ()


def test_what_lies_inside_an_installed_package_is_taken_before_what_lies_beside_it() -> None:
    """Beside an installed package lies whatever else is installed: somebody's `templates`, too."""
    assert app.resource("migrations") == app.PACKAGE / "migrations"
    assert app.resource("templates").is_dir() and app.resource("gunicorn.conf.py").is_file()


def test_the_first_page_of_the_api_describes_itself(service: Service) -> None:
    described = json.loads(service.flask().test_client().get("/api/v1/openapi.json").data)
    assert described["openapi"].startswith("3.")


def test_a_log_that_cannot_be_written_is_nobodys_trouble() -> None:
    """A full disk, or a collector that went away: whoever logs goes on as if nothing were."""
    full = Path("/dev/full").open("w", buffering=1, encoding="utf-8")  # noqa: SIM115 - closing it fails too
    stream = app.Unfailing(full)
    assert stream.write("a line\n") == 7
    stream.flush()
    with pytest.raises(OSError, match="No space"):
        full.close()
    assert stream.write("after it was closed\n") == 20
