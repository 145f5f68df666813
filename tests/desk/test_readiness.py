"""Before it is needed, everybody can see which channel would not take a message, and what to do about it."""

from collections.abc import Callable
from typing import Any

from service import Service
from sqlalchemy import insert
from visitor import Visitor

from broadcaster.desk.readiness import KINDS
from broadcaster.kinds import _OURS
from broadcaster.tables import preflight

Visit = Callable[..., Visitor]


def checked(service: Service, channel: str, state: str, *problems: dict[str, str]) -> None:
    with service.parts.store.transaction() as transaction:
        row: dict[str, Any] = {"channel": channel, "state": state, "problems": list(problems)}
        transaction.execute(insert(preflight).values(**row, checked_at=transaction.now))


def test_the_worst_channel_stands_first_with_what_is_wrong_and_since_when(anna: Visitor, service: Service) -> None:
    for key in ("own_web", "1177_notice", "1177_article", "1177_phone"):
        checked(service, key, "green")
    soon = {"sv": "Inloggningen går ut den 20 mars. Förnya den.", "en": "The sign-in ends on 20 March. Renew it."}
    checked(service, "facebook", "red", soon)
    page = anna.open("/desk/channels")
    assert "4 av 5 kanaler svarar som de ska" in page.line
    assert "Inloggningen går ut den 20 mars. Förnya den." in page.line
    assert "kontrollerad 14 mars 2026 kl. 02.40" in page.line
    assert page.html.index("Facebook") < page.html.index("Vår egen sida")
    assert "redaktör i beredskap" in page.line
    assert "Renew it." in anna.open("/desk/channels?lang=en").line


def test_what_was_never_checked_does_not_pass_for_good(anna: Visitor) -> None:
    line = anna.open("/desk/channels").line
    assert "Ingen kanal är kontrollerad än." in line and "svarar som de ska" not in line
    assert "inte kontrollerad än" in line


def test_what_a_channel_says_is_shown_and_never_obeyed(anna: Visitor, service: Service) -> None:
    checked(service, "facebook", "red", {"sv": "<script>x</script>", "en": "<b>"})
    assert "<script>x" not in anna.open("/desk/channels").html


def test_every_kind_of_ours_has_a_name() -> None:
    assert set(KINDS) == set(_OURS)
