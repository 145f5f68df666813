"""Pictures through the whole service: once, with the words, and the words on time whatever becomes of the picture."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from drawn import ALT, EVERYWHERE, JPEG, hang, png, sha256
from service import Service
from sqlalchemy import delete

from broadcaster import app, approval
from broadcaster.channels import Step
from broadcaster.channels.facebook import appsecret_proof
from broadcaster.picture_table import picture
from broadcaster.settings import Settings

PHOTOS, FEED, POST = "POST /{page}/photos", "POST /{page}/feed", "POST /{post}"
Pictured = Callable[..., Service]
WAYS = ["draft", "post"]
#: As in earnest: a third of it is long enough for a picture also on a machine that is busy.
DELIVERY = {"call_timeout_s": 15, "lease_s": 30}


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite only: what is said to the Page has no SQL of its own, and the gallery is proved on both."""
    return f"sqlite:///{tmp_path / 'broadcaster.db'}"


def in_way(service: Service, way: str) -> Settings:
    """Return the settings with Facebook's way chosen."""
    facebook = service.parts.settings.channels["facebook"].model_copy(update={"protocol": way})
    return service.parts.settings.model_copy(
        update={"channels": {**service.parts.settings.channels, "facebook": facebook}}
    )


def rebuild(service: Service, settings: Settings) -> Service:
    """Start the service anew with other settings, on the same database."""
    service.parts.store.close()
    service.parts = app.build(settings, clock=service.clock.now, ring=lambda: None)
    return service


@pytest.fixture(params=WAYS)
def service(request: Any, pictured: Pictured) -> Service:
    """A service whose telephone playbook has a picture everywhere, on a Page of both ways in turn."""
    made = pictured(delivery=DELIVERY)
    return rebuild(made, in_way(made, request.param))


def facebook_of(message: dict[str, Any]) -> dict[str, Any]:
    return next(one for one in message["deliveries"] if one["channel"] == "facebook")


def posts(service: Service) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = service.shown()["facebook"]["published"]
    return found


def uploads(service: Service) -> int:
    return sum(one["method"] == "POST" and one["path"].endswith("/photos") for one in service.log())


def board_says(service: Service, message: dict[str, Any]) -> str | None:
    """Return what the board says of a picture that did not come along."""
    situation = service.parts.board.situation(message["incident"])
    (row,) = [one for one in situation.messages[-1].deliveries if one.channel == "facebook"]
    return row.without_picture.sv if row.without_picture else None


def reasons(service: Service, *steps: Step) -> list[str]:
    """Return the reasons the log gives for calls that were done."""
    closed = [one for one in service.entries() if one["type"] == "attempt:closed"]
    return [one["reason"] for one in closed if one["step"] in steps and one["fact"] == "done"]


def test_a_picture_comes_out_once_with_the_words(service: Service) -> None:
    message = service.send()
    service.pay(steps=3, seconds=1)
    (post,) = posts(service)
    assert [one["alt_text"] for one in post["photos"]] == [ALT]
    found = facebook_of(service.parts.board.message(message["id"]))
    assert found["state"] == "published" and uploads(service) == 1
    assert board_says(service, message) is None
    assert "no_picture" not in reasons(service, Step.DRAFT, Step.POST)


@pytest.mark.parametrize("do", ["error_500", "hang", "error:100/1366051", "token_dead", "drop_before"])
def test_the_words_go_alone_and_on_time_and_the_board_and_the_log_say_so(service: Service, do: str) -> None:
    service.script(facebook=[{"on": PHOTOS, "do": do, "times": 20}])
    message = service.send()
    service.pay()
    (post,) = posts(service)
    assert not post.get("photos") and message["mark"] in post["text"]
    assert facebook_of(service.parts.board.message(message["id"]))["state"] == "published"
    assert "bilder kunde inte följa med" in (board_says(service, message) or "")
    assert reasons(service, Step.DRAFT, Step.POST) == ["no_picture"]


def test_a_picture_that_is_gone_from_the_database_does_not_keep_the_words(service: Service) -> None:
    with service.parts.store.transaction() as transaction:
        transaction.execute(delete(picture))
    message = service.send()
    service.pay()
    (post,) = posts(service)
    assert not post.get("photos") and uploads(service) == 0
    assert "bilder kunde inte följa med" in (board_says(service, message) or "")


