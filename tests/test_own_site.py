"""A region's own website as a channel like any other: every phase of an incident, through the whole service."""

import re
from pathlib import Path
from typing import Any

import pytest
from service import PLAYBOOKS, Service, ServiceMaker

from broadcaster.sandbox import Sandbox

STORY = "telefoni-1177"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return playbooks in which one speaks to `region_web` too, in the words of the article."""
    made = tmp_path / "playbooks"
    made.mkdir()
    text = (PLAYBOOKS / f"{STORY}.toml").read_text("utf-8")
    said = re.findall(r"^\[texts\.(\w+)\.1177_article\]\n(.*?)(?=^\[)", text, re.MULTILINE | re.DOTALL)
    words = "\n".join(f"[texts.{phase}.region_web]\n{block}" for phase, block in said)
    text = re.sub(r"^channels = \[(.*)\]$", r'channels = [\1, "region_web"]', text, flags=re.MULTILINE)
    text = text.replace("[texts.first.own_web]", words + "\n[texts.first.own_web]", 1)
    (made / f"{STORY}.toml").write_text(text, "utf-8")
    (made / "register.toml").write_text((PLAYBOOKS / "register.toml").read_text("utf-8"), "utf-8")
    return made


@pytest.fixture
def region(make_service: ServiceMaker, sandbox: Sandbox, folder: Path) -> Service:
    """Return a service whose only channels are its own page and its own website."""
    site = {"kind": "restapp", "base_url": f"{sandbox.url}/restapp", "user": "kris"}
    channels = {"own_web": {"kind": "own_web"}, "region_web": site}
    return make_service(playbooks={"folder": str(folder)}, channels=channels)


def pages(service: Service) -> dict[str, Any]:
    """Return what visitors of the site read now, by language."""
    return {page["language"]: page["text"] for page in service.shown().get("restapp", [])}


def test_every_phase_replaces_the_page_and_a_recall_takes_it_down(region: Service) -> None:
    """One page per language from the first message to the all-clear, each time read back with the very words."""
    message = region.send()
    region.pay(steps=2)
    sent = [message]
    for phase in ("update", "correction", "all_clear"):
        sent.append(region.send(phase, message["incident"]))
        region.pay(seconds=1, steps=2)
    for one in sent:
        assert region.states(one["id"])["region_web", "sv"] == "published"
        assert region.delivery(one["id"], "region_web")["receipt"]["by"] is None
    shown = pages(region)
    assert set(shown) == {"sv", "en"}
    assert all(f"{message['incident']}/4" in text for text in shown.values())
    region.parts.broadcasts.recall(sent[-1]["id"], {"reason": "fel besked"}, region.anna)
    region.pay(seconds=1, steps=2)
    assert pages(region) == {}
    assert region.states(sent[-1]["id"])["region_web", "sv"] == "withdrawn"


def test_an_answer_that_was_lost_does_not_make_a_second_page(region: Service) -> None:
    """Published behind a broken line: found by its name, once, and called published."""
    region.script(restapp=[{"on": "POST /messages", "do": "applied_then_drop", "times": 2}])
    message = region.send()
    region.pay(seconds=2, steps=6)
    assert region.states(message["id"])["region_web", "sv"] == "published"
    assert len(region.shown()["restapp"]) == 2


def test_a_drill_says_on_the_site_that_it_is_one(region: Service) -> None:
    """A site that took it for real would refuse it by its status, and a reader by its first word."""
    region.send(mode="drill")
    region.pay(steps=2)
    asked = [one["body"] for one in region.log() if one["method"] == "POST"]
    assert ['"status":"exercise"' in body for body in asked] == [True, True]
    assert [text.startswith("ÖVNING") for text in pages(region).values()] == [True, True]
