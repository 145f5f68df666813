"""A correct first message of every playbook goes out with no character typed, and so does every later one."""

from typing import Any

import pytest
from machine import Machine
from service import PLAYBOOKS, Service

IDS = sorted(file.stem for file in PLAYBOOKS.glob("*.toml") if file.stem != "register")


def asked(playbook: str, phase: str, incident: str | None) -> dict[str, Any]:
    """Return what a form sends when nobody typed anything: a playbook, a phase, and whether it is for real."""
    return {"playbook": playbook, "phase": phase, "mode": "live", "incident": incident}


def everywhere(service: Service, playbook: str, phase: str) -> set[tuple[str, str]]:
    """Return every channel and language the playbook has words for, where the region has the channel."""
    snapshot = service.parts.playbooks[playbook]
    channels = [channel for channel in snapshot.channels if channel in service.parts.settings.channels]
    return {(channel, language) for channel in channels for language in snapshot.languages_of(channel, phase)}


@pytest.mark.parametrize("playbook", IDS)
def test_a_first_message_is_accepted_everywhere_with_nothing_typed(
    still: Service, reader: Machine, playbook: str
) -> None:
    """What is shown beforehand is accepted as it is: whole words, no hole left, and true with nothing known."""
    preview = reader.post("/previews", asked(playbook, "first", None)).json
    assert preview is not None
    said = {(one["channel"], one["language"]): one["text"] for one in preview["words"]}
    assert set(said) == everywhere(still, playbook, "first")
    for (channel, _), words in said.items():
        assert words.strip() and "${" not in words and "  " not in words
        assert channel == "1177_phone" or "Region Exempel" in words
    answer = reader.send({**asked(playbook, "first", None), "digest": preview["digest"]})
    assert answer.status_code == 202, answer.text
    assert answer.json is not None
    assert answer.json["digest"] == preview["digest"]
    assert {(one["channel"], one["language"]) for one in answer.json["deliveries"]} == set(said)


@pytest.mark.parametrize("playbook", IDS)
def test_the_whole_course_of_a_crisis_can_be_told_with_nothing_typed(
    still: Service, reader: Machine, playbook: str
) -> None:
    """Update, correction and all-clear, or the false alarm: nobody has to find words at 02:40."""
    phases = still.parts.playbooks[playbook].phases
    for ending in (phase for phase in ("all_clear", "false_alarm") if phase in phases):
        first = reader.send({**asked(playbook, "first", None), "again": True}).json
        assert first is not None
        for phase in ("update", "correction", ending):
            answer = reader.send(asked(playbook, phase, first["incident"]))
            assert answer.status_code == 202, (phase, answer.text)
            assert answer.json is not None
            told = {(one["channel"], one["language"]) for one in answer.json["deliveries"]}
            assert told == everywhere(still, playbook, phase)
