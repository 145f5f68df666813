"""What the rules of a good text wonder about, for those who write the words and those who approve them."""

from collections.abc import Callable
from typing import Any

from broadcaster.board import channel_name
from broadcaster.desk.vocabulary import PHASES
from broadcaster.language import name_of, say
from broadcaster.phrasing import Spot
from broadcaster.playbook import Snapshot


def wondering(snapshot: Snapshot, about: Callable[[Spot], bool] = lambda _: True) -> list[dict[str, Any]]:
    """Return every warning about the chosen places, each once with its reason and everywhere it stands."""
    found: dict[str, dict[str, Any]] = {}
    remarks = (one for one in snapshot.remarks if about(one.spot))
    for one in sorted(remarks, key=lambda one: snapshot.phases.index(one.spot.phase)):
        text, reason = say(one.text), say(one.rule.reason)
        told = found.setdefault(text, {"text": text[:1].upper() + text[1:], "reason": reason, "where": []})
        channel, language = say(channel_name(one.spot.channel)), name_of(one.spot.language)
        told["where"].append(f"{say(PHASES[one.spot.phase].name)}, {channel}, {language}")
    return list(found.values())
