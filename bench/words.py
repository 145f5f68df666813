"""
The playbook a measurement sends: the project's own, and the same widened to seven languages so that N can be twenty.

A playbook may name any languages. Where it has no words in one yet, the Swedish ones stand in: what is measured is how
many objects are sent and how long their words are, not what they say.
"""

import json
import tomllib
from pathlib import Path
from typing import Any

from broadcaster.app import resource

PLAYBOOK = "telefoni-1177"
LANGUAGES = ("sv", "en", "sv-x-lattlast", "ar", "so", "fi", "uk")
#: One post, six notices (the English words are too long for one), seven articles and six announcements.
_LANGUAGES_ON = {
    "facebook": ["sv"],
    "1177_notice": ["sv", "sv-x-lattlast", "ar", "so", "fi", "uk"],
    "1177_phone": ["sv", "en", "sv-x-lattlast", "ar", "so", "fi"],
}
#: Words for the staff, which stay in the two languages of the interface.
_STAFF = frozenset({"title", "use", "label", "help", "choices", "answers", "checklist", "name", "places"})
#: Automatic deliveries by what is asked for: a channel in a language is one delivery.
CHANNELS: dict[int, list[str] | None] = {2: ["own_web", "facebook", "1177_notice"], 6: None, 20: None}


def folder_for(deliveries: int, place: Path) -> Path:
    """Return a folder of playbooks with which a message has that many automatic deliveries."""
    ours = resource("playbooks")
    if deliveries != 20:
        return ours
    place.mkdir(parents=True, exist_ok=True)
    register = _widened(tomllib.loads((ours / "register.toml").read_text("utf-8")))
    playbook = _widened(tomllib.loads((ours / f"{PLAYBOOK}.toml").read_text("utf-8")))
    playbook |= {"languages": list(LANGUAGES), "languages_on": _LANGUAGES_ON}
    for texts in playbook["texts"].values():
        for channel, languages in _LANGUAGES_ON.items():
            texts[channel] = {language: texts[channel][language] for language in languages}
    (place / "register.toml").write_text(_toml(register), "utf-8")
    (place / f"{PLAYBOOK}.toml").write_text(_toml(playbook), "utf-8")
    return place


def _widened(value: Any) -> Any:
    if isinstance(value, list):
        return [_widened(one) for one in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("sv"), str):
        return dict.fromkeys(LANGUAGES, value["sv"]) | value
    return {key: one if key in _STAFF else _widened(one) for key, one in value.items()}


def _toml(table: dict[str, Any]) -> str:
    return "".join(f"{json.dumps(key)} = {_inline(value)}\n" for key, value in table.items())


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_inline(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)
