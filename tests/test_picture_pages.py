"""Our own page shows pictures with their words, from our own address, and only while their message stands."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from drawn import ALT, ALT_EN, EVERYWHERE, JPEG, png, sha256
from service import Service
from sqlalchemy import delete

from broadcaster import app
from broadcaster.picture import Picture
from broadcaster.picture_pages import KEPT_MAX, LATELY_S, Lately
from broadcaster.picture_table import picture

Pictured = Callable[..., Service]
NAME = f"{sha256(png())}.png"
FIRST_ONLY = EVERYWHERE.replace('["first", "update", "correction", "false_alarm", "all_clear"]', '["first"]')


def page(service: Service, address: str, **headers: str) -> str:
    return service.flask().test_client().get(address, headers=headers).get_data(as_text=True)


def og(html: str) -> dict[str, str]:
    found = re.findall(r'<meta property="og:([a-z:_]+)" content="([^"]*)">', html)
    return {name: unescape(told) for name, told in found}


def said(service: Service, **more: object) -> dict[str, object]:
    message = service.send(**more)  # type: ignore[arg-type]
    service.pay()
    return message


def test_a_picture_stands_under_the_words_with_its_alt_text_in_each_language(pictured: Pictured) -> None:
    service = pictured()
    message = said(service)
    for address in ("/", f"/m/{message['incident']}"):
        html = page(service, address)
        shown = re.findall(r'<img src="([^"]+)" alt="([^"]+)" width="400" height="300"', html)
        assert shown == [(f"/pictures/{NAME}", ALT), (f"/pictures/{NAME}", ALT_EN)]
        assert html.index("Region Exempel, ") < html.index("<img ")


def test_a_picture_is_served_from_our_own_address_and_kept_for_minutes(pictured: Pictured) -> None:
    """A surge of readers is carried by whatever stands before us, and a recall reaches its copies too."""
    service = pictured()
    said(service)
    client = service.flask().test_client()
    answer = client.get(f"/pictures/{NAME}")
    assert (answer.status_code, answer.data, answer.content_type) == (200, png(), "image/png")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and "Set-Cookie" not in answer.headers
    assert "img-src 'self'" in answer.headers["Content-Security-Policy"]
    again = client.get(f"/pictures/{NAME}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_public_pages_alone_show_pictures_too(pictured: Pictured) -> None:
    """In a surge they run in a process of their own, with no file of a picture at hand."""
    service = pictured()
    said(service)
    alone = app.public_web(service.parts, "tests-only-0123456789-abcdefghijklmnop").test_client()
    assert alone.get(f"/pictures/{NAME}").data == png()


def test_a_picture_that_nobody_was_told_yet_is_not_public(pictured: Pictured) -> None:
    """Neither what waits in a playbook, nor what an exercise showed."""
    service = pictured()
    client = service.flask().test_client()
    assert client.get(f"/pictures/{NAME}").status_code == 404
    said(service, mode="drill")
    assert client.get(f"/pictures/{NAME}").status_code == 404


def test_a_recalled_message_shows_no_picture_any_more(pictured: Pictured) -> None:
    service = pictured()
    message = said(service)
    service.parts.broadcasts.recall(str(message["id"]), {"reason": "Fel område."}, service.anna)
    service.pay(steps=2, seconds=1)
    assert "<img " not in page(service, f"/m/{message['incident']}")
    kept = {"If-None-Match": f'"{sha256(png())}"'}  # what a proxy asks with, which still has a copy
    assert service.flask().test_client().get(f"/pictures/{NAME}", headers=kept).status_code == 404


@pytest.mark.parametrize("name", [f"{NAME[:-4]}.jpg", f"{NAME[:-4]}.svg", "x.png", "0" * 64 + ".png"])
def test_no_other_name_finds_it(pictured: Pictured, name: str) -> None:
    service = pictured()
    said(service)
    answer = service.flask().test_client().get(f"/pictures/{name}")
    assert answer.status_code == 404 and "max-age=300" not in answer.headers["Cache-Control"]


def test_a_picture_that_is_gone_leaves_the_words_without_a_hole(pictured: Pictured) -> None:
    service = pictured()
    message = said(service)
    with service.parts.store.transaction() as transaction:
        transaction.execute(delete(picture))
    html = page(service, f"/m/{message['incident']}")
    assert "<img " not in html and "1177" in html


class TestASharedLink:
    """Others keep what they show of a shared address for weeks, so it says only what will still be true then."""

    def test_it_says_whose_page_it_is_and_which_incident(self, pictured: Pictured) -> None:
        service = pictured()
        ref = said(service)["incident"]
        told = og(page(service, f"/m/{ref}"))
        assert told["title"] == f"Region Exempel: händelse {ref}"
        assert told["description"].startswith("Alla besked om händelsen, det senaste först.")
        assert (told["url"], told["locale"]) == (f"http://127.0.0.1:8000/m/{ref}", "sv_SE")
        assert og(page(service, f"/m/{ref}?lang=en"))["locale"] == "en_GB"

    def test_it_never_says_the_words_of_a_message(self, pictured: Pictured) -> None:
        """The preview of a first message that was corrected since would go on saying what was wrong."""
        service = pictured()
        ref = said(service)["incident"]
        before = og(page(service, f"/m/{ref}"))
        service.clock.advance(60)
        said(service, phase="correction", incident=ref)
        service.clock.advance(60)
        said(service, phase="all_clear", incident=ref)
        assert og(page(service, f"/m/{ref}")) == before

    def test_it_shows_a_picture_that_stands_beside_every_phase(self, pictured: Pictured) -> None:
        service = pictured()
        told = og(page(service, f"/m/{said(service)['incident']}"))
        assert told["image"] == f"http://127.0.0.1:8000/pictures/{NAME}"
        assert (told["image:alt"], told["image:type"]) == (ALT, "image/png")
        assert (told["image:width"], told["image:height"]) == ("400", "300")

    def test_it_shows_no_picture_of_one_phase(self, pictured: Pictured) -> None:
        """It would go on showing what holds no longer."""
        service = pictured(FIRST_ONLY)
        html = page(service, f"/m/{said(service)['incident']}")
        assert "<img " in html and "image" not in og(html)

    def test_nothing_of_an_exercise_or_an_unknown_number_is_shown(self, pictured: Pictured) -> None:
        service = pictured()
        ref = said(service, mode="drill")["incident"]
        assert og(page(service, f"/m/{ref}")) == {} and og(page(service, "/m/RE-2026-9999")) == {}


def test_readers_of_the_json_feed_get_the_picture(pictured: Pictured) -> None:
    service = pictured()
    said(service)
    items = service.flask().test_client().get("/feed.json").get_json()["items"]
    assert {item["image"] for item in items} == {f"http://127.0.0.1:8000/pictures/{NAME}"}


class TestLately:
    """A surge asks the database once in a while, and a recall is seen no later than with the words."""

    def test_it_asks_once_in_a_while(self) -> None:
        asked: list[str] = []
        at = [0.0]
        one = Picture("a" * 64, "image/jpeg", 400, 300, "", JPEG)

        def find(name: str) -> Picture | None:
            asked.append(name)
            return one if len(asked) < 3 else None

        lately = Lately(find, lambda: at[0])
        assert [lately.get("a") for _ in range(5)] == [one] * 5 and len(asked) == 1
        at[0] = LATELY_S
        assert lately.get("a") == one and len(asked) == 2
        at[0] = 2 * LATELY_S
        assert lately.get("a") is None and lately.get("a") is None and len(asked) == 4

    def test_it_keeps_few(self) -> None:
        """Pictures are large, and memory is shared with the desk."""
        asked: list[str] = []

        def find(name: str) -> Picture | None:
            asked.append(name)
            return Picture(name, "image/jpeg", 400, 300, "", JPEG)

        lately = Lately(find, lambda: 0.0)
        names = [str(number) for number in range(KEPT_MAX + 1)]
        for name in [*names, *names[1:]]:
            lately.get(name)
        assert asked == names
        lately.get(names[0])
        assert asked == [*names, names[0]]
