"""Whoever decides sees the pictures that go with the words, and what others hear instead of them."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from drawn import ALT, ALT_EN, hang, png, sha256
from service import Service
from visitor import Visitor

NAME = f"{sha256(png())}.png"


@pytest.fixture
def service(pictured: Callable[..., Service]) -> Service:
    """A service whose telephone playbook has a picture everywhere."""
    return pictured()


def images(html: str) -> list[str]:
    return re.findall(r'<img src="/desk/pictures/([^"]+)"', html)


def previewed(anna: Visitor) -> str:
    return anna.press(anna.open("/desk/new/telefoni-1177?mode=live"), "/desk/new/telefoni-1177").html


def test_the_preview_shows_the_picture_and_says_it_in_words(anna: Visitor) -> None:
    """On Facebook in Swedish, on our page in both languages, and nowhere else."""
    html = previewed(anna)
    assert images(html) == [NAME] * 3
    assert html.count(f'<span lang="sv">{ALT}</span>') == 2 and html.count(f'<span lang="en">{ALT_EN}</span>') == 1


def test_the_playbooks_page_shows_what_is_approved(visit: Callable[..., Visitor]) -> None:
    html = visit("cia").open("/desk/playbooks/telefoni-1177").html
    assert set(images(html)) == {NAME} and ALT in html and ALT_EN in html


def test_a_picture_can_be_read_before_anybody_has_approved_it(
    pictured: Callable[..., Service], tmp_path: Path
) -> None:
    """It is looked at to be approved, so it must be there before."""
    hang(tmp_path / "elsewhere")
    service = pictured(approved=False)
    service.add_person("anna", "sender")
    anna = Visitor(service)
    anna.sign_in("anna")
    answer = anna.client.get(f"/desk/pictures/{NAME}")
    assert (answer.status_code, answer.data, answer.content_type) == (200, png(), "image/png")
    assert answer.headers["Cache-Control"].startswith("private")


def test_the_page_of_an_exercise_shows_it_to_the_signed_in_only(anna: Visitor, service: Service) -> None:
    message = service.send(mode="drill")
    service.pay()
    html = anna.open(f"/desk/drills/{message['incident']}").html
    assert set(images(html)) == {NAME} and f'alt="ÖVNING: {ALT}"' in html and "og:title" not in html
    assert "<img " not in Visitor(service).open(f"/m/{message['incident']}").html


def test_nobody_else_sees_it(visit: Callable[..., Visitor]) -> None:
    assert visit().client.get(f"/desk/pictures/{NAME}").status_code == 303


def test_there_is_no_picture_of_another_name(anna: Visitor) -> None:
    for name in ("0" * 64 + ".png", NAME.replace("png", "jpg"), "karta.png"):
        assert anna.client.get(f"/desk/pictures/{name}").status_code == 404


def test_the_board_shows_the_picture_beside_the_words(anna: Visitor, service: Service) -> None:
    message = service.send()
    service.pay()
    html = anna.open(f"/desk/incidents/{message['incident']}").html
    assert NAME in images(html) and "kunde inte följa med" not in html


def test_who_says_yes_to_a_sentence_sees_the_picture_too(visit: Callable[..., Visitor], service: Service) -> None:
    first = service.send()
    service.pay()
    waiting = service.send("update", first["incident"], sentence="Vattnet är avstängt på Storgatan.")
    assert waiting["state"] == "awaiting_approval"
    html = visit("bo").open(f"/desk/incidents/{first['incident']}").html
    asked = html[html.index("Säger du ja skickas de direkt") : html.index("Ja, skicka de här orden")]
    assert images(asked) == [NAME] * 3 and ALT in asked


def test_the_board_says_that_the_words_went_without_it(anna: Visitor, service: Service) -> None:
    service.script(facebook=[{"on": "POST /{page}/photos", "do": "error_500", "times": 9}])
    message = service.send()
    service.pay()
    html = anna.open(f"/desk/incidents/{message['incident']}").html
    assert "en eller flera bilder kunde inte följa med. Orden är ute som de ska" in html
    assert "with 0 of 1 pictures" in html  # the attempt itself says why


def test_who_publishes_by_hand_is_given_the_picture_and_its_words(pictured: Callable[..., Service]) -> None:
    by_hand = {"kind": "manual", "assignee": "redaktör i beredskap"}
    service = pictured(channels={"own_web": {"kind": "own_web"}, "facebook": by_hand})
    service.add_person("anna", "sender")
    message = service.send()
    anna = Visitor(service)
    anna.sign_in("anna")
    html = anna.open(f"/desk/messages/{message['id']}/deliveries/facebook/sv").html
    assert NAME in images(html) and f'<span lang="sv">{ALT}</span>' in html and "alternativtext" in html