def test_a_running_incident_keeps_its_picture_when_the_file_changes(service: Service, tmp_path: Path) -> None:
    """What two people approved is what is shown, until the incident is over."""
    message = service.send()
    service.pay()
    changed = hang(tmp_path / "changed", karta_png=png(shade=7))
    settings = service.parts.settings.model_copy(
        update={"playbooks": service.parts.settings.playbooks.model_copy(update={"folder": str(changed)})}
    )
    rebuild(service, settings).clock.advance(60)
    service.send("update", message["incident"])
    service.pay(steps=3, seconds=1)
    assert len(posts(service)) == 2 and all(len(one["photos"]) == 1 for one in posts(service))
    with service.parts.store.reading() as transaction:
        stored = [row.sha256 for row in transaction.execute(picture.select()).all()]
        assert approval.status(transaction, service.parts.playbooks["telefoni-1177"].digest).state == "pending"
    assert stored == [sha256(png())]


def test_a_worker_that_dies_between_upload_and_post_makes_one_post(service: Service) -> None:
    """The photo it left behind is seen by nobody; the next worker uploads its own."""
    message = service.send()
    claims = [one for one in service.outbox().claim("worker that dies") if one.channel == "facebook"]
    (lost,) = claims[0].post.pictures
    form = {"access_token": "PAGETOK", "published": "false", "appsecret_proof": appsecret_proof("PAGETOK", "s3cr3t")}
    address = f"{service.sandbox.url}/graph/v26.0/100200300/photos"
    httpx.post(address, data=form, files={"source": lost.data}, trust_env=False).raise_for_status()

    service.pay(seconds=400, steps=4)
    service.pay(seconds=10, steps=3)
    (post,) = posts(service)
    assert message["mark"] in post["text"]
    assert facebook_of(service.parts.board.message(message["id"]))["state"] == "published"


@pytest.mark.parametrize("do", ["applied_then_500", "applied_then_drop", "error_500"])
def test_a_doubtful_answer_to_a_post_with_a_picture_makes_no_second_one(service: Service, do: str) -> None:
    """After a doubt the words go without the picture, which may be what Facebook stumbled over."""
    service.script(facebook=[{"on": FEED, "do": do, "times": 1}])
    message = service.send()
    service.pay()
    service.pay(seconds=200, steps=4)
    (post,) = posts(service)
    assert message["mark"] in post["text"]
    assert facebook_of(service.parts.board.message(message["id"]))["state"] == "published"
    assert uploads(service) == 1


def test_a_post_that_stumbles_over_its_picture_every_time_goes_out_without_it(service: Service) -> None:
    """An error of the server's own for every post with a picture must not keep the words for hours."""
    service.script(facebook=[{"on": FEED, "do": "error_500", "times": 1}])
    message = service.send()
    service.pay()
    service.pay(seconds=120, steps=5)
    (post,) = posts(service)
    assert not post.get("photos") and uploads(service) == 1
    assert "bilder kunde inte följa med" in (board_says(service, message) or "")


def test_a_correction_changes_the_words_of_the_earlier_post_and_leaves_its_picture(service: Service) -> None:
    message = service.send()
    service.pay()
    service.clock.advance(60)
    service.send("correction", message["incident"])
    service.pay(steps=4, seconds=1)
    assert len(posts(service)) == 2 and all(len(one["photos"]) == 1 for one in posts(service))


def test_a_recall_takes_the_post_with_its_picture_down(service: Service) -> None:
    message = service.send()
    service.pay()
    service.parts.broadcasts.recall(message["id"], {"reason": "Fel område."}, service.anna)
    service.pay(steps=4, seconds=1)
    assert posts(service) == []


def test_a_drill_shows_its_picture_only_to_the_imitation_and_says_that_it_is_one(pictured: Pictured) -> None:
    service = pictured(delivery=DELIVERY)
    service.send(mode="drill")
    service.pay(steps=2, seconds=1)
    (post,) = posts(service)
    (photo,) = post["photos"]
    assert photo["alt_text"].startswith("ÖVNING") and photo["alt_text"].endswith(ALT)


def test_several_pictures_come_in_the_playbooks_order(pictured: Pictured) -> None:
    second = EVERYWHERE.replace("karta.png", "vagen.jpg").replace(ALT, "Vägen in till vattenposten vid torget.")
    service = pictured(EVERYWHERE + second, {"karta_png": png(), "vagen_jpg": JPEG}, delivery=DELIVERY)
    service.send()
    service.pay(steps=2, seconds=1)
    (post,) = posts(service)
    assert [one["alt_text"] for one in post["photos"]] == [ALT, "Vägen in till vattenposten vid torget."]
