"""docs/phone-gateway.md is the contract: its examples are sent to the imitation, in their order, and hold."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from broadcaster.channels._markup import to_ssml
from broadcaster.rehearsal import gateway
from broadcaster.sandbox import Sandbox
from broadcaster.sandbox.phone import PHONE_TOKEN

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "phone-gateway.md").read_text("utf-8")
BLOCKS = re.findall(r"```http\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def gateway_url() -> Iterator[str]:
    """Return one gateway that lives through the whole page, as the examples do."""
    with Sandbox() as running:
        yield f"{running.url}/phone"


def exchanges() -> list[tuple[str, str]]:
    """Return each request of the page with the answer below it."""
    assert len(BLOCKS) % 2 == 0
    return list(zip(BLOCKS[::2], BLOCKS[1::2], strict=True))


def send(base_url: str, block: str) -> httpx.Response:
    """Send a request exactly as the page has it, but for the token."""
    head, _, body = block.partition("\n\n")
    first, *lines = head.strip().splitlines()
    method, path = first.split(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    headers["Authorization"] = headers["Authorization"].replace("<token>", PHONE_TOKEN)
    content = body.encode() if body.strip() else None
    return httpx.request(method, base_url + path, headers=headers, content=content, trust_env=False)


def test_every_example_is_answered_as_the_page_says(gateway_url: str) -> None:
    """Statuses, and every field the page shows; what is stored is only what the page's order leaves."""
    assert len(exchanges()) == 11
    for request, answer in exchanges():
        status, _, body = answer.strip().partition("\n\n")
        got = send(gateway_url, request)
        assert got.status_code == int(status), (request, got.text)
        if body:
            shown: dict[str, Any] = json.loads(body)
            assert {name: got.json().get(name) for name in shown} == shown, request


def test_the_ssml_of_the_page_is_what_we_send() -> None:
    """The example's SSML is made from the example's text, and says exactly it, without a digit."""
    body = json.loads(exchanges()[0][0].partition("\n\n")[2])
    assert to_ssml(body["text"], body["language"]) == body["ssml"]
    spoken = " ".join("".join(ET.fromstring(body["ssml"]).itertext()).split())  # noqa: S314 - our own text
    assert spoken == body["text"]
    assert "elva sjuttiosju punkt se" in spoken and "ett, ett, två" in spoken and not re.search(r"\d", spoken)


def test_the_table_of_revisions_holds() -> None:
    """Each row of the page, tried on a gateway of its own."""
    rows = re.search(r"\| what is stored.*?\n\|---.*?\n(.*?)\n\n", PAGE, re.DOTALL)
    assert rows is not None
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[1].splitlines()]
    assert len(cells) == 7
    for stored, comes, said in cells:
        with Sandbox() as running:
            url = f"{running.url}/phone/announcements/RV-2026-0031.sv"
            _arrange(url, stored)
            numbers = re.findall(r"\d+", comes) or ["1"]
            got = _put(url, int(numbers[0]), "Annat." if "another" in comes else "Samma.")
            status = re.search(r"\d{3}", said)
            assert status is not None and got.status_code == int(status[0]), (stored, comes)


def test_what_the_page_asks_a_supplier_to_show_is_what_rehearse_asks() -> None:
    """The list at the end and the questions of the command are the same promises."""
    source = Path(str(gateway.__file__)).read_text("utf-8")
    for words in ("is putting the same again harmless", "does a tombstone keep it from coming back (409)"):
        assert words in source and words in PAGE


def _arrange(url: str, stored: str) -> None:
    found = re.search(r"\d+", stored)
    if found is None:
        return
    number = int(found[0])
    if "tombstone" in stored:
        _put(url, number - 1, "Samma.")
        assert _delete(url, number).status_code == 204
    else:
        assert _put(url, number, "Samma.").status_code == 201


def _put(url: str, revision: int, text: str) -> httpx.Response:
    body = {"id": "RV-2026-0031.sv", "revision": revision, "language": "sv", "text": text}
    return httpx.put(url, json=body, headers={"Authorization": f"Bearer {PHONE_TOKEN}"}, trust_env=False)


def _delete(url: str, revision: int) -> httpx.Response:
    headers = {"Authorization": f"Bearer {PHONE_TOKEN}"}
    return httpx.delete(url, params={"revision": str(revision)}, headers=headers, trust_env=False)
