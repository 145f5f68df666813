"""It is something else: from the board to another playbook's exact words, and back to the same board."""

from collections.abc import Callable

import pytest
from service import Service
from visitor import Page, Visitor

OUTAGE, ATTACK = "it-avbrott-journal", "cyberattack"


@pytest.fixture
def board(service: Service, anna: Visitor) -> Page:
    """Return the board of an outage, as anna has it."""
    first = service.send(playbook=OUTAGE)
    service.pay(seconds=1, steps=2)
    service.clock.advance(120)
    return anna.open(f"/desk/incidents/{first['incident']}")


def title(service: Service, playbook: str) -> str:
    return service.parts.playbooks[playbook].title.sv


def test_from_the_board_to_the_exact_words_and_back(service: Service, anna: Visitor, board: Page) -> None:
    assert f'href="{board.address}/change"' in board.html
    chosen = anna.open(f"{board.address}/change")
    assert title(service, ATTACK) in chosen.line
    assert f'href="{board.address}/change/{ATTACK}/update"' in chosen.html
    assert f"/change/{OUTAGE}/" not in chosen.html
    form = anna.open(f"{board.address}/change/{ATTACK}/update")
    said = f"från {title(service, OUTAGE)} till {title(service, ATTACK)}"
    assert "Du byter krismall" in form.line and said in form.line
    read = anna.press(form, f"/{ATTACK}/update")
    assert "Du byter krismall" in read.line and title(service, ATTACK) in read.line
    assert len(service.parts.board.incident(board.address.rpartition("/")[2])["messages"]) == 1
    done = anna.press(read, f"/{ATTACK}/update/send")
    assert done.address == board.address and f"Började som {title(service, OUTAGE)}" in done.line
    again = anna.press(read, f"/{ATTACK}/update/send")
    assert again.address == board.address
    assert len(service.parts.board.incident(board.address.rpartition("/")[2])["messages"]) == 2


def test_what_the_outage_struck_is_ticked_already_and_can_be_taken_away(service: Service, anna: Visitor) -> None:
    first = service.send(affected=["1177_phone"])
    form = anna.open(f"/desk/incidents/{first['incident']}/change/{ATTACK}/update")
    assert {"n1177", "1177_phone"} <= set(form.form(f"/{ATTACK}/update").values("affected"))


def test_a_playbook_that_nobody_approved_is_not_offered(service: Service, anna: Visitor, board: Page) -> None:
    service.clock.advance(400 * 86_400.0)
    visitor = Visitor(service)
    visitor.sign_in("anna")
    assert "Ingen annan krismall är godkänd" in visitor.open(f"{board.address}/change").line


def test_whoever_may_not_send_is_told_so_and_a_closed_incident_changes_no_more(
    service: Service, visit: Callable[..., Visitor], anna: Visitor, board: Page
) -> None:
    for name in ("eva", "cia"):
        other = visit(name)
        assert "byt krismall" not in other.open(board.address).line
        assert "rollen avsändare" in other.open(f"{board.address}/change").line
    service.send("all_clear", board.address.rpartition("/")[2], playbook=OUTAGE)
    assert "avslutad och byter inte" in anna.open(f"{board.address}/change").line
    assert "byt krismall" not in anna.open(board.address).line


def test_a_sentence_of_ones_own_is_refused_beside_its_field(anna: Visitor, board: Page) -> None:
    form = anna.open(f"{board.address}/change/{ATTACK}/update")
    read = anna.press(form, f"/{ATTACK}/update", sentence="Det är en attack.")
    assert read.status == 422 and "Byt först" in read.line and "Det är en attack." in read.html


def test_a_machine_still_has_to_name_the_playbook_the_incident_has(service: Service, board: Page) -> None:
    key, ref = service.key("read", "send"), board.address.rpartition("/")[2]
    head = {"Authorization": f"Bearer {key}", "Idempotency-Key": "x"}
    body = service.body("update", ref, playbook=ATTACK)
    answer = service.flask().test_client().post("/api/v1/messages", json=body, headers=head)
    assert answer.status_code == 422 and answer.json is not None
    assert [one["pointer"] for one in answer.json["errors"]] == ["/playbook"]
