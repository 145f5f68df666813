"""A share kit through the whole service: words with pictures to the press, and the words whatever becomes of those."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from drawn import ALT, hang, png
from service import Service, ServiceMaker
from sqlalchemy import delete

from broadcaster.picture_table import picture
from broadcaster.sandbox import Sandbox

BESIDE = f"""
[[pictures]]
file = "karta.png"
alt = {{ sv = "{ALT}" }}
channels = ["intranet"]
phases = ["first"]
"""


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite only: what is said to a mail server has no SQL of its own."""
    return f"sqlite:///{tmp_path / 'broadcaster.db'}"


@pytest.fixture
def mail() -> Iterator[Sandbox]:
    """A mail server that listens."""
    with Sandbox(smtp_port=0) as made:
        yield made


@pytest.fixture
def service(make_service: ServiceMaker, tmp_path: Path, mail: Sandbox) -> Service:
    """A service whose playbook for everything else writes to two newspapers, with a picture."""
    names = ("P4", "NWT")
    press = {
        "kind": "email",
        "host": "127.0.0.1",
        "port": mail.smtp_port,
        "security": "none",
        "sender": "kris@region.example",
        "recipients": [{"name": name, "address": f"{name.lower()}@elsewhere.example"} for name in names],
    }
    folder = hang(tmp_path / "playbooks", BESIDE, into="allman-handelse")
    return make_service(
        playbooks={"folder": str(folder)}, channels={"own_web": {"kind": "own_web"}, "intranet": press}
    )


def sent(service: Service) -> dict[str, Any]:
    message = service.send(playbook="allman-handelse", channels=["intranet"])
    service.pay(seconds=1, steps=4)
    return service.delivery(message["id"], "intranet")


def pictures_at(mail: Sandbox) -> list[list[Any]]:
    """Return the pictures of each letter that arrived."""
    letters = [one.read() for one in mail.state.mailbox.letters()]
    return [[p.get_content() for p in one.walk() if p.get_content_maintype() == "image"] for one in letters]


def test_everybody_on_the_list_gets_the_words_and_the_picture(service: Service, mail: Sandbox) -> None:
    delivery = sent(service)
    assert delivery["state"] == "published"
    assert pictures_at(mail) == [[png()], [png()]]
    (row,) = service.parts.board.situation("RE-2026-0001").messages[-1].deliveries
    assert [one.text() for one in mail.state.mailbox.letters()] == [row.words] * 2


def test_a_picture_that_is_not_at_hand_costs_nobody_the_words_and_the_board_says_so(
    service: Service, mail: Sandbox
) -> None:
    with service.parts.store.transaction() as transaction:
        transaction.execute(delete(picture))
    delivery = sent(service)
    assert delivery["state"] == "published"
    assert pictures_at(mail) == [[], []]
    (row,) = service.parts.board.situation("RE-2026-0001").messages[-1].deliveries
    assert row.without_picture is not None and "bilder kunde inte följa med" in row.without_picture.sv


def test_after_a_doubt_the_others_get_the_words_alone(service: Service, mail: Sandbox) -> None:
    """The size of a picture may be why the server fell silent; the words do not wait to find out."""
    mail.state.script.put({"smtp": [{"on": "DATA /", "do": "applied_then_drop", "times": 1}]})
    sent(service)
    assert pictures_at(mail) == [[png()], []]
